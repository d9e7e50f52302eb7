//! This process' own record, for as long as the sidecar does not answer.

use std::time::{Duration, Instant};

use crate::breaker::Outcome;

/// Open after some failures in a row; after a while one probe at a time.
#[derive(Debug, Default)]
pub(super) struct Record {
    failures: u32,
    open_until: Option<Instant>,
    probing: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ruling {
    Pass,
    Probe,
    Open { retry_after: Duration },
    ProbeIsOut,
}

impl Record {
    pub(super) fn rule(&mut self, now: Instant) -> Ruling {
        match self.open_until {
            None => Ruling::Pass,
            Some(until) if now < until => Ruling::Open { retry_after: until - now },
            Some(_) if self.probing => Ruling::ProbeIsOut,
            Some(_) => {
                self.probing = true;
                Ruling::Probe
            }
        }
    }

    pub(super) fn record(&mut self, outcome: Outcome, probe: bool, most: u32, open_for: Duration, now: Instant) {
        if probe {
            self.probing = false;
        } else if self.open_until.is_some() {
            return; // from before it opened
        }
        match outcome {
            Outcome::Ignored => {}
            Outcome::Success => *self = Record::default(),
            Outcome::Failure => {
                self.failures = self.failures.saturating_add(1);
                if probe || self.failures >= most.max(1) {
                    self.open_until = Some(now + open_for);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN_FOR: Duration = Duration::from_secs(10);

    fn end(record: &mut Record, outcome: Outcome, probe: bool, now: Instant) {
        record.record(outcome, probe, 2, OPEN_FOR, now);
    }

    #[test]
    fn opens_after_failures_in_a_row_only() {
        let (mut record, now) = (Record::default(), Instant::now());
        for outcome in [Outcome::Failure, Outcome::Success, Outcome::Failure, Outcome::Ignored] {
            assert_eq!(record.rule(now), Ruling::Pass);
            end(&mut record, outcome, false, now);
        }
        end(&mut record, Outcome::Failure, false, now);
        assert_eq!(record.rule(now), Ruling::Open { retry_after: OPEN_FOR });
    }

    #[test]
    fn one_probe_at_a_time_decides() {
        let (mut record, now) = (Record::default(), Instant::now());
        end(&mut record, Outcome::Failure, false, now);
        end(&mut record, Outcome::Failure, false, now);
        let later = now + OPEN_FOR;
        assert_eq!(record.rule(later), Ruling::Probe);
        assert_eq!(record.rule(later), Ruling::ProbeIsOut);
        end(&mut record, Outcome::Success, false, later);
        assert_eq!(record.rule(later), Ruling::ProbeIsOut, "a call from before says nothing");
        end(&mut record, Outcome::Ignored, true, later);
        assert_eq!(record.rule(later), Ruling::Probe, "one that said nothing makes room for another");
        end(&mut record, Outcome::Failure, true, later);
        assert_eq!(record.rule(later), Ruling::Open { retry_after: OPEN_FOR });
        assert_eq!(record.rule(later + OPEN_FOR), Ruling::Probe);
        end(&mut record, Outcome::Success, true, later);
        assert_eq!(record.rule(later), Ruling::Pass);
    }
}
