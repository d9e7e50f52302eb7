//! Drives the library for the conformance suite: see tests/conformance/README.md.

mod breaker;
mod cache;
mod client;
mod limits;
mod pool;
mod reply;

use std::io::Write;
use std::sync::Arc;

use serde_json::{json, Value};
use tokio::io::{AsyncBufReadExt, BufReader};

use client::Agent;
use reply::{Fault, Result};

#[tokio::main]
async fn main() {
    let agent = Arc::new(Agent::new());
    say(&json!({"ready": true}));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let request: Value = match serde_json::from_str(&line) {
            Ok(request) => request,
            Err(error) => {
                eprintln!("not a request: {error}: {line}");
                continue;
            }
        };
        let agent = agent.clone();
        tokio::spawn(async move {
            let id = &request["id"];
            let op = request["op"].as_str().unwrap_or_default();
            match run(&agent, op, request["args"].clone()).await {
                Ok(ok) => say(&json!({"id": id, "ok": ok})),
                Err(fault) => say(&json!({"id": id, "error": {"code": fault.code, "message": fault.message}})),
            }
        });
    }
}

fn say(message: &Value) {
    let mut output = std::io::stdout().lock();
    let written = writeln!(output, "{message}").and_then(|()| output.flush());
    if written.is_err() {
        std::process::exit(0); // nobody listens any more
    }
}

async fn run(agent: &Arc<Agent>, op: &str, arguments: Value) -> Result<Value> {
    let arguments = if arguments.is_null() { json!({}) } else { arguments };
    match op {
        "configure" => client::configure(agent, arguments).await,
        "close" => client::close(agent).await,
        "stats" => client::stats(agent),
        "cycle_clients" => client::cycle(arguments).await,
        "allow" => limits::allow(agent, arguments).await,
        "allow_burst" => limits::burst(agent, arguments).await,
        "wait_if_needed" => limits::wait_if_needed(agent, arguments).await,
        "report_outcome" => limits::report(agent, arguments).await,
        "refund" => limits::refund(agent, arguments).await,
        "headers" => limits::headers(agent, arguments).await,
        "get_or_load" => cache::get_or_load(agent, arguments).await,
        "get_or_load_many" => cache::get_or_load_many(agent, arguments).await,
        "unhold" => client::unhold(agent, arguments),
        "loads" => cache::loads(agent, arguments),
        "cache_get" => cache::get(agent, arguments).await,
        "cache_set" => cache::set(agent, arguments).await,
        "cache_delete" => cache::delete(agent, arguments).await,
        "cache_invalidate" => cache::invalidate(agent, arguments).await,
        "breaker_call" => breaker::call(agent, arguments).await,
        "breaker_state" => breaker::state(agent, arguments),
        "breaker_flush" => breaker::flush(agent).await,
        "acquire" => pool::acquire(agent, arguments).await,
        "release" => pool::release(agent, arguments).await,
        "lease" => pool::lease(agent, arguments),
        "with_lease" => pool::with_lease(agent, arguments).await,
        "cycle_leases" => pool::cycle(agent, arguments).await,
        _ => Err(Fault::new("UNKNOWN_OP", op)),
    }
}
