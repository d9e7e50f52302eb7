// Package sidecar is a client's way to its sidecar: where it is, the connection,
// deadlines, and what an error means.
package sidecar

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// longestClosing is how long Close waits for what it cannot end by itself.
const longestClosing = 250 * time.Millisecond

// Propagator passes a caller's trace on with a call.
type Propagator interface {
	// Inject calls set with each header that carries ctx's trace, its name in
	// lower case: traceparent, tracestate, baggage.
	Inject(ctx context.Context, set func(name, value string))
	// Sampled says whether ctx's trace is recorded.
	Sampled(ctx context.Context) bool
}

// Link is what all parts of one client share. Thread-safe.
type Link struct {
	// Constant after NewLink.
	Channel    *Channel
	Timeout    time.Duration // for each call, beside what it may wait
	propagator Propagator    // nil: none

	life   context.Context // ends with Close
	end    context.CancelFunc
	closed atomic.Bool

	mutex sync.Mutex
	// The client's own goroutines. Added to under the mutex, and not once closed.
	running sync.WaitGroup
}

// NewLink opens the target's channel.
func NewLink(target string, timeout time.Duration, propagator Propagator) (*Link, error) {
	channel, err := Open(target)
	if err != nil {
		return nil, err
	}
	life, end := context.WithCancel(context.Background())
	return &Link{Channel: channel, Timeout: timeout, propagator: propagator, life: life, end: end}, nil
}

// Closed says whether Close was called.
func (l *Link) Closed() bool { return l.closed.Load() }

// Life ends when the client is closed.
func (l *Link) Life() context.Context { return l.life }

// Go runs f in a goroutine of the client's, which Close waits for. False: the
// client is closed, and f does not run.
func (l *Link) Go(f func()) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.closed.Load() {
		return false
	}
	l.running.Add(1)
	go func() {
		defer l.running.Done()
		f()
	}()
	return true
}

// Close ends all that is under way: `last` has a moment to say what must still
// be said, streams end, and goroutines that do not end at once (a loader that
// does not look at its context) are left to themselves.
func (l *Link) Close(last func(context.Context)) error {
	l.mutex.Lock()
	first := l.closed.CompareAndSwap(false, true)
	l.mutex.Unlock()
	if !first {
		return nil
	}
	grace, cancel := context.WithTimeout(l.life, min(l.Timeout, longestClosing))
	last(grace)
	cancel()
	l.end()
	l.awaitRunning()
	return l.Channel.Release()
}

func (l *Link) awaitRunning() {
	ended := make(chan struct{})
	go func() {
		l.running.Wait()
		close(ended)
	}()
	timer := time.NewTimer(longestClosing)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
	}
}

// Sampled says whether ctx's trace is recorded.
func (l *Link) Sampled(ctx context.Context) bool {
	return l.propagator != nil && l.propagator.Sampled(ctx)
}

// traced gives ctx the headers of its own trace.
func (l *Link) traced(ctx context.Context) context.Context {
	if l.propagator == nil {
		return ctx
	}
	var pairs []string
	l.propagator.Inject(ctx, func(name, value string) { pairs = append(pairs, name, value) })
	if len(pairs) == 0 {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, pairs...)
}

// Within is how long a call may take that may wait so long, be it for ever.
func (l *Link) Within(wait time.Duration) time.Duration {
	return l.Timeout + min(wait, math.MaxInt64-l.Timeout)
}

// Unary makes one call, which may take the link's timeout and `wait` besides
// (below 0: so much less).
// Its error is one of Failure's.
func Unary[Request, Response any](
	ctx context.Context, l *Link, wait time.Duration,
	call func(context.Context, *Request, ...grpc.CallOption) (*Response, error), request *Request,
) (*Response, error) {
	bounded, cancel := context.WithTimeout(ctx, l.Within(wait))
	defer cancel()
	defer context.AfterFunc(l.life, cancel)()
	response, err := call(l.traced(bounded), request)
	if err != nil {
		return nil, Failure(ctx, err)
	}
	return response, nil
}
