//! What the sidecar told of a breaker, and what that decides.

use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use crate::proto::breaker::{Reason, State};

/// A state that the watch told, of a breaker or of one of its methods.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Told {
    /// The state.
    pub state: State,
    /// Grows with each change of state.
    pub generation: u64,
    /// The share of calls that may pass, decided by chance.
    pub admit_ratio: f64,
    /// Until when this may be gone by.
    pub valid_until: Instant,
    /// When it may be worth asking again, while calls are denied.
    pub retry_at: Option<Instant>,
    /// Why calls are denied, while some are.
    pub reason: Reason,
    /// The same for people.
    pub message: Arc<str>,
}

/// All that was told of one breaker.
#[derive(Debug, Clone, Default)]
pub(super) struct View {
    /// Of calls without a method.
    pub(super) plain: Option<Told>,
    pub(super) methods: HashMap<String, Told>,
}

/// Most methods of one breaker that are remembered.
const MOST_LEARNED: usize = 1000;

/// The generations that `Acquire` answered for methods of one breaker.
#[derive(Debug, Default)]
pub(super) struct Learned {
    generations: RwLock<HashMap<String, u64>>,
}

/// What is decided in this process.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Decision {
    /// The call may be made.
    Allowed {
        /// The state's generation.
        generation: u64,
    },
    /// The call may not be made.
    Denied {
        /// The breaker's state.
        state: State,
        /// Why.
        reason: Reason,
        /// The same for people.
        message: Arc<str>,
        /// When it may be worth asking again. `None`: that is not known (it was forced open by hand).
        retry_after: Option<Duration>,
    },
    /// The sidecar has to be asked: nothing valid is known, or it is half open.
    Ask,
}

impl View {
    /// What decides calls of `method` (empty: none): what was told of it, or else of the breaker, if `Acquire` answered with that
    /// one's generation. Another generation would be the method's own.
    #[inline]
    pub(super) fn of(&self, method: &str, learned: &Learned) -> Option<&Told> {
        if method.is_empty() {
            return self.plain.as_ref();
        }
        let plain = || self.plain.as_ref().filter(|told| learned.of(method) == Some(told.generation));
        self.methods.get(method).or_else(plain)
    }
}

impl Learned {
    fn of(&self, method: &str) -> Option<u64> {
        self.generations.read().unwrap().get(method).copied()
    }

    pub(super) fn learn(&self, method: &str, generation: u64) {
        if method.is_empty() || self.of(method) == Some(generation) {
            return;
        }
        let mut generations = self.generations.write().unwrap();
        if generations.len() < MOST_LEARNED || generations.contains_key(method) {
            generations.insert(method.to_owned(), generation);
        }
    }

    pub(super) fn forget(&self) {
        self.generations.write().unwrap().clear();
    }
}

impl Told {
    pub(super) fn decide(&self, now: Instant) -> Decision {
        if now >= self.valid_until {
            return Decision::Ask;
        }
        match self.state {
            State::Closed | State::ForcedClosed | State::MetricsOnly => {
                if self.admit_ratio >= 1.0 || chance() < self.admit_ratio {
                    return Decision::Allowed { generation: self.generation };
                }
                self.denied(now)
            }
            State::Open | State::ForcedOpen => self.denied(now),
            State::HalfOpen | State::Unspecified => Decision::Ask,
        }
    }

    fn denied(&self, now: Instant) -> Decision {
        Decision::Denied {
            state: self.state,
            reason: self.reason,
            message: self.message.clone(),
            retry_after: self.retry_at.map(|at| at.saturating_duration_since(now)),
        }
    }
}

thread_local! {
    static SEED: Cell<u64> = Cell::new(RandomState::new().build_hasher().finish() | 1);
}

/// From 0 up to 1.
fn chance() -> f64 {
    SEED.with(|seed| {
        let mut x = seed.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        seed.set(x);
        (x >> 11) as f64 / (1u64 << 53) as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(state: State, now: Instant) -> Told {
        let second = Duration::from_secs(1);
        Told {
            state,
            generation: 7,
            admit_ratio: 1.0,
            valid_until: now + 2 * second,
            retry_at: (state == State::Open).then_some(now + second),
            reason: Reason::FailureRate,
            message: "7 of 20 calls failed".into(),
        }
    }

    #[test]
    fn states_decide_while_they_are_valid() {
        let now = Instant::now();
        for state in [State::Closed, State::ForcedClosed, State::MetricsOnly] {
            assert_eq!(told(state, now).decide(now), Decision::Allowed { generation: 7 });
            assert_eq!(told(state, now).decide(now + Duration::from_secs(2)), Decision::Ask);
        }
        assert_eq!(told(State::HalfOpen, now).decide(now), Decision::Ask);
        let later = now + Duration::from_millis(400);
        let denied = |state, retry_after| Decision::Denied {
            state,
            reason: Reason::FailureRate,
            message: "7 of 20 calls failed".into(),
            retry_after,
        };
        let left = Some(Duration::from_millis(600));
        assert_eq!(told(State::Open, now).decide(later), denied(State::Open, left));
        assert_eq!(told(State::ForcedOpen, now).decide(later), denied(State::ForcedOpen, None));
    }

    #[test]
    fn a_share_passes_while_it_recovers() {
        let now = Instant::now();
        let told = Told { admit_ratio: 0.25, ..told(State::Closed, now) };
        let passed = (0..10_000).filter(|_| matches!(told.decide(now), Decision::Allowed { .. })).count();
        assert!((2000..3000).contains(&passed), "{passed}");
    }

    #[test]
    fn a_method_is_decided_by_its_own_state() {
        let now = Instant::now();
        let (mut view, learned) = (View::default(), Learned::default());
        assert_eq!(view.of("get", &learned), None);
        view.plain = Some(told(State::Closed, now));
        assert_eq!(view.of("get", &learned), None, "it may have a generation of its own");
        view.methods.insert("put".into(), told(State::Open, now));
        learned.learn("put", 7);
        assert_eq!(view.of("put", &learned).unwrap().state, State::Open);
        assert_eq!(view.of("", &learned), view.plain.as_ref());
    }

    #[test]
    fn a_method_with_the_breakers_generation_is_decided_by_its_state() {
        let (mut view, learned) = (View::default(), Learned::default());
        learned.learn("get", 7);
        assert_eq!(view.of("get", &learned), None, "nothing was told of the breaker");
        view.plain = Some(told(State::Open, Instant::now()));
        assert_eq!(view.of("get", &learned), view.plain.as_ref());
        learned.learn("get", 6);
        assert_eq!(view.of("get", &learned), None, "of another generation");
        learned.learn("get", 7);
        assert_eq!(view.of("get", &learned), view.plain.as_ref());
        learned.forget();
        assert_eq!(view.of("get", &learned), None);
    }

    #[test]
    fn so_many_methods_are_remembered() {
        let learned = Learned::default();
        (0..=MOST_LEARNED).for_each(|i| learned.learn(&i.to_string(), 1));
        assert_eq!(learned.of(&MOST_LEARNED.to_string()), None);
        learned.learn("0", 2);
        assert_eq!(learned.of("0"), Some(2));
        learned.learn("", 1);
        assert_eq!(learned.of(""), None);
    }
}
