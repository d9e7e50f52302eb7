package outrigger

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// DefaultTimeout is each call's deadline unless WithTimeout says otherwise.
const DefaultTimeout = 50 * time.Millisecond

// Option is one of Connect's: WithTarget, WithTimeout, WithLimitsFallback, ….
type Option func(*settings)

type settings struct {
	target     string
	timeout    time.Duration
	propagator Propagator
	logger     *slog.Logger
	limits     LimitsFallback
	breaker    BreakerFallback
	pool       PoolFallback
}

// WithTarget says where the sidecar is: unix:///path, unix:path, a path alone, or
// host:port. Else the environment's OUTRIGGER_TARGET says so; else it is the
// first that exists of outrigger/outrigger.sock in /run, $XDG_RUNTIME_DIR and
// /tmp; else that in /run if its folder exists; else 127.0.0.1:7420.
func WithTarget(target string) Option { return func(s *settings) { s.target = target } }

// WithTimeout sets each call's deadline; one that may wait has that time besides.
// Above 0; unset: DefaultTimeout. The caller's context counts if it ends sooner.
func WithTimeout(timeout time.Duration) Option { return func(s *settings) { s.timeout = timeout } }

// WithPropagator has each call carry the caller's trace. Unset: none is passed on.
func WithPropagator(propagator Propagator) Option {
	return func(s *settings) { s.propagator = propagator }
}

// WithLogger is told of loads in the background that fail. Unset: slog.Default().
func WithLogger(logger *slog.Logger) Option { return func(s *settings) { s.logger = logger } }

// WithLimitsFallback says how limits decide without the sidecar. Unset:
// LimitsAllow().
func WithLimitsFallback(fallback LimitsFallback) Option {
	return func(s *settings) { s.limits = fallback }
}

// WithBreakerFallback says how breakers decide without the sidecar. Unset:
// BreakerLocal(5, 10*time.Second).
func WithBreakerFallback(fallback BreakerFallback) Option {
	return func(s *settings) { s.breaker = fallback }
}

// WithPoolFallback says how pools answer without the sidecar. Unset: PoolRefuse().
func WithPoolFallback(fallback PoolFallback) Option { return func(s *settings) { s.pool = fallback } }

func (s *settings) check() error {
	if s.timeout <= 0 {
		return fmt.Errorf("outrigger: WithTimeout(%v): it must be above 0", s.timeout)
	}
	return errors.Join(s.limits.err, s.breaker.err, s.pool.err)
}

// LimitsFallback is how limits decide without the sidecar.
type LimitsFallback struct {
	err    error
	policy policy
	rate   float64
	burst  uint64
}

// BreakerFallback is how breakers decide without the sidecar.
type BreakerFallback struct {
	err      error
	policy   policy
	failures uint32
	openFor  time.Duration
}

// PoolFallback is how pools answer without the sidecar.
type PoolFallback struct {
	err      error
	policy   policy
	share    int
	endpoint string
}

type policy uint8

const (
	policyDefault policy = iota
	policyAllow
	policyDeny
	policyLocal
)

// LimitsAllow admits all.
func LimitsAllow() LimitsFallback { return LimitsFallback{policy: policyAllow} }

// LimitsDeny denies all, with a RetryAfter of one second.
func LimitsDeny() LimitsFallback { return LimitsFallback{policy: policyDeny} }

// LimitsLocal decides by a token bucket of this process for each set of
// attributes: burst tokens, at least 1, refilled at `rate` a second, above 0. At most 10,000
// buckets are kept.
func LimitsLocal(rate float64, burst uint64) LimitsFallback {
	fallback := LimitsFallback{policy: policyLocal, rate: rate, burst: burst}
	if !(rate > 0) || burst < 1 {
		fallback.err = fmt.Errorf("outrigger: LimitsLocal(%v, %v): both must be above 0", rate, burst)
	}
	return fallback
}

// BreakerLocal decides by this process' own calls: open after so many failures in
// a row (at least 1), for so long (above 0); then one probe at a time.
func BreakerLocal(failures int, openFor time.Duration) BreakerFallback {
	fallback := BreakerFallback{policy: policyLocal, failures: uint32(failures), openFor: openFor}
	if failures < 1 || openFor <= 0 {
		fallback.err = fmt.Errorf("outrigger: BreakerLocal(%v, %v): both must be above 0", failures, openFor)
	}
	return fallback
}

// BreakerAllow lets all calls pass.
func BreakerAllow() BreakerFallback { return BreakerFallback{policy: policyAllow} }

// BreakerDeny lets none pass, with a RetryAfter of one second.
func BreakerDeny() BreakerFallback { return BreakerFallback{policy: policyDeny} }

// PoolRefuse gives no slot: StoreUnavailable, with a RetryAfter of one second.
func PoolRefuse() PoolFallback { return PoolFallback{policy: policyDeny} }

// PoolShare gives out at most so many leases of each pool in this process, with that
// endpoint's address (empty: none). At least 1.
func PoolShare(leases int, endpoint string) PoolFallback {
	fallback := PoolFallback{policy: policyLocal, share: leases, endpoint: endpoint}
	if leases < 1 {
		fallback.err = fmt.Errorf("outrigger: PoolShare(%v): it must be above 0", leases)
	}
	return fallback
}
