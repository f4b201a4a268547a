//! Webhooks over HTTP: whom to call, and what was given up.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::{self, Path, Query};
use super::noting::Shown;
use super::problem::{Kind, Problem, ProblemBody};
use crate::domain::webhook::{Delivery, Endpoint, WebhookEvent};
use crate::service::Service;
use crate::webhooks::registry::{self, Listed, NotAdded, Retried};
use crate::webhooks::{Key, KeyError};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(remove))
        .routes(routes!(dead_letters))
        .routes(routes!(retry))
}

/// An address that is called.
#[derive(Debug, Serialize, ToSchema)]
struct Webhook {
    /// Its id: eight hexadecimal digits.
    id: String,
    /// Where is posted.
    url: String,
    /// What is told of.
    events: Vec<WebhookEvent>,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Messages that wait for it. Count.
    waiting: u64,
    /// What the last attempt met at one of them that is to be tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl From<Listed> for Webhook {
    fn from(listed: Listed) -> Self {
        let Listed {
            endpoint,
            waiting,
            problem,
        } = listed;
        Self {
            id: endpoint.id,
            url: endpoint.url,
            events: endpoint.events,
            created_at: endpoint.created_at,
            waiting,
            problem,
        }
    }
}

/// All addresses that are called.
#[derive(Debug, Serialize, ToSchema)]
struct Webhooks {
    /// The oldest first.
    webhooks: Vec<Webhook>,
}

/// An address to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewWebhook {
    /// Where to post: https, at a public address.
    #[schema(example = "https://ats.example.org/plaudit")]
    url: String,
    /// What to tell of; without it, or empty: of everything.
    #[serde(default)]
    events: Vec<WebhookEvent>,
}

/// An address that was registered, with its secret.
#[derive(Debug, Serialize, ToSchema)]
struct Registered {
    /// Its id: eight hexadecimal digits.
    id: String,
    /// Where is posted.
    url: String,
    /// What is told of.
    events: Vec<WebhookEvent>,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// What its messages are signed with, as Standard Webhooks writes it. `plaudit webhook secret ID` shows it once more.
    #[schema(example = "whsec_…")]
    secret: String,
}

/// The addresses that are called, and what waits for each.
#[utoipa::path(
    get,
    path = "/api/v1/webhooks",
    tag = "webhooks",
    responses(
        (status = 200, description = "The addresses, the oldest first", body = Webhooks),
    )
)]
async fn list(State(service): State<Arc<Service>>) -> Result<Json<Webhooks>, Problem> {
    let listed = registry::list(&service.store).await?;
    let webhooks = listed.into_iter().map(Webhook::from).collect();
    Ok(Json(Webhooks { webhooks }))
}

/// Registers an address.
#[utoipa::path(
    post,
    path = "/api/v1/webhooks",
    tag = "webhooks",
    request_body = NewWebhook,
    responses(
        (
            status = 201,
            description = "It is registered; the secret is shown",
            body = Registered,
            headers(("location" = String, description = "Where it can be removed"))
        ),
        (status = 409, description = "It is registered already", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The address is none that is called, an event is unknown, or there are too many", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn add(
    State(service): State<Arc<Service>>,
    extract::Json(new): extract::Json<NewWebhook>,
) -> Result<Response, Problem> {
    // Before the registration: a webhook whose secret nobody can see is of no use.
    let folder = service.config.data_dir.clone();
    let key = tokio::task::spawn_blocking(move || Key::within(&folder)).await;
    let key = match key {
        Ok(Ok(key)) => key,
        Ok(Err(error)) => return Err(no_key(&error)),
        Err(_) => return Err(Kind::Internal.into()),
    };
    let allow_private = service.config.webhooks.allow_private;
    let added = registry::add(
        &service.store,
        &new.url,
        &new.events,
        allow_private,
        Timestamp::now(),
    );
    let Endpoint {
        id,
        url,
        events,
        created_at,
    } = added.await?;
    let location = format!("/api/v1/webhooks/{id}");
    let secret = key.secret(&id).expose_secret().to_owned();
    let registered = Registered {
        id,
        url,
        events,
        created_at,
        secret,
    };
    let headers = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, headers, Json(registered)).into_response())
}

fn no_key(error: &KeyError) -> Problem {
    tracing::error!(%error, "no secrets of webhooks can be made");
    Kind::Internal.into()
}

impl From<NotAdded> for Problem {
    fn from(error: NotAdded) -> Self {
        match error {
            NotAdded::Store(error) => error.into(),
            NotAdded::Random(error) => {
                tracing::error!(%error, "no id can be made");
                Kind::Internal.into()
            }
            NotAdded::Known { .. } => Self::new(Kind::Conflict, error.to_string()),
            NotAdded::Address(_) | NotAdded::TooMany => {
                Self::new(Kind::Unprocessable, error.to_string())
            }
        }
    }
}

/// Removes an address; what waits for it goes to the dead letters.
#[utoipa::path(
    delete,
    path = "/api/v1/webhooks/{id}",
    tag = "webhooks",
    params(("id" = String, Path, description = "The address's id")),
    responses(
        (status = 204, description = "It is removed"),
        (status = 404, description = "There is no such address", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn remove(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let why = registry::REMOVED;
    if registry::remove(&service.store, &id, why, Timestamp::now()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::new(
            Kind::NotFound,
            "there is no webhook of this id",
        ))
    }
}

/// A message that was given up.
#[derive(Debug, Serialize, ToSchema)]
struct DeadLetter {
    /// The message's name: `webhook-id`.
    id: String,
    /// Whom it was for.
    webhook: String,
    /// What it is about.
    event: WebhookEvent,
    /// About whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    applicant: Option<String>,
    /// When it came up.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was given up.
    #[schema(value_type = String, format = DateTime)]
    given_up_at: Timestamp,
    /// Attempts. Count.
    attempts: u32,
    /// Why it was given up.
    problem: String,
}

impl From<Delivery> for DeadLetter {
    fn from(letter: Delivery) -> Self {
        Self {
            id: letter.id,
            webhook: letter.endpoint,
            event: letter.event,
            applicant: letter.applicant.map(|id| id.to_string()),
            created_at: letter.created_at,
            given_up_at: letter.due,
            attempts: letter.attempts,
            problem: letter.problem.unwrap_or_default(),
        }
    }
}

/// A page of messages that were given up.
#[derive(Debug, Serialize, ToSchema)]
struct DeadLetters {
    /// The oldest first.
    dead_letters: Vec<DeadLetter>,
    /// What to ask for the next page with; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// `next` of the page before.
    cursor: Option<String>,
    /// Messages on a page. 1 to 500.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<usize>,
}

/// Messages on a page where nothing is asked for. Count.
const PAGE: usize = 100;

/// Messages on a page at most. Count.
const LONGEST_PAGE: usize = 500;

/// Longest cursor. Bytes; ours have 41.
const LONGEST_CURSOR: usize = 100;

/// The messages that were given up.
#[utoipa::path(
    get,
    path = "/api/v1/dead-letters",
    tag = "webhooks",
    params(Which),
    responses(
        (status = 200, description = "A page of them, the oldest first", body = DeadLetters),
    )
)]
async fn dead_letters(
    State(service): State<Arc<Service>>,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let limit = which.limit.unwrap_or(PAGE);
    if !(1..=LONGEST_PAGE).contains(&limit) {
        let why = format!("limit must be 1 to {LONGEST_PAGE}");
        return Err(Problem::new(Kind::Invalid, why));
    }
    let cursor = which.cursor.as_deref();
    let is_ours = |cursor: &str| {
        cursor.len() <= LONGEST_CURSOR
            && cursor
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"/_".contains(&byte))
    };
    if !cursor.is_none_or(is_ours) {
        let why = "cursor is none that a page before has named";
        return Err(Problem::new(Kind::Invalid, why));
    }
    // One more tells whether there is another page.
    let mut page = registry::dead_letters(&service.store, cursor, limit + 1).await?;
    let more = page.len() > limit;
    page.truncate(limit);
    let next = page.last().map(|(name, _)| name.clone());
    let shown = Shown::of(page.iter().filter_map(|(_, one)| one.applicant.as_ref()));
    let letters = Json(DeadLetters {
        next: next.filter(|_| more),
        dead_letters: page.into_iter().map(|(_, one)| one.into()).collect(),
    });
    Ok(shown.beside(letters.into_response()))
}

/// A message that is tried again.
#[derive(Debug, Serialize, ToSchema)]
struct Again {
    /// The message's name: `webhook-id`, the same as before.
    id: String,
}

/// Tries a message again that was given up.
#[utoipa::path(
    post,
    path = "/api/v1/dead-letters/{id}/retry",
    tag = "webhooks",
    params(("id" = String, Path, description = "The message's name")),
    responses(
        (status = 202, description = "It is tried again now", body = Again),
        (status = 404, description = "There is no such message among those that were given up", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Its address was removed", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn retry(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Again>), Problem> {
    match registry::retry(&service.store, &id, Timestamp::now()).await? {
        Retried::Yes => Ok((StatusCode::ACCEPTED, Json(Again { id }))),
        Retried::Unknown => Err(Problem::new(
            Kind::NotFound,
            "no message of this name was given up",
        )),
        Retried::NoEndpoint => Err(Problem::new(
            Kind::Unprocessable,
            "the webhook that it was for is removed",
        )),
    }
}
