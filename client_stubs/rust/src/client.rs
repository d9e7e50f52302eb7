//! The client, and what its parts share.

use std::future::{poll_fn, Future};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::answer::Failure;
use crate::breaker::{Breaker, Breakers};
use crate::cache::{Cache, Refreshes};
use crate::channel::{shared, SharedChannel};
use crate::limits::{Limiter, Limits};
use crate::options::{Builder, Options};
use crate::pool::{Pool, Pools};
use crate::stats::{Counter, Counters, Stats};
use crate::target::Target;
use crate::{trace, Error};

/// A client of the sidecar in this pod. Cheap to clone, and to be used by all tasks of a program; `Send` and `Sync`.
///
/// All clients of a target share one connection, which is made by the first call and made anew when it breaks. It lives on the
/// Tokio runtime of the first call, so a client belongs to one runtime.
///
/// ```no_run
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// let outrigger = outrigger::Outrigger::connect()?;
/// let answer = outrigger.limiter().allow([("user", "42")]).await?;
/// println!("{} {:?}", answer.allowed, answer.source);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Outrigger {
    core: Arc<Core>,
}

impl Outrigger {
    /// A client with the defaults: see [`Builder`].
    ///
    /// # Errors
    ///
    /// [`Error::Target`] if `OUTRIGGER_TARGET` cannot be understood.
    pub fn connect() -> Result<Self, Error> {
        Outrigger::builder().connect()
    }

    /// For other options than the defaults.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn new(target: Target, options: Options) -> Self {
        let core = Core {
            limits: Limits::new(&options),
            breakers: Breakers::new(&options),
            pools: Pools::new(&options),
            refreshes: Refreshes::new(&options),
            counters: Counters::default(),
            line: Mutex::new(Line::Idle(target)),
            closing: Notify::new(),
            options,
        };
        Outrigger { core: Arc::new(core) }
    }

    /// Rate limits.
    pub fn limiter(&self) -> Limiter {
        Limiter::new(self.core.clone())
    }

    /// The cache's `namespace`, whose values are JSON. [`Cache::with_codec`] has others.
    #[cfg(feature = "json")]
    pub fn cache(&self, namespace: impl Into<String>) -> Cache<crate::cache::Json> {
        self.cache_of(namespace, crate::cache::Json)
    }

    /// The cache's `namespace`, whose values `codec` turns into bytes and back.
    pub fn cache_of<C>(&self, namespace: impl Into<String>, codec: C) -> Cache<C> {
        Cache::new(self.core.clone(), namespace.into(), codec)
    }

    /// The breaker of that name.
    pub fn breaker(&self, name: impl Into<String>) -> Breaker {
        Breaker::new(self.core.clone(), &name.into())
    }

    /// The pool of that name.
    pub fn pool(&self, name: impl Into<String>) -> Pool {
        Pool::new(self.core.clone(), name.into())
    }

    /// What was asked, and how often a policy had to answer.
    pub fn stats(&self) -> Stats {
        let counters = &self.core.counters;
        Stats {
            limits: counters.limits.read(),
            cache: counters.cache.read(),
            breaker: counters.breaker.read(),
            pool: counters.pool.read(),
            outcomes_dropped: self.core.breakers.dropped(),
            leases: self.core.pools.leases(),
        }
    }

    /// Ends all that this client has open: leases are given back (whoever has one finds it lost), outcomes are reported, refreshes
    /// in the background are stopped, and others may load what was being loaded here. Calls under way are answered by their policy;
    /// calls afterwards are [`Error::Closed`].
    ///
    /// It takes at most twice the timeout. Dropping the last clone, handle and lease does the same but for the report.
    pub async fn close(&self) {
        let open = std::mem::replace(&mut *self.core.line.lock().unwrap(), Line::Closed);
        self.core.closing.notify_waiters();
        self.core.refreshes.end();
        self.core.limits.end();
        self.core.pools.end();
        self.core.breakers.end(self.core.options.timeout).await;
        self.core.refreshes.ended(self.core.options.timeout).await;
        drop(open);
    }
}

/// What all parts have.
pub(crate) struct Core {
    pub(crate) options: Options,
    pub(crate) counters: Counters,
    pub(crate) limits: Limits,
    pub(crate) breakers: Breakers,
    pub(crate) pools: Pools,
    pub(crate) refreshes: Refreshes,
    line: Mutex<Line>,
    /// Told after `line` was closed.
    closing: Notify,
}

enum Line {
    Idle(Target),
    Open(Arc<SharedChannel>),
    Closed,
}

impl Core {
    /// The connection, and the runtime that it lives on. Made by the first call.
    pub(crate) fn line(&self) -> Result<Arc<SharedChannel>, Error> {
        let mut line = self.line.lock().unwrap();
        let open = match &*line {
            Line::Open(open) => return Ok(open.clone()),
            Line::Closed => return Err(Error::Closed),
            Line::Idle(target) => shared(target)?,
        };
        *line = Line::Open(open.clone());
        Ok(open)
    }

    /// A call begins, and is counted, if the client is open. From then on [`Error::Closed`] is no answer to it.
    pub(crate) fn begin(&self, counter: &Counter) -> Result<(), Error> {
        self.line()?;
        counter.begin();
        Ok(())
    }

    /// The connection for a call that has begun: if the client was closed since, the policy is to answer.
    pub(crate) fn line_of_begun(&self) -> Result<Arc<SharedChannel>, Failure> {
        self.line().map_err(|_| Failure::Gone)
    }

    /// What `ask` gets over the connection for a call that has begun; [`Failure::Gone`] as soon as the client is closed.
    pub(crate) async fn until_closed<A, F>(&self, ask: impl FnOnce(Arc<SharedChannel>) -> F) -> Result<A, Failure>
    where
        F: Future<Output = Result<A, Failure>>,
    {
        // Listens before it looks at the line, so that no close comes between.
        let closing = self.closing.notified();
        let answer = ask(self.line_of_begun()?);
        unless(closing, answer).await
    }

    pub(crate) fn runtime(&self) -> Result<Handle, Error> {
        Ok(self.line()?.runtime.clone())
    }

    /// One RPC of a call that has begun, which may wait for `wait` in the sidecar. It ends at its deadline, and when the client is
    /// closed, whatever the sidecar does.
    pub(crate) async fn call<Q, A, F>(
        &self,
        wait: Duration,
        message: Q,
        rpc: impl FnOnce(Channel, Request<Q>) -> F,
    ) -> Result<A, Failure>
    where
        F: Future<Output = Result<Response<A>, Status>>,
    {
        self.until_closed(|line| bounded(self.options.deadline(wait), line.channel.clone(), message, rpc)).await
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.refreshes.end();
        self.limits.end();
        self.pools.end();
        self.breakers.abandon();
    }
}

/// What `answer` gives; [`Failure::Gone`] if `end` comes first.
pub(crate) async fn unless<A>(
    end: impl Future<Output = ()>,
    answer: impl Future<Output = Result<A, Failure>>,
) -> Result<A, Failure> {
    let (mut end, mut answer) = (pin!(end), pin!(answer));
    poll_fn(|context| match answer.as_mut().poll(context) {
        Poll::Pending => end.as_mut().poll(context).map(|()| Err(Failure::Gone)),
        ready => ready,
    })
    .await
}

/// One call over `channel`, within `deadline` of the first poll. It has the trace of whoever makes the future, whoever polls it.
pub(crate) fn bounded<Q, A, F>(
    deadline: Duration,
    channel: Channel,
    message: Q,
    rpc: impl FnOnce(Channel, Request<Q>) -> F,
) -> impl Future<Output = Result<A, Failure>>
where
    F: Future<Output = Result<Response<A>, Status>>,
{
    let mut request = Request::new(message);
    // Longer than a gRPC header can say is as good as none.
    request.set_timeout(deadline.min(Duration::from_secs(24 * 3600)));
    trace::inject(request.metadata_mut());
    let answer = rpc(channel, request);
    async move {
        match tokio::time::timeout(deadline, answer).await {
            Ok(answer) => Ok(answer?.into_inner()),
            Err(_) => Err(Failure::Gone),
        }
    }
}
