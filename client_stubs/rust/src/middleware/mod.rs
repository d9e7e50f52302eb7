//! Layers for [tower](https://docs.rs/tower): for servers and clients of HTTP and gRPC (axum, hyper, tonic).

mod breaker;
mod rate_limit;

pub use breaker::{BreakerBody, BreakerLayer, BreakerService};
pub use rate_limit::{RateLimitLayer, RateLimitService};

use http::{header, HeaderMap};

/// Whether these are the headers of a gRPC request or response.
fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).map(|value| value.as_bytes());
    content_type.is_some_and(|value| value.starts_with(b"application/grpc"))
}
