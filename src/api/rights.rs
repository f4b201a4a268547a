//! What people may ask for: a copy of what is kept about them; and the tombstones of those who were erased.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::applicants::{Id, known};
use super::conditional;
use super::extract::{Path, Query};
use super::problem::{Kind, Problem, ProblemBody};
use crate::domain::applicant::ApplicantId;
use crate::domain::erasure::Tombstone;
use crate::domain::text::tame;
use crate::report::{self, TextFormat, View};
use crate::rights::Export;
use crate::service::Service;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(export))
        .routes(routes!(tombstones))
        .routes(routes!(lift))
}

/// In which form.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WantedCopy {
    /// The form.
    #[serde(default)]
    #[param(value_type = Option<CopyFormat>, inline)]
    format: CopyFormat,
}

/// The form of a copy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CopyFormat {
    /// JSON; `plaudit export --schema` prints what it means.
    #[default]
    Json,
    /// Text.
    Text,
    /// Markdown.
    Markdown,
    /// One self-contained HTML page.
    Html,
}

impl CopyFormat {
    /// The text's form, the media type, and how a file's name ends.
    fn told(self) -> (Option<TextFormat>, &'static str, &'static str) {
        match self {
            Self::Json => (None, "application/json", "json"),
            Self::Text => (Some(TextFormat::Text), "text/plain; charset=utf-8", "txt"),
            Self::Markdown => (
                Some(TextFormat::Markdown),
                "text/markdown; charset=utf-8",
                "md",
            ),
            Self::Html => (Some(TextFormat::Html), "text/html; charset=utf-8", "html"),
        }
    }
}

/// All that is kept about an applicant.
///
/// A copy for the person whom it is about. Unlike a profile it holds the e-mail address, so a recruiter's token is
/// needed.
#[utoipa::path(
    get,
    path = "/api/v1/applicants/{id}/export",
    tag = "applicants",
    operation_id = "exportApplicant",
    params(("id" = Id, Path, description = "The applicant's id"), WantedCopy),
    responses(
        (status = 200, description = "The copy", content(
            (serde_json::Value = "application/json"),
            (String = "text/plain"),
            (String = "text/markdown"),
            (String = "text/html"),
        ), headers(("content-disposition" = String, description = "The file's name"))),
        (status = 400, description = "The query is not valid", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such applicant", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn export(
    State(service): State<Arc<Service>>,
    Path(id): Path<ApplicantId>,
    Query(wanted): Query<WantedCopy>,
) -> Result<Response, Problem> {
    let applicant = known(&service, &id).await?;
    let export = Export::of(&service.store, applicant, Timestamp::now()).await?;
    let export = export.with_log(&service.audit).await?;
    let (format, media_type, ending) = wanted.format.told();
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "a copy was not written");
        Problem::from(Kind::Internal)
    };
    let mut out = Vec::new();
    match format {
        None => report::json_pretty(&export, &mut out).map_err(|error| failed(&error))?,
        Some(format) => {
            report::document(&export.document(), format, View::default(), &mut out)
                .map_err(|error| failed(&error))?;
        }
    }
    let mut response = out.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    // An id is safe in a header; a colon is not in every file's name.
    let name = id.as_str().replace(':', "~");
    let disposition = format!("attachment; filename=\"{name}.{ending}\"");
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    Ok(response)
}

/// What stays of those who were erased.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Tombstones {
    /// The tombstones, the newest first.
    items: Vec<Tombstone>,
}

/// The tombstones of those who were erased. They name nobody.
#[utoipa::path(
    get,
    path = "/api/v1/tombstones",
    tag = "applicants",
    operation_id = "listTombstones",
    responses(
        (status = 200, description = "The tombstones, the newest first", body = Tombstones),
        (status = 304, description = "It is what the reader has already (`If-None-Match`)"),
    )
)]
async fn tombstones(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let items = service.store.tombstones().await?;
    conditional::json(&headers, &Tombstones { items })
}

/// Lifts a tombstone: from now on lists may bring the person in again.
#[utoipa::path(
    delete,
    path = "/api/v1/tombstones/{number}",
    tag = "applicants",
    operation_id = "liftTombstone",
    params(("number" = String, Path, description = "The tombstone's number", pattern = "^[0-9a-f]{8}$", example = "3f9c2a11")),
    responses(
        (status = 204, description = "Lifted"),
        (status = 404, description = "There is no such tombstone", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn lift(
    State(service): State<Arc<Service>>,
    Path(number): Path<String>,
) -> Result<StatusCode, Problem> {
    let is_number = number.len() == 8 && number.bytes().all(|byte| byte.is_ascii_hexdigit());
    let lifted = if is_number {
        service.store.lift(&number.to_ascii_lowercase()).await?
    } else {
        // What somebody was known by stays out of addresses, which are logged.
        None
    };
    if lifted.is_some() {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::new(
        Kind::NotFound,
        format!(
            "there is no tombstone {:?}; GET /api/v1/tombstones lists them",
            tame(&number)
        ),
    ))
}
