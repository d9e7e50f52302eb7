//! How calls ended, and what of them is given back.

use std::collections::BTreeMap;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use crate::answer::{to_proto, Failure};
use crate::limits::{CallResult, Limiter};
use crate::proto::ratelimit::rate_limiter_client::RateLimiterClient;
use crate::proto::ratelimit::{RefundRequest, ReportRequest};
use crate::{Error, Source};

/// A report that is made when it is awaited; see [`Limiter::report`].
#[must_use = "nothing is reported before it is awaited"]
pub struct Report<'a> {
    limiter: &'a Limiter,
    request: ReportRequest,
}

/// What a report has led to.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Reported {
    /// The adaptive limit's rate now, in tokens a second; if several matched, the lowest. 0 if the sidecar did not answer.
    pub current_rate: f64,
    /// The sidecar's own word: its store is out of reach, and this is this pod's rate.
    pub degraded: bool,
    /// Whether the sidecar heard of it.
    pub source: Source,
}

impl<'a> Report<'a> {
    pub(super) fn new(limiter: &'a Limiter, attributes: BTreeMap<String, String>, result: CallResult) -> Self {
        let mut request = ReportRequest { attributes, ..ReportRequest::default() };
        request.set_result(result);
        Report { limiter, request }
    }

    /// Report to this limit only.
    pub fn limit(mut self, name: impl Into<String>) -> Self {
        self.request.limit = name.into();
        self
    }

    /// How many calls ended so; 1 unless said otherwise.
    pub fn count(mut self, calls: u64) -> Self {
        self.request.count = calls;
        self
    }

    /// How long each of the calls took. For metrics only.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.request.duration = Some(to_proto(duration));
        self
    }

    async fn send(self) -> Result<Reported, Error> {
        let core = &self.limiter.core;
        core.begin(&core.counters.limits)?;
        let answer = core.call(Duration::ZERO, self.request, |channel, request| async move {
            RateLimiterClient::new(channel).report(request).await
        });
        match answer.await {
            Ok(answer) => {
                Ok(Reported { current_rate: answer.current_rate, degraded: answer.degraded, source: Source::Sidecar })
            }
            Err(Failure::Gone) => {
                core.counters.limits.fall_back();
                Ok(Reported { current_rate: 0.0, degraded: false, source: Source::Fallback })
            }
            Err(Failure::Mistake(error)) => Err(error),
        }
    }
}

impl<'a> IntoFuture for Report<'a> {
    type Output = Result<Reported, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// A refund that is made when it is awaited; see [`Limiter::refund`].
#[must_use = "nothing is given back before it is awaited"]
pub struct Refund<'a> {
    limiter: &'a Limiter,
    request: RefundRequest,
}

impl<'a> Refund<'a> {
    pub(super) fn new(limiter: &'a Limiter, attributes: BTreeMap<String, String>) -> Self {
        Refund { limiter, request: RefundRequest { attributes, ..RefundRequest::default() } }
    }

    /// Tokens to give back; 1 unless said otherwise, and at least that.
    pub fn cost(mut self, tokens: u64) -> Self {
        self.request.cost = Some(tokens);
        self
    }

    /// Give them back to this limit only.
    pub fn limit(mut self, name: impl Into<String>) -> Self {
        self.request.limit = name.into();
        self
    }

    async fn send(self) -> Result<Source, Error> {
        let core = &self.limiter.core;
        core.begin(&core.counters.limits)?;
        let answer = core.call(Duration::ZERO, self.request, |channel, request| async move {
            RateLimiterClient::new(channel).refund(request).await
        });
        match answer.await {
            Ok(_) => Ok(Source::Sidecar),
            Err(Failure::Gone) => {
                core.counters.limits.fall_back();
                Ok(Source::Fallback)
            }
            Err(Failure::Mistake(error)) => Err(error),
        }
    }
}

impl<'a> IntoFuture for Refund<'a> {
    type Output = Result<Source, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
