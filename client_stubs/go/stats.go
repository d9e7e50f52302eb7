package outrigger

import "sync/atomic"

// Stats are a client's counts, since Connect.
type Stats struct {
	Limits, Cache, Breaker, Pool PartStats
	// OutcomesLost are calls' outcomes that no sidecar got: too many waited, or
	// it did not answer.
	OutcomesLost uint64
	// RefreshesFailed are loads in the background that gave no value.
	RefreshesFailed uint64
	// PoolPending is how many leases are held and how many acquires wait, now.
	PoolPending int
}

// PartStats are the counts of one part.
type PartStats struct {
	// Calls of the part's functions; of breakers: decisions.
	Calls uint64
	// Fallbacks are those that the part's policy decided, because the sidecar did
	// not answer.
	Fallbacks uint64
}

// partCounter has a cache line of its own: all callers write to it.
type partCounter struct {
	calls, fallbacks atomic.Uint64
	_                [48]byte
}

func (c *partCounter) stats() PartStats {
	return PartStats{Calls: c.calls.Load(), Fallbacks: c.fallbacks.Load()}
}

type counters struct {
	limits, cache, breaker, pool  partCounter
	outcomesLost, refreshesFailed atomic.Uint64
}
