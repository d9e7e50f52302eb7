//! How often each part was asked, and how often its policy had to answer.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Source;

/// What one part of a client has answered since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartStats {
    /// Calls that have been answered.
    pub calls: u64,
    /// Those of them that the sidecar did not answer.
    pub fallbacks: u64,
}

/// What a client has answered since it was made.
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
    pub(crate) fn count(&self, source: Source) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if source == Source::Fallback {
            self.fallbacks.fetch_add(1, Ordering::Relaxed);
        }
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
