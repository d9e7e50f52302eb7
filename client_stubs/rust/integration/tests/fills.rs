//! How what was loaded is stored, beside a sidecar of the test's own.

use std::collections::HashMap;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use outrigger::cache::{Cache, Text};
use outrigger::{Error, Outrigger};
use outrigger_integration::{unique, until};
use tokio::sync::oneshot;

/// Longer than any test may take.
const LONG: Duration = Duration::from_secs(60);

struct Own {
    folder: PathBuf,
    process: Child,
}

impl Own {
    /// Starts one whose namespace `fills` has these options, too.
    async fn start(options: &str) -> Own {
        let program = std::env::var("OUTRIGGER_PROGRAM").expect("run this by tests/conformance/with_sidecar.py");
        let folder = std::env::temp_dir().join(unique("fills"));
        std::fs::create_dir(&folder).unwrap();
        let config = format!(
            "listen: {{unix: {}, tcp: off, admin: off}}\ncache:\n  namespaces:\n  \
             - {{name: fills, ttl: 1h, stale_for: 1h, ttl_jitter: 0, early_refresh: 0, fill_timeout: 1m, {options}}}\n",
            folder.join("o.sock").display(),
        );
        std::fs::write(folder.join("config.yaml"), config).unwrap();
        let mut command = Command::new(program);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.arg("serve").arg("--config").arg(folder.join("config.yaml"));
        // It takes each OUTRIGGER_… for an option; what tests are told is none.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OUTRIGGER_")) {
            command.env_remove(name);
        }
        let own = Own { process: command.spawn().unwrap(), folder };
        until("it listens", || async { UnixStream::connect(own.folder.join("o.sock")).is_ok() }).await;
        own
    }

    fn client(&self) -> Outrigger {
        let target = format!("unix:{}", self.folder.join("o.sock").display());
        Outrigger::builder().target(target).timeout(LONG).connect().unwrap()
    }

    fn cache(&self) -> Cache<Text> {
        self.client().cache_of("fills", Text)
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // It may have ended, and its folder may be gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// What a loader of many finds.
fn values(values: &[(&str, String)]) -> HashMap<String, String> {
    values.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
}

async fn load_all(cache: &Cache<Text>, values: HashMap<String, String>) {
    let keys: Vec<String> = values.keys().cloned().collect();
    let loaded = values.clone();
    let load = move |_| {
        let loaded = loaded.clone();
        async move { Ok::<_, Error>(loaded) }
    };
    let done = cache.get_or_load_many(keys, load).await.unwrap();
    assert_eq!(done.loaded.len(), values.len());
    assert!(values.into_iter().all(|(key, value)| done.values[&key] == Some(value)));
}

#[tokio::test]
async fn a_value_that_is_too_large_leaves_the_others_stored() {
    let own = Own::start("max_value: 1KiB").await;
    let cache = own.cache();
    load_all(&cache, values(&[("a", "A".into()), ("large", "x".repeat(2000)), ("z", "Z".into())])).await;
    for (key, value) in [("a", Some("A")), ("large", None), ("z", Some("Z"))] {
        assert_eq!(cache.get::<String>(key).await.unwrap().value.as_deref(), value, "{key}");
    }
    // fill_timeout is a minute: so the right to load it was given back.
    let fits = || async { Ok::<_, Error>(Some("fits".to_owned())) };
    cache.get_or_load("large", fits).max_wait(LONG / 3).await.unwrap();
    assert_eq!(cache.get::<String>("large").await.unwrap().value.as_deref(), Some("fits"));
}

#[tokio::test]
async fn many_large_values_are_stored_by_several_messages() {
    let own = Own::start("max_value: 8MiB").await;
    let cache = own.cache();
    let large = values(&["a", "b", "c", "d"].map(|key| (key, key.repeat(3 << 20))));
    load_all(&cache, large.clone()).await;
    for (key, value) in large {
        assert!(cache.get::<String>(&key).await.unwrap().value == Some(value), "{key}");
    }
}

#[tokio::test]
async fn an_absence_that_was_loaded_has_the_namespaces_time() {
    let own = Own::start("absent_ttl: 1ms").await;
    let cache = own.cache();
    let nothing = || async { Ok::<Option<String>, Error>(None) };
    cache.get_or_load("one", nothing).ttl(LONG).stale_for(LONG).await.unwrap();
    let none = |_| async { Ok::<_, Error>(HashMap::<String, String>::new()) };
    cache.get_or_load_many(["two"], none).ttl(LONG).stale_for(LONG).await.unwrap();
    assert!(cache.set_absent::<String>("set").ttl(LONG).await.unwrap().stored);
    for key in ["one", "two"] {
        until("it is forgotten", || async { !cache.get::<String>(key).await.unwrap().absent }).await;
    }
    assert!(cache.get::<String>("set").await.unwrap().absent, "who says it says for how long");
}

#[tokio::test]
async fn a_client_that_closes_gives_back_what_it_was_to_refresh() {
    let own = Own::start("max_value: 8MiB").await;
    let client = own.client();
    let cache = client.cache_of("fills", Text);
    cache.set("key", &"old".to_owned()).await.unwrap();
    cache.invalidate().keys(["key"]).soft().await.unwrap();
    let hangs = || std::future::pending::<Result<Option<String>, Error>>();
    let stale = cache.get_or_load("key", hangs).await.unwrap();
    assert_eq!((stale.value.as_deref(), stale.loaded), (Some("old"), false));
    client.close().await;
    let other = own.cache();
    let theirs = || async { Ok::<_, Error>(Some("theirs".to_owned())) };
    until("another has loaded it", || async {
        other.get_or_load("key", theirs).await.unwrap();
        other.get::<String>("key").await.unwrap().value.as_deref() == Some("theirs")
    })
    .await;
}

#[tokio::test]
async fn a_client_that_closes_gives_back_what_somebody_waits_for() {
    let own = Own::start("max_value: 8MiB").await;
    let client = own.client();
    let (begun, begins) = oneshot::channel();
    let (finish, finished) = oneshot::channel();
    let cache = client.cache_of("fills", Text);
    let mine = || async move {
        begun.send(()).unwrap();
        Ok::<Option<String>, Error>(Some(finished.await.unwrap()))
    };
    let load = tokio::spawn(async move { cache.get_or_load("key", mine).await });
    begins.await.unwrap();
    client.close().await;
    let other = own.cache();
    let theirs = || async { Ok::<_, Error>(Some("theirs".to_owned())) };
    other.get_or_load("key", theirs).max_wait(LONG / 3).await.unwrap();
    finish.send("mine".to_owned()).unwrap();
    assert_eq!(load.await.unwrap().unwrap().value.as_deref(), Some("mine"));
    assert_eq!(other.get::<String>("key").await.unwrap().value.as_deref(), Some("theirs"));
}

#[tokio::test]
async fn a_value_that_no_message_can_carry_is_left_to_others() {
    let own = Own::start("max_value: 8MiB").await;
    let cache = own.cache();
    let large = "x".repeat(10 << 20);
    let one = large.clone();
    cache.get_or_load("one", || async { Ok::<_, Error>(Some(one)) }).await.unwrap();
    load_all(&cache, values(&[("many", large)])).await;
    for key in ["one", "many"] {
        let fits = || async { Ok::<_, Error>(Some("fits".to_owned())) };
        cache.get_or_load(key, fits).max_wait(LONG / 3).await.unwrap();
        assert_eq!(cache.get::<String>(key).await.unwrap().value.as_deref(), Some("fits"), "{key}");
    }
}
