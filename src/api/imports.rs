//! Lists that are taken in, what became of each row, and how far they are.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

mod progress;
pub(crate) mod record;
mod taking;

pub(crate) use progress::{Progress, progress};
pub(crate) use record::{Import, ImportRecord, Outcome, find, list};
pub(crate) use taking::{read, take_in, unknown_role};

use super::access::{Caller, Pass};
use super::conditional;
use super::cursor::{self, Limit};
use super::events::{self, Live, Told};
use super::extract::{self, Path, Query};
use super::idempotency::{self, Keys};
use super::noting::Shown;
use super::problem::{Kind, Problem, ProblemBody};
use crate::domain::applicant::ApplicantId;
use crate::domain::text::tame;
use crate::service::Service;
use crate::store::Happened;
use progress::Standings;

pub(super) fn routes(keys: &Keys, service: &Arc<Service>) -> OpenApiRouter<Arc<Service>> {
    let once = idempotency::once(keys, service, service.config.serve.max_body_bytes);
    OpenApiRouter::new()
        .routes(routes!(index))
        .routes(routes!(post).layer(from_fn_with_state(once, idempotency::heed)))
        .routes(routes!(show))
        .routes(routes!(follow))
}

/// What a list is read as. The form follows from the content; these are the types that it may be said to have.
const TYPES: [&str; 6] = [
    "text/csv",
    "text/plain",
    "application/x-ndjson",
    "application/jsonl",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/octet-stream",
];

/// For rows that name no role.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DefaultRole {
    /// The role of rows that name none; none: the one of the settings.
    role: Option<String>,
}

/// A list as a form: either of the two.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the documentation alone")]
struct ListForm {
    /// The list: CSV, XLSX, JSON Lines, or links, one a line.
    #[schema(value_type = Option<String>, format = Binary)]
    list: Option<Vec<u8>>,
    /// Links, one a line.
    links: Option<String>,
    /// The role of rows that name none.
    role: Option<String>,
}

/// A list that was taken in, with what became of its rows and how far it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ImportReport {
    /// The list and its rows.
    #[serde(flatten)]
    record: ImportRecord,
    /// How far it is.
    progress: Progress,
}

/// Takes in a list of applicants.
///
/// CSV, XLSX, JSON Lines, or links, one a line: the form follows from the content. The answer is given when all of it
/// is on the disk, with a report of each row. To send a list again does no harm; with an `Idempotency-Key` it gets
/// the same answer.
#[utoipa::path(
    post,
    path = "/api/v1/imports",
    tag = "imports",
    operation_id = "importList",
    params(DefaultRole, idempotency::Header),
    request_body(description = "The list", content(
        (String = "text/csv", example = "id,name,github,kaggle\n2026-0042,Ada Example,ada-example,adaexample\n"),
        (String = "text/plain", example = "https://github.com/ada-example\n"),
        (String = "application/x-ndjson"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (String = "application/octet-stream"),
        (ListForm = "multipart/form-data"),
    )),
    responses(
        (status = 202, description = "Taken in, and on the disk", body = ImportReport,
            headers(("location" = String, description = "Where the report can be read again, with the progress"))),
        (status = 400, description = "The form or the query is not valid", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A request with the same `Idempotency-Key` is under way", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The list is longer than is taken (`serve.max_body_bytes`)", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is of a type that no list has", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "It is no list, and why; or there is no such role; or the `Idempotency-Key` was used for another request", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn post(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Query(wanted): Query<DefaultRole>,
    request: Request,
) -> Result<Response, Problem> {
    let sent = sent(request, service.config.serve.max_body_bytes).await?;
    let role = sent.role.or(wanted.role);
    let record = take_in(&service, &caller, sent.list, role.as_deref()).await?;
    let location = format!("/api/v1/imports/{}", record.import.id);
    let progress = progress(&service, &record).await?;
    let shown = record.shown();
    let report = ImportReport { record, progress };
    let mut response = (StatusCode::ACCEPTED, axum::Json(report)).into_response();
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(shown.beside(response))
}

impl ImportRecord {
    /// Whom it names.
    pub(crate) fn shown(&self) -> Shown {
        Shown::of(&self.ids).with("role", self.import.role.as_str())
    }
}

/// What somebody has sent.
pub(crate) struct Sent {
    /// The list's bytes.
    pub(crate) list: Vec<u8>,
    /// The role that the form names.
    pub(crate) role: Option<String>,
}

/// Takes a list out of a request: the body itself, or a form's field `list` or `links`.
pub(crate) async fn sent(request: Request, longest: usize) -> Result<Sent, Problem> {
    let form = extract::media_type(request.headers());
    match form.as_deref() {
        Some("multipart/form-data") => of_form(request, longest).await,
        Some(known) if TYPES.contains(&known) => {
            let list = extract::body(request, longest).await?.to_vec();
            Ok(Sent { list, role: None })
        }
        _ => Err(Problem::new(
            Kind::MediaType,
            format!(
                "send the list as multipart/form-data, or as one of {}",
                TYPES.join(", ")
            ),
        )),
    }
}

async fn of_form(request: Request, longest: usize) -> Result<Sent, Problem> {
    let (parts, body) = request.into_parts();
    // Read whole first: the form's own reader would tell a length that is too long as a form that is broken.
    let bytes = extract::gathered(body, longest).await?;
    let request = Request::from_parts(parts, bytes.clone().into());
    let broken = |why: String| Problem::new(Kind::Invalid, format!("the form: {}", tame(&why)));
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|rejection| broken(rejection.body_text()))?;
    let (mut list, mut links, mut role): (Option<Bytes>, Option<Bytes>, Option<String>) =
        (None, None, None);
    while let Some(field) = form
        .next_field()
        .await
        .map_err(|error| broken(error.body_text()))?
    {
        let name = field.name().unwrap_or_default().to_owned();
        let value = field
            .bytes()
            .await
            .map_err(|error| broken(error.body_text()))?;
        if value.trim_ascii().is_empty() {
            // A form's field that nobody has filled in.
            continue;
        }
        match name.as_str() {
            "list" => list = Some(value),
            "links" => links = Some(value),
            "role" => role = Some(String::from_utf8_lossy(&value).trim().to_owned()),
            _ => {}
        }
    }
    match (list, links) {
        (Some(list), None) | (None, Some(list)) => Ok(Sent {
            list: list.to_vec(),
            role,
        }),
        (Some(_), Some(_)) => Err(Problem::new(
            Kind::Unprocessable,
            "the form holds both a list and links; send one after the other",
        )),
        (None, None) => Err(Problem::new(
            Kind::Unprocessable,
            "the form holds neither a list (`list`, a file) nor links (`links`, a text)",
        )),
    }
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WantedPage {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many on a page.
    #[serde(default)]
    #[param(value_type = Option<usize>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
}

/// A page of lists that were taken in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Imports {
    /// Those on the page, the newest first.
    items: Vec<Import>,
    /// For the next page; none: this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Lists that were taken in, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/imports",
    tag = "imports",
    operation_id = "listImports",
    params(WantedPage),
    responses(
        (status = 200, description = "A page", body = Imports),
        (status = 304, description = "It is what the reader has already (`If-None-Match`)"),
        (status = 400, description = "The query is not valid", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn index(
    State(service): State<Arc<Service>>,
    Query(wanted): Query<WantedPage>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let after = cursor::entry(wanted.cursor.as_deref())?;
    let mut items = list(&service, after.as_deref(), wanted.limit.0 + 1).await?;
    let more = items.len() > wanted.limit.0;
    items.truncate(wanted.limit.0);
    let last = items.last().filter(|_| more);
    let page = Imports {
        next_cursor: last.map(|import| cursor::after(&import.id)),
        items,
    };
    conditional::json(&headers, &page)
}

/// What became of a list, row by row, and how far it is.
#[utoipa::path(
    get,
    path = "/api/v1/imports/{id}",
    tag = "imports",
    operation_id = "getImport",
    params(("id" = String, Path, description = "The import's id", pattern = "^[0-9a-f]{24}$")),
    responses(
        (status = 200, description = "The report", body = ImportReport),
        (status = 304, description = "It is what the reader has already (`If-None-Match`)"),
        (status = 404, description = "There is no such import (any more)", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let record = find(&service, &id).await?;
    let progress = progress(&service, &record).await?;
    let shown = record.shown();
    let answer = conditional::json(&headers, &ImportReport { record, progress })?;
    Ok(shown.beside(answer))
}

/// Follows a list.
///
/// Server-sent events: `progress` with how far it is, at most four a second, beginning with what it is now; `end` when
/// nobody waits any more, when the token or the session that asked admits no more, or when the server ends. After a break, `Last-Event-ID` leaves out what was told.
#[utoipa::path(
    get,
    path = "/api/v1/imports/{id}/events",
    tag = "imports",
    operation_id = "followImport",
    params(
        ("id" = String, Path, description = "The import's id", pattern = "^[0-9a-f]{24}$"),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was received"),
    ),
    responses(
        (status = 200, description = "Events", body = super::events::SentEvent, content_type = "text/event-stream"),
        (status = 404, description = "There is no such import (any more)", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Too many are following already", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn follow(
    State(service): State<Arc<Service>>,
    Extension(live): Extension<Live>,
    Extension(pass): Extension<Pass>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let feed = service.store.feed();
    let record = find(&service, &id).await?;
    let source = Follower {
        service: Arc::clone(&service),
        ids: record.ids,
        standings: None,
        changed: BTreeSet::new(),
        told: None,
    };
    live.stream(&service, (feed, pass), &headers, source)
}

/// Tells of one list.
struct Follower {
    service: Arc<Service>,
    ids: Vec<ApplicantId>,
    /// Where all stand; `None`: all must be looked at.
    standings: Option<Standings>,
    /// Those who have changed since.
    changed: BTreeSet<ApplicantId>,
    told: Option<Progress>,
}

impl events::Source for Follower {
    const EVENT: &'static str = "progress";

    // It holds everybody's id: some 20 MB for a list of 30,000.
    const WEIGHT: u32 = 8;

    fn hear(&mut self, happened: &Happened) -> bool {
        let Some(standings) = &self.standings else {
            return true;
        };
        let all = happened.jobs.iter().chain(&happened.profiles);
        let ours = all.filter(|id| standings.knows(id)).cloned();
        let before = self.changed.len();
        self.changed.extend(ours);
        self.changed.len() > before
    }

    fn missed(&mut self) {
        self.standings = None;
    }

    async fn look(&mut self) -> Result<Option<Told>, Problem> {
        let store = &self.service.store;
        let changed = std::mem::take(&mut self.changed);
        match &mut self.standings {
            Some(standings) => standings.look_again(store, changed).await?,
            None => self.standings = Some(Standings::of(store, &self.ids).await?),
        }
        let progress = self.standings.as_ref().map(Standings::counted);
        let progress = progress.unwrap_or_default();
        let over = progress.is_over();
        if self.told.as_ref() == Some(&progress) {
            return Ok(Some(Told::nothing(over)));
        }
        let told = Told::of(&progress, over)?;
        self.told = Some(progress);
        Ok(Some(told))
    }
}
