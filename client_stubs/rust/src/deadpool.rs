//! A lease for each connection of a [deadpool](https://docs.rs/deadpool).

use std::fmt;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::sync::Arc;

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};

use crate::breaker::Outcome;
use crate::pool::{AcquireError, Lease, Pool};

/// Wraps a deadpool manager, so that all processes of the fleet together have no more connections than the pool has slots.
///
/// A lease is taken before connecting, and given back after closing. A connection whose lease is lost is not used again. It uses the
/// inner manager's own address: the pool's endpoints do not matter.
///
/// ```text
/// let manager = deadpool_postgres::Manager::new(config, NoTls);
/// let leased = LeasedManager::new(outrigger.pool("orders"), manager);
/// let connections = deadpool::managed::Pool::builder(leased).max_size(16).build()?;
/// ```
pub struct LeasedManager<M: Manager> {
    pool: Pool,
    inner: M,
    close: Option<Arc<Close<M::Type>>>,
}

type Close<T> = dyn Fn(T) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;

/// A connection and its lease.
pub struct Leased<T: Send + 'static> {
    // Taken when it is dropped. In this order: the connection goes before its lease.
    connection: Option<T>,
    lease: Option<Lease>,
    close: Option<Arc<Close<T>>>,
}

/// Why there is no connection.
#[derive(Debug)]
pub enum LeasedError<E> {
    /// The inner manager's error.
    Connection(E),
    /// There was no lease.
    Lease(AcquireError),
}

impl<E: fmt::Display> fmt::Display for LeasedError<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LeasedError::Connection(error) => error.fmt(out),
            LeasedError::Lease(error) => error.fmt(out),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for LeasedError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            LeasedError::Connection(error) => Some(error),
            LeasedError::Lease(error) => Some(error),
        }
    }
}

impl<M: Manager> LeasedManager<M> {
    /// Connections of `inner`, each with a lease of `pool`.
    pub fn new(pool: Pool, inner: M) -> Self {
        LeasedManager { pool, inner, close: None }
    }

    /// How a connection is closed, if dropping it does not close it there and then: its lease is given back when `close` is done.
    pub fn close_with<F>(mut self, close: impl Fn(M::Type) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.close = Some(Arc::new(move |connection| Box::pin(close(connection))));
        self
    }
}

impl<M: Manager> fmt::Debug for LeasedManager<M> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("LeasedManager").finish_non_exhaustive()
    }
}

impl<M: Manager> Manager for LeasedManager<M>
where
    M::Type: Send + 'static,
{
    type Type = Leased<M::Type>;
    type Error = LeasedError<M::Error>;

    async fn create(&self) -> Result<Self::Type, Self::Error> {
        let lease = self.pool.acquire().await.map_err(LeasedError::Lease)?;
        match self.inner.create().await {
            Ok(connection) => {
                Ok(Leased { connection: Some(connection), lease: Some(lease), close: self.close.clone() })
            }
            Err(error) => {
                lease.close(Outcome::Failure).await;
                Err(LeasedError::Connection(error))
            }
        }
    }

    async fn recycle(&self, leased: &mut Self::Type, metrics: &Metrics) -> RecycleResult<Self::Error> {
        if leased.lease.as_ref().is_none_or(Lease::is_lost) {
            return Err(RecycleError::message("its lease is lost"));
        }
        if leased.lease.as_ref().is_some_and(Lease::overflow) {
            return Err(RecycleError::message("it is beyond the pool's cap"));
        }
        self.inner.recycle(leased, metrics).await.map_err(|error| match error {
            RecycleError::Message(message) => RecycleError::Message(message),
            RecycleError::Backend(error) => RecycleError::Backend(LeasedError::Connection(error)),
        })
    }

    fn detach(&self, leased: &mut Self::Type) {
        self.inner.detach(leased);
    }
}

impl<T: Send> Leased<T> {
    /// The connection's lease.
    pub fn lease(&self) -> &Lease {
        self.lease.as_ref().expect("it is there until the connection is dropped")
    }
}

impl<T: Send> Deref for Leased<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.connection.as_ref().expect("it is there until it is dropped")
    }
}

impl<T: Send> DerefMut for Leased<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.connection.as_mut().expect("it is there until it is dropped")
    }
}

impl<T: Send + 'static> Drop for Leased<T> {
    fn drop(&mut self) {
        let (connection, lease) = (self.connection.take(), self.lease.take());
        let (Some(connection), Some(lease)) = (connection, lease) else { return };
        match &self.close {
            Some(close) => {
                let closing = close(connection);
                lease.after(closing);
            }
            None => {
                drop(connection);
                drop(lease);
            }
        }
    }
}
