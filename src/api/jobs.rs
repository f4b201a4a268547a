//! How the work on an applicant stands, now and as it goes on. A job bears the applicant's id.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::access::Pass;
use super::applicants::{Ends, Id};
use super::conditional;
use super::events::{self, Live, Told};
use super::extract::Path;
use super::problem::{Kind, Problem, ProblemBody};
use crate::domain::applicant::ApplicantId;
use crate::domain::job::JobState;
use crate::service::Service;
use crate::store::Happened;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(follow))
}

/// How the work on an applicant stands.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct JobView {
    /// The applicant's id, which is the job's as well.
    #[schema(value_type = Id)]
    pub(crate) id: ApplicantId,
    /// Where it stands.
    pub(crate) state: JobStanding,
    /// Who waits for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) priority: Option<JobPriority>,
    /// When it was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) accepted_at: Option<Timestamp>,
    /// Attempts that ended in a failure which may pass. Count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attempts: Option<u32>,
    /// Until when it was put off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) until: Option<Timestamp>,
    /// What happened last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    /// Where the profile is, if there is one: of before, while there is a job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<String>,
    /// Its score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) score: Option<Ends>,
    /// Whether every source has answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) complete: Option<bool>,
}

/// Where the work on an applicant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobStanding {
    /// It waits for its turn.
    Ready,
    /// It was put off.
    Deferred,
    /// Somebody works on it.
    Leased,
    /// There is a profile, and nothing left to do.
    Done,
    /// There is neither a profile nor a job.
    None,
}

/// Who waits for a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobPriority {
    /// A person.
    Interactive,
    /// The refresh.
    Refresh,
}

impl From<crate::domain::job::Priority> for JobPriority {
    fn from(priority: crate::domain::job::Priority) -> Self {
        match priority {
            crate::domain::job::Priority::Interactive => Self::Interactive,
            crate::domain::job::Priority::Refresh => Self::Refresh,
        }
    }
}

/// How the work on an applicant stands. Refused when there is no such applicant.
pub(crate) async fn view(service: &Service, id: &ApplicantId) -> Result<JobView, Problem> {
    let job = service.store.job(id).await?;
    let profile = service.store.profile(id).await?;
    if job.is_none() && profile.is_none() {
        super::applicants::known(service, id).await?;
    }
    let mut view = JobView {
        id: id.clone(),
        state: match profile {
            Some(_) => JobStanding::Done,
            None => JobStanding::None,
        },
        priority: None,
        accepted_at: None,
        attempts: None,
        until: None,
        note: None,
        profile: profile.as_ref().map(|_| format!("/api/v1/applicants/{id}")),
        score: profile.as_ref().map(|profile| Ends::of(&profile.score)),
        complete: profile
            .as_ref()
            .map(crate::domain::profile::Profile::is_complete),
    };
    if let Some(job) = job {
        view.state = match job.state {
            JobState::Ready => JobStanding::Ready,
            JobState::Deferred { .. } => JobStanding::Deferred,
            JobState::Leased { .. } => JobStanding::Leased,
        };
        if let JobState::Deferred { until } = job.state {
            view.until = Some(until);
        }
        view.priority = Some(job.priority.into());
        view.accepted_at = Some(job.accepted_at);
        view.attempts = Some(job.attempts);
        view.note = job.note;
    }
    Ok(view)
}

/// How the work on an applicant stands.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{id}",
    tag = "jobs",
    operation_id = "getJob",
    params(("id" = Id, Path, description = "The applicant's id")),
    responses(
        (status = 200, description = "How it stands", body = JobView),
        (status = 304, description = "It is what the reader has already (`If-None-Match`)"),
        (status = 404, description = "There is no such applicant", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(service): State<Arc<Service>>,
    Path(id): Path<ApplicantId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let view = view(&service, &id).await?;
    conditional::json(&headers, &view)
}

/// Follows the work on an applicant.
///
/// Server-sent events: `job` with the same JSON as `GET /api/v1/jobs/{id}` each time that it has changed, beginning with
/// what it is now; `end` when it is done, when the token or the session that asked admits no
/// more, or when the server ends. After a break, `Last-Event-ID` leaves out what was told.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{id}/events",
    tag = "jobs",
    operation_id = "followJob",
    params(
        ("id" = Id, Path, description = "The applicant's id"),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was received"),
    ),
    responses(
        (status = 200, description = "Events", body = super::events::SentEvent, content_type = "text/event-stream"),
        (status = 404, description = "There is no such applicant", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Too many are following already", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn follow(
    State(service): State<Arc<Service>>,
    Extension(live): Extension<Live>,
    Extension(pass): Extension<Pass>,
    Path(id): Path<ApplicantId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let feed = service.store.feed();
    view(&service, &id).await?;
    let source = Follower {
        service: Arc::clone(&service),
        id,
        told: None,
    };
    live.stream(&service, (feed, pass), &headers, source)
}

/// Tells of one job.
struct Follower {
    service: Arc<Service>,
    id: ApplicantId,
    told: Option<JobView>,
}

impl events::Source for Follower {
    const EVENT: &'static str = "job";

    fn hear(&mut self, happened: &Happened) -> bool {
        happened.jobs.contains(&self.id) || happened.profiles.contains(&self.id)
    }

    fn missed(&mut self) {}

    async fn look(&mut self) -> Result<Option<Told>, Problem> {
        let view = match view(&self.service, &self.id).await {
            Ok(view) => view,
            // The applicant was removed meanwhile.
            Err(problem) if problem.kind == Kind::NotFound => return Ok(None),
            Err(problem) => return Err(problem),
        };
        let over = matches!(view.state, JobStanding::Done | JobStanding::None);
        if self.told.as_ref() == Some(&view) {
            return Ok(Some(Told::nothing(over)));
        }
        let told = Told::of(&view, over)?;
        self.told = Some(view);
        Ok(Some(told))
    }
}
