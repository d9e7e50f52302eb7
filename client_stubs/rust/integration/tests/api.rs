//! What the conformance suite cannot see of the API, beside a real sidecar.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Duration;

use outrigger::breaker::CallError;
use outrigger::cache::{LoadError, Text};
use outrigger::{Error, Outcome, Source};
use outrigger_integration::{options, sidecar, unique, until};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Profile {
    name: String,
}

fn profile(name: &str) -> Profile {
    Profile { name: name.to_owned() }
}

#[tokio::test]
async fn json_is_loaded_once_and_comes_back() {
    let cache = sidecar().cache("profiles");
    let key = unique("json");
    let first = cache.get_or_load(&key, || async { Ok::<_, Error>(Some(profile("Ada"))) }).await.unwrap();
    assert_eq!((first.value, first.loaded, first.source), (Some(profile("Ada")), true, Source::Sidecar));
    let again = cache.get_or_load(&key, || async { Ok::<Option<Profile>, Error>(None) }).await.unwrap();
    assert_eq!((again.value, again.loaded), (Some(profile("Ada")), false));
}

#[tokio::test]
async fn what_cannot_be_decoded_is_loaded() {
    let client = sidecar();
    let key = unique("undecodable");
    let text = "not JSON".to_owned();
    assert!(client.cache_of("profiles", Text).set(&key, &text).await.unwrap().stored);
    let cache = client.cache("profiles");
    assert_eq!(cache.get::<Profile>(&key).await.unwrap().value, None);
    let loaded = cache.get_or_load(&key, || async { Ok::<_, Error>(Some(profile("Ada"))) }).await.unwrap();
    assert_eq!((loaded.value, loaded.loaded), (Some(profile("Ada")), true));
    let kept = client.cache_of("profiles", Text).get::<String>(&key).await.unwrap();
    assert_eq!(kept.value, Some(text), "nothing was stored");
}

async fn buggy() -> Result<Option<String>, Error> {
    panic!("a loader's bug")
}

#[tokio::test]
async fn a_loader_that_is_dropped_or_panics_lets_another_load() {
    let cache = sidecar().cache_of("profiles", Text);
    let load = || async { Ok::<_, Error>(Some("loaded".to_owned())) };
    let key = unique("dropped");
    let (started, has_started) = tokio::sync::oneshot::channel();
    let hanging = {
        let (cache, key) = (cache.clone(), key.clone());
        tokio::spawn(async move {
            let load = move || async move {
                let _ = started.send(());
                std::future::pending::<Result<Option<String>, Error>>().await
            };
            cache.get_or_load(key, load).await
        })
    };
    has_started.await.unwrap();
    hanging.abort();
    assert!(cache.get_or_load(&key, load).await.unwrap().loaded);

    let key = unique("panics");
    let panicking = {
        let (cache, key) = (cache.clone(), key.clone());
        tokio::spawn(async move { cache.get_or_load(key, buggy).await })
    };
    assert!(panicking.await.unwrap_err().is_panic());
    assert!(cache.get_or_load(&key, load).await.unwrap().loaded);
}

#[tokio::test]
async fn a_function_is_cached_by_its_argument() {
    let calls = Arc::new(AtomicU64::new(0));
    let counted = calls.clone();
    let run = unique("square");
    let square = sidecar().cache("profiles").cached(
        move |n: &u64| format!("{run}:{n}"),
        move |n: u64| {
            let counted = counted.clone();
            async move {
                counted.fetch_add(1, Ordering::Relaxed);
                Ok::<_, Error>(Some(n * n))
            }
        },
    );
    for _ in 0..3 {
        assert_eq!(square.get(7).await.unwrap(), Some(49));
    }
    assert_eq!(square.get(8).await.unwrap(), Some(64));
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn many_keys_are_loaded_by_one_call() {
    let cache = sidecar().cache("profiles");
    let run = unique("many");
    let keys: Vec<String> = (0..2500).map(|n| format!("{run}:{n}")).collect();
    let calls = Arc::new(AtomicU64::new(0));
    let counted = calls.clone();
    let load = move |keys: Vec<String>| {
        counted.fetch_add(1, Ordering::Relaxed);
        async move { Ok::<_, Error>(keys.into_iter().map(|key| (key.clone(), key)).collect::<HashMap<_, _>>()) }
    };
    let first = cache.get_or_load_many(keys.clone(), load.clone()).await.unwrap();
    assert_eq!((first.values.len(), first.loaded.len()), (2500, 2500));
    assert!(first.values.iter().all(|(key, value)| value.as_ref() == Some(key)));
    let again = cache.get_or_load_many(keys, load).await.unwrap();
    assert_eq!((again.values.len(), again.loaded.len()), (2500, 0));
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_breaker_answers_in_place_of_what_fails() {
    let breaker = sidecar().breaker("methods").method(&unique("charge"));
    let fail = || async { Err::<u32, _>(std::io::Error::other("down")) };
    until("it opens", || async { matches!(breaker.call(fail).await, Err(CallError::Denied(_))) }).await;
    let instead = breaker.call_or(fail, |denied| if denied.retry_after.is_some() { Ok(7) } else { Ok(0) }).await;
    assert_eq!(instead.unwrap(), 7);
}

#[tokio::test]
async fn what_is_classified_as_a_success_never_opens() {
    let breaker = sidecar().breaker("methods").method(&unique("lookup"));
    let fail = || async { Err::<(), _>("no such row") };
    for _ in 0..20 {
        let result = breaker.call_classified(fail, |_| Outcome::Success).await;
        assert_eq!(result, Err(CallError::Call("no such row")));
    }
    breaker.flush().await;
    assert!(breaker.acquire().await.is_ok());
}

#[tokio::test]
async fn leases_go_back_however_they_end() {
    let client = sidecar();
    let pool = client.pool("orders");
    for _ in 0..10 {
        drop(pool.acquire().await.unwrap());
        pool.acquire().await.unwrap().close(Outcome::Success).await;
        let lease = pool.acquire().await.unwrap();
        let panicking = tokio::spawn(async move {
            let _lease = lease;
            panic!("a holder's bug");
        });
        assert!(panicking.await.unwrap_err().is_panic());
    }
    assert_eq!(client.stats().leases, 0);
}

#[tokio::test]
async fn a_caller_that_goes_leaves_no_lease() {
    let client = sidecar();
    let pool = client.pool("capped");
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(pool.acquire().await.unwrap());
    }
    for _ in 0..100 {
        let waiting = tokio::time::timeout(Duration::ZERO, pool.acquire().max_wait(Duration::from_secs(60)));
        assert!(waiting.await.is_err());
    }
    held.clear();
    for _ in 0..4 {
        held.push(pool.acquire().await.unwrap());
    }
    held.clear();
    until("nothing is left", || async { client.stats().leases == 0 }).await;
}

#[tokio::test]
async fn a_closed_client_is_an_error() {
    let client = options().connect().unwrap();
    let (limiter, pool, breaker) = (client.limiter(), client.pool("wide"), client.breaker("bench"));
    let lease = pool.acquire().await.unwrap();
    client.close().await;
    assert!(lease.is_lost());
    lease.lost().await;
    assert_eq!(limiter.allow([("user", "closed")]).await, Err(Error::Closed));
    assert!(matches!(breaker.acquire().await, Err(CallError::Outrigger(Error::Closed))));
    assert!(pool.acquire().await.is_err());
    let load = || async { Ok::<_, Error>(Some(1)) };
    assert_eq!(client.cache("profiles").get_or_load("x", load).await.unwrap_err(), LoadError::Outrigger(Error::Closed));
}

#[test]
fn threads_can_do_without_a_runtime() {
    let client = outrigger::blocking::Outrigger::with(options()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let decision = client.wait(client.limiter().allow([("bench", "blocking")])).unwrap();
                assert!(decision.allowed && decision.source == Source::Sidecar);
                assert_eq!(client.call(&client.breaker("bench"), || Ok::<_, Error>(7)).unwrap(), 7);
                drop(client.wait(client.pool("wide").acquire()).unwrap());
            });
        }
    });
    client.close();
}
