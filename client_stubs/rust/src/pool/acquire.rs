//! One request for a lease, with its options.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use super::{AcquireError, Lease, NotAcquired, Pool, Role, USUAL_WAIT};
use crate::answer::{to_proto, Failure};
use crate::options::PoolFallback;
use crate::proto::pool::AcquireRequest;

/// A lease to be had when it is awaited; see [`Pool::acquire`].
#[must_use = "nothing is acquired before it is awaited"]
pub struct Acquire<'a> {
    pool: &'a Pool,
    request: AcquireRequest,
    max_wait: Duration,
}

impl<'a> Acquire<'a> {
    pub(super) fn new(pool: &'a Pool) -> Self {
        let request = AcquireRequest { pool: pool.name.to_string(), ..AcquireRequest::default() };
        Acquire { pool, request, max_wait: USUAL_WAIT }
    }

    /// How long to wait for a slot; 5 s unless said otherwise, at most 1 hour. Zero: only ask the fleet, and wait for nobody.
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// What the endpoint has to be. Unset: any.
    pub fn role(mut self, role: Role) -> Self {
        self.request.set_role(role);
        self
    }

    /// What keeps to one endpoint, with `balance: sticky` and [`Role::Shard`]; at most 1,024 bytes.
    pub fn session_key(mut self, key: impl Into<String>) -> Self {
        self.request.session_key = key.into();
        self
    }

    /// Which try this is, from 0.
    pub fn attempt(mut self, attempt: u32) -> Self {
        self.request.attempt = attempt;
        self
    }

    /// Addresses that have just failed this caller; others are preferred. At most 16.
    pub fn avoid<N: Into<String>>(mut self, addresses: impl IntoIterator<Item = N>) -> Self {
        self.request.avoid = addresses.into_iter().map(Into::into).collect();
        self
    }

    async fn run(self) -> Result<Lease, AcquireError> {
        let pool = self.pool;
        pool.core.begin(&pool.core.counters.pool)?;
        let result = match self.ask().await {
            Ok(result) => result,
            Err(Failure::Gone) => {
                pool.core.counters.pool.fall_back();
                fall_back(pool)
            }
            Err(Failure::Mistake(error)) => return Err(error.into()),
        };
        result.map_err(AcquireError::NotAcquired)
    }

    async fn ask(mut self) -> Result<Result<Lease, NotAcquired>, Failure> {
        let core = &self.pool.core;
        self.request.max_wait = Some(to_proto(self.max_wait));
        let mut acquiring = core.pools.ask(core, self.request)?;
        let reply = tokio::time::timeout(core.options.deadline(self.max_wait), acquiring.reply()).await;
        match reply.unwrap_or(Err(Failure::Gone))? {
            Ok(held) => Ok(Ok(Lease::held(held, core.clone()))),
            Err(answer) => Ok(Err(NotAcquired::from_sidecar(&answer))),
        }
    }
}

fn fall_back(pool: &Pool) -> Result<Lease, NotAcquired> {
    let PoolFallback::Share { leases, endpoint } = &pool.core.options.pool else {
        return Err(NotAcquired::of_fallback());
    };
    let share = pool.core.pools.shares.take(&pool.name, *leases).ok_or_else(NotAcquired::of_fallback)?;
    Ok(Lease::share(share, endpoint, pool.core.clone()))
}

impl<'a> IntoFuture for Acquire<'a> {
    type Output = Result<Lease, AcquireError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
