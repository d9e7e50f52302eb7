package outrigger_test

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
	"github.com/outrigger/outrigger/client_stubs/go/internal/clienttest"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecartest"
	poolv1 "github.com/outrigger/outrigger/client_stubs/go/pool/v1"
)

func TestALostLeaseEndsItsScope(t *testing.T) {
	own := sidecartest.Start(t, config)
	client := clienttest.Connect(t, own.Target)
	err := client.Pool("orders").With(ctx, func(ctx context.Context, lease *outrigger.Lease) error {
		own.Kill()
		<-ctx.Done()
		if !lease.IsLost() {
			t.Error("it is not lost")
		}
		return context.Cause(ctx)
	})
	if !errors.Is(err, outrigger.ErrLeaseLost) {
		t.Error(err)
	}
}

func TestAPanicGivesTheLeaseBack(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target)
	for range 5 { // of two slots
		func() {
			defer func() {
				if recover() != "boom" {
					t.Error("the panic is the caller's to see")
				}
			}()
			_ = client.Pool("orders").With(ctx, func(context.Context, *outrigger.Lease) error { panic("boom") })
		}()
	}
	if got := client.Stats().PoolPending; got != 0 {
		t.Error(got)
	}
}

func TestAResultThatIsNoneGivesTheLeaseBackAsAFailure(t *testing.T) {
	g := &granter{released: make(chan *poolv1.ReleaseRequest, 1)}
	target := sidecartest.Play(t, func(server *grpc.Server) { poolv1.RegisterPoolServer(server, g) })
	pool := clienttest.Connect(t, target).Pool("orders")
	none := outrigger.ClassifyBy(func(error) outrigger.Result { return 99 })
	if err := pool.With(ctx, func(context.Context, *outrigger.Lease) error { return errBoom }, none); !errors.Is(err, errBoom) {
		t.Error(err)
	}
	if said := <-g.released; said.GetResult() != poolv1.Result_FAILURE {
		t.Error(said)
	}
	lease, err := pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	lease.Release(0)
	if said := <-g.released; said.GetResult() != poolv1.Result_FAILURE {
		t.Error(said)
	}
}

// granter gives a slot to all who ask.
type granter struct {
	poolv1.UnimplementedPoolServer
	released chan *poolv1.ReleaseRequest
}

func (g *granter) Hold(stream grpc.BidiStreamingServer[poolv1.HoldRequest, poolv1.HoldResponse]) error {
	for {
		request, err := stream.Recv()
		if err != nil {
			return nil // the client has gone
		}
		if said := request.GetRelease(); said != nil {
			g.released <- said
			continue
		}
		granted := &poolv1.HoldResponse_Acquired{Acquired: &poolv1.AcquireResponse{Acquired: true, LeaseId: 7}}
		if err := stream.Send(&poolv1.HoldResponse{Id: request.GetId(), Response: granted}); err != nil {
			return err
		}
	}
}

func TestAWaitThatIsTooLongIsTheCallersMistake(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target)
	ever := outrigger.MaxWait(math.MaxInt64)
	var mistake *outrigger.Error
	if _, err := client.Pool("orders").Acquire(ctx, ever); !errors.As(err, &mistake) || mistake.Code != codes.InvalidArgument {
		t.Error(err)
	}
	_, err := client.Limiter().Allow(ctx, outrigger.Attributes{"user": "1"}, ever)
	if !errors.As(err, &mistake) || mistake.Code != codes.InvalidArgument {
		t.Error(err)
	}
}

func TestAShareIsGivenOutOnce(t *testing.T) {
	client := clienttest.Connect(t, "/nowhere/o.sock", outrigger.WithPoolFallback(outrigger.PoolShare(3, "db:5432")))
	pool := client.Pool("orders")
	var running sync.WaitGroup
	leases := make(chan *outrigger.Lease, 20)
	for range 20 {
		running.Add(1)
		go func() {
			defer running.Done()
			lease, err := pool.Acquire(ctx)
			var refused *outrigger.NotAcquiredError
			switch {
			case err == nil:
				leases <- lease
			case !errors.As(err, &refused) || refused.Reason != outrigger.StoreUnavailable || refused.Source != outrigger.Fallback:
				t.Error(err)
			}
		}()
	}
	running.Wait()
	if len(leases) != 3 {
		t.Fatalf("%d leases", len(leases))
	}
	lease := <-leases
	if lease.Endpoint.Address != "db:5432" || lease.Source != outrigger.Fallback || lease.IsLost() {
		t.Errorf("%+v", lease)
	}
	lease.Release(outrigger.Success)
	lease.Release(outrigger.Success) // the second does not count
	if _, err := pool.Acquire(ctx); err != nil {
		t.Error(err)
	}
	if _, err := pool.Acquire(ctx); err == nil {
		t.Error("a fourth one was given out")
	}
	if _, err := client.Pool("others").Acquire(ctx); err != nil {
		t.Error("each pool has a share of its own:", err)
	}
}
