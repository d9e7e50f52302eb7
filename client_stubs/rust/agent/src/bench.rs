//! Measures the library beside the generated client: see tests/conformance/README.md.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use outrigger::proto::ratelimit::rate_limiter_client::RateLimiterClient;
use outrigger::proto::ratelimit::AllowRequest;
use outrigger::{Limiter, Outrigger};
use serde_json::json;
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};

type Failed = Box<dyn std::error::Error + Send + Sync>;

const CALLERS: usize = 64;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(600);
const TURNS: usize = 3000;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    // A busy machine may be slower than the usual deadline, which the bare client does not have.
    let patient = Outrigger::builder().timeout(Duration::from_secs(5)).connect()?;
    let bare = bare_client()?;
    one(&patient, bare.clone()).await?;
    many(&patient, bare).await?;
    breaker(&patient).await?;
    hang(&Outrigger::connect()?).await
}

fn bare_client() -> Result<RateLimiterClient<Channel>, Failed> {
    let target = std::env::var("OUTRIGGER_TARGET")?;
    let socket = target.strip_prefix("unix:").map(|path| path.trim_start_matches("//"));
    let address = match socket {
        Some(path) => format!("unix:{path}"),
        None if target.contains('/') => format!("unix:{target}"),
        None => format!("http://{target}"),
    };
    Ok(RateLimiterClient::new(Endpoint::from_shared(address)?.connect_lazy()))
}

fn question() -> AllowRequest {
    let attributes = BTreeMap::from([("bench".to_owned(), "1".to_owned())]);
    AllowRequest { attributes, limit: "bench".to_owned(), ..AllowRequest::default() }
}

async fn ask_stub(limiter: &Limiter) -> Result<(), Failed> {
    let decision = limiter.allow([("bench", "1")]).limit("bench").await?;
    if decision.source != outrigger::Source::Sidecar {
        return Err("the sidecar did not answer".into());
    }
    Ok(())
}

async fn ask_bare(client: &mut RateLimiterClient<Channel>) -> Result<(), Failed> {
    client.allow(question()).await?;
    Ok(())
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}

async fn one(outrigger: &Outrigger, mut bare: RateLimiterClient<Channel>) -> Result<(), Failed> {
    let limiter = outrigger.limiter();
    let (mut stub_times, mut bare_times) = (Vec::new(), Vec::new());
    for turn in 0..TURNS + TURNS / 10 {
        let start = Instant::now();
        ask_stub(&limiter).await?;
        let between = Instant::now();
        ask_bare(&mut bare).await?;
        if turn >= TURNS / 10 {
            stub_times.push(between - start);
            bare_times.push(between.elapsed());
        }
    }
    let (stub_us, bare_us) = (median(stub_times), median(bare_times));
    println!("{}", json!({"name": "allow_one", "stub_us": stub_us, "bare_us": bare_us, "ratio": stub_us / bare_us}));
    Ok(())
}

/// Decisions a second of callers that each call one after the other.
async fn rate<F, R>(call: F) -> Result<f64, Failed>
where
    F: Fn() -> R,
    R: std::future::Future<Output = Result<u64, Failed>> + Send + 'static,
{
    let start = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        callers.spawn(call());
    }
    let mut count = 0;
    for calls in callers.join_all().await {
        count += calls?;
    }
    Ok(count as f64 / start.elapsed().as_secs_f64())
}

async fn many(outrigger: &Outrigger, bare: RateLimiterClient<Channel>) -> Result<(), Failed> {
    let limiter = outrigger.limiter();
    let (mut stub_rates, mut bare_rates) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let stub = || {
            let limiter = limiter.clone();
            async move {
                let (start, mut count) = (Instant::now(), 0);
                while start.elapsed() < ROUND {
                    ask_stub(&limiter).await?;
                    count += 1;
                }
                Ok(count)
            }
        };
        stub_rates.push(rate(stub).await?);
        let unary = || {
            let mut bare = bare.clone();
            async move {
                let (start, mut count) = (Instant::now(), 0);
                while start.elapsed() < ROUND {
                    ask_bare(&mut bare).await?;
                    count += 1;
                }
                Ok(count)
            }
        };
        bare_rates.push(rate(unary).await?);
    }
    let middle = |rates: &mut Vec<f64>| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    };
    let (stub_per_s, bare_per_s) = (middle(&mut stub_rates), middle(&mut bare_rates));
    let ratio = stub_per_s / bare_per_s;
    println!("{}", json!({"name": "allow_64", "stub_per_s": stub_per_s, "bare_per_s": bare_per_s, "ratio": ratio}));
    Ok(())
}

async fn breaker(outrigger: &Outrigger) -> Result<(), Failed> {
    // Each round is shorter than the time for which others may have the processor.
    const DECISIONS: u32 = 1000;
    let breaker = outrigger.breaker("bench");
    let started = Instant::now();
    while breaker.told().is_none() {
        breaker.call(|| async { Ok::<_, std::io::Error>(()) }).await?;
        if started.elapsed() > Duration::from_secs(5) {
            return Err("the watch told nothing".into());
        }
        tokio::task::yield_now().await;
    }
    let mut times = Vec::new();
    for _ in 0..1000 {
        let start = Instant::now();
        for _ in 0..DECISIONS {
            black_box(black_box(&breaker).decide());
        }
        times.push(start.elapsed());
        tokio::task::yield_now().await;
    }
    println!("{}", json!({"name": "breaker_closed", "ns": median(times) * 1000.0 / f64::from(DECISIONS)}));
    Ok(())
}

/// Sends the sidecar a signal.
fn signal(name: &str) -> Result<(), Failed> {
    let process = std::env::var("OUTRIGGER_SIDECAR_PID")?;
    let sent = Command::new("kill").args([name, &process]).status()?;
    if sent.success() {
        Ok(())
    } else {
        Err(format!("kill {name} {process}: {sent}").into())
    }
}

async fn hang(outrigger: &Outrigger) -> Result<(), Failed> {
    let longest = Arc::new(AtomicU64::new(0));
    let done = Arc::new(AtomicBool::new(false));
    let mut callers = JoinSet::new();
    for _ in 0..8 {
        let (limiter, longest, done) = (outrigger.limiter(), longest.clone(), done.clone());
        callers.spawn(async move {
            while !done.load(Ordering::Relaxed) {
                let start = Instant::now();
                let _ = limiter.allow([("bench", "1")]).limit("bench").await;
                longest.fetch_max(start.elapsed().as_micros() as u64, Ordering::Relaxed);
            }
        });
    }
    let hung_for = |duration| tokio::time::sleep(duration);
    hung_for(Duration::from_millis(200)).await;
    signal("-STOP")?;
    hung_for(Duration::from_secs(2)).await;
    signal("-CONT")?;
    done.store(true, Ordering::Relaxed);
    callers.join_all().await;
    let longest_ms = longest.load(Ordering::Relaxed) as f64 / 1000.0;
    println!("{}", json!({"name": "hang", "deadline_ms": 50, "longest_ms": longest_ms}));
    Ok(())
}
