//! Callers that go while the sidecar is asked. The sidecar is one that answers when the test says.

use std::convert::Infallible;
use std::time::Duration;

use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use outrigger::cache::Text;
use outrigger::{Error, Outrigger};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

/// Longer than any test may take.
const LONG: Duration = Duration::from_secs(60);

/// The answer of `Get`: status MISS, fill_token "token".
const MISS: &[u8] = b"\x08\x04\x42\x05token";
const MISS_OF_GET_MANY: &[u8] = b"\x0a\x09\x08\x04\x42\x05token";

struct Call {
    path: String,
    question: Bytes,
    answer: oneshot::Sender<&'static [u8]>,
}

/// A sidecar whose calls the test answers; those that it drops never are.
async fn sidecar() -> (String, mpsc::UnboundedReceiver<Call>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, calls) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let heard = heard.clone();
            let serve = service_fn(move |request| serve(request, heard.clone()));
            let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            tokio::spawn(server.serve_connection(TokioIo::new(socket), serve));
        }
    });
    (address.to_string(), calls)
}

async fn serve(
    request: Request<Incoming>,
    heard: mpsc::UnboundedSender<Call>,
) -> Result<Response<impl hyper::body::Body<Data = Bytes, Error = Infallible>>, Infallible> {
    let path = request.uri().path().to_owned();
    let question = request.into_body().collect().await.unwrap().to_bytes();
    let (answer, answered) = oneshot::channel();
    let _ = heard.send(Call { path, question, answer });
    let Ok(message) = answered.await else { std::future::pending().await };
    let mut body = vec![0, 0, 0, 0, u8::try_from(message.len()).unwrap()];
    body.extend(message);
    let trailers = HeaderMap::from_iter([("grpc-status".parse().unwrap(), "0".parse().unwrap())]);
    let body = Full::new(Bytes::from(body)).with_trailers(std::future::ready(Some(Ok(trailers))));
    Ok(Response::builder().header("content-type", "application/grpc").body(body).unwrap())
}

async fn next(calls: &mut mpsc::UnboundedReceiver<Call>) -> Call {
    tokio::time::timeout(LONG, calls.recv()).await.expect("there is a call").unwrap()
}

#[tokio::test]
async fn the_right_to_load_that_comes_too_late_is_given_back() {
    let (target, mut calls) = sidecar().await;
    let client = Outrigger::builder().target(target).timeout(LONG).connect().unwrap();
    let cache = client.cache_of("profiles", Text);
    let never = || async { Ok::<Option<String>, Error>(None) };
    let nothing = |_: Vec<String>| async { Ok::<_, Error>(std::collections::HashMap::<String, String>::new()) };
    let (one, many) = (cache.clone(), cache.clone());
    let one = tokio::spawn(async move { one.get_or_load("key", never).await.map(|_| ()) });
    let asked = next(&mut calls).await;
    assert_eq!(asked.path, "/outrigger.cache.v1.Cache/Get");
    gives_back(&mut calls, one, asked, MISS).await;
    let many = tokio::spawn(async move { many.get_or_load_many(["key"], nothing).await.map(|_| ()) });
    let asked = next(&mut calls).await;
    assert_eq!(asked.path, "/outrigger.cache.v1.Cache/GetMany");
    gives_back(&mut calls, many, asked, MISS_OF_GET_MANY).await;
}

async fn gives_back<T: std::fmt::Debug>(
    calls: &mut mpsc::UnboundedReceiver<Call>,
    caller: tokio::task::JoinHandle<T>,
    asked: Call,
    answer: &'static [u8],
) {
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    asked.answer.send(answer).expect("the call goes on");
    let given_back = next(calls).await;
    assert_eq!(given_back.path, "/outrigger.cache.v1.Cache/Abandon");
    assert!(given_back.question.ends_with(b"token"));
}
