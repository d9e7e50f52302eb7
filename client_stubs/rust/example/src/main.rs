//! A small service: rate limits before all of it, profiles from the cache, payments through a breaker, orders with a slot of a
//! pool. See README.md.

use std::convert::Infallible;
use std::error::Error;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use outrigger::breaker::CallError;
use outrigger::middleware::RateLimitLayer;
use outrigger::pool::LeaseError;
use outrigger::{Lease, Outrigger};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

#[derive(Clone, Serialize, Deserialize)]
struct Profile {
    user: String,
    greeting: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let outrigger = Outrigger::connect()?;
    let limits = RateLimitLayer::new(outrigger.limiter(), |request| {
        let user = request.headers.get("x-user")?.to_str().ok()?;
        Some([("user", user.to_owned())])
    });
    let service = Router::new()
        .route("/profiles/{user}", get(profile))
        .route("/payments/{amount}", post(pay))
        .route("/orders", get(orders))
        .layer(limits)
        .with_state(outrigger.clone());
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, service).with_graceful_shutdown(interrupted()).await?;
    outrigger.close().await;
    Ok(())
}

async fn interrupted() {
    // Without signals there is nothing to wait for.
    let _ = tokio::signal::ctrl_c().await;
}

/// One load in the whole fleet, whoever asks.
async fn profile(
    State(outrigger): State<Outrigger>,
    Path(user): Path<String>,
) -> Result<Json<Profile>, (StatusCode, String)> {
    let key = user.clone();
    let greeting = format!("Hello, {user}");
    let load = move || async move { Ok::<_, Infallible>(Some(Profile { user, greeting })) };
    let loaded = outrigger.cache("profiles").get_or_load(key, load).await.map_err(failed)?;
    loaded.value.map(Json).ok_or((StatusCode::NOT_FOUND, "no such profile".to_owned()))
}

/// Amounts above 100 fail; three in a row, and no more are tried for 10 s.
async fn pay(State(outrigger): State<Outrigger>, Path(amount): Path<u32>) -> Result<String, (StatusCode, String)> {
    let charge = || async move {
        if amount > 100 {
            return Err("the bank does not answer");
        }
        Ok(format!("paid {amount}\n"))
    };
    match outrigger.breaker("payments").call(charge).await {
        Err(CallError::Denied(denied)) => Err((StatusCode::SERVICE_UNAVAILABLE, format!("{denied}\n"))),
        result => result.map_err(failed),
    }
}

/// Two at a time in the whole fleet.
async fn orders(State(outrigger): State<Outrigger>) -> Result<String, (StatusCode, String)> {
    let query = async |lease: &Lease| Ok::<_, Infallible>(format!("with slot {}\n", lease.fencing_token()));
    match outrigger.pool("orders").with_lease(query).await {
        Err(LeaseError::Acquire(error)) => Err((StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n"))),
        result => result.map_err(failed),
    }
}

fn failed(error: impl std::fmt::Display) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n"))
}
