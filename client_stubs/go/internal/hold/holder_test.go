package hold

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecartest"
	poolv1 "github.com/outrigger/outrigger/client_stubs/go/pool/v1"
)

const patience = sidecartest.Patience

// granter answers what a test has it answer.
type granter struct {
	poolv1.UnimplementedPoolServer
	asked   chan *poolv1.HoldRequest
	answers chan *poolv1.HoldResponse // nil in it: the stream breaks
	renewed atomic.Int64
	renewal atomic.Pointer[error] // nil: renewals succeed
}

func (g *granter) Hold(stream grpc.BidiStreamingServer[poolv1.HoldRequest, poolv1.HoldResponse]) error {
	go func() {
		for {
			request, err := stream.Recv()
			if err != nil {
				return
			}
			g.asked <- request
		}
	}()
	for {
		select {
		case answer := <-g.answers:
			if answer == nil {
				return status.Error(codes.Unavailable, "draining")
			}
			if err := stream.Send(answer); err != nil {
				return err
			}
		case <-stream.Context().Done():
			return nil
		}
	}
}

func (g *granter) Renew(context.Context, *poolv1.RenewRequest) (*poolv1.RenewResponse, error) {
	g.renewed.Add(1)
	if err := g.renewal.Load(); err != nil {
		return nil, *err
	}
	return &poolv1.RenewResponse{ExpiresAfter: durationpb.New(lease)}, nil
}

// lease is how long one lasts: long enough for a busy machine to renew it in time.
const lease = 2 * time.Second

func play(t *testing.T, timeout time.Duration) (*granter, *Holder) {
	t.Helper()
	g := &granter{asked: make(chan *poolv1.HoldRequest, 1000), answers: make(chan *poolv1.HoldResponse)}
	target := sidecartest.Play(t, func(server *grpc.Server) { poolv1.RegisterPoolServer(server, g) })
	link, err := sidecar.NewLink("unix:"+target, timeout, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = link.Close(func(context.Context) {}) })
	return g, NewHolder(link)
}

type outcome struct {
	lease *Lease
	err   error
}

func acquireOne(h *Holder, ctx context.Context) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		lease, _, err := h.Acquire(ctx, &poolv1.AcquireRequest{Pool: "orders"}, 0)
		done <- outcome{lease, err}
	}()
	return done
}

func granted(id, leaseID uint64, length time.Duration) *poolv1.HoldResponse {
	return &poolv1.HoldResponse{Id: id, Response: &poolv1.HoldResponse_Acquired{Acquired: &poolv1.AcquireResponse{
		Acquired: true, LeaseId: leaseID, ExpiresAfter: durationpb.New(length),
	}}}
}

func (g *granter) grant(t *testing.T, h *Holder, leaseID uint64, length time.Duration) *Lease {
	t.Helper()
	done := acquireOne(h, context.Background())
	g.answers <- granted((<-g.asked).GetId(), leaseID, length)
	got := <-done
	if got.err != nil || got.lease == nil {
		t.Fatal(got.err)
	}
	return got.lease
}

func expectRelease(t *testing.T, g *granter, leaseID uint64, result poolv1.Result) {
	t.Helper()
	if said := (<-g.asked).GetRelease(); said.GetLeaseId() != leaseID || said.GetResult() != result {
		t.Errorf("%v", said)
	}
}

func expectLost(t *testing.T, l *Lease) {
	t.Helper()
	select {
	case <-l.Lost():
	case <-time.After(patience):
		t.Error("it is held still")
	}
}

func TestALeaseIsGivenBackOnce(t *testing.T) {
	g, h := play(t, patience)
	held := g.grant(t, h, 7, time.Hour)
	if h.Pending() != 1 {
		t.Error(h.Pending())
	}
	held.Release(poolv1.Result_SUCCESS)
	held.Release(poolv1.Result_FAILURE)
	expectRelease(t, g, 7, poolv1.Result_SUCCESS)
	if h.Pending() != 0 || len(g.asked) != 0 {
		t.Errorf("%d are pending, %d were sent", h.Pending(), len(g.asked))
	}
}

func TestASlotThatIsGrantedTooLateIsGivenBack(t *testing.T) {
	g, h := play(t, patience)
	ctx, cancel := context.WithCancel(context.Background())
	done := acquireOne(h, ctx)
	id := (<-g.asked).GetId()
	cancel()
	if got := <-done; !errors.Is(got.err, context.Canceled) {
		t.Errorf("%v", got.err)
	}
	if said := <-g.asked; said.GetCancel() != id {
		t.Errorf("%v", said)
	}
	if h.Pending() != 0 {
		t.Error(h.Pending())
	}
	g.answers <- granted(id, 7, time.Hour)
	expectRelease(t, g, 7, poolv1.Result_IGNORED)
}

func TestAMistakeIsTheCallersAndTheStreamGoesOn(t *testing.T) {
	g, h := play(t, patience)
	done := acquireOne(h, context.Background())
	g.answers <- &poolv1.HoldResponse{Id: (<-g.asked).GetId(), Response: &poolv1.HoldResponse_Error{
		Error: &poolv1.HoldError{Code: int32(codes.NotFound), Message: "pool: none"},
	}}
	var mistake *sidecar.Error
	if got := <-done; !errors.As(got.err, &mistake) || mistake.Code != codes.NotFound {
		t.Errorf("%v", got.err)
	}
	g.grant(t, h, 7, time.Hour)
}

func TestAHungSidecarCostsTheDeadline(t *testing.T) {
	g, h := play(t, 20*time.Millisecond)
	for range 3 {
		if got := <-acquireOne(h, context.Background()); !sidecar.IsNoAnswer(got.err) {
			t.Errorf("%v", got.err)
		}
	}
	if h.Pending() != 0 {
		t.Error(h.Pending())
	}
	<-g.asked
}

func TestALeaseThatTheSidecarLostIsLost(t *testing.T) {
	g, h := play(t, patience)
	held := g.grant(t, h, 7, time.Hour)
	other := g.grant(t, h, 8, time.Hour)
	g.answers <- &poolv1.HoldResponse{Response: &poolv1.HoldResponse_LostLeaseId{LostLeaseId: 7}}
	expectLost(t, held)
	select {
	case <-other.Lost():
		t.Error("another one is lost, too")
	default:
	}
}

func TestAllAreLostWithTheStreamAndTheNextOpensAnother(t *testing.T) {
	g, h := play(t, patience)
	held := g.grant(t, h, 7, time.Hour)
	waiting := acquireOne(h, context.Background())
	<-g.asked
	g.answers <- nil
	expectLost(t, held)
	if got := <-waiting; !sidecar.IsNoAnswer(got.err) {
		t.Errorf("%v", got.err)
	}
	if h.Pending() != 0 {
		t.Error(h.Pending())
	}
	g.grant(t, h, 7, time.Hour)
	held.Release(poolv1.Result_SUCCESS) // of another stream: it must not give back this one's
	if h.Pending() != 1 || len(g.asked) != 0 {
		t.Errorf("%d are pending, %d were sent", h.Pending(), len(g.asked))
	}
}

func TestALeaseRenewsItself(t *testing.T) {
	g, h := play(t, patience)
	held := g.grant(t, h, 7, lease)
	sidecartest.Until(t, "it was renewed thrice", func() bool { return g.renewed.Load() >= 3 })
	select {
	case <-held.Lost():
		t.Error("it is lost")
	default:
	}
	held.Release(poolv1.Result_SUCCESS)
}

func TestALeaseThatCannotBeRenewedInTimeIsLost(t *testing.T) {
	g, h := play(t, patience)
	gone := status.Error(codes.Unavailable, "gone")
	g.renewal.Store(&gone)
	held := g.grant(t, h, 7, lease)
	expectLost(t, held)
	if g.renewed.Load() < 2 {
		t.Error("it was tried only once")
	}
	held.Release(poolv1.Result_SUCCESS) // the sidecar may think that it is held
	expectRelease(t, g, 7, poolv1.Result_SUCCESS)
}

func TestALeaseThatIsNotHeldAnyMoreIsLostAtOnce(t *testing.T) {
	g, h := play(t, patience)
	gone := status.Error(codes.NotFound, "lease_id")
	g.renewal.Store(&gone)
	expectLost(t, g.grant(t, h, 7, lease))
	if g.renewed.Load() != 1 {
		t.Error("it was tried again")
	}
}
