// Package hold has an application's leases of connection slots, on one stream:
// what that holds is free as soon as it breaks.
package hold

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/outrigger/outrigger/client_stubs/go/internal/clock"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
	poolv1 "github.com/outrigger/outrigger/client_stubs/go/pool/v1"
)

var (
	errDeadline = errors.New("the deadline has passed")
	errClosing  = errors.New("the client was closed")
)

// Holder opens the stream when it is needed. Thread-safe.
type Holder struct {
	link   *sidecar.Link
	client poolv1.PoolClient

	mutex sync.Mutex
	// Protected by mutex.
	current *stream // nil: the next acquire opens one
	lastID  uint64
}

// NewHolder opens nothing yet.
func NewHolder(link *sidecar.Link) *Holder {
	return &Holder{link: link, client: poolv1.NewPoolClient(link.Channel)}
}

// acquire is one caller's, from its asking to its answer. Protected by the
// holder's mutex, but for `answered`.
type acquire struct {
	id     uint64
	unsent *outgoing // nil: it was sent
	began  clock.Instant

	// The answer; written before `answered` is closed.
	lease    *Lease
	response *poolv1.AcquireResponse
	err      error
	answered chan struct{}
}

// Acquire waits at most the link's timeout and `wait`, or until ctx ends. The
// lease is nil if there is no slot; the response says why. Its error is one of
// sidecar.Failure's. A slot that is granted too late is released at once.
func (h *Holder) Acquire(ctx context.Context, request *poolv1.AcquireRequest, wait time.Duration) (*Lease, *poolv1.AcquireResponse, error) {
	a := &acquire{began: clock.Now(), answered: make(chan struct{})}
	s, err := h.send(a, request)
	if err != nil {
		return nil, nil, err
	}
	timer := time.NewTimer(h.link.Within(wait))
	defer timer.Stop()
	var late error
	select {
	case <-a.answered:
	case <-timer.C:
		late = &sidecar.NoAnswer{Cause: errDeadline}
	case <-ctx.Done():
		late = sidecar.Failure(ctx, ctx.Err())
	}
	if late != nil && s.giveUp(a) {
		return nil, nil, late
	}
	<-a.answered // if late it is being handed over right now
	return a.lease, a.response, a.err
}

func (h *Holder) send(a *acquire, request *poolv1.AcquireRequest) (*stream, error) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.current == nil {
		opened := newStream(h)
		if !h.link.Go(opened.run) {
			return nil, &sidecar.NoAnswer{Cause: errClosing}
		}
		h.current = opened
	}
	h.lastID++
	a.id = h.lastID
	h.current.waiting[a.id] = a
	a.unsent = h.current.push(&poolv1.HoldRequest{Id: a.id, Request: &poolv1.HoldRequest_Acquire{Acquire: request}})
	a.unsent.acquire = a
	return h.current, nil
}

// Pending is how many leases are held and how many acquires wait.
func (h *Holder) Pending() int {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.current == nil {
		return 0
	}
	return len(h.current.waiting) + len(h.current.leases)
}
