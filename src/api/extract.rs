//! What a handler takes out of a request, each refusal of which is a [`Problem`].

use axum::body::{Body, Bytes};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use futures::StreamExt as _;
use serde::de::{DeserializeOwned, Error as _, IgnoredAny};

use super::problem::{Kind, Problem};
use crate::domain::text::tame;

/// Longest body that is taken, lists excepted. Bytes.
pub(crate) const LONGEST_BODY: usize = 64 << 10;

/// A JSON body of [`LONGEST_BODY`] at most.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(
                Kind::MediaType,
                "send the body as JSON, with Content-Type: application/json",
            ));
        }
        let bytes = body(request, LONGEST_BODY).await?;
        from_json(&bytes).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|name| name == "application/json" || name.ends_with("+json"))
}

/// What a body is said to be, in lower case and without parameters.
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let name = value.split(';').next().unwrap_or_default().trim();
    Some(name.to_ascii_lowercase())
}

/// Reads a JSON object: what is no JSON is invalid, what is something else than was expected cannot be done.
fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // A list of an object's values would be taken for the object.
    let read = if bytes.trim_ascii_start().starts_with(b"{") {
        serde_json::from_slice(bytes)
    } else {
        serde_json::from_slice(bytes)
            .and_then(|IgnoredAny| Err(serde_json::Error::custom("an object is needed")))
    };
    read.map_err(|error| {
        let kind = if error.is_data() {
            Kind::Unprocessable
        } else {
            Kind::Invalid
        };
        // The parser repeats keys of the body, which may be anything.
        Problem::new(kind, format!("the body: {}", tame(&error.to_string())))
    })
}

/// The whole body.
pub(super) async fn body(request: Request, longest: usize) -> Result<Bytes, Problem> {
    let told = request.headers().get(header::CONTENT_LENGTH);
    let told = told.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|length| length > heard_out(longest)) {
        return Err(too_long(longest));
    }
    gathered(request.into_body(), longest).await
}

/// How much is read, and thrown away, of a body that is too long: many programs listen to the answer only when they have
/// sent all. Bytes.
fn heard_out(longest: usize) -> usize {
    longest.saturating_mul(4)
}

/// The whole of a body.
pub(super) async fn gathered(body: Body, longest: usize) -> Result<Bytes, Problem> {
    let mut chunks = body.into_data_stream();
    let (mut bytes, mut length) = (Vec::new(), 0_usize);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::new(Kind::Invalid, "the body broke off"))?;
        length = length.saturating_add(chunk.len());
        if length <= longest {
            bytes.extend_from_slice(&chunk);
        } else if length > heard_out(longest) {
            break;
        } else {
            bytes = Vec::new();
        }
    }
    if length > longest {
        return Err(too_long(longest));
    }
    Ok(bytes.into())
}

/// That a body has more bytes than are taken.
pub(super) fn too_long(longest: usize) -> Problem {
    Problem::new(
        Kind::TooLarge,
        format!("at most {longest} bytes are taken here"),
    )
}

/// The query's parameters.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        query
            .map(|axum::extract::Query(query)| Self(query))
            .map_err(|rejection: QueryRejection| {
                let why = tame(&rejection.body_text());
                Problem::new(Kind::Invalid, why)
            })
    }
}

/// The path's parameters. What cannot be the name of anything names nothing.
pub(super) struct Path<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(path)| Self(path))
            .map_err(|rejection: PathRejection| {
                let why = tame(&rejection.body_text());
                Problem::new(Kind::NotFound, why)
            })
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        #[expect(dead_code, reason = "it is only read")]
        text: String,
    }

    async fn refused(content_type: &str, body: &'static str) -> u16 {
        let request = Request::builder()
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(body))
            .unwrap();
        match Json::<Wanted>::from_request(request, &()).await {
            Ok(_) => 200,
            Err(problem) => problem.status().as_u16(),
        }
    }

    #[tokio::test]
    async fn each_wrong_body_is_refused_in_its_own_way() {
        for (content_type, body, status) in [
            ("application/json", r#"{"text":"x"}"#, 200),
            ("Application/JSON; charset=utf-8", r#"{"text":"x"}"#, 200),
            ("text/plain", r#"{"text":"x"}"#, 415),
            ("application/json", "", 400),
            ("application/json", "{", 400),
            ("application/json", "[]", 422),
            ("application/json", r#"["x"]"#, 422),
            ("application/json", "[", 400),
            ("application/json", r#"{"text":1}"#, 422),
            ("application/json", r#"{"text":"x","more":1}"#, 422),
            ("application/json", r#"{"text":"x","text":"y"}"#, 422),
        ] {
            let got = refused(content_type, body).await;
            assert_eq!(got, status, "{content_type} {body}");
        }
    }

    #[tokio::test]
    async fn a_body_that_is_too_long_is_refused_whether_it_says_so_or_not() {
        let long = "x".repeat(LONGEST_BODY + 1);
        let told = Request::builder()
            .header(header::CONTENT_LENGTH, 9 * long.len())
            .body(Body::empty())
            .unwrap();
        let untold = Request::builder().body(Body::from(long)).unwrap();
        for request in [told, untold] {
            let refused = body(request, LONGEST_BODY).await.unwrap_err();
            assert_eq!(refused.kind, Kind::TooLarge);
        }
    }
}
