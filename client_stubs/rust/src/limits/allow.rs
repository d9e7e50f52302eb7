//! One question, with its options.

use std::collections::BTreeMap;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use crate::answer::{to_proto, Failure};
use crate::channel::MAX_MESSAGE;
use crate::limits::line::Reply;
use crate::limits::{Decision, Limiter};
use crate::proto::ratelimit::rate_limiter_client::RateLimiterClient;
use crate::proto::ratelimit::{AllowRequest, AllowResponse};
use crate::{trace, Error};

/// A question that is asked when it is awaited; see [`Limiter::allow`].
#[must_use = "nothing is asked before it is awaited"]
pub struct Allow<'a> {
    limiter: &'a Limiter,
    request: AllowRequest,
    max_wait: Duration,
}

impl<'a> Allow<'a> {
    pub(super) fn new(limiter: &'a Limiter, attributes: BTreeMap<String, String>) -> Self {
        let request = AllowRequest { attributes, ..AllowRequest::default() };
        Allow { limiter, request, max_wait: Duration::ZERO }
    }

    /// Tokens to take; 1 unless said otherwise, at most 1,000,000,000. 0 takes none: the answer says whether 1 would be admitted.
    pub fn cost(mut self, tokens: u64) -> Self {
        self.request.cost = Some(tokens);
        self
    }

    /// Decide by this limit only, although others may match.
    pub fn limit(mut self, name: impl Into<String>) -> Self {
        self.request.limit = name.into();
        self
    }

    /// Wait for tokens for so long; at most 1 hour. Zero (unless said otherwise): answer at once.
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// Also answer with [`statuses`](Decision::statuses), one for each limit that applied.
    pub fn detail(mut self) -> Self {
        self.request.detail = true;
        self
    }

    async fn ask(self) -> Result<Decision, Error> {
        let core = &self.limiter.core;
        core.begin(&core.counters.limits)?;
        let answer = if self.max_wait.is_zero() && !trace::sampled() {
            self.ask_together().await
        } else {
            self.ask_alone().await
        };
        match answer {
            Ok(answer) => Ok(Decision::from_sidecar(answer)),
            Err(Failure::Gone) => {
                core.counters.limits.fall_back();
                Ok(core.limits.fallback(&self.request.attributes, self.request.cost.unwrap_or(1)))
            }
            Err(Failure::Mistake(error)) => Err(error),
        }
    }

    /// With those of others, in one message.
    async fn ask_together(&self) -> Result<AllowResponse, Failure> {
        let core = &self.limiter.core;
        let mut asked = core.limits.ask(core, self.request.clone())?;
        let answer = async {
            match asked.reply().await {
                Reply::Answer(answer) => Ok(answer),
                Reply::Failed(failure) => Err(failure),
                Reply::AskAlone => self.ask_alone().await,
            }
        };
        tokio::time::timeout(core.options.timeout, answer).await.unwrap_or(Err(Failure::Gone))
    }

    async fn ask_alone(&self) -> Result<AllowResponse, Failure> {
        let mut request = self.request.clone();
        if !self.max_wait.is_zero() {
            request.max_wait = Some(to_proto(self.max_wait));
        }
        let core = &self.limiter.core;
        core.call(self.max_wait, request, |channel, request| async move {
            RateLimiterClient::new(channel).max_decoding_message_size(MAX_MESSAGE).allow(request).await
        })
        .await
    }
}

impl<'a> IntoFuture for Allow<'a> {
    type Output = Result<Decision, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.ask())
    }
}
