package outrigger_test

import (
	"context"
	"testing"

	"google.golang.org/grpc"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
	cachev1 "github.com/outrigger/outrigger/client_stubs/go/cache/v1"
	"github.com/outrigger/outrigger/client_stubs/go/internal/clienttest"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecartest"
)

// filler plays a cache that has nothing, and does what a test says with each Set.
type filler struct {
	cachev1.UnimplementedCacheServer
	set       func(context.Context, *cachev1.SetRequest) // returns: it is stored
	abandoned chan string
}

func playFiller(t *testing.T, set func(context.Context, *cachev1.SetRequest)) (*filler, *outrigger.Client) {
	t.Helper()
	f := &filler{set: set, abandoned: make(chan string, 10)}
	target := sidecartest.Play(t, func(server *grpc.Server) { cachev1.RegisterCacheServer(server, f) })
	return f, clienttest.Connect(t, target, quiet())
}

func (f *filler) Get(context.Context, *cachev1.GetRequest) (*cachev1.GetResponse, error) {
	return &cachev1.GetResponse{Status: cachev1.Status_MISS, FillToken: []byte("token")}, nil
}

func (f *filler) Set(ctx context.Context, request *cachev1.SetRequest) (*cachev1.SetResponse, error) {
	f.set(ctx, request)
	return &cachev1.SetResponse{Stored: true}, ctx.Err()
}

func (f *filler) Abandon(_ context.Context, request *cachev1.AbandonRequest) (*cachev1.AbandonResponse, error) {
	f.abandoned <- request.GetKey()
	return &cachev1.AbandonResponse{}, nil
}

// expiring is a context whose deadline passes when a test says so.
type expiring struct {
	context.Context
	passed chan struct{}
}

func (e expiring) Done() <-chan struct{} { return e.passed }

func (e expiring) Err() error {
	select {
	case <-e.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func TestADeadlineThatPassesWhileStoringGivesTheTokenBack(t *testing.T) {
	caller := expiring{ctx, make(chan struct{})}
	played, client := playFiller(t, func(ctx context.Context, _ *cachev1.SetRequest) {
		close(caller.passed)
		<-ctx.Done()
	})
	got, err := outrigger.NewCache[string](client, "profiles").GetOrLoad(caller, "a", always("A"))
	if err != nil || got != "A" {
		t.Error(got, err)
	}
	if key := <-played.abandoned; key != "a" {
		t.Error(key)
	}
}

func TestWhatACancelledCallerHasIsItsOwnToChange(t *testing.T) {
	stored := make(chan string, 1)
	_, client := playFiller(t, func(_ context.Context, request *cachev1.SetRequest) { stored <- string(request.GetValue()) })
	leaving, cancel := context.WithCancel(ctx)
	raw, err := outrigger.NewCache[[]byte](client, "profiles").GetOrLoad(leaving, "a", func(context.Context) ([]byte, error) {
		cancel()
		return []byte("A"), nil
	})
	if err != nil || len(raw) != 1 {
		t.Fatal(raw, err)
	}
	raw[0] = 'X'
	if said := <-stored; said != "A" {
		t.Error(said)
	}
	leaving, cancel = context.WithCancel(ctx)
	ada, err := outrigger.NewCache[*profile](client, "profiles").GetOrLoad(leaving, "ada", func(context.Context) (*profile, error) {
		cancel()
		return &profile{"Ada", "acme"}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ada.Name = "Bob"
	if said := <-stored; said != `{"name":"Ada","org":"acme"}` {
		t.Error(said)
	}
}

type panicking struct{ outrigger.Codec[string] }

func (panicking) Encode(string) ([]byte, error) { panic("boom") }

func TestACodecThatPanicsGivesTheTokenBack(t *testing.T) {
	played, client := playFiller(t, nil)
	cache := outrigger.NewCache[string](client, "profiles").WithCodec(panicking{outrigger.Text()})
	leaving, cancel := context.WithCancel(ctx)
	func() {
		defer func() {
			if recover() != "boom" {
				t.Error("the panic is the caller's to see")
			}
		}()
		_, _ = cache.GetOrLoad(leaving, "a", func(context.Context) (string, error) {
			cancel() // and its caller's alone: it must not end the process
			return "A", nil
		})
	}()
	if key := <-played.abandoned; key != "a" {
		t.Error(key)
	}
}
