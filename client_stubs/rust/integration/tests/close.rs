//! Calls while their client is closed: what was counted is answered by the policy. No sidecar is needed.

use std::collections::HashMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use outrigger::breaker::CallError;
use outrigger::cache::{LoadError, Text};
use outrigger::limits::CallResult;
use outrigger::pool::AcquireError;
use outrigger::{Error, Outrigger, Source, Stats};
use outrigger_integration::{unique, until};
use tokio::net::UnixListener;
use tokio::task::JoinSet;

/// No call ends by its deadline.
const LONG: Duration = Duration::from_secs(600);

fn socket() -> PathBuf {
    std::env::temp_dir().join(unique("close"))
}

fn client(socket: &Path) -> Outrigger {
    Outrigger::builder().target(format!("unix:{}", socket.display())).timeout(LONG).connect().unwrap()
}

async fn allow(client: Outrigger) -> Result<Source, Error> {
    Ok(client.limiter().allow([("user", "1")]).await?.source)
}

async fn wait(client: Outrigger) -> Result<Source, Error> {
    Ok(client.limiter().wait_if_needed([("user", "1")]).await?.source)
}

async fn report(client: Outrigger) -> Result<Source, Error> {
    Ok(client.limiter().report([("user", "1")], CallResult::Success).await?.source)
}

async fn refund(client: Outrigger) -> Result<Source, Error> {
    client.limiter().refund([("user", "1")]).await
}

async fn get(client: Outrigger) -> Result<Source, Error> {
    Ok(client.cache_of("profiles", Text).get::<String>("key").await?.source)
}

async fn set(client: Outrigger) -> Result<Source, Error> {
    Ok(client.cache_of("profiles", Text).set("key", &"value".to_owned()).await?.source)
}

async fn delete(client: Outrigger) -> Result<Source, Error> {
    Ok(client.cache_of("profiles", Text).delete("key").await?.source)
}

async fn invalidate(client: Outrigger) -> Result<Source, Error> {
    Ok(client.cache_of("profiles", Text).invalidate().keys(["key"]).await?.source)
}

fn mistake(error: LoadError<Error>) -> Error {
    match error {
        LoadError::Outrigger(error) | LoadError::Loader(error) => error,
    }
}

async fn load(client: Outrigger) -> Result<Source, Error> {
    let load = || async { Ok::<_, Error>(Some("value".to_owned())) };
    Ok(client.cache_of("profiles", Text).get_or_load("key", load).await.map_err(mistake)?.source)
}

async fn load_many(client: Outrigger) -> Result<Source, Error> {
    let load = |_| async { Ok::<_, Error>(HashMap::<String, String>::new()) };
    Ok(client.cache_of("profiles", Text).get_or_load_many(["a", "b"], load).await.map_err(mistake)?.source)
}

async fn permit(client: Outrigger) -> Result<Source, Error> {
    match client.breaker("payments").acquire().await {
        Ok(permit) => Ok(permit.source()),
        Err(CallError::Denied(denied)) => Ok(denied.source),
        Err(CallError::Outrigger(error)) => Err(error),
        Err(CallError::Call(never)) => match never {},
    }
}

async fn lease(client: Outrigger) -> Result<Source, Error> {
    match client.pool("orders").acquire().await {
        Ok(lease) => Ok(lease.source()),
        Err(AcquireError::NotAcquired(why)) => Ok(why.source),
        Err(AcquireError::Outrigger(error)) => Err(error),
    }
}

fn counted(stats: &Stats) -> [u64; 4] {
    [stats.limits, stats.cache, stats.breaker, stats.pool].map(|part| part.calls)
}

fn fallbacks(stats: &Stats) -> [u64; 4] {
    [stats.limits, stats.cache, stats.breaker, stats.pool].map(|part| part.fallbacks)
}

#[tokio::test]
async fn calls_under_way_are_answered_by_the_policy() {
    let socket = socket();
    let _silent = UnixListener::bind(&socket).unwrap();
    let client = client(&socket);
    let mut calls = JoinSet::new();
    calls.spawn(allow(client.clone()));
    calls.spawn(wait(client.clone()));
    calls.spawn(report(client.clone()));
    calls.spawn(refund(client.clone()));
    calls.spawn(get(client.clone()));
    calls.spawn(set(client.clone()));
    calls.spawn(delete(client.clone()));
    calls.spawn(invalidate(client.clone()));
    calls.spawn(load(client.clone()));
    calls.spawn(load_many(client.clone()));
    calls.spawn(permit(client.clone()));
    calls.spawn(lease(client.clone()));
    until("all have begun", || async { counted(&client.stats()) == [4, 6, 1, 1] }).await;
    assert_eq!(fallbacks(&client.stats()), [0; 4]);
    client.close().await;
    assert_eq!(calls.join_all().await, vec![Ok(Source::Fallback); 12]);
    assert_eq!(fallbacks(&client.stats()), [4, 6, 1, 1]);
    assert_eq!(client.stats().leases, 0);
    std::fs::remove_file(&socket).unwrap();
}

/// Calls until the client is closed; how many were answered.
async fn call_until_closed<F: Future<Output = Result<Source, Error>>>(
    client: Outrigger,
    call: impl Fn(Outrigger) -> F,
) -> u64 {
    let mut answered = 0;
    loop {
        match call(client.clone()).await {
            Ok(source) => assert_eq!(source, Source::Fallback),
            Err(error) => {
                assert_eq!(error, Error::Closed);
                return answered;
            }
        }
        answered += 1;
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_counted_is_never_an_error() {
    let nobody = socket();
    for _ in 0..200 {
        let client = client(&nobody);
        let limits = tokio::spawn(call_until_closed(client.clone(), allow));
        let cache = tokio::spawn(call_until_closed(client.clone(), load));
        let breaker = tokio::spawn(call_until_closed(client.clone(), permit));
        let pool = tokio::spawn(call_until_closed(client.clone(), lease));
        until("each part was asked", || async { !counted(&client.stats()).contains(&0) }).await;
        client.close().await;
        let answered = [limits.await.unwrap(), cache.await.unwrap(), breaker.await.unwrap(), pool.await.unwrap()];
        let stats = client.stats();
        assert_eq!((counted(&stats), fallbacks(&stats)), (answered, answered));
    }
}
