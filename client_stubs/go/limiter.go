package outrigger

import (
	"context"
	"maps"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/outrigger/outrigger/client_stubs/go/internal/allow"
	"github.com/outrigger/outrigger/client_stubs/go/internal/bucket"
	"github.com/outrigger/outrigger/client_stubs/go/internal/clock"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
	ratelimitv1 "github.com/outrigger/outrigger/client_stubs/go/ratelimit/v1"
)

// DefaultPatience is how long WaitIfNeeded waits unless MaxWait says otherwise.
const DefaultPatience = time.Second

// policyRetryAfter is told by the policies that deny.
const policyRetryAfter = time.Second

// Attributes say who and what a request is for, e.g. {"user": "42"}. At most 64;
// names of 1 to 128 bytes, values of at most 1,024, both UTF-8. A limit applies to a
// request that has all attributes of its key. None: no keyed limit applies.
type Attributes map[string]string

// Limiter decides by the sidecar's limits. Calls that are made at the same time
// are sent as one message.
type Limiter struct {
	client *Client
	asker  *allow.Asker
	rpc    ratelimitv1.RateLimiterClient
	local  *bucket.Buckets // nil unless the policy has them
}

func newLimiter(client *Client) *Limiter {
	limiter := &Limiter{
		client: client,
		asker:  allow.NewAsker(client.link),
		rpc:    ratelimitv1.NewRateLimiterClient(client.link.Channel),
	}
	if fallback := client.settings.limits; fallback.policy == policyLocal {
		limiter.local = bucket.New(fallback.rate, fallback.burst)
	}
	return limiter
}

// AllowOption is one of Allow's: Cost, OnlyLimit, MaxWait, Detail.
type AllowOption interface {
	allow(*ratelimitv1.AllowRequest)
}

// CostOption is Cost's.
type CostOption uint64

// Cost is how many tokens to take; unset: 1. 0 peeks: nothing is taken, and Allowed
// says whether a cost of 1 would be admitted. At most 1,000,000,000. More than
// a limit's burst can never be admitted. (Refund: at least 1.)
func Cost(tokens uint64) CostOption { return CostOption(tokens) }

func (c CostOption) allow(r *ratelimitv1.AllowRequest)   { r.Cost = proto.Uint64(uint64(c)) }
func (c CostOption) refund(r *ratelimitv1.RefundRequest) { r.Cost = proto.Uint64(uint64(c)) }

// OnlyLimitOption is OnlyLimit's.
type OnlyLimitOption string

// OnlyLimit decides by this limit alone, although others may match; it must be
// configured.
func OnlyLimit(name string) OnlyLimitOption { return OnlyLimitOption(name) }

func (o OnlyLimitOption) allow(r *ratelimitv1.AllowRequest)   { r.Limit = string(o) }
func (o OnlyLimitOption) refund(r *ratelimitv1.RefundRequest) { r.Limit = string(o) }

// MaxWaitOption is MaxWait's.
type MaxWaitOption time.Duration

// MaxWait is how long the call may wait: Allow for tokens (unset: not at all), a
// load for another's (unset: 5 s), Acquire for a slot (unset: 5 s). 0: not at all. At
// most one hour.
func MaxWait(wait time.Duration) MaxWaitOption { return MaxWaitOption(wait) }

func (m MaxWaitOption) allow(r *ratelimitv1.AllowRequest) {
	r.MaxWait = nil
	if m != 0 {
		r.MaxWait = durationpb.New(time.Duration(m))
	}
}

// DetailOption is Detail's.
type DetailOption struct{}

// Detail asks for Decision.Statuses, of which the headers are made.
func Detail() DetailOption { return DetailOption{} }

func (DetailOption) allow(r *ratelimitv1.AllowRequest) { r.Detail = true }

// Allow decides one request by all limits that match it: the cost is taken from
// every one of them, or from none. Without MaxWait it is answered at once. A
// denial is an answer, not an error.
func (l *Limiter) Allow(ctx context.Context, attributes Attributes, options ...AllowOption) (Decision, error) {
	return l.decide(ctx, attributes, &ratelimitv1.AllowRequest{}, options)
}

// WaitIfNeeded is Allow that waits for tokens, 1 s at most unless MaxWait says
// otherwise, first come first served. A wait that would be longer is denied at
// once.
func (l *Limiter) WaitIfNeeded(ctx context.Context, attributes Attributes, options ...AllowOption) (Decision, error) {
	request := &ratelimitv1.AllowRequest{MaxWait: durationpb.New(DefaultPatience)}
	return l.decide(ctx, attributes, request, options)
}

func (l *Limiter) decide(ctx context.Context, attributes Attributes, request *ratelimitv1.AllowRequest, options []AllowOption) (Decision, error) {
	if l.client.link.Closed() {
		return Decision{}, ErrClosed
	}
	// A copy: the request may still be on its way when this call has given up.
	request.Attributes = maps.Clone(attributes)
	for _, option := range options {
		option.allow(request)
	}
	size, err := sizeOf(request)
	if err != nil {
		return Decision{}, err
	}
	l.client.counters.limits.calls.Add(1)
	var response *ratelimitv1.AllowResponse
	wait := timeOf(request.MaxWait)
	if wait > 0 {
		wait = l.client.boundWait(ctx, wait)
		request.MaxWait = durationpb.New(wait)
	}
	if request.MaxWait != nil || size > allow.MaxBytes || l.client.link.Sampled(ctx) {
		response, err = sidecar.Unary(ctx, l.client.link, max(wait, 0), l.rpc.Allow, request)
	} else {
		response, err = l.asker.Ask(ctx, request, size)
	}
	switch {
	case err == nil:
		return decisionOf(response), nil
	case sidecar.IsNoAnswer(err):
		l.client.counters.limits.fallbacks.Add(1)
		return l.fallback(request), nil
	default:
		return Decision{}, err
	}
}

// sizeOf is roughly that of the message. What cannot be sent is an error here: it
// would spoil the whole message that it is in.
func sizeOf(request *ratelimitv1.AllowRequest) (int, error) {
	size := len(request.Limit)
	for name, value := range request.Attributes {
		if !utf8.ValidString(name) || !utf8.ValidString(value) {
			return 0, sidecar.Invalid("attributes[%q]: must be UTF-8", name)
		}
		size += len(name) + len(value) + 8
	}
	if !utf8.ValidString(request.Limit) {
		return 0, sidecar.Invalid("limit: must be UTF-8")
	}
	return size, nil
}

func (l *Limiter) fallback(request *ratelimitv1.AllowRequest) Decision {
	switch {
	case l.local != nil:
		cost := uint64(1)
		if request.Cost != nil {
			cost = request.GetCost()
		}
		return decisionOfBucket(l.local.Take(request.Attributes, cost, clock.Now()))
	case l.client.settings.limits.policy == policyDeny:
		return Decision{RetryAfter: policyRetryAfter, Source: Fallback}
	default:
		return Decision{Allowed: true, Source: Fallback}
	}
}
