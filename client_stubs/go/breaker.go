package outrigger

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/durationpb"

	breakerv1 "github.com/outrigger/outrigger/client_stubs/go/breaker/v1"
	"github.com/outrigger/outrigger/client_stubs/go/internal/clock"
	"github.com/outrigger/outrigger/client_stubs/go/internal/record"
	"github.com/outrigger/outrigger/client_stubs/go/internal/report"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
	"github.com/outrigger/outrigger/client_stubs/go/internal/watch"
)

const (
	maxMethodBytes = 256
	// maxMethods have a record of their own in this process; the rest share the
	// breaker's.
	maxMethods = 1000
	// maxProbeTime is the longest that the sidecar waits for a probe's end.
	maxProbeTime = time.Hour
)

// breakers are what a client's breakers have in common.
type breakers struct {
	client   *Client
	rpc      breakerv1.BreakerClient
	watcher  *watch.Watcher
	reporter *report.Reporter

	mutex  sync.Mutex
	byName map[string]*Breaker // protected by mutex
}

func newBreakers(client *Client) *breakers {
	rpc := breakerv1.NewBreakerClient(client.link.Channel)
	return &breakers{
		client:   client,
		rpc:      rpc,
		watcher:  watch.NewWatcher(client.link, rpc),
		reporter: report.NewReporter(client.link, rpc, &client.counters.outcomesLost),
		byName:   map[string]*Breaker{},
	}
}

// Breaker keeps calls from a service that fails. It decides in the process by what
// the sidecar tells it, and asks the sidecar only for probes and of methods that
// are new.
type Breaker struct {
	shared  *breakers
	name    string
	told    *watch.Told
	whole   *record.Record
	methods sync.Map // of *record.Record, by the method's name
	count   atomic.Int32
}

// Breaker gives the breaker of that name, which must be configured. The same name
// gives the same breaker.
func (c *Client) Breaker(name string) *Breaker {
	b := c.breakers
	b.mutex.Lock()
	defer b.mutex.Unlock()
	breaker := b.byName[name]
	if breaker == nil {
		breaker = &Breaker{shared: b, name: name, told: b.watcher.Told(name), whole: record.New(b.rules())}
		b.byName[name] = breaker
	}
	return breaker
}

func (b *breakers) rules() record.Rules {
	fallback := b.client.settings.breaker
	return record.Rules{Failures: fallback.failures, OpenFor: fallback.openFor}
}

// Name is the configured one.
func (b *Breaker) Name() string { return b.name }

// Permit allows one call. Its end must be told by Done, once, on every path.
type Permit struct {
	// Source says whether the sidecar decided.
	Source Source
	// Probe: the call tries whether the service is well again.
	Probe bool

	breaker            *Breaker
	method             string
	permit, generation uint64
	localProbe         bool
	began              clock.Instant
}

// Acquire asks whether a call may be made now. Do and Call do that, and Done, by
// themselves. If it may not the error is a *DeniedError.
func (b *Breaker) Acquire(ctx context.Context, options ...CallOption) (Permit, error) {
	return b.acquire(ctx, callingOf(options).method)
}

func (b *Breaker) acquire(ctx context.Context, method string) (Permit, error) {
	client := b.shared.client
	if client.link.Closed() {
		return Permit{}, ErrClosed
	}
	if len(method) > maxMethodBytes || !utf8.ValidString(method) {
		return Permit{}, sidecar.Invalid("method: must be UTF-8 of at most %d bytes", maxMethodBytes)
	}
	client.counters.breaker.calls.Add(1)
	b.shared.watcher.Start()
	now := clock.Now()
	if state := b.told.Find(method); state != nil && now < state.ValidUntil {
		switch state.State {
		case breakerv1.State_CLOSED, breakerv1.State_FORCED_CLOSED, breakerv1.State_METRICS_ONLY:
			if state.AdmitRatio >= 1 || rand.Float64() < state.AdmitRatio {
				return Permit{breaker: b, method: method, generation: state.Generation, began: now}, nil
			}
			return Permit{}, b.deniedBy(state, method, now)
		case breakerv1.State_OPEN, breakerv1.State_FORCED_OPEN:
			return Permit{}, b.deniedBy(state, method, now)
		}
	}
	return b.askSidecar(ctx, method)
}

func (b *Breaker) deniedBy(state *watch.State, method string, now clock.Instant) error {
	return &DeniedError{
		Breaker:    b.name,
		Method:     method,
		State:      state.State,
		Reason:     state.Reason,
		Message:    state.Message,
		RetryAfter: state.RetryAfter(now),
	}
}

func (b *Breaker) askSidecar(ctx context.Context, method string) (Permit, error) {
	request := &breakerv1.AcquireRequest{
		Breaker: b.name,
		Method:  method,
		Session: b.shared.watcher.Session(),
	}
	if deadline, ok := ctx.Deadline(); ok {
		request.Timeout = durationpb.New(min(max(time.Until(deadline), 0), maxProbeTime))
	}
	client := b.shared.client
	response, err := sidecar.Unary(ctx, client.link, 0, b.shared.rpc.Acquire, request)
	if err == nil {
		b.told.Learn(method, response.GetGeneration())
	}
	switch {
	case sidecar.IsNoAnswer(err):
		client.counters.breaker.fallbacks.Add(1)
		return b.fallback(method)
	case err != nil:
		return Permit{}, err
	case response.GetAllowed():
		return Permit{
			Probe:      response.GetProbe(),
			breaker:    b,
			method:     method,
			permit:     response.GetPermit(),
			generation: response.GetGeneration(),
			began:      clock.Now(),
		}, nil
	}
	return Permit{}, &DeniedError{
		Breaker:    b.name,
		Method:     method,
		State:      response.GetState(),
		Reason:     response.GetReason(),
		Message:    response.GetMessage(),
		RetryAfter: timeOf(response.GetRetryAfter()),
		Degraded:   response.GetDegraded(),
	}
}

func (b *Breaker) fallback(method string) (Permit, error) {
	now := clock.Now()
	permit := Permit{Source: Fallback, breaker: b, method: method, began: now}
	switch b.shared.client.settings.breaker.policy {
	case policyAllow:
		return permit, nil
	case policyDeny:
		return Permit{}, &DeniedError{
			Breaker: b.name, Method: method, RetryAfter: policyRetryAfter,
			Message: "the sidecar does not answer", Source: Fallback,
		}
	}
	answer := b.recordOf(method).Decide(now)
	if answer.Allowed {
		permit.Probe, permit.localProbe = answer.Probe, answer.Probe
		return permit, nil
	}
	denied := &DeniedError{
		Breaker: b.name, Method: method, RetryAfter: answer.RetryAfter, Source: Fallback,
		State: HalfOpen, Reason: ProbesInUse, Message: "a probe of this process is out",
	}
	if answer.Open {
		denied.State, denied.Reason = Open, ConsecutiveFailures
		denied.Message = "calls of this process failed in a row"
	}
	return Permit{}, denied
}

// recordOf is this process' own record of the method.
func (b *Breaker) recordOf(method string) *record.Record {
	if method == "" {
		return b.whole
	}
	if known, ok := b.methods.Load(method); ok {
		return known.(*record.Record)
	}
	if b.count.Load() >= maxMethods {
		return b.whole
	}
	known, found := b.methods.LoadOrStore(method, record.New(b.shared.rules()))
	if !found {
		b.count.Add(1)
	}
	return known.(*record.Record)
}

// Done tells how the permitted call ended. It does not wait: outcomes are sent in
// batches.
func (p Permit) Done(result Result) {
	if p.breaker == nil {
		return
	}
	result = result.known()
	now := clock.Now()
	if own := p.breaker.shared.client.settings.breaker; own.policy == policyLocal {
		local := p.breaker.recordOf(p.method)
		switch result {
		case Success:
			local.Success()
		case Failure:
			local.Failure(now, p.localProbe)
		case Ignored:
			local.Ignored(p.localProbe)
		}
	}
	if p.Source == Fallback {
		return // the sidecar knows nothing of it
	}
	p.breaker.shared.reporter.Record(report.Outcome{
		Breaker:    p.breaker.name,
		Method:     p.method,
		Permit:     p.permit,
		Generation: p.generation,
		Result:     breakerv1.Result(result),
		Took:       now.Sub(p.began),
		Urgent:     p.Probe || result == Failure,
	})
}

// BreakerState is what the sidecar has told of a breaker.
type BreakerState struct {
	// Known: it was told, and is valid still.
	Known bool
	// State as it was last told.
	State State
	// AdmitRatio is the share of calls that may pass, 0 to 1.
	AdmitRatio float64
	// Generation grows with each change of state.
	Generation uint64
}

// State is what decides for the method now (empty: for calls without one). Like a
// call it has the client begin to watch.
func (b *Breaker) State(method string) BreakerState {
	b.shared.watcher.Start()
	state := b.told.Find(method)
	if state == nil {
		return BreakerState{}
	}
	return BreakerState{
		Known:      clock.Now() < state.ValidUntil,
		State:      state.State,
		AdmitRatio: state.AdmitRatio,
		Generation: state.Generation,
	}
}

// FlushOutcomes returns when the sidecar has answered (or was given up on) all
// outcomes so far; or with ctx's error. Close does the same for a moment.
func (c *Client) FlushOutcomes(ctx context.Context) error { return c.breakers.reporter.Flush(ctx) }
