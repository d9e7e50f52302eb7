//! Rate limits before a server's handlers.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::request::Parts;
use http::{Request, Response, StatusCode};
use tonic::Status;
use tower_layer::Layer;
use tower_service::Service;

use super::is_grpc;
use crate::limits::Decision;
use crate::{Error, Limiter};

/// Asks the limits before each request. What is denied is answered with 429, or `RESOURCE_EXHAUSTED` if it is gRPC.
///
/// Answers have `RateLimit` and `RateLimit-Policy` headers, denials `Retry-After`, too: see [`Decision::headers`]. A question that
/// is a mistake (say, an attribute that is too long) is answered with 500, or `INTERNAL`.
///
/// ```no_run
/// # fn f(outrigger: outrigger::Outrigger) {
/// use outrigger::middleware::RateLimitLayer;
///
/// let layer = RateLimitLayer::new(outrigger.limiter(), |request| {
///     let user = request.headers.get("x-user")?.to_str().ok()?;
///     Some(vec![("user", user.to_owned()), ("route", request.uri.path().to_owned())])
/// });
/// // axum::Router::new().route(…).layer(layer), or tonic::transport::Server::builder().layer(layer)
/// # let _ = layer; }
/// ```
#[derive(Clone)]
pub struct RateLimitLayer<A> {
    ask: Ask<A>,
}

/// What [`RateLimitLayer`] makes of a service.
#[derive(Clone)]
pub struct RateLimitService<S, A> {
    inner: S,
    ask: Ask<A>,
}

struct Ask<A> {
    limiter: Limiter,
    attributes: Arc<A>,
    cost: Option<u64>,
    limit: String,
}

impl<A> Clone for Ask<A> {
    fn clone(&self) -> Self {
        Ask {
            limiter: self.limiter.clone(),
            attributes: self.attributes.clone(),
            cost: self.cost,
            limit: self.limit.clone(),
        }
    }
}

impl<A, R> RateLimitLayer<A>
where
    A: Fn(&Parts) -> Option<R>,
{
    /// `attributes` takes from a request who and what it is for. `None`: it is not limited.
    pub fn new(limiter: Limiter, attributes: A) -> Self {
        RateLimitLayer { ask: Ask { limiter, attributes: Arc::new(attributes), cost: None, limit: String::new() } }
    }

    /// Tokens that each request takes; 1 unless said otherwise.
    pub fn cost(mut self, tokens: u64) -> Self {
        self.ask.cost = Some(tokens);
        self
    }

    /// Decide by this limit only, although others may match.
    pub fn limit(mut self, name: impl Into<String>) -> Self {
        self.ask.limit = name.into();
        self
    }
}

impl<A> Ask<A> {
    async fn ask(&self, attributes: Vec<(String, String)>) -> Result<Decision, Error> {
        let mut question = self.limiter.allow(attributes).detail().limit(self.limit.clone());
        if let Some(cost) = self.cost {
            question = question.cost(cost);
        }
        question.await
    }
}

impl<S, A> Layer<S> for RateLimitLayer<A> {
    type Service = RateLimitService<S, A>;

    fn layer(&self, inner: S) -> Self::Service {
        RateLimitService { inner, ask: self.ask.clone() }
    }
}

impl<S, A, R, K, V, B, D> Service<Request<B>> for RateLimitService<S, A>
where
    S: Service<Request<B>, Response = Response<D>> + Clone + Send + 'static,
    S::Future: Send,
    A: Fn(&Parts) -> Option<R> + Send + Sync + 'static,
    R: IntoIterator<Item = (K, V)>,
    K: Into<String>,
    V: Into<String>,
    B: Send + 'static,
    D: Default,
{
    type Response = Response<D>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<D>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The service that was polled is the one to call.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let (parts, body) = request.into_parts();
        let attributes = (self.ask.attributes)(&parts);
        let grpc = is_grpc(&parts.headers);
        let request = Request::from_parts(parts, body);
        let Some(attributes) = attributes else { return Box::pin(inner.call(request)) };
        let attributes = attributes.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let ask = self.ask.clone();
        Box::pin(async move {
            let decision = match ask.ask(attributes).await {
                Ok(decision) => decision,
                Err(error) => return Ok(mistake(&error, grpc)),
            };
            let mut response = if decision.allowed { inner.call(request).await? } else { denied(&decision, grpc) };
            response.headers_mut().extend(decision.headers());
            Ok(response)
        })
    }
}

fn denied<D: Default>(decision: &Decision, grpc: bool) -> Response<D> {
    if grpc {
        let limit = if decision.limit.is_empty() { "rate limit" } else { &decision.limit };
        return Status::resource_exhausted(format!("{limit} is used up")).into_http();
    }
    empty(StatusCode::TOO_MANY_REQUESTS)
}

fn mistake<D: Default>(error: &Error, grpc: bool) -> Response<D> {
    if grpc {
        return Status::internal(format!("rate limit: {error}")).into_http();
    }
    empty(StatusCode::INTERNAL_SERVER_ERROR)
}

fn empty<D: Default>(status: StatusCode) -> Response<D> {
    let mut response = Response::new(D::default());
    *response.status_mut() = status;
    response
}
