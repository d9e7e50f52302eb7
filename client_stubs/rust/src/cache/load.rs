//! The value of one key, loaded once in the fleet.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;

use super::ask::Granted;
use super::fill::Ticket;
use super::write::{lifetime_options, Lifetime};
use super::{client, Cache, Codec, USUAL_WAIT};
use crate::answer::Failure;
use crate::proto::cache::Status;
use crate::{Error, Source};

/// A value to be had when it is awaited; see [`Cache::get_or_load`].
#[must_use = "nothing is loaded before it is awaited"]
pub struct GetOrLoad<'a, C, L> {
    cache: &'a Cache<C>,
    key: String,
    loader: L,
    lifetime: Lifetime,
    max_wait: Duration,
}

/// The value, and how it was had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded<T> {
    /// The value; `None`: there is none.
    pub value: Option<T>,
    /// This call has run the loader.
    pub loaded: bool,
    /// Whether the sidecar answered.
    pub source: Source,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadError<E> {
    /// The loader's own error, as it is.
    Loader(E),
    /// The call was a mistake.
    Outrigger(Error),
}

impl<E: fmt::Display> fmt::Display for LoadError<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Loader(error) => error.fmt(out),
            LoadError::Outrigger(error) => error.fmt(out),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for LoadError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            LoadError::Loader(error) => Some(error),
            LoadError::Outrigger(error) => Some(error),
        }
    }
}

impl<E> From<Error> for LoadError<E> {
    fn from(error: Error) -> Self {
        LoadError::Outrigger(error)
    }
}

impl<'a, C, L> GetOrLoad<'a, C, L> {
    pub(super) fn new(cache: &'a Cache<C>, key: String, loader: L) -> Self {
        GetOrLoad { cache, key, loader, lifetime: Lifetime::default(), max_wait: USUAL_WAIT }
    }

    lifetime_options!();

    /// How long to wait for another's load; 5 s unless said otherwise, at most 1 hour. After that the loader runs here.
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    pub(super) fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = lifetime;
        self
    }
}

/// What the sidecar said of a key.
pub(super) enum Found<T> {
    /// The value, or that there is none; with the right to refresh it.
    Value(Option<T>, Option<Ticket>),
    /// Load it, and store it with this.
    Load(Ticket),
    /// Another loads it.
    LoadedElsewhere,
    /// Nothing that can be used: load it, and store nothing.
    Unusable,
}

impl<C> Cache<C> {
    /// What the sidecar says of `key`, when another's load is done if there is one; that is waited for `max_wait` at most.
    pub(super) async fn find<T>(&self, key: &str, max_wait: Duration) -> Result<Found<T>, Failure>
    where
        C: Codec<T>,
    {
        match self.look(key, Duration::ZERO).await? {
            Found::LoadedElsewhere if !max_wait.is_zero() => self.look(key, max_wait).await,
            found => Ok(found),
        }
    }

    async fn look<T>(&self, key: &str, wait: Duration) -> Result<Found<T>, Failure>
    where
        C: Codec<T>,
    {
        let key = key.to_owned();
        let request = self.request(key.clone(), wait);
        let granted = self.ask(wait, vec![key], request, |channel, request| async move {
            Ok(client(channel).get(request).await?.map(|answer| vec![answer]))
        });
        let granted = granted.await?.pop().ok_or(Failure::Gone)?;
        Ok(self.read(granted))
    }

    pub(super) fn read<T>(&self, Granted { answer, ticket }: Granted) -> Found<T>
    where
        C: Codec<T>,
    {
        let decoded = match answer.status() {
            Status::Hit | Status::Stale => self.codec.decode(answer.value).map(Some).map_err(|_| Found::Unusable),
            Status::Absent => Ok(None),
            _ => Err(Found::LoadedElsewhere),
        };
        match (decoded, ticket) {
            (Ok(value), ticket) => Found::Value(value, ticket),
            (Err(_), Some(ticket)) => Found::Load(ticket),
            (Err(found), None) => found,
        }
    }

    /// What is to be stored of what a loader gave. `None`: it cannot be.
    pub(super) fn encoded<T>(&self, value: &Option<T>) -> Option<Option<Bytes>>
    where
        C: Codec<T>,
    {
        value.as_ref().map(|value| self.codec.encode(value)).transpose().ok()
    }
}

impl<C, L, F, T, E> GetOrLoad<'_, C, L>
where
    C: Codec<T> + 'static,
    L: FnOnce() -> F + Send + 'static,
    F: Future<Output = Result<Option<T>, E>> + Send + 'static,
    T: Send + Sync + 'static,
    E: Send + 'static,
{
    async fn run(self) -> Result<Loaded<T>, LoadError<E>> {
        self.cache.begin()?;
        let found = self.cache.find(&self.key, self.max_wait).await;
        if matches!(found, Err(Failure::Gone)) {
            self.cache.fall_back();
        }
        self.finish(found).await
    }

    /// What is to be done with what [`Cache::find`] has found.
    pub(super) async fn finish(self, found: Result<Found<T>, Failure>) -> Result<Loaded<T>, LoadError<E>> {
        match found {
            Ok(Found::Value(value, ticket)) => {
                if let Some(ticket) = ticket {
                    self.refresh(ticket);
                }
                Ok(Loaded { value, loaded: false, source: Source::Sidecar })
            }
            Ok(Found::Load(ticket)) => self.load(ticket).await,
            Ok(Found::LoadedElsewhere | Found::Unusable) => self.load_only(Source::Sidecar).await,
            Err(Failure::Gone) => self.load_only(Source::Fallback).await,
            Err(Failure::Mistake(error)) => Err(error.into()),
        }
    }

    async fn load_only(self, source: Source) -> Result<Loaded<T>, LoadError<E>> {
        let value = (self.loader)().await.map_err(LoadError::Loader)?;
        Ok(Loaded { value, loaded: true, source })
    }

    async fn load(self, ticket: Ticket) -> Result<Loaded<T>, LoadError<E>> {
        let value = (self.loader)().await.map_err(LoadError::Loader)?;
        if let Some(encoded) = self.cache.encoded(&value) {
            ticket.store(encoded, &self.lifetime).await;
        }
        Ok(Loaded { value, loaded: true, source: Source::Sidecar })
    }

    fn refresh(self, ticket: Ticket) {
        let refreshes = &self.cache.core.refreshes;
        let Some(permit) = refreshes.permit() else { return };
        let (cache, loader, lifetime) = (self.cache.clone(), self.loader, self.lifetime);
        refreshes.run(&self.cache.core, async move {
            let _permit = permit;
            if let Ok(value) = loader().await {
                if let Some(encoded) = cache.encoded(&value) {
                    ticket.store(encoded, &lifetime).await;
                }
            }
        });
    }
}

impl<'a, C, L, F, T, E> IntoFuture for GetOrLoad<'a, C, L>
where
    C: Codec<T> + 'static,
    L: FnOnce() -> F + Send + 'static,
    F: Future<Output = Result<Option<T>, E>> + Send + 'static,
    T: Send + Sync + 'static,
    E: Send + 'static,
{
    type Output = Result<Loaded<T>, LoadError<E>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
