//! One channel a target in a process, shared by all clients of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, Weak};

use tokio::runtime::{Handle, Id};
use tonic::transport::{Channel, Endpoint};

use crate::connector::Connector;
use crate::target::Target;
use crate::Error;

/// The longest message either side may send.
pub(crate) const MAX_MESSAGE: usize = 64 << 20;

/// Large values should not wait for the other side's permission often.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 8 << 20;

/// A channel and the runtime that its connection lives on.
pub(crate) struct SharedChannel {
    pub(crate) channel: Channel,
    pub(crate) runtime: Handle,
}

/// A connection lives on one runtime, and ends with it: so a process with two has two.
type Shared = Mutex<HashMap<(Target, Id), Weak<SharedChannel>>>;

static SHARED: OnceLock<Shared> = OnceLock::new();

/// The channel to `target` for the runtime that this is called on. It connects with the first call over it.
pub(crate) fn shared(target: &Target) -> Result<Arc<SharedChannel>, Error> {
    let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
    let mut shared = SHARED.get_or_init(Shared::default).lock().unwrap();
    shared.retain(|_, channel| channel.strong_count() > 0);
    let key = (target.clone(), runtime.id());
    if let Some(channel) = shared.get(&key).and_then(Weak::upgrade) {
        return Ok(channel);
    }
    let endpoint = Endpoint::from_static("http://localhost")
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW);
    let channel = endpoint.connect_with_connector_lazy(Connector::new(target.clone()));
    let channel = Arc::new(SharedChannel { channel, runtime });
    shared.insert(key, Arc::downgrade(&channel));
    Ok(channel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_of_a_target_share_its_channel() {
        let target = |name: &str| Target::Unix(name.into());
        assert!(matches!(shared(&target("a")), Err(Error::NoRuntime)));
        let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (one, other) = (runtime(), runtime());
        let first = one.block_on(async { shared(&target("a")).unwrap() });
        let same = one.block_on(async { shared(&target("a")).unwrap() });
        let elsewhere = one.block_on(async { shared(&target("b")).unwrap() });
        let on_the_other = other.block_on(async { shared(&target("a")).unwrap() });
        assert!(Arc::ptr_eq(&first, &same));
        assert!(!Arc::ptr_eq(&first, &elsewhere));
        assert!(!Arc::ptr_eq(&first, &on_the_other));
        let weak = Arc::downgrade(&first);
        drop((first, same));
        assert!(weak.upgrade().is_none(), "closed with the last client");
    }
}
