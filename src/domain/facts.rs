//! What the sources say about an applicant, normalised.
//!
//! Promise 2, unknown is not zero, begins here: a whole source is a [`Lookup`], and what is missing inside
//! a found one is a [`Gap`] that names what could not be seen and why.
//! No avatar, location, country, gender, follower count, e-mail address, acceptance rate or streak has a
//! field here, so none can be kept.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// How a look-up ended. Four different things, from the wire to the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Lookup<T> {
    /// The source answered.
    Found {
        /// What it said.
        facts: T,
    },
    /// The source says that there is no such person: nobody, an organisation, a bot.
    Absent {
        /// Which of these, in words.
        reason: String,
    },
    /// The person is there and has chosen not to show this.
    Hidden {
        /// What is hidden, in words.
        reason: String,
    },
    /// The source could not be asked, or gave no usable answer.
    Failed {
        /// What happened, in words.
        reason: String,
    },
}

impl<T> Lookup<T> {
    /// The facts, if the source answered.
    pub fn found(&self) -> Option<&T> {
        match self {
            Self::Found { facts } => Some(facts),
            Self::Absent { .. } | Self::Hidden { .. } | Self::Failed { .. } => None,
        }
    }

    /// Why there are no facts.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Found { .. } => None,
            Self::Absent { reason } | Self::Hidden { reason } | Self::Failed { reason } => {
                Some(reason)
            }
        }
    }

    /// The state's name as the profile prints it.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Found { .. } => "found",
            Self::Absent { .. } => "absent",
            Self::Hidden { .. } => "hidden",
            Self::Failed { .. } => "failed",
        }
    }
}

/// What a source said, where, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Observation<T> {
    /// The page that a person would look at.
    pub url: String,
    /// When the source was asked.
    #[schemars(with = "String")]
    pub fetched_at: Timestamp,
    /// What it said.
    #[serde(flatten)]
    pub lookup: Lookup<T>,
}

/// What each source said. A source that no link leads to is left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sources {
    /// GitHub.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub github: Option<Observation<GitHubFacts>>,
}

/// An applicant's public work on GitHub.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GitHubFacts {
    /// The login as GitHub spells it today.
    pub login: String,
    /// The account's node id, which survives a rename. Everything is keyed on it.
    pub account_id: String,
    /// The login on the application, when GitHub knows the account under another one today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
    /// When the account was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub created_at: Option<Timestamp>,
    /// Public repositories that the applicant owns and that are no forks. Count.
    pub own_repositories: u32,
    /// Public forks that the applicant owns. Count. Unknown without a token.
    pub forks: Option<u32>,
    /// The own repositories that were looked at in depth, most stars first.
    pub repositories: Vec<OwnRepository>,
    /// The rubric's watched projects, in the rubric's order; all of them, also without any work.
    pub projects: Vec<ProjectFacts>,
    /// Landed pull requests in repositories that are neither watched nor the applicant's own. Count.
    pub merged_elsewhere: u32,
    /// People other than the applicant who merged those. Count of distinct accounts.
    pub mergers: u32,
    /// Every landed pull request that is counted above and known one by one, newest first.
    pub pull_requests: Vec<PullRequest>,
    /// Activity by calendar year (UTC).
    #[serde(deserialize_with = "years")]
    pub years: BTreeMap<i16, YearTotals>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
}

/// Years as JSON has them: keys that are text.
///
/// serde reads a map's numeric keys from text only when it reads JSON directly, and not from the buffer that
/// a flattened, tagged enum ([`Observation`]) takes.
fn years<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<i16, YearTotals>, D::Error> {
    let named = BTreeMap::<String, YearTotals>::deserialize(deserializer)?;
    let year = |(year, totals): (String, YearTotals)| match year.parse() {
        Ok(year) => Ok((year, totals)),
        Err(_) => Err(D::Error::custom(format!("{year:?} is no year"))),
    };
    named.into_iter().map(year).collect()
}

/// A repository of the applicant's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OwnRepository {
    /// `owner/name`.
    pub name: String,
    /// Its page.
    pub url: String,
    /// Stars. Count.
    pub stars: u32,
    /// Forks of it. Count.
    pub forks: u32,
    /// The language that GitHub finds most of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// When the repository was created on GitHub.
    #[schemars(with = "String")]
    pub created_at: Timestamp,
    /// Last push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub pushed_at: Option<Timestamp>,
    /// Commits on the default branch. Count. From GraphQL `history`, `totalCount`.
    pub commits: Option<u32>,
    /// Those authored by the applicant. Count. From GraphQL `history(author:)`, `totalCount`.
    pub own_commits: Option<u32>,
}

/// Work in one watched project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectFacts {
    /// `owner/name` as the rubric spells it.
    pub name: String,
    /// Commits on the default branch authored by the applicant. Count; unknown is null.
    /// From GraphQL `defaultBranchRef.target.history(author:)`, `totalCount`.
    pub commits: Option<u32>,
    /// When the newest of those commits was committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub newest_commit: Option<Timestamp>,
    /// Pull requests that GitHub shows as merged, less those reverted. Count.
    pub merged: u32,
    /// Pull requests that GitHub shows as closed and a commit proves as landed, less those reverted. Count.
    pub landed: u32,
    /// Pull requests that landed and were taken back. Count. They earn nothing.
    pub reverted: u32,
    /// Pull requests that carry a landing label without a commit that proves it. Count. They earn nothing.
    pub unproven: u32,
    /// When the first counted pull request landed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub first: Option<Timestamp>,
    /// When the last counted pull request landed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub last: Option<Timestamp>,
}

/// A pull request that landed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PullRequest {
    /// Its page.
    pub url: String,
    /// `owner/name` of the repository it landed in, as the rubric spells it when watched.
    pub project: String,
    /// Whether that is one of the rubric's watched projects.
    pub watched: bool,
    /// Title, made harmless.
    pub title: String,
    /// Lines added and removed. Count. Unknown without a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<u32>,
    /// Whether it touches documentation alone. Known in watched projects only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs_only: Option<bool>,
    /// When it landed: GitHub's own date, which the author cannot set.
    #[schemars(with = "String")]
    pub landed_at: Timestamp,
    /// How it landed.
    pub landing: Landing,
    /// Whether the applicant merged it. `None`: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_by_self: Option<bool>,
    /// Stars of the repository. Count. Unknown without a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stars: Option<u32>,
}

/// How a pull request landed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Landing {
    /// By GitHub's merge button or queue.
    Merged,
    /// By a commit that a bot pushed and that closed it.
    Commit {
        /// That commit's page: the proof.
        url: String,
    },
}

/// Contributions of one calendar year as GitHub counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct YearTotals {
    /// Commits. Count.
    pub commits: u32,
    /// Pull requests opened. Count.
    pub pull_requests: u32,
    /// Reviews of other people's pull requests. Count.
    pub reviews: u32,
    /// Issues opened. Count.
    pub issues: u32,
    /// Contributions to private repositories, of which only the number is shown. Count.
    pub restricted: u32,
}

impl YearTotals {
    /// All public contributions. Count.
    #[must_use]
    pub fn public(&self) -> u32 {
        self.commits
            .saturating_add(self.pull_requests)
            .saturating_add(self.reviews)
            .saturating_add(self.issues)
    }
}

/// Something inside found facts that could not be seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// What is missing.
    pub topic: Topic,
    /// The project it is missing for, when it is one project's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Why.
    pub cause: Cause,
    /// The same in words, for people.
    pub reason: String,
}

/// What a [`Gap`] is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Landed pull requests, or what became of them.
    PullRequests,
    /// Commits in a watched project.
    Commits,
    /// Reviews.
    Reviews,
    /// Activity by year.
    Years,
    /// Own repositories, or the applicant's share in them.
    OwnRepositories,
}

/// Why something could not be seen.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The person does not show it.
    Hidden,
    /// The source shows it, but not what would prove it.
    Unproven,
    /// The source does not know what was asked about: a project of the rubric that is not there.
    Missing,
    /// The source gave up on it; another attempt may bring it.
    Failed,
    /// plaudit had no means to ask (no token).
    NotAsked,
}

/// Whether a file of this path is documentation, and nothing that runs.
///
/// Documentation is what lies in a folder `doc` or `docs` at any depth, and a file whose name ends in `.md`
/// or `.rst` or begins with `README`, `CITATION` or `LICENSE`. Compared without regard to case.
#[must_use]
pub fn is_documentation(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let mut parts = path.rsplit('/');
    let file = parts.next().unwrap_or_default();
    let prose = file
        .rsplit_once('.')
        .is_some_and(|(_, ending)| matches!(ending, "md" | "rst"));
    let named = ["readme", "citation", "license"]
        .iter()
        .any(|name| file.starts_with(name));
    prose || named || parts.any(|folder| matches!(folder, "doc" | "docs"))
}

/// The words in which gaps are explained to people.
pub mod reasons {
    use super::Topic;

    /// The link leads to an organisation.
    pub const ORGANISATION: &str = "the account belongs to an organisation, not to a person";
    /// The link leads to an app's account.
    pub const BOT: &str = "the account belongs to a bot, not to a person";
    /// The link leads nowhere.
    pub const MISSING: &str = "GitHub knows no account of this name, now or formerly";
    /// The rubric's project is not there.
    pub const PROJECT_MISSING: &str = "GitHub knows no repository of this name";
    /// The profile is private, or shows no contribution although there is work.
    pub const HIDDEN_PROFILE: &str =
        "the account hides its activity, so reviews and years of work are unknown, not zero";
    /// Private contributions are shown as a number alone.
    pub const RESTRICTED: &str =
        "some contributions are to private repositories; GitHub shows only how many";
    /// A list of pull requests was not read to its end.
    pub const CUT_LIST: &str = "not all pages of the pull requests could be read";
    /// Years and repositories were too heavy for the host.
    pub const HEAVY_YEARS: &str = "GitHub could not count the activity by year in time";
    /// Commits were too heavy for the host.
    pub const HEAVY_COMMITS: &str = "GitHub could not count the commits in time";
    /// The author cannot be searched.
    pub const NOT_SEARCHABLE: &str =
        "GitHub does not let this account's pull requests be searched without a token";

    /// Pull requests that carry a landing label without a commit that proves it.
    #[must_use]
    pub fn unproven(count: u32) -> String {
        match count {
            1 => "1 pull request is labelled as landed, but no commit proves it".to_owned(),
            _ => format!("{count} pull requests are labelled as landed, but no commit proves it"),
        }
    }

    /// Pull requests that GitHub counts and does not show.
    #[must_use]
    pub fn out_of_sight(count: u32) -> String {
        let what = if count == 1 {
            "pull request is"
        } else {
            "pull requests are"
        };
        format!("{count} {what} where this token may not look")
    }

    /// Pull requests whose proof could not be read.
    pub fn unread_proofs(count: u32) -> String {
        format!("GitHub could not tell in time what became of {count} pull requests")
    }

    /// Own repositories whose history is unknown.
    pub fn unknown_share(count: u32) -> String {
        let what = if count == 1 {
            "repository"
        } else {
            "repositories"
        };
        format!("GitHub could not count the commits in {count} own {what}")
    }

    /// Only the first page of a search was read.
    pub fn first_page(seen: usize, all: u64) -> String {
        format!("without a token only {seen} of {all} merged pull requests could be read")
    }

    /// What REST without a token does not show.
    pub const fn without_token(topic: Topic) -> &'static str {
        match topic {
            Topic::PullRequests => {
                "without a token neither the sizes of pull requests, nor those that bots landed, nor reverts can be seen"
            }
            Topic::Commits => "without a token commits in the watched projects cannot be counted",
            Topic::Reviews => "without a token reviews cannot be counted",
            Topic::Years => "without a token activity by year cannot be seen",
            Topic::OwnRepositories => {
                "without a token the applicant's share in own repositories cannot be seen"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_is_told_from_code_by_its_path() {
        for (path, documentation) in [
            ("docs/source/index.html", true),
            ("docs/notes.txt", true),
            ("doc/whats_new/v1.7.rst", true),
            ("package/docs/guide.py", true),
            ("README", true),
            ("readme.txt", true),
            ("src/README.md", true),
            ("CITATION.cff", true),
            ("LICENSE-MIT", true),
            ("CHANGELOG.MD", true),
            ("torch/nn/modules/conv.py", false),
            ("requirements.txt", false),
            ("documents/loader.py", false),
            ("src/docs.py", false),
            ("doc", false),
            ("rst", false),
            ("", false),
        ] {
            assert_eq!(is_documentation(path), documentation, "{path:?}");
        }
    }

    #[test]
    fn a_count_of_one_reads_as_one() {
        assert!(reasons::unproven(1).starts_with("1 pull request is"));
        assert!(reasons::unproven(2).starts_with("2 pull requests are"));
    }
}
