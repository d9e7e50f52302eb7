package watch_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
	breakerv1 "github.com/outrigger/outrigger/client_stubs/go/breaker/v1"
	"github.com/outrigger/outrigger/client_stubs/go/internal/clienttest"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecartest"
)

// teller tells the watch what a test has it tell, and denies what is asked.
type teller struct {
	breakerv1.UnimplementedBreakerServer
	tell  chan *breakerv1.WatchResponse // nil in it: the stream breaks
	asked chan *breakerv1.AcquireRequest
	// What it answers; what it tells has ownGeneration.
	generation atomic.Uint64
}

const ownGeneration = 5

func (s *teller) Watch(_ *breakerv1.WatchRequest, stream grpc.ServerStreamingServer[breakerv1.WatchResponse]) error {
	for {
		select {
		case <-stream.Context().Done():
			return nil
		case response := <-s.tell:
			if response == nil {
				return nil
			}
			if err := stream.Send(response); err != nil {
				return err
			}
		}
	}
}

func (s *teller) Acquire(_ context.Context, request *breakerv1.AcquireRequest) (*breakerv1.AcquireResponse, error) {
	s.asked <- request
	return &breakerv1.AcquireResponse{
		State: breakerv1.State_HALF_OPEN, Reason: breakerv1.Reason_PROBES_IN_USE, Generation: s.generation.Load(),
	}, nil
}

func (s *teller) Report(context.Context, *breakerv1.ReportRequest) (*breakerv1.ReportResponse, error) {
	return &breakerv1.ReportResponse{}, nil
}

func told(method string, state breakerv1.State) *breakerv1.WatchResponse {
	ratio := 0.0
	if state == breakerv1.State_CLOSED {
		ratio = 1
	}
	return &breakerv1.WatchResponse{
		Breaker: "shop", Method: method, State: state, AdmitRatio: ratio, Session: 7, Generation: ownGeneration,
		ValidFor: durationpb.New(time.Hour), RetryAfter: durationpb.New(time.Hour),
		Reason: breakerv1.Reason_FAILURE_RATE, Message: "7 of 20 calls failed",
	}
}

func play(t *testing.T) (*teller, *outrigger.Breaker) {
	s := &teller{tell: make(chan *breakerv1.WatchResponse), asked: make(chan *breakerv1.AcquireRequest, 100)}
	target := sidecartest.Play(t, func(server *grpc.Server) { breakerv1.RegisterBreakerServer(server, s) })
	return s, clienttest.Connect(t, target).Breaker("shop")
}

func known(breaker *outrigger.Breaker, method string, state outrigger.State) func() bool {
	return func() bool {
		now := breaker.State(method)
		return now.Known && now.State == state
	}
}

func TestAMethodsOwnStateDecidesWhereItWasTold(t *testing.T) {
	s, breaker := play(t)
	ctx := context.Background()
	breaker.State("") // begins to watch
	s.tell <- told("", breakerv1.State_CLOSED)
	sidecartest.Until(t, "the breaker is known", known(breaker, "", outrigger.Closed))
	s.tell <- told("refund", breakerv1.State_OPEN)
	sidecartest.Until(t, "the method is known", known(breaker, "refund", outrigger.Open))
	_, err := breaker.Acquire(ctx, outrigger.Method("refund"))
	denied, ok := err.(*outrigger.DeniedError)
	if !ok || denied.Reason != outrigger.FailureRate || denied.Message != "7 of 20 calls failed" ||
		denied.RetryAfter <= 0 || denied.RetryAfter > time.Hour || denied.Source != outrigger.Sidecar {
		t.Errorf("%+v", err)
	}
	if _, err := breaker.Acquire(ctx); err != nil {
		t.Error("calls without a method have the breaker's state:", err)
	}
	if len(s.asked) != 0 {
		t.Errorf("the sidecar was asked %d times", len(s.asked))
	}
	if _, err := breaker.Acquire(ctx, outrigger.Method("pay")); err == nil {
		t.Error("of a method that was not told the sidecar is asked")
	}
	if request := <-s.asked; request.GetSession() != 7 || request.GetMethod() != "pay" {
		t.Errorf("%v", request)
	}
}

func TestAMethodWithTheBreakersGenerationHasItsState(t *testing.T) {
	s, breaker := play(t)
	asks := func(why, method string, want bool) {
		t.Helper()
		_, err := breaker.Acquire(context.Background(), outrigger.Method(method))
		if asked := len(s.asked) == 1; asked != want || asked != (err != nil) {
			t.Errorf("%s: asked %v, %v", why, asked, err)
		}
		for len(s.asked) > 0 {
			<-s.asked
		}
	}
	breaker.State("")
	s.tell <- told("", breakerv1.State_CLOSED)
	sidecartest.Until(t, "the breaker is known", known(breaker, "", outrigger.Closed))
	s.generation.Store(9)
	asks("it is new", "pay", true)
	s.generation.Store(ownGeneration)
	asks("it has a generation of its own", "pay", true)
	asks("it has the breaker's", "pay", false)
	asks("another is not known by that", "refund", true)

	changed := told("", breakerv1.State_CLOSED)
	changed.Generation++
	s.tell <- changed
	sidecartest.Until(t, "it has changed", func() bool { return breaker.State("").Generation == changed.Generation })
	s.generation.Store(changed.Generation)
	asks("the breaker has another", "pay", true)
	asks("it has that too", "pay", false)

	s.tell <- &breakerv1.WatchResponse{}
	s.tell <- changed
	sidecartest.Until(t, "it is forgotten and told again", func() bool {
		return breaker.State("").Known && !breaker.State("pay").Known
	})
	asks("it was forgotten", "pay", true)
}

func TestWhatWasLeftOutIsNotValidAnyMore(t *testing.T) {
	s, breaker := play(t)
	breaker.State("")
	s.tell <- told("", breakerv1.State_CLOSED)
	sidecartest.Until(t, "the breaker is known", known(breaker, "", outrigger.Closed))
	s.tell <- &breakerv1.WatchResponse{}
	sidecartest.Until(t, "it is not", func() bool { return !breaker.State("").Known })
	if _, err := breaker.Acquire(context.Background()); err == nil {
		t.Error("the sidecar was not asked")
	}
}

func TestAnotherStreamReplacesWhatTheLastOneTold(t *testing.T) {
	s, breaker := play(t)
	breaker.State("")
	s.tell <- told("gone", breakerv1.State_OPEN)
	sidecartest.Until(t, "the method is known", known(breaker, "gone", outrigger.Open))
	s.tell <- nil
	if _, err := breaker.Acquire(context.Background(), outrigger.Method("gone")); err == nil || len(s.asked) != 0 {
		t.Error("what was told holds until its time is over")
	}
	s.tell <- told("", breakerv1.State_CLOSED)
	sidecartest.Until(t, "the breaker is known", known(breaker, "", outrigger.Closed))
	if breaker.State("gone").Known {
		t.Error("the method is not forgotten")
	}
}
