//! The client that is driven, and what is kept between ops.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::sync::Mutex;
use std::time::Duration;

use outrigger::breaker::CallError;
use outrigger::pool::AcquireError;
use outrigger::{BreakerFallback, Builder, Lease, LimitsFallback, Outrigger, PartStats, PoolFallback};
use serde::Deserialize;
use serde_json::{json, Value};
use tokio::sync::watch;

use crate::reply::{duration, read, Fault, Result};

pub struct Agent {
    client: Mutex<Outrigger>,
    pub leases: Mutex<HashMap<String, Lease>>,
    /// How often each key was loaded.
    pub loads: Mutex<HashMap<(String, String), u64>>,
    unheld: watch::Sender<HashSet<String>>,
}

impl Agent {
    pub fn new() -> Self {
        Agent {
            client: Mutex::new(connect(Outrigger::builder()).expect("OUTRIGGER_TARGET is understood")),
            leases: Mutex::default(),
            loads: Mutex::default(),
            unheld: watch::Sender::default(),
        }
    }

    pub fn client(&self) -> Outrigger {
        self.client.lock().unwrap().clone()
    }

    /// Waits until the driver lets those go on.
    pub async fn hold(&self, name: Option<String>) {
        if let Some(name) = name {
            let _ = self.unheld.subscribe().wait_for(|unheld| unheld.contains(&name)).await;
        }
    }
}

fn connect(builder: Builder) -> Result<Outrigger> {
    Ok(builder.connect()?)
}

#[derive(Deserialize)]
struct Unhold {
    hold: String,
}

pub fn unhold(agent: &Agent, arguments: Value) -> Result<Value> {
    let Unhold { hold } = read(arguments)?;
    agent.unheld.send_modify(|unheld| {
        unheld.insert(hold);
    });
    Ok(json!({}))
}

#[derive(Deserialize)]
struct Configure {
    timeout_ms: Option<f64>,
    limits: Option<Limits>,
    breaker: Option<Breaker>,
    pool: Option<Pool>,
}

#[derive(Deserialize)]
struct Limits {
    on_unavailable: Option<String>,
    rate_per_s: Option<f64>,
    burst: Option<u64>,
}

#[derive(Deserialize)]
struct Breaker {
    on_unavailable: Option<String>,
    failures: Option<u32>,
    open_for_ms: Option<f64>,
}

#[derive(Deserialize)]
struct Pool {
    on_unavailable: Option<String>,
    share: Option<usize>,
    endpoint: Option<String>,
}

pub async fn configure(agent: &Agent, arguments: Value) -> Result<Value> {
    let wanted: Configure = read(arguments)?;
    let mut builder = Outrigger::builder();
    if let Some(timeout) = wanted.timeout_ms {
        builder = builder.timeout(duration(timeout));
    }
    if let Some(limits) = wanted.limits {
        builder = builder.limits(match limits.on_unavailable.as_deref() {
            None | Some("allow") => LimitsFallback::Allow,
            Some("deny") => LimitsFallback::Deny,
            Some("local") => {
                LimitsFallback::Local { rate_per_s: limits.rate_per_s.unwrap_or(1.0), burst: limits.burst.unwrap_or(1) }
            }
            Some(other) => return Err(Fault::new("ARGUMENTS", other)),
        });
    }
    if let Some(breaker) = wanted.breaker {
        builder = builder.breaker(match breaker.on_unavailable.as_deref() {
            None | Some("local") => BreakerFallback::Local {
                failures: breaker.failures.unwrap_or(5),
                open_for: breaker.open_for_ms.map_or(Duration::from_secs(10), duration),
            },
            Some("allow") => BreakerFallback::Allow,
            Some("deny") => BreakerFallback::Deny,
            Some(other) => return Err(Fault::new("ARGUMENTS", other)),
        });
    }
    if let Some(pool) = wanted.pool {
        builder = builder.pool(match pool.on_unavailable.as_deref() {
            None | Some("refuse") => PoolFallback::Refuse,
            Some("share") => {
                PoolFallback::Share { leases: pool.share.unwrap_or(1), endpoint: pool.endpoint.unwrap_or_default() }
            }
            Some(other) => return Err(Fault::new("ARGUMENTS", other)),
        });
    }
    let next = connect(builder)?;
    let before = std::mem::replace(&mut *agent.client.lock().unwrap(), next);
    before.close().await;
    agent.leases.lock().unwrap().clear();
    Ok(json!({}))
}

pub async fn close(agent: &Agent) -> Result<Value> {
    agent.client().close().await;
    Ok(json!({}))
}

pub fn stats(agent: &Agent) -> Result<Value> {
    let stats = agent.client().stats();
    let part = |part: PartStats| json!({"calls": part.calls, "fallbacks": part.fallbacks});
    Ok(json!({
        "limits": part(stats.limits),
        "cache": part(stats.cache),
        "breaker": part(stats.breaker),
        "pool": part(stats.pool),
    }))
}

#[derive(Deserialize)]
struct Cycle {
    count: u64,
}

/// Clients that are made, used and closed.
pub async fn cycle(arguments: Value) -> Result<Value> {
    let Cycle { count } = read(arguments)?;
    let mut done = 0;
    for _ in 0..count {
        let client = connect(Outrigger::builder())?;
        let _ = client.limiter().allow([("user", "cycle")]).await?;
        // That there is none, or that the call is denied, is an answer, too.
        if let Err(AcquireError::Outrigger(error)) = client.pool("wide").acquire().await {
            return Err(error.into());
        }
        let call = client.breaker("bench").call(|| async { Ok::<_, Infallible>(()) }).await;
        if let Err(CallError::Outrigger(error)) = call {
            return Err(error.into());
        }
        client.close().await;
        done += 1;
    }
    Ok(json!({"done": done}))
}
