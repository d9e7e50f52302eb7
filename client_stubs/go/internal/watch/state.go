package watch

import (
	"sync/atomic"
	"time"

	breakerv1 "github.com/outrigger/outrigger/client_stubs/go/breaker/v1"
	"github.com/outrigger/outrigger/client_stubs/go/internal/clock"
)

// State is what the sidecar told of a breaker, or of one of its methods. Never
// changed.
type State struct {
	State      breakerv1.State
	Generation uint64
	// The share of calls that may pass.
	AdmitRatio float64
	// Why calls are denied, while some are.
	Reason  breakerv1.Reason
	Message string
	// Until when this may be gone by.
	ValidUntil clock.Instant
	// When it may be worth asking again; 0: not told.
	RetryAt clock.Instant
}

func stateOf(told *breakerv1.WatchResponse, now clock.Instant) *State {
	state := &State{
		State:      told.GetState(),
		Generation: told.GetGeneration(),
		AdmitRatio: told.GetAdmitRatio(),
		Reason:     told.GetReason(),
		Message:    told.GetMessage(),
		ValidUntil: now.Add(told.GetValidFor().AsDuration()),
	}
	if retry := told.GetRetryAfter().AsDuration(); retry > 0 {
		state.RetryAt = now.Add(retry)
	}
	return state
}

// RetryAfter is what is left of the time that was told.
func (s *State) RetryAfter(now clock.Instant) time.Duration {
	if s.RetryAt == 0 {
		return 0
	}
	return max(s.RetryAt.Sub(now), 0)
}

// Told is all that was told of one breaker. Thread-safe; reading takes no lock.
type Told struct {
	whole   atomic.Pointer[State]
	methods atomic.Pointer[map[string]*State] // replaced, never changed
	learned learned
}

// Find gives the state that decides for the method: its own; or the breaker's if
// the method is empty or was learned to have the breaker's generation. Nil: none
// does.
func (t *Told) Find(method string) *State {
	whole := t.whole.Load()
	if method == "" {
		return whole
	}
	if methods := t.methods.Load(); methods != nil {
		if own := (*methods)[method]; own != nil {
			return own
		}
	}
	generation, found := t.learned.find(method)
	if !found || whole == nil || generation != whole.Generation {
		return nil
	}
	return whole
}

// Learn remembers the generation that Acquire answered for the method: only with
// the breaker's own does the breaker not tell methods apart.
func (t *Told) Learn(method string, generation uint64) {
	if method != "" {
		t.learned.set(method, generation)
	}
}

// set is called by the watch's goroutine alone.
func (t *Told) set(method string, state *State) {
	if method == "" {
		t.whole.Store(state)
		return
	}
	replaced := map[string]*State{method: state}
	if methods := t.methods.Load(); methods != nil {
		for name, kept := range *methods {
			if name != method {
				replaced[name] = kept
			}
		}
	}
	t.methods.Store(&replaced)
}

func (t *Told) clear() {
	t.whole.Store(nil)
	t.methods.Store(nil)
	t.learned.clear()
}
