//! Questions of many callers on one `AllowStream`.
//!
//! Whoever asks puts the question into a queue; the stream's writer takes all that has gathered as one message. Nobody waits for
//! more to come: the writer only lets those run first who are ready to ask right now. A line ends with its stream, and is not used
//! again.

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use prost::Message;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio_stream::Stream;
use tonic::transport::Channel;
use tonic::Code;

use crate::answer::Failure;
use crate::channel::MAX_MESSAGE;
use crate::proto::ratelimit::rate_limiter_client::RateLimiterClient;
use crate::proto::ratelimit::{AllowRequest, AllowResponse, AllowStreamRequest, AllowStreamResponse};

/// Most questions of one message.
const MOST: usize = 1000;
/// Most bytes of one message, unless one question is larger.
const MOST_BYTES: usize = 256 << 10;

/// What a question got.
#[derive(Debug)]
pub(crate) enum Reply {
    Answer(AllowResponse),
    /// Some question of the same message was wrong, so none was decided: ask alone.
    AskAlone,
    Failed(Failure),
}

/// One stream, and who waits for answers on it. Thread-safe.
pub(crate) struct Line {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Not sent yet. The first has the number `front`; those whose caller has gone are `None`.
    queue: VecDeque<Option<Question>>,
    front: u64,
    /// Sent, by the number of the first question, which is the message's id.
    batches: BTreeMap<u64, Batch>,
    /// Set while the writer has nothing to write.
    writer: Option<Waker>,
    /// The writer has let others run.
    gathered: bool,
    ended: bool,
    task: Option<AbortHandle>,
}

struct Question {
    request: AllowRequest,
    reply: oneshot::Sender<Reply>,
}

struct Batch {
    replies: Vec<oneshot::Sender<Reply>>,
    /// Callers that have not gone.
    waiting: usize,
    /// The number after its last question's.
    end: u64,
}

/// A question under way. Dropped early, nothing of it stays behind.
pub(crate) struct Asked {
    line: Arc<Line>,
    number: u64,
    reply: oneshot::Receiver<Reply>,
    done: bool,
}

impl Line {
    /// Opens a stream over `channel`, on the present runtime.
    pub(crate) fn open(channel: Channel) -> Arc<Line> {
        let line = Arc::new(Line { state: Mutex::default() });
        let own = line.clone();
        let task = tokio::spawn(async move {
            let mut client = RateLimiterClient::new(channel).max_decoding_message_size(MAX_MESSAGE);
            let failure = own.clone().serve(&mut client).await.err().map_or(Failure::Gone, Failure::from);
            own.end(failure);
        });
        line.state.lock().unwrap().task = Some(task.abort_handle());
        line
    }

    /// Until the stream ends.
    async fn serve(self: Arc<Self>, client: &mut RateLimiterClient<Channel>) -> Result<(), tonic::Status> {
        let mut answers = client.allow_stream(Writer { line: self.clone() }).await?.into_inner();
        while let Some(answer) = answers.message().await? {
            self.take(answer);
        }
        Ok(())
    }

    /// Puts a question into the queue. `None` if the line has ended.
    pub(crate) fn ask(self: &Arc<Self>, request: AllowRequest) -> Option<Asked> {
        let (reply, receiver) = oneshot::channel();
        let (number, writer) = {
            let mut state = self.state.lock().unwrap();
            if state.ended {
                return None;
            }
            let number = state.front + state.queue.len() as u64;
            state.queue.push_back(Some(Question { request, reply }));
            (number, state.writer.take())
        };
        if let Some(writer) = writer {
            writer.wake();
        }
        Some(Asked { line: self.clone(), number, reply: receiver, done: false })
    }

    pub(crate) fn ended(&self) -> bool {
        self.state.lock().unwrap().ended
    }

    /// All under way get `failure`, and the stream ends.
    pub(crate) fn end(&self, failure: Failure) {
        let (queue, batches, writer, task) = {
            let mut state = self.state.lock().unwrap();
            state.ended = true;
            let (queue, batches) = (std::mem::take(&mut state.queue), std::mem::take(&mut state.batches));
            (queue, batches, state.writer.take(), state.task.take())
        };
        // Both halves: the stream stays open as long as there is either.
        if let Some(writer) = writer {
            writer.wake();
        }
        if let Some(task) = task {
            task.abort();
        }
        let sent = batches.into_values().flat_map(|batch| batch.replies);
        for reply in sent.chain(queue.into_iter().flatten().map(|question| question.reply)) {
            let _ = reply.send(Reply::Failed(failure.clone()));
        }
    }

    fn take(&self, answer: AllowStreamResponse) {
        // Not there if all its callers have gone.
        let Some(batch) = self.state.lock().unwrap().batches.remove(&answer.id) else { return };
        let alone = batch.replies.len() == 1;
        let mut answers = answer.responses.into_iter();
        for reply in batch.replies {
            let _ = reply.send(match (&answer.error, answers.next()) {
                (None, Some(answer)) => Reply::Answer(answer),
                (None, None) => Reply::Failed(Failure::Gone),
                (Some(error), _) => match Failure::of(Code::from(error.code), &error.message) {
                    Failure::Mistake(_) if !alone => Reply::AskAlone,
                    failure => Reply::Failed(failure),
                },
            });
        }
    }

    /// The caller of this question has gone.
    fn forget(&self, number: u64) {
        let mut state = self.state.lock().unwrap();
        if number < state.front {
            // Not there if it has just been answered.
            let batch = state.batches.range_mut(..=number).next_back().filter(|(_, batch)| number < batch.end);
            let left = batch.map(|(first, batch)| {
                batch.waiting -= 1;
                (*first, batch.waiting)
            });
            if let Some((first, 0)) = left {
                state.batches.remove(&first);
            }
            return;
        }
        let place = (number - state.front) as usize;
        if let Some(question) = state.queue.get_mut(place) {
            *question = None;
        }
        while let Some(None) = state.queue.front() {
            state.queue.pop_front();
            state.front += 1;
        }
    }

    /// What is kept of questions: 0 if none is under way.
    #[cfg(test)]
    fn kept(&self) -> usize {
        let state = self.state.lock().unwrap();
        state.queue.len() + state.batches.len()
    }
}

impl State {
    /// The next message, of all that has gathered.
    fn message(&mut self) -> Option<AllowStreamRequest> {
        while let Some(None) = self.queue.front() {
            self.queue.pop_front();
            self.front += 1;
        }
        let id = self.front;
        let count = self.queue.len().min(MOST);
        let mut requests = Vec::with_capacity(count);
        let mut replies = Vec::with_capacity(count);
        let mut bytes = 0;
        while let Some(next) = self.queue.front() {
            bytes += next.as_ref().map_or(0, |question| question.request.encoded_len());
            if requests.len() == MOST || (bytes > MOST_BYTES && !requests.is_empty()) {
                break;
            }
            if let Some(question) = self.queue.pop_front().flatten() {
                requests.push(question.request);
                replies.push(question.reply);
            }
            self.front += 1;
        }
        if replies.is_empty() {
            return None;
        }
        let waiting = replies.len();
        self.batches.insert(id, Batch { replies, waiting, end: self.front });
        Some(AllowStreamRequest { id, requests })
    }
}

impl Asked {
    pub(crate) async fn reply(&mut self) -> Reply {
        let reply = (&mut self.reply).await;
        self.done = true;
        reply.unwrap_or(Reply::Failed(Failure::Gone))
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if !self.done {
            self.line.forget(self.number);
        }
    }
}

/// The stream's requests.
struct Writer {
    line: Arc<Line>,
}

impl Stream for Writer {
    type Item = AllowStreamRequest;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<AllowStreamRequest>> {
        let mut state = self.line.state.lock().unwrap();
        if state.ended {
            return Poll::Ready(None);
        }
        if state.queue.is_empty() {
            state.gathered = false;
            state.writer = Some(context.waker().clone());
            return Poll::Pending;
        }
        if !state.gathered {
            state.gathered = true;
            drop(state);
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        state.gathered = false;
        match state.message() {
            Some(message) => Poll::Ready(Some(message)),
            None => {
                state.writer = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
#[path = "line_test.rs"]
mod tests;
