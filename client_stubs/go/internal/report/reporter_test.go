package report

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	breakerv1 "github.com/outrigger/outrigger/client_stubs/go/breaker/v1"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecartest"
)

// listener hears reports one by one, when a test lets it.
type listener struct {
	breakerv1.UnimplementedBreakerServer
	reports chan *breakerv1.ReportRequest
	answer  chan error
}

func (l *listener) Report(ctx context.Context, request *breakerv1.ReportRequest) (*breakerv1.ReportResponse, error) {
	l.reports <- request
	select {
	case err := <-l.answer:
		return &breakerv1.ReportResponse{}, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func play(t *testing.T) (*listener, *Reporter, *atomic.Uint64) {
	t.Helper()
	l := &listener{reports: make(chan *breakerv1.ReportRequest, 100), answer: make(chan error, 100)}
	target := sidecartest.Play(t, func(server *grpc.Server) { breakerv1.RegisterBreakerServer(server, l) })
	link, err := sidecar.NewLink("unix:"+target, sidecartest.Patience, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = link.Close(func(context.Context) {}) })
	lost := &atomic.Uint64{}
	return l, NewReporter(link, breakerv1.NewBreakerClient(link.Channel), lost), lost
}

func success(name string) Outcome {
	return Outcome{Breaker: name, Result: breakerv1.Result_SUCCESS}
}

func failed(name string) Outcome {
	return Outcome{Breaker: name, Result: breakerv1.Result_FAILURE, Urgent: true}
}

func names(request *breakerv1.ReportRequest) (all []string) {
	for _, outcome := range request.GetOutcomes() {
		all = append(all, outcome.GetBreaker())
	}
	return all
}

func TestAFailureIsToldAtOnceAndWhatComesMeanwhileTogether(t *testing.T) {
	l, r, _ := play(t)
	r.Record(success("a"))
	r.Record(failed("b"))
	if got := fmt.Sprint(names(<-l.reports)); got != "[a b]" {
		t.Error(got)
	}
	r.Record(failed("c"))
	r.Record(success("d"))
	r.Record(failed("e"))
	l.answer <- nil
	if got := fmt.Sprint(names(<-l.reports)); got != "[c d e]" {
		t.Error(got)
	}
	l.answer <- nil
	if err := r.Flush(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestASuccessIsToldSoon(t *testing.T) {
	l, r, _ := play(t)
	l.answer <- nil
	r.Record(success("a"))
	if got := fmt.Sprint(names(<-l.reports)); got != "[a]" {
		t.Error(got)
	}
}

func TestAMessageHasAThousandOutcomes(t *testing.T) {
	l, r, _ := play(t)
	l.answer <- nil
	for range maxOutcomes {
		r.Record(success("a")) // as many do not wait for the time to pass
	}
	if got := len(names(<-l.reports)); got != maxOutcomes {
		t.Error(got)
	}
}

func TestTheOldestAreDropped(t *testing.T) {
	l, r, lost := play(t)
	r.Record(failed("first"))
	<-l.reports // under way
	for i := range maxWaiting + 5 {
		r.Record(success(fmt.Sprint(i)))
	}
	if got := lost.Load(); got != 5 {
		t.Errorf("%d are lost", got)
	}
	l.answer <- nil
	if got := names(<-l.reports)[0]; got != "5" {
		t.Error("the oldest is", got)
	}
	for range maxWaiting / maxOutcomes {
		l.answer <- nil
	}
	if err := r.Flush(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestABreakerThatIsGoneDoesNotTakeTheOthersWithIt(t *testing.T) {
	l, r, lost := play(t)
	r.Record(success("gone"))
	r.Record(success("shop"))
	r.Record(success("gone"))
	r.Record(failed("shop"))
	for _, want := range []struct {
		names  string
		answer error
	}{
		{"[gone shop gone shop]", status.Error(codes.NotFound, "outcomes[0].breaker")},
		{"[gone gone]", status.Error(codes.NotFound, "outcomes[0].breaker")},
		{"[shop shop]", nil},
	} {
		if got := fmt.Sprint(names(<-l.reports)); got != want.names {
			t.Errorf("%s, not %s", got, want.names)
		}
		l.answer <- want.answer
	}
	if err := r.Flush(context.Background()); err != nil {
		t.Error(err)
	}
	if got := lost.Load(); got != 2 {
		t.Errorf("%d are lost", got)
	}
}

func TestClosingTellsTheLast(t *testing.T) {
	l, r, lost := play(t)
	r.Record(success("a"))
	l.answer <- nil
	if err := r.link.Close(func(ctx context.Context) { _ = r.Flush(ctx) }); err != nil {
		t.Error(err)
	}
	if got := fmt.Sprint(names(<-l.reports)); got != "[a]" {
		t.Error(got)
	}
	r.Record(success("b"))
	if got := lost.Load(); got != 1 {
		t.Errorf("afterwards: %d are lost", got)
	}
}

func TestWhatIsRecordedDuringClosingIsToldOrCounted(t *testing.T) {
	const callers, each = 8, 100
	l, r, lost := play(t)
	var told atomic.Uint64
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			select {
			case request := <-l.reports:
				told.Add(uint64(len(request.GetOutcomes())))
				l.answer <- nil
			case <-stop:
				return
			}
		}
	}()
	var running sync.WaitGroup
	for range callers {
		running.Add(1)
		go func() {
			defer running.Done()
			for range each {
				r.Record(success("a"))
			}
		}()
	}
	if err := r.link.Close(func(ctx context.Context) { _ = r.Flush(ctx) }); err != nil {
		t.Error(err)
	}
	running.Wait()
	sidecartest.Until(t, "nothing is left", func() bool { return told.Load()+lost.Load() >= callers*each })
}

func TestASidecarThatHangsDoesNotHoldUpClosing(t *testing.T) {
	l, r, lost := play(t)
	r.Record(failed("a"))
	<-l.reports
	r.Record(failed("b"))
	if err := r.link.Close(func(ctx context.Context) { _ = r.Flush(ctx) }); err != nil {
		t.Error(err)
	}
	sidecartest.Until(t, "both are given up", func() bool { return lost.Load() == 2 })
}
