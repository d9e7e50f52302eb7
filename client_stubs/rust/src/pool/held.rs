//! A slot on a stream, until it goes back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::hold::Hold;
use crate::breaker::Outcome;
use crate::proto::pool::{AcquireResponse, ReleaseRequest, Result as ProtoResult};

/// That a slot is lost, for whoever wants to know.
#[derive(Debug, Default)]
pub(super) struct Lost {
    lost: AtomicBool,
    told: Notify,
}

impl Lost {
    pub(super) fn set(&self) {
        self.lost.store(true, Ordering::Release);
        self.told.notify_waiters();
    }

    pub(super) fn is_set(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    pub(super) async fn wait(&self) {
        let told = self.told.notified();
        tokio::pin!(told);
        told.as_mut().enable();
        if !self.is_set() {
            told.await;
        }
    }
}

/// A slot. Dropped, it goes back.
pub(super) struct Held {
    hold: Arc<Hold>,
    pub(super) acquired: AcquireResponse,
    pub(super) lost: Arc<Lost>,
    released: bool,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Held").field("acquired", &self.acquired).field("lost", &self.lost).finish_non_exhaustive()
    }
}

impl Held {
    pub(super) fn new(hold: Arc<Hold>, acquired: AcquireResponse, lost: Arc<Lost>) -> Self {
        Held { hold, acquired, lost, released: false }
    }

    /// A lost slot is released, too: the sidecar may still hold it.
    fn request(&mut self, outcome: Outcome) -> ReleaseRequest {
        self.released = true;
        let mut request = ReleaseRequest { lease_id: self.acquired.lease_id, ..ReleaseRequest::default() };
        request.set_result(match outcome {
            Outcome::Success => ProtoResult::Success,
            Outcome::Failure => ProtoResult::Failure,
            Outcome::Ignored => ProtoResult::Ignored,
        });
        request
    }

    pub(super) async fn release(mut self, outcome: Outcome, timeout: Duration) {
        let request = self.request(outcome);
        let hold = self.hold.clone();
        hold.release_now(request, timeout).await;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.released {
            let outcome = if std::thread::panicking() { Outcome::Failure } else { Outcome::Ignored };
            let request = self.request(outcome);
            self.hold.release(request);
        }
    }
}
