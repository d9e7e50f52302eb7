package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
)

// errLoader is wrapped by what a loader of the suite fails with.
var errLoader = errors.New("the loader failed")

var codeNames = map[codes.Code]string{
	codes.InvalidArgument:    "INVALID_ARGUMENT",
	codes.NotFound:           "NOT_FOUND",
	codes.FailedPrecondition: "FAILED_PRECONDITION",
	codes.PermissionDenied:   "PERMISSION_DENIED",
	codes.Unauthenticated:    "UNAUTHENTICATED",
	codes.OutOfRange:         "OUT_OF_RANGE",
}

// milliseconds are a duration in JSON.
type milliseconds float64

func (m milliseconds) duration() time.Duration {
	return time.Duration(float64(m) * float64(time.Millisecond))
}

// inMS is nil if there is none.
func inMS(d time.Duration) *float64 {
	if d == 0 {
		return nil
	}
	ms := float64(d) / float64(time.Millisecond)
	return &ms
}

// agent is what the requests are about. Thread-safe.
type agent struct {
	loaders *loaders

	mutex sync.Mutex
	// Protected by mutex.
	client *outrigger.Client
	leases map[string]*outrigger.Lease
}

func newAgent() (*agent, error) {
	client, err := outrigger.Connect()
	if err != nil {
		return nil, err
	}
	return &agent{loaders: newLoaders(), client: client, leases: map[string]*outrigger.Lease{}}, nil
}

func (a *agent) current() *outrigger.Client {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.client
}

type operation func(*agent, context.Context, json.RawMessage) (any, error)

// op makes an operation of a function of its arguments.
func op[Args any](do func(*agent, context.Context, Args) (any, error)) operation {
	return func(a *agent, ctx context.Context, raw json.RawMessage) (any, error) {
		var args Args
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &args); err != nil {
				return nil, err
			}
		}
		return do(a, ctx, args)
	}
}

var operations = map[string]operation{
	"configure":        op((*agent).configure),
	"close":            op((*agent).close),
	"stats":            op((*agent).stats),
	"allow":            op((*agent).allow),
	"allow_burst":      op((*agent).allowBurst),
	"wait_if_needed":   op((*agent).waitIfNeeded),
	"report_outcome":   op((*agent).reportOutcome),
	"refund":           op((*agent).refund),
	"headers":          op((*agent).headers),
	"get_or_load":      op((*agent).getOrLoad),
	"get_or_load_many": op((*agent).getOrLoadMany),
	"unhold":           op((*agent).unhold),
	"loads":            op((*agent).loads),
	"cache_get":        op((*agent).cacheGet),
	"cache_set":        op((*agent).cacheSet),
	"cache_delete":     op((*agent).cacheDelete),
	"cache_invalidate": op((*agent).cacheInvalidate),
	"breaker_call":     op((*agent).breakerCall),
	"breaker_state":    op((*agent).breakerState),
	"breaker_flush":    op((*agent).breakerFlush),
	"acquire":          op((*agent).acquire),
	"release":          op((*agent).release),
	"lease":            op((*agent).lease),
	"with_lease":       op((*agent).withLease),
	"cycle_leases":     op((*agent).cycleLeases),
	"cycle_clients":    op((*agent).cycleClients),
}

func (a *agent) do(ctx context.Context, asked request) (any, error) {
	run, ok := operations[asked.Op]
	if !ok {
		return nil, fmt.Errorf("%q: no such operation", asked.Op)
	}
	return run(a, ctx, asked.Args)
}

// object is an answer.
type object map[string]any

type none struct{}

type configuration struct {
	TimeoutMS milliseconds `json:"timeout_ms"`
	Limits    struct {
		OnUnavailable string  `json:"on_unavailable"`
		RatePerS      float64 `json:"rate_per_s"`
		Burst         uint64  `json:"burst"`
	} `json:"limits"`
	Breaker struct {
		OnUnavailable string       `json:"on_unavailable"`
		Failures      int          `json:"failures"`
		OpenForMS     milliseconds `json:"open_for_ms"`
	} `json:"breaker"`
	Pool struct {
		OnUnavailable string `json:"on_unavailable"`
		Share         int    `json:"share"`
		Endpoint      string `json:"endpoint"`
	} `json:"pool"`
}

func (c configuration) options() []outrigger.Option {
	var options []outrigger.Option
	if c.TimeoutMS > 0 {
		options = append(options, outrigger.WithTimeout(c.TimeoutMS.duration()))
	}
	switch c.Limits.OnUnavailable {
	case "allow":
		options = append(options, outrigger.WithLimitsFallback(outrigger.LimitsAllow()))
	case "deny":
		options = append(options, outrigger.WithLimitsFallback(outrigger.LimitsDeny()))
	case "local":
		options = append(options, outrigger.WithLimitsFallback(outrigger.LimitsLocal(c.Limits.RatePerS, c.Limits.Burst)))
	}
	switch c.Breaker.OnUnavailable {
	case "allow":
		options = append(options, outrigger.WithBreakerFallback(outrigger.BreakerAllow()))
	case "deny":
		options = append(options, outrigger.WithBreakerFallback(outrigger.BreakerDeny()))
	case "local":
		failures, openFor := 5, 10*time.Second
		if c.Breaker.Failures > 0 {
			failures = c.Breaker.Failures
		}
		if c.Breaker.OpenForMS > 0 {
			openFor = c.Breaker.OpenForMS.duration()
		}
		options = append(options, outrigger.WithBreakerFallback(outrigger.BreakerLocal(failures, openFor)))
	}
	switch c.Pool.OnUnavailable {
	case "refuse":
		options = append(options, outrigger.WithPoolFallback(outrigger.PoolRefuse()))
	case "share":
		options = append(options, outrigger.WithPoolFallback(outrigger.PoolShare(c.Pool.Share, c.Pool.Endpoint)))
	}
	return options
}

func (a *agent) configure(_ context.Context, args configuration) (any, error) {
	client, err := outrigger.Connect(args.options()...)
	if err != nil {
		return nil, err
	}
	a.mutex.Lock()
	former := a.client
	a.client, a.leases = client, map[string]*outrigger.Lease{}
	a.mutex.Unlock()
	return object{}, former.Close()
}

func (a *agent) close(context.Context, none) (any, error) {
	return object{}, a.current().Close()
}

func (a *agent) stats(context.Context, none) (any, error) {
	part := func(p outrigger.PartStats) object { return object{"calls": p.Calls, "fallbacks": p.Fallbacks} }
	s := a.current().Stats()
	return object{
		"limits": part(s.Limits), "cache": part(s.Cache), "breaker": part(s.Breaker), "pool": part(s.Pool),
	}, nil
}
