package allow

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
	ratelimitv1 "github.com/outrigger/outrigger/client_stubs/go/ratelimit/v1"
)

func TestAnswersMayOvertakeEachOther(t *testing.T) {
	d, a, _ := play(t, patience)
	first := ask(a, context.Background(), 1, 10)
	firstMessage := <-d.messages
	second := ask(a, context.Background(), 2, 10)
	secondMessage := <-d.messages
	d.answers <- answersTo(secondMessage)
	expectAnswer(t, second, 2)
	d.answers <- answersTo(firstMessage)
	expectAnswer(t, first, 1)
	expectPending(t, a, 0)
}

func TestWhatHasGatheredGoesOutTogether(t *testing.T) {
	d, a, _ := play(t, patience)
	asked := gather(t, d, a, 2500, 10)
	letGo(a)
	for left := len(asked); left > 0; {
		message := <-d.messages
		if want := min(left, maxQuestions); len(message.GetRequests()) != want {
			t.Errorf("a message has %d questions, not %d", len(message.GetRequests()), want)
		}
		left -= len(message.GetRequests())
		d.answers <- answersTo(message)
	}
	for cost, done := range asked {
		expectAnswer(t, done, uint64(cost))
	}
}

func TestAMessageHasABoundInBytes(t *testing.T) {
	d, a, _ := play(t, patience)
	asked := gather(t, d, a, 5, MaxBytes/2)
	letGo(a)
	for _, want := range []int{2, 2, 1} {
		message := <-d.messages
		if len(message.GetRequests()) != want {
			t.Errorf("a message has %d questions, not %d", len(message.GetRequests()), want)
		}
		d.answers <- answersTo(message)
	}
	for _, done := range asked {
		if got := <-done; got.err != nil {
			t.Error(got.err)
		}
	}
}

func TestOneCallersMistakeIsNotTheOthers(t *testing.T) {
	d, a, _ := play(t, patience)
	asked := gather(t, d, a, 3, 10)
	letGo(a)
	message := <-d.messages
	d.answers <- &ratelimitv1.AllowStreamResponse{
		Id: message.GetId(), Error: &ratelimitv1.StreamError{Code: int32(codes.NotFound), Message: "limit: none"},
	}
	for cost, done := range asked {
		expectAnswer(t, done, uint64(cost))
	}
	if len(d.alone) != 3 {
		t.Errorf("%d were asked alone", len(d.alone))
	}
	alone := ask(a, context.Background(), 1, 10)
	message = <-d.messages
	d.answers <- &ratelimitv1.AllowStreamResponse{
		Id: message.GetId(), Error: &ratelimitv1.StreamError{Code: int32(codes.NotFound), Message: "limit: none"},
	}
	var mistake *sidecar.Error
	if got := <-alone; !errors.As(got.err, &mistake) || mistake.Code != codes.NotFound || mistake.Message != "limit: none" {
		t.Errorf("%v", got.err)
	}
}

func TestABoundOfTheSidecarsIsNoMistake(t *testing.T) {
	d, a, _ := play(t, patience)
	asked := ask(a, context.Background(), 1, 10)
	d.answers <- &ratelimitv1.AllowStreamResponse{
		Id: (<-d.messages).GetId(), Error: &ratelimitv1.StreamError{Code: int32(codes.ResourceExhausted)},
	}
	if got := <-asked; !sidecar.IsNoAnswer(got.err) {
		t.Errorf("%v", got.err)
	}
}

func TestWhoGivesUpLeavesNothingBehind(t *testing.T) {
	d, a, _ := play(t, patience)
	waiting := gather(t, d, a, 2, 10)
	ctx, cancel := context.WithCancel(context.Background())
	var leavers []<-chan outcome
	for range 50 {
		leavers = append(leavers, ask(a, ctx, 9, 10))
	}
	expectPending(t, a, 52)
	cancel() // before they are sent
	for _, done := range leavers {
		if got := <-done; !errors.Is(got.err, context.Canceled) {
			t.Errorf("%v", got.err)
		}
	}
	expectPending(t, a, 2)
	letGo(a)
	message := <-d.messages
	if len(message.GetRequests()) != 2 {
		t.Errorf("%d were sent", len(message.GetRequests()))
	}

	ctx, cancel = context.WithCancel(context.Background())
	late := ask(a, ctx, 9, 10)
	lateMessage := <-d.messages
	cancel() // after it was sent
	if got := <-late; !errors.Is(got.err, context.Canceled) {
		t.Errorf("%v", got.err)
	}
	expectPending(t, a, 1) // the message of the two
	d.answers <- answersTo(lateMessage)
	d.answers <- answersTo(message)
	for cost, done := range waiting {
		expectAnswer(t, done, uint64(cost))
	}
	expectPending(t, a, 0)
}

func TestTheDeadlineEndsAQuestionThatIsNotAnswered(t *testing.T) {
	_, a, _ := play(t, 20*time.Millisecond)
	for range 3 {
		if got := <-ask(a, context.Background(), 1, 10); !sidecar.IsNoAnswer(got.err) {
			t.Errorf("%v", got.err)
		}
	}
	expectPending(t, a, 0)
}

func TestWhenTheStreamBreaksAllWhoAreUnderWayAreToldAndTheNextOpensAnother(t *testing.T) {
	d, a, _ := play(t, patience)
	sent := ask(a, context.Background(), 1, 10)
	<-d.messages
	a.mutex.Lock()
	a.current.writing = true
	a.mutex.Unlock()
	unsent := ask(a, context.Background(), 2, 10)
	expectPending(t, a, 2)
	d.answers <- nil
	for _, done := range []<-chan outcome{sent, unsent} {
		if got := <-done; !sidecar.IsNoAnswer(got.err) {
			t.Errorf("%v", got.err)
		}
	}
	again := ask(a, context.Background(), 3, 10)
	d.answers <- answersTo(<-d.messages)
	expectAnswer(t, again, 3)
}

func TestClosingEndsAllWhoAreUnderWay(t *testing.T) {
	d, a, link := play(t, patience)
	asked := ask(a, context.Background(), 1, 10)
	<-d.messages
	if err := link.Close(func(context.Context) {}); err != nil {
		t.Error(err)
	}
	if got := <-asked; !sidecar.IsNoAnswer(got.err) {
		t.Errorf("%v", got.err)
	}
	if _, err := a.Ask(context.Background(), questionOf(1), 10); !sidecar.IsNoAnswer(err) {
		t.Errorf("afterwards: %v", err)
	}
}

// Callers that give up while answers come, streams break and others ask: each gets
// its own answer or a good reason, and nothing stays behind.
func TestManyCallersComeAndGo(t *testing.T) {
	d, a, _ := play(t, patience)
	stop := make(chan struct{})
	var server sync.WaitGroup
	server.Add(1)
	go func() {
		defer server.Done()
		for count := 0; ; count++ {
			select {
			case <-stop:
				return
			case message := <-d.messages:
				answer := answersTo(message)
				if count%500 == 499 {
					answer = nil
				}
				select {
				case d.answers <- answer:
				case <-stop:
					return
				}
			}
		}
	}()
	var callers sync.WaitGroup
	for caller := range 32 {
		callers.Add(1)
		go func() {
			defer callers.Done()
			for i := range 500 {
				cost := uint64(caller*1000 + i)
				ctx, cancel := context.WithCancel(context.Background())
				if i%3 == 0 {
					go cancel()
				}
				bounded, release := context.WithTimeout(ctx, time.Second)
				response, err := a.Ask(bounded, questionOf(cost), 10)
				release()
				cancel()
				switch {
				case err == nil && response.GetRemaining() != cost:
					t.Errorf("%d has the answer to %d", cost, response.GetRemaining())
				case err != nil && !sidecar.IsNoAnswer(err) && !errors.Is(err, context.Canceled):
					t.Error(err)
				}
			}
		}()
	}
	callers.Wait()
	expectPending(t, a, 0)
	close(stop)
	server.Wait()
}
