// Package report tells the sidecar how calls ended, in batches.
package report

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	breakerv1 "github.com/outrigger/outrigger/client_stubs/go/breaker/v1"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
)

const (
	maxOutcomes = 1000   // of a message; the sidecar's own bound
	maxWaiting  = 10_000 // beyond that the oldest are dropped
	// longestDelay is how long a success may wait.
	longestDelay = 100 * time.Millisecond
)

// Outcome is how one call ended.
type Outcome struct {
	Breaker, Method    string
	Permit, Generation uint64
	Result             breakerv1.Result
	Took               time.Duration
	// Urgent: a failure or a probe, which others should hear of soon.
	Urgent bool
}

// Reporter sends outcomes in the order of Record. Thread-safe.
type Reporter struct {
	link   *sidecar.Link
	client breakerv1.BreakerClient
	lost   *atomic.Uint64 // outcomes that no sidecar got

	mutex sync.Mutex
	// All below is protected by mutex.
	waiting   []Outcome
	recorded  uint64        // all that Record was called with
	settled   uint64        // of those, the ones that were answered or given up
	changed   chan struct{} // closed and replaced when `settled` or `reporting` changes
	reporting bool          // somebody sends
	due       bool          // the timer runs
}

// NewReporter counts in `lost` what it could not tell.
func NewReporter(link *sidecar.Link, client breakerv1.BreakerClient, lost *atomic.Uint64) *Reporter {
	return &Reporter{link: link, client: client, lost: lost, changed: make(chan struct{})}
}

// Record never waits.
func (r *Reporter) Record(outcome Outcome) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.link.Closed() { // else the last Flush, which takes the mutex, finds it
		r.lost.Add(1)
		return
	}
	if len(r.waiting) >= maxWaiting {
		r.waiting = r.waiting[1:]
		r.lost.Add(1)
		r.settle(1)
	}
	r.waiting = append(r.waiting, outcome)
	r.recorded++
	switch {
	case r.reporting:
	case outcome.Urgent || len(r.waiting) >= maxOutcomes:
		r.begin()
	case !r.due:
		r.due = true
		time.AfterFunc(longestDelay, r.ring)
	}
}

// Flush returns when all outcomes so far have been answered or given up, or with
// ctx's error.
func (r *Reporter) Flush(ctx context.Context) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	wanted := r.recorded
	for r.settled < wanted {
		if !r.reporting && !r.begin() {
			r.reporting = true // the client closes: nobody else does it
			r.mutex.Unlock()
			r.run(ctx)
			r.mutex.Lock()
			continue
		}
		changed := r.changed
		r.mutex.Unlock()
		select {
		case <-changed:
			r.mutex.Lock()
		case <-ctx.Done():
			r.mutex.Lock()
			return ctx.Err()
		}
	}
	return nil
}

// ring is called when a success has waited long enough.
func (r *Reporter) ring() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.due = false
	if !r.reporting && len(r.waiting) > 0 {
		r.begin()
	}
}

// begin is called with the mutex held. False: the client is closed.
func (r *Reporter) begin() bool {
	r.reporting = r.link.Go(func() { r.run(r.link.Life()) })
	return r.reporting
}

// run sends until nothing waits any more.
func (r *Reporter) run(ctx context.Context) {
	for {
		batch := r.take()
		if batch == nil {
			return
		}
		r.send(ctx, batch)
		r.mutex.Lock()
		r.settle(uint64(len(batch)))
		r.mutex.Unlock()
	}
}

func (r *Reporter) take() []Outcome {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.waiting) == 0 {
		r.waiting = nil
		r.reporting = false
		return nil
	}
	count := min(len(r.waiting), maxOutcomes)
	batch := r.waiting[:count:count]
	r.waiting = r.waiting[count:]
	return batch
}

// settle is called with the mutex held.
func (r *Reporter) settle(count uint64) {
	r.settled += count
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *Reporter) send(ctx context.Context, batch []Outcome) {
	request := &breakerv1.ReportRequest{Outcomes: make([]*breakerv1.Outcome, 0, len(batch))}
	for _, outcome := range batch {
		request.Outcomes = append(request.Outcomes, protoOf(outcome))
	}
	_, err := sidecar.Unary(ctx, r.link, 0, r.client.Report, request)
	if err == nil {
		return
	}
	first, others := splitByBreaker(batch)
	if sidecar.IsNoAnswer(err) || ctx.Err() != nil || len(others) == 0 {
		r.lost.Add(uint64(len(batch)))
		return
	}
	// A breaker that is not configured any more: then none of them was counted.
	r.send(ctx, first)
	r.send(ctx, others)
}

// splitByBreaker keeps the order of each breaker's.
func splitByBreaker(batch []Outcome) (first, others []Outcome) {
	for _, outcome := range batch {
		if outcome.Breaker == batch[0].Breaker {
			first = append(first, outcome)
		} else {
			others = append(others, outcome)
		}
	}
	return first, others
}

func protoOf(outcome Outcome) *breakerv1.Outcome {
	return &breakerv1.Outcome{
		Breaker:    outcome.Breaker,
		Method:     outcome.Method,
		Permit:     outcome.Permit,
		Generation: outcome.Generation,
		Result:     outcome.Result,
		Duration:   durationpb.New(outcome.Took),
	}
}
