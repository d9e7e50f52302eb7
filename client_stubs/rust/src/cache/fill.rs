//! The right to load a value, and loads in the background.

use std::future::Future;
use std::sync::{Arc, Mutex};
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
use crate::proto::cache::set_request::Condition;
use crate::proto::cache::{AbandonRequest, SetRequest};

/// Most refreshes of a client at a time.
const MOST_REFRESHES: usize = 64;

/// What the cache does in the background.
pub(crate) struct Refreshes {
    permits: Arc<Semaphore>,
    tasks: Mutex<JoinSet<()>>,
    /// They outlive the tasks, and a client that is being closed.
    abandons: Mutex<JoinSet<()>>,
}

impl Default for Refreshes {
    fn default() -> Self {
        Refreshes {
            permits: Arc::new(Semaphore::new(MOST_REFRESHES)),
            tasks: Mutex::default(),
            abandons: Mutex::default(),
        }
    }
}

impl Refreshes {
    /// The right to refresh something; `None` if so many are under way already.
    pub(super) fn permit(&self) -> Option<OwnedSemaphorePermit> {
        self.permits.clone().try_acquire_owned().ok()
    }

    /// Runs `task` on the client's runtime, until the client is closed.
    pub(super) fn run(&self, core: &Core, task: impl Future<Output = ()> + Send + 'static) {
        let Ok(runtime) = core.runtime() else { return };
        spawn(&self.tasks, task, &runtime);
    }

    pub(crate) fn end(&self) {
        self.tasks.lock().unwrap().abort_all();
    }

    /// After [`end`](Self::end): until all have ended, and what they were to load is given back; `timeout` at most.
    pub(crate) async fn ended(&self, timeout: Duration) {
        let end = async {
            for tasks in [&self.tasks, &self.abandons] {
                let mut tasks = std::mem::take(&mut *tasks.lock().unwrap());
                while tasks.join_next().await.is_some() {}
            }
        };
        let _ = tokio::time::timeout(timeout, end).await;
    }
}

fn spawn(tasks: &Mutex<JoinSet<()>>, task: impl Future<Output = ()> + Send + 'static, runtime: &Handle) {
    let mut tasks = tasks.lock().unwrap();
    while tasks.try_join_next().is_some() {}
    tasks.spawn_on(task, runtime);
}

/// The right to load one key. Dropped without a value, another caller may load.
pub(super) struct Ticket {
    core: Arc<Core>,
    line: Arc<SharedChannel>,
    namespace: Arc<str>,
    key: String,
    token: Bytes,
}

impl Ticket {
    /// `None` if `token` is empty: there is no right; or if the client was closed.
    pub(super) fn new(core: &Arc<Core>, namespace: &Arc<str>, key: &str, token: Bytes) -> Option<Self> {
        if token.is_empty() {
            return None;
        }
        let line = core.line().ok()?;
        Some(Ticket { core: core.clone(), line, namespace: namespace.clone(), key: key.to_owned(), token })
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
    pub(super) fn used(mut self) {
        self.token.clear();
    }

    /// Stores `value`, or that there is none. That this did not work is nobody's loss. False: the sidecar is gone.
    pub(super) async fn store(self, value: Option<Bytes>, lifetime: &Lifetime) -> bool {
        let request = self.request(value, lifetime);
        let stored = self
            .core
            .call(Duration::ZERO, request, |channel, request| async move { client(channel).set(request).await });
        let stored = stored.await;
        // A value that the sidecar does not take, or no answer: another may try.
        if let Ok(_) | Err(Failure::Gone) = stored {
            self.used();
        }
        stored != Err(Failure::Gone)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.token.is_empty() {
            return;
        }
        let request = AbandonRequest {
            namespace: self.namespace.to_string(),
            key: std::mem::take(&mut self.key),
            fill_token: std::mem::take(&mut self.token),
        };
        let (core, line) = (self.core.clone(), self.line.clone());
        let abandon = async move {
            let abandoned =
                bounded(core.options.timeout, line.channel.clone(), request, |channel, request| async move {
                    client(channel).abandon(request).await
                });
            let _ = abandoned.await;
        };
        spawn(&self.core.refreshes.abandons, abandon, &self.line.runtime);
    }
}
