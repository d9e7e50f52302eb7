package hold

import (
	"context"
	"time"

	"github.com/outrigger/outrigger/client_stubs/go/internal/clock"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
	poolv1 "github.com/outrigger/outrigger/client_stubs/go/pool/v1"
)

// shortestPause is between two tries to renew.
const shortestPause = 20 * time.Millisecond

// Lease is a slot that is held. It renews itself. Thread-safe.
type Lease struct {
	stream *stream
	id     uint64
	lost   chan struct{} // closed when it is

	// All below is protected by the holder's mutex.
	expires  clock.Instant
	timer    *time.Timer // nil: it does not expire
	isLost   bool
	released bool
}

// newLease is called with the holder's mutex held.
func newLease(s *stream, began clock.Instant, response *poolv1.AcquireResponse) *Lease {
	lease := &Lease{stream: s, id: response.GetLeaseId(), lost: make(chan struct{})}
	if length := response.GetExpiresAfter().AsDuration(); length > 0 {
		lease.expires = began.Add(response.GetWaited().AsDuration()).Add(length)
		lease.timer = time.AfterFunc(lease.expires.Sub(clock.Now())/2, lease.renew)
	}
	return lease
}

// Lost is closed when the lease is lost: the sidecar said so, the stream broke, or
// it could not be renewed in time.
func (l *Lease) Lost() <-chan struct{} { return l.lost }

// Release gives the slot back; once, what comes after does nothing. It does not
// wait.
func (l *Lease) Release(result poolv1.Result) {
	l.stream.holder.mutex.Lock()
	defer l.stream.holder.mutex.Unlock()
	if l.released {
		return
	}
	l.released = true
	l.stopTimer()
	// One that was lost because its time was over may be the stream's still.
	delete(l.stream.leases, l.id)
	l.stream.release(l.id, result)
}

// lose is called with the holder's mutex held.
func (l *Lease) lose() {
	if l.isLost || l.released {
		return
	}
	l.isLost = true
	l.stopTimer()
	close(l.lost)
}

func (l *Lease) stopTimer() {
	if l.timer != nil {
		l.timer.Stop()
	}
}

// renew is called by the timer: when half of the time has passed, and again until
// it succeeds, or all has.
func (l *Lease) renew() {
	left, held := l.left()
	if !held {
		return
	}
	link := l.stream.holder.link
	sent := clock.Now()
	response, err := sidecar.Unary(context.Background(), link, min(left-link.Timeout, 0),
		l.stream.holder.client.Renew, &poolv1.RenewRequest{LeaseId: l.id})

	l.stream.holder.mutex.Lock()
	defer l.stream.holder.mutex.Unlock()
	if l.isLost || l.released {
		return
	}
	now := clock.Now()
	pause := max(l.expires.Sub(now)/4, shortestPause)
	switch {
	case err == nil:
		l.expires = sent.Add(response.GetExpiresAfter().AsDuration())
		pause = l.expires.Sub(now) / 2
	case !sidecar.IsNoAnswer(err), now >= l.expires:
		l.lose()
		return
	}
	l.timer.Reset(max(min(pause, l.expires.Sub(now)), 0))
}

// left is how much of the lease's time is; it is lost if that is none.
func (l *Lease) left() (left time.Duration, held bool) {
	l.stream.holder.mutex.Lock()
	defer l.stream.holder.mutex.Unlock()
	if l.isLost || l.released {
		return 0, false
	}
	left = l.expires.Sub(clock.Now())
	if left <= 0 {
		l.lose()
	}
	return left, left > 0
}
