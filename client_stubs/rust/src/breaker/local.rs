//! This process' own record, for as long as the sidecar does not answer.

use std::time::{Duration, Instant};

use crate::breaker::Outcome;

/// Open after some failures in a row; after a while one probe at a time. One that takes longer than it was open for counts no more,
/// and another may pass.
#[derive(Debug, Default)]
pub(super) struct Record {
    failures: u32,
    open_until: Option<Instant>,
    /// The probe that is out, and how long it counts.
    probe: Option<(u64, Instant)>,
    /// The last probe's number.
    last: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ruling {
    Pass,
    /// By its number.
    Probe(u64),
    Open {
        retry_after: Duration,
    },
    ProbeIsOut,
}

impl Record {
    pub(super) fn rule(&mut self, open_for: Duration, now: Instant) -> Ruling {
        match self.open_until {
            None => Ruling::Pass,
            Some(until) if now < until => Ruling::Open { retry_after: until - now },
            Some(_) if self.probe.is_some_and(|(_, until)| now < until) => Ruling::ProbeIsOut,
            Some(_) => {
                self.last += 1;
                self.probe = Some((self.last, now + open_for));
                Ruling::Probe(self.last)
            }
        }
    }

    pub(super) fn record(&mut self, outcome: Outcome, probe: Option<u64>, most: u32, open_for: Duration, now: Instant) {
        if probe.is_some() {
            if self.probe.map(|(number, _)| number) != probe {
                return; // another has its place
            }
            self.probe = None;
        } else if self.open_until.is_some() {
            return; // from before it opened
        }
        match outcome {
            Outcome::Ignored => {}
            Outcome::Success => *self = Record { last: self.last, ..Record::default() },
            Outcome::Failure => {
                self.failures = self.failures.saturating_add(1);
                if probe.is_some() || self.failures >= most.max(1) {
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

    fn end(record: &mut Record, outcome: Outcome, probe: Option<u64>, now: Instant) {
        record.record(outcome, probe, 2, OPEN_FOR, now);
    }

    #[test]
    fn opens_after_failures_in_a_row_only() {
        let (mut record, now) = (Record::default(), Instant::now());
        for outcome in [Outcome::Failure, Outcome::Success, Outcome::Failure, Outcome::Ignored] {
            assert_eq!(record.rule(OPEN_FOR, now), Ruling::Pass);
            end(&mut record, outcome, None, now);
        }
        end(&mut record, Outcome::Failure, None, now);
        assert_eq!(record.rule(OPEN_FOR, now), Ruling::Open { retry_after: OPEN_FOR });
    }

    #[test]
    fn one_probe_at_a_time_decides() {
        let (mut record, now) = (Record::default(), Instant::now());
        end(&mut record, Outcome::Failure, None, now);
        end(&mut record, Outcome::Failure, None, now);
        let later = now + OPEN_FOR;
        assert_eq!(record.rule(OPEN_FOR, later), Ruling::Probe(1));
        assert_eq!(record.rule(OPEN_FOR, later), Ruling::ProbeIsOut);
        end(&mut record, Outcome::Success, None, later);
        assert_eq!(record.rule(OPEN_FOR, later), Ruling::ProbeIsOut, "a call from before says nothing");
        end(&mut record, Outcome::Ignored, Some(1), later);
        assert_eq!(record.rule(OPEN_FOR, later), Ruling::Probe(2), "one that said nothing makes room for another");
        end(&mut record, Outcome::Failure, Some(2), later);
        assert_eq!(record.rule(OPEN_FOR, later), Ruling::Open { retry_after: OPEN_FOR });
        assert_eq!(record.rule(OPEN_FOR, later + OPEN_FOR), Ruling::Probe(3));
        end(&mut record, Outcome::Success, Some(3), later);
        assert_eq!(record.rule(OPEN_FOR, later), Ruling::Pass);
    }

    #[test]
    fn a_probe_that_hangs_makes_room_and_counts_no_more() {
        let (mut record, now) = (Record::default(), Instant::now());
        end(&mut record, Outcome::Failure, None, now);
        end(&mut record, Outcome::Failure, None, now);
        let (first, second) = (now + OPEN_FOR, now + 2 * OPEN_FOR);
        assert_eq!(record.rule(OPEN_FOR, first), Ruling::Probe(1));
        assert_eq!(record.rule(OPEN_FOR, second - Duration::from_millis(1)), Ruling::ProbeIsOut);
        assert_eq!(record.rule(OPEN_FOR, second), Ruling::Probe(2));
        for late in [Outcome::Ignored, Outcome::Failure, Outcome::Success] {
            end(&mut record, late, Some(1), second);
            assert_eq!(record.rule(OPEN_FOR, second), Ruling::ProbeIsOut);
        }
        end(&mut record, Outcome::Success, Some(2), second);
        assert_eq!(record.rule(OPEN_FOR, second), Ruling::Pass);
        end(&mut record, Outcome::Failure, Some(1), second);
        assert_eq!(record.failures, 0);
    }
}
