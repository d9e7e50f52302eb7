package outrigger

import (
	"context"
	"log/slog"
	"time"

	"google.golang.org/grpc"

	"github.com/outrigger/outrigger/client_stubs/go/internal/sidecar"
)

// Client is an application's way to the sidecar of its pod. One is enough for a
// process; all clients of one target share a connection. Close it when done.
type Client struct {
	settings settings
	link     *sidecar.Link
	counters counters
	limiter  *Limiter
	// The cache's loads in the background.
	refreshes *refreshes
	breakers  *breakers
	pools     *pools
}

// Connect makes a client. Nothing connects before the first call, and a sidecar
// that is not there yet is no error: once it is, it is used. The error is that of
// an option that cannot be.
func Connect(options ...Option) (*Client, error) {
	set := settings{
		timeout: DefaultTimeout,
		logger:  slog.Default(),
		limits:  LimitsAllow(),
		breaker: BreakerLocal(5, 10*time.Second),
		pool:    PoolRefuse(),
	}
	for _, option := range options {
		option(&set)
	}
	if err := set.check(); err != nil {
		return nil, err
	}
	target, err := sidecar.Target(set.target)
	if err != nil {
		return nil, err
	}
	link, err := sidecar.NewLink(target, set.timeout, set.propagator)
	if err != nil {
		return nil, err
	}
	client := &Client{settings: set, link: link}
	client.limiter = newLimiter(client)
	client.refreshes = newRefreshes(client)
	client.breakers = newBreakers(client)
	client.pools = newPools(client)
	return client, nil
}

// Limiter decides by the sidecar's rate limits.
func (c *Client) Limiter() *Limiter { return c.limiter }

// Stats are the client's counts.
func (c *Client) Stats() Stats {
	return Stats{
		Limits:          c.counters.limits.stats(),
		Cache:           c.counters.cache.stats(),
		Breaker:         c.counters.breaker.stats(),
		Pool:            c.counters.pool.stats(),
		OutcomesLost:    c.counters.outcomesLost.Load(),
		RefreshesFailed: c.counters.refreshesFailed.Load(),
		PoolPending:     c.pools.holder.Pending(),
	}
}

// Close reports the last outcomes, ends the streams and gives back all leases.
// Calls that are under way are answered by their policies; a call afterwards is
// an error, ErrClosed. It takes half a second at most. A second Close does
// nothing.
func (c *Client) Close() error {
	return c.link.Close(func(grace context.Context) {
		// What could not be told by then is counted as lost.
		_ = c.breakers.reporter.Flush(grace)
		c.refreshes.close(grace)
	})
}

// boundWait is how long the sidecar may have a call wait: so much shorter than
// until ctx's end that its answer is in time.
func (c *Client) boundWait(ctx context.Context, wait time.Duration) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return wait
	}
	left := max(time.Until(deadline), 0)
	return min(wait, left-min(left/4, c.settings.timeout))
}

// ask makes one call of a part and counts it.
func ask[Request, Response any](
	ctx context.Context, c *Client, count *partCounter, wait time.Duration,
	call func(context.Context, *Request, ...grpc.CallOption) (*Response, error), request *Request,
) (*Response, error) {
	if c.link.Closed() {
		return nil, ErrClosed
	}
	count.calls.Add(1)
	response, err := sidecar.Unary(ctx, c.link, wait, call, request)
	if sidecar.IsNoAnswer(err) {
		count.fallbacks.Add(1)
	}
	return response, err
}
