//! What an error says of the service that was called.

use std::any::Any;
use std::error::Error;

use tonic::{Code, Status};

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The service did its work; also if it refused a wrong request.
    Success,
    /// The service did not.
    Failure,
    /// It says nothing about the service: not counted.
    Ignored,
}

impl Outcome {
    /// Of a gRPC code: those that are the caller's own doing are successes, a cancelled call says nothing, all else is a failure.
    pub fn of_code(code: Code) -> Self {
        match code {
            Code::Ok
            | Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::Unauthenticated
            | Code::FailedPrecondition
            | Code::OutOfRange => Outcome::Success,
            Code::Cancelled => Outcome::Ignored,
            _ => Outcome::Failure,
        }
    }

    /// Of an HTTP status: a success below 500.
    pub fn of_http(status: http::StatusCode) -> Self {
        if status.as_u16() < 500 {
            Outcome::Success
        } else {
            Outcome::Failure
        }
    }

    /// Of an error, as it is usual: a [`tonic::Status`] by its code, also as the source of another error within a box; all else
    /// is a failure. A call that is dropped before its end is `Ignored`, and one that panics a failure.
    pub fn of_error<E: Any>(error: &E) -> Self {
        let error: &dyn Any = error;
        let boxed = error.downcast_ref::<Box<dyn Error + Send + Sync>>();
        let status = match error.downcast_ref::<Status>() {
            Some(status) => Some(status),
            None => boxed.and_then(|error| status_in(&**error)),
        };
        status.map_or(Outcome::Failure, |status| Outcome::of_code(status.code()))
    }

    /// Of a result, by [`of_error`](Self::of_error).
    pub fn of_result<T, E: Any>(result: &Result<T, E>) -> Self {
        result.as_ref().err().map_or(Outcome::Success, Outcome::of_error)
    }
}

fn status_in<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Status> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(status) = error.downcast_ref() {
            return Some(status);
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_errors_are_told_apart() {
        assert_eq!(Outcome::of_result::<_, Status>(&Ok(1)), Outcome::Success);
        assert_eq!(Outcome::of_error(&Status::not_found("x")), Outcome::Success);
        assert_eq!(Outcome::of_error(&Status::unavailable("x")), Outcome::Failure);
        assert_eq!(Outcome::of_error(&Status::cancelled("x")), Outcome::Ignored);
        assert_eq!(Outcome::of_error(&std::io::Error::other("x")), Outcome::Failure);
        let boxed: Box<dyn Error + Send + Sync> = Box::new(Status::invalid_argument("x"));
        assert_eq!(Outcome::of_error(&boxed), Outcome::Success);
        assert_eq!(Outcome::of_http(http::StatusCode::NOT_FOUND), Outcome::Success);
        assert_eq!(Outcome::of_http(http::StatusCode::BAD_GATEWAY), Outcome::Failure);
    }
}
