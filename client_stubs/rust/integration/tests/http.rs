//! The layers with axum and hyper.

use std::net::SocketAddr;

use axum::routing::get;
use axum::Router;
use http::{Request, Response, StatusCode};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use outrigger::breaker::CallError;
use outrigger::middleware::{BreakerLayer, RateLimitLayer};
use outrigger_integration::{sidecar, unique, until};
use tokio::net::TcpListener;
use tower::{Layer, ServiceExt};

type Body = Empty<&'static [u8]>;

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn ask(address: SocketAddr, user: &str) -> Response<Incoming> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let request = Request::get(format!("http://{address}/")).header("x-user", user).body(Body::new());
    client.request(request.unwrap()).await.unwrap()
}

fn limited() -> Router {
    let layer = RateLimitLayer::new(sidecar().limiter(), |request| {
        let user = request.headers.get("x-user")?.to_str().ok()?;
        (!user.is_empty()).then(|| [("user", user.to_owned())])
    });
    Router::new().route("/", get(|| async { "served" })).layer(layer)
}

#[tokio::test]
async fn what_is_over_the_limit_is_answered_with_429() {
    let address = serve(limited()).await;
    let user = unique("http");
    for left in (0..10).rev() {
        let answer = ask(address, &user).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let limit = answer.headers()["ratelimit"].to_str().unwrap();
        assert!(limit.starts_with(&format!("\"per_user\";r={left};t=")), "{limit}");
        assert_eq!(answer.headers()["ratelimit-policy"], "\"per_user\";q=10;w=3600");
        assert!(!answer.headers().contains_key("retry-after"));
    }
    let denied = ask(address, &user).await;
    assert_eq!(denied.status(), StatusCode::TOO_MANY_REQUESTS);
    let after: u64 = denied.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((300..=360).contains(&after), "{after}");
    assert!(denied.headers()["ratelimit"].to_str().unwrap().starts_with("\"per_user\";r=0;t="));
}

#[tokio::test]
async fn what_has_no_attributes_is_not_limited_and_what_is_wrong_is_an_error() {
    let address = serve(limited()).await;
    for _ in 0..12 {
        let answer = ask(address, "").await;
        assert_eq!((answer.status(), answer.headers().contains_key("ratelimit")), (StatusCode::OK, false));
    }
    let too_long = "x".repeat(2000);
    assert_eq!(ask(address, &too_long).await.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_client_stops_calling_what_fails() {
    let broken = Router::new().route("/", get(|| async { StatusCode::BAD_GATEWAY }));
    let missing = Router::new().route("/", get(|| async { StatusCode::NOT_FOUND }));
    let (broken, missing) = (serve(broken).await, serve(missing).await);
    let method = unique("http");
    let layer = BreakerLayer::new(sidecar().breaker("methods"))
        .methods(move |request| format!("{method}-{}", request.uri.port_u16().unwrap_or(0)));
    let client = layer.layer(Client::builder(TokioExecutor::new()).build_http::<Body>());
    let call = |address: SocketAddr| {
        let request = Request::get(format!("http://{address}/")).body(Body::new()).unwrap();
        client.clone().oneshot(request)
    };
    until("it opens", || async {
        match call(broken).await {
            Ok(answer) => {
                assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
                false
            }
            Err(CallError::Denied(denied)) => denied.retry_after.is_some(),
            Err(other) => panic!("{other}"),
        }
    })
    .await;
    for _ in 0..20 {
        assert_eq!(call(missing).await.unwrap().status(), StatusCode::NOT_FOUND);
    }
}
