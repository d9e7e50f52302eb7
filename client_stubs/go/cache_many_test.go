package outrigger_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"google.golang.org/grpc"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
	cachev1 "github.com/outrigger/outrigger/client_stubs/go/cache/v1"
	"github.com/outrigger/outrigger/client_stubs/go/internal/clienttest"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecartest"
)

// elsewhere plays a cache where others load "a" and "b": who loads "a" gives up,
// and who loads "b" first waits for "a".
type elsewhere struct {
	cachev1.UnimplementedCacheServer
	stored    chan string
	abandoned chan string
}

func playElsewhere(t *testing.T) (*elsewhere, *outrigger.Cache[string]) {
	t.Helper()
	e := &elsewhere{stored: make(chan string, 1), abandoned: make(chan string, 1)}
	target := sidecartest.Play(t, func(server *grpc.Server) { cachev1.RegisterCacheServer(server, e) })
	return e, outrigger.NewCache[string](clienttest.Connect(t, target), "profiles")
}

func (e *elsewhere) GetMany(_ context.Context, request *cachev1.GetManyRequest) (*cachev1.GetManyResponse, error) {
	response := &cachev1.GetManyResponse{}
	for range request.GetRequests() {
		response.Responses = append(response.Responses, &cachev1.GetResponse{Status: cachev1.Status_MISS})
	}
	return response, nil
}

func (e *elsewhere) Get(ctx context.Context, request *cachev1.GetRequest) (*cachev1.GetResponse, error) {
	if request.GetKey() == "a" {
		return &cachev1.GetResponse{Status: cachev1.Status_MISS, FillToken: []byte("token")}, nil
	}
	select {
	case value := <-e.stored:
		return &cachev1.GetResponse{Status: cachev1.Status_HIT, Value: []byte("after " + value)}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (e *elsewhere) Set(_ context.Context, request *cachev1.SetRequest) (*cachev1.SetResponse, error) {
	e.stored <- string(request.GetValue())
	return &cachev1.SetResponse{Stored: true}, nil
}

func (e *elsewhere) Abandon(_ context.Context, request *cachev1.AbandonRequest) (*cachev1.AbandonResponse, error) {
	e.abandoned <- request.GetKey()
	return &cachev1.AbandonResponse{}, nil
}

func TestWhatAnotherGaveUpIsStoredBeforeTheRestIsWaitedFor(t *testing.T) {
	_, cache := playElsewhere(t)
	var info outrigger.LoadInfo
	got, err := cache.GetOrLoadMany(ctx, []string{"a", "b"}, func(_ context.Context, keys []string) (map[string]string, error) {
		return map[string]string{"a": strings.Join(keys, ",")}, nil
	}, outrigger.Describe(&info))
	want := map[string]string{"a": "a", "b": "after a"}
	if err != nil || !maps.Equal(got, want) || !info.Loaded || info.Source != outrigger.Sidecar {
		t.Error(got, err, info)
	}
}

func TestALoaderThatFailsEndsTheWaitForOthers(t *testing.T) {
	played, cache := playElsewhere(t)
	_, err := cache.GetOrLoadMany(ctx, []string{"a", "b"}, func(context.Context, []string) (map[string]string, error) {
		return nil, errBoom
	}, outrigger.MaxWait(sidecartest.Patience))
	if !errors.Is(err, errBoom) {
		t.Error(err)
	}
	if key := <-played.abandoned; key != "a" {
		t.Error(key)
	}
}

func TestAValueThatIsTooLargeLeavesTheOthersStored(t *testing.T) {
	t.Run("for the namespace", func(t *testing.T) {
		expectOthersStored(t, strings.Replace(config, "fill_timeout: 1m", "fill_timeout: 1m, max_value: 1KiB", 1))
	})
	t.Run("for a message", func(t *testing.T) {
		expectOthersStored(t, config+"server: {max_message: 1KiB}\n")
	})
}

func expectOthersStored(t *testing.T, small string) {
	t.Helper()
	client := clienttest.Connect(t, sidecartest.Start(t, small).Target, quiet())
	cache := outrigger.NewCache[string](client, "profiles")
	large := strings.Repeat("x", 2000)
	values := map[string]string{"a": "A", "large": large, "z": "Z"}
	got, err := cache.GetOrLoadMany(ctx, []string{"a", "large", "z"}, func(context.Context, []string) (map[string]string, error) {
		return values, nil
	})
	if err != nil || !maps.Equal(got, values) {
		t.Error(got, err)
	}
	for key, want := range map[string]string{"a": "A", "large": "", "z": "Z"} {
		if got, err := cache.Get(ctx, key); err != nil || got.Value != want {
			t.Errorf("%s: %+v %v", key, got, err)
		}
	}
	if got, err := cache.GetOrLoad(ctx, "alone", always(large)); err != nil || got != large {
		t.Error(got, err)
	}
	for _, key := range []string{"large", "alone"} {
		expectLoadable(t, cache, key)
	}
}

// expectLoadable says that a token was given back: fill_timeout is a minute.
func expectLoadable(t *testing.T, cache *outrigger.Cache[string], key string) {
	t.Helper()
	if got, err := cache.GetOrLoad(ctx, key, always("fits"), outrigger.MaxWait(sidecartest.Patience)); err != nil || got != "fits" {
		t.Error(key, got, err)
	}
	if got, err := cache.Get(ctx, key); err != nil || got.Value != "fits" {
		t.Errorf("%s: %+v %v", key, got, err)
	}
}
