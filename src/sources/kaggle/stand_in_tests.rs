//! Kaggle on loopback, as far as the tests beside it need: each path answers with what the test says.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::Connection;
use crate::http::{Limits, Pool, Resource, Settings, Silence, Told, WayOut};

/// A request as it came.
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// What answers.
pub(super) type Answers = fn(&Asked) -> Response;

/// Serves `answers` on loopback and returns the way there.
pub(super) async fn serve(answers: Answers, folder: &Path) -> Connection {
    async fn answer(
        State(answers): State<Answers>,
        method: Method,
        uri: Uri,
        headers: HeaderMap,
        body: Bytes,
    ) -> Response {
        answers(&Asked {
            method,
            path: uri.path().to_owned(),
            headers,
            body,
        })
    }
    let router = Router::new().fallback(answer).with_state(answers);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    let settings = Settings {
        connect_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(5),
        inline_wait: Duration::from_secs(1),
        tries: 1,
        first_backoff: Duration::from_millis(1),
        max_body_bytes: 1 << 20,
        max_redirects: 1,
        in_flight: 1,
    };
    let limits = Limits {
        host: "kaggle",
        budgets: vec![(Resource::Kaggle, 1, Duration::from_millis(1))],
        query_seconds_per_minute: 60,
        silence: Silence {
            first: Duration::from_mins(1),
            told: Told::AtLeast,
            rest: None,
        },
    };
    Connection::new(
        Arc::new(WayOut::new(settings).expect("a client")),
        Arc::new(Pool::with_reserve(None, &limits)),
        Url::parse(&format!("http://{address}")).expect("a URL"),
        None,
        folder,
    )
}

/// An answer of the live endpoint.
pub(super) fn event(message: &str) -> Response {
    let body = format!("event: message\ndata: {message}\n\n");
    ([("content-type", "text/event-stream")], body).into_response()
}

/// An answer that says nothing but its status.
pub(super) fn bare(status: u16) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    status.into_response()
}
