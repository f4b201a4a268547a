//! What the made-up Kaggle answers.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError},
    time::Instant,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use super::{
    faults::{KaggleFault, RequestKind},
    home::HomePage,
    pages::{not_found, profile_page},
    profile::event,
    server::{Asked, Shared},
    storage::{MODIFIED, Object, Wanted, wanted},
};

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";
const SSE: &str = "text/event-stream";
const TEXT: &str = "text/plain; charset=utf-8";
const HASH: HeaderName = HeaderName::from_static("x-goog-hash");
/// The hash of another file.
const WRONG_MD5: &str = "AAAAAAAAAAAAAAAAAAAAAA==";
/// The tool of the endpoint that tells of a person.
const TOOL: &str = "get_user_profile";

/// What is to be sent.
#[derive(Debug)]
pub(super) enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The same in pieces with pauses.
    Slow(Vec<u8>),
    /// A part of a file.
    File {
        /// Where it is.
        path: PathBuf,
        /// The first byte's place.
        from: u64,
        /// Bytes.
        length: u64,
    },
}

/// An answer before it is sent.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) content: Content,
}

impl Answer {
    fn new(status: StatusCode, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut answer = Self {
            status,
            headers: Vec::new(),
            content: Content::Bytes(body.into()),
        };
        answer.set(header::CONTENT_TYPE, content_type);
        answer
    }

    fn json(status: StatusCode, body: &Value) -> Self {
        Self::new(status, JSON, body.to_string())
    }

    /// Adds a header; a value that HTTP can not carry is left out.
    fn set(&mut self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::try_from(value) {
            self.headers.push((name, value));
        }
    }

    /// A credential that is not known. The body is assumed.
    pub(super) fn unauthorised() -> Self {
        let body = json!({"code": 401, "message": "Unauthenticated"});
        Self::json(StatusCode::UNAUTHORIZED, &body)
    }
}

/// "Too many requests", with or without the seconds to wait.
pub(super) fn too_many(seconds: Option<u64>) -> Answer {
    let body = json!({"error": {"code": 429, "message": "Too many requests", "status": "RESOURCE_EXHAUSTED"}});
    let mut answer = Answer::json(StatusCode::TOO_MANY_REQUESTS, &body);
    if let Some(seconds) = seconds {
        answer.set(header::RETRY_AFTER, &seconds.to_string());
    }
    answer
}

/// The answers of those faults that need no true one. Their bodies are assumed.
pub(super) fn failure(fault: KaggleFault, kind: RequestKind) -> Option<Answer> {
    Some(match fault {
        KaggleFault::ServerError => Answer::json(
            StatusCode::INTERNAL_SERVER_ERROR,
            &json!({"error": {"code": 500, "message": "Internal error", "status": "INTERNAL"}}),
        ),
        KaggleFault::BadGateway => Answer::new(
            StatusCode::BAD_GATEWAY,
            HTML,
            "<html><head><title>502 Server Error</title></head><body>Please try again.</body></html>\n",
        ),
        KaggleFault::Html => Answer::new(
            StatusCode::OK,
            HTML,
            "<!DOCTYPE html><html><head><title>Checking your browser</title></head><body></body></html>\n",
        ),
        KaggleFault::EmptyBody => {
            let content_type = match kind {
                RequestKind::Profile => SSE,
                RequestKind::Storage => "text/csv",
                _ => HTML,
            };
            Answer::new(StatusCode::OK, content_type, "")
        }
        KaggleFault::ExpiredLink => expired(),
        _ => return None,
    })
}

/// An address of the storage that no longer works.
fn expired() -> Answer {
    Answer::new(
        StatusCode::FORBIDDEN,
        "application/xml; charset=UTF-8",
        "<?xml version='1.0' encoding='UTF-8'?><Error><Code>ExpiredToken</Code><Message>The provided token has \
         expired.</Message></Error>",
    )
}

/// The true answer.
pub(super) async fn answer_of(
    shared: &Arc<Shared>,
    asked: Asked,
    fault: Option<KaggleFault>,
) -> Answer {
    match asked.kind {
        RequestKind::Profile => called(shared, &asked),
        RequestKind::Page => page(shared, &asked),
        RequestKind::Download => redirected(shared, &asked),
        RequestKind::Storage => stored(shared, &asked, fault).await,
        RequestKind::HomePage => home_page(shared, &asked),
        RequestKind::Robots => robots(shared, &asked),
    }
}

/// A call of the endpoint. Its errors' words are assumed.
fn called(shared: &Shared, asked: &Asked) -> Answer {
    /// A JSON-RPC call.
    #[derive(serde::Deserialize)]
    struct Call {
        #[serde(default)]
        id: Value,
        method: String,
        #[serde(default)]
        params: Value,
    }
    if asked.parts.method != Method::POST {
        return Answer::new(StatusCode::METHOD_NOT_ALLOWED, TEXT, "");
    }
    if !accepts_events(&asked.parts.headers) {
        return Answer::json(
            StatusCode::NOT_ACCEPTABLE,
            &json!({"jsonrpc": "2.0", "id": "", "error": {"code": -32_000, "message": "Not Acceptable: Client must \
                accept both application/json and text/event-stream"}}),
        );
    }
    let Ok(call) = serde_json::from_slice::<Call>(&asked.body) else {
        return Answer::json(
            StatusCode::BAD_REQUEST,
            &json!({"jsonrpc": "2.0", "id": "", "error": {"code": -32_700, "message": "Parse error"}}),
        );
    };
    if call.method != "tools/call" {
        let error = json!({"jsonrpc": "2.0", "id": call.id,
            "error": {"code": -32_601, "message": format!("Method '{}' is not available.", call.method)}});
        return Answer::new(
            StatusCode::OK,
            SSE,
            format!("event: message\ndata: {error}\n\n"),
        );
    }
    let name = call.params["arguments"]["request"]["userName"].as_str();
    let (text, is_error) = match (call.params["name"].as_str(), name) {
        (Some(TOOL), Some(name)) => {
            shared.books().asked_for(name);
            match shared.world.profile(name) {
                Some(profile) => (profile.json(), false),
                None => (format!("User '{name}' was not found."), true),
            }
        }
        (Some(TOOL), None) => (
            format!("An error occurred invoking '{TOOL}': userName is required."),
            true,
        ),
        (other, _) => (
            format!("Unknown tool: '{}'", other.unwrap_or_default()),
            true,
        ),
    };
    Answer::new(StatusCode::OK, SSE, event(&text, is_error, &call.id))
}

/// Whether the client takes events, as the protocol demands of it.
fn accepts_events(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get(header::ACCEPT)
        .and_then(|accepted| accepted.to_str().ok())
        .unwrap_or("*/*");
    accepted.contains("text/event-stream") || accepted.contains("*/*")
}

fn page(shared: &Shared, asked: &Asked) -> Answer {
    let name = asked.parts.uri.path().trim_matches('/');
    shared.books().asked_for(name);
    match shared.world.profile(name) {
        Some(profile) => Answer::new(
            StatusCode::OK,
            HTML,
            profile_page(&profile, shared.behaviour.page),
        ),
        None => Answer::new(StatusCode::NOT_FOUND, HTML, not_found()),
    }
}

/// A download, which leads to the storage.
fn redirected(shared: &Shared, asked: &Asked) -> Answer {
    const DATA_SET: &str = "/api/v1/datasets/download/kaggle/meta-kaggle";
    let rest = asked.parts.uri.path().strip_prefix(DATA_SET);
    let file = match rest {
        Some("" | "/") => Some(None),
        Some(rest) => rest.strip_prefix('/').map(Some),
        None => None,
    };
    let name = file.and_then(|file| {
        let storage = shared.storage.as_ref()?;
        let storage = storage.lock().unwrap_or_else(PoisonError::into_inner);
        storage.name(file)
    });
    let Some(name) = name else {
        return Answer::json(
            StatusCode::NOT_FOUND,
            &json!({"code": 404, "message": "Not found"}),
        );
    };
    let address = shared.links().give(&name, Instant::now());
    let mut answer = Answer::new(StatusCode::FOUND, TEXT, "");
    answer.set(header::LOCATION, &format!("{}{address}", shared.base));
    answer
}

/// A file of the storage, or a part of it.
async fn stored(shared: &Arc<Shared>, asked: &Asked, fault: Option<KaggleFault>) -> Answer {
    let (path, query) = (asked.parts.uri.path(), asked.parts.uri.query());
    let name = shared
        .links()
        .open(path, query.unwrap_or_default(), Instant::now());
    let (Some(name), Some(storage)) = (name, shared.storage.clone()) else {
        return expired();
    };
    let world = Arc::clone(&shared.world);
    let made = tokio::task::spawn_blocking(move || {
        let mut storage = storage.lock().unwrap_or_else(PoisonError::into_inner);
        storage.object(&world, &name)
    });
    let Ok(Ok(object)) = made.await else {
        return Answer::new(StatusCode::INTERNAL_SERVER_ERROR, TEXT, "");
    };
    let header = |name: HeaderName| asked.parts.headers.get(name)?.to_str().ok();
    // A part of an older file would not fit.
    let is_current =
        header(header::IF_RANGE).is_none_or(|mark| mark == object.etag() || mark == MODIFIED);
    let range = header(header::RANGE).filter(|_| is_current);
    let mut answer = part(&object, wanted(range, object.length));
    for (name, value) in [
        (header::LAST_MODIFIED, MODIFIED),
        (header::ETAG, &object.etag()),
        (header::ACCEPT_RANGES, "bytes"),
    ] {
        answer.set(name, value);
    }
    let md5 = if fault == Some(KaggleFault::WrongHash) {
        WRONG_MD5
    } else {
        &object.md5
    };
    let (crc32c, md5) = (format!("crc32c={}", object.crc32c), format!("md5={md5}"));
    if shared.behaviour.hashes_apart {
        answer.set(HASH, &crc32c);
        answer.set(HASH, &md5);
    } else {
        answer.set(HASH, &format!("{crc32c},{md5}"));
    }
    answer
}

fn part(object: &Object, wanted: Wanted) -> Answer {
    let (status, from, length) = match wanted {
        Wanted::Whole => (StatusCode::OK, 0, object.length),
        Wanted::Part { from, length } => (StatusCode::PARTIAL_CONTENT, from, length),
        Wanted::Beyond => {
            let mut answer = Answer::new(StatusCode::RANGE_NOT_SATISFIABLE, TEXT, "");
            let whole = format!("bytes */{}", object.length);
            answer.set(header::CONTENT_RANGE, &whole);
            return answer;
        }
    };
    let mut answer = Answer::new(status, object.content_type(), "");
    answer.content = Content::File {
        path: object.path.clone(),
        from,
        length,
    };
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {from}-{}/{}", from + length - 1, object.length);
        answer.set(header::CONTENT_RANGE, &range);
    }
    answer
}

fn home_page(shared: &Shared, asked: &Asked) -> Answer {
    let nothing = || Answer::new(StatusCode::NOT_FOUND, HTML, "<h1>not here</h1>");
    let Some(page) = shared
        .world
        .home_page(&asked.host)
        .filter(|_| asked.parts.uri.path() == "/")
    else {
        return nothing();
    };
    match page {
        HomePage::Html(page) | HomePage::Forbidden(page) => Answer::new(StatusCode::OK, HTML, page),
        HomePage::Slow(page) => {
            let mut answer = Answer::new(StatusCode::OK, HTML, "");
            answer.content = Content::Slow(page.into_bytes());
            answer
        }
        HomePage::Other { content_type, body } => Answer::new(StatusCode::OK, content_type, body),
        HomePage::Moved(to) => {
            let mut answer = Answer::new(StatusCode::MOVED_PERMANENTLY, HTML, "");
            answer.set(header::LOCATION, to);
            answer
        }
        HomePage::Status(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::NOT_FOUND);
            Answer::new(status, HTML, "")
        }
    }
}

/// Kaggle's own is assumed; of the others each has its own or none.
fn robots(shared: &Shared, asked: &Asked) -> Answer {
    let robots = match shared.world.home_page(&asked.host) {
        Some(page) => page.robots(),
        None => Some("User-agent: *\nDisallow: /admin\n"),
    };
    match robots {
        Some(robots) => Answer::new(StatusCode::OK, TEXT, robots),
        None => Answer::new(StatusCode::NOT_FOUND, TEXT, ""),
    }
}
