//! Pauses between tries to reach the sidecar.

use std::time::Duration;

const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(1);

/// Twice as long after each failure: 50 ms to 1 s.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    last: Option<Duration>,
}

impl Backoff {
    /// How long to pause after another failure.
    pub(crate) fn next(&mut self) -> Duration {
        let pause = self.last.map_or(SHORTEST, |last| (last * 2).min(LONGEST));
        self.last = Some(pause);
        pause
    }

    /// It worked.
    pub(crate) fn reset(&mut self) {
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_a_second_and_begins_anew() {
        let mut backoff = Backoff::default();
        let pauses: Vec<u128> = (0..7).map(|_| backoff.next().as_millis()).collect();
        assert_eq!(pauses, [50, 100, 200, 400, 800, 1000, 1000]);
        backoff.reset();
        assert_eq!(backoff.next(), SHORTEST);
    }
}
