//! What a limit answers.

use std::time::Duration;

use crate::answer::from_proto;
use crate::proto::ratelimit::{AllowResponse, LimitStatus as ProtoStatus};
use crate::Source;

/// The answer to one request. All limits that match it were decided together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct Decision {
    /// Whether the request may proceed. True if no limit applies.
    pub allowed: bool,
    /// The limit that decided: the one that denied, or of those that admitted the one with the least left. Empty: none applies.
    pub limit: String,
    /// Tokens that this limit has left.
    pub remaining: u64,
    /// Time until this limit is full again if nothing more is taken.
    pub reset_after: Option<Duration>,
    /// Denied: the soonest the same request could be admitted if nobody else takes tokens. `None` if it can never be.
    pub retry_after: Option<Duration>,
    /// How long the sidecar let the call wait.
    pub waited: Option<Duration>,
    /// The sidecar's own word: its store is out of reach, and the limit's `on_store_loss` decided.
    pub degraded: bool,
    /// Who decided.
    pub source: Source,
    /// One for each limit that applied, if [`detail`](crate::limits::Allow::detail) was asked for.
    pub statuses: Vec<LimitStatus>,
}

/// One limit's part in a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitStatus {
    /// The limit's name.
    pub limit: String,
    /// Whether this limit would have admitted the request.
    pub allowed: bool,
    /// Tokens left.
    pub remaining: u64,
    /// Most tokens that the limit can have, for this request.
    pub burst: u64,
    /// As [`Decision::reset_after`].
    pub reset_after: Option<Duration>,
    /// As [`Decision::retry_after`].
    pub retry_after: Option<Duration>,
    /// The limit only watches: its denials are counted and do not deny.
    pub shadow: bool,
    /// The rate's period.
    pub window: Option<Duration>,
    /// The request is exempt from this limit.
    pub unlimited: bool,
}

impl Decision {
    pub(crate) fn from_sidecar(answer: AllowResponse) -> Self {
        Decision {
            allowed: answer.allowed,
            limit: answer.limit,
            remaining: answer.remaining,
            reset_after: from_proto(answer.reset_after),
            retry_after: from_proto(answer.retry_after),
            waited: from_proto(answer.waited),
            degraded: answer.degraded,
            source: Source::Sidecar,
            statuses: answer.statuses.into_iter().map(LimitStatus::from).collect(),
        }
    }

    pub(crate) fn of_fallback(allowed: bool, remaining: u64, retry_after: Option<Duration>) -> Self {
        Decision {
            allowed,
            limit: String::new(),
            remaining,
            reset_after: None,
            retry_after,
            waited: None,
            degraded: false,
            source: Source::Fallback,
            statuses: Vec::new(),
        }
    }
}

impl From<ProtoStatus> for LimitStatus {
    fn from(status: ProtoStatus) -> Self {
        LimitStatus {
            limit: status.limit,
            allowed: status.allowed,
            remaining: status.remaining,
            burst: status.burst,
            reset_after: from_proto(status.reset_after),
            retry_after: from_proto(status.retry_after),
            shadow: status.shadow,
            window: from_proto(status.window),
            unlimited: status.unlimited,
        }
    }
}
