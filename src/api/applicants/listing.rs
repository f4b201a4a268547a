//! Who there are, page by page.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Ends, Id};
use crate::api::conditional;
use crate::api::cursor::{self, Limit};
use crate::api::extract::Query;
use crate::api::noting::Shown;
use crate::api::problem::{Problem, ProblemBody};
use crate::api::roles;
use crate::domain::applicant::ApplicantId;
use crate::domain::identity::IdentityLevel;
use crate::domain::profile::Profile;
use crate::domain::score::{ComponentState, Points};
use crate::service::Service;

/// A profile in brief.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Brief {
    /// Whose: the name within plaudit.
    #[schema(value_type = Id)]
    pub(crate) id: ApplicantId,
    /// The person's name, when one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The role applied for.
    pub(crate) role: String,
    /// The score.
    pub(crate) score: Ends,
    /// The share of the 100 points whose component is complete, 0 to 1.
    pub(crate) coverage: f64,
    /// Whether all that the rubric asks for could be seen.
    pub(crate) state: ComponentState,
    /// How far it is certain that the accounts are the applicant's.
    pub(crate) identity: IdentityLevel,
    /// Whether the accounts contradict each other on whose they are.
    pub(crate) conflict: bool,
    /// Findings that a person should look at. Count.
    pub(crate) flags: usize,
    /// Points that people have added or taken away, shown beside the score.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub(crate) adjusted_by: Option<Points>,
    /// The day as of which it was judged.
    #[schema(value_type = String, format = Date)]
    pub(crate) as_of: Date,
    /// The snapshot's name.
    pub(crate) snapshot: String,
}

impl Brief {
    /// Of a profile.
    pub(crate) fn of(profile: &Profile) -> Self {
        Self {
            id: profile.applicant.id.clone(),
            name: profile.applicant.name.clone(),
            role: profile.role.clone(),
            score: Ends::of(&profile.score),
            coverage: profile.coverage,
            state: profile.state(),
            identity: profile.identity.level,
            conflict: !profile.identity.conflicts.is_empty(),
            flags: profile.flags.len(),
            adjusted_by: profile.review.adjusted_by(),
            as_of: profile.as_of,
            snapshot: profile.snapshot.clone(),
        }
    }
}

/// Which applicants.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Those of a role alone.
    role: Option<String>,
    /// Those whose name or id holds this, in any case.
    q: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many on a page.
    #[serde(default)]
    #[param(value_type = Option<usize>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
}

/// A page of applicants.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Applicants {
    /// Those on the page, by id.
    items: Vec<Brief>,
    /// For the next page; none: this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Those who have a profile, in brief.
///
/// By id. Whoever waits for the first profile is not among them: `GET /api/v1/jobs/{id}`.
#[utoipa::path(
    get,
    path = "/api/v1/applicants",
    tag = "applicants",
    operation_id = "listApplicants",
    params(Wanted),
    responses(
        (status = 200, description = "A page", body = Applicants),
        (status = 304, description = "It is what the reader has already (`If-None-Match`)"),
        (status = 400, description = "The query is not valid", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such role", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let after = cursor::entry(wanted.cursor.as_deref())?;
    let role_names: Vec<&str> = match &wanted.role {
        Some(role) => vec![&roles::rubric(&service, role)?.name],
        None => service.rubrics.keys().map(String::as_str).collect(),
    };
    let mut standings = Vec::with_capacity(role_names.len());
    for role in role_names {
        standings.push(service.board.standing(role).await?);
    }
    let typed = wanted
        .q
        .as_deref()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    let mut found: Vec<&Profile> = standings
        .iter()
        .flat_map(|standing| standing.ranking.shown())
        .filter(|profile| {
            let behind = |after: &String| profile.applicant.id.as_str() > after.as_str();
            after.as_ref().is_none_or(behind) && names(profile, &typed)
        })
        .collect();
    found.sort_by(|left, right| left.applicant.id.cmp(&right.applicant.id));
    let more = found.len() > wanted.limit.0;
    found.truncate(wanted.limit.0);
    let last = found.last().filter(|_| more);
    let mut shown = Shown::of(found.iter().map(|profile| &profile.applicant.id));
    if let Some(role) = &wanted.role {
        shown = shown.with("role", role.as_str());
    }
    let page = Applicants {
        next_cursor: last.map(|profile| cursor::after(profile.applicant.id.as_str())),
        items: found.into_iter().map(Brief::of).collect(),
    };
    Ok(shown.beside(conditional::json(&headers, &page)?))
}

/// Whether a profile is of this state and identity, and flagged or not; `None`: any will do.
pub(crate) fn is_of(
    profile: &Profile,
    state: Option<ComponentState>,
    identity: Option<IdentityLevel>,
    flagged: Option<bool>,
) -> bool {
    state.is_none_or(|state| profile.state() == state)
        && identity.is_none_or(|level| profile.identity.level == level)
        && flagged.is_none_or(|flagged| profile.flags.is_empty() != flagged)
}

/// Whether the name or the id of somebody holds a text in lower case.
pub(crate) fn names(profile: &Profile, text: &str) -> bool {
    let name = profile.applicant.name.as_deref().unwrap_or_default();
    let id = profile.applicant.id.as_str();
    text.is_empty() || id.to_lowercase().contains(text) || name.to_lowercase().contains(text)
}
