//! Who may: tokens; and whom the server calls.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use serde::Deserialize;

use super::frame::{After, Frame, Here, shown};
use super::sorry::Sorry;
use super::words;
use crate::api::access::{Caller, tokens};
use crate::api::noting::Shown;
use crate::api::problem::{Kind, Problem};
use crate::domain::access::{AccessRole, ApiToken};
use crate::domain::webhook::{Delivery, Endpoint};
use crate::report::clean;
use crate::service::Service;
use crate::store::Shelf;

/// Webhooks and dead letters that are counted. Count.
const MOST: usize = 500;

/// Days that a token may be chosen to last, the usual one first.
const DAYS: [i64; 4] = [90, 7, 30, 365];

#[derive(Template)]
#[template(path = "settings.html")]
struct Page {
    frame: Frame,
    tokens: Vec<Token>,
    days: [i64; 4],
    roles: [AccessRole; 3],
    webhooks: Vec<Webhook>,
    dead: usize,
}

struct Token {
    id: String,
    name: String,
    role: AccessRole,
    created: String,
    expires: String,
    state: &'static str,
    valid: bool,
    /// Whether it is the one that the reader has signed in with.
    own: bool,
}

struct Webhook {
    id: String,
    url: String,
    events: String,
}

/// The answer that shows a secret, once.
#[derive(Template)]
#[template(path = "token_made.html")]
struct Made {
    frame: Frame,
    name: String,
    role: AccessRole,
    expires: String,
    secret: String,
    sign_in: String,
}

/// `GET /settings`.
pub(super) async fn page(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Query(after): Query<After>,
) -> Result<Response, Sorry> {
    let now = Timestamp::now();
    let all = tokens::list(&service.store).await?;
    let mut tokens: Vec<Token> = all
        .iter()
        .map(|(_, token)| Token::new(token, &caller, now))
        .collect();
    // Newest first, and those that admit nobody any more last.
    tokens.reverse();
    tokens.sort_by_key(|token| !token.valid);
    let webhooks: Vec<(String, Endpoint)> =
        service.store.records(Shelf::Endpoints, None, MOST).await?;
    let dead: Vec<(String, Delivery)> = service
        .store
        .records(Shelf::DeadLetters, None, MOST)
        .await?;
    let page = Page {
        frame: Frame::new(&caller, Here::Settings).after(&after),
        tokens,
        days: DAYS,
        roles: AccessRole::ALL,
        webhooks: webhooks
            .into_iter()
            .map(|(_, endpoint)| Webhook {
                id: endpoint.id,
                url: clean(&endpoint.url).into_owned(),
                events: endpoint
                    .events
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", "),
            })
            .collect(),
        dead: dead.len(),
    };
    shown(&page)
}

impl Token {
    fn new(token: &ApiToken, caller: &Caller, now: Timestamp) -> Self {
        let valid = token.is_valid(now);
        Self {
            id: token.id.clone(),
            name: clean(&token.name).into_owned(),
            role: token.role,
            created: words::moment(token.created_at),
            expires: words::moment(token.expires_at),
            state: match (valid, token.revoked_at) {
                (true, _) => "valid",
                (false, Some(_)) => "revoked",
                (false, None) => "expired",
            },
            valid,
            own: token.id == caller.id,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct NewToken {
    name: String,
    role: AccessRole,
    days: i64,
}

/// `POST /settings/tokens`. The secret stands in the answer and nowhere else.
pub(super) async fn make(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Form(form): Form<NewToken>,
) -> Result<Response, Sorry> {
    if !DAYS.contains(&form.days) {
        return Err(Kind::Invalid.into());
    }
    let now = Timestamp::now();
    let expires = now + SignedDuration::from_hours(24 * form.days);
    let made = tokens::make(&service.store, &form.name, form.role, now, expires)
        .await
        .map_err(Problem::from)?;
    tracing::info!(token.id = made.token.id, by = caller.id, "a token was made");
    let secret = made.secret.expose_secret();
    let page = Made {
        frame: Frame::new(&caller, Here::Settings),
        name: clean(&made.token.name).into_owned(),
        role: made.token.role,
        expires: words::moment(made.token.expires_at),
        // What follows the # stays in the browser.
        sign_in: format!(
            "{}/sign-in#{secret}",
            service.public_url.as_str().trim_end_matches('/')
        ),
        secret: secret.to_owned(),
    };
    let noted = Shown::default().with("id", &*made.token.id);
    Ok(noted.beside(shown(&page)?))
}

/// `POST /settings/tokens/{id}/revoke`.
pub(super) async fn revoke(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Sorry> {
    let revoked = tokens::revoke(&service.store, &id, Timestamp::now()).await?;
    let token = revoked.ok_or(Kind::NotFound)?;
    tracing::info!(
        token.id = token.id,
        by = caller.id,
        "a token was revoked by a form"
    );
    Ok(Redirect::to("/settings?done=revoked").into_response())
}
