package main

import (
	"context"
	"errors"
	"strconv"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
)

type breakerArgs struct {
	Breaker string `json:"breaker"`
	Method  string `json:"method"`
	Result  string `json:"result"`
	Hold    string `json:"hold"`
}

// errBody is how a body ends that is to end badly.
var errBody = errors.New("the body failed")

var results = map[string]outrigger.Result{
	"success": outrigger.Success,
	"failure": outrigger.Failure,
	"ignored": outrigger.Ignored,
}

func (a *agent) breakerCall(ctx context.Context, args breakerArgs) (any, error) {
	breaker := a.current().Breaker(args.Breaker)
	permit, err := breaker.Acquire(ctx, outrigger.Method(args.Method))
	var denied *outrigger.DeniedError
	if errors.As(err, &denied) {
		return object{
			"allowed": false, "state": denied.State.String(), "reason": denied.Reason.String(),
			"retry_after_ms": inMS(denied.RetryAfter), "source": denied.Source.String(),
		}, nil
	}
	if err != nil {
		return nil, err
	}
	result := results[args.Result]
	if err := a.loaders.await(ctx, args.Hold); err != nil {
		result = outrigger.Ignored
	}
	permit.Done(result)
	return object{"allowed": true, "source": permit.Source.String()}, nil
}

func (a *agent) breakerState(_ context.Context, args breakerArgs) (any, error) {
	state := a.current().Breaker(args.Breaker).State(args.Method)
	return object{
		"known": state.Known, "state": state.State.String(), "admit_ratio": state.AdmitRatio,
		"generation": strconv.FormatUint(state.Generation, 10),
	}, nil
}

func (a *agent) breakerFlush(ctx context.Context, _ none) (any, error) {
	return object{}, a.current().FlushOutcomes(ctx)
}
