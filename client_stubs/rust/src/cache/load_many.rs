//! The values of many keys, with one call of the loader.

use std::collections::HashMap;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinSet;
use tonic::Code;

use super::fill::Ticket;
use super::load::Found;
use super::write::{lifetime_options, Lifetime};
use super::{client, Cache, Codec, LoadError, USUAL_WAIT};
use crate::answer::Failure;
use crate::proto::cache::{GetManyRequest, SetManyRequest};
use crate::{Error, Source};

/// Most keys of one message.
const MOST: usize = 1000;
/// Most bytes of values of one message, unless one value is larger.
const MOST_BYTES: usize = 4 << 20;

/// Values to be had when they are awaited; see [`Cache::get_or_load_many`].
#[must_use = "nothing is loaded before it is awaited"]
pub struct GetOrLoadMany<'a, C, L> {
    cache: &'a Cache<C>,
    keys: Vec<String>,
    loader: L,
    lifetime: Lifetime,
    max_wait: Duration,
}

/// The values, and how they were had.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadedMany<T> {
    /// The value of each key; `None`: it has none.
    pub values: HashMap<String, Option<T>>,
    /// The keys that this call has called the loader with.
    pub loaded: Vec<String>,
    /// `Fallback` if the sidecar did not answer for some key.
    pub source: Source,
}

impl<'a, C, L> GetOrLoadMany<'a, C, L> {
    pub(super) fn new(cache: &'a Cache<C>, keys: Vec<String>, loader: L) -> Self {
        GetOrLoadMany { cache, keys, loader, lifetime: Lifetime::default(), max_wait: USUAL_WAIT }
    }

    lifetime_options!();

    /// How long to wait for others' loads; 5 s unless said otherwise, at most 1 hour. After that the loader runs here.
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }
}

/// Keys by what is to be done for them.
struct Sorted<T> {
    done: LoadedMany<T>,
    load: Vec<Ticket>,
    refresh: Vec<Ticket>,
    wait_for: Vec<String>,
    load_only: Vec<String>,
}

impl<C, L, F, T, E> GetOrLoadMany<'_, C, L>
where
    C: Codec<T> + 'static,
    L: Fn(Vec<String>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<HashMap<String, T>, E>> + Send + 'static,
    T: Send + Sync + 'static,
    E: Send + 'static,
{
    async fn run(mut self) -> Result<LoadedMany<T>, LoadError<E>> {
        self.cache.begin()?;
        self.keys.sort_unstable();
        self.keys.dedup();
        let mut sorted = self.ask().await?;
        self.refresh(std::mem::take(&mut sorted.refresh));
        let mut done = sorted.done;
        self.load(sorted.load, sorted.load_only, &mut done).await?;
        self.wait_for(sorted.wait_for, &mut done).await?;
        Ok(done)
    }

    async fn ask(&self) -> Result<Sorted<T>, LoadError<E>> {
        let done = LoadedMany { values: HashMap::new(), loaded: Vec::new(), source: Source::Sidecar };
        let mut sorted = Sorted { done, load: vec![], refresh: vec![], wait_for: vec![], load_only: vec![] };
        for keys in self.keys.chunks(MOST) {
            let requests = keys.iter().map(|key| self.cache.request(key.clone(), Duration::ZERO)).collect();
            let question = GetManyRequest { requests };
            let granted = self.cache.ask(Duration::ZERO, keys.to_vec(), question, |channel, request| async move {
                Ok(client(channel).get_many(request).await?.map(|answer| answer.responses))
            });
            let granted = match granted.await {
                Ok(granted) => granted,
                Err(Failure::Mistake(error)) => return Err(error.into()),
                Err(Failure::Gone) => {
                    self.fall_back(&mut sorted.done);
                    sorted.load_only.extend(keys.iter().cloned());
                    continue;
                }
            };
            for (key, granted) in keys.iter().zip(granted) {
                match self.cache.read(granted) {
                    Found::Value(value, ticket) => {
                        sorted.done.values.insert(key.clone(), value);
                        sorted.refresh.extend(ticket);
                    }
                    Found::Load(ticket) => sorted.load.push(ticket),
                    Found::LoadedElsewhere => sorted.wait_for.push(key.clone()),
                    Found::Unusable => sorted.load_only.push(key.clone()),
                }
            }
        }
        Ok(sorted)
    }

    /// One call of the loader for all that is to be loaded here.
    async fn load(
        &self,
        tickets: Vec<Ticket>,
        load_only: Vec<String>,
        done: &mut LoadedMany<T>,
    ) -> Result<(), LoadError<E>> {
        let mut keys: Vec<String> = tickets.iter().map(|ticket| ticket.key().to_owned()).chain(load_only).collect();
        if keys.is_empty() {
            return Ok(());
        }
        keys.sort_unstable();
        let mut values = (self.loader)(keys.clone()).await.map_err(LoadError::Loader)?;
        store(self.cache, tickets, &values, &self.lifetime).await;
        for key in keys {
            done.values.insert(key.clone(), values.remove(&key));
            done.loaded.push(key);
        }
        Ok(())
    }

    /// Each key that others load, by itself, all at the same time.
    async fn wait_for(&self, keys: Vec<String>, done: &mut LoadedMany<T>) -> Result<(), LoadError<E>> {
        let mut waiting = JoinSet::new();
        for key in keys {
            let (cache, loader) = (self.cache.clone(), self.loader.clone());
            let (lifetime, max_wait) = (self.lifetime.clone(), self.max_wait);
            waiting.spawn(async move {
                let wanted = key.clone();
                let load = move || async move { Ok(loader(vec![wanted.clone()]).await?.remove(&wanted)) };
                let found = cache.find(&key, max_wait).await;
                let gone = matches!(found, Err(Failure::Gone));
                let loaded = cache.get_or_load(key.clone(), load).lifetime(lifetime).finish(found).await;
                (key, gone, loaded)
            });
        }
        while let Some(ended) = waiting.join_next().await {
            let (key, gone, loaded) = match ended {
                Ok(ended) => ended,
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => continue,
            };
            if gone {
                self.fall_back(done);
            }
            let one = loaded?;
            if one.loaded {
                done.loaded.push(key.clone());
            }
            done.values.insert(key, one.value);
        }
        done.loaded.sort_unstable();
        Ok(())
    }

    /// The sidecar does not answer for some key. The call is counted once, for however many of them.
    fn fall_back(&self, done: &mut LoadedMany<T>) {
        if done.source == Source::Sidecar {
            done.source = Source::Fallback;
            self.cache.fall_back();
        }
    }

    /// One call of the loader in the background.
    fn refresh(&self, tickets: Vec<Ticket>) {
        let refreshes = &self.cache.core.refreshes;
        let Some(permit) = refreshes.permit().filter(|_| !tickets.is_empty()) else { return };
        let (cache, loader, lifetime) = (self.cache.clone(), self.loader.clone(), self.lifetime.clone());
        refreshes.run(&self.cache.core, async move {
            let _permit = permit;
            let keys = tickets.iter().map(|ticket| ticket.key().to_owned()).collect();
            if let Ok(values) = loader(keys).await {
                store(&cache, tickets, &values, &lifetime).await;
            }
        });
    }
}

/// Stores what was loaded; keys without a value are absent.
async fn store<C: Codec<T>, T>(
    cache: &Cache<C>,
    tickets: Vec<Ticket>,
    values: &HashMap<String, T>,
    lifetime: &Lifetime,
) {
    let mut batch = Vec::new();
    let mut bytes = 0;
    for ticket in tickets {
        let value = values.get(ticket.key()).map(|value| cache.codec.encode(value)).transpose();
        let Ok(value) = value else { continue };
        let more = value.as_ref().map_or(0, Bytes::len);
        if batch.len() == MOST || (bytes + more > MOST_BYTES && !batch.is_empty()) {
            store_batch(cache, std::mem::take(&mut batch), lifetime).await;
            bytes = 0;
        }
        bytes += more;
        batch.push((ticket, value));
    }
    if !batch.is_empty() {
        store_batch(cache, batch, lifetime).await;
    }
}

async fn store_batch<C>(cache: &Cache<C>, batch: Vec<(Ticket, Option<Bytes>)>, lifetime: &Lifetime) {
    let requests = batch.iter().map(|(ticket, value)| ticket.request(value.clone(), lifetime)).collect();
    let stored = cache.core.call(Duration::ZERO, SetManyRequest { requests }, |channel, request| async move {
        client(channel).set_many(request).await
    });
    match stored.await {
        Ok(_) => batch.into_iter().for_each(|(ticket, _)| ticket.used()),
        Err(Failure::Mistake(Error::Refused { code: Code::InvalidArgument, .. })) => {
            // One of them is too large, say, and none was stored.
            for (ticket, value) in batch {
                if !ticket.store(value, lifetime).await {
                    return;
                }
            }
        }
        Err(_) => {} // others may load now
    }
}

impl<'a, C, L, F, T, E> IntoFuture for GetOrLoadMany<'a, C, L>
where
    C: Codec<T> + 'static,
    L: Fn(Vec<String>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<HashMap<String, T>, E>> + Send + 'static,
    T: Send + Sync + 'static,
    E: Send + 'static,
{
    type Output = Result<LoadedMany<T>, LoadError<E>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
