//! The layers with tonic.

use std::net::SocketAddr;

use outrigger::middleware::{BreakerLayer, RateLimitLayer};
use outrigger_integration::{sidecar, unique, until};
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Request};
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::ServingStatus;
use tower::Layer;

async fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let layer = RateLimitLayer::new(sidecar().limiter(), |request| {
        let user = request.headers.get("x-user")?.to_str().ok()?;
        Some([("user", user.to_owned())])
    });
    tokio::spawn(async move {
        let (reporter, service) = tonic_health::server::health_reporter();
        reporter.set_service_status("", ServingStatus::Serving).await;
        let server = Server::builder().layer(layer).add_service(service);
        server.serve_with_incoming(TcpIncoming::from(listener)).await
    });
    address
}

fn channel(address: SocketAddr) -> Channel {
    Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy()
}

fn question(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.to_owned() }
}

#[tokio::test]
async fn what_is_over_the_limit_is_resource_exhausted() {
    let mut client = HealthClient::new(channel(serve().await));
    let user = unique("grpc");
    let mut check = async || {
        let mut request = Request::new(question(""));
        request.metadata_mut().insert("x-user", user.parse().unwrap());
        client.check(request).await
    };
    for left in (0..10).rev() {
        let answer = check().await.unwrap();
        let limit = answer.metadata().get("ratelimit").unwrap().to_str().unwrap();
        assert!(limit.starts_with(&format!("\"per_user\";r={left};t=")), "{limit}");
        assert_eq!(answer.metadata().get("ratelimit-policy").unwrap(), "\"per_user\";q=10;w=3600");
    }
    let denied = check().await.unwrap_err();
    assert_eq!(denied.code(), Code::ResourceExhausted);
    let after: u64 = denied.metadata().get("retry-after").unwrap().to_str().unwrap().parse().unwrap();
    assert!((300..=360).contains(&after), "{after}");
    assert!(denied.metadata().get("ratelimit").unwrap().to_str().unwrap().starts_with("\"per_user\";r=0;t="));
}

#[tokio::test]
async fn a_client_stops_calling_what_fails() {
    let method = unique("grpc");
    let layer = BreakerLayer::new(sidecar().breaker("methods")).methods(move |_| method.clone());
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut client = HealthClient::new(layer.layer(channel(nobody)));
    until("it opens", || {
        let mut client = client.clone();
        async move {
            let failed = client.check(question("")).await.unwrap_err();
            failed.code() == Code::Unavailable && failed.message().starts_with("not called: ")
        }
    })
    .await;
    assert_eq!(client.check(question("")).await.unwrap_err().code(), Code::Unavailable);
}

#[tokio::test]
async fn a_status_that_is_the_callers_doing_never_opens() {
    let method = unique("grpc");
    let breaker = sidecar().breaker("methods").method(&method);
    let layer = BreakerLayer::new(sidecar().breaker("methods")).methods(move |_| method.clone());
    let mut client = HealthClient::new(layer.layer(channel(serve().await)));
    for _ in 0..20 {
        assert_eq!(client.check(question("unknown")).await.unwrap_err().code(), Code::NotFound);
    }
    // Its status comes at the end of the body.
    assert!(client.check(question("")).await.is_ok());
    breaker.flush().await;
    assert!(breaker.acquire().await.is_ok());
}
