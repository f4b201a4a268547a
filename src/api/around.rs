//! What lies around every handler: a span and a line in the log, a longest time, and an answer also to a panic.

use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument as _;
use tracing::field::Empty;

use super::access::Caller;
use super::arriving;
use super::problem::{Kind, Problem};
use crate::service::Service;

/// Tells of each request: method, the path as the router has it, status, who by the token's id, and how long it took.
/// The path as it was typed holds ids at most, and those only where the router knows it.
pub(super) async fn told(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let path = path.map_or("", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", method = %request.method(), path, token = Empty);
    let reads = request.method().is_safe();
    let began = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    // Reads are told at `debug`, so that a busy page does not bury what was changed.
    span.in_scope(|| match status {
        // Whoever watches the disk tells of it once, and a probe asks over and over.
        507 => tracing::info!(status, milliseconds, "refused: the disk is full"),
        503 if path == "/readyz" => tracing::debug!(status, milliseconds, "not ready"),
        500.. => tracing::error!(status, milliseconds, "a request failed"),
        _ if reads => tracing::debug!(status, milliseconds, "answered"),
        _ => tracing::info!(status, milliseconds, "answered"),
    });
    response
}

/// Tells the span who asks. Lies within the guard.
pub(super) async fn named(request: Request, next: Next) -> Response {
    if let Some(caller) = request.extensions().get::<Caller>() {
        tracing::Span::current().record("token", caller.id.as_str());
    }
    next.run(request).await
}

/// Gives a handler up that takes too long. Live progress answers at once and goes on behind its answer.
pub(super) async fn in_time(
    State(service): State<Arc<Service>>,
    request: Request,
    next: Next,
) -> Response {
    let longest = service.config.serve.request_timeout;
    let (request, awaited) = arriving::watched(request);
    match tokio::time::timeout(longest, next.run(request)).await {
        Ok(response) => response,
        Err(_) if awaited.is_awaited() => {
            let mut response = Problem::from(Kind::SlowRequest).into_response();
            // What is left of the body would be taken for the next request.
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
            response
        }
        Err(_) => Problem::from(Kind::Timeout).into_response(),
    }
}

/// The answer to a panic, which has told itself already.
pub(super) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    Problem::from(Kind::Internal).into_response()
}

/// The answer to a path that is none.
pub(super) async fn nowhere(uri: Uri) -> Response {
    let hint = if uri.path().starts_with("/api/") {
        "there is no such path; /api/v1/docs/ shows those that there are"
    } else {
        "there is no such page"
    };
    Problem::new(Kind::NotFound, hint).into_response()
}

/// The answer to a method that a path does not know.
pub(super) async fn no_such_method() -> Problem {
    Kind::Method.into()
}
