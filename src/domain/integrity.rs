//! Flags: findings that a person should look at, each with its threshold, its base rate and where to look.
//!
//! A flag accuses nobody. It changes no points, unless the rubric names its kind in `[flags]` with a factor; then
//! the factor stands in the evidence's own product. Thresholds are set so that honest people earn a flag rarely; the
//! base rates say how rarely, and where that was measured.

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evidence::{base_of, commits_url};
use super::facts::{GitHubFacts, Sources, Topic};
use super::rubric::Rubric;

mod commits;
mod pull_requests;
mod rates;
mod repositories;
#[cfg(test)]
mod tests;

pub use rates::{FOUND, HONEST, SEED};

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
///
/// What is not known raises nothing. The same facts raise the same flags in whatever order they come.
#[must_use]
pub fn flags(sources: &Sources, rubric: &Rubric) -> Vec<Flag> {
    let Some(observation) = &sources.github else {
        return Vec::new();
    };
    let Some(facts) = observation.lookup.found() else {
        return Vec::new();
    };
    let account = Account {
        base: base_of(&observation.url),
        facts,
    };
    FlagKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let finding = match kind {
                FlagKind::CopiedRepositories => repositories::copied(&account),
                FlagKind::BackdatedCommits => commits::backdated(&account),
                FlagKind::TrivialSeries => pull_requests::trivial_series(&account),
                FlagKind::FriendlyMergers => pull_requests::friendly_mergers(&account),
                FlagKind::StarBurst => repositories::star_burst(&account),
                FlagKind::BorrowedCommits => commits::borrowed(&account),
                FlagKind::CoAuthorPadding => commits::co_author_padding(&account),
            }?;
            let mut evidence = finding.evidence;
            evidence.sort_unstable();
            evidence.dedup();
            Some(Flag {
                kind,
                reason: finding.reason,
                threshold: kind.threshold(),
                base_rate: kind.base_rate(),
                url: finding.url,
                evidence,
                factor: rubric.flags.get(&kind).copied().unwrap_or(1.0),
            })
        })
        .collect()
}

/// What is looked through for flags.
struct Account<'a> {
    /// The web pages' base: `https://github.com`.
    base: &'a str,
    facts: &'a GitHubFacts,
}

impl Account<'_> {
    /// Whether all landed pull requests are known: in `project`, or everywhere.
    fn knows_pull_requests(&self, project: Option<&str>) -> bool {
        !self.facts.gaps.iter().any(|gap| {
            gap.topic == Topic::PullRequests
                && (project.is_none() || gap.project.is_none() || gap.project.as_deref() == project)
        })
    }

    /// The page of the account's commits in a project, which is also the URL of that evidence.
    fn commits_in(&self, project: &str) -> String {
        commits_url(self.base, project, &self.facts.login)
    }
}

/// What a look found, before it becomes a [`Flag`].
struct Finding {
    reason: String,
    url: String,
    evidence: Vec<String>,
}

/// Days as a span.
const fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

/// `3.2 %` of a share, or `2 %` where it is whole.
fn percent(part: u32, of: u32) -> String {
    let tenths = (u64::from(part) * 1_000 + u64::from(of) / 2) / u64::from(of.max(1));
    match tenths % 10 {
        0 => format!("{} %", tenths / 10),
        rest => format!("{}.{rest} %", tenths / 10),
    }
}

/// Whether `part` is at least so many percent `of` the whole.
fn is_at_least(part: u32, percent: u32, of: u32) -> bool {
    u64::from(part) * 100 >= u64::from(percent) * u64::from(of)
}
