//! Answers that a reader may have already: their tag, and 304 when it is the one that the reader has.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::problem::{Kind, Problem};

/// The tag of a body. Weak: what is compressed on the way has other bytes and the same meaning.
pub(super) fn tag_of(body: &[u8]) -> String {
    weak(&blake3::hash(body).to_hex()[..32])
}

/// A tag of letters, digits and hyphens.
pub(super) fn weak(text: &str) -> String {
    format!("W/\"{text}\"")
}

/// Whether the reader has what bears `tag`.
pub(super) fn has(headers: &HeaderMap, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let wanted = bare(tag);
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| one.trim() == "*" || bare(one) == wanted)
}

/// JSON with its tag, or 304.
pub(super) fn json(headers: &HeaderMap, body: &impl Serialize) -> Result<Response, Problem> {
    let body = self::body(body)?;
    let tag = tag_of(&body);
    Ok(tagged(headers, &tag, "application/json", body))
}

/// A body as JSON.
pub(super) fn body(body: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(body).map_err(|error| {
        tracing::error!(%error, "an answer has no JSON form");
        Problem::from(Kind::Internal)
    })
}

/// A body with its tag, or 304. Only the reader's own cache may keep it, and must ask each time.
pub(super) fn tagged(
    headers: &HeaderMap,
    tag: &str,
    content_type: &'static str,
    body: impl Into<axum::body::Body>,
) -> Response {
    let mut response = if has(headers, tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(body.into());
        let content_type = HeaderValue::from_static(content_type);
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, content_type);
        response
    };
    let answer = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(tag) {
        answer.insert(header::ETAG, tag);
    }
    let private = HeaderValue::from_static("private, no-cache");
    answer.insert(header::CACHE_CONTROL, private);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_again_in_every_way_of_asking() {
        for (asked, known) in [
            ("W/\"abc\"", true),
            ("\"abc\"", true),
            ("\"x\", W/\"abc\"", true),
            ("*", true),
            ("\"abcd\"", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, asked.parse().unwrap());
            assert_eq!(has(&headers, &weak("abc")), known, "{asked}");
        }
        assert!(!has(&HeaderMap::new(), &weak("abc")));
    }
}
