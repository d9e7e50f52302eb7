package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
	poolv1 "github.com/outrigger/outrigger/client_stubs/go/pool/v1"
)

// cyclers is how many leases cycle_leases has at a time.
const cyclers = 32

type poolArgs struct {
	Pool       string        `json:"pool"`
	MaxWaitMS  *milliseconds `json:"max_wait_ms"`
	Role       string        `json:"role"`
	SessionKey string        `json:"session_key"`
	As         string        `json:"as"`
	Result     string        `json:"result"`
	Fail       bool          `json:"fail"`
	Count      int           `json:"count"`
}

func (args poolArgs) options() []outrigger.AcquireOption {
	var options []outrigger.AcquireOption
	if args.MaxWaitMS != nil {
		options = append(options, outrigger.MaxWait(args.MaxWaitMS.duration()))
	}
	if args.Role != "" {
		options = append(options, outrigger.InRole(outrigger.Role(poolv1.Role_value[args.Role])))
	}
	if args.SessionKey != "" {
		options = append(options, outrigger.SessionKey(args.SessionKey))
	}
	return options
}

func refused(err error) (any, error) {
	var refusal *outrigger.NotAcquiredError
	if !errors.As(err, &refusal) {
		return nil, err
	}
	return object{
		"acquired": false, "reason": refusal.Reason.String(), "advice": refusal.Advice.String(),
		"retry_after_ms": inMS(refusal.RetryAfter), "source": refusal.Source.String(),
	}, nil
}

func (a *agent) acquire(ctx context.Context, args poolArgs) (any, error) {
	lease, err := a.current().Pool(args.Pool).Acquire(ctx, args.options()...)
	if err != nil {
		return refused(err)
	}
	a.mutex.Lock()
	a.leases[args.As] = lease
	a.mutex.Unlock()
	return object{
		"acquired": true, "endpoint": lease.Endpoint.Address,
		"fencing_token": strconv.FormatUint(lease.FencingToken, 10),
		"overflow":      lease.Overflow, "source": lease.Source.String(),
	}, nil
}

func (a *agent) held(name string) (*outrigger.Lease, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	lease, ok := a.leases[name]
	if !ok {
		return nil, fmt.Errorf("%q: no such lease", name)
	}
	return lease, nil
}

func (a *agent) release(_ context.Context, args poolArgs) (any, error) {
	lease, err := a.held(args.As)
	if err != nil {
		return nil, err
	}
	result, ok := results[args.Result]
	if !ok {
		result = outrigger.Success
	}
	lease.Release(result)
	return object{}, nil
}

func (a *agent) lease(_ context.Context, args poolArgs) (any, error) {
	lease, err := a.held(args.As)
	if err != nil {
		return nil, err
	}
	return object{"lost": lease.IsLost()}, nil
}

func (a *agent) withLease(ctx context.Context, args poolArgs) (any, error) {
	err := a.current().Pool(args.Pool).With(ctx, func(context.Context, *outrigger.Lease) error {
		if args.Fail {
			return errBody
		}
		return nil
	})
	threw := errors.Is(err, errBody)
	if err != nil && !threw {
		return refused(err)
	}
	return object{"acquired": true, "threw": threw}, nil
}

func (a *agent) cycleLeases(ctx context.Context, args poolArgs) (any, error) {
	client := a.current()
	pool := client.Pool(args.Pool)
	var acquired, begun atomic.Int64
	var running sync.WaitGroup
	for range cyclers {
		running.Add(1)
		go func() {
			defer running.Done()
			for begun.Add(1) <= int64(args.Count) {
				lease, err := pool.Acquire(ctx)
				if err != nil {
					continue
				}
				acquired.Add(1)
				lease.Release(outrigger.Success)
			}
		}()
	}
	running.Wait()
	return object{"acquired": acquired.Load(), "pending": client.Stats().PoolPending}, nil
}

func (a *agent) cycleClients(ctx context.Context, args poolArgs) (any, error) {
	done := 0
	for range args.Count {
		if err := cycleClient(ctx); err != nil {
			return nil, err
		}
		done++
	}
	return object{"done": done}, nil
}

func cycleClient(ctx context.Context) error {
	client, err := outrigger.Connect()
	if err != nil {
		return err
	}
	defer client.Close()
	if _, err := client.Limiter().Allow(ctx, outrigger.Attributes{"bench": "1"}); err != nil {
		return err
	}
	if err := client.Breaker("bench").Do(ctx, func(context.Context) error { return nil }); err != nil {
		return err
	}
	return client.Pool("wide").With(ctx, func(context.Context, *outrigger.Lease) error { return nil })
}
