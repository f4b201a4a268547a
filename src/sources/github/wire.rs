//! What GitHub sends: private structs in its own spelling, mapped to facts as soon as they are read.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use crate::domain::facts::{CommitDates, Vitals};
use crate::domain::text::{is_invisible, tame};

/// A name that is kept and shown.
fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|text| tame(&text))
}

/// An address that is kept and shown. It is not cut: half an address leads elsewhere.
fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let mut text = String::deserialize(deserializer)?;
    text.retain(|character| !is_invisible(character));
    Ok(text)
}

/// `repositoryOwner`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Owner {
    #[serde(rename = "__typename")]
    pub(super) kind: String,
    #[serde(deserialize_with = "name")]
    pub(super) login: String,
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) created_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) user_view_type: Option<String>,
    #[serde(default)]
    pub(super) website_url: Option<String>,
    #[serde(default)]
    pub(super) social_accounts: Option<Nodes<SocialAccount>>,
    #[serde(default)]
    pub(super) own: Option<Repositories>,
    #[serde(default)]
    pub(super) forks: Option<Count>,
    #[serde(default)]
    pub(super) merged: Option<PullRequests>,
    #[serde(default)]
    pub(super) labelled: Option<PullRequests>,
    #[serde(default)]
    pub(super) closed: Option<PullRequests>,
    #[serde(default)]
    pub(super) activity: Option<Activity>,
    #[serde(default)]
    pub(super) updated_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) latest: Option<Latest>,
    #[serde(default)]
    pub(super) pushed: Option<Pushed>,
}

impl Owner {
    /// What its pulse is made of, if GitHub sent all of it.
    pub(super) fn vitals(&self) -> Option<Vitals<'_>> {
        let (latest, pushed) = (self.latest.as_ref()?, self.pushed.as_ref()?);
        Some(vitals(self.updated_at?, latest, pushed))
    }
}

/// An account that is probed.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Probed {
    #[serde(rename = "__typename")]
    pub(super) kind: String,
    #[serde(default)]
    updated_at: Option<Timestamp>,
    #[serde(default)]
    latest: Option<Latest>,
    #[serde(default)]
    pushed: Option<Pushed>,
}

impl Probed {
    /// What its pulse is made of, if GitHub sent all of it.
    pub(super) fn vitals(&self) -> Option<Vitals<'_>> {
        let (latest, pushed) = (self.latest.as_ref()?, self.pushed.as_ref()?);
        Some(vitals(self.updated_at?, latest, pushed))
    }
}

fn vitals<'a>(updated_at: Timestamp, latest: &'a Latest, pushed: &Pushed) -> Vitals<'a> {
    Vitals {
        updated_at,
        pull_requests: latest.total_count,
        newest_pull_request: latest
            .nodes
            .iter()
            .flatten()
            .next()
            .map(|newest| (newest.id.as_str(), newest.updated_at)),
        repositories: pushed.total_count,
        newest_push: pushed
            .nodes
            .iter()
            .flatten()
            .next()
            .and_then(|repository| repository.pushed_at),
    }
}

/// The pull request of which something happened last.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Latest {
    total_count: u32,
    nodes: Vec<Option<LatestPullRequest>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LatestPullRequest {
    id: String,
    updated_at: Timestamp,
}

/// The repository that was pushed to last.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pushed {
    total_count: u32,
    nodes: Vec<Option<PushedRepository>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PushedRepository {
    pushed_at: Option<Timestamp>,
}

/// What a login leads to.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Kind {
    #[serde(rename = "__typename")]
    pub(super) kind: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct SocialAccount {
    pub(super) url: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Count {
    pub(super) total_count: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Activity {
    pub(super) contribution_years: Vec<i16>,
    pub(super) restricted_contributions_count: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Repositories {
    pub(super) total_count: u32,
    pub(super) nodes: Vec<Option<Repository>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Repository {
    pub(super) id: String,
    #[serde(deserialize_with = "name")]
    pub(super) name_with_owner: String,
    #[serde(deserialize_with = "address")]
    pub(super) url: String,
    pub(super) created_at: Timestamp,
    pub(super) pushed_at: Option<Timestamp>,
    pub(super) stargazer_count: u32,
    pub(super) fork_count: u32,
    pub(super) is_empty: bool,
    pub(super) is_mirror: bool,
    pub(super) is_template: bool,
    pub(super) primary_language: Option<Language>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Language {
    #[serde(deserialize_with = "name")]
    pub(super) name: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PullRequests {
    pub(super) page_info: PageInfo,
    pub(super) nodes: Vec<Option<PullRequest>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    pub(super) has_next_page: bool,
    pub(super) end_cursor: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PullRequest {
    pub(super) id: String,
    pub(super) number: u64,
    #[serde(deserialize_with = "address")]
    pub(super) url: String,
    #[serde(deserialize_with = "name")]
    pub(super) title: String,
    pub(super) merged_at: Option<Timestamp>,
    pub(super) additions: u32,
    pub(super) deletions: u32,
    pub(super) changed_files: u32,
    pub(super) merged_by: Option<Actor>,
    pub(super) repository: PullRequestRepository,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Actor {
    pub(super) login: String,
    #[serde(default)]
    pub(super) id: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PullRequestRepository {
    #[serde(deserialize_with = "name")]
    pub(super) name_with_owner: String,
    pub(super) is_private: bool,
    pub(super) stargazer_count: u32,
    #[serde(default)]
    pub(super) created_at: Option<Timestamp>,
    pub(super) owner: Actor,
}

/// `node(id:)` of a further page.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct PageOwner {
    #[serde(default)]
    pub(super) page: Option<PullRequests>,
}

/// Contributions by year, by alias (`y2024`); the other keys are no years.
pub(super) type Years = HashMap<String, serde_json::Value>;

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Totals {
    pub(super) total_commit_contributions: u32,
    pub(super) total_pull_request_contributions: u32,
    pub(super) total_pull_request_review_contributions: u32,
    pub(super) total_issue_contributions: u32,
    pub(super) restricted_contributions_count: u32,
}

/// An own repository in depth.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OwnDepth {
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) default_branch_ref: Option<OwnBranch>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct OwnBranch {
    pub(super) target: Option<OwnTarget>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct OwnTarget {
    #[serde(default)]
    pub(super) all: Option<Count>,
    #[serde(default)]
    pub(super) mine: Option<History>,
}

/// A watched project: its default branch, with a history for each applicant under the applicant's alias.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WatchedRepository {
    pub(super) name_with_owner: String,
    pub(super) stargazer_count: u32,
    pub(super) default_branch_ref: Option<WatchedBranch>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct WatchedBranch {
    pub(super) target: Option<HashMap<String, serde_json::Value>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct History {
    pub(super) total_count: u32,
    pub(super) nodes: Vec<Option<CommitDate>>,
}

impl History {
    /// The dates of the newest.
    pub(super) fn newest(&self) -> Option<CommitDates> {
        let newest = self.nodes.iter().flatten().next()?;
        Some(CommitDates {
            authored_at: newest.authored_date,
            committed_at: newest.committed_date,
        })
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommitDate {
    pub(super) authored_date: Timestamp,
    pub(super) committed_date: Timestamp,
}

/// A watched project, for the authors of an applicant's commits.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuthorsRepository {
    pub(super) default_branch_ref: Option<AuthorsBranch>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct AuthorsBranch {
    pub(super) target: Option<AuthorsTarget>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct AuthorsTarget {
    #[serde(default)]
    pub(super) mine: Option<Nodes<AuthoredCommit>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct AuthoredCommit {
    pub(super) authors: Nodes<GitActor>,
}

/// An own repository, for its stars.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Starred {
    #[serde(default)]
    pub(super) stargazers: Option<Edges>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Edges {
    pub(super) edges: Vec<Option<Star>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Star {
    pub(super) starred_at: Timestamp,
    pub(super) node: Starrer,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Starrer {
    pub(super) created_at: Timestamp,
    pub(super) repositories: Count,
}

/// The texts of an account in which a code may stand. Without `Debug`, so that no log can hold them.
#[derive(Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    pub(super) url: Option<String>,
    #[serde(default)]
    pub(super) bio: Option<String>,
    #[serde(default)]
    pub(super) gists: Option<Nodes<Gist>>,
}

/// See [`Shown`].
#[derive(Deserialize)]
pub(super) struct Gist {
    pub(super) url: String,
    #[serde(default)]
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) files: Option<Vec<Option<GistFile>>>,
}

/// See [`Shown`].
#[derive(Deserialize)]
pub(super) struct GistFile {
    #[serde(default)]
    pub(super) text: Option<String>,
}

/// What became of a pull request.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Proof {
    #[serde(default)]
    pub(super) labels: Option<Nodes<Label>>,
    #[serde(default)]
    pub(super) closed: Option<Nodes<ClosedEvent>>,
    #[serde(default)]
    pub(super) referenced: Option<Nodes<ReferencedEvent>>,
    #[serde(default)]
    pub(super) files: Option<Nodes<File>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Nodes<T> {
    pub(super) nodes: Vec<Option<T>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Label {
    pub(super) name: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClosedEvent {
    pub(super) created_at: Timestamp,
    #[serde(default)]
    pub(super) closer: Option<Closer>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "__typename")]
pub(super) enum Closer {
    Commit(ClosingCommit),
    #[serde(other)]
    Other,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct ClosingCommit {
    pub(super) oid: String,
    #[serde(deserialize_with = "address")]
    pub(super) url: String,
    #[serde(default)]
    pub(super) author: Option<GitActor>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct GitActor {
    #[serde(default)]
    pub(super) user: Option<Id>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Id {
    pub(super) id: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReferencedEvent {
    pub(super) created_at: Timestamp,
    pub(super) is_cross_repository: bool,
    #[serde(default)]
    pub(super) commit: Option<ReferencedCommit>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct ReferencedCommit {
    pub(super) message: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct File {
    pub(super) path: String,
}

impl Proof {
    /// What is known of a pull request that has gone away: that nothing proves it.
    pub(super) fn gone() -> Self {
        Self {
            labels: Some(Nodes { nodes: Vec::new() }),
            closed: Some(Nodes { nodes: Vec::new() }),
            referenced: Some(Nodes { nodes: Vec::new() }),
            files: None,
        }
    }

    /// Whether GitHub showed all that decides what became of the pull request. What a token may not see, or GitHub
    /// gave up on, comes as null beside the rest.
    pub(super) fn is_whole(&self) -> bool {
        self.labels.is_some() && self.closed.is_some() && self.referenced.is_some()
    }
}

impl<T> Nodes<T> {
    /// The nodes that are there.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.nodes.iter().flatten()
    }
}
