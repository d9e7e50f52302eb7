package outrigger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/outrigger/outrigger/client_stubs/go/internal/hold"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
	poolv1 "github.com/outrigger/outrigger/client_stubs/go/pool/v1"
)

// DefaultAcquireWait is how long Acquire waits for a slot unless MaxWait says
// otherwise.
const DefaultAcquireWait = 5 * time.Second

// Role is that of an endpoint.
type Role = poolv1.Role

// Roles of endpoints.
const (
	// Primary takes writes.
	Primary = poolv1.Role_PRIMARY
	// Replica is for reading.
	Replica = poolv1.Role_REPLICA
	// Shard is the SessionKey's, by consistent hash.
	Shard = poolv1.Role_SHARD
)

// NoSlotReason says why there is no slot.
type NoSlotReason = poolv1.Reason

// Why there is no slot.
const (
	// Timeout: none was free within MaxWait.
	Timeout = poolv1.Reason_TIMEOUT
	// NoEndpoint: no endpoint of that role can be used now.
	NoEndpoint = poolv1.Reason_NO_ENDPOINT
	// StoreUnavailable: the fleet's store, or the sidecar itself, is out of reach.
	StoreUnavailable = poolv1.Reason_STORE_UNAVAILABLE
	// Learning: the fleet's store lost its memory, and leases from before must lapse.
	Learning = poolv1.Reason_LEARNING
	// QueueFull: so many callers wait in this pod already.
	QueueFull = poolv1.Reason_QUEUE_FULL
)

// Advice says what to do without a slot.
type Advice = poolv1.Advice

// What to do without a slot.
const (
	// Retry after RetryAfter.
	Retry = poolv1.Advice_RETRY
	// FallBack to an older answer, a default, or an error: quicker than trying again.
	FallBack = poolv1.Advice_FALL_BACK
)

// NotAcquiredError says that there is no slot.
type NotAcquiredError struct {
	Pool   string
	Reason NoSlotReason
	Advice Advice
	// RetryAfter is when it may be worth asking again; 0: not known.
	RetryAfter time.Duration
	// Degraded is the sidecar's own word: the fleet's store is out of reach.
	Degraded bool
	// Source says whether the sidecar refused.
	Source Source
}

func (e *NotAcquiredError) Error() string {
	text := fmt.Sprintf("outrigger: no slot of pool %s: %s", e.Pool, e.Reason)
	if e.RetryAfter > 0 {
		text += fmt.Sprintf("; retry after %v", e.RetryAfter)
	}
	return text
}

// AcquireOption is one of Acquire's: MaxWait, InRole, SessionKey; of With also
// ClassifyBy.
type AcquireOption interface{ acquire(*slotWanted) }

type slotWanted struct {
	request  *poolv1.AcquireRequest
	wait     time.Duration
	classify func(error) Result
}

func (m MaxWaitOption) acquire(a *slotWanted) { a.wait = time.Duration(m) }

// RoleOption is InRole's.
type RoleOption Role

// InRole asks for an endpoint of that role. Unset: any.
func InRole(role Role) RoleOption { return RoleOption(role) }

func (o RoleOption) acquire(a *slotWanted) { a.request.Role = Role(o) }

// SessionKeyOption is SessionKey's.
type SessionKeyOption string

// SessionKey has the same key get the same endpoint, of pools that are balanced
// `sticky`, and with Shard; at most 1,024 bytes of UTF-8.
func SessionKey(key string) SessionKeyOption { return SessionKeyOption(key) }

func (o SessionKeyOption) acquire(a *slotWanted) { a.request.SessionKey = string(o) }

// Pool has slots for connections, with one cap for the whole fleet.
type Pool struct {
	client *Client
	holder *hold.Holder
	name   string
	share  *share // of leases without a sidecar
}

// share is how many leases a process gives out by itself. Thread-safe.
type share struct {
	most  int
	mutex sync.Mutex
	used  int // protected by mutex
}

func (s *share) take() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.used >= s.most {
		return false
	}
	s.used++
	return true
}

func (s *share) giveBack() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.used--
}

// pools are a client's. Thread-safe.
type pools struct {
	client *Client
	holder *hold.Holder
	mutex  sync.Mutex
	byName map[string]*Pool // protected by mutex
}

func newPools(client *Client) *pools {
	return &pools{client: client, holder: hold.NewHolder(client.link), byName: map[string]*Pool{}}
}

// Pool gives the pool of that name, which must be configured. The same name gives
// the same pool.
func (c *Client) Pool(name string) *Pool {
	c.pools.mutex.Lock()
	defer c.pools.mutex.Unlock()
	pool := c.pools.byName[name]
	if pool == nil {
		pool = &Pool{
			client: c, holder: c.pools.holder, name: name,
			share: &share{most: c.settings.pool.share},
		}
		c.pools.byName[name] = pool
	}
	return pool
}

// Name is the configured one.
func (p *Pool) Name() string { return p.name }

// Acquire waits for a slot, first come first served, 5 s at most unless MaxWait or
// ctx's deadline say otherwise. Without one the error is a *NotAcquiredError. The
// lease must be released.
func (p *Pool) Acquire(ctx context.Context, options ...AcquireOption) (*Lease, error) {
	return p.acquire(ctx, p.wanted(options))
}

func (p *Pool) wanted(options []AcquireOption) *slotWanted {
	wanted := &slotWanted{
		request:  &poolv1.AcquireRequest{Pool: p.name},
		wait:     DefaultAcquireWait,
		classify: Classify,
	}
	for _, option := range options {
		option.acquire(wanted)
	}
	return wanted
}

func (p *Pool) acquire(ctx context.Context, wanted *slotWanted) (*Lease, error) {
	if p.client.link.Closed() {
		return nil, ErrClosed
	}
	if !utf8.ValidString(p.name) || !utf8.ValidString(wanted.request.SessionKey) {
		return nil, sidecar.Invalid("pool and session_key: must be UTF-8")
	}
	wait := p.client.boundWait(ctx, wanted.wait)
	wanted.request.MaxWait = durationpb.New(wait)
	p.client.counters.pool.calls.Add(1)
	held, response, err := p.holder.Acquire(ctx, wanted.request, max(wait, 0))
	switch {
	case sidecar.IsNoAnswer(err):
		p.client.counters.pool.fallbacks.Add(1)
		return p.fallback()
	case err != nil:
		return nil, err
	case held == nil:
		return nil, &NotAcquiredError{
			Pool:       p.name,
			Reason:     response.GetReason(),
			Advice:     response.GetAdvice(),
			RetryAfter: timeOf(response.GetRetryAfter()),
			Degraded:   response.GetDegraded(),
		}
	}
	return leaseOf(held, response), nil
}

func (p *Pool) fallback() (*Lease, error) {
	fallback := p.client.settings.pool
	if fallback.policy == policyLocal && p.share.take() {
		return sharedLease(p.share, fallback.endpoint), nil
	}
	return nil, &NotAcquiredError{
		Pool: p.name, Reason: StoreUnavailable, Advice: Retry, RetryAfter: policyRetryAfter, Source: Fallback,
	}
}

// ErrLeaseLost is the cause of a context that ended because its lease was lost.
var ErrLeaseLost = errors.New("outrigger: the lease was lost")

// With runs `use` with a lease, and gives that back on every path: with what
// Classify (or ClassifyBy) makes of the error, a panic being a Failure. If the
// lease is lost the context ends, with ErrLeaseLost as its cause.
func (p *Pool) With(ctx context.Context, use func(context.Context, *Lease) error, options ...AcquireOption) error {
	wanted := p.wanted(options)
	lease, err := p.acquire(ctx, wanted)
	if err != nil {
		return err
	}
	result := Failure // unless `use` returns
	defer func() { lease.Release(result) }()
	scope, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-lease.Lost():
			cancel(ErrLeaseLost)
		case <-scope.Done():
		}
	}()
	err = use(scope, lease)
	result = resultOf(err, wanted.classify)
	return err
}
