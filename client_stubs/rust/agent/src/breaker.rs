//! Ops of the breakers.

use outrigger::breaker::{Breaker, CallError};
use outrigger::Outcome;
use serde::Deserialize;
use serde_json::{json, Value};

use crate::client::Agent;
use crate::reply::{milliseconds, outcome, read, source, Result};

#[derive(Deserialize)]
struct Call {
    breaker: String,
    method: Option<String>,
    result: Option<String>,
    hold: Option<String>,
}

fn breaker(agent: &Agent, call: &Call) -> Breaker {
    let breaker = agent.client().breaker(call.breaker.as_str());
    match &call.method {
        Some(method) => breaker.method(method),
        None => breaker,
    }
}

pub async fn call(agent: &Agent, arguments: Value) -> Result<Value> {
    let call: Call = read(arguments)?;
    let breaker = breaker(agent, &call);
    let permit = match breaker.acquire().await {
        Ok(permit) => permit,
        Err(CallError::Outrigger(error)) => return Err(error.into()),
        Err(CallError::Call(never)) => match never {},
        Err(CallError::Denied(denied)) => {
            return Ok(json!({
                "allowed": false,
                "state": denied.state.as_str_name(),
                "reason": denied.reason.as_str_name(),
                "retry_after_ms": milliseconds(denied.retry_after),
                "source": source(denied.source),
            }))
        }
    };
    let from = permit.source();
    agent.hold(call.hold).await;
    let outcome: Outcome = outcome(call.result.as_deref());
    permit.done(outcome);
    Ok(json!({"allowed": true, "source": source(from)}))
}

pub fn state(agent: &Agent, arguments: Value) -> Result<Value> {
    let call: Call = read(arguments)?;
    let told = breaker(agent, &call).told();
    Ok(match told {
        Some(told) => json!({
            "known": true,
            "state": told.state.as_str_name(),
            "admit_ratio": told.admit_ratio,
            "generation": told.generation.to_string(),
        }),
        None => json!({"known": false}),
    })
}

pub async fn flush(agent: &Agent) -> Result<Value> {
    agent.client().breaker("").flush().await;
    Ok(json!({}))
}
