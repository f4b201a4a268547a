//! Applicants who are submitted one at a time, and asked for anew.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::known;
use crate::api::imports::{Outcome, read, unknown_role};
use crate::api::jobs::{self, JobView};
use crate::api::problem::{Kind, Problem};
use crate::domain::applicant::{Applicant, ApplicantId};
use crate::domain::job::Priority;
use crate::rights;
use crate::service::Service;
use crate::store::{Accepted, Submission};

/// Somebody who applied. At least one link is needed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewApplicant {
    /// The name within plaudit; none: it is made from the first link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-0042")]
    pub(crate) id: Option<String>,
    /// The person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Ada Example")]
    pub(crate) name: Option<String>,
    /// The e-mail address. It is never part of a profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "ada@example.org")]
    pub(crate) email: Option<String>,
    /// GitHub: an account or something of its.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://github.com/ada-example")]
    pub(crate) github: Option<String>,
    /// Kaggle: an account or something of its.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://www.kaggle.com/adaexample")]
    pub(crate) kaggle: Option<String>,
    /// ORCID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) orcid: Option<String>,
    /// The applicant's home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) homepage: Option<String>,
    /// Links of any kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) links: Vec<String>,
    /// The role applied for: the name of a rubric; none: the one of the settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
    /// When the person applied: a day, or a time in RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-01-31")]
    pub(crate) applied_at: Option<String>,
    /// On what ground the data may be processed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "application")]
    pub(crate) legal_basis: Option<String>,
    /// The day from which on that ground holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-01-31")]
    pub(crate) legal_basis_at: Option<String>,
    /// Ask all sources anew, also when the profile that is kept still answers.
    #[serde(default, skip_serializing)]
    #[schema(default = false)]
    pub(crate) refetch: bool,
}

/// An applicant who was accepted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Submitted {
    /// Who: the name within plaudit.
    #[schema(value_type = super::Id)]
    pub(crate) applicant: ApplicantId,
    /// What became of it.
    pub(crate) outcome: Outcome,
    /// How the work stands.
    pub(crate) job: JobView,
    /// What a person should know about the way it was read.
    pub(crate) notices: Vec<String>,
}

/// Submits an applicant: on the disk when this returns.
pub(crate) async fn submit(service: &Service, wanted: &NewApplicant) -> Result<Submitted, Problem> {
    let line = serde_json::to_vec(wanted).map_err(|error| {
        tracing::error!(%error, "an applicant has no JSON form");
        Problem::from(Kind::Internal)
    })?;
    let list = read(service, line, &service.config.role).await?;
    if let Some(refused) = list.refused.first() {
        return Err(Problem::new(
            Kind::Unprocessable,
            refused.reason.to_string(),
        ));
    }
    let Some(listed) = list.applicants.into_iter().next() else {
        return Err(Problem::new(Kind::Unprocessable, "nobody is named"));
    };
    let role = &listed.applicant.role;
    if !service.rubrics.contains_key(role) {
        let why = unknown_role(role, &service.rubrics);
        return Err(Problem::new(Kind::Unprocessable, why));
    }
    let mut notices = listed.notices;
    notices.extend(list.notices);
    accept(service, listed.applicant, wanted.refetch, notices).await
}

/// Asks all sources about an applicant anew.
pub(crate) async fn refresh_one(service: &Service, id: &ApplicantId) -> Result<Submitted, Problem> {
    let applicant = known(service, id).await?;
    accept(service, applicant, true, Vec::new()).await
}

async fn accept(
    service: &Service,
    applicant: Applicant,
    force: bool,
    notices: Vec<String>,
) -> Result<Submitted, Problem> {
    let id = applicant.id.clone();
    let submission = Submission {
        applicant,
        priority: Priority::Interactive,
        force,
    };
    let (now, freshness) = (Timestamp::now(), service.freshness());
    let accepted = service
        .store
        .accept(vec![submission], now, freshness)
        .await?;
    let Some(accepted) = accepted.first() else {
        tracing::error!("the store gave no answer about a submission");
        return Err(Kind::Internal.into());
    };
    if let Accepted::Forgotten(tombstone) = accepted {
        return Err(Problem::new(Kind::Erased, rights::barred(tombstone)));
    }
    Ok(Submitted {
        outcome: accepted.into(),
        job: jobs::view(service, &id).await?,
        applicant: id,
        notices,
    })
}
