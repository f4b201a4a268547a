//! The profile: what plaudit keeps of an applicant and shows to a recruiter.

use std::cmp::Ordering;

use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    applicant::{Applicant, ApplicantId},
    facts::{Asked, Cause, Sources},
    rubric::RubricStamp,
    score::{ComponentState, Score},
};

/// An applicant, what the sources say, and the score that follows from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// Whose profile it is.
    pub applicant: ApplicantSummary,
    /// The role applied for.
    pub role: String,
    /// The rubric that judged.
    pub rubric: RubricStamp,
    /// The day as of which the score holds; ages are counted to its end (UTC).
    #[schemars(with = "String")]
    pub as_of: Date,
    /// The score, an interval.
    pub score: Score,
    /// Share of the 100 points whose component is complete, 0 to 1.
    pub coverage: f64,
    /// How far it is certain that the accounts are the applicant's.
    pub identity: Identity,
    /// Findings that a person should look at. They change no points.
    pub flags: Vec<Flag>,
    /// What the sources said.
    pub sources: Sources,
    /// What differs from the profile before.
    pub changes: Vec<Change>,
    /// What it took to make.
    pub cost: Cost,
    /// What was noticed on the way and a person should know.
    pub notices: Vec<String>,
}

impl Profile {
    /// The order of a ranking, best first: by what is proven (`low`), then by what may be (`high`), then by
    /// the applicant's id, so that the order is the same everywhere.
    #[must_use]
    pub fn compare_rank(&self, other: &Self) -> Ordering {
        other
            .score
            .low
            .cmp(&self.score.low)
            .then_with(|| other.score.high.cmp(&self.score.high))
            .then_with(|| self.applicant.id.cmp(&other.applicant.id))
    }

    /// Whether all that the rubric asks for could be seen: complete when every component is, unknown when
    /// none could be seen at all, else partial.
    #[must_use]
    pub fn state(&self) -> ComponentState {
        let all = |state| {
            self.score
                .components
                .iter()
                .all(|component| component.state == state)
        };
        if all(ComponentState::Complete) {
            ComponentState::Complete
        } else if all(ComponentState::Unknown) {
            ComponentState::Unknown
        } else {
            ComponentState::Partial
        }
    }
}

/// The part of an applicant that a profile shows. The e-mail address stays out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApplicantSummary {
    /// The name within plaudit.
    pub id: ApplicantId,
    /// The person's name, when the list gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The links that were supplied, in full.
    pub links: Vec<String>,
}

impl From<&Applicant> for ApplicantSummary {
    fn from(applicant: &Applicant) -> Self {
        Self {
            id: applicant.id.clone(),
            name: applicant.name.clone(),
            links: applicant.links.iter().map(ToString::to_string).collect(),
        }
    }
}

/// How far it is certain that the accounts belong to the applicant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Identity {
    /// The level.
    pub level: IdentityLevel,
    /// What supports it, each with the URL where it can be seen.
    pub proofs: Vec<String>,
}

/// Levels of certainty about an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentityLevel {
    /// The applicant says so.
    Claimed,
}

/// A finding that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Flag {
    /// Its kind.
    pub kind: String,
    /// Why it was raised, in words.
    pub reason: String,
    /// Where it can be seen.
    pub url: String,
}

/// A difference from the profile before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What changed, in words.
    pub what: String,
    /// Where it can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What a profile took to make. Applicants share queries, so both are shares and need not be whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// HTTP requests, repeats included. Count.
    pub requests: f64,
    /// GitHub GraphQL points, as the host charged them. Count.
    pub points: f64,
}

impl Cost {
    /// Adds another share.
    pub fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.points += other.points;
    }
}

/// A profile as the history keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// When it was stored.
    pub stored_at: Timestamp,
    /// The profile.
    pub profile: Profile,
}

impl Profile {
    /// Whether every source that a link leads to has answered, be it that there is nothing.
    pub fn is_complete(&self) -> bool {
        !self.sources.asked().iter().any(Asked::failed)
    }
}

impl Profile {
    /// Why another attempt may bring more: the source gave up on a part.
    pub fn given_up(&self) -> Option<&str> {
        let facts = self.sources.github.as_ref()?.lookup.found()?;
        let gap = facts.gaps.iter().find(|gap| gap.cause == Cause::Failed)?;
        Some(&gap.reason)
    }
}
