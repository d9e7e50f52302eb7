//! The breakers' states, as the sidecar tells them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tonic::transport::Channel;
use tonic::Status;

use super::local::Record;
use super::told::{Learned, Told, View};
use crate::answer::from_proto;
use crate::backoff::Backoff;
use crate::proto::breaker::breaker_client::BreakerClient;
use crate::proto::breaker::{WatchRequest, WatchResponse};

/// One breaker, by name.
#[derive(Default)]
pub(super) struct Entry {
    pub(super) view: ArcSwap<View>,
    pub(super) learned: Learned,
    pub(super) local: Mutex<Record>,
}

/// All breakers of a client. Thread-safe.
#[derive(Default)]
pub(super) struct Watched {
    entries: RwLock<HashMap<String, Arc<Entry>>>,
    /// The stream's; 0: there is none.
    session: AtomicU64,
}

impl Watched {
    pub(super) fn entry(&self, name: &str) -> Arc<Entry> {
        if let Some(entry) = self.entries.read().unwrap().get(name) {
            return entry.clone();
        }
        self.entries.write().unwrap().entry(name.to_owned()).or_default().clone()
    }

    pub(super) fn session(&self) -> u64 {
        self.session.load(Ordering::Relaxed)
    }

    /// Watches for ever, over one stream after another.
    pub(super) async fn run(self: Arc<Self>, channel: Channel) {
        let mut backoff = Backoff::default();
        loop {
            let _ = self.watch(&channel, &mut backoff).await;
            self.session.store(0, Ordering::Relaxed);
            tokio::time::sleep(backoff.next()).await;
        }
    }

    async fn watch(&self, channel: &Channel, backoff: &mut Backoff) -> Result<(), Status> {
        let mut client = BreakerClient::new(channel.clone());
        let mut stream = client.watch(WatchRequest::default()).await?.into_inner();
        while let Some(message) = stream.message().await? {
            backoff.reset();
            self.take(message, Instant::now());
        }
        Ok(())
    }

    pub(super) fn take(&self, message: WatchResponse, now: Instant) {
        if message.session != 0 {
            self.session.store(message.session, Ordering::Relaxed);
        }
        if message.breaker.is_empty() {
            self.forget();
            return;
        }
        let after = |duration: Duration| now.checked_add(duration).unwrap_or(now);
        let told = Told {
            state: message.state(),
            generation: message.generation,
            admit_ratio: message.admit_ratio,
            valid_until: after(from_proto(message.valid_for).unwrap_or_default()),
            retry_at: from_proto(message.retry_after).filter(|time| !time.is_zero()).map(after),
            reason: message.reason(),
            message: message.message.into(),
        };
        let entry = self.entry(&message.breaker);
        let mut view = View::clone(&entry.view.load());
        if message.method.is_empty() {
            view.plain = Some(told);
        } else {
            view.methods.insert(message.method, told);
        }
        entry.view.store(Arc::new(view));
    }

    /// Nothing that was told is valid any more.
    pub(super) fn forget(&self) {
        for entry in self.entries.read().unwrap().values() {
            entry.view.store(Arc::default());
            entry.learned.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::to_proto;
    use crate::proto::breaker::State;

    fn message(breaker: &str, method: &str, session: u64) -> WatchResponse {
        WatchResponse {
            breaker: breaker.into(),
            method: method.into(),
            state: State::Closed.into(),
            admit_ratio: 1.0,
            valid_for: Some(to_proto(Duration::from_secs(2))),
            session,
            ..WatchResponse::default()
        }
    }

    #[test]
    fn what_was_left_out_makes_all_invalid() {
        let watched = Watched::default();
        let now = Instant::now();
        watched.take(message("a", "", 3), now);
        watched.take(message("a", "get", 3), now);
        let entry = watched.entry("a");
        assert!(entry.view.load().plain.is_some());
        assert!(entry.view.load().methods.contains_key("get"));
        entry.learned.learn("put", 0);
        assert!(entry.view.load().of("put", &entry.learned).is_some());
        watched.take(message("", "", 0), now);
        assert!(entry.view.load().plain.is_none());
        assert!(entry.view.load().methods.is_empty());
        watched.take(message("a", "", 3), now);
        assert!(entry.view.load().of("put", &entry.learned).is_none());
        assert_eq!(watched.session(), 3, "the stream goes on");
    }
}
