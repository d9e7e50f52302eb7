package main

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
)

type allowArgs struct {
	Attributes outrigger.Attributes `json:"attributes"`
	Cost       *uint64              `json:"cost"`
	Limit      string               `json:"limit"`
	MaxWaitMS  *milliseconds        `json:"max_wait_ms"`
	Detail     bool                 `json:"detail"`
	Count      int                  `json:"count"`
	Result     string               `json:"result"`
}

func (args allowArgs) options() []outrigger.AllowOption {
	var options []outrigger.AllowOption
	if args.Cost != nil {
		options = append(options, outrigger.Cost(*args.Cost))
	}
	if args.Limit != "" {
		options = append(options, outrigger.OnlyLimit(args.Limit))
	}
	if args.MaxWaitMS != nil {
		options = append(options, outrigger.MaxWait(args.MaxWaitMS.duration()))
	}
	if args.Detail {
		options = append(options, outrigger.Detail())
	}
	return options
}

func (a *agent) allow(ctx context.Context, args allowArgs) (any, error) {
	return decided(a.current().Limiter().Allow(ctx, args.Attributes, args.options()...))
}

func (a *agent) waitIfNeeded(ctx context.Context, args allowArgs) (any, error) {
	return decided(a.current().Limiter().WaitIfNeeded(ctx, args.Attributes, args.options()...))
}

func decided(d outrigger.Decision, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	statuses := []object{}
	for _, s := range d.Statuses {
		statuses = append(statuses, object{
			"limit": s.Limit, "allowed": s.Allowed, "remaining": s.Remaining, "burst": s.Burst,
			"window_ms": inMS(s.Window),
		})
	}
	return object{
		"allowed": d.Allowed, "limit": d.Limit, "remaining": d.Remaining,
		"retry_after_ms": inMS(d.RetryAfter), "reset_after_ms": inMS(d.ResetAfter),
		"degraded": d.Degraded, "source": d.Source.String(), "statuses": statuses,
	}, nil
}

func (a *agent) allowBurst(ctx context.Context, args allowArgs) (any, error) {
	limiter := a.current().Limiter()
	var allowed, denied, fallbacks atomic.Int64
	var failed atomic.Pointer[error]
	var running sync.WaitGroup
	for range args.Count {
		running.Add(1)
		go func() {
			defer running.Done()
			d, err := limiter.Allow(ctx, args.Attributes)
			if err != nil {
				failed.Store(&err)
				return
			}
			if d.Allowed {
				allowed.Add(1)
			} else {
				denied.Add(1)
			}
			if d.Source == outrigger.Fallback {
				fallbacks.Add(1)
			}
		}()
	}
	running.Wait()
	if err := failed.Load(); err != nil {
		return nil, *err
	}
	return object{"allowed": allowed.Load(), "denied": denied.Load(), "fallbacks": fallbacks.Load()}, nil
}

func (a *agent) reportOutcome(ctx context.Context, args allowArgs) (any, error) {
	results := map[string]outrigger.UpstreamResult{
		"success":   outrigger.UpstreamSuccess,
		"failure":   outrigger.UpstreamFailure,
		"throttled": outrigger.UpstreamThrottled,
	}
	reported, err := a.current().Limiter().Report(ctx, outrigger.CallReport{
		Attributes: args.Attributes, Limit: args.Limit, Result: results[args.Result],
	})
	if err != nil {
		return nil, err
	}
	return object{"current_rate": reported.CurrentRate}, nil
}

func (a *agent) refund(ctx context.Context, args allowArgs) (any, error) {
	var options []outrigger.RefundOption
	if args.Cost != nil {
		options = append(options, outrigger.Cost(*args.Cost))
	}
	if args.Limit != "" {
		options = append(options, outrigger.OnlyLimit(args.Limit))
	}
	return object{}, a.current().Limiter().Refund(ctx, args.Attributes, options...)
}

func (a *agent) headers(ctx context.Context, args allowArgs) (any, error) {
	args.Detail = true
	d, err := a.current().Limiter().Allow(ctx, args.Attributes, args.options()...)
	if err != nil {
		return nil, err
	}
	status := 200
	if !d.Allowed {
		status = 429
	}
	headers := object{}
	for _, header := range d.Headers() {
		headers[strings.ToLower(header.Name)] = header.Value
	}
	return object{"status": status, "headers": headers}, nil
}
