//! How often each part was asked, and how often its policy had to answer.

use std::sync::atomic::{AtomicU64, Ordering};

/// How often one part of a client was asked since the client was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartStats {
    /// Calls that have begun: a call counts as soon as the client was found open, however it ends.
    pub calls: u64,
    /// Those of them that the sidecar did not answer, so that the part's policy did.
    pub fallbacks: u64,
}

/// How often a client was asked since it was made, and what it holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Rate limits.
    pub limits: PartStats,
    /// The cache.
    pub cache: PartStats,
    /// Breakers: calls that were asked for.
    pub breaker: PartStats,
    /// Pools: leases that were asked for.
    pub pool: PartStats,
    /// Outcomes of breakers' calls that did not reach the sidecar, because too many waited or it did not answer.
    pub outcomes_dropped: u64,
    /// Leases that are held or waited for now, on the sidecar.
    pub leases: usize,
}

#[derive(Default)]
pub(crate) struct Counter {
    calls: AtomicU64,
    fallbacks: AtomicU64,
}

impl Counter {
    /// A call has begun.
    pub(crate) fn begin(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    /// The policy answers a call that has begun.
    pub(crate) fn fall_back(&self) {
        self.fallbacks.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> PartStats {
        PartStats { calls: self.calls.load(Ordering::Relaxed), fallbacks: self.fallbacks.load(Ordering::Relaxed) }
    }
}

#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) limits: Counter,
    pub(crate) cache: Counter,
    pub(crate) breaker: Counter,
    pub(crate) pool: Counter,
}
