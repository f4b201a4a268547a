//! The profile: what plaudit keeps of an applicant and shows to a recruiter.

use std::cmp::Ordering;

use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    applicant::{Applicant, ApplicantId},
    changes::{self, Change},
    facts::{Asked, Cause, Sources},
    identity::{Identity, identity},
    integrity::{Flag, flags},
    review::{Found, Review},
    rubric::{Rubric, RubricStamp},
    score::{Case, ComponentState, Score, coverage, score},
};

mod brief;

pub use brief::PIECES_IN_BRIEF;

/// The version of the formula in [`super::score`] and of all that it calls. Raised when the same facts, rubric and
/// day would no longer give the same score.
pub const FORMULA: u32 = 1;

/// An applicant, what the sources say, and the score that follows from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// Whose profile it is.
    pub applicant: ApplicantSummary,
    /// The role applied for.
    pub role: String,
    /// Names what the score follows from: the same facts, rubric and day have the same name.
    #[serde(default)]
    pub snapshot: String,
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
    /// Findings that a person should look at. They change no points, unless the rubric says so by name.
    pub flags: Vec<Flag>,
    /// What people have added.
    #[serde(default, skip_serializing_if = "Review::is_empty")]
    pub review: Review,
    /// What the sources said.
    pub sources: Sources,
    /// What differs from the profile before.
    pub changes: Vec<Change>,
    /// What it took to make.
    pub cost: Cost,
    /// What was noticed on the way and a person should know.
    pub notices: Vec<String>,
    /// Pieces of evidence that are not here because it is a profile in brief; of a whole one 0. Count. Never stored.
    #[serde(skip)]
    pub left_out: usize,
}

/// What a profile is made of, before it is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Material {
    /// Whose profile it is.
    pub applicant: ApplicantSummary,
    /// The role applied for.
    pub role: String,
    /// What the sources said.
    pub sources: Sources,
    /// What people have added.
    pub review: Review,
    /// What it took.
    pub cost: Cost,
    /// What was noticed on the way.
    pub notices: Vec<String>,
}

/// What a score follows from, and nothing else.
#[derive(Serialize)]
struct Inputs<'a> {
    formula: u32,
    applicant: &'a ApplicantId,
    links: &'a [String],
    role: &'a str,
    rubric: &'a str,
    as_of: Date,
    sources: &'a Sources,
    /// Of what people have added that which counts; notes and adjustments stand beside.
    evidence: &'a [Found],
    looked_through: bool,
}

impl Inputs<'_> {
    /// `ID/0123456789abcdef`: the applicant's id, and the first 16 hexadecimal digits of the BLAKE3 digest of the
    /// inputs' JSON.
    fn name(&self) -> String {
        // Values of these types cannot fail to be written. In one piece: to hash each comma by itself takes longer
        // than to judge.
        let json = serde_json::to_vec(self).unwrap_or_default();
        let digest = blake3::hash(&json).to_hex();
        format!("{}/{}", self.applicant, &digest[..16])
    }
}

impl Profile {
    /// Judges `material` by `rubric` as of a day. `before` is the profile that it takes the place of.
    #[must_use]
    pub fn judge(material: Material, rubric: &Rubric, as_of: Date, before: Option<&Self>) -> Self {
        let Material {
            applicant,
            role,
            sources,
            review,
            cost,
            notices,
        } = material;
        let flags = flags(&sources, rubric);
        let case = Case {
            sources: &sources,
            review: &review,
            flags: &flags,
        };
        let score = score(rubric, case, as_of);
        let inputs = Inputs {
            formula: FORMULA,
            applicant: &applicant.id,
            links: &applicant.links,
            role: &role,
            rubric: &rubric.digest,
            as_of,
            sources: &sources,
            evidence: &review.evidence,
            looked_through: review.looked_through.is_some(),
        };
        let snapshot = inputs.name();
        let mut profile = Self {
            snapshot,
            rubric: rubric.stamp(),
            as_of,
            coverage: coverage(&score),
            score,
            identity: identity(&applicant.links, &sources, &review),
            flags,
            review,
            applicant,
            role,
            sources,
            changes: Vec::new(),
            cost,
            notices,
            left_out: 0,
        };
        if let Some(before) = before {
            if before.snapshot == profile.snapshot {
                // The same score with something more beside it: it takes the place of the one before, with its changes.
                profile.changes.clone_from(&before.changes);
            }
            let new = changes::between(before, &profile);
            profile.changes.extend(new);
        }
        profile
    }

    /// The same profile with what people have added meanwhile, as far as that stands beside the score; `None` when
    /// it counts, so that the facts must be judged anew.
    #[must_use]
    pub fn beside(&self, review: &Review) -> Option<Self> {
        let counts = |review: &Review| (review.evidence.clone(), review.looked_through.clone());
        if counts(review) != counts(&self.review) {
            return None;
        }
        let mut profile = Self {
            identity: identity(&self.applicant.links, &self.sources, review),
            review: review.clone(),
            ..self.clone()
        };
        let new = changes::between(self, &profile);
        profile.changes.extend(new);
        Some(profile)
    }

    /// Judges the same facts anew, without asking anybody: by a rubric, as of a day, with what people have added.
    #[must_use]
    pub fn rejudge(&self, rubric: &Rubric, as_of: Date, review: Review) -> Self {
        Self::judge(self.material(review), rubric, as_of, Some(self))
    }

    /// Judges a profile that is not kept yet anew, with what people have added meanwhile. `before` is the one that
    /// is kept.
    #[must_use]
    pub fn rejudge_beside(&self, rubric: &Rubric, review: Review, before: Option<&Self>) -> Self {
        Self::judge(self.material(review), rubric, self.as_of, before)
    }

    /// What it was made of, with another review. The score, which is the larger part, is not copied.
    fn material(&self, review: Review) -> Material {
        Material {
            applicant: self.applicant.clone(),
            role: self.role.clone(),
            sources: self.sources.clone(),
            review,
            cost: self.cost,
            notices: self.notices.clone(),
        }
    }

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
