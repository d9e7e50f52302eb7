package outrigger

import (
	"context"
	"fmt"
	"runtime/debug"
)

// maxRefreshes is how many loads of a client run in the background at a time.
const maxRefreshes = 64

// refreshes are a client's loads in the background. Thread-safe.
type refreshes struct {
	client *Client
	slots  chan struct{}   // holds one of each load
	life   context.Context // ends when the client begins to close
	end    context.CancelFunc
}

func newRefreshes(client *Client) *refreshes {
	life, end := context.WithCancel(context.Background())
	return &refreshes{client: client, slots: make(chan struct{}, maxRefreshes), life: life, end: end}
}

// run calls load in the background, with ctx's values. What it panics with is its
// own failure only, as its error is. False: so many run already, or the client is
// closed.
func (r *refreshes) run(ctx context.Context, name string, load func(context.Context) error) bool {
	select {
	case r.slots <- struct{}{}:
	default:
		return false
	}
	started := r.client.link.Go(func() {
		defer func() { <-r.slots }()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(r.life, cancel)()
		defer func() {
			if thrown := recover(); thrown != nil {
				r.failed(name, fmt.Errorf("it panicked: %v\n%s", thrown, debug.Stack()))
			}
		}()
		if err := load(ctx); err != nil {
			r.failed(name, err)
		}
	})
	if !started {
		<-r.slots
	}
	return started
}

func (r *refreshes) failed(name string, err error) {
	r.client.counters.refreshesFailed.Add(1)
	r.client.settings.logger.Warn("a load in the background failed", "load", name, "error", err)
}

// close ends the loads and waits for them, at most until ctx ends, so that they
// can give their tokens back.
func (r *refreshes) close(ctx context.Context) {
	r.end()
	for range maxRefreshes {
		select {
		case r.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
	}
}
