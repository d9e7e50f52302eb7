//! Leases that are held: each is renewed when half of its time has passed, and is lost when all of it has.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tonic::transport::Channel;

use super::held::Lost;
use super::hold::Hold;
use crate::answer::{from_proto, Failure};
use crate::client::bounded;
use crate::proto::pool::pool_client::PoolClient;
use crate::proto::pool::RenewRequest;

/// A renewal that failed is tried again after this, or half of what is left.
const SHORTEST_RETRY: Duration = Duration::from_millis(20);

/// What is held, by the time of what is to be done next about it.
#[derive(Default)]
pub(super) struct Renewals {
    leases: HashMap<u64, Lease>,
    due: BTreeSet<(Instant, u64)>,
}

struct Lease {
    lost: Arc<Lost>,
    expires: Instant,
    /// When it is renewed, or is over.
    due: Instant,
}

/// What is due.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    Renew(u64),
    At(Option<Instant>),
}

impl Renewals {
    /// A lease of `length` from `start`. True if it is the first that is due now.
    pub(super) fn add(&mut self, id: u64, lost: Arc<Lost>, start: Instant, length: Duration) -> bool {
        let (expires, due) = (start + length, start + length / 2);
        self.leases.insert(id, Lease { lost, expires, due });
        self.due.insert((due, id));
        self.due.first() == Some(&(due, id))
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<Arc<Lost>> {
        let lease = self.leases.remove(&id)?;
        self.due.remove(&(lease.due, id));
        Some(lease.lost)
    }

    pub(super) fn len(&self) -> usize {
        self.leases.len()
    }

    pub(super) fn lose_all(&mut self) {
        self.due.clear();
        for (_, lease) in self.leases.drain() {
            lease.lost.set();
        }
    }

    /// The next renewal that is due, or when there will be one. Leases whose time is over are lost.
    pub(super) fn next(&mut self, now: Instant) -> Due {
        while let Some(&(at, id)) = self.due.first() {
            if now < at {
                return Due::At(Some(at));
            }
            let lease = &self.leases[&id];
            if now < lease.expires {
                // While it is under way, only its end is due.
                self.set_due(id, lease.expires);
                return Due::Renew(id);
            }
            self.remove(id).inspect(|lost| lost.set());
        }
        Due::At(None)
    }

    fn renewed(&mut self, id: u64, sent: Instant, length: Duration) {
        if let Some(lease) = self.leases.get_mut(&id) {
            lease.expires = sent + length;
            self.set_due(id, sent + length / 2);
        }
    }

    fn not_renewed(&mut self, id: u64, now: Instant) {
        if let Some(lease) = self.leases.get(&id) {
            let left = lease.expires.saturating_duration_since(now);
            self.set_due(id, (now + (left / 2).max(SHORTEST_RETRY)).min(lease.expires));
        }
    }

    fn set_due(&mut self, id: u64, due: Instant) {
        if let Some(lease) = self.leases.get_mut(&id) {
            self.due.remove(&(lease.due, id));
            lease.due = due;
            self.due.insert((due, id));
        }
    }
}

/// Renews what is held on `hold`, until it is stopped.
pub(super) async fn run(hold: Arc<Hold>, channel: Channel, timeout: Duration) {
    let mut renewing = JoinSet::new();
    loop {
        while renewing.try_join_next().is_some() {}
        match hold.with_renewals(|held| held.next(Instant::now())) {
            Due::Renew(id) => {
                renewing.spawn(renew(hold.clone(), id, channel.clone(), timeout));
            }
            Due::At(Some(at)) => {
                let _ = tokio::time::timeout_at(at.into(), hold.renewal.notified()).await;
            }
            Due::At(None) => hold.renewal.notified().await,
        }
    }
}

async fn renew(hold: Arc<Hold>, id: u64, channel: Channel, timeout: Duration) {
    let sent = Instant::now();
    let request = RenewRequest { lease_id: id };
    let answer =
        bounded(
            timeout,
            channel,
            request,
            |channel, request| async move { PoolClient::new(channel).renew(request).await },
        );
    let answer = answer.await;
    hold.with_renewals(|held| match answer {
        Ok(answer) => held.renewed(id, sent, from_proto(answer.expires_after).unwrap_or_default()),
        Err(Failure::Gone) => held.not_renewed(id, Instant::now()),
        Err(Failure::Mistake(_)) => {
            held.remove(id).inspect(|lost| lost.set());
        }
    });
    hold.renewal.notify_one();
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn renewed_at_half_time_and_lost_at_the_end() {
        let (mut held, lost, start) = (Renewals::default(), Arc::new(Lost::default()), Instant::now());
        assert_eq!(held.next(start), Due::At(None));
        assert!(held.add(1, lost.clone(), start, 4 * SECOND));
        assert_eq!(held.next(start), Due::At(Some(start + 2 * SECOND)));
        assert_eq!(held.next(start + 2 * SECOND), Due::Renew(1));
        assert_eq!(held.next(start + 2 * SECOND), Due::At(Some(start + 4 * SECOND)), "one renewal at a time");
        held.renewed(1, start + 2 * SECOND, 4 * SECOND);
        assert_eq!(held.next(start + 4 * SECOND), Due::Renew(1));
        held.not_renewed(1, start + 4 * SECOND);
        assert_eq!(
            held.next(start + 4 * SECOND),
            Due::At(Some(start + 5 * SECOND)),
            "again after half of what is left"
        );
        assert!(!lost.is_set());
        assert_eq!(held.next(start + 6 * SECOND), Due::At(None));
        assert!(lost.is_set());
        assert_eq!((held.leases.len(), held.due.len()), (0, 0));
    }

    #[test]
    fn what_is_given_back_is_forgotten() {
        let (mut held, start) = (Renewals::default(), Instant::now());
        for id in 0..100 {
            held.add(id, Arc::default(), start, SECOND);
        }
        for id in 0..100 {
            assert!(held.remove(id).is_some_and(|lost| !lost.is_set()));
        }
        held.renewed(5, start, SECOND);
        assert_eq!((held.leases.len(), held.due.len()), (0, 0));
    }
}
