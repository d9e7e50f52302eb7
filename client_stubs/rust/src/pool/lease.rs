//! A lease, as its holder sees it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::held::Held;
use super::share::Share;
use crate::answer::from_proto;
use crate::breaker::Outcome;
use crate::client::Core;
use crate::proto::pool::{AcquireResponse, Advice, Endpoint, Reason};
use crate::{Error, Source};

/// A connection slot of a pool. Dropped, it goes back, on every path: with [`Outcome::Failure`] if the thread panics, and with a
/// result that says nothing of the endpoint otherwise. [`close`](Self::close) tells how the endpoint did.
///
/// Close the connection first, or keep it for the next lease on that endpoint: another may have the slot at once.
pub struct Lease {
    slot: Slot,
    // Keeps the client for as long as something of it is held.
    core: Arc<Core>,
}

enum Slot {
    Sidecar(Held),
    Share { endpoint: Option<Endpoint>, _share: Share },
}

impl Lease {
    pub(super) fn held(held: Held, core: Arc<Core>) -> Self {
        Lease { slot: Slot::Sidecar(held), core }
    }

    pub(super) fn share(share: Share, address: &str, core: Arc<Core>) -> Self {
        let endpoint = Endpoint { address: address.to_owned(), ..Endpoint::default() };
        let endpoint = (!address.is_empty()).then_some(endpoint);
        Lease { slot: Slot::Share { endpoint, _share: share }, core }
    }

    /// Where to connect. `None`: the pool has no endpoints, it only caps.
    pub fn endpoint(&self) -> Option<&Endpoint> {
        match &self.slot {
            Slot::Sidecar(held) => held.acquired.endpoint.as_ref(),
            Slot::Share { endpoint, .. } => endpoint.as_ref(),
        }
    }

    /// Greater than that of everyone who held this slot before, in any pod. 0 if the sidecar did not give it.
    pub fn fencing_token(&self) -> u64 {
        self.acquired().map_or(0, |acquired| acquired.fencing_token)
    }

    /// Beyond the pool's cap: close the connection afterwards, do not keep it.
    pub fn overflow(&self) -> bool {
        self.acquired().is_some_and(|acquired| acquired.overflow)
    }

    /// All endpoints of the role are unwell, and this is the best of them.
    pub fn panic(&self) -> bool {
        self.acquired().is_some_and(|acquired| acquired.panic)
    }

    /// How long the sidecar let the call wait.
    pub fn waited(&self) -> Option<Duration> {
        from_proto(self.acquired()?.waited)
    }

    /// The sidecar's own word: its store is out of reach.
    pub fn degraded(&self) -> bool {
        self.acquired().is_some_and(|acquired| acquired.degraded)
    }

    /// Who gave it.
    pub fn source(&self) -> Source {
        match self.slot {
            Slot::Sidecar(_) => Source::Sidecar,
            Slot::Share { .. } => Source::Fallback,
        }
    }

    /// Whether it is lost: the sidecar said so, its stream broke, or its time is over without a renewal. Close the connection then.
    pub fn is_lost(&self) -> bool {
        match &self.slot {
            Slot::Sidecar(held) => held.lost.is_set(),
            Slot::Share { .. } => false,
        }
    }

    /// Waits until it is lost; for ever if it is not.
    pub async fn lost(&self) {
        match &self.slot {
            Slot::Sidecar(held) => held.lost.wait().await,
            Slot::Share { .. } => std::future::pending().await,
        }
    }

    /// Gives it back, and tells how the endpoint did. Waits until that is done, for the client's timeout at most.
    pub async fn close(self, outcome: Outcome) {
        if let Slot::Sidecar(held) = self.slot {
            held.release(outcome, self.core.options.timeout).await;
        }
    }

    /// Gives it back when `closed` is done, in the background. At once if there is no runtime to do that on.
    #[cfg(feature = "deadpool")]
    pub(crate) fn after(self, closed: impl std::future::Future<Output = ()> + Send + 'static) {
        if let Ok(runtime) = self.core.runtime() {
            runtime.spawn(async move {
                closed.await;
                drop(self);
            });
        }
    }

    fn acquired(&self) -> Option<&AcquireResponse> {
        match &self.slot {
            Slot::Sidecar(held) => Some(&held.acquired),
            Slot::Share { .. } => None,
        }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Lease")
            .field("endpoint", &self.endpoint())
            .field("fencing_token", &self.fencing_token())
            .field("source", &self.source())
            .field("lost", &self.is_lost())
            .finish()
    }
}

/// That there is no slot.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAcquired {
    /// Why.
    pub reason: Reason,
    /// What to do instead.
    pub advice: Advice,
    /// When it may be worth asking again.
    pub retry_after: Option<Duration>,
    /// The sidecar's own word: its store is out of reach.
    pub degraded: bool,
    /// Who said so.
    pub source: Source,
}

impl NotAcquired {
    pub(super) fn from_sidecar(answer: &AcquireResponse) -> Self {
        NotAcquired {
            reason: answer.reason(),
            advice: answer.advice(),
            retry_after: from_proto(answer.retry_after),
            degraded: answer.degraded,
            source: Source::Sidecar,
        }
    }

    pub(super) fn of_fallback() -> Self {
        NotAcquired {
            reason: Reason::StoreUnavailable,
            advice: Advice::FallBack,
            retry_after: Some(Duration::from_secs(1)),
            degraded: false,
            source: Source::Fallback,
        }
    }
}

/// Why there is no lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AcquireError {
    /// There is no slot.
    NotAcquired(NotAcquired),
    /// Asking was a mistake.
    Outrigger(Error),
}

impl fmt::Display for AcquireError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AcquireError::NotAcquired(why) => write!(out, "no slot of the pool: {}", why.reason.as_str_name()),
            AcquireError::Outrigger(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for AcquireError {}

impl From<Error> for AcquireError {
    fn from(error: Error) -> Self {
        AcquireError::Outrigger(error)
    }
}

/// Why a body that needs a lease has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseError<E> {
    /// The body's own error, as it is.
    Body(E),
    /// There was no lease; the body was not run.
    Acquire(AcquireError),
}

impl<E: fmt::Display> fmt::Display for LeaseError<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LeaseError::Body(error) => error.fmt(out),
            LeaseError::Acquire(error) => error.fmt(out),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for LeaseError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            LeaseError::Body(error) => Some(error),
            LeaseError::Acquire(error) => Some(error),
        }
    }
}
