package outrigger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
	"github.com/outrigger/outrigger/client_stubs/go/internal/clienttest"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecartest"
)

type profile struct {
	Name string `json:"name"`
	Org  string `json:"org"`
}

var errBoom = errors.New("boom")

func always[T any](value T) outrigger.Loader[T] {
	return func(context.Context) (T, error) { return value, nil }
}

func quiet() outrigger.Option {
	return outrigger.WithLogger(slog.New(slog.DiscardHandler))
}

func TestValuesKeepTheirTypes(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target)
	ada := profile{"Ada", "acme"}
	profiles := outrigger.NewCache[profile](client, "profiles")
	if got, err := profiles.GetOrLoad(ctx, "ada", always(ada)); err != nil || got != ada {
		t.Error(got, err)
	}
	if got, err := profiles.Get(ctx, "ada"); err != nil || !got.Found || got.Value != ada || got.Version == 0 || got.TTL <= 0 {
		t.Errorf("%+v %v", got, err)
	}
	text := outrigger.NewCache[string](client, "profiles")
	if got, err := text.Get(ctx, "ada"); err != nil || got.Value != `{"name":"Ada","org":"acme"}` {
		t.Errorf("%+v %v", got, err)
	}
	raw := outrigger.NewCache[[]byte](client, "profiles")
	if _, err := raw.Set(ctx, "raw", []byte{0, 255}); err != nil {
		t.Error(err)
	}
	if got, err := raw.Get(ctx, "raw"); err != nil || !bytes.Equal(got.Value, []byte{0, 255}) {
		t.Errorf("%+v %v", got, err)
	}
}

type numbers struct{}

func (numbers) Encode(n int) ([]byte, error)    { return []byte(strconv.Itoa(n)), nil }
func (numbers) Decode(data []byte) (int, error) { return strconv.Atoi(string(data)) }

func TestAValueThatCannotBeReadIsLoadedAndNotStored(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target, quiet())
	text := outrigger.NewCache[string](client, "profiles")
	if _, err := text.Set(ctx, "a", "seven"); err != nil {
		t.Fatal(err)
	}
	counts := outrigger.NewCache[int](client, "profiles").WithCodec(numbers{})
	var info outrigger.LoadInfo
	if got, err := counts.GetOrLoad(ctx, "a", always(7), outrigger.Describe(&info)); err != nil || got != 7 || !info.Loaded {
		t.Error(got, err, info)
	}
	if got, err := text.Get(ctx, "a"); err != nil || got.Value != "seven" {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := counts.Get(ctx, "a"); err != nil || got.Found {
		t.Errorf("%+v %v", got, err)
	}
	many, err := counts.GetOrLoadMany(ctx, []string{"a", "b", "a"}, func(_ context.Context, keys []string) (map[string]int, error) {
		return map[string]int{"a": 1, "b": len(keys)}, nil
	})
	if err != nil || many["a"] != 1 || many["b"] != 2 {
		t.Error(many, err)
	}
	// One that cannot be written is answered, too, and another may load.
	functions := outrigger.NewCache[func()](client, "profiles")
	for range 2 {
		if got, err := functions.GetOrLoad(ctx, "f", always(func() {})); err != nil || got == nil {
			t.Error(err)
		}
	}
	if _, err := functions.Set(ctx, "f", func() {}); err == nil {
		t.Error("it was stored")
	}
}

func TestALoaderThatPanicsLetsAnotherLoad(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target)
	cache := outrigger.NewCache[string](client, "profiles")
	func() {
		defer func() {
			if recover() != "boom" {
				t.Error("the panic is the caller's to see")
			}
		}()
		_, _ = cache.GetOrLoad(ctx, "a", func(context.Context) (string, error) { panic("boom") })
	}()
	// fill_timeout is a minute: so the token was given back.
	if got, err := cache.GetOrLoad(ctx, "a", always("A"), outrigger.MaxWait(sidecartest.Patience)); err != nil || got != "A" {
		t.Error(got, err)
	}
	_, err := cache.GetOrLoadMany(ctx, []string{"b", "c"}, func(context.Context, []string) (map[string]string, error) {
		return nil, errBoom
	})
	if !errors.Is(err, errBoom) {
		t.Error(err)
	}
	if got, err := cache.GetOrLoad(ctx, "c", always("C"), outrigger.MaxWait(sidecartest.Patience)); err != nil || got != "C" {
		t.Error(got, err)
	}
}

func TestAnAbsenceIsKnown(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target)
	cache := outrigger.NewCache[string](client, "profiles")
	missing := func(context.Context) (string, error) { return "", fmt.Errorf("user 7: %w", outrigger.ErrAbsent) }
	if _, err := cache.GetOrLoad(ctx, "a", missing); !errors.Is(err, outrigger.ErrAbsent) || err.Error()[:6] != "user 7" {
		t.Error("the loader's error is given as it is:", err)
	}
	if _, err := cache.GetOrLoad(ctx, "a", always("A")); !errors.Is(err, outrigger.ErrAbsent) {
		t.Error("it is remembered:", err)
	}
	if got, err := cache.Get(ctx, "a"); err != nil || got.Found || !got.Absent {
		t.Errorf("%+v %v", got, err)
	}
}

func TestWhatACancelledCallerLoadedIsStored(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target)
	cache := outrigger.NewCache[string](client, "profiles")
	leaving, cancel := context.WithCancel(ctx)
	got, err := cache.GetOrLoad(leaving, "a", func(context.Context) (string, error) {
		cancel()
		return "A", nil
	})
	if err != nil || got != "A" {
		t.Error(got, err)
	}
	if got, err := cache.GetOrLoad(ctx, "a", always("B"), outrigger.MaxWait(sidecartest.Patience)); err != nil || got != "A" {
		t.Error(got, err)
	}
}

func TestConditionsOfSet(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target)
	cache := outrigger.NewCache[string](client, "profiles")
	first, err := cache.Set(ctx, "a", "1", outrigger.IfMissing())
	if err != nil || !first.Stored {
		t.Fatalf("%+v %v", first, err)
	}
	if again, err := cache.Set(ctx, "a", "2", outrigger.IfMissing()); err != nil || again.Stored || again.Reason.String() != "ALREADY_EXISTS" {
		t.Errorf("%+v %v", again, err)
	}
	if other, err := cache.Set(ctx, "a", "2", outrigger.IfVersion(first.Version+1)); err != nil || other.Stored || other.Version != first.Version {
		t.Errorf("%+v %v", other, err)
	}
	if swapped, err := cache.Set(ctx, "a", "2", outrigger.IfVersion(first.Version)); err != nil || !swapped.Stored {
		t.Errorf("%+v %v", swapped, err)
	}
}

func TestAWrappedFunctionHasItsValuesFromTheCache(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target)
	var calls atomic.Int64
	square := outrigger.Cached(outrigger.NewCache[int](client, "profiles"),
		func(n int) string { return fmt.Sprint("square:", n) },
		func(_ context.Context, n int) (int, error) { calls.Add(1); return n * n, nil })
	for range 3 {
		for n := range 5 {
			if got, err := square(ctx, n); err != nil || got != n*n {
				t.Error(n, got, err)
			}
		}
	}
	if calls.Load() != 5 {
		t.Error(calls.Load())
	}
}

// makeStale has so many keys be there, and stale.
func makeStale(t *testing.T, cache *outrigger.Cache[string], count int) {
	t.Helper()
	for i := range count {
		if _, err := cache.Set(ctx, fmt.Sprint(i), "old"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := cache.Invalidate(ctx, outrigger.Invalidation{Glob: "*", Soft: true}); err != nil {
		t.Fatal(err)
	}
}

func TestSoManyLoadInTheBackgroundAndNoMore(t *testing.T) {
	own := sidecartest.Start(t, config)
	cache := outrigger.NewCache[string](clienttest.Connect(t, own.Target), "profiles")
	const most = 64
	makeStale(t, cache, most+1)
	hold := make(chan struct{})
	var loads atomic.Int64
	slow := func(context.Context) (string, error) {
		loads.Add(1)
		<-hold
		return "new", nil
	}
	for i := range most + 1 {
		var info outrigger.LoadInfo
		got, err := cache.GetOrLoad(ctx, fmt.Sprint(i), slow, outrigger.Describe(&info))
		if err != nil || got != "old" || info.Loaded || !info.Stale {
			t.Error(got, err, info)
		}
	}
	sidecartest.Until(t, "all load that may", func() bool { return loads.Load() == most })
	// The last one's token was given back: another client may load it now.
	other := outrigger.NewCache[string](clienttest.Connect(t, own.Target), "profiles")
	sidecartest.Until(t, "another has loaded it", func() bool {
		_, err := other.GetOrLoad(ctx, fmt.Sprint(most), always("theirs"))
		got, getErr := other.Get(ctx, fmt.Sprint(most))
		return err == nil && getErr == nil && got.Value == "theirs"
	})
	close(hold)
	sidecartest.Until(t, "the first is new", func() bool {
		got, err := cache.Get(ctx, "0")
		return err == nil && got.Value == "new"
	})
	if loads.Load() != most {
		t.Error(loads.Load())
	}
}

func TestALoadInTheBackgroundThatFailsIsCountedAndNoMore(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target, quiet())
	cache := outrigger.NewCache[string](client, "profiles")
	makeStale(t, cache, 2)
	leaving, cancel := context.WithCancel(ctx)
	for key, load := range map[string]outrigger.Loader[string]{
		"0": func(context.Context) (string, error) { return "", errBoom },
		"1": func(context.Context) (string, error) { panic("boom") },
	} {
		if got, err := cache.GetOrLoad(leaving, key, load); err != nil || got != "old" {
			t.Error(got, err)
		}
	}
	cancel()
	sidecartest.Until(t, "both have failed", func() bool { return client.Stats().RefreshesFailed == 2 })
}

func TestClosingEndsLoadsInTheBackgroundAndGivesTheirTokensBack(t *testing.T) {
	own := sidecartest.Start(t, config)
	client, err := outrigger.Connect(outrigger.WithTarget(own.Target), quiet(), outrigger.WithTimeout(sidecartest.Patience))
	if err != nil {
		t.Fatal(err)
	}
	cache := outrigger.NewCache[string](client, "profiles")
	makeStale(t, cache, 1)
	var began sync.WaitGroup
	began.Add(1)
	if _, err := cache.GetOrLoad(ctx, "0", func(ctx context.Context) (string, error) {
		began.Done()
		<-ctx.Done()
		return "", ctx.Err()
	}); err != nil {
		t.Error(err)
	}
	began.Wait()
	if err := client.Close(); err != nil {
		t.Error(err)
	}
	other := outrigger.NewCache[string](clienttest.Connect(t, own.Target), "profiles")
	sidecartest.Until(t, "another has loaded it", func() bool {
		_, err := other.GetOrLoad(ctx, "0", always("theirs"))
		got, getErr := other.Get(ctx, "0")
		return err == nil && getErr == nil && got.Value == "theirs"
	})
}
