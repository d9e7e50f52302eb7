//! Storing and removing values.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;

use super::{client, Cache, Codec, CodecError, Reason};
use crate::answer::{to_proto, Failure};
use crate::proto::cache::{DeleteRequest, SetRequest};
use crate::{Error, Source};
use tonic::Code;

/// How long a value lives, and what it is invalidated with.
#[derive(Debug, Clone, Default)]
pub(super) struct Lifetime {
    pub(super) ttl: Option<Duration>,
    pub(super) stale_for: Option<Duration>,
    pub(super) tags: Vec<String>,
}

impl Lifetime {
    /// `None`: that there is no value.
    pub(super) fn request(&self, namespace: &str, key: String, value: Option<Bytes>) -> SetRequest {
        SetRequest {
            namespace: namespace.to_owned(),
            key,
            absent: value.is_none(),
            value: value.unwrap_or_default(),
            ttl: self.ttl.map(to_proto),
            stale_for: self.stale_for.map(to_proto),
            tags: self.tags.clone(),
            ..SetRequest::default()
        }
    }
}

/// The options of all that stores.
macro_rules! lifetime_options {
    () => {
        /// How long the value is fresh: 1 ms to 30 days. Unset: as the namespace says. (Of a load: if it finds that there is none,
        /// that is remembered for the namespace's `absent_ttl`.)
        pub fn ttl(mut self, ttl: Duration) -> Self {
            self.lifetime.ttl = Some(ttl);
            self
        }

        /// How long after that it may be served stale: 0 to 30 days. Unset: as the namespace says.
        pub fn stale_for(mut self, stale_for: Duration) -> Self {
            self.lifetime.stale_for = Some(stale_for);
            self
        }

        /// Names under which it can be invalidated together with others. At most 16, each 1 to 128 bytes.
        pub fn tags<N: Into<String>>(mut self, tags: impl IntoIterator<Item = N>) -> Self {
            self.lifetime.tags = tags.into_iter().map(Into::into).collect();
            self
        }
    };
}
pub(super) use lifetime_options;

/// A value to be stored when it is awaited; see [`Cache::set`].
#[must_use = "nothing is stored before it is awaited"]
pub struct Set<'a, C, T> {
    cache: &'a Cache<C>,
    key: String,
    value: Option<&'a T>,
    lifetime: Lifetime,
}

/// What storing has led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// Whether it was stored.
    pub stored: bool,
    /// The new version; if it was not stored the present one, or 0.
    pub version: u64,
    /// Why it was not.
    pub reason: Option<Reason>,
    /// The sidecar's own word: its store is out of reach.
    pub degraded: bool,
    /// Whether the sidecar answered.
    pub source: Source,
}

/// What removing has led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deleted {
    /// There was a value, and it is gone.
    pub deleted: bool,
    /// The sidecar's own word: its store is out of reach, and the deletion is repeated when it is back.
    pub degraded: bool,
    /// Whether the sidecar answered.
    pub source: Source,
}

impl<'a, C, T> Set<'a, C, T> {
    pub(super) fn new(cache: &'a Cache<C>, key: String, value: Option<&'a T>) -> Self {
        Set { cache, key, value, lifetime: Lifetime::default() }
    }

    lifetime_options!();
}

impl<C: Codec<T>, T: Sync> Set<'_, C, T> {
    async fn store(self) -> Result<Stored, Error> {
        let value = self.value.map(|value| self.cache.codec.encode(value)).transpose().map_err(not_encoded)?;
        self.cache.begin()?;
        let request = self.lifetime.request(&self.cache.namespace, self.key, value);
        let answer = self
            .cache
            .core
            .call(Duration::ZERO, request, |channel, request| async move { client(channel).set(request).await });
        match answer.await {
            Ok(answer) => Ok(Stored {
                stored: answer.stored,
                version: answer.version,
                reason: (!answer.stored).then(|| answer.reason()),
                degraded: answer.degraded,
                source: Source::Sidecar,
            }),
            Err(Failure::Gone) => {
                self.cache.fall_back();
                let (reason, source) = (Some(Reason::StoreUnavailable), Source::Fallback);
                Ok(Stored { stored: false, version: 0, reason, degraded: false, source })
            }
            Err(Failure::Mistake(error)) => Err(error),
        }
    }
}

fn not_encoded(error: CodecError) -> Error {
    Error::Refused { code: Code::InvalidArgument, message: format!("the value cannot be encoded: {error}") }
}

impl<'a, C: Codec<T>, T: Sync> IntoFuture for Set<'a, C, T> {
    type Output = Result<Stored, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.store())
    }
}

pub(super) async fn delete<C>(cache: &Cache<C>, key: String) -> Result<Deleted, Error> {
    cache.begin()?;
    let request = DeleteRequest { namespace: cache.namespace.to_string(), key, if_version: 0 };
    let answer = cache
        .core
        .call(Duration::ZERO, request, |channel, request| async move { client(channel).delete(request).await });
    match answer.await {
        Ok(answer) => Ok(Deleted { deleted: answer.deleted, degraded: answer.degraded, source: Source::Sidecar }),
        Err(Failure::Gone) => {
            cache.fall_back();
            Ok(Deleted { deleted: false, degraded: false, source: Source::Fallback })
        }
        Err(Failure::Mistake(error)) => Err(error),
    }
}
