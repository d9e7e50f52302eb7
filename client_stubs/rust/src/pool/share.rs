//! This process' share of a pool's slots, for as long as the sidecar does not answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// How many leases of each pool this process has taken by itself.
#[derive(Debug, Default)]
pub(super) struct Shares {
    taken: Mutex<HashMap<String, usize>>,
}

/// One of them. Dropped, it goes back.
#[derive(Debug)]
pub(super) struct Share {
    shares: Arc<Shares>,
    pool: String,
}

impl Shares {
    /// One more of `pool`, if there are fewer than `most`.
    pub(super) fn take(self: &Arc<Self>, pool: &str, most: usize) -> Option<Share> {
        let mut taken = self.taken.lock().unwrap();
        let count = taken.get(pool).copied().unwrap_or(0);
        if count >= most {
            return None;
        }
        taken.insert(pool.to_owned(), count + 1);
        Some(Share { shares: self.clone(), pool: pool.to_owned() })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.shares.taken.lock().unwrap();
        match taken.get_mut(&self.pool) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                taken.remove(&self.pool);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_share_of_each_pool() {
        let shares = Arc::new(Shares::default());
        let first = shares.take("a", 2).unwrap();
        let _second = shares.take("a", 2).unwrap();
        assert!(shares.take("a", 2).is_none());
        assert!(shares.take("b", 2).is_some());
        drop(first);
        let third = shares.take("a", 2);
        assert!(third.is_some());
        drop((third, _second));
        assert!(shares.taken.lock().unwrap().is_empty());
    }
}
