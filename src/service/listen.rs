//! The way in: connections, a bounded number at a time, each with a limit on how long its headers may take, and how long
//! an answer may stay unread.
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
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// Connections at once. Count; further ones wait in the system's queue until one ends.
const CONNECTIONS: usize = 1_024;

/// How long a client may take for the headers of a request, and how long a connection is kept open without one.
const HEADERS: Duration = Duration::from_secs(15);

/// How long a client may leave an answer unread. Whoever asks and does not read would else keep a connection for ever.
const UNREAD: Duration = Duration::from_secs(15);

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
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(UNREAD));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(LONGEST_HEADERS)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
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

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::Instant;

    use super::*;

    /// How long a request under way may take in these tests.
    const GRACE: Duration = Duration::from_secs(5);

    /// Listens while `work` runs, and until `work` says stop and all have ended.
    async fn listening<T>(
        router: Router,
        work: impl AsyncFnOnce(SocketAddr, CancellationToken) -> T,
    ) -> T {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let listens = listen(listener, router, GRACE, stop.clone());
        let ((), answer) = tokio::join!(listens, async {
            let answer = work(address, stop.clone()).await;
            stop.cancel();
            answer
        });
        answer
    }

    /// Sends, and reads until the server closes.
    async fn all_of(stream: &mut TcpStream, sent: &str) -> String {
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut read = Vec::new();
        let _ = stream.read_to_end(&mut read).await;
        String::from_utf8(read).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_ends_its_headers_is_let_go() {
        listening(Router::new(), async |address, _| {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let began = Instant::now();
            all_of(&mut stream, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
            let took = began.elapsed();
            assert!(took >= HEADERS && took < 2 * HEADERS, "{took:?}");
        })
        .await;
    }

    #[tokio::test]
    async fn a_client_is_known_by_its_address_and_headers_without_end_are_refused() {
        let router = Router::new().route(
            "/",
            get(async |ConnectInfo(from): ConnectInfo<SocketAddr>| from.to_string()),
        );
        listening(router, async |address, _| {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let mine = stream.local_addr().unwrap().to_string();
            let request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            let answer = all_of(&mut stream, request).await;
            assert!(
                answer.starts_with("HTTP/1.1 200") && answer.ends_with(&mine),
                "{answer}"
            );

            let mut stream = TcpStream::connect(address).await.unwrap();
            let request = format!(
                "GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n",
                "x".repeat(2 * LONGEST_HEADERS)
            );
            let answer = all_of(&mut stream, &request).await;
            assert!(
                answer.starts_with("HTTP/1.1 431") || answer.is_empty(),
                "{answer}"
            );
        })
        .await;
    }

    #[tokio::test]
    async fn a_request_under_way_is_answered_after_the_stop_and_an_idle_connection_is_closed() {
        let (arrived, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
        let gate = Arc::new(Semaphore::new(0));
        let opened = Arc::clone(&gate);
        let handler = move || {
            let (arrived, opened) = (arrived.clone(), Arc::clone(&opened));
            async move {
                arrived.send(()).unwrap();
                let _ = opened.acquire().await;
                "done"
            }
        };
        listening(
            Router::new().route("/", get(handler)),
            async |address, stop| {
                let mut idle = TcpStream::connect(address).await.unwrap();
                let mut busy = TcpStream::connect(address).await.unwrap();
                let asks = all_of(&mut busy, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
                let ends = async {
                    arrivals.recv().await.unwrap();
                    stop.cancel();
                    assert_eq!(all_of(&mut idle, "").await, "");
                    gate.add_permits(1);
                };
                let (answer, ()) = tokio::join!(asks, ends);
                assert!(
                    answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"),
                    "{answer}"
                );
            },
        )
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_does_not_end_is_given_up_after_the_grace() {
        let router = Router::new().route("/", get(std::future::pending::<&'static str>));
        let began = Instant::now();
        listening(router, async |address, stop| {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream
                .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                .await
                .unwrap();
            // Time stands still while the request is on its way.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            stop.cancel();
            let mut read = Vec::new();
            let _ = stream.read_to_end(&mut read).await;
            assert_eq!(read, b"");
        })
        .await;
        assert!(began.elapsed() <= GRACE + Duration::from_secs(1));
    }
}
