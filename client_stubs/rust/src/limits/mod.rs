//! Rate limits: may this request proceed now, and if not, when?

mod allow;
mod bucket;
mod decision;
mod headers;
mod line;
mod report;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub use allow::Allow;
pub use decision::{Decision, LimitStatus};
pub use report::{Refund, Report, Reported};

/// How a call ended that an adaptive limit admitted.
pub use crate::proto::ratelimit::report_request::Result as CallResult;

use crate::answer::Failure;
use crate::client::Core;
use crate::options::{LimitsFallback, Options};
use crate::proto::ratelimit::AllowRequest;
use bucket::Buckets;
use line::{Asked, Line};

/// When to come back if all is denied while the sidecar is gone.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How long [`Limiter::wait_if_needed`] waits unless said otherwise.
const USUAL_WAIT: Duration = Duration::from_secs(1);

/// Asks the limits that the sidecar is configured with. Cheap to clone; `Send` and `Sync`.
#[derive(Clone)]
pub struct Limiter {
    core: Arc<Core>,
}

impl Limiter {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Limiter { core }
    }

    /// May a request of these attributes proceed? At most 64 attributes; names of at most 128 bytes, values of at most 1,024.
    ///
    /// The result is to be awaited, after options if there are any:
    ///
    /// ```no_run
    /// # async fn f(limiter: outrigger::Limiter) -> Result<(), outrigger::Error> {
    /// let answer = limiter.allow([("user", "42"), ("route", "/checkout")]).cost(3).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// Questions that are asked at the same time go to the sidecar as one message.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for what is out of range or not configured, [`Error::Closed`], [`Error::NoRuntime`]. A denial is none.
    pub fn allow<K: Into<String>, V: Into<String>>(&self, attributes: impl IntoIterator<Item = (K, V)>) -> Allow<'_> {
        Allow::new(self, collect(attributes))
    }

    /// As [`allow`](Self::allow), and waits for tokens, first come first served: for 1 s at most unless
    /// [`max_wait`](Allow::max_wait) says otherwise. What would have to wait longer is denied at once.
    pub fn wait_if_needed<K: Into<String>, V: Into<String>>(
        &self,
        attributes: impl IntoIterator<Item = (K, V)>,
    ) -> Allow<'_> {
        self.allow(attributes).max_wait(USUAL_WAIT)
    }

    /// Tells the adaptive limits that match how a call ended that they admitted. To be awaited.
    ///
    /// # Errors
    ///
    /// As [`allow`](Self::allow); a sidecar that is gone is none.
    pub fn report<K: Into<String>, V: Into<String>>(
        &self,
        attributes: impl IntoIterator<Item = (K, V)>,
        result: CallResult,
    ) -> Report<'_> {
        Report::new(self, collect(attributes), result)
    }

    /// Gives back what [`allow`](Self::allow) took and was not used. To be awaited.
    ///
    /// # Errors
    ///
    /// As [`allow`](Self::allow); a sidecar that is gone is none.
    pub fn refund<K: Into<String>, V: Into<String>>(&self, attributes: impl IntoIterator<Item = (K, V)>) -> Refund<'_> {
        Refund::new(self, collect(attributes))
    }
}

fn collect<K: Into<String>, V: Into<String>>(attributes: impl IntoIterator<Item = (K, V)>) -> BTreeMap<String, String> {
    attributes.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

/// What the limiters of a client share.
pub(crate) struct Limits {
    line: Mutex<Option<Arc<Line>>>,
    policy: Policy,
}

enum Policy {
    Allow,
    Deny,
    Local(Mutex<Buckets>),
}

impl Limits {
    pub(crate) fn new(options: &Options) -> Self {
        let policy = match options.limits {
            LimitsFallback::Allow => Policy::Allow,
            LimitsFallback::Deny => Policy::Deny,
            LimitsFallback::Local { rate_per_s, burst } => Policy::Local(Mutex::new(Buckets::new(rate_per_s, burst))),
        };
        Limits { line: Mutex::new(None), policy }
    }

    /// Puts a question on the stream, which is opened if there is none.
    fn ask(&self, core: &Core, request: AllowRequest) -> Result<Asked, Failure> {
        let mut line = self.line.lock().unwrap();
        let open = line.as_ref().filter(|line| !line.ended());
        let open = match open {
            Some(open) => open.clone(),
            None => {
                let shared = core.line_of_begun()?;
                let _runtime = shared.runtime.enter();
                let opened = Line::open(shared.channel.clone());
                *line = Some(opened.clone());
                opened
            }
        };
        drop(line);
        open.ask(request).ok_or(Failure::Gone)
    }

    /// What the policy says.
    fn fallback(&self, attributes: &BTreeMap<String, String>, cost: u64) -> Decision {
        match &self.policy {
            Policy::Allow => Decision::of_fallback(true, 0, None),
            Policy::Deny => Decision::of_fallback(false, 0, Some(RETRY_AFTER)),
            Policy::Local(buckets) => buckets.lock().unwrap().decide(attributes, cost, Instant::now()),
        }
    }

    pub(crate) fn end(&self) {
        if let Some(line) = self.line.lock().unwrap().take() {
            line.end(Failure::Gone);
        }
    }
}
