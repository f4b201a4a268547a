//! From what GitHub sent to facts: pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Interest;
use super::crawl::{Depth, WatchedCommits};
use super::landing::{Fate, Known, fate};
use super::names::names;
use super::wire::{self, Owner, Proof, Repositories};
use crate::domain::facts::{
    Cause, Gap, GitHubFacts, Landing, OwnRepository, ProjectFacts, PullRequest, Topic, YearTotals,
    is_documentation, reasons,
};
use crate::domain::text::tame;

/// Files of a pull request that are asked for; one with more is never documentation alone.
const MOST_FILES: u32 = 20;

/// A pull request that may count.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) pull_request: wire::PullRequest,
    /// Which watched project it belongs to.
    pub(super) watched: Option<usize>,
    pub(super) labelled: bool,
    pub(super) needs_proof: bool,
}

/// Everything that was asked about a person, beside the core.
pub(super) struct Asked {
    /// `None`: GitHub gave up on it.
    pub(super) depth: Option<Depth>,
    /// By watched project; empty when GitHub gave up on all.
    pub(super) watched: Vec<WatchedCommits>,
    pub(super) own: Vec<wire::Repository>,
    pub(super) candidates: Vec<Candidate>,
    /// By node id; `None` where GitHub gave up.
    pub(super) proofs: HashMap<String, Option<Proof>>,
    /// Whether a list of pull requests could not be read to its end.
    pub(super) cut: bool,
    /// Pull requests that the token may not see. Count.
    pub(super) lost: u32,
}

/// What to say of an account that is nobody's.
pub(super) fn not_a_person(kind: &str) -> String {
    match kind {
        "Organization" => reasons::ORGANISATION.to_owned(),
        "Bot" => reasons::BOT.to_owned(),
        other => format!("the account is a {} on GitHub, not a person", tame(other)),
    }
}

/// The own repositories to look at in depth: those with content, most stars first, then pushed last.
pub(super) fn own_in_depth(own: Option<&Repositories>, most: usize) -> Vec<wire::Repository> {
    let nodes = own.map(|own| own.nodes.as_slice()).unwrap_or_default();
    let mut with_content: Vec<_> = nodes
        .iter()
        .flatten()
        .filter(|repository| {
            !(repository.is_empty || repository.is_mirror || repository.is_template)
        })
        .cloned()
        .collect();
    with_content.sort_by(|left, right| {
        (right.stargazer_count, right.pushed_at)
            .cmp(&(left.stargazer_count, left.pushed_at))
            .then_with(|| left.name_with_owner.cmp(&right.name_with_owner))
    });
    with_content.truncate(most);
    with_content
}

/// The pull requests that may count: not private, not the applicant's own repositories', each once.
pub(super) fn candidates(
    interest: &Interest,
    account: &str,
    merged: Vec<wire::PullRequest>,
    labelled: Vec<wire::PullRequest>,
    closed: Vec<wire::PullRequest>,
) -> Vec<Candidate> {
    let mut seen = HashSet::new();
    let mut candidates = Vec::new();
    let lists = [
        (merged, true, false),
        (labelled, false, true),
        (closed, false, false),
    ];
    for (list, is_merged, is_labelled) in lists {
        for pull_request in list {
            let repository = &pull_request.repository;
            let own = repository.owner.id.as_deref() == Some(account);
            if repository.is_private || own || !seen.insert(pull_request.id.clone()) {
                continue;
            }
            let watched = interest
                .watched
                .iter()
                .position(|project| project.is(&repository.name_with_owner));
            // Elsewhere GitHub's own word is enough for the merged, and the unlabelled never landed.
            let needs_proof = watched.is_some() || is_labelled;
            if is_merged || needs_proof {
                let labelled = is_labelled;
                candidates.push(Candidate {
                    pull_request,
                    watched,
                    labelled,
                    needs_proof,
                });
            }
        }
    }
    candidates
}

/// Facts from all that was asked.
pub(super) fn facts(
    interest: &Interest,
    owner: &Owner,
    account: &str,
    asked: Asked,
) -> GitHubFacts {
    let mut gaps = Vec::new();
    let mut projects = watched_projects(interest, asked.watched, &mut gaps);
    let mut landed = Landed {
        unread: 0,
        merged_elsewhere: 0,
        mergers: HashSet::new(),
        commits: HashSet::new(),
    };
    let mut candidates = asked.candidates;
    // In a fixed order: of several pull requests that one commit closed, the oldest is what it landed.
    candidates.sort_by(|left, right| {
        let key = |one: &Candidate| {
            (
                one.pull_request.repository.name_with_owner.clone(),
                one.pull_request.number,
            )
        };
        key(left).cmp(&key(right))
    });
    let mut pull_requests: Vec<(PullRequest, Option<String>)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            landed.judge(candidate, account, &asked.proofs, interest, &mut projects)
        })
        .collect();
    pull_requests.sort_by(|(left, _), (right, _)| {
        right
            .landed_at
            .cmp(&left.landed_at)
            .then_with(|| left.url.cmp(&right.url))
    });
    let pull_requests = with_numbered_mergers(pull_requests);
    for project in &mut projects {
        let dates = pull_requests
            .iter()
            .filter(|one| one.watched && one.project == project.name);
        project.last = dates.clone().map(|one| one.landed_at).max();
        project.first = dates.map(|one| one.landed_at).min();
        if project.unproven > 0 {
            gaps.push(Gap {
                topic: Topic::PullRequests,
                project: Some(project.name.clone()),
                cause: Cause::Unproven,
                reason: reasons::unproven(project.unproven),
            });
        }
    }
    gaps.extend(unseen(landed.unread, asked.lost, asked.cut));
    let depth_failed = asked.depth.is_none();
    let depth = asked.depth.unwrap_or_default();
    let repositories = own_repositories(asked.own, &depth, &mut gaps);
    let own_repositories = owner.own.as_ref().map_or(0, |own| own.total_count);
    gaps.extend(unseen_repositories(owner.own.as_ref()));
    let years: BTreeMap<i16, YearTotals> = depth
        .years
        .into_iter()
        .filter(|(_, totals)| *totals != YearTotals::default())
        .collect();
    let untold_years = if depth_failed {
        Some(reasons::HEAVY_YEARS)
    } else if owner.activity.is_none() || depth.untold_years > 0 {
        Some(reasons::UNTOLD_YEARS)
    } else {
        None
    };
    if let Some(reason) = untold_years {
        gaps.push(failed(Topic::Years, reason.to_owned()));
        gaps.push(failed(Topic::Reviews, reason.to_owned()));
    }
    let works = own_repositories > 0 || !pull_requests.is_empty();
    if let Some(reason) = hidden(owner, &years, works) {
        for topic in [Topic::Years, Topic::Reviews] {
            let reason = reason.to_owned();
            gaps.push(Gap {
                topic,
                project: None,
                cause: Cause::Hidden,
                reason,
            });
        }
    }
    gaps.sort();
    gaps.dedup();
    GitHubFacts {
        login: owner.login.clone(),
        account_id: account.to_owned(),
        renamed_from: None,
        created_at: owner.created_at,
        own_repositories,
        forks: owner.forks.as_ref().map(|forks| forks.total_count),
        repositories,
        projects,
        merged_elsewhere: landed.merged_elsewhere,
        mergers: u32::try_from(landed.mergers.len()).unwrap_or(u32::MAX),
        pull_requests,
        names: names(owner),
        code: None,
        years,
        pulse: owner.vitals().map(|vitals| vitals.pulse()),
        gaps,
    }
}

/// Gaps in the lists of pull requests.
fn unseen(unread: u32, lost: u32, cut: bool) -> Vec<Gap> {
    let mut gaps = Vec::new();
    if unread > 0 {
        gaps.push(failed(Topic::PullRequests, reasons::unread_proofs(unread)));
    }
    if lost > 0 {
        let reason = reasons::out_of_sight(lost);
        gaps.push(Gap {
            topic: Topic::PullRequests,
            project: None,
            cause: Cause::Hidden,
            reason,
        });
    }
    if cut {
        gaps.push(failed(Topic::PullRequests, reasons::CUT_LIST.to_owned()));
    }
    gaps
}

/// The gap in the list of own repositories, if there is one.
fn unseen_repositories(own: Option<&Repositories>) -> Option<Gap> {
    let Some(own) = own else {
        let reason = reasons::UNTOLD_REPOSITORIES.to_owned();
        return Some(failed(Topic::OwnRepositories, reason));
    };
    let lost = own.nodes.iter().filter(|node| node.is_none()).count();
    let lost = u32::try_from(lost).unwrap_or(u32::MAX);
    (lost > 0).then(|| Gap {
        topic: Topic::OwnRepositories,
        project: None,
        cause: Cause::Hidden,
        reason: reasons::repositories_out_of_sight(lost),
    })
}

/// What adds up while pull requests are judged.
struct Landed {
    unread: u32,
    merged_elsewhere: u32,
    mergers: HashSet<String>,
    /// Commits that have landed something: each lands one pull request.
    commits: HashSet<String>,
}

impl Landed {
    /// Judges one candidate and counts it; the pull request, if it landed and stayed, and the login of the other
    /// person who merged it outside the watched projects.
    fn judge(
        &mut self,
        candidate: Candidate,
        account: &str,
        proofs: &HashMap<String, Option<Proof>>,
        interest: &Interest,
        projects: &mut [ProjectFacts],
    ) -> Option<(PullRequest, Option<String>)> {
        let Candidate {
            pull_request,
            watched,
            labelled,
            needs_proof,
        } = candidate;
        let nothing = Proof::default();
        let proof = match (needs_proof, proofs.get(&pull_request.id)) {
            (false, _) => &nothing,
            (true, Some(Some(proof))) if proof.is_whole() => proof,
            (true, _) => {
                self.unread += 1;
                return None;
            }
        };
        let known = Known {
            number: pull_request.number,
            merged_at: pull_request.merged_at,
            labelled,
            account,
        };
        let fate = fate(known, proof);
        let mut project = watched.and_then(|index| projects.get_mut(index));
        let (landed_at, landing) = match fate {
            Fate::Merged { at } => {
                if let Some(project) = &mut project {
                    project.merged += 1;
                }
                (at, Landing::Merged)
            }
            // One commit may close many pull requests; it is the work of one.
            Fate::Landed { commit_url, .. } if !self.commits.insert(commit_url.clone()) => {
                return None;
            }
            Fate::Landed { at, commit_url } => {
                if let Some(project) = &mut project {
                    project.landed += 1;
                }
                (at, Landing::Commit { url: commit_url })
            }
            Fate::Reverted => {
                if let Some(project) = project {
                    project.reverted += 1;
                }
                return None;
            }
            Fate::Unproven => {
                if let Some(project) = project {
                    project.unproven += 1;
                }
                return None;
            }
            Fate::Closed => return None,
        };
        let merger = pull_request.merged_by.as_ref();
        let merged_by_self = match landing {
            Landing::Merged => merger.map(|merger| merger.id.as_deref() == Some(account)),
            // In a watched project a bot did; elsewhere nobody knows who pushed the commit.
            Landing::Commit { .. } => watched.map(|_| false),
        };
        let name = match watched {
            Some(index) => interest.watched[index].project.clone(),
            None => pull_request.repository.name_with_owner,
        };
        if watched.is_none() {
            self.merged_elsewhere += 1;
        }
        let other = merger
            .filter(|_| watched.is_none() && merged_by_self == Some(false))
            .map(|merger| merger.login.clone());
        self.mergers.extend(other.clone());
        let pull_request = PullRequest {
            docs_only: watched.map(|_| docs_only(pull_request.changed_files, proof)),
            url: pull_request.url,
            project: name,
            watched: watched.is_some(),
            title: pull_request.title,
            lines: Some(
                pull_request
                    .additions
                    .saturating_add(pull_request.deletions),
            ),
            landed_at,
            landing,
            merged_by_self,
            merger: None,
            repository_created_at: pull_request
                .repository
                .created_at
                .filter(|_| watched.is_none()),
            files: Some(pull_request.changed_files),
            stars: Some(pull_request.repository.stargazer_count),
        };
        Some((pull_request, other))
    }
}

/// Numbers whoever merged, from 1, in the order in which they appear: what is kept names nobody.
fn with_numbered_mergers(pull_requests: Vec<(PullRequest, Option<String>)>) -> Vec<PullRequest> {
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let numbered = pull_requests.into_iter().map(|(pull_request, login)| {
        let next = u32::try_from(numbers.len() + 1).unwrap_or(u32::MAX);
        let merger = login.map(|login| *numbers.entry(login).or_insert(next));
        PullRequest {
            merger,
            ..pull_request
        }
    });
    numbered.collect()
}

/// Whether all files of a pull request are documentation.
fn docs_only(changed_files: u32, proof: &Proof) -> bool {
    let Some(files) = proof.files.as_ref().filter(|_| changed_files <= MOST_FILES) else {
        return false;
    };
    files.iter().next().is_some() && files.iter().all(|file| is_documentation(&file.path))
}

/// The watched projects with their commits, and a gap for each whose commits are unknown.
fn watched_projects(
    interest: &Interest,
    commits: Vec<WatchedCommits>,
    gaps: &mut Vec<Gap>,
) -> Vec<ProjectFacts> {
    let gave_up = || WatchedCommits::Unknown(reasons::HEAVY_COMMITS.to_owned());
    let commits = commits.into_iter().chain(std::iter::repeat_with(gave_up));
    interest
        .watched
        .iter()
        .zip(commits)
        .map(|(project, commits)| {
            let mut unknown = |cause, reason| {
                let project = Some(project.project.clone());
                gaps.push(Gap {
                    topic: Topic::Commits,
                    project,
                    cause,
                    reason,
                });
                (None, None)
            };
            let (commits, newest) = match commits {
                WatchedCommits::Known { commits, newest } => (Some(commits), newest),
                WatchedCommits::Missing => {
                    unknown(Cause::Missing, reasons::PROJECT_MISSING.to_owned())
                }
                WatchedCommits::Unknown(reason) => unknown(Cause::Failed, reason),
            };
            ProjectFacts {
                name: project.project.clone(),
                commits,
                newest_commit: newest.map(|newest| newest.committed_at),
                newest_authored: newest.map(|newest| newest.authored_at),
                first_authors: None,
                merged: 0,
                landed: 0,
                reverted: 0,
                unproven: 0,
                first: None,
                last: None,
            }
        })
        .collect()
}

/// The own repositories with the applicant's share, and a gap when a share is unknown.
fn own_repositories(
    own: Vec<wire::Repository>,
    depth: &Depth,
    gaps: &mut Vec<Gap>,
) -> Vec<OwnRepository> {
    let mut unknown = 0;
    let repositories = own
        .into_iter()
        .map(|repository| {
            let commits = depth.repositories.get(&repository.id);
            unknown += u32::from(commits.is_none());
            OwnRepository {
                name: repository.name_with_owner,
                url: repository.url,
                stars: repository.stargazer_count,
                forks: repository.fork_count,
                language: repository.primary_language.map(|language| language.name),
                created_at: repository.created_at,
                pushed_at: repository.pushed_at,
                commits: commits.map(|commits| commits.all),
                own_commits: commits.map(|commits| commits.own),
                newest_own_commit: commits.and_then(|commits| commits.newest),
                stargazers: None,
            }
        })
        .collect();
    if unknown > 0 {
        gaps.push(failed(
            Topic::OwnRepositories,
            reasons::unknown_share(unknown),
        ));
    }
    repositories
}

/// Why the activity by year is not all there is, if it is not.
fn hidden(owner: &Owner, years: &BTreeMap<i16, YearTotals>, works: bool) -> Option<&'static str> {
    if owner.user_view_type.as_deref() == Some("PRIVATE") {
        return Some(reasons::HIDDEN_PROFILE);
    }
    let activity = owner.activity.as_ref()?;
    if activity.contribution_years.is_empty() && works {
        return Some(reasons::HIDDEN_PROFILE);
    }
    let restricted = activity.restricted_contributions_count > 0
        || years.values().any(|totals| totals.restricted > 0);
    restricted.then_some(reasons::RESTRICTED)
}

fn failed(topic: Topic, reason: String) -> Gap {
    Gap {
        topic,
        project: None,
        cause: Cause::Failed,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rubric::WatchedProject;
    use serde_json::json;

    const ME: &str = "U_me";

    fn interest() -> Interest {
        let project = "numpy/numpy".to_owned();
        let aliases = vec!["old/numpy".to_owned()];
        Interest {
            watched: vec![WatchedProject {
                project,
                weight: 1.0,
                aliases,
            }],
            repositories: 5,
        }
    }

    fn pull_request(number: u64, repository: &str, private: bool) -> wire::PullRequest {
        serde_json::from_value(json!({
            "id": format!("PR_{repository}_{number}"), "number": number,
            "url": format!("https://github.com/{repository}/pull/{number}"),
            "title": "A change", "mergedAt": null, "additions": 10, "deletions": 2, "changedFiles": 1,
            "mergedBy": null,
            "repository": {"nameWithOwner": repository, "isPrivate": private, "stargazerCount": 9,
                           "owner": {"login": "somebody"}}
        }))
        .expect("as GitHub sends it")
    }

    fn closed_by(commit: &str) -> Option<Proof> {
        serde_json::from_value(
            json!({"labels": {"nodes": []}, "referenced": {"nodes": []}, "closed": {"nodes": [{
            "createdAt": "2026-05-01T00:00:00Z",
            "closer": {"__typename": "Commit", "oid": commit, "url": format!("https://c/{commit}"),
                       "author": {"user": {"id": ME}}}}]}}),
        )
        .expect("as GitHub sends it")
    }

    fn assembled(closed: Vec<wire::PullRequest>, commit: impl Fn(u64) -> String) -> GitHubFacts {
        let proofs = closed
            .iter()
            .map(|one| (one.id.clone(), closed_by(&commit(one.number))));
        let proofs: HashMap<_, _> = proofs.collect();
        let owner: Owner =
            serde_json::from_value(json!({"__typename": "User", "login": "me"})).expect("owner");
        let interest = interest();
        let candidates = candidates(&interest, ME, Vec::new(), Vec::new(), closed);
        let asked = Asked {
            depth: Some(Depth::default()),
            watched: vec![WatchedCommits::Known {
                commits: 20,
                newest: None,
            }],
            own: Vec::new(),
            candidates,
            proofs,
            cut: false,
            lost: 2,
        };
        facts(&interest, &owner, ME, asked)
    }

    #[test]
    fn one_commit_that_closes_twenty_pull_requests_lands_the_oldest_alone() {
        let closed = (1..=20)
            .rev()
            .map(|number| pull_request(number, "old/NumPy", false))
            .collect();
        let facts = assembled(closed, |_| "same".to_owned());
        assert_eq!(facts.projects[0].landed, 1);
        assert_eq!(facts.pull_requests.len(), 1);
        assert!(facts.pull_requests[0].url.ends_with("/pull/1"));
        assert_eq!(
            facts.pull_requests[0].project, "numpy/numpy",
            "an alias is the same project"
        );
    }

    #[test]
    fn each_commit_lands_its_own_and_private_ones_are_not_kept() {
        let closed = vec![
            pull_request(1, "numpy/numpy", false),
            pull_request(2, "numpy/numpy", false),
            pull_request(3, "numpy/numpy", true),
            pull_request(4, "else/where", false),
        ];
        let facts = assembled(closed, |number| number.to_string());
        assert_eq!(
            facts.projects[0].landed, 2,
            "private and, without a label, elsewhere: no"
        );
    }

    #[test]
    fn what_the_token_may_not_see_is_a_gap() {
        let facts = assembled(Vec::new(), |_| String::new());
        let gap = facts
            .gaps
            .iter()
            .find(|gap| gap.topic == Topic::PullRequests)
            .expect("a gap");
        assert_eq!(
            (gap.cause, gap.reason.starts_with("2 ")),
            (Cause::Hidden, true)
        );
    }
}
