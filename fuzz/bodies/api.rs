//! Requests of somebody who may do everything: `METHOD PATH`, headers as lines, an empty line, the body.
//!
//! - plaudit never fails: no answer of 500 or above.
//! - A refusal of the API is a problem (RFC 9457) that says its own status, in harmless words, and which of the
//!   documented kinds it is.
//! - An answer that is said to be JSON is JSON, and none is cached by others.
//! - A page that is told to follow leads back to itself with the cursor that came with it.

use axum::body::Body;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use serde_json::Value;

use super::harmless;
use super::served::{self, Answer, Server};

/// Holds one input against plaudit.
pub fn run(bytes: &[u8]) {
    let Some(wanted) = Wanted::read(bytes) else {
        return;
    };
    served::with(|server| {
        let admin = server.secrets["{admin}"].clone();
        let bearer = HeaderValue::from_str(&format!("Bearer {admin}")).expect("a header");
        let mut request = wanted.request();
        request
            .headers_mut()
            .insert(http::header::AUTHORIZATION, bearer.clone());
        let host = HeaderValue::from_static("127.0.0.1:8080");
        request.headers_mut().insert(http::header::HOST, host);
        let answer = server.send(request);
        holds(&wanted, &answer);
        if wanted.method == Method::GET {
            follow(server, &wanted, &answer, &bearer);
        }
    });
}

/// What holds of every answer.
pub(super) fn holds(wanted: &Wanted, answer: &Answer) {
    let (path, status) = (wanted.uri.path(), answer.status);
    assert!(status < 500, "{} {path}: {status}", wanted.method);
    let kind = answer.header("content-type");
    let is_head = wanted.method == Method::HEAD;
    let is_packed = !answer.header("content-encoding").is_empty();
    if is_head || is_packed {
        return;
    }
    if kind.starts_with("application/json") || kind.starts_with("application/problem+json") {
        let json: Value =
            serde_json::from_slice(&answer.body).unwrap_or_else(|error| panic!("{path}: {error}"));
        if status >= 400 {
            assert!(
                kind.starts_with("application/problem+json"),
                "{path}: {kind}"
            );
            assert_eq!(json["status"], status, "{path}");
            let problem = json["type"].as_str().unwrap_or_default();
            assert!(problem.starts_with("/problems/"), "{path}: {problem}");
            harmless::visible("a title", json["title"].as_str().expect("a title"));
            harmless::visible("a detail", json["detail"].as_str().unwrap_or_default());
        }
    } else if status >= 400 && path.starts_with("/api/v1/") {
        panic!("{path}: {status}, and no problem but {kind:?}");
    }
}

/// The page behind this one, if there is one.
fn follow(server: &Server, wanted: &Wanted, answer: &Answer, bearer: &HeaderValue) {
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let Some(cursor) = json["next_cursor"]
        .as_str()
        .filter(|_| answer.status == 200)
    else {
        return;
    };
    let path = wanted.uri.path();
    let request = Request::get(format!("{path}?cursor={cursor}"))
        .header(http::header::HOST, "127.0.0.1:8080")
        .header(http::header::AUTHORIZATION, bearer);
    let answer = server.send(request.body(Body::empty()).expect("a request"));
    assert_eq!(answer.status, 200, "{path} with the cursor {cursor}");
}

/// A request as an input has it.
pub(super) struct Wanted {
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) headers: Vec<(HeaderName, Vec<u8>)>,
    pub(super) body: Vec<u8>,
}

impl Wanted {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (head, body) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
            Some(at) => (&bytes[..at], &bytes[at + 2..]),
            None => (bytes, &b""[..]),
        };
        let mut lines = head.split(|byte| *byte == b'\n');
        let line = lines.next()?;
        let at = line.iter().position(|byte| *byte == b' ')?;
        let uri = Uri::try_from(&line[at + 1..]).ok()?;
        // What hyper makes of a request line that a client of HTTP/1 sends.
        if uri.scheme().is_some() || !uri.path().starts_with('/') {
            return None;
        }
        let headers = lines.filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let name = HeaderName::from_bytes(&line[..colon]).ok()?;
            Some((name, line[colon + 1..].trim_ascii().to_vec()))
        });
        Some(Self {
            method: Method::from_bytes(&line[..at]).ok()?,
            uri,
            headers: headers.collect(),
            body: body.to_vec(),
        })
    }

    pub(super) fn request(&self) -> Request<Body> {
        let mut request = Request::new(Body::from(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                request.headers_mut().append(name.clone(), value);
            }
        }
        request
    }
}
