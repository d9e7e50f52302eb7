package outrigger

import (
	"context"
	"fmt"
	"strings"
	"time"

	breakerv1 "github.com/outrigger/outrigger/client_stubs/go/breaker/v1"
)

// State is a breaker's.
type State = breakerv1.State

// A breaker's states.
const (
	// Closed: calls pass; after recovery only a growing share of them.
	Closed = breakerv1.State_CLOSED
	// Open: none passes until RetryAfter.
	Open = breakerv1.State_OPEN
	// HalfOpen: a few probes of the whole fleet pass.
	HalfOpen = breakerv1.State_HALF_OPEN
	// ForcedOpen: by hand, none passes.
	ForcedOpen = breakerv1.State_FORCED_OPEN
	// ForcedClosed: by hand, all pass.
	ForcedClosed = breakerv1.State_FORCED_CLOSED
	// MetricsOnly: all pass, and what would have been denied is counted.
	MetricsOnly = breakerv1.State_METRICS_ONLY
)

// DenyReason says why a breaker denied a call.
type DenyReason = breakerv1.Reason

// Why a call was denied.
const (
	// ConsecutiveFailures: too many failures in a row.
	ConsecutiveFailures = breakerv1.Reason_CONSECUTIVE_FAILURES
	// FailureRate: too large a share of failures.
	FailureRate = breakerv1.Reason_FAILURE_RATE
	// SlowCallRate: too large a share of slow calls.
	SlowCallRate = breakerv1.Reason_SLOW_CALL_RATE
	// ProbesInUse: half open, and all probes are out.
	ProbesInUse = breakerv1.Reason_PROBES_IN_USE
	// Recovering: closed again, but not yet for all calls.
	Recovering = breakerv1.Reason_RECOVERING
	// Forced: ForcedOpen.
	Forced = breakerv1.Reason_FORCED
	// ProbeFailed: a probe did.
	ProbeFailed = breakerv1.Reason_PROBE_FAILED
)

// DeniedError is a breaker's denial: the call was not made.
type DeniedError struct {
	Breaker, Method string
	State           State
	Reason          DenyReason
	// Message is the reason for people.
	Message string
	// RetryAfter is when it may be worth asking again; 0: not known.
	RetryAfter time.Duration
	// Degraded is the sidecar's own word: the fleet's store is out of reach.
	Degraded bool
	// Source says whether the sidecar denied it.
	Source Source
}

func (e *DeniedError) Error() string {
	text := "outrigger: breaker " + e.Breaker
	if e.Method != "" {
		text += " (" + e.Method + ")"
	}
	if e.State != 0 {
		text += " is " + strings.ReplaceAll(strings.ToLower(e.State.String()), "_", " ")
	} else {
		text += " denies"
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.RetryAfter > 0 {
		text += fmt.Sprintf("; retry after %v", e.RetryAfter.Round(time.Millisecond))
	}
	return text
}

// CallOption is one of a breaker's call: Method, ClassifyBy.
type CallOption interface{ call(*calling) }

type calling struct {
	method   string
	classify func(error) Result
}

func callingOf(options []CallOption) calling {
	if len(options) == 0 {
		return calling{classify: Classify} // allocates nothing
	}
	c := calling{classify: Classify}
	for _, option := range options {
		option.call(&c)
	}
	return c
}

// MethodOption is Method's.
type MethodOption string

// Method names the service's method, for breakers with per_method; at most 256 bytes
// of UTF-8. It should be one of few: a route, not a path with numbers.
func Method(name string) MethodOption { return MethodOption(name) }

func (o MethodOption) call(c *calling) { c.method = string(o) }

// ClassifyOption is ClassifyBy's.
type ClassifyOption func(error) Result

// ClassifyBy says what an error means for the service, instead of Classify. It is
// not called without an error.
func ClassifyBy(classify func(error) Result) ClassifyOption { return classify }

func (o ClassifyOption) call(c *calling)       { c.classify = o }
func (o ClassifyOption) acquire(a *slotWanted) { a.classify = o }

// Do makes the call if the breaker allows it, and tells how it ended, a panic
// included (Failure). If it does not, the error is a *DeniedError.
func (b *Breaker) Do(ctx context.Context, call func(context.Context) error, options ...CallOption) error {
	set := callingOf(options)
	permit, err := b.acquire(ctx, set.method)
	if err != nil {
		return err
	}
	result := Failure // unless the call returns
	defer func() { permit.Done(result) }()
	err = call(ctx)
	result = resultOf(err, set.classify)
	return err
}

// Call is Do for a call with a value.
func Call[T any](ctx context.Context, breaker *Breaker, call func(context.Context) (T, error), options ...CallOption) (T, error) {
	var value T
	err := breaker.Do(ctx, func(ctx context.Context) (err error) {
		value, err = call(ctx)
		return err
	}, options...)
	return value, err
}

// CallOr is Call that answers a denial by what `instead` gives.
func CallOr[T any](ctx context.Context, breaker *Breaker, call func(context.Context) (T, error), instead func(context.Context, *DeniedError) (T, error), options ...CallOption) (T, error) {
	var value T
	called := false
	err := breaker.Do(ctx, func(ctx context.Context) (err error) {
		called = true
		value, err = call(ctx)
		return err
	}, options...)
	if denied, ok := err.(*DeniedError); ok && !called {
		return instead(ctx, denied)
	}
	return value, err
}

func resultOf(err error, classify func(error) Result) Result {
	if err == nil {
		return Success
	}
	return classify(err)
}
