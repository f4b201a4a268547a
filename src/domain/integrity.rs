//! Flags: findings that a person should look at, each with its threshold, its base rate and where to look.
//!
//! A flag accuses nobody. It changes no points, unless the rubric names its kind in `[flags]` with a factor; then
//! the factor stands in the evidence's own product. Thresholds are set so that honest people earn a flag rarely; the
//! base rates say how rarely, and where that was measured.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::facts::Sources;
use super::rubric::Rubric;

/// A finding that a person should look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Flag {
    /// Its kind.
    pub kind: FlagKind,
    /// What was found, in words.
    pub reason: String,
    /// From where on it is raised, in words.
    #[serde(default)]
    pub threshold: String,
    /// How often it is raised over honest people, in words, with its source.
    #[serde(default)]
    pub base_rate: String,
    /// Where it can be seen.
    pub url: String,
    /// The evidence that it is about, by URL.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// What the rubric multiplies that evidence by; 1, unless the rubric says so by name.
    #[serde(default = "one")]
    pub factor: f64,
}

fn one() -> f64 {
    1.0
}

/// What a flag is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FlagKind {
    /// Forks, and clones pushed anew whose commits are other people's.
    CopiedRepositories,
    /// Commits whose author's date is before the account or the repository was there, or far from the commit's.
    BackdatedCommits,
    /// Many tiny pull requests in many unrelated repositories.
    TrivialSeries,
    /// Pull requests elsewhere that hardly anybody but one or two accounts has merged, in repositories without an
    /// audience.
    FriendlyMergers,
    /// Stars that came at once, from accounts made for it.
    StarBurst,
    /// Commits in a watched project that are credited by an e-mail address alone.
    BorrowedCommits,
    /// Commits in a watched project of which somebody else is the first author.
    CoAuthorPadding,
}

impl FlagKind {
    /// Every kind, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::CopiedRepositories,
        Self::BackdatedCommits,
        Self::TrivialSeries,
        Self::FriendlyMergers,
        Self::StarBurst,
        Self::BorrowedCommits,
        Self::CoAuthorPadding,
    ];

    /// Its name in rubrics and outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CopiedRepositories => "copied_repositories",
            Self::BackdatedCommits => "backdated_commits",
            Self::TrivialSeries => "trivial_series",
            Self::FriendlyMergers => "friendly_mergers",
            Self::StarBurst => "star_burst",
            Self::BorrowedCommits => "borrowed_commits",
            Self::CoAuthorPadding => "co_author_padding",
        }
    }
}

/// The flags that the facts raise, in the order of [`FlagKind::ALL`]; `rubric` alone says whether they weigh.
#[must_use]
pub fn flags(sources: &Sources, rubric: &Rubric) -> Vec<Flag> {
    let _ = (sources, rubric);
    Vec::new()
}
