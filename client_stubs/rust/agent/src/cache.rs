//! Ops of the cache. Values are text.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use outrigger::cache::{Cache, LoadError, Text};
use serde::Deserialize;
use serde_json::{json, Value};

use crate::client::Agent;
use crate::reply::{duration, read, source, Fault, Result};

#[derive(Deserialize)]
struct Key {
    namespace: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    loader: Loader,
    ttl_ms: Option<f64>,
    stale_for_ms: Option<f64>,
    #[serde(default)]
    tags: Vec<String>,
    max_wait_ms: Option<f64>,
}

#[derive(Deserialize, Default)]
struct Loader {
    value: Option<String>,
    error: Option<String>,
    hold: Option<String>,
}

fn cache(agent: &Agent, namespace: &str) -> Cache<Text> {
    agent.client().cache_of(namespace, Text)
}

fn fault(error: LoadError<String>) -> Fault {
    match error {
        LoadError::Loader(error) => Fault::new("LOADER", error),
        LoadError::Outrigger(error) => error.into(),
    }
}

/// The options of `Set` and `GetOrLoad`, which have the same names.
macro_rules! with_lifetime {
    ($call:expr, $wanted:expr) => {{
        let mut call = $call;
        if let Some(ttl) = $wanted.ttl_ms {
            call = call.ttl(duration(ttl));
        }
        if let Some(stale_for) = $wanted.stale_for_ms {
            call = call.stale_for(duration(stale_for));
        }
        call.tags($wanted.tags.clone())
    }};
}

pub async fn get_or_load(agent: &Arc<Agent>, arguments: Value) -> Result<Value> {
    let wanted: Key = read(arguments)?;
    let cache = cache(agent, &wanted.namespace);
    let loading = agent.clone();
    let name = (wanted.namespace, wanted.key.clone());
    let load = move || async move {
        *loading.loads.lock().unwrap().entry(name).or_default() += 1;
        loading.hold(wanted.loader.hold).await;
        match wanted.loader.error {
            Some(error) => Err(error),
            None => Ok(wanted.loader.value),
        }
    };
    let mut call = with_lifetime!(cache.get_or_load(wanted.key, load), wanted);
    if let Some(wait) = wanted.max_wait_ms {
        call = call.max_wait(duration(wait));
    }
    let loaded = call.await.map_err(fault)?;
    Ok(json!({"value": loaded.value, "loaded": loaded.loaded, "source": source(loaded.source)}))
}

#[derive(Deserialize)]
struct Keys {
    namespace: String,
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    loader: ManyLoader,
    #[serde(default)]
    tags: Vec<String>,
    glob: Option<String>,
    #[serde(default)]
    soft: bool,
}

#[derive(Deserialize, Default)]
struct ManyLoader {
    #[serde(default)]
    values: HashMap<String, String>,
}

pub async fn get_or_load_many(agent: &Agent, arguments: Value) -> Result<Value> {
    let wanted: Keys = read(arguments)?;
    let values = Arc::new(wanted.loader.values);
    let load = move |keys: Vec<String>| {
        let values = values.clone();
        async move {
            let pair = |key: String| values.get(&key).map(|value| (key.clone(), value.clone()));
            Ok::<_, String>(keys.into_iter().filter_map(pair).collect())
        }
    };
    let loaded = cache(agent, &wanted.namespace).get_or_load_many(wanted.keys, load).await.map_err(fault)?;
    let values: BTreeMap<_, _> = loaded.values.into_iter().collect();
    Ok(json!({"values": values, "loaded": loaded.loaded, "source": source(loaded.source)}))
}

pub fn loads(agent: &Agent, arguments: Value) -> Result<Value> {
    let wanted: Key = read(arguments)?;
    let loads = agent.loads.lock().unwrap();
    Ok(json!({"count": loads.get(&(wanted.namespace, wanted.key)).copied().unwrap_or(0)}))
}

pub async fn get(agent: &Agent, arguments: Value) -> Result<Value> {
    let wanted: Key = read(arguments)?;
    let got = cache(agent, &wanted.namespace).get::<String>(wanted.key).await?;
    Ok(json!({"found": got.value.is_some(), "value": got.value, "source": source(got.source)}))
}

pub async fn set(agent: &Agent, arguments: Value) -> Result<Value> {
    let wanted: Key = read(arguments)?;
    let cache = cache(agent, &wanted.namespace);
    let stored = with_lifetime!(cache.set(wanted.key, &wanted.value), wanted).await?;
    Ok(json!({"stored": stored.stored, "source": source(stored.source)}))
}

pub async fn delete(agent: &Agent, arguments: Value) -> Result<Value> {
    let wanted: Key = read(arguments)?;
    let deleted = cache(agent, &wanted.namespace).delete(wanted.key).await?;
    Ok(json!({"deleted": deleted.deleted, "source": source(deleted.source)}))
}

pub async fn invalidate(agent: &Agent, arguments: Value) -> Result<Value> {
    let wanted: Keys = read(arguments)?;
    let cache = cache(agent, &wanted.namespace);
    let mut invalidate = cache.invalidate().keys(wanted.keys).tags(wanted.tags);
    if let Some(glob) = wanted.glob {
        invalidate = invalidate.glob(glob);
    }
    if wanted.soft {
        invalidate = invalidate.soft();
    }
    invalidate.await?;
    Ok(json!({}))
}
