//! Calls through a breaker.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use super::{Breaker, Outcome, Reason, State};
use crate::{Error, Source};

/// A call that was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Denied {
    /// The breaker's state.
    pub state: State,
    /// Why; `Unspecified` if it is not known here.
    pub reason: Reason,
    /// When it may be worth asking again. `None`: that is not known (it was forced open by hand).
    pub retry_after: Option<Duration>,
    /// The same for people.
    pub message: String,
    /// The sidecar's own word: its store is out of reach.
    pub degraded: bool,
    /// Only this pod's calls fail, and only this pod is kept from calling.
    pub isolated: bool,
    /// Who denied it.
    pub source: Source,
}

impl Denied {
    pub(super) fn new(state: State, reason: Reason, retry_after: Option<Duration>, source: Source) -> Self {
        let message = format!("the breaker is {}", state.as_str_name());
        Denied { state, reason, retry_after, message, degraded: false, isolated: false, source }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "not called: {}", self.message)
    }
}

impl std::error::Error for Denied {}

/// Why a call through a breaker has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError<E> {
    /// The call's own error, as it is.
    Call(E),
    /// The call was not made.
    Denied(Denied),
    /// Asking was a mistake; the call was not made.
    Outrigger(Error),
}

impl<E: fmt::Display> fmt::Display for CallError<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Call(error) => error.fmt(out),
            CallError::Denied(denied) => denied.fmt(out),
            CallError::Outrigger(error) => error.fmt(out),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for CallError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            CallError::Call(error) => Some(error),
            CallError::Denied(denied) => Some(denied),
            CallError::Outrigger(error) => Some(error),
        }
    }
}

impl<E> From<Error> for CallError<E> {
    fn from(error: Error) -> Self {
        CallError::Outrigger(error)
    }
}

impl<E> From<Denied> for CallError<E> {
    fn from(denied: Denied) -> Self {
        CallError::Denied(denied)
    }
}

impl Breaker {
    /// Makes a call if the breaker allows it, and tells how it ended: by [`Outcome::of_result`]. A call that is dropped before its
    /// end is not counted; one that panics is a failure.
    ///
    /// ```no_run
    /// # async fn charge() -> Result<u64, std::io::Error> { Ok(1) }
    /// # async fn f(breaker: outrigger::Breaker) -> Result<(), Box<dyn std::error::Error>> {
    /// let receipt = breaker.call(|| charge()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// The call's own; [`CallError::Denied`]; [`CallError::Outrigger`] for a breaker that is not configured, or a client that is
    /// closed.
    pub async fn call<F, T, E>(&self, call: impl FnOnce() -> F) -> Result<T, CallError<E>>
    where
        F: Future<Output = Result<T, E>>,
        E: Any,
    {
        self.call_classified(call, Outcome::of_result).await
    }

    /// As [`call`](Self::call); `classify` says what a result says of the service.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub async fn call_classified<F, T, E>(
        &self,
        call: impl FnOnce() -> F,
        classify: impl FnOnce(&Result<T, E>) -> Outcome,
    ) -> Result<T, CallError<E>>
    where
        F: Future<Output = Result<T, E>>,
    {
        let permit = self.permit().await??;
        let result = call().await;
        permit.done(classify(&result));
        result.map_err(CallError::Call)
    }

    /// As [`call`](Self::call); if the call is denied, `fallback` answers in its place.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call), and those of `fallback`.
    pub async fn call_or<F, T, E>(
        &self,
        call: impl FnOnce() -> F,
        fallback: impl FnOnce(Denied) -> Result<T, E>,
    ) -> Result<T, CallError<E>>
    where
        F: Future<Output = Result<T, E>>,
        E: Any,
    {
        match self.call(call).await {
            Err(CallError::Denied(denied)) => fallback(denied).map_err(CallError::Call),
            result => result,
        }
    }
}
