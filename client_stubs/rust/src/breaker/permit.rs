//! A call that was allowed, until its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::report::Ended;
use super::{Breaker, Outcome};
use crate::Source;

/// The right to make one call. Its end is to be told by [`done`](Self::done); dropped before, it is a failure if its thread panics,
/// and says nothing otherwise.
#[must_use = "the call's end is to be told"]
pub struct Permit {
    breaker: Breaker,
    kind: Kind,
    since: Instant,
    source: Source,
    ended: bool,
}

/// What allowed the call.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// The sidecar, or what it told.
    Sidecar { permit: u64, generation: u64, probe: bool },
    /// This process' own record; as a probe, the one of that number.
    Local { probe: Option<u64> },
    /// The policy: nobody wants to hear of it.
    Free,
}

impl Permit {
    pub(super) fn new(breaker: Breaker, kind: Kind, since: Instant, source: Source) -> Self {
        Permit { breaker, kind, since, source, ended: false }
    }

    /// Who allowed the call.
    pub fn source(&self) -> Source {
        self.source
    }

    /// The call has ended so. Never waits.
    pub fn done(mut self, outcome: Outcome) {
        self.end(outcome, self.since.elapsed());
    }

    fn end(&mut self, outcome: Outcome, duration: Duration) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let breakers = &self.breaker.core.breakers;
        match self.kind {
            Kind::Free => {}
            Kind::Local { probe } => breakers.record_locally(&self.breaker.entry, outcome, probe),
            // Without a permit there is nothing to give back.
            Kind::Sidecar { permit: 0, .. } if outcome == Outcome::Ignored => {}
            Kind::Sidecar { permit, generation, probe } => {
                let ended = Ended {
                    breaker: self.breaker.name.clone(),
                    method: Arc::clone(&self.breaker.method),
                    permit,
                    generation,
                    outcome,
                    duration,
                };
                breakers.reports.add(ended, probe || outcome == Outcome::Failure);
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let outcome = if std::thread::panicking() { Outcome::Failure } else { Outcome::Ignored };
        self.end(outcome, self.since.elapsed());
    }
}
