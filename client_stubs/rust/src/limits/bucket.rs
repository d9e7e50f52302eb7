//! Token buckets of this process alone, for as long as the sidecar does not answer.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use super::Decision;

/// Most sets of attributes that have a bucket.
const MOST: usize = 10_000;

type Attributes = BTreeMap<String, String>;

/// One bucket for each set of attributes; the least recently used is forgotten.
#[derive(Debug)]
pub(crate) struct Buckets {
    rate_per_s: f64,
    burst: f64,
    buckets: HashMap<Attributes, Bucket>,
    /// The buckets by their last use.
    by_use: BTreeMap<u64, Attributes>,
    uses: u64,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    as_of: Instant,
    used: u64,
}

impl Buckets {
    pub(crate) fn new(rate_per_s: f64, burst: u64) -> Self {
        let rate_per_s = if rate_per_s.is_finite() { rate_per_s.max(0.0) } else { 0.0 };
        Buckets { rate_per_s, burst: burst as f64, buckets: HashMap::new(), by_use: BTreeMap::new(), uses: 0 }
    }

    /// Takes `cost` tokens or none. A cost of 0 takes none, and asks about 1.
    pub(crate) fn decide(&mut self, attributes: &Attributes, cost: u64, now: Instant) -> Decision {
        let tokens = self.tokens(attributes, now);
        let needed = cost.max(1) as f64;
        let allowed = *tokens >= needed;
        if allowed {
            *tokens -= cost as f64;
        }
        let left = *tokens;
        Decision::of_fallback(allowed, left as u64, if allowed { None } else { self.time_until(needed, left) })
    }

    /// `None` if so many can never be had.
    fn time_until(&self, needed: f64, left: f64) -> Option<Duration> {
        if needed > self.burst || self.rate_per_s == 0.0 {
            return None;
        }
        // Rounded up: whoever comes back then finds the tokens.
        let nanos = ((needed - left) / self.rate_per_s * 1e9).ceil();
        Duration::try_from_secs_f64(nanos / 1e9).ok().map(|time| time + Duration::from_micros(1))
    }

    /// The bucket's tokens as of `now`.
    fn tokens(&mut self, attributes: &Attributes, now: Instant) -> &mut f64 {
        self.uses += 1;
        if !self.buckets.contains_key(attributes) {
            if self.buckets.len() >= MOST {
                if let Some((_, oldest)) = self.by_use.pop_first() {
                    self.buckets.remove(&oldest);
                }
            }
            let bucket = Bucket { tokens: self.burst, as_of: now, used: self.uses };
            self.by_use.insert(self.uses, attributes.clone());
            self.buckets.insert(attributes.clone(), bucket);
        }
        let bucket = self.buckets.get_mut(attributes).expect("it was put there");
        if let Some(key) = self.by_use.remove(&bucket.used) {
            self.by_use.insert(self.uses, key);
        }
        bucket.used = self.uses;
        let passed = now.saturating_duration_since(bucket.as_of).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * self.rate_per_s).min(self.burst);
        bucket.as_of = now;
        &mut bucket.tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: impl ToString) -> Attributes {
        BTreeMap::from([("user".into(), name.to_string())])
    }

    #[test]
    fn bursts_and_then_as_the_rate_says() {
        let mut buckets = Buckets::new(2.0, 3);
        let start = Instant::now();
        for left in [2, 1, 0] {
            assert_eq!(buckets.decide(&user(1), 1, start).remaining, left);
        }
        let denied = buckets.decide(&user(1), 1, start);
        assert!(!denied.allowed);
        let then = start + denied.retry_after.expect("it comes back");
        assert!(buckets.decide(&user(1), 1, then).allowed);
        assert!(!buckets.decide(&user(1), 1, then).allowed);
        assert!(buckets.decide(&user(2), 1, then).allowed, "another's tokens are another's");
    }

    #[test]
    fn zero_only_looks_and_more_than_the_burst_is_never_had() {
        let mut buckets = Buckets::new(1.0, 1);
        let now = Instant::now();
        assert!(buckets.decide(&user(1), 0, now).allowed);
        assert!(buckets.decide(&user(1), 1, now).allowed);
        assert!(!buckets.decide(&user(1), 0, now).allowed);
        let never = buckets.decide(&user(1), 2, now);
        assert_eq!((never.allowed, never.retry_after), (false, None));
        let later = now + Duration::from_secs(60);
        assert_eq!(buckets.decide(&user(1), 0, later).remaining, 1, "never above the burst");
    }

    #[test]
    fn the_least_recently_used_is_forgotten() {
        let mut buckets = Buckets::new(0.0, 1);
        let now = Instant::now();
        for n in 0..MOST {
            assert!(buckets.decide(&user(n), 1, now).allowed);
        }
        assert!(!buckets.decide(&user(0), 1, now).allowed);
        assert!(buckets.decide(&user("new"), 1, now).allowed);
        assert_eq!((buckets.buckets.len(), buckets.by_use.len()), (MOST, MOST));
        assert!(!buckets.decide(&user(0), 1, now).allowed, "it was used just now");
        assert!(buckets.decide(&user(1), 1, now).allowed, "it was forgotten");
    }
}
