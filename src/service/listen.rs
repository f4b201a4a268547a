//! The way in: connections, a bounded number at a time, each with a limit on how long its headers may take.
//!
//! axum's own loop sets no such limit, so that a thousand slow clients could hold a server for ever. Each connection is
//! a tracked task, and all have ended when [`listen`] returns.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// Connections at once. Count; further ones wait in the system's queue until one ends.
const CONNECTIONS: usize = 1_024;

/// How long a client may take for the headers of a request, and how long a connection is kept open without one.
const HEADERS: Duration = Duration::from_secs(15);

/// Bytes of headers that are read before a request is refused.
const LONGEST_HEADERS: usize = 32 << 10;

/// How long to rest when the system gives no connection, as when there are no more files to be had.
const REST: Duration = Duration::from_millis(100);

/// Answers what comes in until `stop`; requests under way then have `grace` to end.
pub async fn listen(
    listener: TcpListener,
    router: Router,
    grace: Duration,
    stop: CancellationToken,
) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    let tracker = TaskTracker::new();
    loop {
        let accepted = async {
            // The semaphore is never closed.
            let permit = Arc::clone(&connections).acquire_owned().await.ok();
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = accepted => accepted,
        };
        match accepted {
            Ok((stream, from)) => {
                let (router, stop) = (router.clone(), stop.clone());
                tracker.spawn(async move {
                    converse(stream, from, router, grace, stop).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(REST).await;
            }
        }
    }
    // Whoever comes now is refused at once, and not left waiting.
    drop(listener);
    tracker.close();
    tracker.wait().await;
}

/// One connection, to its end.
async fn converse(
    stream: TcpStream,
    from: SocketAddr,
    router: Router,
    grace: Duration,
    stop: CancellationToken,
) {
    // Answers are written as a whole, so there is nothing to gather.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(from));
        let router = router.clone();
        async move { Ok::<Response, Infallible>(router.oneshot(request).await.unwrap_or_else(never)) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(LONGEST_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            match tokio::time::timeout(grace, connection).await {
                Ok(ended) => ended,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = ended {
        // A client that went away, or that spoke no HTTP.
        tracing::debug!(%error, "a connection broke off");
    }
}

fn never(nothing: Infallible) -> Response {
    match nothing {}
}
