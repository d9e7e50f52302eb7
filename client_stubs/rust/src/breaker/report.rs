//! Outcomes on their way to the sidecar: in batches, in order.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tonic::transport::Channel;

use crate::answer::{to_proto, Failure};
use crate::breaker::Outcome;
use crate::client::bounded;
use crate::proto::breaker::breaker_client::BreakerClient;
use crate::proto::breaker::{Outcome as ProtoOutcome, ReportRequest, Result as ProtoResult};

/// Most outcomes of one message.
const MOST: usize = 1000;

/// Most outcomes that wait; beyond that the oldest are dropped.
const MOST_WAITING: usize = 10_000;

/// Successes wait for others so long.
const GATHER: Duration = Duration::from_millis(100);

/// One call's end.
pub(super) struct Ended {
    pub(super) breaker: Arc<str>,
    pub(super) method: Arc<str>,
    pub(super) permit: u64,
    pub(super) generation: u64,
    pub(super) outcome: Outcome,
    pub(super) duration: Duration,
}

/// What has ended and was not reported yet. Thread-safe; adding never waits.
#[derive(Default)]
pub(super) struct Reports {
    queue: Mutex<Queue>,
    /// There is something to do for the reporter.
    work: Notify,
    /// All has been reported.
    idle: Notify,
    dropped: AtomicU64,
}

#[derive(Default)]
struct Queue {
    ended: VecDeque<Ended>,
    urgent: bool,
    under_way: bool,
    /// No more is reported: the client was closed.
    stopped: bool,
}

impl Reports {
    /// `urgent`: to be reported at once.
    pub(super) fn add(&self, ended: Ended, urgent: bool) {
        let wake = {
            let mut queue = self.queue.lock().unwrap();
            if queue.stopped {
                return;
            }
            if queue.ended.len() >= MOST_WAITING {
                queue.ended.pop_front();
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
            queue.ended.push_back(ended);
            let wake = queue.ended.len() == 1 || (urgent && !queue.urgent);
            queue.urgent |= urgent;
            wake
        };
        if wake {
            self.work.notify_one();
        }
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Waits until all that has ended so far was answered or given up.
    pub(super) async fn flush(&self) {
        loop {
            let idle = self.idle.notified();
            tokio::pin!(idle);
            idle.as_mut().enable();
            {
                let mut queue = self.queue.lock().unwrap();
                if queue.stopped || (queue.ended.is_empty() && !queue.under_way) {
                    return;
                }
                queue.urgent = true;
            }
            self.work.notify_one();
            idle.await;
        }
    }

    /// What waits is given up, and nothing is taken any more.
    pub(super) fn stop(&self) {
        let mut queue = self.queue.lock().unwrap();
        queue.stopped = true;
        queue.ended.clear();
        drop(queue);
        self.work.notify_one();
        self.idle.notify_waiters();
    }

    /// Reports until it is stopped.
    pub(super) async fn run(self: Arc<Self>, channel: Channel, timeout: Duration) {
        while let Some(batch) = self.next().await {
            let lost = send(&channel, timeout, batch.into_iter().map(Ended::into_proto).collect()).await;
            self.dropped.fetch_add(lost, Ordering::Relaxed);
            let mut queue = self.queue.lock().unwrap();
            queue.under_way = false;
            if queue.ended.is_empty() {
                self.idle.notify_waiters();
            }
        }
    }

    /// The next batch; `None` when it is stopped.
    async fn next(&self) -> Option<Vec<Ended>> {
        loop {
            match self.ready() {
                Ready::Stopped => return None,
                Ready::Now => break,
                Ready::Soon => {
                    let urgent = async {
                        while matches!(self.ready(), Ready::Soon) {
                            self.work.notified().await;
                        }
                    };
                    let _ = tokio::time::timeout(GATHER, urgent).await;
                    break;
                }
                Ready::Nothing => self.work.notified().await,
            }
        }
        let mut queue = self.queue.lock().unwrap();
        if queue.stopped {
            return None;
        }
        let count = queue.ended.len().min(MOST);
        let batch = queue.ended.drain(..count).collect();
        queue.urgent &= !queue.ended.is_empty();
        queue.under_way = true;
        Some(batch)
    }

    fn ready(&self) -> Ready {
        let queue = self.queue.lock().unwrap();
        match () {
            () if queue.stopped => Ready::Stopped,
            () if queue.ended.is_empty() => Ready::Nothing,
            () if queue.urgent || queue.ended.len() >= MOST => Ready::Now,
            () => Ready::Soon,
        }
    }
}

enum Ready {
    Now,
    Soon,
    Nothing,
    Stopped,
}

/// How many of `outcomes` were lost.
async fn send(channel: &Channel, timeout: Duration, outcomes: Vec<ProtoOutcome>) -> u64 {
    let mut lost = 0;
    let mut parts = vec![outcomes];
    while let Some(mut outcomes) = parts.pop() {
        let request = ReportRequest { outcomes: outcomes.clone() };
        let answer = bounded(timeout, channel.clone(), request, |channel, request| async move {
            BreakerClient::new(channel).report(request).await
        });
        match answer.await {
            Ok(_) => {}
            // One of them is wrong, and none was counted: the others are to be.
            Err(Failure::Mistake(_)) if outcomes.len() > 1 => {
                let second = outcomes.split_off(outcomes.len() / 2);
                parts.push(second);
                parts.push(outcomes);
            }
            Err(_) => lost += outcomes.len() as u64,
        }
    }
    lost
}

impl Ended {
    fn into_proto(self) -> ProtoOutcome {
        let mut outcome = ProtoOutcome {
            breaker: self.breaker.to_string(),
            method: self.method.to_string(),
            permit: self.permit,
            generation: self.generation,
            duration: Some(to_proto(self.duration)),
            ..ProtoOutcome::default()
        };
        outcome.set_result(match self.outcome {
            Outcome::Success => ProtoResult::Success,
            Outcome::Failure => ProtoResult::Failure,
            Outcome::Ignored => ProtoResult::Ignored,
        });
        outcome
    }
}
