//! The right to load a value, and loads in the background.

use std::collections::HashMap;
use std::future::{poll_fn, Future};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use super::client;
use super::write::Lifetime;
use crate::answer::Failure;
use crate::channel::SharedChannel;
use crate::client::{bounded, Core};
use crate::options::Options;
use crate::proto::cache::set_request::Condition;
use crate::proto::cache::{AbandonRequest, SetRequest};

/// Most refreshes of a client at a time.
const MOST_REFRESHES: usize = 64;

/// What the cache does in the background, and the rights to load that are held.
pub(crate) struct Refreshes {
    timeout: Duration,
    permits: Arc<Semaphore>,
    tasks: Mutex<JoinSet<()>>,
    rights: Mutex<Rights>,
    abandons: Mutex<JoinSet<()>>,
}

#[derive(Default)]
struct Rights {
    held: HashMap<u64, Right>,
    /// The number of the last.
    last: u64,
    /// The client was closed.
    ended: bool,
}

/// The right to load one key, and how it is given back.
struct Right {
    line: Arc<SharedChannel>,
    abandon: AbandonRequest,
}

impl Refreshes {
    pub(crate) fn new(options: &Options) -> Self {
        Refreshes {
            timeout: options.timeout,
            permits: Arc::new(Semaphore::new(MOST_REFRESHES)),
            tasks: Mutex::default(),
            rights: Mutex::default(),
            abandons: Mutex::default(),
        }
    }

    /// The right to refresh something; `None` if so many are under way already.
    pub(super) fn permit(&self) -> Option<OwnedSemaphorePermit> {
        self.permits.clone().try_acquire_owned().ok()
    }

    /// Runs `task` on the client's runtime, until the client is closed.
    pub(super) fn run(&self, core: &Core, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap();
        // Looked at under the lock: what is begun before the client is closed is there for `end` to stop.
        let Ok(runtime) = core.runtime() else { return };
        spawn(&mut tasks, task, &runtime);
    }

    /// Gives back all that is held, also by loads that somebody waits for, and stops what runs.
    pub(crate) fn end(&self) {
        let held = {
            let mut rights = self.rights.lock().unwrap();
            rights.ended = true;
            std::mem::take(&mut rights.held)
        };
        held.into_values().for_each(|right| self.give_back(right));
        self.tasks.lock().unwrap().abort_all();
    }

    /// After [`end`](Self::end): until all have ended, and what they were to load is given back; `timeout` at most.
    pub(crate) async fn ended(&self, timeout: Duration) {
        let end = async {
            for tasks in [&self.tasks, &self.abandons] {
                poll_fn(|context| loop {
                    match tasks.lock().unwrap().poll_join_next(context) {
                        Poll::Ready(Some(_)) => {}
                        Poll::Ready(None) => return Poll::Ready(()),
                        Poll::Pending => return Poll::Pending,
                    }
                })
                .await;
            }
        };
        let _ = tokio::time::timeout(timeout, end).await;
    }

    /// The number of a right that is held from now on; `None`, and it is given back, if the client was closed.
    fn hold(&self, right: Right) -> Option<u64> {
        let mut rights = self.rights.lock().unwrap();
        if rights.ended {
            drop(rights);
            self.give_back(right);
            return None;
        }
        rights.last += 1;
        let number = rights.last;
        rights.held.insert(number, right);
        Some(number)
    }

    /// `None`: it was used, or given back.
    fn take(&self, number: u64) -> Option<Right> {
        self.rights.lock().unwrap().held.remove(&number)
    }

    fn give_back(&self, right: Right) {
        let (line, timeout) = (right.line.clone(), self.timeout);
        let abandon = async move {
            let abandoned =
                bounded(timeout, right.line.channel.clone(), right.abandon, |channel, request| async move {
                    client(channel).abandon(request).await
                });
            let _ = abandoned.await;
        };
        spawn(&mut self.abandons.lock().unwrap(), abandon, &line.runtime);
    }
}

impl Drop for Refreshes {
    fn drop(&mut self) {
        // What is being given back outlives the client.
        self.abandons.get_mut().unwrap().detach_all();
    }
}

fn spawn(tasks: &mut JoinSet<()>, task: impl Future<Output = ()> + Send + 'static, runtime: &Handle) {
    while tasks.try_join_next().is_some() {}
    tasks.spawn_on(task, runtime);
}

/// The right to load one key. Dropped without a value, another caller may load; as soon as the client is closed, too.
pub(super) struct Ticket {
    core: Arc<Core>,
    number: u64,
    namespace: Arc<str>,
    key: String,
    token: Bytes,
}

impl Ticket {
    /// `None` if `token` is empty: there is no right; or if the client was closed.
    pub(super) fn new(
        core: &Arc<Core>,
        line: &Arc<SharedChannel>,
        namespace: &Arc<str>,
        key: &str,
        token: Bytes,
    ) -> Option<Self> {
        if token.is_empty() {
            return None;
        }
        let (namespace, key) = (namespace.clone(), key.to_owned());
        let abandon = AbandonRequest { namespace: namespace.to_string(), key: key.clone(), fill_token: token.clone() };
        let number = core.refreshes.hold(Right { line: line.clone(), abandon })?;
        Some(Ticket { core: core.clone(), number, namespace, key, token })
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// The request that stores `value`, or that there is none.
    pub(super) fn request(&self, value: Option<Bytes>, lifetime: &Lifetime) -> SetRequest {
        let mut request = lifetime.request(&self.namespace, self.key.clone(), value);
        if request.absent {
            // The options are about values; an absence has the namespace's own times.
            (request.ttl, request.stale_for) = (None, None);
        }
        SetRequest { condition: Some(Condition::FillToken(self.token.clone())), ..request }
    }

    /// The right is used up.
    pub(super) fn used(self) {
        self.core.refreshes.take(self.number);
    }

    /// Stores `value`, or that there is none. If that does not work it is nobody's loss, and another may load. False: the sidecar
    /// is gone.
    pub(super) async fn store(self, value: Option<Bytes>, lifetime: &Lifetime) -> bool {
        let request = self.request(value, lifetime);
        let stored = self
            .core
            .call(Duration::ZERO, request, |channel, request| async move { client(channel).set(request).await });
        let stored = stored.await;
        if stored.is_ok() {
            self.used();
        }
        stored != Err(Failure::Gone)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let refreshes = &self.core.refreshes;
        if let Some(right) = refreshes.take(self.number) {
            refreshes.give_back(right);
        }
    }
}
