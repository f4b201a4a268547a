//! Pages for what went wrong: the same problems as the API's, for people.

use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::frame::{Frame, Here};
use super::words;
use crate::api::access::Caller;
use crate::api::problem::{Kind, Problem};
use crate::domain::review::entry::Refused;
use crate::store::StoreError;

/// A problem that becomes a page on its way out.
#[derive(Debug, Clone)]
pub(super) struct Sorry(Problem);

impl From<Problem> for Sorry {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<Kind> for Sorry {
    fn from(kind: Kind) -> Self {
        Self(kind.into())
    }
}

impl From<StoreError> for Sorry {
    fn from(error: StoreError) -> Self {
        Self(error.into())
    }
}

impl From<Refused> for Sorry {
    fn from(refused: Refused) -> Self {
        Self(Problem::new(Kind::Unprocessable, refused.to_string()))
    }
}

impl IntoResponse for Sorry {
    fn into_response(self) -> Response {
        let mut response = self.0.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The page.
#[derive(Template)]
#[template(path = "sorry.html")]
struct Page {
    frame: Frame,
    status: u16,
    title: &'static str,
    detail: Option<String>,
}

/// Makes pages of refusals, also of those that no handler of ours has spoken: a form that cannot be read.
pub(super) async fn in_words(request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>().cloned();
    let response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let problem = match response.extensions().get::<Sorry>() {
        Some(Sorry(problem)) => problem.clone(),
        None => kind(status).into(),
    };
    let frame = caller.map_or_else(Frame::of_nobody, |caller| {
        Frame::new(&caller, Here::Elsewhere)
    });
    let page = Page {
        frame,
        status: status.as_u16(),
        title: problem.title(),
        detail: problem.detail.as_deref().map(words::capital),
    };
    let mut response = (status, Html(page.render().unwrap_or_default())).into_response();
    if let Some(seconds) = problem.retry_after {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The kind of problem behind a bare status.
fn kind(status: StatusCode) -> Kind {
    match status {
        StatusCode::NOT_FOUND => Kind::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Kind::Method,
        StatusCode::PAYLOAD_TOO_LARGE => Kind::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Kind::MediaType,
        StatusCode::UNPROCESSABLE_ENTITY => Kind::Unprocessable,
        status if status.is_server_error() => Kind::Internal,
        _ => Kind::Invalid,
    }
}
