//! The same for programs without an async runtime: every call waits for its answer on the thread that makes it.
//!
//! A client has one thread of its own, on which its connection lives. Not to be used on the threads of a Tokio runtime: it panics
//! there.
//!
//! ```no_run
//! # fn load(id: u64) -> Result<Option<String>, std::io::Error> { Ok(None) }
//! # fn charge() -> Result<u64, std::io::Error> { Ok(1) }
//! # fn f() -> Result<(), Box<dyn std::error::Error>> {
//! let outrigger = outrigger::blocking::Outrigger::connect()?;
//! let allowed = outrigger.wait(outrigger.limiter().allow([("user", "42")]))?.allowed;
//! let receipt = outrigger.call(&outrigger.breaker("payments"), charge)?;
//! let lease = outrigger.wait(outrigger.pool("orders").acquire())?;
//! # Ok(()) }
//! ```

use std::any::Any;
use std::future::IntoFuture;
use std::io;
use std::ops::Deref;

use tokio::runtime::{Builder as RuntimeBuilder, Runtime};

use crate::breaker::{Breaker, CallError};
use crate::options::Builder;
use crate::Error;

/// A client for threads. `Send` and `Sync`; share it by reference, or in an [`Arc`](std::sync::Arc). It has all that
/// [`Outrigger`](crate::Outrigger) has; what is to be awaited there is given to [`wait`](Self::wait) here.
pub struct Outrigger {
    client: crate::Outrigger,
    runtime: Runtime,
}

/// Why there is no client.
#[derive(Debug)]
pub enum ConnectError {
    /// The target cannot be understood.
    Outrigger(Error),
    /// The client's thread could not be started.
    Thread(io::Error),
}

impl std::fmt::Display for ConnectError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ConnectError::Outrigger(error) => error.fmt(out),
            ConnectError::Thread(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for ConnectError {}

impl Outrigger {
    /// A client with the defaults.
    ///
    /// # Errors
    ///
    /// See [`ConnectError`].
    pub fn connect() -> Result<Self, ConnectError> {
        Outrigger::with(crate::Outrigger::builder())
    }

    /// A client with other options.
    ///
    /// # Errors
    ///
    /// See [`ConnectError`].
    pub fn with(options: Builder) -> Result<Self, ConnectError> {
        let client = options.connect().map_err(ConnectError::Outrigger)?;
        let runtime =
            RuntimeBuilder::new_multi_thread().worker_threads(1).thread_name("outrigger").enable_all().build();
        Ok(Outrigger { client, runtime: runtime.map_err(ConnectError::Thread)? })
    }

    /// Waits for any of the client's calls.
    pub fn wait<F: IntoFuture>(&self, call: F) -> F::Output {
        self.runtime.block_on(async { call.await })
    }

    /// Makes a call if `breaker` allows it, and tells how it ended: as [`Breaker::call`].
    ///
    /// # Errors
    ///
    /// As [`Breaker::call`].
    pub fn call<T, E: Any>(&self, breaker: &Breaker, call: impl FnOnce() -> Result<T, E>) -> Result<T, CallError<E>> {
        let permit = match self.wait(breaker.acquire()) {
            Ok(permit) => permit,
            Err(CallError::Denied(denied)) => return Err(CallError::Denied(denied)),
            Err(CallError::Outrigger(error)) => return Err(CallError::Outrigger(error)),
            Err(CallError::Call(never)) => match never {},
        };
        let result = call();
        permit.done(crate::Outcome::of_result(&result));
        result.map_err(CallError::Call)
    }

    /// As [`Outrigger::close`](crate::Outrigger::close).
    pub fn close(&self) {
        self.wait(self.client.close());
    }
}

impl Deref for Outrigger {
    type Target = crate::Outrigger;

    fn deref(&self) -> &crate::Outrigger {
        &self.client
    }
}
