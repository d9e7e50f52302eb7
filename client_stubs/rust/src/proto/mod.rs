//! The generated code of the sidecar's protos, for whoever wants only that. Made by `make generate`.
//!
//! The comments are the protos' own; clients are `proto::<part>::<part>_client`.

/// Rate limits: `outrigger.ratelimit.v1`.
#[rustfmt::skip]
#[path = "outrigger.ratelimit.v1.rs"]
pub mod ratelimit;

/// The cache: `outrigger.cache.v1`.
#[rustfmt::skip]
#[path = "outrigger.cache.v1.rs"]
pub mod cache;

/// Circuit breakers: `outrigger.breaker.v1`.
#[rustfmt::skip]
#[path = "outrigger.breaker.v1.rs"]
pub mod breaker;

/// Connection slots: `outrigger.pool.v1`.
#[rustfmt::skip]
#[path = "outrigger.pool.v1.rs"]
pub mod pool;
