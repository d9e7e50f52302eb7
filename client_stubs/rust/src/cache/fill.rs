//! The right to load a value, and loads in the background.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use super::client;
use super::write::Lifetime;
use crate::answer::Failure;
use crate::client::Core;
use crate::proto::cache::set_request::Condition;
use crate::proto::cache::{AbandonRequest, SetRequest};

/// Most refreshes of a client at a time.
const MOST_REFRESHES: usize = 64;

/// What the cache does in the background.
pub(crate) struct Refreshes {
    permits: Arc<Semaphore>,
    tasks: Mutex<JoinSet<()>>,
}

impl Default for Refreshes {
    fn default() -> Self {
        Refreshes { permits: Arc::new(Semaphore::new(MOST_REFRESHES)), tasks: Mutex::default() }
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
        let mut tasks = self.tasks.lock().unwrap();
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(task, &runtime);
    }

    pub(crate) fn end(&self) {
        self.tasks.lock().unwrap().abort_all();
    }
}

/// The right to load one key. Dropped without a value, another caller may load.
pub(super) struct Ticket {
    core: Arc<Core>,
    namespace: Arc<str>,
    key: String,
    token: Bytes,
}

impl Ticket {
    /// `None` if `token` is empty: there is no right.
    pub(super) fn new(core: &Arc<Core>, namespace: &Arc<str>, key: &str, token: Bytes) -> Option<Self> {
        if token.is_empty() {
            return None;
        }
        Some(Ticket { core: core.clone(), namespace: namespace.clone(), key: key.to_owned(), token })
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// The request that stores `value`, or that there is none. The right is used up.
    pub(super) fn into_request(mut self, value: Option<Bytes>, lifetime: &Lifetime) -> SetRequest {
        let token = std::mem::take(&mut self.token);
        let request = lifetime.request(&self.namespace, std::mem::take(&mut self.key), value);
        SetRequest { condition: Some(Condition::FillToken(token)), ..request }
    }

    /// Stores `value`, or that there is none. That this did not work is nobody's loss.
    pub(super) async fn store(mut self, value: Option<Bytes>, lifetime: &Lifetime) {
        let token = self.token.clone();
        let request = lifetime.request(&self.namespace, self.key.clone(), value);
        let request = SetRequest { condition: Some(Condition::FillToken(token)), ..request };
        let stored = self
            .core
            .call(Duration::ZERO, request, |channel, request| async move { client(channel).set(request).await });
        // A value that the sidecar does not take, or no answer: another may try.
        if let Ok(_) | Err(Failure::Gone) = stored.await {
            self.token.clear();
        }
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
        let core = self.core.clone();
        self.core.refreshes.run(&self.core, async move {
            let abandoned =
                core.call(
                    Duration::ZERO,
                    request,
                    |channel, request| async move { client(channel).abandon(request).await },
                );
            let _ = abandoned.await;
        });
    }
}
