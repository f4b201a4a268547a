//! `Idempotency-Key`: the same request with the same key gets the same answer, also after a restart.
//!
//! The answer is on the disk before it is given. What was begun and not answered leaves nothing: the request is then
//! done once more, which the store's own rules make harmless.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::access::Caller;
use super::extract;
use super::noting::Shown;
use super::problem::{Kind, Problem};
use crate::service::Service;
use crate::store::{Edit, Shelf, Store, StoreError};

/// The header.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Longest key. Characters.
const LONGEST: usize = 255;

/// How often old answers are looked for.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_mins(10);

/// Answers that are looked at in one go. Count.
const BATCH: usize = 200;

/// The header in the documentation.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "the documentation alone")]
pub(super) struct Header {
    /// Any text of your own that is new for each request, such as a UUID: to send the same request again gets the same
    /// answer.
    #[param(
        rename = "Idempotency-Key",
        max_length = 255,
        min_length = 1,
        pattern = "^[!-~]+$"
    )]
    key: Option<String>,
}

/// An answer as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    at: Timestamp,
    /// Digest of the request.
    request: String,
    status: u16,
    location: Option<String>,
    body: String,
}

/// The keys of requests that are under way. Cheap to clone; all clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    under_way: Arc<Mutex<HashSet<String>>>,
    swept: Arc<Mutex<Option<Timestamp>>>,
}

/// A key under way, until it is dropped.
struct Held {
    keys: Keys,
    name: String,
}

impl Keys {
    /// Takes a key; `None`: another request has it.
    fn hold(&self, name: &str) -> Option<Held> {
        let mut under_way = self
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        under_way.insert(name.to_owned()).then(|| Held {
            keys: self.clone(),
            name: name.to_owned(),
        })
    }

    /// Whether it is time to look for old answers.
    fn is_due(&self, now: Timestamp) -> bool {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        let due = swept.is_none_or(|last| now.duration_since(last) > SWEEP_EVERY);
        if due {
            *swept = Some(now);
        }
        due
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut under_way = self
            .keys
            .under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        under_way.remove(&self.name);
    }
}

/// What [`heed`] needs.
#[derive(Clone)]
pub(super) struct Once {
    keys: Keys,
    service: Arc<Service>,
    longest_body: usize,
}

/// Heeds `Idempotency-Key` in front of a handler. Bodies are read here, up to `longest_body` bytes.
pub(super) fn once(keys: &Keys, service: &Arc<Service>, longest_body: usize) -> Once {
    Once {
        keys: keys.clone(),
        service: Arc::clone(service),
        longest_body,
    }
}

/// Passes a request on, once for each key.
pub(super) async fn heed(
    State(once): State<Once>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Some(key) = key(request.headers())? else {
        return Ok(next.run(request).await);
    };
    let caller = request.extensions().get::<Caller>();
    let caller = caller.map_or("", |caller| caller.id.as_str());
    // The key is anybody's text.
    let name = format!("{caller} {}", &blake3::hash(key.as_bytes()).to_hex()[..32]);
    let Some(_held) = once.keys.hold(&name) else {
        return Err(Problem {
            retry_after: Some(1),
            ..Problem::new(
                Kind::Conflict,
                "a request with this Idempotency-Key is under way; ask again in a moment",
            )
        });
    };
    let (parts, body) = request.into_parts();
    let bytes = extract::gathered(body, once.longest_body).await?;
    let digest = digest(&parts, &bytes);
    let store = &once.service.store;
    let now = Timestamp::now();
    if let Some(answer) = kept(&once.service, &name, now).await? {
        if answer.request != digest {
            return Err(Problem::new(
                Kind::Unprocessable,
                "this Idempotency-Key was used for another request; take a new one",
            ));
        }
        return given(answer);
    }
    let response = next
        .run(Request::from_parts(parts, Body::from(bytes)))
        .await;
    // What was refused has done nothing, and may go through another time.
    if !response.status().is_success() {
        return Ok(response);
    }
    let response = keep(store, &name, digest, response, now).await?;
    if once.keys.is_due(now) {
        sweep(&once.service, now).await?;
    }
    Ok(response)
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut keys = headers.get_all(KEY).iter();
    let Some(key) = keys.next() else {
        return Ok(None);
    };
    let text = key.to_str().ok().filter(|text| {
        (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    });
    match (text, keys.next()) {
        (Some(text), None) => Ok(Some(text.to_owned())),
        _ => Err(Problem::new(
            Kind::Invalid,
            format!("Idempotency-Key is one text of 1 to {LONGEST} visible ASCII characters"),
        )),
    }
}

/// What makes two requests the same: the place, the form of the body, and the body.
fn digest(parts: &axum::http::request::Parts, body: &Bytes) -> String {
    let mut hasher = blake3::Hasher::new();
    let form = parts.headers.get(header::CONTENT_TYPE);
    let place = parts
        .uri
        .path_and_query()
        .map_or("", |place| place.as_str());
    for part in [
        place.as_bytes(),
        form.map_or(&[][..], HeaderValue::as_bytes),
        body,
    ] {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().to_hex().to_string()
}

/// The answer that is kept, unless it is too old.
async fn kept(service: &Service, name: &str, now: Timestamp) -> Result<Option<Answer>, StoreError> {
    let answer: Option<Answer> = service.store.record(Shelf::Answers, name).await?;
    Ok(answer.filter(|answer| !is_old(service, answer, now)))
}

fn is_old(service: &Service, answer: &Answer, now: Timestamp) -> bool {
    let age = now.duration_since(answer.at).unsigned_abs();
    age > service.config.serve.idempotency
}

/// Keeps an answer, on the disk when this returns, and gives it.
async fn keep(
    store: &Store,
    name: &str,
    request: String,
    response: Response,
    at: Timestamp,
) -> Result<Response, Problem> {
    let (parts, body) = response.into_parts();
    let body = extract::gathered(body, usize::MAX).await?;
    let location = parts.headers.get(header::LOCATION);
    let answer = Answer {
        at,
        request,
        status: parts.status.as_u16(),
        location: location.and_then(|value| value.to_str().ok().map(ToOwned::to_owned)),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let edit = Edit::new().put(Shelf::Answers, name, &answer);
    store.edit(edit).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn given(answer: Answer) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(answer.status).map_err(|_| Problem::from(Kind::Internal))?;
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    let location = answer.location.as_deref().map(HeaderValue::from_str);
    if let Some(Ok(location)) = location {
        headers.insert(header::LOCATION, location);
    }
    headers.insert(
        HeaderName::from_static("idempotency-replayed"),
        HeaderValue::from_static("true"),
    );
    // Nothing is done once more; whom it was done about stands in the log's entry of then.
    Ok(Shown::default().with("again", 1_u64).beside(response))
}

/// Takes away answers that are too old.
async fn sweep(service: &Service, now: Timestamp) -> Result<(), StoreError> {
    let mut after: Option<String> = None;
    loop {
        let some: Vec<(String, Answer)> = service
            .store
            .records(Shelf::Answers, after.as_deref(), BATCH)
            .await?;
        let Some((last, _)) = some.last() else {
            return Ok(());
        };
        after = Some(last.clone());
        let old = some.iter().filter(|(_, one)| is_old(service, one, now));
        let old: Vec<&String> = old.map(|(name, _)| name).collect();
        if !old.is_empty() {
            let edit = old
                .iter()
                .fold(Edit::new(), |edit, name| edit.delete(Shelf::Answers, name));
            service.store.edit(edit).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_under_way_once_until_its_request_ends() {
        let keys = Keys::default();
        let held = keys.hold("a").unwrap();
        assert!(keys.hold("a").is_none());
        assert!(keys.hold("b").is_some());
        drop(held);
        assert!(keys.hold("a").is_some());
    }

    #[test]
    fn old_answers_are_looked_for_now_and_then() {
        let keys = Keys::default();
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        assert!(keys.is_due(now));
        assert!(!keys.is_due(now + SignedDuration::from_mins(9)));
        assert!(keys.is_due(now + SignedDuration::from_mins(11)));
    }
}
