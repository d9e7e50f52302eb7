//! Connects to the sidecar, and does not try again too soon.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tonic::transport::Uri;
use tower_service::Service;

use crate::backoff::Backoff;
use crate::target::Target;

/// A connection that is not there by then will not come.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

pub(crate) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Socket for S {}

#[derive(Clone)]
pub(crate) struct Connector {
    target: Arc<Target>,
    tries: Arc<Mutex<Tries>>,
}

/// When the next try may be made. Until then calls are refused without one.
#[derive(Default)]
struct Tries {
    backoff: Backoff,
    not_before: Option<Instant>,
}

impl Connector {
    pub(crate) fn new(target: Target) -> Self {
        Connector { target: Arc::new(target), tries: Arc::default() }
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Box<dyn Socket>>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            let not_before = connector.tries.lock().unwrap().not_before;
            if not_before.is_some_and(|at| Instant::now() < at) {
                return Err(io::Error::new(io::ErrorKind::ConnectionRefused, "not tried again yet"));
            }
            let socket = tokio::time::timeout(CONNECT_TIMEOUT, open(&connector.target)).await;
            let socket = socket.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
            let mut tries = connector.tries.lock().unwrap();
            if socket.is_ok() {
                *tries = Tries::default();
            } else {
                let pause = tries.backoff.next();
                tries.not_before = Some(Instant::now() + pause);
            }
            socket.map(TokioIo::new)
        })
    }
}

async fn open(target: &Target) -> io::Result<Box<dyn Socket>> {
    match target {
        Target::Unix(path) => Ok(Box::new(UnixStream::connect(path).await?)),
        Target::Tcp(address) => {
            let socket = TcpStream::connect(address).await?;
            socket.set_nodelay(true)?;
            Ok(Box::new(socket))
        }
    }
}
