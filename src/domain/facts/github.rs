//! What GitHub says about an applicant's public work.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::Gap;

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
    /// What the account itself names as its owner's, in its web site or among its social accounts, as far as it tells
    /// whose the account is: accounts on Kaggle, and the home page of the application. Whatever else it names is not
    /// kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The code that plaudit gave the applicant, where the account shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<SeenCode>,
    /// Activity by calendar year (UTC).
    #[serde(deserialize_with = "years")]
    pub years: BTreeMap<i16, YearTotals>,
    /// Tells whether anything has changed since: 16 hexadecimal digits that stand for when the account was last changed,
    /// how many pull requests and repositories it has, and the newest of each. They say nothing by themselves. Unknown
    /// without a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pulse: Option<String>,
    /// What could not be seen.
    pub gaps: Vec<Gap>,
}

/// What a [`GitHubFacts::pulse`] is made of; none of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vitals<'a> {
    /// When the account itself was last changed.
    pub updated_at: Timestamp,
    /// Pull requests. Count.
    pub pull_requests: u32,
    /// The node id of the one that was changed last, and when that was.
    pub newest_pull_request: Option<(&'a str, Timestamp)>,
    /// Public repositories. Count.
    pub repositories: u32,
    /// When one of them was last pushed to.
    pub newest_push: Option<Timestamp>,
}

impl Vitals<'_> {
    /// The first 16 hexadecimal digits of the BLAKE3 digest of all of it.
    #[must_use]
    pub fn pulse(&self) -> String {
        // Values of these types cannot fail to be written.
        let json = serde_json::to_vec(self).unwrap_or_default();
        blake3::hash(&json).to_hex()[..16].to_owned()
    }
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
    /// The dates of the newest of those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_own_commit: Option<CommitDates>,
    /// A look at those who starred it last; `None` when nobody looked, because its stars hardly count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stargazers: Option<Stargazers>,
}

/// The two dates of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CommitDates {
    /// What its author wrote into it, which may be any.
    #[schemars(with = "String")]
    pub authored_at: Timestamp,
    /// What its committer's machine wrote into it, which may be any as well.
    #[schemars(with = "String")]
    pub committed_at: Timestamp,
}

/// Those who starred a repository last, as numbers alone: nothing of anybody is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stargazers {
    /// How many were looked at, 100 at most. Count.
    pub looked_at: u32,
    /// The most of them that starred within one and the same 48 hours. Count.
    pub at_once: u32,
    /// Those whose account was made within seven days before it starred, and that own no repository. Count.
    pub hollow: u32,
}

/// A verification code on an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeenCode {
    /// The code.
    pub code: String,
    /// Where it stands: the account's page, or a gist of its owner's.
    pub url: String,
    /// When it was seen there.
    #[schemars(with = "String")]
    pub seen_at: Timestamp,
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
    /// The date that its author wrote into that commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub newest_authored: Option<Timestamp>,
    /// Who is the first author of those commits; `None` when nobody looked, because the pull requests account for
    /// them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_authors: Option<FirstAuthors>,
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

/// Who is the first author of an applicant's newest commits in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FirstAuthors {
    /// Commits that were looked at. Count.
    pub looked_at: u32,
    /// Those whose first author is somebody else, so that the applicant is named as a co-author. Count.
    pub others: u32,
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
    /// Files that it changes. Count. Unknown without a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<u32>,
    /// When it landed: GitHub's own date, which the author cannot set.
    #[schemars(with = "String")]
    pub landed_at: Timestamp,
    /// How it landed.
    pub landing: Landing,
    /// Whether the applicant merged it. `None`: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_by_self: Option<bool>,
    /// Who merged it, as a number: other people who merged this applicant's pull requests are numbered, not named.
    /// `None`: the applicant, nobody, or not known. Known outside the watched projects only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merger: Option<u32>,
    /// Stars of the repository. Count. Unknown without a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stars: Option<u32>,
    /// When the repository was created. Known outside the watched projects only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub repository_created_at: Option<Timestamp>,
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
}
