//! What the driver gets to read.

use std::fmt::Display;
use std::time::Duration;

use outrigger::{Error, Outcome, Source};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tonic::Code;

/// An error that the driver is told.
#[derive(Debug)]
pub struct Fault {
    pub code: &'static str,
    pub message: String,
}

pub type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    pub fn new(code: &'static str, message: impl Display) -> Self {
        Fault { code, message: message.to_string() }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let code = match (&error, error.code()) {
            (Error::Closed, _) => "CLOSED",
            (_, Code::InvalidArgument) => "INVALID_ARGUMENT",
            (_, Code::NotFound) => "NOT_FOUND",
            (_, Code::FailedPrecondition) => "FAILED_PRECONDITION",
            (_, Code::PermissionDenied) => "PERMISSION_DENIED",
            (_, Code::Unauthenticated) => "UNAUTHENTICATED",
            (_, Code::OutOfRange) => "OUT_OF_RANGE",
            _ => "UNKNOWN",
        };
        Fault::new(code, error)
    }
}

/// The arguments of an op.
pub fn read<T: DeserializeOwned>(arguments: Value) -> Result<T> {
    serde_json::from_value(arguments).map_err(|error| Fault::new("ARGUMENTS", error))
}

pub fn source(source: Source) -> &'static str {
    match source {
        Source::Sidecar => "sidecar",
        Source::Fallback => "fallback",
    }
}

pub fn milliseconds(time: Option<Duration>) -> Option<f64> {
    time.map(|time| time.as_secs_f64() * 1000.0)
}

pub fn duration(milliseconds: f64) -> Duration {
    Duration::from_secs_f64(milliseconds / 1000.0)
}

pub fn outcome(name: Option<&str>) -> Outcome {
    match name {
        Some("failure") => Outcome::Failure,
        Some("ignored") => Outcome::Ignored,
        _ => Outcome::Success,
    }
}
