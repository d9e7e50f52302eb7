//! What the sidecar's answers have in common: where they are from, and how its failures are read.

use std::time::Duration;

use tonic::{Code, Status};

use crate::Error;

/// Who decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The sidecar, or what it told of a breaker.
    Sidecar,
    /// The sidecar did not answer, and the part's policy decided.
    Fallback,
}

/// Why there is no answer of the sidecar's.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Failure {
    /// It is gone, hangs, drains, or has reached a bound of its own: the policy decides.
    Gone,
    /// The caller must hear of it.
    Mistake(Error),
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Failure::of(status.code(), status.message())
    }
}

impl Failure {
    pub(crate) fn of(code: Code, message: &str) -> Self {
        match code {
            Code::InvalidArgument
            | Code::NotFound
            | Code::FailedPrecondition
            | Code::PermissionDenied
            | Code::Unauthenticated
            | Code::OutOfRange => Failure::Mistake(Error::Refused { code, message: message.to_owned() }),
            _ => Failure::Gone,
        }
    }
}

/// The proto's duration. More than it can hold counts as the most that it can: the sidecar says which bound that breaks.
pub(crate) fn to_proto(duration: Duration) -> prost_types::Duration {
    prost_types::Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: duration.subsec_nanos() as i32,
    }
}

/// Unset, and what is less than nothing, is `None`.
pub(crate) fn from_proto(duration: Option<prost_types::Duration>) -> Option<Duration> {
    duration.and_then(|duration| Duration::try_from(duration).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mistakes_of_the_caller_are_errors() {
        for code in (1..=16).map(Code::from) {
            let mistake = matches!(Failure::of(code, "x"), Failure::Mistake(_));
            let of_the_caller = matches!(
                code,
                Code::InvalidArgument
                    | Code::NotFound
                    | Code::FailedPrecondition
                    | Code::PermissionDenied
                    | Code::Unauthenticated
                    | Code::OutOfRange
            );
            assert_eq!(mistake, of_the_caller, "{code:?}");
        }
    }

    #[test]
    fn durations_survive_both_ways() {
        for duration in [Duration::ZERO, Duration::from_millis(1500), Duration::from_nanos(1)] {
            assert_eq!(from_proto(Some(to_proto(duration))), Some(duration));
        }
        assert_eq!(from_proto(Some(prost_types::Duration { seconds: -1, nanos: 0 })), None);
        assert_eq!(from_proto(None), None);
    }
}
