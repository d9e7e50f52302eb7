package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
	ratelimitv1 "github.com/outrigger/outrigger/client_stubs/go/ratelimit/v1"
)

const (
	callers  = 64
	aRound   = 2 * time.Second
	rounds   = 3
	oneCalls = 4000
	oneWarm  = 500
)

// bareClient is what the generated code gives, over a channel of its own.
func bareClient() (ratelimitv1.RateLimiterClient, func(), error) {
	target, err := sidecar.Target("")
	if err != nil {
		return nil, nil, err
	}
	channel, err := grpc.NewClient(target,
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithAuthority("localhost"))
	if err != nil {
		return nil, nil, err
	}
	return ratelimitv1.NewRateLimiterClient(channel), func() { _ = channel.Close() }, nil
}

type askOnce func(context.Context) error

func askStub(client *outrigger.Client) askOnce {
	limiter := client.Limiter()
	return func(ctx context.Context) error {
		decision, err := limiter.Allow(ctx, outrigger.Attributes{"bench": "1"})
		if err == nil && decision.Source != outrigger.Sidecar {
			return fmt.Errorf("the sidecar did not answer")
		}
		return err
	}
}

// askBare does what a careful user of the generated client does: with a deadline.
func askBare(bare ratelimitv1.RateLimiterClient) askOnce {
	return func(ctx context.Context) error {
		bounded, cancel := context.WithTimeout(ctx, outrigger.DefaultTimeout)
		defer cancel()
		_, err := bare.Allow(bounded, &ratelimitv1.AllowRequest{Attributes: map[string]string{"bench": "1"}})
		return err
	}
}

// allowOne measures the two in turns, so that what happens on the machine
// happens to both.
func allowOne(stub, bare askOnce) (map[string]any, error) {
	took := map[bool][]time.Duration{}
	for i := range 2 * (oneWarm + oneCalls) {
		isStub := i%2 == 0
		ask := bare
		if isStub {
			ask = stub
		}
		began := time.Now()
		if err := ask(context.Background()); err != nil {
			return nil, err
		}
		if i >= 2*oneWarm {
			took[isStub] = append(took[isStub], time.Since(began))
		}
	}
	stubUS, bareUS := median(took[true]), median(took[false])
	return map[string]any{"name": "allow_one", "stub_us": stubUS, "bare_us": bareUS, "ratio": stubUS / bareUS}, nil
}

func median(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[len(took)/2]) / float64(time.Microsecond)
}

// allowMany measures how much 64 callers get done, in turns; the best round of
// each counts, and only the sidecar's answers do.
func allowMany(stub, bare askOnce) (map[string]any, error) {
	var best [2]float64
	for range rounds {
		for i, ask := range []askOnce{stub, bare} {
			best[i] = max(best[i], throughput(ask))
		}
	}
	return map[string]any{"name": "allow_64", "stub_per_s": best[0], "bare_per_s": best[1], "ratio": best[0] / best[1]}, nil
}

func throughput(ask askOnce) float64 {
	var (
		done    atomic.Int64
		stop    atomic.Bool
		running sync.WaitGroup
	)
	began := time.Now()
	for range callers {
		running.Add(1)
		go func() {
			defer running.Done()
			for count := 0; ; count++ {
				if stop.Load() {
					done.Add(int64(count))
					return
				}
				if ask(context.Background()) != nil {
					count-- // no decision of the sidecar's
				}
			}
		}()
	}
	time.Sleep(aRound)
	stop.Store(true)
	running.Wait()
	took := time.Since(began)
	return float64(done.Load()) / took.Seconds()
}
