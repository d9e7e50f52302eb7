//! Questions whose answers may give the right to load.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use super::fill::Ticket;
use super::Cache;
use crate::answer::Failure;
use crate::channel::SharedChannel;
use crate::client::{bounded, unless};
use crate::proto::cache::GetResponse;

/// An answer that comes later than its caller waits may give a right, which is to be given back. Or as long as the client's timeout,
/// if that is longer.
const LATE: Duration = Duration::from_secs(1);

/// An answer, and the right that it gives.
pub(super) struct Granted {
    pub(super) answer: GetResponse,
    pub(super) ticket: Option<Ticket>,
}

impl<C> Cache<C> {
    /// What the sidecar says of `keys`, in their order. It may wait for `wait`.
    pub(super) async fn ask<Q, F>(
        &self,
        wait: Duration,
        keys: Vec<String>,
        question: Q,
        rpc: impl FnOnce(Channel, Request<Q>) -> F + 'static,
    ) -> Result<Vec<Granted>, Failure>
    where
        Q: 'static,
        F: Future<Output = Result<Response<Vec<GetResponse>>, Status>> + Send + 'static,
    {
        let (core, namespace) = (self.core.clone(), self.namespace.clone());
        let (deadline, late) = (core.options.deadline(wait), core.options.timeout.max(LATE));
        let (mut answered, answer) = oneshot::channel();
        let ask = |line: Arc<SharedChannel>| {
            let answers = bounded(deadline.saturating_add(late), line.channel.clone(), question, rpc);
            let runtime = line.runtime.clone();
            // In a task of its own, so that rights are given back if the caller has gone.
            runtime.spawn(async move {
                let gone = async {
                    answered.closed().await;
                    tokio::time::sleep(late).await;
                };
                let granted = unless(gone, answers).await.map(|answers| {
                    let grant = |(key, mut answer): (String, GetResponse)| {
                        let token = std::mem::take(&mut answer.fill_token);
                        Granted { answer, ticket: Ticket::new(&core, &line, &namespace, &key, token) }
                    };
                    keys.into_iter().zip(answers).map(grant).collect()
                });
                let _ = answered.send(granted);
            });
            async move {
                match tokio::time::timeout(deadline, answer).await {
                    Ok(Ok(granted)) => granted,
                    Ok(Err(_)) | Err(_) => Err(Failure::Gone),
                }
            }
        };
        self.core.until_closed(ask).await
    }
}
