//! Ops of the rate limits.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{ready, Ready};
use std::task::{Context, Poll};

use http::{Request, Response};
use outrigger::limits::{CallResult, Decision, LimitStatus};
use outrigger::middleware::RateLimitLayer;
use outrigger::Source;
use serde::Deserialize;
use serde_json::{json, Map, Value};
use tokio::task::JoinSet;
use tower_layer::Layer;
use tower_service::Service;

use crate::client::Agent;
use crate::reply::{duration, milliseconds, read, source, Fault, Result};

#[derive(Deserialize)]
struct Question {
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    cost: Option<u64>,
    limit: Option<String>,
    max_wait_ms: Option<f64>,
    #[serde(default)]
    detail: bool,
    #[serde(default)]
    count: u64,
    result: Option<String>,
}

pub async fn allow(agent: &Agent, arguments: Value) -> Result<Value> {
    let question: Question = read(arguments)?;
    let limiter = agent.client().limiter();
    let mut allow = limiter.allow(question.attributes);
    if let Some(cost) = question.cost {
        allow = allow.cost(cost);
    }
    if let Some(limit) = question.limit {
        allow = allow.limit(limit);
    }
    if let Some(wait) = question.max_wait_ms {
        allow = allow.max_wait(duration(wait));
    }
    if question.detail {
        allow = allow.detail();
    }
    Ok(told(&allow.await?))
}

pub async fn wait_if_needed(agent: &Agent, arguments: Value) -> Result<Value> {
    let question: Question = read(arguments)?;
    let limiter = agent.client().limiter();
    let mut allow = limiter.wait_if_needed(question.attributes);
    if let Some(cost) = question.cost {
        allow = allow.cost(cost);
    }
    if let Some(wait) = question.max_wait_ms {
        allow = allow.max_wait(duration(wait));
    }
    Ok(told(&allow.await?))
}

fn told(decision: &Decision) -> Value {
    let status = |status: &LimitStatus| {
        json!({
            "limit": status.limit,
            "allowed": status.allowed,
            "remaining": status.remaining,
            "burst": status.burst,
            "window_ms": milliseconds(status.window),
        })
    };
    let statuses: Vec<Value> = decision.statuses.iter().map(status).collect();
    json!({
        "allowed": decision.allowed,
        "limit": decision.limit,
        "remaining": decision.remaining,
        "retry_after_ms": milliseconds(decision.retry_after),
        "reset_after_ms": milliseconds(decision.reset_after),
        "degraded": decision.degraded,
        "source": source(decision.source),
        "statuses": statuses,
    })
}

pub async fn burst(agent: &Agent, arguments: Value) -> Result<Value> {
    let question: Question = read(arguments)?;
    let mut asking = JoinSet::new();
    for _ in 0..question.count {
        let limiter = agent.client().limiter();
        let attributes = question.attributes.clone();
        asking.spawn(async move { limiter.allow(attributes).await });
    }
    let (mut allowed, mut denied, mut fallbacks) = (0, 0, 0);
    for decision in asking.join_all().await {
        let decision = decision?;
        fallbacks += u64::from(decision.source == Source::Fallback);
        if decision.allowed {
            allowed += 1;
        } else {
            denied += 1;
        }
    }
    Ok(json!({"allowed": allowed, "denied": denied, "fallbacks": fallbacks}))
}

pub async fn report(agent: &Agent, arguments: Value) -> Result<Value> {
    let question: Question = read(arguments)?;
    let result = match question.result.as_deref() {
        Some("success") => CallResult::Success,
        Some("failure") => CallResult::Failure,
        Some("throttled") => CallResult::Throttled,
        other => return Err(Fault::new("ARGUMENTS", format!("{other:?}"))),
    };
    let limiter = agent.client().limiter();
    let mut report = limiter.report(question.attributes, result);
    if let Some(limit) = question.limit {
        report = report.limit(limit);
    }
    Ok(json!({"current_rate": report.await?.current_rate}))
}

pub async fn refund(agent: &Agent, arguments: Value) -> Result<Value> {
    let question: Question = read(arguments)?;
    let limiter = agent.client().limiter();
    let mut refund = limiter.refund(question.attributes);
    if let Some(cost) = question.cost {
        refund = refund.cost(cost);
    }
    if let Some(limit) = question.limit {
        refund = refund.limit(limit);
    }
    refund.await?;
    Ok(json!({}))
}

/// A handler that is always content.
#[derive(Clone)]
struct Handler;

impl Service<Request<()>> for Handler {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<std::result::Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::result::Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(Response::new(())))
    }
}

pub async fn headers(agent: &Agent, arguments: Value) -> Result<Value> {
    let question: Question = read(arguments)?;
    let attributes = question.attributes;
    let mut layer = RateLimitLayer::new(agent.client().limiter(), move |_| Some(attributes.clone()));
    if let Some(cost) = question.cost {
        layer = layer.cost(cost);
    }
    let answer = layer.layer(Handler).call(Request::new(())).await;
    let answer = answer.unwrap_or_else(|never| match never {});
    let text = |value: &http::HeaderValue| Value::from(String::from_utf8_lossy(value.as_bytes()));
    let headers: Map<String, Value> =
        answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    Ok(json!({"status": answer.status().as_u16(), "headers": headers}))
}
