//! A line in the log for each request: what was asked in the router's words, and how it ended. Nothing of what was sent
//! is in it, neither an address nor a name: a path may hold both.

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;

/// Notes a request. Reads are told at `debug`, so that a busy page does not bury what was changed.
pub async fn log(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let path = path.as_ref().map_or("-", MatchedPath::as_str);
    let status = response.status();
    let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let method_name = method.as_str();
    let status_code = status.as_u16();
    if status.is_server_error() {
        tracing::error!(
            method = method_name,
            path,
            status = status_code,
            milliseconds,
            "a request failed"
        );
    } else if matches!(method, Method::GET | Method::HEAD) {
        tracing::debug!(
            method = method_name,
            path,
            status = status_code,
            milliseconds,
            "answered"
        );
    } else {
        tracing::info!(
            method = method_name,
            path,
            status = status_code,
            milliseconds,
            "answered"
        );
    }
    response
}
