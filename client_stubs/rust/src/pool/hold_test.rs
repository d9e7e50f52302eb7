//! A stream without a sidecar: its writer is polled, and its answers are made, by hand.

use std::future::Future;

use super::*;
use crate::answer::to_proto;
use crate::breaker::Outcome;

fn hold() -> Arc<Hold> {
    Arc::new(Hold { state: Mutex::default(), renewal: Notify::new() })
}

fn acquire(hold: &Arc<Hold>) -> Acquiring {
    hold.acquire(AcquireRequest::default()).expect("the stream has not ended")
}

fn written(hold: &Arc<Hold>) -> Vec<Request> {
    let mut writer = Writer { hold: hold.clone() };
    let mut requests = Vec::new();
    while let Poll::Ready(Some(request)) = Pin::new(&mut writer).poll_next(&mut Context::from_waker(Waker::noop())) {
        requests.extend(request.request);
    }
    requests
}

fn poll<T>(future: impl Future<Output = T>) -> Option<T> {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

fn acquired(id: u64, lease_id: u64) -> HoldResponse {
    let expires_after = Some(to_proto(Duration::from_secs(30)));
    let answer = AcquireResponse { acquired: true, lease_id, expires_after, ..AcquireResponse::default() };
    HoldResponse { id, response: Some(Response::Acquired(answer)) }
}

fn slot(acquiring: &mut Acquiring) -> Held {
    match poll(acquiring.reply()) {
        Some(Ok(Ok(held))) => held,
        other => panic!("no slot: {other:?}"),
    }
}

fn released(requests: &[Request]) -> Vec<u64> {
    let lease = |request: &Request| match request {
        Request::Release(release) => Some(release.lease_id),
        _ => None,
    };
    requests.iter().filter_map(lease).collect()
}

#[test]
fn a_slot_goes_back_when_it_is_dropped() {
    let hold = hold();
    let mut acquiring = acquire(&hold);
    assert!(matches!(written(&hold)[..], [Request::Acquire(_)]));
    hold.take(acquired(1, 7));
    let held = slot(&mut acquiring);
    assert_eq!(hold.kept(), 1);
    drop(held);
    assert_eq!(released(&written(&hold)), [7]);
    assert_eq!(hold.kept(), 0);
}

#[test]
fn an_outcome_goes_with_it() {
    let hold = hold();
    let mut acquiring = acquire(&hold);
    written(&hold);
    hold.take(acquired(1, 7));
    let held = slot(&mut acquiring);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(held.release(Outcome::Failure, Duration::ZERO));
    let [Request::Release(release)] = written(&hold)[..] else { panic!("one release") };
    assert_eq!((release.lease_id, release.result()), (7, crate::proto::pool::Result::Failure));
    assert_eq!(hold.kept(), 0, "nobody waits for its answer any more");
}

#[test]
fn who_goes_while_waiting_leaves_nothing() {
    let hold = hold();
    let never_written = acquire(&hold);
    drop(never_written);
    assert!(written(&hold).is_empty());
    let waiting = acquire(&hold);
    written(&hold);
    drop(waiting);
    assert!(matches!(written(&hold)[..], [Request::Cancel(2)]));
    hold.take(acquired(2, 8));
    assert_eq!(released(&written(&hold)), [8], "it came too late");
    assert_eq!(hold.kept(), 0);
}

#[test]
fn who_goes_when_the_slot_is_there_gives_it_back() {
    let hold = hold();
    let acquiring = acquire(&hold);
    written(&hold);
    hold.take(acquired(1, 9));
    drop(acquiring);
    assert_eq!(released(&written(&hold)), [9]);
    assert_eq!(hold.kept(), 0);
}

#[test]
fn what_the_sidecar_takes_away_is_lost() {
    let hold = hold();
    let mut acquiring = acquire(&hold);
    written(&hold);
    hold.take(acquired(1, 7));
    let held = slot(&mut acquiring);
    assert!(poll(held.lost.wait()).is_none());
    hold.take(HoldResponse { id: 0, response: Some(Response::LostLeaseId(7)) });
    assert!(held.lost.is_set());
    assert!(poll(held.lost.wait()).is_some());
}

#[test]
fn the_end_loses_all_and_answers_all() {
    let hold = hold();
    let mut acquiring = acquire(&hold);
    written(&hold);
    hold.take(acquired(1, 7));
    let held = slot(&mut acquiring);
    let mut waiting = acquire(&hold);
    hold.end(Failure::Gone);
    assert!(held.lost.is_set());
    assert!(matches!(poll(waiting.reply()), Some(Err(Failure::Gone))));
    assert!(hold.acquire(AcquireRequest::default()).is_none());
    drop(held);
    assert!(written(&hold).is_empty());
    assert_eq!(hold.kept(), 0);
}

#[test]
fn a_wrong_request_is_its_callers_error() {
    let hold = hold();
    let mut acquiring = acquire(&hold);
    written(&hold);
    let error = crate::proto::pool::HoldError { code: Code::NotFound.into(), message: "pool".into() };
    hold.take(HoldResponse { id: 1, response: Some(Response::Error(error)) });
    assert!(matches!(poll(acquiring.reply()), Some(Err(Failure::Mistake(_)))));
    assert_eq!(hold.kept(), 0);
}
