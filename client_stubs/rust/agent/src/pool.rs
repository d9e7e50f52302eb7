//! Ops of the pools.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

use outrigger::pool::{AcquireError, LeaseError, Role};
use outrigger::Lease;
use serde::Deserialize;
use serde_json::{json, Value};
use tokio::task::JoinSet;

use crate::client::Agent;
use crate::reply::{duration, milliseconds, outcome, read, source, Fault, Result};

/// How many callers `cycle_leases` has.
const CALLERS: u64 = 32;

#[derive(Deserialize)]
struct Arguments {
    #[serde(default)]
    pool: String,
    max_wait_ms: Option<f64>,
    role: Option<String>,
    session_key: Option<String>,
    #[serde(rename = "as", default)]
    name: String,
    result: Option<String>,
    #[serde(default)]
    fail: bool,
    #[serde(default)]
    count: u64,
}

pub async fn acquire(agent: &Agent, arguments: Value) -> Result<Value> {
    let wanted: Arguments = read(arguments)?;
    let pool = agent.client().pool(wanted.pool);
    let mut acquire = pool.acquire();
    if let Some(wait) = wanted.max_wait_ms {
        acquire = acquire.max_wait(duration(wait));
    }
    if let Some(role) = wanted.role {
        let role = Role::from_str_name(&role.to_uppercase()).ok_or_else(|| Fault::new("ARGUMENTS", role))?;
        acquire = acquire.role(role);
    }
    if let Some(key) = wanted.session_key {
        acquire = acquire.session_key(key);
    }
    match acquire.await {
        Ok(lease) => {
            let told = json!({
                "acquired": true,
                "endpoint": lease.endpoint().map(|endpoint| endpoint.address.clone()),
                "fencing_token": lease.fencing_token().to_string(),
                "overflow": lease.overflow(),
                "source": source(lease.source()),
            });
            agent.leases.lock().unwrap().insert(wanted.name, lease);
            Ok(told)
        }
        Err(AcquireError::NotAcquired(why)) => Ok(json!({
            "acquired": false,
            "reason": why.reason.as_str_name(),
            "advice": why.advice.as_str_name(),
            "retry_after_ms": milliseconds(why.retry_after),
            "source": source(why.source),
        })),
        Err(AcquireError::Outrigger(error)) => Err(error.into()),
    }
}

pub async fn release(agent: &Agent, arguments: Value) -> Result<Value> {
    let wanted: Arguments = read(arguments)?;
    let lease = agent.leases.lock().unwrap().remove(&wanted.name);
    // Twice is no error: here the type sees to it.
    if let Some(lease) = lease {
        lease.close(outcome(wanted.result.as_deref())).await;
    }
    Ok(json!({}))
}

pub fn lease(agent: &Agent, arguments: Value) -> Result<Value> {
    let wanted: Arguments = read(arguments)?;
    let leases = agent.leases.lock().unwrap();
    let lease = leases.get(&wanted.name).ok_or_else(|| Fault::new("NO_SUCH_LEASE", wanted.name))?;
    Ok(json!({"lost": lease.is_lost()}))
}

pub async fn with_lease(agent: &Agent, arguments: Value) -> Result<Value> {
    let wanted: Arguments = read(arguments)?;
    let fail = wanted.fail;
    let body = async move |_: &Lease| if fail { Err("the body failed") } else { Ok(()) };
    match agent.client().pool(wanted.pool).with_lease(body).await {
        Ok(()) => Ok(json!({"acquired": true, "threw": false})),
        Err(LeaseError::Body(_)) => Ok(json!({"acquired": true, "threw": true})),
        Err(LeaseError::Acquire(AcquireError::NotAcquired(_))) => Ok(json!({"acquired": false, "threw": false})),
        Err(LeaseError::Acquire(AcquireError::Outrigger(error))) => Err(error.into()),
    }
}

pub async fn cycle(agent: &Agent, arguments: Value) -> Result<Value> {
    let wanted: Arguments = read(arguments)?;
    let acquired = Arc::new(AtomicU64::new(0));
    let left = Arc::new(AtomicU64::new(wanted.count));
    let client = agent.client();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (acquired, left, pool) = (acquired.clone(), left.clone(), client.pool(wanted.pool.as_str()));
        callers.spawn(async move {
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                match pool.acquire().await {
                    Ok(_lease) => acquired.fetch_add(1, Ordering::Relaxed),
                    Err(AcquireError::NotAcquired(_)) => continue,
                    Err(AcquireError::Outrigger(error)) => return Err(error),
                };
            }
            Ok(())
        });
    }
    for caller in callers.join_all().await {
        caller?;
    }
    Ok(json!({"acquired": acquired.load(Ordering::Relaxed), "pending": client.stats().leases}))
}
