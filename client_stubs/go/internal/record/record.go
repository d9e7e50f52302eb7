// Package record is a circuit breaker of this process alone, for when the sidecar
// does not answer.
package record

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/outrigger/outrigger/client_stubs/go/internal/clock"
)

// Rules say when it opens.
type Rules struct {
	Failures uint32        // in a row; at least 1
	OpenFor  time.Duration // above 0
}

// Answer is a decision.
type Answer struct {
	Allowed bool
	// Probe: its end decides whether the breaker closes.
	Probe bool
	// Denied: other than OPEN it is HALF_OPEN, with its probe out.
	Open       bool
	RetryAfter time.Duration
}

// Record is that of one breaker, or of one of its methods. Thread-safe.
type Record struct {
	rules Rules
	// In a row. Written under the mutex.
	failures atomic.Uint32

	mutex sync.Mutex
	// Protected by mutex.
	openUntil  clock.Instant
	probeUntil clock.Instant // a probe is out, and not yet given up
}

// New is closed.
func New(rules Rules) *Record { return &Record{rules: rules} }

// Decide opens for a probe when the time is over; a probe that is never heard of
// again is given up after as long.
func (r *Record) Decide(now clock.Instant) Answer {
	if r.failures.Load() < r.rules.Failures {
		return Answer{Allowed: true}
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	switch {
	case r.failures.Load() < r.rules.Failures:
		return Answer{Allowed: true}
	case now < r.openUntil:
		return Answer{Open: true, RetryAfter: r.openUntil.Sub(now)}
	case now < r.probeUntil:
		return Answer{RetryAfter: r.probeUntil.Sub(now)}
	default:
		r.probeUntil = now.Add(r.rules.OpenFor)
		return Answer{Allowed: true, Probe: true}
	}
}

// Success closes it.
func (r *Record) Success() {
	if r.failures.Load() == 0 {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.failures.Store(0)
	r.openUntil, r.probeUntil = 0, 0
}

// Failure opens it, if it is one too many, or a probe's.
func (r *Record) Failure(now clock.Instant, probe bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if probe {
		r.probeUntil = 0
	}
	failures := r.failures.Load() + 1
	if failures == 0 { // that many
		return
	}
	r.failures.Store(failures)
	if failures == r.rules.Failures || (probe && failures > r.rules.Failures) {
		r.openUntil = now.Add(r.rules.OpenFor)
	}
}

// Ignored lets another probe.
func (r *Record) Ignored(probe bool) {
	if !probe {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.probeUntil = 0
}
