//! Making many values unusable at once.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use super::{client, Cache};
use crate::answer::Failure;
use crate::proto::cache::InvalidateRequest;
use crate::{Error, Source};

/// What is to be invalidated when it is awaited; see [`Cache::invalidate`].
#[must_use = "nothing is invalidated before it is awaited"]
pub struct Invalidate<'a, C> {
    cache: &'a Cache<C>,
    request: InvalidateRequest,
}

/// What invalidating has led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Invalidated {
    /// How many of the keys had a value. `None` if tags or a glob were given, or the sidecar did not answer.
    pub invalidated: Option<u64>,
    /// The sidecar's own word: its store is out of reach; done in this pod, and repeated when it is back.
    pub degraded: bool,
    /// Whether the sidecar answered.
    pub source: Source,
}

impl<'a, C> Invalidate<'a, C> {
    pub(super) fn new(cache: &'a Cache<C>) -> Self {
        let request = InvalidateRequest { namespace: cache.namespace.to_string(), ..InvalidateRequest::default() };
        Invalidate { cache, request }
    }

    /// These keys; at most 1,000.
    pub fn keys<N: Into<String>>(mut self, keys: impl IntoIterator<Item = N>) -> Self {
        self.request.keys = keys.into_iter().map(Into::into).collect();
        self
    }

    /// All values that have one of these tags; at most 1,000.
    pub fn tags<N: Into<String>>(mut self, tags: impl IntoIterator<Item = N>) -> Self {
        self.request.tags = tags.into_iter().map(Into::into).collect();
        self
    }

    /// All keys that match: `*` stands for any bytes, `?` for one. At most 1,024 bytes.
    pub fn glob(mut self, glob: impl Into<String>) -> Self {
        self.request.glob = glob.into();
        self
    }

    /// Values become stale instead of unusable.
    pub fn soft(mut self) -> Self {
        self.request.soft = true;
        self
    }

    async fn send(self) -> Result<Invalidated, Error> {
        self.cache.begin()?;
        let answer = self.cache.core.call(Duration::ZERO, self.request, |channel, request| async move {
            client(channel).invalidate(request).await
        });
        match answer.await {
            Ok(answer) => {
                Ok(Invalidated { invalidated: answer.invalidated, degraded: answer.degraded, source: Source::Sidecar })
            }
            Err(Failure::Gone) => {
                self.cache.fall_back();
                Ok(Invalidated { invalidated: None, degraded: false, source: Source::Fallback })
            }
            Err(Failure::Mistake(error)) => Err(error),
        }
    }
}

impl<'a, C: Send + Sync> IntoFuture for Invalidate<'a, C> {
    type Output = Result<Invalidated, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
