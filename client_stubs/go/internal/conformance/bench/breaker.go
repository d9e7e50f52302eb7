package main

import (
	"context"
	"errors"
	"time"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
)

const (
	knownAfter = 10 * time.Second
	// Rounds are short, so that some are not disturbed by what else runs.
	decisions      = 20_000
	decisionRounds = 200
)

// breakerClosed measures what asking costs while the breaker is closed; the best
// round counts.
func breakerClosed(client *outrigger.Client) (map[string]any, error) {
	ctx := context.Background()
	breaker := client.Breaker("bench")
	for until := time.Now().Add(knownAfter); !breaker.State("").Known; {
		if time.Now().After(until) {
			return nil, errors.New("the breaker's state was not told")
		}
		time.Sleep(time.Millisecond)
	}
	best := time.Duration(0)
	for range decisionRounds {
		began := time.Now()
		for range decisions {
			permit, err := breaker.Acquire(ctx)
			if err != nil || permit.Source != outrigger.Sidecar {
				return nil, errors.New("a closed breaker did not allow a call")
			}
		}
		if took := time.Since(began); best == 0 || took < best {
			best = took
		}
	}
	return map[string]any{"name": "breaker_closed", "ns": float64(best) / decisions}, nil
}
