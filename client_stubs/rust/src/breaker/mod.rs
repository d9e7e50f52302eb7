//! Circuit breakers for the whole fleet: what one pod learns of a failing service all pods know.

mod call;
mod classify;
mod local;
mod permit;
mod report;
mod told;
mod watch;

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::task::AbortHandle;

pub use call::{CallError, Denied};
pub use classify::Outcome;
pub use permit::Permit;
pub use told::{Decision, Told};

/// A breaker's state, and why a call was denied.
pub use crate::proto::breaker::{Reason, State};

use crate::answer::{from_proto, Failure};
use crate::channel::SharedChannel;
use crate::client::{bounded, Core};
use crate::options::{BreakerFallback, Options};
use crate::proto::breaker::breaker_client::BreakerClient;
use crate::proto::breaker::{AcquireRequest, AcquireResponse};
use crate::{Error, Source};
use local::Ruling;
use permit::Kind;
use report::Reports;
use watch::{Entry, Watched};

/// When to come back if all is denied while the sidecar is gone, or a probe is out.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The answer to an `Acquire` that comes later than its caller waits may be a probe's permit, which is to be given back.
const LATE: Duration = Duration::from_secs(1);

/// One breaker, or one method of it. Cheap to clone; `Send` and `Sync`.
///
/// While the sidecar is there the decision is made in this process, by what it tells of its own accord.
#[derive(Clone)]
pub struct Breaker {
    core: Arc<Core>,
    name: Arc<str>,
    method: Arc<str>,
    entry: Arc<Entry>,
}

impl Breaker {
    pub(crate) fn new(core: Arc<Core>, name: &str) -> Self {
        let entry = core.breakers.watched.entry(name);
        Breaker { core, name: name.into(), method: "".into(), entry }
    }

    /// One method of the service, for breakers that have `per_method`. At most 256 bytes.
    pub fn method(&self, method: &str) -> Self {
        Breaker { method: method.into(), ..self.clone() }
    }

    /// What would be decided in this process right now. Asks nobody and counts nothing.
    pub fn decide(&self) -> Decision {
        self.decide_at(Instant::now())
    }

    #[inline]
    fn decide_at(&self, now: Instant) -> Decision {
        match self.entry.view.load().of(&self.method, &self.entry.learned) {
            Some(told) => told.decide(now),
            None => Decision::Ask,
        }
    }

    /// What the sidecar told of this breaker, if that is valid. The first use of any breaker, this one too, begins to listen.
    pub fn told(&self) -> Option<Told> {
        self.core.breakers.start(&self.core).ok()?;
        let told = self.entry.view.load().of(&self.method, &self.entry.learned).cloned();
        told.filter(|told| Instant::now() < told.valid_until)
    }

    /// May a call be made? The permit takes how it ends. [`call`](Self::call) does both.
    ///
    /// # Errors
    ///
    /// [`CallError::Denied`]; [`CallError::Outrigger`] for a breaker that is not configured, or a client that is closed.
    pub async fn acquire(&self) -> Result<Permit, CallError<Infallible>> {
        Ok(self.permit().await??)
    }

    async fn permit(&self) -> Result<Result<Permit, Denied>, Error> {
        self.core.breakers.start(&self.core)?;
        self.core.counters.breaker.begin();
        let now = Instant::now();
        match self.decide_at(now) {
            Decision::Allowed { generation } => {
                let kind = Kind::Sidecar { permit: 0, generation, probe: false };
                Ok(Ok(Permit::new(self.clone(), kind, now, Source::Sidecar)))
            }
            Decision::Denied { state, reason, message, retry_after } => {
                let denied = Denied::new(state, reason, retry_after, Source::Sidecar);
                Ok(Err(Denied { message: message.to_string(), ..denied }))
            }
            Decision::Ask => match self.ask().await {
                Ok(result) => Ok(result),
                Err(Failure::Gone) => {
                    self.core.counters.breaker.fall_back();
                    Ok(self.fall_back(Instant::now()))
                }
                Err(Failure::Mistake(error)) => Err(error),
            },
        }
    }

    async fn ask(&self) -> Result<Result<Permit, Denied>, Failure> {
        let timeout = self.core.options.timeout;
        let request = AcquireRequest {
            breaker: self.name.to_string(),
            method: self.method.to_string(),
            timeout: None,
            session: self.core.breakers.watched.session(),
        };
        let (answered, answer) = oneshot::channel();
        let breaker = self.clone();
        let ask = |line: Arc<SharedChannel>| {
            let result = bounded(timeout + LATE, line.channel.clone(), request, |channel, request| async move {
                BreakerClient::new(channel).acquire(request).await
            });
            // In a task of its own, so that a permit is given back if its caller has gone.
            line.runtime.spawn(async move {
                let result = result.await.map(|answer| breaker.read(answer));
                let _ = answered.send(result);
            });
            async move {
                match tokio::time::timeout(timeout, answer).await {
                    Ok(Ok(result)) => result,
                    Ok(Err(_)) | Err(_) => Err(Failure::Gone),
                }
            }
        };
        self.core.until_closed(ask).await
    }

    fn read(self, answer: AcquireResponse) -> Result<Permit, Denied> {
        self.entry.learned.learn(&self.method, answer.generation);
        if answer.allowed {
            let (permit, generation, probe) = (answer.permit, answer.generation, answer.probe);
            let kind = Kind::Sidecar { permit, generation, probe };
            return Ok(Permit::new(self, kind, Instant::now(), Source::Sidecar));
        }
        let retry_after = from_proto(answer.retry_after).filter(|after| !after.is_zero());
        let denied = Denied::new(answer.state(), answer.reason(), retry_after, Source::Sidecar);
        Err(Denied { message: answer.message, degraded: answer.degraded, isolated: answer.isolated, ..denied })
    }

    fn fall_back(&self, now: Instant) -> Result<Permit, Denied> {
        let permit = |kind| Ok(Permit::new(self.clone(), kind, now, Source::Fallback));
        let denied = |state, reason, after| Err(Denied::new(state, reason, Some(after), Source::Fallback));
        match self.core.breakers.policy {
            BreakerFallback::Allow => permit(Kind::Free),
            BreakerFallback::Deny => denied(State::Open, Reason::Unspecified, RETRY_AFTER),
            BreakerFallback::Local { open_for, .. } => {
                let ruling = self.entry.local.lock().unwrap().rule(open_for, now);
                match ruling {
                    Ruling::Pass => permit(Kind::Local { probe: None }),
                    Ruling::Probe(number) => permit(Kind::Local { probe: Some(number) }),
                    Ruling::Open { retry_after } => denied(State::Open, Reason::ConsecutiveFailures, retry_after),
                    Ruling::ProbeIsOut => denied(State::HalfOpen, Reason::ProbesInUse, RETRY_AFTER),
                }
            }
        }
    }

    /// Waits until all outcomes so far, of all breakers of this client, have been answered by the sidecar or given up.
    pub async fn flush(&self) {
        self.core.breakers.reports.flush().await;
    }
}

/// What the breakers of a client share.
pub(crate) struct Breakers {
    policy: BreakerFallback,
    watched: Arc<Watched>,
    reports: Arc<Reports>,
    tasks: Mutex<Tasks>,
    running: AtomicBool,
}

enum Tasks {
    NotStarted,
    Running([AbortHandle; 2]),
    Ended,
}

impl Breakers {
    pub(crate) fn new(options: &Options) -> Self {
        Breakers {
            policy: options.breaker.clone(),
            watched: Arc::default(),
            reports: Arc::default(),
            tasks: Mutex::new(Tasks::NotStarted),
            running: AtomicBool::new(false),
        }
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.reports.dropped()
    }

    /// Begins to watch and to report, with the first call.
    fn start(&self, core: &Core) -> Result<(), Error> {
        if self.running.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut tasks = self.tasks.lock().unwrap();
        match *tasks {
            Tasks::Running(_) => Ok(()),
            Tasks::Ended => Err(Error::Closed),
            Tasks::NotStarted => {
                let line = core.line()?;
                let channel = line.channel.clone();
                let watch = line.runtime.spawn(self.watched.clone().run(channel.clone()));
                let report = line.runtime.spawn(self.reports.clone().run(channel, core.options.timeout));
                *tasks = Tasks::Running([watch.abort_handle(), report.abort_handle()]);
                self.running.store(true, Ordering::Release);
                Ok(())
            }
        }
    }

    fn record_locally(&self, entry: &Entry, outcome: Outcome, probe: Option<u64>) {
        if let BreakerFallback::Local { failures, open_for } = self.policy {
            entry.local.lock().unwrap().record(outcome, probe, failures, open_for, Instant::now());
        }
    }

    /// Reports what is left, within `timeout`, and ends.
    pub(crate) async fn end(&self, timeout: Duration) {
        let tasks = {
            let mut tasks = self.tasks.lock().unwrap();
            self.running.store(false, Ordering::Release);
            std::mem::replace(&mut *tasks, Tasks::Ended)
        };
        if let Tasks::Running(tasks) = tasks {
            let _ = tokio::time::timeout(timeout, self.reports.flush()).await;
            tasks.iter().for_each(AbortHandle::abort);
        }
        self.reports.stop();
        self.watched.forget();
    }

    /// Ends at once.
    pub(crate) fn abandon(&self) {
        if let Tasks::Running(tasks) = &*self.tasks.lock().unwrap() {
            tasks.iter().for_each(AbortHandle::abort);
        }
        self.reports.stop();
    }
}
