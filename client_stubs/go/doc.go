// Package outrigger is the client of Outrigger, the sidecar that has a fleet's
// rate limits, cache, circuit breakers and connection pools.
//
//	client, err := outrigger.Connect()
//	if err != nil { … }
//	defer client.Close()
//
//	decision, err := client.Limiter().Allow(ctx, outrigger.Attributes{"user": "42"})
//	if !decision.Allowed { … come back after decision.RetryAfter … }
//
//	profiles := outrigger.NewCache[Profile](client, "profiles")
//	profile, err := profiles.GetOrLoad(ctx, "user:42", func(ctx context.Context) (Profile, error) { … })
//
//	err = client.Breaker("payments").Do(ctx, func(ctx context.Context) error { … })
//
//	lease, err := client.Pool("orders").Acquire(ctx)
//	if err != nil { … }
//	defer lease.Release(outrigger.Success)
//
// # When the sidecar does not answer
//
// It may be gone, hang or be restarted. That is never an error, and never takes
// longer than the call's deadline (WithTimeout): the part's policy decides, and
// the answer's Source is Fallback. Limits admit, the cache calls the loader,
// breakers decide by this process' own calls, and pools refuse; the options
// WithLimitsFallback, WithBreakerFallback and WithPoolFallback say otherwise.
//
// # Errors
//
// *Error is a mistake of the caller's: a field out of range, a limit or pool that
// is not configured. ErrClosed is a call after Close. If the caller's own context
// was cancelled its error is given, as it is. A breaker's denial is a
// *DeniedError, a slot that was not had a *NotAcquiredError, and a known absence
// ErrAbsent. A loader's or a body's own error is given as it is.
//
// # Threads
//
// Everything is safe for use by many goroutines at once, unless it says
// otherwise.
package outrigger

// Version is this module's.
const Version = "0.1.0"
