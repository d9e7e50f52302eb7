//! A breaker around a client.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{ready, Context, Poll};

use http::request::Parts;
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tonic::{Code, Status};
use tower_layer::Layer;
use tower_service::Service;

use super::is_grpc;
use crate::breaker::{Breaker, CallError, Outcome, Permit};

/// Makes a client's calls through a breaker.
///
/// An HTTP answer below 500 is a success. A gRPC call is judged by its status, at its end, by [`Outcome::of_code`]. An error of the
/// transport is a failure. A call that is dropped before its end is not counted.
///
/// What is denied is [`CallError::Denied`]; a gRPC call gets the status `UNAVAILABLE` instead.
///
/// ```no_run
/// # fn f(outrigger: outrigger::Outrigger) {
/// use outrigger::middleware::BreakerLayer;
///
/// let layer = BreakerLayer::new(outrigger.breaker("payments")).methods(|request| request.uri.path().to_owned());
/// // PaymentsClient::new(tower::ServiceBuilder::new().layer(layer).service(channel))
/// # let _ = layer; }
/// ```
#[derive(Clone)]
pub struct BreakerLayer {
    breaker: Breaker,
    method: Option<Arc<Method>>,
}

type Method = dyn Fn(&Parts) -> String + Send + Sync;

/// What [`BreakerLayer`] makes of a service.
#[derive(Clone)]
pub struct BreakerService<S> {
    inner: S,
    layer: BreakerLayer,
}

impl BreakerLayer {
    /// All calls go through `breaker`.
    pub fn new(breaker: Breaker) -> Self {
        BreakerLayer { breaker, method: None }
    }

    /// `method` says which method of the breaker a request is for; at most 256 bytes. Empty: none.
    pub fn methods(mut self, method: impl Fn(&Parts) -> String + Send + Sync + 'static) -> Self {
        self.method = Some(Arc::new(method));
        self
    }

    fn breaker(&self, request: &Parts) -> Breaker {
        match &self.method {
            Some(method) => self.breaker.method(&method(request)),
            None => self.breaker.clone(),
        }
    }
}

impl<S> Layer<S> for BreakerLayer {
    type Service = BreakerService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        BreakerService { inner, layer: self.clone() }
    }
}

impl<S, B, D> Service<Request<B>> for BreakerService<S>
where
    S: Service<Request<B>, Response = Response<D>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: 'static,
    B: Send + 'static,
{
    type Response = Response<BreakerBody<D>>;
    type Error = CallError<S::Error>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context).map_err(CallError::Call)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The service that was polled is the one to call.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let (parts, body) = request.into_parts();
        let breaker = self.layer.breaker(&parts);
        let grpc = is_grpc(&parts.headers);
        let request = Request::from_parts(parts, body);
        Box::pin(async move {
            let permit = match breaker.acquire().await {
                Ok(permit) => permit,
                Err(CallError::Denied(denied)) if grpc => {
                    let response = Status::unavailable(denied.to_string()).into_http::<()>();
                    return Ok(response.map(|()| BreakerBody { body: None, permit: None }));
                }
                Err(CallError::Denied(denied)) => return Err(CallError::Denied(denied)),
                Err(CallError::Outrigger(error)) => return Err(CallError::Outrigger(error)),
                Err(CallError::Call(never)) => match never {},
            };
            match inner.call(request).await {
                Ok(response) => Ok(judged(response, permit)),
                Err(error) => {
                    permit.done(Outcome::of_error(&error));
                    Err(CallError::Call(error))
                }
            }
        })
    }
}

fn judged<D>(response: Response<D>, permit: Permit) -> Response<BreakerBody<D>> {
    let permit = match outcome_of(&response) {
        Some(outcome) => {
            permit.done(outcome);
            None
        }
        None => Some(permit),
    };
    response.map(|body| BreakerBody { body: Some(body), permit })
}

/// `None`: that is known at the end of the body.
fn outcome_of<D>(response: &Response<D>) -> Option<Outcome> {
    if !is_grpc(response.headers()) || !response.status().is_success() {
        return Some(Outcome::of_http(response.status()));
    }
    code_in(response.headers()).map(Outcome::of_code)
}

fn code_in(headers: &HeaderMap) -> Option<Code> {
    headers.get("grpc-status").map(|status| Code::from_bytes(status.as_bytes()))
}

pin_project! {
    /// A response's body, whose end is the call's end if it is gRPC.
    pub struct BreakerBody<D> {
        // None: the call was denied.
        #[pin]
        body: Option<D>,
        permit: Option<Permit>,
    }
}

impl<D: Body> Body for BreakerBody<D> {
    type Data = D::Data;
    type Error = D::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.project();
        let Some(body) = this.body.as_pin_mut() else { return Poll::Ready(None) };
        let frame = ready!(body.poll_frame(context));
        let outcome = match &frame {
            Some(Ok(frame)) => {
                let code = |trailers| code_in(trailers).unwrap_or(Code::Unknown);
                frame.trailers_ref().map(|trailers| Outcome::of_code(code(trailers)))
            }
            // A gRPC call whose status never came.
            Some(Err(_)) | None => Some(Outcome::Failure),
        };
        if let Some(outcome) = outcome {
            if let Some(permit) = this.permit.take() {
                permit.done(outcome);
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or(SizeHint::with_exact(0), Body::size_hint)
    }
}
