//! `/api/v1/session` and `/api/v1/tokens`.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Caller, tokens};
use crate::api::noting::Shown;
use crate::api::problem::{Kind, Problem, ProblemBody};
use crate::domain::access::{AccessRole, ApiToken};
use crate::service::Service;

/// The routes.
pub fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(who_am_i))
        .routes(routes!(list, create))
        .routes(routes!(revoke))
}

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
struct SessionBody {
    /// The id of the token that was shown, or that the session was begun with.
    #[schema(example = "0a1b2c3d")]
    token: String,
    /// Whose it is, or what it is for.
    #[schema(example = "Dr Example")]
    name: String,
    /// What it may do.
    role: AccessRole,
    /// Whether a browser's session asked, and not a program.
    by_session: bool,
}

/// Who asks, and what may they do?
#[utoipa::path(
    get,
    path = "/api/v1/session",
    operation_id = "who_am_i",
    tag = "access",
    responses(
        (status = 200, description = "Whoever asks", body = SessionBody),
        (status = 401, description = "No valid token", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests; see Retry-After", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The store cannot go on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn who_am_i(Extension(caller): Extension<Caller>) -> Json<SessionBody> {
    Json(SessionBody {
        token: caller.id,
        name: caller.name,
        role: caller.role,
        by_session: caller.by_session,
    })
}

/// Whether a token admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TokenState {
    /// It does.
    Valid,
    /// Its time has passed.
    Expired,
    /// Somebody revoked it.
    Revoked,
}

/// A token, without its secret, which nobody keeps.
#[derive(Debug, Serialize, ToSchema)]
struct TokenBody {
    /// Eight hexadecimal digits.
    #[schema(example = "0a1b2c3d")]
    id: String,
    /// Whose it is, or what it is for.
    #[schema(example = "Dr Example")]
    name: String,
    /// What its holder may do.
    role: AccessRole,
    /// Whether it admits.
    state: TokenState,
    /// When it was made. RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ends. RFC 3339, UTC.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// When it was revoked. RFC 3339, UTC.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
}

impl TokenBody {
    fn of(token: ApiToken, now: Timestamp) -> Self {
        let state = if token.revoked_at.is_some() {
            TokenState::Revoked
        } else if token.is_valid(now) {
            TokenState::Valid
        } else {
            TokenState::Expired
        };
        Self {
            state,
            id: token.id,
            name: token.name,
            role: token.role,
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
        }
    }
}

/// All tokens.
#[derive(Debug, Serialize, ToSchema)]
struct TokenList {
    /// By their time of making.
    tokens: Vec<TokenBody>,
}

/// List the tokens, without their secrets.
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    operation_id = "list_tokens",
    tag = "access",
    responses(
        (status = 200, description = "All tokens, also those that admit no more", body = TokenList),
        (status = 401, description = "No valid token", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an admin", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests; see Retry-After", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The store cannot go on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(State(service): State<Arc<Service>>) -> Result<Json<TokenList>, Problem> {
    let now = Timestamp::now();
    let all = tokens::list(&service.store).await?;
    let tokens = all
        .into_iter()
        .map(|(_, token)| TokenBody::of(token, now))
        .collect();
    Ok(Json(TokenList { tokens }))
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// Whose it is, or what it is for: 1 to 80 characters. Reviews are signed with it.
    #[schema(example = "Dr Example")]
    name: String,
    /// What its holder may do.
    role: AccessRole,
    /// When it ends: in a minute to three years. RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
struct MadeToken {
    /// What is kept of it.
    token: TokenBody,
    /// What its holder shows, as `Authorization: Bearer …` or to sign in. It is told here and never again.
    #[schema(example = "plaudit_…")]
    secret: String,
}

/// Make a token. Its secret is told once.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    operation_id = "create_token",
    tag = "access",
    request_body = NewToken,
    responses(
        (status = 201, description = "The token, with its secret", body = MadeToken),
        (status = 400, description = "The body is no JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "No valid token", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an admin, or not from this server's own pages", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too long", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is not said to be JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The name, the role or the time cannot be used", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests; see Retry-After", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The store cannot go on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn create(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    wanted: Result<Json<NewToken>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(wanted) = wanted.map_err(|rejection| unread(&rejection))?;
    let now = Timestamp::now();
    let NewToken {
        name,
        role,
        expires_at,
    } = wanted;
    let made = tokens::make(&service.store, &name, role, now, expires_at).await?;
    tracing::info!(token.id = made.token.id, by = caller.id, "a token was made");
    let shown = Shown::default().with("id", &*made.token.id);
    let body = MadeToken {
        token: TokenBody::of(made.token, now),
        secret: made.secret.expose_secret().to_owned(),
    };
    let answer = (StatusCode::CREATED, Json(body));
    Ok(shown.beside(answer.into_response()))
}

/// Revoke a token. It ends at once, and so do the sessions that were begun with it.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{id}",
    operation_id = "revoke_token",
    tag = "access",
    params(("id" = String, Path, description = "The token's id: eight hexadecimal digits")),
    responses(
        (status = 204, description = "It is revoked, now or before"),
        (status = 401, description = "No valid token", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not an admin, or not from this server's own pages", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such token", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests; see Retry-After", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The store cannot go on", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn revoke(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let revoked = tokens::revoke(&service.store, &id, Timestamp::now()).await?;
    match revoked {
        Some(_) => Ok(StatusCode::NO_CONTENT),
        None => Err(Problem::new(
            Kind::NotFound,
            "there is no token with this id; GET /api/v1/tokens lists them",
        )),
    }
}

/// A body that could not be read.
fn unread(rejection: &JsonRejection) -> Problem {
    let kind = match rejection.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Kind::MediaType,
        StatusCode::PAYLOAD_TOO_LARGE => Kind::TooLarge,
        StatusCode::UNPROCESSABLE_ENTITY => Kind::Unprocessable,
        _ => Kind::Invalid,
    };
    Problem::new(kind, rejection.body_text())
}
