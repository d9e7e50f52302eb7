//! Client of the Outrigger sidecar: rate limits, a cache, circuit breakers and connection pools for a whole fleet, in a few lines.
//!
//! ```no_run
//! # async fn load(id: u64) -> Result<Option<String>, std::io::Error> { Ok(None) }
//! # async fn charge() -> Result<u64, std::io::Error> { Ok(1) }
//! # async fn f() -> Result<(), Box<dyn std::error::Error>> {
//! let outrigger = outrigger::Outrigger::connect()?;
//!
//! if !outrigger.limiter().allow([("user", "42")]).await?.allowed {
//!     return Ok(()); // 429
//! }
//! let profile = outrigger.cache("profiles").get_or_load("42", || load(42)).await?.value;
//! let receipt = outrigger.breaker("payments").call(|| charge()).await?;
//! let lease = outrigger.pool("orders").acquire().await?;
//! # Ok(()) }
//! ```
//!
//! A sidecar that is gone, or hangs, is no error: after 50 ms (see [`Builder::timeout`]) each part answers by its policy, and every
//! answer says whose it is ([`Source`]). An [`Error`] is always a mistake of the caller's.
//!
//! All calls are made on a Tokio runtime.

#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod answer;
mod backoff;
#[cfg(feature = "blocking")]
pub mod blocking;
pub mod breaker;
pub mod cache;
mod channel;
mod client;
mod connector;
#[cfg(feature = "deadpool")]
pub mod deadpool;
mod error;
pub mod limits;
#[cfg(feature = "tower")]
pub mod middleware;
mod options;
pub mod pool;
#[allow(missing_docs, clippy::all)]
pub mod proto;
mod stats;
mod target;
mod trace;

pub use answer::Source;
pub use breaker::{Breaker, Outcome};
pub use cache::Cache;
pub use client::Outrigger;
pub use error::Error;
pub use limits::Limiter;
pub use options::{BreakerFallback, Builder, LimitsFallback, PoolFallback};
pub use pool::{Lease, Pool};
pub use stats::{PartStats, Stats};
