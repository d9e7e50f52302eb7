package outrigger_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
	"github.com/outrigger/outrigger/client_stubs/go/internal/clienttest"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecartest"
)

const config = `
limits:
- {name: per_user, key: [user], rate: 10/1h, burst: 10}
- {name: quick, key: [quick], rate: 50/1s, burst: 1}
cache:
  namespaces:
  - {name: profiles, ttl: 5m, stale_for: 5m, ttl_jitter: 0, early_refresh: 0, fill_timeout: 1m}
breakers:
- {name: shop, consecutive_failures: 2, failure_rate: 0, open_for: 1h}
pools:
- {name: orders, max_connections: 2}
`

var ctx = context.Background()

func TestAnOptionThatCannotBeIsAnErrorAtOnce(t *testing.T) {
	for name, option := range map[string]outrigger.Option{
		"WithTimeout":  outrigger.WithTimeout(0),
		"target":       outrigger.WithTarget("nowhere"),
		"LimitsLocal":  outrigger.WithLimitsFallback(outrigger.LimitsLocal(0, 1)),
		"BreakerLocal": outrigger.WithBreakerFallback(outrigger.BreakerLocal(0, time.Second)),
		"PoolShare":    outrigger.WithPoolFallback(outrigger.PoolShare(0, "")),
	} {
		client, err := outrigger.Connect(option)
		if err == nil {
			t.Errorf("%s: no error", name)
			_ = client.Close()
		} else if !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAClosedClientLeavesNothingBehind(t *testing.T) {
	target := sidecartest.Start(t, config).Target
	before := runtime.NumGoroutine()
	for range 10 {
		client, err := outrigger.Connect(outrigger.WithTarget(target))
		if err != nil {
			t.Fatal(err)
		}
		var running sync.WaitGroup
		for range 8 {
			running.Add(1)
			go func() { // some of these are under way when it closes
				defer running.Done()
				_, err := client.Limiter().Allow(ctx, outrigger.Attributes{"user": "1"})
				if err != nil && !errors.Is(err, outrigger.ErrClosed) {
					t.Error(err)
				}
				if err := client.Breaker("shop").Do(ctx, func(context.Context) error { return nil }); err != nil && !errors.Is(err, outrigger.ErrClosed) {
					t.Error(err)
				}
				var refused *outrigger.NotAcquiredError
				if _, err := client.Pool("orders").Acquire(ctx); err != nil && !errors.Is(err, outrigger.ErrClosed) && !errors.As(err, &refused) {
					t.Error(err)
				}
			}()
		}
		if _, err := client.Limiter().Allow(ctx, outrigger.Attributes{"user": "1"}); err != nil {
			t.Error(err)
		}
		if err := errors.Join(client.Close(), client.Close()); err != nil {
			t.Error(err)
		}
		running.Wait()
	}
	sidecartest.Until(t, "all goroutines have ended", func() bool { return runtime.NumGoroutine() <= before })
}

func TestWhatIsNotUTF8IsAMistakeOfItsCallersAlone(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target)
	bad := "\xff"
	cache := outrigger.NewCache[string](client, "profiles")
	for name, call := range map[string]func() error{
		"attribute": func() error {
			_, err := client.Limiter().Allow(ctx, outrigger.Attributes{"user": bad})
			return err
		},
		"limit": func() error {
			_, err := client.Limiter().Allow(ctx, nil, outrigger.OnlyLimit(bad))
			return err
		},
		"refund": func() error { return client.Limiter().Refund(ctx, outrigger.Attributes{bad: ""}) },
		"key":    func() error { _, err := cache.Get(ctx, bad); return err },
		"tag":    func() error { _, err := cache.Set(ctx, "a", "b", outrigger.Tags(bad)); return err },
		"glob":   func() error { _, err := cache.Invalidate(ctx, outrigger.Invalidation{Glob: bad}); return err },
		"method": func() error { _, err := client.Breaker("shop").Acquire(ctx, outrigger.Method(bad)); return err },
		"session key": func() error {
			_, err := client.Pool("orders").Acquire(ctx, outrigger.SessionKey(bad))
			return err
		},
	} {
		var mistake *outrigger.Error
		if err := call(); !errors.As(err, &mistake) || mistake.Code.String() != "InvalidArgument" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if decision, err := client.Limiter().Allow(ctx, outrigger.Attributes{"user": "1"}); err != nil || decision.Source != outrigger.Sidecar {
		t.Errorf("%+v %v", decision, err)
	}
}

func TestTheCallersOwnEndCounts(t *testing.T) {
	own := sidecartest.Start(t, config)
	client := clienttest.Connect(t, own.Target) // whose own deadline is far
	if _, err := client.Limiter().Allow(ctx, outrigger.Attributes{"user": "1"}); err != nil {
		t.Fatal(err)
	}
	own.Stop()
	defer own.Continue()
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	decision, err := client.Limiter().Allow(short, outrigger.Attributes{"user": "1"})
	if err != nil || decision.Source != outrigger.Fallback || !decision.Allowed {
		t.Errorf("%+v %v", decision, err)
	}
	var refused *outrigger.NotAcquiredError
	if _, err := client.Pool("orders").Acquire(short); !errors.As(err, &refused) || refused.Source != outrigger.Fallback {
		t.Error(err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	done := make(chan error)
	go func() {
		_, err := client.Limiter().Allow(cancelled, outrigger.Attributes{"user": "1"})
		done <- err
	}()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAWaitEndsInTimeForTheCallersDeadline(t *testing.T) {
	client := clienttest.Connect(t, sidecartest.Start(t, config).Target)
	for range 2 {
		if _, err := client.Pool("orders").Acquire(ctx); err != nil {
			t.Fatal(err)
		}
	}
	short, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var refused *outrigger.NotAcquiredError
	if _, err := client.Pool("orders").Acquire(short); !errors.As(err, &refused) ||
		refused.Source != outrigger.Sidecar || refused.Reason != outrigger.Timeout {
		t.Errorf("the sidecar gave up before its caller, and says why: %v", err)
	}
}

func TestAttributesMayBeChangedAfterTheCall(t *testing.T) {
	own := sidecartest.Start(t, config)
	client, err := outrigger.Connect(outrigger.WithTarget(own.Target), outrigger.WithTimeout(time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	attributes := outrigger.Attributes{}
	for i := range 2000 { // many of them give up while they are being sent
		attributes["user"] = strings.Repeat("x", i%100)
		if _, err := client.Limiter().Allow(ctx, attributes); err != nil {
			t.Fatal(err)
		}
	}
}
