//! What people add about an applicant: evidence that no source tells, notes, adjustments.
//!
//! Everything bears a name and a date, and nothing is taken away without a trace: what was withdrawn stays, marked.
//! Evidence counts in the rubric's component `reviewed`; notes and adjustments stand beside the computed score,
//! never instead of it.

use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod entry;

use super::facts::{SeenCode, Sources};
use super::score::Points;

/// What people have added about one applicant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Review {
    /// Grows with each change, so that nobody overwrites what somebody else has just added. Count.
    pub revision: u64,
    /// Evidence that a person has looked up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Found>,
    /// Who has looked for such evidence to the end, so that what is not here is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_through: Option<Signature>,
    /// Remarks, which change nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Points that a person adds or takes away, shown beside the computed score.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// The code that the applicant was asked to show on an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<Challenge>,
}

impl Review {
    /// Whether nobody has added anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The evidence that counts.
    pub fn standing_evidence(&self) -> impl Iterator<Item = &Found> {
        self.evidence.iter().filter(|one| one.withdrawn.is_none())
    }

    /// The adjustments that hold.
    pub fn standing_adjustments(&self) -> impl Iterator<Item = &Adjustment> {
        self.adjustments
            .iter()
            .filter(|one| one.withdrawn.is_none())
    }

    /// The sum of the adjustments that hold; `None` when there is none.
    #[must_use]
    pub fn adjusted_by(&self) -> Option<Points> {
        self.standing_adjustments().next()?;
        Some(self.standing_adjustments().map(|one| one.points).sum())
    }

    /// Where the applicant shows the code that was given, if a source has seen it.
    #[must_use]
    pub fn code_seen<'a>(&self, sources: &'a Sources) -> Option<&'a SeenCode> {
        let given = self.challenge.as_ref()?;
        let facts = sources.github.as_ref()?.lookup.found()?;
        facts.code.as_ref().filter(|seen| seen.code == given.code)
    }

    /// Whether a code was given that the account, which is there, has not shown yet.
    #[must_use]
    pub fn awaits_code(&self, sources: &Sources) -> bool {
        let account = sources.github.as_ref().and_then(|one| one.lookup.found());
        self.challenge.is_some() && account.is_some() && self.code_seen(sources).is_none()
    }

    /// The number that the next entry gets: entries of all kinds share one count, so that a number names one entry.
    #[must_use]
    pub fn next_number(&self) -> u32 {
        let evidence = self.evidence.iter().map(|one| one.number);
        let notes = self.notes.iter().map(|one| one.number);
        let adjustments = self.adjustments.iter().map(|one| one.number);
        let last = evidence.chain(notes).chain(adjustments).max();
        last.unwrap_or(0).saturating_add(1)
    }
}

/// Who, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Signature {
    /// The name that the person gave.
    pub by: String,
    /// When.
    #[schemars(with = "String")]
    pub at: Timestamp,
}

/// Evidence that a person has looked up: a publication, a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Found {
    /// Its number among this applicant's entries.
    pub number: u32,
    /// A kind that the rubric names in `reviewed.kinds`.
    pub kind: String,
    /// How many of it: years in industry. Count, at least 1.
    pub amount: u32,
    /// Where it can be seen.
    pub url: String,
    /// Why it counts, in words, made harmless.
    pub reason: String,
    /// When it happened.
    #[schemars(with = "String")]
    pub date: Date,
    /// Who added it.
    pub signature: Signature,
    /// Who withdrew it, if somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawal>,
}

/// A remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// Its number among this applicant's entries.
    pub number: u32,
    /// What, made harmless.
    pub text: String,
    /// Who.
    pub signature: Signature,
}

/// Points that a person adds or takes away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Adjustment {
    /// Its number among this applicant's entries.
    pub number: u32,
    /// How many; below 0 takes away.
    pub points: Points,
    /// Why, in words, made harmless.
    pub reason: String,
    /// Who.
    pub signature: Signature,
    /// Who withdrew it, if somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawal>,
}

/// That an entry no longer holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Withdrawal {
    /// Why, in words, made harmless.
    pub reason: String,
    /// Who.
    pub signature: Signature,
}

/// A code that the applicant is asked to show on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Challenge {
    /// The code. No secret: who shows it holds the account.
    pub code: String,
    /// When it was given.
    #[schemars(with = "String")]
    pub given_at: Timestamp,
}
