//! Who waits for an answer on a stream. What they leave when they go is tidied up.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::hold::{Hold, Reply};
use crate::answer::Failure;

/// An acquire under way. Dropped early, its wait ends, and what comes too late is released.
pub(super) struct Acquiring {
    hold: Arc<Hold>,
    id: u64,
    reply: oneshot::Receiver<Reply>,
    done: bool,
}

impl Acquiring {
    pub(super) fn new(hold: Arc<Hold>, id: u64, reply: oneshot::Receiver<Reply>) -> Self {
        Acquiring { hold, id, reply, done: false }
    }

    pub(super) async fn reply(&mut self) -> Reply {
        let reply = (&mut self.reply).await;
        self.done = true;
        reply.unwrap_or(Err(Failure::Gone))
    }
}

impl Drop for Acquiring {
    fn drop(&mut self) {
        if !self.done {
            self.hold.forget(self.id);
        }
    }
}

/// A release under way.
pub(super) struct Releasing<'a> {
    pub(super) hold: &'a Hold,
    pub(super) id: u64,
}

impl Drop for Releasing<'_> {
    fn drop(&mut self) {
        self.hold.forget_release(self.id);
    }
}
