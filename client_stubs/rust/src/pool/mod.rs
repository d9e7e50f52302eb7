//! Connection slots with one cap for the whole fleet, and the choice of an endpoint.

mod acquire;
mod guards;
mod held;
mod hold;
mod lease;
mod renew;
mod share;

use std::any::Any;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use acquire::Acquire;
pub use lease::{AcquireError, Lease, LeaseError, NotAcquired};

/// An endpoint and its role; why there is no slot, and what to do without one.
pub use crate::proto::pool::{Advice, Endpoint, Reason, Role};

use crate::answer::Failure;
use crate::breaker::Outcome;
use crate::client::Core;
use crate::options::Options;
use crate::proto::pool::AcquireRequest;
use guards::Acquiring;
use hold::Hold;
use share::Shares;

/// How long a call waits for a slot unless said otherwise.
const USUAL_WAIT: Duration = Duration::from_secs(5);

/// One pool. Cheap to clone; `Send` and `Sync`.
#[derive(Clone)]
pub struct Pool {
    core: Arc<Core>,
    name: Arc<str>,
}

impl Pool {
    pub(crate) fn new(core: Arc<Core>, name: String) -> Self {
        Pool { core, name: name.into() }
    }

    /// A lease: a slot, and where to connect. Options, then `.await`. What is held is free as soon as this process dies.
    ///
    /// ```no_run
    /// # async fn f(pool: outrigger::Pool) -> Result<(), outrigger::pool::AcquireError> {
    /// let lease = pool.acquire().await?;
    /// println!("{:?}", lease.endpoint());
    /// # Ok(()) }
    /// ```
    ///
    /// A future that is dropped leaves nothing behind: a slot that comes too late is given back.
    ///
    /// # Errors
    ///
    /// [`AcquireError::NotAcquired`] if there is no slot; [`AcquireError::Outrigger`] for a pool that is not configured, or a client
    /// that is closed.
    pub fn acquire(&self) -> Acquire<'_> {
        Acquire::new(self)
    }

    /// Runs `body` with a lease, which is given back on every path; how the endpoint did is told by [`Outcome::of_result`].
    ///
    /// # Errors
    ///
    /// The body's own, or why there is no lease.
    pub async fn with_lease<T, E: Any>(
        &self,
        body: impl AsyncFnOnce(&Lease) -> Result<T, E>,
    ) -> Result<T, LeaseError<E>> {
        let lease = self.acquire().await.map_err(LeaseError::Acquire)?;
        let result = body(&lease).await;
        lease.close(Outcome::of_result(&result)).await;
        result.map_err(LeaseError::Body)
    }
}

/// What the pools of a client share.
pub(crate) struct Pools {
    hold: Mutex<Option<Arc<Hold>>>,
    shares: Arc<Shares>,
    timeout: Duration,
}

impl Pools {
    pub(crate) fn new(options: &Options) -> Self {
        Pools { hold: Mutex::new(None), shares: Arc::default(), timeout: options.timeout }
    }

    /// Asks on the stream, which is opened if there is none.
    fn ask(&self, core: &Core, request: AcquireRequest) -> Result<Acquiring, Failure> {
        let mut hold = self.hold.lock().unwrap();
        let open = match hold.as_ref().filter(|hold| !hold.ended()) {
            Some(open) => open.clone(),
            None => {
                let line = core.line_of_begun()?;
                let _runtime = line.runtime.enter();
                let opened = Hold::open(line.channel.clone(), self.timeout);
                *hold = Some(opened.clone());
                opened
            }
        };
        drop(hold);
        open.acquire(request).ok_or(Failure::Gone)
    }

    pub(crate) fn leases(&self) -> usize {
        self.hold.lock().unwrap().as_ref().map_or(0, |hold| hold.kept())
    }

    pub(crate) fn end(&self) {
        if let Some(hold) = self.hold.lock().unwrap().take() {
            hold.end(Failure::Gone);
        }
    }
}
