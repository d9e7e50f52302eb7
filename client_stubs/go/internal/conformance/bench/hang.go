package main

import (
	"context"
	"errors"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	outrigger "github.com/outrigger/outrigger/client_stubs/go"
)

const (
	hangCallers = 8
	hangFor     = 2 * time.Second
)

// hang stops the sidecar under callers, and tells the longest that one of them
// was kept.
func hang(client *outrigger.Client) (map[string]any, error) {
	pid, err := strconv.Atoi(os.Getenv("OUTRIGGER_SIDECAR_PID"))
	if err != nil {
		return nil, errors.New("OUTRIGGER_SIDECAR_PID is not set: run beside with_sidecar.py")
	}
	var (
		longest   [hangCallers]time.Duration
		fallbacks atomic.Int64
		stop      atomic.Bool
		running   sync.WaitGroup
	)
	for caller := range hangCallers {
		running.Add(1)
		go func() {
			defer running.Done()
			for !stop.Load() {
				began := time.Now()
				decision, err := client.Limiter().Allow(context.Background(), outrigger.Attributes{"bench": "1"})
				longest[caller] = max(longest[caller], time.Since(began))
				if err == nil && decision.Source == outrigger.Fallback {
					fallbacks.Add(1)
				}
			}
		}()
	}
	err = syscall.Kill(pid, syscall.SIGSTOP)
	time.Sleep(hangFor)
	stop.Store(true)
	running.Wait()
	if err := errors.Join(err, syscall.Kill(pid, syscall.SIGCONT)); err != nil {
		return nil, err
	}
	if fallbacks.Load() == 0 {
		return nil, errors.New("the sidecar did not hang")
	}
	most := time.Duration(0)
	for _, took := range longest {
		most = max(most, took)
	}
	return map[string]any{
		"name":        "hang",
		"deadline_ms": float64(outrigger.DefaultTimeout) / float64(time.Millisecond),
		"longest_ms":  float64(most) / float64(time.Millisecond),
	}, nil
}
