//! How far it is certain that the accounts are the applicant's: claimed → linked → proven.
//!
//! - **claimed**: the application names the account, and nothing else does.
//! - **linked**: the account names another one of the applicant's, or another one names it: Kaggle's GitHub name,
//!   GitHub's web site or social accounts, a home page's `rel="me"`. A plain link on a home page is shown as a proof
//!   and links nothing, since people link to others' work as well.
//! - **proven**: the account shows the code that plaudit gave the applicant, or names an account that does.
//!
//! Each proof says who names whom, for an account can only vouch for what its own holder says. That is also why
//! *proven* goes one way alone: an account that names the proven one is proven, since its holder says to be the
//! same person. One that the proven account merely names is linked and no more: everybody can name the account of
//! somebody with more medals.
//!
//! The profile's level is the lowest among the accounts that were read, which are those on GitHub and Kaggle that
//! were found. A conflict (the Kaggle account names another GitHub account than the application) is shown loudly,
//! and leaves what it touches claimed unless it is proven.

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::facts::Sources;
use super::review::Review;

mod parties;
#[cfg(test)]
mod tests;
mod words;

use parties::{Parties, Who};
use words::{Say, Words};

/// How far it is certain that the accounts belong to the applicant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Identity {
    /// The lowest level among the accounts that were read.
    pub level: IdentityLevel,
    /// What supports it.
    pub proofs: Vec<Proof>,
    /// What speaks against it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Proof>,
}

impl Identity {
    /// That the applicant says so, and nothing else.
    #[must_use]
    pub fn claimed() -> Self {
        Self {
            level: IdentityLevel::Claimed,
            proofs: Vec::new(),
            conflicts: Vec::new(),
        }
    }
}

/// Levels of certainty about an identity, the least first.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum IdentityLevel {
    /// The applicant says so.
    Claimed,
    /// The accounts name each other.
    Linked,
    /// The account shows the code that plaudit gave.
    Proven,
}

impl IdentityLevel {
    /// `claimed`, `linked` or `proven`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Linked => "linked",
            Self::Proven => "proven",
        }
    }
}

/// Something that speaks for, or against, an account being the applicant's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proof {
    /// What, in words.
    pub what: String,
    /// Where it can be seen.
    pub url: String,
}

/// The identity that the facts support. `links` are those of the application, in full.
#[must_use]
pub fn identity(links: &[String], sources: &Sources, review: &Review) -> Identity {
    let parties = Parties::of(links, sources);
    let Words { says, conflicts } = words::all(&parties, sources);
    let code = code_shown(sources, review);
    let mut accounts = Vec::new();
    if let Some(facts) = sources.github.as_ref().and_then(|one| one.lookup.found()) {
        accounts.push((Who::GitHub, format!("the GitHub account {}", facts.login)));
    }
    if let Some(facts) = sources.kaggle.as_ref().and_then(|one| one.lookup.found()) {
        let name = format!("the Kaggle account {}", facts.user_name);
        accounts.push((Who::Kaggle, name));
    }
    let shows = |who: Who| who == Who::GitHub && code.is_some();
    let names_proven = |who: Who| {
        says.iter()
            .any(|one| one.counts && one.by == who && shows(one.of))
    };
    let is_linked = |who: Who| {
        let named = |one: &Say| one.counts && (one.by == who || one.of == who);
        says.iter().any(named) && !conflicts.iter().any(|(touched, _)| touched.contains(&who))
    };
    let level_of = |who: Who| {
        if shows(who) || names_proven(who) {
            IdentityLevel::Proven
        } else if is_linked(who) {
            IdentityLevel::Linked
        } else {
            IdentityLevel::Claimed
        }
    };
    let level = accounts.iter().map(|(who, _)| level_of(*who)).min();
    let mut proofs: Vec<Proof> = code.iter().cloned().collect();
    for (who, name) in &accounts {
        let by_name = says
            .iter()
            .find(|one| !shows(*who) && one.counts && one.by == *who && shows(one.of));
        proofs.extend(by_name.map(|one| Proof {
            what: format!(
                "{name} names the account that shows the code, so that it is proven as well"
            ),
            url: one.url.clone(),
        }));
    }
    proofs.extend(words::proofs(&says));
    Identity {
        level: level.unwrap_or(IdentityLevel::Claimed),
        proofs,
        conflicts: conflicts.into_iter().map(|(_, proof)| proof).collect(),
    }
}

/// That the GitHub account shows the code that plaudit gave.
fn code_shown(sources: &Sources, review: &Review) -> Option<Proof> {
    let challenge = review.challenge.as_ref()?;
    let facts = sources.github.as_ref()?.lookup.found()?;
    let seen = facts.code.as_ref()?;
    (seen.code == challenge.code).then(|| Proof {
        what: format!(
            "the GitHub account {} shows the code {} that plaudit gave the applicant (seen on {})",
            facts.login,
            challenge.code,
            seen.seen_at.to_zoned(TimeZone::UTC).date()
        ),
        url: seen.url.clone(),
    })
}
