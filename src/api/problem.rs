//! What the API answers when it does not do what was asked: RFC 9457, `application/problem+json`.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::StoreError;

/// A problem's kind, one for each thing that a caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request is not as the documentation says.
    Invalid,
    /// Nobody has signed in, or the token is not valid (any more).
    Unauthenticated,
    /// The token's role does not reach that far.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// There is an applicant, and no profile yet.
    NoProfileYet,
    /// The path knows no such method.
    Method,
    /// Somebody else has changed it meanwhile, or is about to.
    Conflict,
    /// The person was erased, and a tombstone keeps them out.
    Erased,
    /// The body is longer than is taken.
    TooLarge,
    /// The body's form is none that is taken.
    MediaType,
    /// What was understood cannot be done.
    Unprocessable,
    /// Too many requests.
    TooMany,
    /// The request itself took too long to arrive.
    SlowRequest,
    /// It took too long.
    Timeout,
    /// As much as can be done at once is being done.
    Busy,
    /// The disk is full: nothing is taken until there is room.
    Full,
    /// The store cannot go on.
    Unavailable,
    /// plaudit itself failed; the log says where.
    Internal,
}

impl Kind {
    fn of(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Invalid => (
                StatusCode::BAD_REQUEST,
                "invalid",
                "The request is not valid",
            ),
            Self::Unauthenticated => (
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                "A valid token is needed",
            ),
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "forbidden",
                "The role does not allow this",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is no such thing"),
            Self::NoProfileYet => (
                StatusCode::NOT_FOUND,
                "no-profile-yet",
                "There is no profile yet",
            ),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method",
                "The path knows no such method",
            ),
            Self::Conflict => (StatusCode::CONFLICT, "conflict", "It was changed meanwhile"),
            Self::Erased => (StatusCode::CONFLICT, "erased", "This person was erased"),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                "The body is too long",
            ),
            Self::MediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "media-type",
                "The body's type is not taken",
            ),
            Self::Unprocessable => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "unprocessable",
                "It cannot be done",
            ),
            Self::TooMany => (
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-requests",
                "Too many requests",
            ),
            Self::SlowRequest => (
                StatusCode::REQUEST_TIMEOUT,
                "slow-request",
                "The request did not arrive in time",
            ),
            Self::Timeout => (
                StatusCode::SERVICE_UNAVAILABLE,
                "timeout",
                "It took too long",
            ),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "The server is busy",
            ),
            Self::Full => (
                StatusCode::INSUFFICIENT_STORAGE,
                "disk-full",
                "The server's disk is full",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "The store cannot go on",
            ),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "plaudit failed",
            ),
        }
    }
}

/// When to come back to a server whose disk is full. Seconds.
const WHILE_FULL: u64 = 60;

/// A problem, for whoever asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its kind.
    pub kind: Kind,
    /// What exactly, and what to do; `None`: the title says it all.
    pub detail: Option<String>,
    /// When to come back. Seconds.
    pub retry_after: Option<u64>,
}

/// A problem as it goes over the wire.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// What kind it is: a path below `/problems/`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What exactly, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Problem {
    /// Of a kind, with what exactly it is.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: Some(detail.into()),
            retry_after: None,
        }
    }

    /// Of a full disk: what was done and what was not, and what next.
    pub(super) fn full(detail: impl Into<String>) -> Self {
        Self {
            retry_after: Some(WHILE_FULL),
            ..Self::new(Kind::Full, detail)
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.kind.of().0
    }

    /// The kind in words.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.kind.of().2
    }
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        Self {
            kind,
            detail: None,
            retry_after: None,
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            // The path of the data folder is nobody's business out there.
            StoreError::Full { .. } => Self::full(
                "nothing of this was kept, and nothing that was accepted before is lost; whoever operates the server \
                 makes room, and then the same can be sent again",
            ),
            StoreError::Overtaken { applicant } => Self::new(
                Kind::Conflict,
                format!(
                    "what is kept about {applicant} was changed by somebody else; look at it and try again"
                ),
            ),
            error => {
                tracing::error!(%error, "the store failed");
                Kind::Unavailable.into()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, name, title) = self.kind.of();
        let body = ProblemBody {
            kind: format!("/problems/{name}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.detail,
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"plaudit\""),
            );
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
