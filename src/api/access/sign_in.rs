//! `/sign-in` and `/sign-out`: a token, put into a form, becomes a session.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::sessions;
use super::tokens::{NotMade, digest};
use crate::api::noting::Shown;
use crate::api::problem::{Kind, Problem};
use crate::audit::Who;
use crate::domain::access::ApiToken;
use crate::service::Service;
use crate::store::Shelf;

/// Where people sign in.
pub(super) const PATH: &str = "/sign-in";

/// Longest form. Bytes; a token has 51.
const LONGEST: usize = 16 << 10;

/// Longest path to go on to. Bytes.
const LONGEST_PATH: usize = 2_000;

/// What is said of a token that does not admit. It does not say why: only its holder and those who made it may know.
const WRONG: &str = "This token does not admit: it is mistyped, expired or revoked. Ask whoever made it for another.";

/// The pages for signing in and out.
pub fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route(PATH, get(show).post(sign_in))
        .route("/sign-out", post(sign_out))
        .layer(DefaultBodyLimit::max(LONGEST))
}

/// The path of the page for signing in, from which one goes on to `next`.
pub(super) fn path_with(next: Option<&str>) -> String {
    match next.and_then(local) {
        Some(next) if next != "/" => {
            format!(
                "{PATH}?next={}",
                utf8_percent_encode(&next, NON_ALPHANUMERIC)
            )
        }
        Some(_) | None => PATH.to_owned(),
    }
}

/// A path on this server, as a browser would understand it; `None`: it leads elsewhere.
fn local(next: &str) -> Option<String> {
    if next.len() > LONGEST_PATH || !next.starts_with('/') {
        return None;
    }
    // Browsers read `//host`, `/\host` and `/⇥/host` as another host. The same rules as theirs tell.
    let here = Url::parse("http://here.invalid/").ok()?;
    let there = here.join(next).ok()?;
    if there.origin() != here.origin() || !there.username().is_empty() {
        return None;
    }
    let path = there.path();
    Some(match there.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    })
    // `/.//host` is a path of ours and becomes `//host`, which is none.
    .filter(|path| !path.starts_with("//"))
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page<'a> {
    /// Where to go on to; empty: to the first page.
    next: &'a str,
    problem: Option<&'a str>,
}

fn page(status: StatusCode, next: &str, problem: Option<&str>) -> Response {
    let page = Page { next, problem };
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            Problem::from(Kind::Internal).into_response()
        }
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    next: String,
}

async fn show(asked: Result<Query<Asked>, QueryRejection>) -> Response {
    let next = asked.ok().and_then(|Query(asked)| local(&asked.next));
    page(StatusCode::OK, &next.unwrap_or_default(), None)
}

#[derive(Deserialize)]
struct SignIn {
    #[serde(default)]
    token: SecretString,
    #[serde(default)]
    next: String,
}

async fn sign_in(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    form: Result<Form<SignIn>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(form) = match form {
        Ok(form) => form,
        Err(rejection) => {
            let problem = Some("The form did not arrive whole. Please try again.");
            return Ok(page(rejection.status(), "", problem));
        }
    };
    let next = local(&form.next).unwrap_or_default();
    let now = Timestamp::now();
    let digest = digest(form.token.expose_secret().trim());
    let token: Option<ApiToken> = service.store.record(Shelf::Tokens, &digest).await?;
    let Some(token) = token.filter(|token| token.is_valid(now)) else {
        tracing::warn!("somebody tried to sign in with a token that does not admit");
        let mut response = page(StatusCode::UNAUTHORIZED, &next, Some(WRONG));
        response.headers_mut().insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"plaudit\""),
        );
        return Ok(response);
    };
    let url = &service.public_url;
    let old = sessions::shown(&headers, url);
    let length = service.config.serve.session;
    let begun = sessions::begin(&service.store, &digest, &token, now, length, old.as_ref()).await?;
    tracing::info!(token.id, "somebody signed in");
    let next = if next.is_empty() { "/" } else { &next };
    let answer = with_cookie(Redirect::to(next), &sessions::cookie(&begun, url))?;
    Ok(Shown::default().by(Who::token(&token.id)).beside(answer))
}

async fn sign_out(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let url = &service.public_url;
    if let Some(secret) = sessions::shown(&headers, url) {
        sessions::end(&service.store, &secret).await?;
    }
    with_cookie(Redirect::to(PATH), &sessions::no_cookie(url))
}

fn with_cookie(to: Redirect, cookie: &str) -> Result<Response, Problem> {
    let mut cookie = HeaderValue::from_str(cookie).map_err(|_| Kind::Internal)?;
    cookie.set_sensitive(true);
    let mut response = to.into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

impl From<NotMade> for Problem {
    fn from(error: NotMade) -> Self {
        match error {
            NotMade::Store(error) => error.into(),
            NotMade::Name(_) | NotMade::Expiry(_) => {
                Self::new(Kind::Unprocessable, error.to_string())
            }
            NotMade::Random(_) => {
                tracing::error!(%error, "no secret could be made");
                Kind::Internal.into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_on_to_paths_of_this_server_alone() {
        for (next, expected) in [
            ("/", Some("/")),
            (
                "/applicants/a?tab=1&b=%20c",
                Some("/applicants/a?tab=1&b=%20c"),
            ),
            ("/roles/phd#top", Some("/roles/phd")),
            ("/a/../b", Some("/b")),
            ("", None),
            ("applicants", None),
            ("https://evil.example/", None),
            ("//evil.example/", None),
            ("/\\evil.example/", None),
            ("\\\\evil.example/", None),
            ("/\t/evil.example/", None),
            ("/\n/evil.example", None),
            ("/.//evil.example", None),
            ("/a/..//evil.example", None),
            ("javascript:alert(1)", None),
            (" /a", None),
        ] {
            assert_eq!(local(next).as_deref(), expected, "{next:?}");
        }
        assert_eq!(local(&format!("/{}", "a".repeat(LONGEST_PATH))), None);
    }

    #[test]
    fn the_way_back_is_written_into_the_address_and_harmless() {
        assert_eq!(path_with(None), "/sign-in");
        assert_eq!(path_with(Some("/")), "/sign-in");
        assert_eq!(
            path_with(Some("/a?b=c&d=\"e")),
            "/sign-in?next=%2Fa%3Fb%3Dc%26d%3D%2522e"
        );
    }

    #[test]
    fn the_page_escapes_what_it_is_given() {
        let page = Page {
            next: "/\"><script>",
            problem: Some("<b>"),
        };
        let text = page.render().unwrap();
        assert!(!text.contains("<script>"), "{text}");
        assert!(!text.contains("<b>"), "{text}");
    }
}
