//! What the tests beside a real sidecar share. Run them by `with_sidecar.py --postgres`, which says where it is.

use std::future::Future;
use std::time::{Duration, Instant};

/// How long a condition may take to come true.
const DEADLINE: Duration = Duration::from_secs(20);

/// A client of the sidecar that the tests run beside.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub fn sidecar() -> outrigger::Outrigger {
    options().connect().expect("OUTRIGGER_TARGET is understood")
}

/// As [`sidecar`], with options. The sidecar may be slow here: the tests are about answers, not about time.
///
/// # Panics
///
/// If there is no sidecar.
pub fn options() -> outrigger::Builder {
    let target = std::env::var("OUTRIGGER_TARGET").expect("run this by tests/conformance/with_sidecar.py");
    outrigger::Outrigger::builder().target(target).timeout(Duration::from_secs(5))
}

/// A name that no other test, and no earlier run, has used.
#[must_use]
pub fn unique(name: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("{name}-{}-{}", std::process::id(), now.as_nanos())
}

/// Asks again and again until it is so.
///
/// # Panics
///
/// If it is not so within 20 s.
pub async fn until<F: Future<Output = bool>>(what: &str, mut so: impl FnMut() -> F) {
    let start = Instant::now();
    while !so().await {
        assert!(start.elapsed() < DEADLINE, "{what}: not within {DEADLINE:?}");
        tokio::task::yield_now().await;
    }
}
