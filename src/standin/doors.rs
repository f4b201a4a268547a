//! Connections that can be closed from within, without an answer.

use std::{
    future::IntoFuture,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long connections may linger when a stand-in stops.
const LINGER: Duration = Duration::from_secs(2);

/// Serves `router` until it is told to stop; what it returns ends when the last connection has.
pub(super) fn serve(
    listener: TcpListener,
    router: Router,
    stopping: CancellationToken,
) -> TaskTracker {
    let tasks = TaskTracker::new();
    let serving = axum::serve(
        Doors(listener),
        router.into_make_service_with_connect_info::<Connection>(),
    )
    .with_graceful_shutdown(stopping.clone().cancelled_owned());
    tasks.spawn(async move {
        let linger = async {
            stopping.cancelled().await;
            tokio::time::sleep(LINGER).await;
        };
        tokio::select! {
            // Accepting on loopback has no error that ends it.
            _ = serving.into_future() => {}
            () = linger => {}
        }
    });
    tasks.close();
    tasks
}

/// Accepts connections that can be closed from within.
struct Doors(TcpListener);

/// A connection's switch.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    closed: Arc<AtomicBool>,
}

impl Listener for Doors {
    type Io = Closable;
    type Addr = Connection;

    async fn accept(&mut self) -> (Closable, Connection) {
        loop {
            let Ok((stream, _)) = self.0.accept().await else {
                // Out of file descriptors, say: others may close meanwhile.
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            // Small answers must not wait for an acknowledgement; if it can not be set they are only late.
            let _ = stream.set_nodelay(true);
            let connection = Connection {
                closed: Arc::default(),
            };
            let closed = Arc::clone(&connection.closed);
            return (Closable { stream, closed }, connection);
        }
    }

    fn local_addr(&self) -> io::Result<Connection> {
        Ok(Connection {
            closed: Arc::default(),
        })
    }
}

impl Connection {
    /// Closes the connection: nothing more is written.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }
}

impl Connected<IncomingStream<'_, Doors>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Doors>) -> Self {
        stream.remote_addr().clone()
    }
}

/// A stream that can be told to write nothing more.
pub(super) struct Closable {
    stream: TcpStream,
    closed: Arc<AtomicBool>,
}

impl AsyncRead for Closable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Closable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.closed.load(Ordering::Acquire) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
