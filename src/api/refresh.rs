//! The refresh: how it stands, and asking for one.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::conditional;
use super::noting::Shown;
use super::problem::{Kind, Problem, ProblemBody};
use crate::domain::applicant::ApplicantId;
use crate::refresh::{Status, Trigger};
use crate::service::Service;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new().routes(routes!(show, start))
}

/// How the refresh stands: what runs, what ran last, when it runs next.
#[utoipa::path(
    get,
    path = "/api/v1/refresh",
    tag = "refresh",
    operation_id = "getRefresh",
    responses(
        (status = 200, description = "How it stands", body = Status),
        (status = 304, description = "It is what the reader has already (`If-None-Match`)"),
    )
)]
async fn show(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let status = service.refresher.status().await?;
    Ok(shown(&status).beside(conditional::json(&headers, &status)?))
}

/// Whom it names.
pub(super) fn shown(status: &Status) -> Shown {
    let last = status.last.iter();
    let changed = last
        .clone()
        .flat_map(|last| last.changed.iter().map(|one| &one.id));
    let failed = last.flat_map(|last| last.failed.iter().map(|one| &one.id));
    let ids: Vec<ApplicantId> = changed
        .chain(failed)
        .filter_map(|id| id.parse().ok())
        .collect();
    Shown::of(&ids)
}

/// Asks for a refresh as soon as may be.
#[utoipa::path(
    post,
    path = "/api/v1/refresh",
    tag = "refresh",
    operation_id = "startRefresh",
    responses(
        (status = 202, description = "It begins; `GET /api/v1/refresh` tells how it goes", body = Status),
        (status = 409, description = "One is running already", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn start(State(service): State<Arc<Service>>) -> Result<Response, Problem> {
    service
        .refresher
        .start(Trigger::Person)
        .map_err(|running| Problem::new(Kind::Conflict, running.to_string()))?;
    let status = service.refresher.status().await?;
    Ok((StatusCode::ACCEPTED, axum::Json(status)).into_response())
}
