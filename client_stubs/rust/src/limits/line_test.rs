//! A line without a sidecar: its writer is polled, and its answers are made, by hand.

use std::future::Future;
use std::task::Waker;

use super::*;
use crate::proto::ratelimit::StreamError;

fn line() -> Arc<Line> {
    Arc::new(Line { state: Mutex::default() })
}

fn ask(line: &Arc<Line>) -> Asked {
    line.ask(AllowRequest::default()).expect("the line has not ended")
}

/// What the writer writes when it is run until it has nothing to do.
fn written(line: &Arc<Line>) -> Vec<AllowStreamRequest> {
    let mut writer = Writer { line: line.clone() };
    let mut messages = Vec::new();
    let mut idle = 0;
    while idle < 2 {
        match Pin::new(&mut writer).poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Some(message)) => {
                idle = 0;
                messages.push(message);
            }
            Poll::Ready(None) => break,
            Poll::Pending => idle += 1,
        }
    }
    messages
}

fn reply(asked: &mut Asked) -> Option<Reply> {
    let reply = std::pin::pin!(asked.reply());
    match reply.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(reply) => Some(reply),
        Poll::Pending => None,
    }
}

fn answer(id: u64, count: usize) -> AllowStreamResponse {
    let responses = (0..count as u64).map(|n| AllowResponse { remaining: n, ..Default::default() }).collect();
    AllowStreamResponse { id, responses, error: None }
}

#[test]
fn what_has_gathered_is_one_message() {
    let line = line();
    let mut asked: Vec<Asked> = (0..3).map(|_| ask(&line)).collect();
    let messages = written(&line);
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].requests.len(), 3);
    line.take(answer(messages[0].id, 3));
    for (place, asked) in asked.iter_mut().enumerate() {
        assert!(matches!(reply(asked), Some(Reply::Answer(answer)) if answer.remaining == place as u64));
    }
    assert_eq!(line.kept(), 0);
}

#[test]
fn a_message_has_at_most_a_thousand_questions() {
    let line = line();
    let asked: Vec<Asked> = (0..2500).map(|_| ask(&line)).collect();
    let sizes: Vec<usize> = written(&line).iter().map(|message| message.requests.len()).collect();
    assert_eq!(sizes, [1000, 1000, 500]);
    drop(asked);
    assert_eq!(line.kept(), 0);
}

#[test]
fn a_message_has_at_most_so_many_bytes_unless_one_question_is_larger() {
    let line = line();
    let sizes = [100_000, 100_000, 100_000, 300_000, 300_000, 1];
    let asked = sizes.map(|size| {
        let request = AllowRequest { limit: "x".repeat(size), ..Default::default() };
        line.ask(request).expect("the line has not ended")
    });
    let counts: Vec<usize> = written(&line).iter().map(|message| message.requests.len()).collect();
    assert_eq!(counts, [2, 1, 1, 1, 1]);
    drop(asked);
    assert_eq!(line.kept(), 0);
}

#[test]
fn answers_may_overtake_each_other() {
    let line = line();
    let mut first = ask(&line);
    let one = written(&line).remove(0);
    let mut second = ask(&line);
    let other = written(&line).remove(0);
    line.take(answer(other.id, 1));
    assert!(reply(&mut first).is_none());
    assert!(matches!(reply(&mut second), Some(Reply::Answer(_))));
    line.take(answer(one.id, 1));
    assert!(matches!(reply(&mut first), Some(Reply::Answer(_))));
}

#[test]
fn callers_that_go_leave_nothing() {
    let line = line();
    let gone = ask(&line);
    let mut stays = ask(&line);
    drop(gone);
    let sent = written(&line).remove(0);
    assert_eq!(sent.requests.len(), 1, "what nobody waits for is not asked");
    let late = ask(&line);
    let late_sent = written(&line).remove(0);
    drop(late);
    line.take(answer(late_sent.id, 1));
    line.take(answer(sent.id, 1));
    assert!(matches!(reply(&mut stays), Some(Reply::Answer(_))));
    assert_eq!(line.kept(), 0);
}

#[test]
fn who_goes_when_the_answer_is_there_disturbs_no_other_message() {
    let line = line();
    let mut early = ask(&line);
    let first = written(&line).remove(0);
    let answered = ask(&line);
    let second = written(&line).remove(0);
    line.take(answer(second.id, 1));
    drop(answered);
    line.take(answer(first.id, 1));
    assert!(matches!(reply(&mut early), Some(Reply::Answer(_))));
}

#[test]
fn a_mistake_of_one_is_not_the_others() {
    let line = line();
    let error = Some(StreamError { code: Code::NotFound.into(), message: "limit".into() });
    let mut together = [ask(&line), ask(&line)];
    let id = written(&line)[0].id;
    line.take(AllowStreamResponse { id, responses: vec![], error: error.clone() });
    assert!(together.iter_mut().all(|asked| matches!(reply(asked), Some(Reply::AskAlone))));
    let mut alone = ask(&line);
    let id = written(&line)[0].id;
    line.take(AllowStreamResponse { id, responses: vec![], error });
    assert!(matches!(reply(&mut alone), Some(Reply::Failed(Failure::Mistake(_)))));
}

#[test]
fn the_end_answers_all_and_takes_no_more() {
    let line = line();
    let mut sent = ask(&line);
    written(&line);
    let mut queued = ask(&line);
    line.end(Failure::Gone);
    for asked in [&mut sent, &mut queued] {
        assert!(matches!(reply(asked), Some(Reply::Failed(Failure::Gone))));
    }
    assert!(line.ask(AllowRequest::default()).is_none());
    assert!(written(&line).is_empty());
}
