//! What people add about an applicant, signed with the name of their token.

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::access::Caller;
use super::applicants::{Ends, known};
use super::conditional;
use super::extract::{Json, Path};
use super::openapi::ReviewShape;
use super::problem::{Kind, Problem, ProblemBody};
use crate::domain::applicant::ApplicantId;
use crate::domain::profile::Profile;
use crate::domain::review::entry::{self, Refused, Typed};
use crate::domain::review::{Review, Signature};
use crate::domain::score::Points;
use crate::domain::text::tame;
use crate::rescore;
use crate::service::Service;
use crate::store::StoreError;

/// Times that a change is tried which somebody else's overtakes. Count.
const TRIES: u32 = 4;

/// Largest amount of one piece of evidence. Count; years in industry are hardly more than fifty.
const MOST_OF_IT: u32 = 1_000;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(post_evidence))
        .routes(routes!(post_note))
        .routes(routes!(post_looked_through))
        .routes(routes!(post_adjustment))
        .routes(routes!(post_withdrawal))
}

/// Evidence that a person has looked up.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEvidence {
    /// One of the kinds that the role's rubric names under `reviewed.kinds`.
    #[schema(example = "industry")]
    pub(crate) kind: String,
    /// How many of it: years in industry.
    #[serde(default = "one")]
    #[schema(value_type = u64, minimum = 1, maximum = 1000, default = 1)]
    pub(crate) amount: u32,
    /// Where it can be seen: http or https.
    #[schema(example = "https://example.org/cv", max_length = 2000)]
    pub(crate) url: String,
    /// Why it counts.
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "Built segmentation for an imaging firm"
    )]
    pub(crate) reason: String,
    /// When it happened; not in the future.
    #[schema(value_type = String, format = Date, example = "2024-05-01")]
    pub(crate) date: Date,
}

fn one() -> u32 {
    1
}

/// Whether somebody has looked through all that there is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookedThrough {
    /// `true`: there is no more to be found. `false`: there may be.
    pub(crate) done: bool,
}

/// A remark, which changes nothing.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNote {
    /// What.
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "Strong talk at the group's seminar"
    )]
    pub(crate) text: String,
}

/// Points beside the computed score.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAdjustment {
    /// As text, so that they are exact: -100 to 100 with at most two decimals, and not 0.
    #[schema(example = "+2.5", pattern = r"^\s*[+-]?[0-9]{1,3}(\.[0-9]{1,2})?\s*$")]
    pub(crate) points: String,
    /// Why.
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "Thesis on the very subject"
    )]
    pub(crate) reason: String,
}

/// Why an entry no longer holds.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWithdrawal {
    /// Why.
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "It was somebody else of the same name"
    )]
    pub(crate) reason: String,
}

/// A review as it is now, and what the change did to the score.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Reviewed {
    /// All that people have added.
    #[schema(value_type = ReviewShape)]
    pub(crate) review: Review,
    /// The score before; none: there is no profile yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<Ends>,
    /// The score now; none: there is no profile yet, or no rubric judges the role any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<Ends>,
    /// Points that people have added or taken away in all, shown beside the score.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub(crate) adjusted_by: Option<Points>,
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let kind = match refused {
            Refused::NoEntry { .. } => Kind::NotFound,
            Refused::Withdrawn { .. } | Refused::Twice(_) => Kind::Conflict,
            Refused::Empty(_)
            | Refused::TooLong { .. }
            | Refused::Url(_)
            | Refused::Future(_)
            | Refused::Kind { .. }
            | Refused::Points(_) => Kind::Unprocessable,
        };
        Self::new(kind, refused.to_string())
    }
}

/// The caller's name and the time. A name of which nothing is left when it is made harmless is the token's id.
fn signature(caller: &Caller, now: Timestamp) -> Result<Signature, Problem> {
    let name = tame(&caller.name);
    let by = if name.is_empty() { &caller.id } else { &name };
    Ok(entry::signed(by, now)?)
}

/// Changes the review and answers what that did. Somebody else's change in between is no reason to refuse: entries
/// stand side by side.
async fn change(
    service: &Service,
    id: &ApplicantId,
    edit: impl Fn(&Review) -> Result<Review, Problem>,
) -> Result<Reviewed, Problem> {
    known(service, id).await?;
    let mut tries = 1;
    let reviewed = loop {
        let now = Timestamp::now();
        let rubrics = &service.rubrics;
        match rescore::review(&service.store, rubrics, id, now, |review: &Review| {
            edit(review).map_err(Stopped::Refused)
        })
        .await
        {
            Ok(reviewed) => break reviewed,
            Err(Stopped::Store(StoreError::Overtaken { .. })) if tries < TRIES => tries += 1,
            Err(Stopped::Store(error)) => return Err(error.into()),
            Err(Stopped::Refused(problem)) => return Err(problem),
        }
    };
    let ends = |profile: &Profile| Ends::of(&profile.score);
    Ok(Reviewed {
        adjusted_by: reviewed.review.adjusted_by(),
        before: reviewed.before.as_ref().map(ends),
        after: reviewed.after.as_ref().map(ends),
        review: reviewed.review,
    })
}

/// Why a review was not changed.
enum Stopped {
    Refused(Problem),
    Store(StoreError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Adds evidence.
pub(crate) async fn add_evidence(
    service: &Service,
    caller: &Caller,
    id: &ApplicantId,
    wanted: &NewEvidence,
) -> Result<Reviewed, Problem> {
    let applicant = known(service, id).await?;
    let Some(rubric) = service.rubrics.get(&applicant.role) else {
        return Err(Problem::new(
            Kind::Unprocessable,
            super::imports::unknown_role(&applicant.role, &service.rubrics),
        ));
    };
    if !(1..=MOST_OF_IT).contains(&wanted.amount) {
        let why = format!(
            "the amount is {}, and must be 1 to {MOST_OF_IT}",
            wanted.amount
        );
        return Err(Problem::new(Kind::Unprocessable, why));
    }
    let signature = signature(caller, Timestamp::now())?;
    change(service, id, |review| {
        let typed = Typed {
            kind: &wanted.kind,
            amount: wanted.amount,
            url: &wanted.url,
            reason: &wanted.reason,
            date: wanted.date,
        };
        Ok(review.with_evidence(typed, &rubric.reviewed, signature.clone())?)
    })
    .await
}

/// Adds a note.
pub(crate) async fn add_note(
    service: &Service,
    caller: &Caller,
    id: &ApplicantId,
    text: &str,
) -> Result<Reviewed, Problem> {
    let signature = signature(caller, Timestamp::now())?;
    change(service, id, |review| {
        Ok(review.with_note(text, signature.clone())?)
    })
    .await
}

/// Adds points beside the score; `points` as typed: `+2.5`.
pub(crate) async fn adjust(
    service: &Service,
    caller: &Caller,
    id: &ApplicantId,
    points: &str,
    reason: &str,
) -> Result<Reviewed, Problem> {
    let points = entry::points(points)?;
    let signature = signature(caller, Timestamp::now())?;
    change(service, id, |review| {
        Ok(review.with_adjustment(points, reason, signature.clone())?)
    })
    .await
}

/// Says that there is no more to be found, or takes that back.
pub(crate) async fn look_through(
    service: &Service,
    caller: &Caller,
    id: &ApplicantId,
    done: bool,
) -> Result<Reviewed, Problem> {
    let signature = signature(caller, Timestamp::now())?;
    change(service, id, |review| {
        Ok(if done {
            review.looked_through_by(signature.clone())
        } else {
            review.looked_through_no_more()
        })
    })
    .await
}

/// Withdraws evidence or an adjustment by its number.
pub(crate) async fn withdraw(
    service: &Service,
    caller: &Caller,
    id: &ApplicantId,
    number: u32,
    reason: &str,
) -> Result<Reviewed, Problem> {
    let signature = signature(caller, Timestamp::now())?;
    change(service, id, |review| {
        let signature = signature.clone();
        if review.notes.iter().any(|note| note.number == number) {
            return Err(Problem::new(
                Kind::Conflict,
                "notes are not withdrawn; add another one that says better",
            ));
        }
        let adjustment = review.adjustments.iter().any(|one| one.number == number);
        Ok(if adjustment {
            review.without_adjustment(number, reason, signature)?
        } else {
            review.without_evidence(number, reason, signature)?
        })
    })
    .await
}

/// What people have added.
#[utoipa::path(
    get,
    path = "/api/v1/applicants/{id}/review",
    tag = "review",
    operation_id = "getReview",
    params(("id" = super::applicants::Id, Path, description = "The applicant's id")),
    responses(
        (status = 200, description = "Evidence, notes and adjustments; what was withdrawn stays, marked", body = ReviewShape),
        (status = 304, description = "It is what the reader has already (`If-None-Match`)"),
        (status = 404, description = "There is no such applicant", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(service): State<Arc<Service>>,
    Path(id): Path<ApplicantId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    known(&service, &id).await?;
    let review = service.store.review(&id).await?;
    conditional::json(&headers, &review)
}

/// Adds evidence.
///
/// It counts in the rubric's component `reviewed`, and the profile is judged anew with it. Signed with the token's name.
#[utoipa::path(
    post,
    path = "/api/v1/applicants/{id}/review/evidence",
    tag = "review",
    operation_id = "addEvidence",
    params(("id" = super::applicants::Id, Path, description = "The applicant's id")),
    request_body = NewEvidence,
    responses(
        (status = 200, description = "It is kept, and judged with", body = Reviewed),
        (status = 404, description = "There is no such applicant", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The same evidence is there already, or others kept changing the review", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The evidence cannot be kept, and why", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn post_evidence(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<ApplicantId>,
    Json(wanted): Json<NewEvidence>,
) -> Result<axum::Json<Reviewed>, Problem> {
    let reviewed = add_evidence(&service, &caller, &id, &wanted).await?;
    Ok(axum::Json(reviewed))
}

/// Adds a note.
///
/// Notes stand beside the score and change nothing. Signed with the token's name.
#[utoipa::path(
    post,
    path = "/api/v1/applicants/{id}/review/notes",
    tag = "review",
    operation_id = "addNote",
    params(("id" = super::applicants::Id, Path, description = "The applicant's id")),
    request_body = NewNote,
    responses(
        (status = 200, description = "It is kept", body = Reviewed),
        (status = 404, description = "There is no such applicant", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Others kept changing the review", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The note cannot be kept, and why", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn post_note(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<ApplicantId>,
    Json(wanted): Json<NewNote>,
) -> Result<axum::Json<Reviewed>, Problem> {
    let reviewed = add_note(&service, &caller, &id, &wanted.text).await?;
    Ok(axum::Json(reviewed))
}

/// Says that there is no more to be found, or takes that back.
///
/// As long as nobody has said so, what a person could add is unknown and not zero.
#[utoipa::path(
    post,
    path = "/api/v1/applicants/{id}/review/looked-through",
    tag = "review",
    operation_id = "lookThrough",
    params(("id" = super::applicants::Id, Path, description = "The applicant's id")),
    request_body = LookedThrough,
    responses(
        (status = 200, description = "It is kept", body = Reviewed),
        (status = 404, description = "There is no such applicant", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Others kept changing the review", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "It cannot be kept, and why", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn post_looked_through(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<ApplicantId>,
    Json(wanted): Json<LookedThrough>,
) -> Result<axum::Json<Reviewed>, Problem> {
    let reviewed = look_through(&service, &caller, &id, wanted.done).await?;
    Ok(axum::Json(reviewed))
}

/// Adds or takes away points beside the computed score.
///
/// They are shown with name and reason; neither the score nor its order changes.
#[utoipa::path(
    post,
    path = "/api/v1/applicants/{id}/review/adjustments",
    tag = "review",
    operation_id = "addAdjustment",
    params(("id" = super::applicants::Id, Path, description = "The applicant's id")),
    request_body = NewAdjustment,
    responses(
        (status = 200, description = "It is kept", body = Reviewed),
        (status = 404, description = "There is no such applicant", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Others kept changing the review", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The adjustment cannot be kept, and why", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn post_adjustment(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<ApplicantId>,
    Json(wanted): Json<NewAdjustment>,
) -> Result<axum::Json<Reviewed>, Problem> {
    let reviewed = adjust(&service, &caller, &id, &wanted.points, &wanted.reason).await?;
    Ok(axum::Json(reviewed))
}

/// Withdraws evidence or an adjustment.
///
/// The entry stays, marked; the profile is judged anew without it.
#[utoipa::path(
    post,
    path = "/api/v1/applicants/{id}/review/{number}/withdraw",
    tag = "review",
    operation_id = "withdraw",
    params(
        ("id" = super::applicants::Id, Path, description = "The applicant's id"),
        ("number" = u32, Path, description = "The entry's number"),
    ),
    request_body = NewWithdrawal,
    responses(
        (status = 200, description = "It is withdrawn", body = Reviewed),
        (status = 404, description = "There is no such applicant, or no such entry", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It was withdrawn before, or is a note, or others kept changing the review", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The reason cannot be kept, and why", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn post_withdrawal(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path((id, number)): Path<(ApplicantId, u32)>,
    Json(wanted): Json<NewWithdrawal>,
) -> Result<axum::Json<Reviewed>, Problem> {
    let reviewed = withdraw(&service, &caller, &id, number, &wanted.reason).await?;
    Ok(axum::Json(reviewed))
}
