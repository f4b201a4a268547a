//! What GitHub sends: private structs in its own spelling, mapped to facts as soon as they are read.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Deserialize;

/// `repositoryOwner`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Owner {
    #[serde(rename = "__typename")]
    pub(super) kind: String,
    pub(super) login: String,
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) created_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) user_view_type: Option<String>,
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
    pub(super) name_with_owner: String,
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
    pub(super) url: String,
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
    pub(super) name_with_owner: String,
    pub(super) is_private: bool,
    pub(super) stargazer_count: u32,
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
    pub(super) mine: Option<Count>,
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

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommitDate {
    pub(super) committed_date: Timestamp,
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

impl<T> Nodes<T> {
    /// The nodes that are there.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.nodes.iter().flatten()
    }
}
