//! The cache for the whole fleet: a copy in the pod, the values in the fleet's store, one load for each missing key.

mod ask;
mod cached;
mod codec;
mod fill;
mod invalidate;
mod load;
mod load_many;
mod write;

use std::sync::Arc;
use std::time::Duration;

pub use cached::Cached;
#[cfg(feature = "json")]
pub use codec::Json;
pub use codec::{Codec, CodecError, Raw, Text};
pub(crate) use fill::Refreshes;
pub use invalidate::{Invalidate, Invalidated};
pub use load::{GetOrLoad, LoadError, Loaded};
pub use load_many::{GetOrLoadMany, LoadedMany};
pub use write::{Deleted, Set, Stored};

/// Why [`Set`] stored nothing.
pub use crate::proto::cache::Reason;

use crate::answer::{to_proto, Failure};
use crate::channel::MAX_MESSAGE;
use crate::client::Core;
use crate::proto::cache::cache_client::CacheClient;
use crate::proto::cache::{GetRequest, Status};
use crate::{Error, Source};
use tonic::transport::Channel;

/// How long a call waits for another's load unless said otherwise.
const USUAL_WAIT: Duration = Duration::from_secs(5);

/// One namespace of the cache. Keys have 1 to 1,024 bytes. Cheap to clone; `Send` and `Sync`.
pub struct Cache<C> {
    core: Arc<Core>,
    namespace: Arc<str>,
    codec: Arc<C>,
}

impl<C> Clone for Cache<C> {
    fn clone(&self) -> Self {
        Cache { core: self.core.clone(), namespace: self.namespace.clone(), codec: self.codec.clone() }
    }
}

/// What [`Cache::get`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Got<T> {
    /// The value; `None`: there is none, or none that can be decoded.
    pub value: Option<T>,
    /// It is known that there is none.
    pub absent: bool,
    /// The value is past its time, and may still be used.
    pub stale: bool,
    /// The value's version, or that of the known absence; 0 if there is neither.
    pub version: u64,
    /// The sidecar's own word: its store is out of reach.
    pub degraded: bool,
    /// Whether the sidecar answered.
    pub source: Source,
}

impl<C> Cache<C> {
    pub(crate) fn new(core: Arc<Core>, namespace: String, codec: C) -> Self {
        Cache { core, namespace: namespace.into(), codec: Arc::new(codec) }
    }

    /// The same namespace with another codec.
    pub fn with_codec<D>(&self, codec: D) -> Cache<D> {
        Cache { core: self.core.clone(), namespace: self.namespace.clone(), codec: Arc::new(codec) }
    }

    /// The value of `key`; if there is none `loader` is called, once in the whole fleet. Options, then `.await`.
    ///
    /// The loader answers `Ok(Some(value))`, `Ok(None)` if there is none (which is remembered, too), or its error, which is the
    /// caller's to see, as it is. A value that is to be refreshed is answered at once, and loaded anew in the background.
    ///
    /// ```no_run
    /// # async fn load(id: u64) -> Result<Option<String>, std::io::Error> { Ok(None) }
    /// # async fn f(cache: outrigger::cache::Cache<outrigger::cache::Text>) -> Result<(), Box<dyn std::error::Error>> {
    /// let profile: Option<String> = cache.get_or_load("42", || load(42)).await?.value;
    /// # Ok(()) }
    /// ```
    pub fn get_or_load<L>(&self, key: impl Into<String>, loader: L) -> GetOrLoad<'_, C, L> {
        GetOrLoad::new(self, key.into(), loader)
    }

    /// As [`get_or_load`](Self::get_or_load) for many keys. The loader gets those that are to be loaded, and answers their values;
    /// keys that it leaves out have none.
    pub fn get_or_load_many<K: Into<String>, L>(
        &self,
        keys: impl IntoIterator<Item = K>,
        loader: L,
    ) -> GetOrLoadMany<'_, C, L> {
        GetOrLoadMany::new(self, keys.into_iter().map(Into::into).collect(), loader)
    }

    /// A function whose results are kept in this namespace: `key` makes the key of its argument, `loader` is the function.
    pub fn cached<A, N, L>(&self, key: N, loader: L) -> Cached<C, A, N, L> {
        Cached::new(self.clone(), key, loader)
    }

    /// Looks for the value of `key`, and neither waits nor loads.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] for what is out of range or not configured, [`Error::Closed`], [`Error::NoRuntime`].
    pub async fn get<T>(&self, key: impl Into<String>) -> Result<Got<T>, Error>
    where
        C: Codec<T>,
    {
        self.begin()?;
        let request = GetRequest { no_fill: true, ..self.request(key.into(), Duration::ZERO) };
        let answer = self
            .core
            .call(Duration::ZERO, request, |channel, request| async move { client(channel).get(request).await });
        match answer.await {
            Ok(answer) => {
                let status = answer.status();
                let found = matches!(status, Status::Hit | Status::Stale);
                Ok(Got {
                    value: if found { self.codec.decode(answer.value).ok() } else { None },
                    absent: status == Status::Absent,
                    stale: status == Status::Stale,
                    version: answer.version,
                    degraded: answer.degraded,
                    source: Source::Sidecar,
                })
            }
            Err(Failure::Gone) => {
                self.fall_back();
                let source = Source::Fallback;
                Ok(Got { value: None, absent: false, stale: false, version: 0, degraded: false, source })
            }
            Err(Failure::Mistake(error)) => Err(error),
        }
    }

    /// Stores `value` of `key`. Options, then `.await`. Loads of this key that are under way are refused when they are done.
    pub fn set<'a, T>(&'a self, key: impl Into<String>, value: &'a T) -> Set<'a, C, T> {
        Set::new(self, key.into(), Some(value))
    }

    /// Remembers that `key` has no value. Options, then `.await`.
    pub fn set_absent<T>(&self, key: impl Into<String>) -> Set<'_, C, T> {
        Set::new(self, key.into(), None)
    }

    /// Removes the value of `key`.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub async fn delete(&self, key: impl Into<String>) -> Result<Deleted, Error> {
        write::delete(self, key.into()).await
    }

    /// Makes values unusable, or stale: by key, by tag, by a glob of keys. What, then `.await`.
    pub fn invalidate(&self) -> Invalidate<'_, C> {
        Invalidate::new(self)
    }

    fn request(&self, key: String, wait: Duration) -> GetRequest {
        GetRequest {
            namespace: self.namespace.to_string(),
            key,
            max_wait: Some(to_proto(wait)),
            ..GetRequest::default()
        }
    }

    fn begin(&self) -> Result<(), Error> {
        self.core.begin(&self.core.counters.cache)
    }

    fn fall_back(&self) {
        self.core.counters.cache.fall_back();
    }
}

fn client(channel: Channel) -> CacheClient<Channel> {
    CacheClient::new(channel).max_decoding_message_size(MAX_MESSAGE).max_encoding_message_size(MAX_MESSAGE)
}
