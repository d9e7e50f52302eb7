//! A function whose results are kept.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::write::{lifetime_options, Lifetime};
use super::{Cache, Codec, LoadError};

/// A function of one argument whose results are kept in the cache; see [`Cache::cached`].
///
/// ```no_run
/// # use outrigger::{cache::Text, Outrigger};
/// # async fn find(id: u64) -> Result<Option<String>, std::io::Error> { Ok(None) }
/// # async fn f(outrigger: Outrigger) -> Result<(), Box<dyn std::error::Error>> {
/// let profile = outrigger.cache_of("profiles", Text).cached(|id: &u64| id.to_string(), find);
/// let name: Option<String> = profile.get(42).await?;
/// # Ok(()) }
/// ```
pub struct Cached<C, A, K, L> {
    cache: Cache<C>,
    key: K,
    loader: Arc<L>,
    lifetime: Lifetime,
    argument: PhantomData<fn(A)>,
}

impl<C, A, K, L> Cached<C, A, K, L> {
    pub(super) fn new(cache: Cache<C>, key: K, loader: L) -> Self {
        Cached { cache, key, loader: Arc::new(loader), lifetime: Lifetime::default(), argument: PhantomData }
    }

    lifetime_options!();
}

impl<C, A, K, L, F, T, E> Cached<C, A, K, L>
where
    C: Codec<T> + 'static,
    A: Send + 'static,
    K: Fn(&A) -> String,
    L: Fn(A) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Option<T>, E>> + Send + 'static,
    T: Send + Sync + 'static,
    E: Send + 'static,
{
    /// The function's result for `argument`, from the cache if it is there.
    ///
    /// # Errors
    ///
    /// The function's own, or [`LoadError::Outrigger`].
    pub async fn get(&self, argument: A) -> Result<Option<T>, LoadError<E>> {
        let key = (self.key)(&argument);
        let loader = self.loader.clone();
        let load = self.cache.get_or_load(key, move || loader(argument));
        Ok(load.lifetime(self.lifetime.clone()).await?.value)
    }
}
