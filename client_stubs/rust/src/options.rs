//! How a client is made.

use std::time::Duration;

use crate::client::Outrigger;
use crate::target::Target;
use crate::Error;

/// What a rate limit answers when the sidecar does not.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum LimitsFallback {
    /// Everything is allowed.
    #[default]
    Allow,
    /// Everything is denied, with a `retry_after` of 1 s.
    Deny,
    /// A token bucket of this process' own for each set of attributes; at most 10,000, the least recently used is forgotten.
    Local {
        /// Tokens a second; at least 0, which never refills.
        rate_per_s: f64,
        /// Most tokens at once, and those that a new bucket has.
        burst: u64,
    },
}

/// What a breaker answers when the sidecar does not, and nothing that it told is valid any more.
#[derive(Debug, Clone, PartialEq)]
pub enum BreakerFallback {
    /// This process' own record of the calls that were decided so: open after some failures in a row, then one probe at a time.
    Local {
        /// Failures in a row; at least 1 (0 counts as that).
        failures: u32,
        /// Open for so long.
        open_for: Duration,
    },
    /// All calls pass.
    Allow,
    /// None passes.
    Deny,
}

impl Default for BreakerFallback {
    /// Local: 5 failures, 10 s.
    fn default() -> Self {
        BreakerFallback::Local { failures: 5, open_for: Duration::from_secs(10) }
    }
}

/// What a pool answers when the sidecar does not.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum PoolFallback {
    /// No lease, with a `retry_after` of 1 s.
    #[default]
    Refuse,
    /// At most so many leases of this process at a time, for each pool. Nobody waits for one.
    Share {
        /// Leases at the same time.
        leases: usize,
        /// `host:port` that they are for. Empty: the lease has no endpoint.
        endpoint: String,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) timeout: Duration,
    pub(crate) limits: LimitsFallback,
    pub(crate) breaker: BreakerFallback,
    pub(crate) pool: PoolFallback,
}

impl Options {
    /// For a call that may wait for `wait` in the sidecar.
    pub(crate) fn deadline(&self, wait: Duration) -> Duration {
        wait.saturating_add(self.timeout)
    }
}

/// Options of a client; [`Outrigger::builder`] has the defaults.
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder {
    target: Option<String>,
    options: Options,
}

impl Builder {
    pub(crate) fn new() -> Self {
        let options = Options {
            timeout: Duration::from_millis(50),
            limits: LimitsFallback::default(),
            breaker: BreakerFallback::default(),
            pool: PoolFallback::default(),
        };
        Builder { target: None, options }
    }

    /// Where the sidecar listens: `unix:///path`, `unix:path`, a path with a `/`, or `host:port`.
    ///
    /// Unset: `OUTRIGGER_TARGET`; else the first socket that exists of `outrigger/outrigger.sock` in `/run`, `$XDG_RUNTIME_DIR`
    /// and `/tmp`; else `/run/outrigger/outrigger.sock` if that folder exists; else `127.0.0.1:7420`.
    pub fn target(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// How long a call may take beyond what it may wait in the sidecar. 50 ms unless said otherwise. After that the part's
    /// policy answers.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = timeout;
        self
    }

    /// What limits answer when the sidecar does not.
    pub fn limits(mut self, fallback: LimitsFallback) -> Self {
        self.options.limits = fallback;
        self
    }

    /// What breakers answer when the sidecar does not.
    pub fn breaker(mut self, fallback: BreakerFallback) -> Self {
        self.options.breaker = fallback;
        self
    }

    /// What pools answer when the sidecar does not.
    pub fn pool(mut self, fallback: PoolFallback) -> Self {
        self.options.pool = fallback;
        self
    }

    /// Makes the client. Nothing is connected before the first call, and a sidecar that is not there yet is no error.
    ///
    /// # Errors
    ///
    /// [`Error::Target`] if the target cannot be understood.
    pub fn connect(self) -> Result<Outrigger, Error> {
        let target = Target::find(self.target.as_deref())?;
        Ok(Outrigger::new(target, self.options))
    }
}
