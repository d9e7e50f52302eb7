//! One `Hold` stream: who waits for a slot on it, and what is held.
//!
//! A stream ends once, with all that is held on it, and is not used again.

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, Notify};
use tokio::task::AbortHandle;
use tokio_stream::Stream;
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::guards::{Acquiring, Releasing};
use super::held::{Held, Lost};
use super::renew::Renewals;
use crate::answer::{from_proto, Failure};
use crate::proto::pool::hold_request::Request;
use crate::proto::pool::hold_response::Response;
use crate::proto::pool::pool_client::PoolClient;
use crate::proto::pool::{AcquireRequest, AcquireResponse, HoldRequest, HoldResponse, ReleaseRequest};

/// What an acquire got: a slot, or why not.
pub(super) type Reply = Result<Result<Held, AcquireResponse>, Failure>;

/// Thread-safe; adding to it never waits.
pub(super) struct Hold {
    state: Mutex<State>,
    /// The earliest renewal is another one now.
    pub(super) renewal: Notify,
}

#[derive(Default)]
struct State {
    /// Written before what asks for more: releases, and the ends of waits.
    returns: VecDeque<HoldRequest>,
    acquires: VecDeque<(u64, AcquireRequest)>,
    pending: HashMap<u64, Pending>,
    held: Renewals,
    last_id: u64,
    /// Set while the writer has nothing to write.
    writer: Option<Waker>,
    ended: bool,
    tasks: Vec<AbortHandle>,
}

enum Pending {
    /// `sent`: when it was written.
    Acquire {
        reply: oneshot::Sender<Reply>,
        sent: Option<Instant>,
    },
    /// Its caller has gone: what comes is released.
    Gone,
    Release {
        reply: oneshot::Sender<()>,
    },
}

impl Hold {
    /// Opens a stream over `channel`, on the present runtime.
    pub(super) fn open(channel: Channel, timeout: Duration) -> Arc<Hold> {
        let hold = Arc::new(Hold { state: Mutex::default(), renewal: Notify::new() });
        let own = hold.clone();
        let renewing = tokio::spawn(super::renew::run(hold.clone(), channel.clone(), timeout));
        let serving = tokio::spawn(async move {
            let failure = own.clone().serve(channel).await.err().map_or(Failure::Gone, Failure::from);
            own.end(failure);
        });
        let tasks = [renewing, serving].map(|task| task.abort_handle());
        let mut state = hold.state.lock().unwrap();
        if state.ended {
            tasks.iter().for_each(AbortHandle::abort);
        } else {
            state.tasks = tasks.into();
        }
        drop(state);
        hold
    }

    async fn serve(self: Arc<Self>, channel: Channel) -> Result<(), Status> {
        let writer = Writer { hold: self.clone() };
        let mut answers = PoolClient::new(channel).hold(writer).await?.into_inner();
        while let Some(answer) = answers.message().await? {
            self.take(answer);
        }
        Ok(())
    }

    /// Asks for a slot. `None` if the stream has ended.
    pub(super) fn acquire(self: &Arc<Self>, request: AcquireRequest) -> Option<Acquiring> {
        let (reply, receiver) = oneshot::channel();
        let mut state = self.state.lock().unwrap();
        if state.ended {
            return None;
        }
        state.last_id += 1;
        let id = state.last_id;
        state.pending.insert(id, Pending::Acquire { reply, sent: None });
        state.acquires.push_back((id, request));
        state.wake();
        Some(Acquiring::new(self.clone(), id, receiver))
    }

    /// Gives a slot back, and waits for nothing.
    pub(super) fn release(&self, request: ReleaseRequest) {
        let mut state = self.state.lock().unwrap();
        state.held.remove(request.lease_id);
        if !state.ended {
            // Nobody waits for the answer to this id.
            state.returns.push_back(HoldRequest { id: 0, request: Some(Request::Release(request)) });
            state.wake();
        }
    }

    /// Gives a slot back, and waits until that is done; `timeout` at most.
    pub(super) async fn release_now(&self, request: ReleaseRequest, timeout: Duration) {
        let (reply, released) = oneshot::channel();
        let id = {
            let mut state = self.state.lock().unwrap();
            state.held.remove(request.lease_id);
            if state.ended {
                return;
            }
            state.last_id += 1;
            let id = state.last_id;
            state.pending.insert(id, Pending::Release { reply });
            state.returns.push_back(HoldRequest { id, request: Some(Request::Release(request)) });
            state.wake();
            id
        };
        let _releasing = Releasing { hold: self, id };
        let _ = tokio::time::timeout(timeout, released).await;
    }

    /// Nobody waits for the answer to this release any more; it is written all the same.
    pub(super) fn forget_release(&self, id: u64) {
        self.state.lock().unwrap().pending.remove(&id);
    }

    pub(super) fn ended(&self) -> bool {
        self.state.lock().unwrap().ended
    }

    /// All under way get `failure`, all that is held is lost, and the stream ends.
    pub(super) fn end(&self, failure: Failure) {
        let (pending, mut held, writer, tasks) = {
            let mut state = self.state.lock().unwrap();
            state.ended = true;
            state.returns.clear();
            state.acquires.clear();
            let tasks = std::mem::take(&mut state.tasks);
            let (pending, held) = (std::mem::take(&mut state.pending), std::mem::take(&mut state.held));
            (pending, held, state.writer.take(), tasks)
        };
        // Both halves: the stream stays open as long as there is either.
        if let Some(writer) = writer {
            writer.wake();
        }
        tasks.iter().for_each(AbortHandle::abort);
        for pending in pending.into_values() {
            if let Pending::Acquire { reply, .. } = pending {
                let _ = reply.send(Err(failure.clone()));
            }
        }
        held.lose_all();
    }

    /// What is kept of leases: 0 if none is held or asked for.
    pub(super) fn kept(&self) -> usize {
        let state = self.state.lock().unwrap();
        state.pending.len() + state.acquires.len() + state.held.len()
    }

    pub(super) fn with_renewals<T>(&self, look: impl FnOnce(&mut Renewals) -> T) -> T {
        look(&mut self.state.lock().unwrap().held)
    }

    fn take(self: &Arc<Self>, answer: HoldResponse) {
        let mut state = self.state.lock().unwrap();
        match answer.response {
            Some(Response::LostLeaseId(lease)) => {
                let lost = state.held.remove(lease);
                drop(state);
                lost.inspect(|lost| lost.set());
            }
            Some(Response::Acquired(answered)) => match state.pending.remove(&answer.id) {
                Some(Pending::Acquire { reply, sent }) => {
                    let result = if answered.acquired {
                        Ok(self.hold(&mut state, answered, sent.unwrap_or_else(Instant::now)))
                    } else {
                        Err(answered)
                    };
                    drop(state);
                    // A slot that nobody waits for any more goes back here.
                    drop(reply.send(Ok(result)));
                }
                _ if answered.acquired => {
                    drop(state);
                    self.release(ReleaseRequest { lease_id: answered.lease_id, ..ReleaseRequest::default() });
                }
                _ => {}
            },
            Some(Response::Released(_)) => {
                if let Some(Pending::Release { reply }) = state.pending.remove(&answer.id) {
                    let _ = reply.send(());
                }
            }
            Some(Response::Error(error)) => match state.pending.remove(&answer.id) {
                Some(Pending::Acquire { reply, .. }) => {
                    let _ = reply.send(Err(Failure::of(Code::from(error.code), &error.message)));
                }
                Some(Pending::Release { .. } | Pending::Gone) | None => {}
            },
            None => {}
        }
    }

    fn hold(self: &Arc<Self>, state: &mut State, acquired: AcquireResponse, sent: Instant) -> Held {
        let lost = Arc::new(Lost::default());
        let length = from_proto(acquired.expires_after).unwrap_or_default();
        let waited = from_proto(acquired.waited).unwrap_or_default();
        if state.held.add(acquired.lease_id, lost.clone(), sent + waited, length) {
            self.renewal.notify_one();
        }
        Held::new(self.clone(), acquired, lost)
    }

    /// The caller of this acquire has gone.
    pub(super) fn forget(&self, id: u64) {
        let mut state = self.state.lock().unwrap();
        match state.pending.remove(&id) {
            Some(Pending::Acquire { sent: Some(_), .. }) => {
                state.pending.insert(id, Pending::Gone);
                state.returns.push_back(HoldRequest { id, request: Some(Request::Cancel(id)) });
                state.wake();
            }
            Some(Pending::Acquire { sent: None, .. } | Pending::Release { .. } | Pending::Gone) | None => {}
        }
        state.skip_forgotten();
    }
}

impl State {
    fn wake(&mut self) {
        if let Some(writer) = self.writer.take() {
            writer.wake();
        }
    }

    /// Acquires that were never written and that nobody waits for any more.
    fn skip_forgotten(&mut self) {
        while self.acquires.front().is_some_and(|(id, _)| !self.pending.contains_key(id)) {
            self.acquires.pop_front();
        }
    }

    fn next(&mut self) -> Option<HoldRequest> {
        if let Some(request) = self.returns.pop_front() {
            return Some(request);
        }
        self.skip_forgotten();
        let (id, request) = self.acquires.pop_front()?;
        if let Some(Pending::Acquire { sent, .. }) = self.pending.get_mut(&id) {
            *sent = Some(Instant::now());
        }
        Some(HoldRequest { id, request: Some(Request::Acquire(request)) })
    }
}

/// The stream's requests.
struct Writer {
    hold: Arc<Hold>,
}

impl Stream for Writer {
    type Item = HoldRequest;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<HoldRequest>> {
        let mut state = self.hold.state.lock().unwrap();
        if state.ended {
            return Poll::Ready(None);
        }
        let next = state.next();
        if next.is_none() {
            state.writer = Some(context.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(next)
    }
}

#[cfg(test)]
#[path = "hold_test.rs"]
mod tests;
