//! The caller's OpenTelemetry context goes with its calls.

use std::convert::Infallible;
use std::time::Duration;

use http::{HeaderMap, Request, Response};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::{FutureExt, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry::{Context, KeyValue};
use outrigger::cache::Text;
use outrigger::{Error, Outrigger, Source};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// A sidecar that only remembers what calls it got, and is never available.
async fn listener() -> (String, mpsc::UnboundedReceiver<(String, HeaderMap)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, calls) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let heard = heard.clone();
            let answer = service_fn(move |request: Request<Incoming>| {
                let _ = heard.send((request.uri().path().to_owned(), request.headers().clone()));
                async {
                    let unavailable = Response::builder()
                        .header("content-type", "application/grpc")
                        .header("grpc-status", "14")
                        .body(Empty::<&'static [u8]>::new());
                    Ok::<_, Infallible>(unavailable.unwrap())
                }
            });
            let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            tokio::spawn(server.serve_connection(TokioIo::new(socket), answer));
        }
    });
    (address.to_string(), calls)
}

fn context(flags: TraceFlags) -> Context {
    let state = TraceState::from_key_value([("vendor", "x")]).unwrap();
    let span = SpanContext::new(TraceId::from(0xabc), SpanId::from(0xdef), flags, true, state);
    Context::new().with_remote_span_context(span).with_baggage([KeyValue::new("tenant", "a b")])
}

#[tokio::test]
async fn a_sampled_trace_goes_alone_and_with_its_context() {
    let (target, mut calls) = listener().await;
    let limiter = Outrigger::builder().target(target).connect().unwrap().limiter();
    let ask = async { limiter.allow([("user", "1")]).await.unwrap() };
    assert_eq!(ask.with_context(context(TraceFlags::SAMPLED)).await.source, Source::Fallback);
    let (path, headers) = calls.recv().await.unwrap();
    assert_eq!(path, "/outrigger.ratelimit.v1.RateLimiter/Allow");
    assert_eq!(headers["traceparent"], "00-00000000000000000000000000000abc-0000000000000def-01");
    assert_eq!(headers["tracestate"], "vendor=x");
    assert_eq!(headers["baggage"], "tenant=a%20b");
}

#[tokio::test]
async fn others_share_the_stream() {
    let (target, mut calls) = listener().await;
    let client = Outrigger::builder().target(target).connect().unwrap();
    let ask = async { client.limiter().allow([("user", "1")]).await.unwrap() };
    let _ = ask.with_context(context(TraceFlags::NOT_SAMPLED)).await;
    assert_eq!(calls.recv().await.unwrap().0, "/outrigger.ratelimit.v1.RateLimiter/AllowStream");
    let refund = async { client.limiter().refund([("user", "1")]).await.unwrap() };
    let _ = refund.with_context(context(TraceFlags::NOT_SAMPLED)).await;
    let (_, headers) = calls.recv().await.unwrap();
    assert!(headers["traceparent"].to_str().unwrap().ends_with("-00"));
}

#[tokio::test]
async fn the_context_goes_with_what_is_asked_in_another_task() {
    let (target, mut calls) = listener().await;
    let client = Outrigger::builder().target(target).timeout(Duration::from_secs(60)).connect().unwrap();
    let load = || async { Ok::<_, Error>(Some("value".to_owned())) };
    let ask = async {
        let _ = client.breaker("payments").acquire().await;
        let _ = client.cache_of("profiles", Text).get_or_load("key", load).await;
    };
    ask.with_context(context(TraceFlags::SAMPLED)).await;
    let mut asked = 0;
    while let Ok((path, headers)) = calls.try_recv() {
        if path.ends_with("/Acquire") || path.ends_with("/Get") {
            asked += 1;
            assert!(headers["traceparent"].to_str().unwrap().ends_with("-01"), "{path}");
        }
    }
    assert_eq!(asked, 2);
}
