//! Applicants: who there are, one's profile and history, submitting and removing.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

mod listing;
mod submitting;

pub(crate) use listing::{Brief, is_of, names};
pub(crate) use submitting::{NewApplicant, Submitted, refresh_one, submit};

use super::conditional;
use super::extract::{Json, LONGEST_BODY, Path, Query};
use super::idempotency::{self, Keys};
use super::imports::Outcome;
use super::noting::Shown;
use super::openapi::ProfileShape;
use super::problem::{Kind, Problem, ProblemBody};
use crate::domain::applicant::{Applicant, ApplicantId};
use crate::domain::erasure::{Erasure, Ground, Tombstone};
use crate::domain::profile::Snapshot;
use crate::domain::score::{Points, Score};
use crate::rescore;
use crate::rights;
use crate::service::Service;
use crate::store::Mark;

pub(super) fn routes(keys: &Keys, service: &Arc<Service>) -> OpenApiRouter<Arc<Service>> {
    let once = idempotency::once(keys, service, LONGEST_BODY);
    let once = || from_fn_with_state(once.clone(), idempotency::heed);
    OpenApiRouter::new()
        .routes(routes!(listing::list))
        .routes(routes!(post).layer(once()))
        .routes(routes!(show))
        .routes(routes!(remove))
        .routes(routes!(refresh).layer(once()))
        .routes(routes!(history))
        .routes(routes!(snapshot))
}

/// An applicant's id in the documentation.
pub(crate) struct Id;

impl PartialSchema for Id {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^[A-Za-z0-9_:@+][A-Za-z0-9._:@+-]{0,63}$"))
            .description(Some(
                "An applicant's name within plaudit: the list's own id, or made from the first link (`github:ada`).",
            ))
            .examples([serde_json::json!("github:ada-example")])
            .into()
    }
}

impl ToSchema for Id {
    fn name() -> std::borrow::Cow<'static, str> {
        "ApplicantId".into()
    }
}

/// A score's ends, in points of 100.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
#[schema(as = ScoreEnds)]
pub(crate) struct Ends {
    /// The points that evidence proves.
    #[schema(value_type = f64)]
    pub(crate) low: Points,
    /// The points if everything unknown were perfect.
    #[schema(value_type = f64)]
    pub(crate) high: Points,
}

impl Ends {
    /// Those of a score.
    pub(crate) fn of(score: &Score) -> Self {
        Self {
            low: score.low,
            high: score.high,
        }
    }
}

/// The applicant of this id; refused when there is none.
pub(crate) async fn known(service: &Service, id: &ApplicantId) -> Result<Applicant, Problem> {
    let applicant = service.store.applicant(id).await?;
    applicant.ok_or_else(|| Problem::new(Kind::NotFound, format!("there is no applicant {id}")))
}

/// An applicant's profile as JSON, as it is stored, with its mark.
async fn read_profile(service: &Service, id: &ApplicantId) -> Result<(Mark, Bytes), Problem> {
    if let Some(found) = service.reading.profile(&service.store, id).await? {
        return Ok(found);
    }
    known(service, id).await?;
    let note = service.store.job(id).await?.and_then(|job| job.note);
    let why = note.unwrap_or_else(|| "its turn has not come".to_owned());
    Err(Problem::new(
        Kind::NoProfileYet,
        format!("{id} has no profile yet: {why}; /api/v1/jobs/{id} tells how it stands"),
    ))
}

/// The profile of an applicant.
///
/// The whole contract: score, evidence, flags, identity, sources. `plaudit schema` prints the same schema.
#[utoipa::path(
    get,
    path = "/api/v1/applicants/{id}",
    tag = "applicants",
    operation_id = "getProfile",
    params(("id" = Id, Path, description = "The applicant's id")),
    responses(
        (status = 200, description = "The profile", body = ProfileShape),
        (status = 304, description = "It is what the reader has already (`If-None-Match`)"),
        (status = 404, description = "There is no such applicant, or no profile yet (`/problems/no-profile-yet`)", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(service): State<Arc<Service>>,
    Path(id): Path<ApplicantId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (mark, json) = read_profile(&service, &id).await?;
    let tag = conditional::weak(&mark.to_string());
    Ok(conditional::tagged(
        &headers,
        &tag,
        "application/json",
        json,
    ))
}

/// Submits an applicant.
///
/// The same rules hold as for lists. Idempotent by the applicant's id: whoever is queued already, or has a profile that
/// still answers, is told so. With an `Idempotency-Key` the same request gets the same answer.
#[utoipa::path(
    post,
    path = "/api/v1/applicants",
    tag = "applicants",
    operation_id = "submitApplicant",
    params(idempotency::Header),
    request_body = NewApplicant,
    responses(
        (status = 200, description = "The profile that is kept still answers; there is no job", body = Submitted),
        (status = 202, description = "Queued, and on the disk", body = Submitted,
            headers(("location" = String, description = "Where the job can be followed"))),
        (status = 409, description = "The person was erased (`/problems/erased`), with the tombstone's number; or a request with the same `Idempotency-Key` is under way", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The applicant cannot be taken, and why; or the `Idempotency-Key` was used for another request", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn post(
    State(service): State<Arc<Service>>,
    Json(wanted): Json<NewApplicant>,
) -> Result<Response, Problem> {
    let submitted = submit(&service, &wanted).await?;
    let shown = Shown::of([&submitted.applicant]);
    Ok(shown.beside(answer(submitted)))
}

/// Asks all sources about an applicant anew.
#[utoipa::path(
    post,
    path = "/api/v1/applicants/{id}/refresh",
    tag = "applicants",
    operation_id = "refreshApplicant",
    params(("id" = Id, Path, description = "The applicant's id"), idempotency::Header),
    responses(
        (status = 202, description = "Queued, and on the disk", body = Submitted,
            headers(("location" = String, description = "Where the job can be followed"))),
        (status = 404, description = "There is no such applicant", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "A request with the same `Idempotency-Key` is under way", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is longer than is taken", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The `Idempotency-Key` was used for another request", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn refresh(
    State(service): State<Arc<Service>>,
    Path(id): Path<ApplicantId>,
) -> Result<Response, Problem> {
    let submitted = refresh_one(&service, &id).await?;
    Ok(answer(submitted))
}

/// 202 with the place of the job, or 200 when there is none.
fn answer(submitted: Submitted) -> Response {
    let status = if submitted.outcome == Outcome::Fresh {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    let location = format!("/api/v1/jobs/{}", submitted.applicant);
    let mut response = (status, axum::Json(submitted)).into_response();
    if let (StatusCode::ACCEPTED, Ok(location)) = (status, HeaderValue::from_str(&location)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Why somebody is erased.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WhyErased {
    /// For the tombstone, in words; it must not name the person.
    #[param(max_length = 200)]
    reason: Option<String>,
}

/// Erases an applicant for good.
///
/// Record, job, profiles, history, reviews, and what messages, reports of lists and kept answers tell of the person. The
/// store's files are written anew without it, which takes a while in a large store. What stays is a tombstone, which names
/// nobody and keeps lists from bringing the person back.
#[utoipa::path(
    delete,
    path = "/api/v1/applicants/{id}",
    tag = "applicants",
    operation_id = "removeApplicant",
    params(("id" = Id, Path, description = "The applicant's id"), WhyErased),
    responses(
        (status = 204, description = "Erased"),
        (status = 400, description = "The query is not valid", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such applicant", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The reason names the person", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn remove(
    State(service): State<Arc<Service>>,
    Path(id): Path<ApplicantId>,
    Query(why): Query<WhyErased>,
) -> Result<StatusCode, Problem> {
    erase(&service, &id, why.reason.as_deref().unwrap_or_default()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Erases an applicant for good: what stays of them.
pub(crate) async fn erase(
    service: &Service,
    id: &ApplicantId,
    reason: &str,
) -> Result<Tombstone, Problem> {
    let applicant = known(service, id).await?;
    let reason = rights::fitting(reason, &[applicant])
        .map_err(|unfit| Problem::new(Kind::Unprocessable, unfit.to_string()))?;
    let why = Erasure {
        ground: Ground::Asked,
        reason,
    };
    let erased = service
        .store
        .forget(vec![id.clone()], why, Timestamp::now())
        .await?;
    let tombstone = erased.into_iter().next().flatten();
    tombstone.ok_or_else(|| Problem::new(Kind::NotFound, format!("there is no applicant {id}")))
}

/// A profile that is kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct HistoryRow {
    /// Its name, for `GET …/snapshots/{snapshot}` the part behind the `/`; empty: stored by a version that gave no
    /// names.
    pub(crate) snapshot: String,
    /// When it was stored.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) stored_at: Timestamp,
    /// The day as of which it was judged.
    #[schema(value_type = String, format = Date)]
    pub(crate) as_of: Date,
    /// The version of the rubric that judged.
    pub(crate) rubric: String,
    /// The score.
    pub(crate) score: Ends,
    /// What differs from the one before, in sentences.
    pub(crate) changed: Vec<String>,
}

/// All profiles that are kept of an applicant, the newest first; the first one is the current one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct History {
    /// The profiles.
    pub(crate) items: Vec<HistoryRow>,
}

impl From<&Snapshot> for HistoryRow {
    fn from(stored: &Snapshot) -> Self {
        let profile = &stored.profile;
        let changes = profile.changes.iter();
        Self {
            snapshot: profile.snapshot.clone(),
            stored_at: stored.stored_at,
            as_of: profile.as_of,
            rubric: profile.rubric.version.clone(),
            score: Ends::of(&profile.score),
            changed: changes.map(|change| change.what.clone()).collect(),
        }
    }
}

/// All profiles that are kept of an applicant, the newest first.
pub(crate) async fn kept(service: &Service, id: &ApplicantId) -> Result<History, Problem> {
    let mut kept: Vec<Snapshot> = service.store.current(id).await?.into_iter().collect();
    kept.extend(service.store.history(id).await?);
    if kept.is_empty() {
        known(service, id).await?;
    }
    let items = kept.iter().map(HistoryRow::from).collect();
    Ok(History { items })
}

/// The profiles that are kept of an applicant, with what changed each time.
#[utoipa::path(
    get,
    path = "/api/v1/applicants/{id}/history",
    tag = "applicants",
    operation_id = "getHistory",
    params(("id" = Id, Path, description = "The applicant's id")),
    responses(
        (status = 200, description = "The profiles, the newest first", body = History),
        (status = 304, description = "It is what the reader has already (`If-None-Match`)"),
        (status = 404, description = "There is no such applicant", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn history(
    State(service): State<Arc<Service>>,
    Path(id): Path<ApplicantId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let kept = kept(&service, &id).await?;
    conditional::json(&headers, &kept)
}

/// A profile that is kept, by its name.
#[utoipa::path(
    get,
    path = "/api/v1/applicants/{id}/snapshots/{snapshot}",
    tag = "applicants",
    operation_id = "getSnapshot",
    params(
        ("id" = Id, Path, description = "The applicant's id"),
        ("snapshot" = String, Path, description = "The part of the snapshot's name behind the `/`: 16 hexadecimal digits",
            pattern = "^[0-9a-f]{16}$", example = "0123456789abcdef"),
    ),
    responses(
        (status = 200, description = "The profile", body = ProfileShape),
        (status = 304, description = "It is what the reader has already (`If-None-Match`)"),
        (status = 404, description = "There is no such applicant, or no such profile is kept (any more)", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn snapshot(
    State(service): State<Arc<Service>>,
    Path((id, name)): Path<(ApplicantId, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    known(&service, &id).await?;
    let found = rescore::find_snapshot(&service.store, &id, &name).await?;
    let found = found.ok_or_else(|| {
        Problem::new(
            Kind::NotFound,
            format!("no such profile of {id} is kept; /api/v1/applicants/{id}/history lists those that are"),
        )
    })?;
    conditional::json(&headers, &found.profile)
}
