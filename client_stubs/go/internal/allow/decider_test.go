package allow

import (
	"context"
	"fmt"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecartest"
	ratelimitv1 "github.com/outrigger/outrigger/client_stubs/go/ratelimit/v1"
)

const patience = sidecartest.Patience

// decider answers messages when a test lets it. A question for the limit "wrong"
// is a mistake; of all others `remaining` is the cost that was asked for.
type decider struct {
	ratelimitv1.UnimplementedRateLimiterServer
	messages chan *ratelimitv1.AllowStreamRequest
	answers  chan *ratelimitv1.AllowStreamResponse // nil in it: the stream breaks
	alone    chan *ratelimitv1.AllowRequest
}

type allowStream = grpc.BidiStreamingServer[ratelimitv1.AllowStreamRequest, ratelimitv1.AllowStreamResponse]

func (d *decider) AllowStream(stream allowStream) error {
	broken := make(chan struct{})
	go func() {
		for {
			select {
			case answer := <-d.answers:
				if answer == nil {
					close(broken)
					return
				}
				if stream.Send(answer) != nil {
					return
				}
			case <-stream.Context().Done():
				return
			}
		}
	}()
	go func() {
		for {
			message, err := stream.Recv()
			if err != nil {
				return
			}
			d.messages <- message
		}
	}()
	select {
	case <-broken:
	case <-stream.Context().Done():
	}
	return nil
}

func (d *decider) Allow(_ context.Context, request *ratelimitv1.AllowRequest) (*ratelimitv1.AllowResponse, error) {
	d.alone <- request
	return answerTo(request), nil
}

func answerTo(request *ratelimitv1.AllowRequest) *ratelimitv1.AllowResponse {
	return &ratelimitv1.AllowResponse{Allowed: true, Remaining: request.GetCost()}
}

func answersTo(message *ratelimitv1.AllowStreamRequest) *ratelimitv1.AllowStreamResponse {
	answer := &ratelimitv1.AllowStreamResponse{Id: message.GetId()}
	for _, request := range message.GetRequests() {
		answer.Responses = append(answer.Responses, answerTo(request))
	}
	return answer
}

func play(t *testing.T, timeout time.Duration) (*decider, *Asker, *sidecar.Link) {
	t.Helper()
	d := &decider{
		messages: make(chan *ratelimitv1.AllowStreamRequest, 10_000),
		answers:  make(chan *ratelimitv1.AllowStreamResponse),
		alone:    make(chan *ratelimitv1.AllowRequest, 10_000),
	}
	target := sidecartest.Play(t, func(server *grpc.Server) { ratelimitv1.RegisterRateLimiterServer(server, d) })
	link, err := sidecar.NewLink("unix:"+target, timeout, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = link.Close(func(context.Context) {}) })
	return d, NewAsker(link), link
}

func questionOf(cost uint64) *ratelimitv1.AllowRequest { return &ratelimitv1.AllowRequest{Cost: &cost} }

type outcome struct {
	response *ratelimitv1.AllowResponse
	err      error
}

func ask(a *Asker, ctx context.Context, cost uint64, size int) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		response, err := a.Ask(ctx, questionOf(cost), size)
		done <- outcome{response, err}
	}()
	return done
}

func expectAnswer(t *testing.T, done <-chan outcome, cost uint64) {
	t.Helper()
	if got := <-done; got.err != nil || got.response.GetRemaining() != cost {
		t.Errorf("%v, %v; not the answer to %d", got.response, got.err, cost)
	}
}

func expectPending(t *testing.T, a *Asker, want int) {
	t.Helper()
	sidecartest.Until(t, fmt.Sprintf("%d are pending", want), func() bool { return a.Pending() == want })
}

// gather asks so many questions while nothing can be sent, so that they wait
// together.
func gather(t *testing.T, d *decider, a *Asker, count, size int) []<-chan outcome {
	t.Helper()
	ask(a, context.Background(), 0, 1)
	d.answers <- answersTo(<-d.messages) // the stream is open
	expectPending(t, a, 0)
	a.mutex.Lock()
	a.current.writing = true // as if the writer were busy
	a.mutex.Unlock()
	var asked []<-chan outcome
	for i := range count {
		asked = append(asked, ask(a, context.Background(), uint64(i), size))
	}
	expectPending(t, a, count)
	return asked
}

// letGo has the writer send what waits.
func letGo(a *Asker) {
	a.mutex.Lock()
	a.current.writing = false
	a.current.wakeWriter()
	a.mutex.Unlock()
}
