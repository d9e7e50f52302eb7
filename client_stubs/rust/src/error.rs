//! Errors of the library's own.

use std::fmt;

use tonic::Code;

/// What can only be a mistake of the caller's.
///
/// That a request is denied, or that the sidecar is gone, is no error: see each part's answer and its [`Source`](crate::Source).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The client was closed before this call.
    Closed,
    /// The sidecar said that the request is wrong: `InvalidArgument`, `NotFound`, `FailedPrecondition`, `PermissionDenied`,
    /// `Unauthenticated` or `OutOfRange`.
    Refused {
        /// The status' code.
        code: Code,
        /// What is wrong: the field's path, or the name that is not configured.
        message: String,
    },
    /// The target is not one of `unix:///path`, `unix:path`, a path, `host:port`.
    Target(String),
    /// Called outside of a Tokio runtime.
    NoRuntime,
}

impl Error {
    /// The gRPC code that is nearest: that of the sidecar's answer, or `FailedPrecondition` for the others.
    pub fn code(&self) -> Code {
        match self {
            Error::Refused { code, .. } => *code,
            Error::Target(_) => Code::InvalidArgument,
            Error::Closed | Error::NoRuntime => Code::FailedPrecondition,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Closed => out.write_str("the client is closed"),
            Error::Refused { code, message } => write!(out, "{message} ({code:?})"),
            Error::Target(target) => {
                write!(out, "target {target:?} is none of unix:///path, unix:path, a path, host:port")
            }
            Error::NoRuntime => out.write_str("called outside of a Tokio runtime"),
        }
    }
}

impl std::error::Error for Error {}
