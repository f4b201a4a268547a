//! GitHub without a token: 60 requests an hour, and a search that finds pull requests but not their size.
//!
//! Three requests an applicant: the account, the repositories, the merged pull requests. What cannot be seen
//! this way is a gap, not a zero: commits in watched projects, what bots landed, sizes, reverts, shares in
//! own repositories, reviews and activity by year.
//!
//! Also with a token: REST alone knows former logins (301) and bots.

use octocrab::models::{Repository, UserProfile, issues::Issue};
use serde::Deserialize;

use super::assemble::not_a_person;
use super::transport::Transport;
use super::{Fetched, Interest};
use crate::domain::facts::{
    Cause, Gap, GitHubFacts, Landing, Lookup, OwnRepository, ProjectFacts, PullRequest, Topic,
    reasons,
};
use crate::domain::link::Handle;
use crate::domain::profile::Cost;
use crate::domain::text::tame;
use crate::http::{Answer, Resource};
use crate::sources::SourceError;

/// Search results and repositories a page; the first page is all that the budget allows.
const PAGE: usize = 100;

/// What REST says about a login that GraphQL does not know.
pub(super) enum Who {
    /// The account has another name today.
    Renamed(String),
    /// Nobody, an organisation or a bot.
    Absent(String),
    /// A person under this very name.
    Same,
}

/// Asks REST who a login is.
pub(super) async fn who_is(
    transport: &Transport,
    handle: &Handle,
    cost: &mut Cost,
) -> Result<Who, SourceError> {
    let answer = get(
        transport,
        &["users", handle.as_str()],
        &[],
        Resource::Core,
        cost,
    )
    .await?;
    if answer.status != 200 {
        return Ok(Who::Absent(reasons::MISSING.to_owned()));
    }
    let profile: UserProfile = read(&answer)?;
    if profile.r#type != "User" {
        return Ok(Who::Absent(not_a_person(&profile.r#type)));
    }
    if profile.login.eq_ignore_ascii_case(handle.as_str()) {
        return Ok(Who::Same);
    }
    Ok(Who::Renamed(tame(&profile.login)))
}

/// What can be seen without a token.
pub(super) async fn fetch(
    transport: &Transport,
    interest: &Interest,
    handle: &Handle,
    cost: &mut Cost,
) -> Result<Fetched, SourceError> {
    let absent = |reason| {
        Ok(Fetched {
            lookup: Lookup::Absent { reason },
            notices: Vec::new(),
        })
    };
    let answer = get(
        transport,
        &["users", handle.as_str()],
        &[],
        Resource::Core,
        cost,
    )
    .await?;
    if answer.status != 200 {
        return absent(reasons::MISSING.to_owned());
    }
    let profile: UserProfile = read(&answer)?;
    let login = tame(&profile.login);
    if profile.r#type != "User" {
        return absent(not_a_person(&profile.r#type));
    }
    let renamed = !login.eq_ignore_ascii_case(handle.as_str());
    let mut notices = Vec::new();
    if renamed {
        notices.push(format!(
            "GitHub knows {} under the name {login} today",
            handle.as_str()
        ));
    }

    let page = PAGE.to_string();
    let query = [
        ("type", "owner"),
        ("sort", "pushed"),
        ("per_page", page.as_str()),
    ];
    let answer = get(
        transport,
        &["users", &login, "repos"],
        &query,
        Resource::Core,
        cost,
    )
    .await?;
    let repositories: Vec<Repository> = read(&answer)?;

    let wanted = format!("author:{login} is:pr is:merged is:public");
    let query = [
        ("q", wanted.as_str()),
        ("per_page", page.as_str()),
        ("sort", "created"),
    ];
    let answer = get(
        transport,
        &["search", "issues"],
        &query,
        Resource::Search,
        cost,
    )
    .await?;
    // 422: GitHub does not let this author be searched.
    let found: Option<Search> = if answer.status == 200 {
        Some(read(&answer)?)
    } else {
        None
    };

    let facts = assemble(interest, handle, &profile, &repositories, found);
    Ok(Fetched {
        lookup: Lookup::Found { facts },
        notices,
    })
}

/// A page of search results.
#[derive(Deserialize)]
struct Search {
    total_count: u64,
    #[serde(default)]
    incomplete_results: bool,
    items: Vec<Issue>,
}

fn assemble(
    interest: &Interest,
    handle: &Handle,
    profile: &UserProfile,
    repositories: &[Repository],
    found: Option<Search>,
) -> GitHubFacts {
    let login = tame(&profile.login);
    let mut gaps: Vec<Gap> = [
        Topic::PullRequests,
        Topic::Commits,
        Topic::Reviews,
        Topic::Years,
        Topic::OwnRepositories,
    ]
    .into_iter()
    .map(|topic| Gap {
        topic,
        project: None,
        cause: Cause::NotAsked,
        reason: reasons::without_token(topic).to_owned(),
    })
    .collect();
    let cut = match &found {
        None => Some(reasons::NOT_SEARCHABLE.to_owned()),
        Some(found) if found.total_count > found.items.len() as u64 || found.incomplete_results => {
            Some(reasons::first_page(found.items.len(), found.total_count))
        }
        Some(_) => None,
    };
    if let Some(reason) = cut {
        let topic = Topic::PullRequests;
        gaps.push(Gap {
            topic,
            project: None,
            cause: Cause::NotAsked,
            reason,
        });
    }
    gaps.sort();
    let items = found.map(|found| found.items).unwrap_or_default();
    let mut pull_requests: Vec<_> = items
        .iter()
        .filter_map(|item| pull_request(interest, &login, item))
        .collect();
    pull_requests.sort_by(|left, right| {
        right
            .landed_at
            .cmp(&left.landed_at)
            .then_with(|| left.url.cmp(&right.url))
    });
    let projects = interest
        .watched
        .iter()
        .map(|watched| project(&watched.project, &pull_requests))
        .collect();
    let own: Vec<_> = repositories
        .iter()
        .filter(|repository| repository.fork == Some(false))
        .collect();
    let complete = repositories.len() < PAGE;
    let forks = repositories.len() - own.len();
    let in_depth = own_in_depth(&own, interest.repositories);
    GitHubFacts {
        renamed_from: (!login.eq_ignore_ascii_case(handle.as_str()))
            .then(|| handle.as_str().to_owned()),
        login,
        account_id: profile.node_id.clone(),
        created_at: timestamp(profile.created_at.timestamp()),
        own_repositories: count(own.len()),
        forks: complete.then(|| count(forks)),
        repositories: in_depth,
        projects,
        merged_elsewhere: count(pull_requests.iter().filter(|one| !one.watched).count()),
        mergers: 0,
        pull_requests,
        names: Vec::new(),
        code: None,
        years: std::collections::BTreeMap::new(),
        pulse: None,
        gaps,
    }
}

/// A merged pull request from a search result; `None` for one in an own repository.
fn pull_request(interest: &Interest, login: &str, item: &Issue) -> Option<PullRequest> {
    let mut path = item.repository_url.path_segments()?.rev();
    let (name, owner) = (path.next()?, path.next()?);
    if owner.eq_ignore_ascii_case(login) {
        return None;
    }
    let full = format!("{owner}/{name}");
    let watched = interest.watched.iter().find(|project| project.is(&full));
    Some(PullRequest {
        url: item.html_url.to_string(),
        project: watched.map_or(full, |project| project.project.clone()),
        watched: watched.is_some(),
        title: tame(&item.title),
        lines: None,
        docs_only: None,
        // A merged pull request is closed by its merge.
        landed_at: timestamp(item.closed_at?.timestamp())?,
        landing: Landing::Merged,
        merged_by_self: None,
        merger: None,
        repository_created_at: None,
        files: None,
        stars: None,
    })
}

fn project(name: &str, pull_requests: &[PullRequest]) -> ProjectFacts {
    let mine = pull_requests
        .iter()
        .filter(|one| one.watched && one.project == name);
    ProjectFacts {
        name: name.to_owned(),
        commits: None,
        newest_commit: None,
        newest_authored: None,
        first_authors: None,
        merged: count(mine.clone().count()),
        landed: 0,
        reverted: 0,
        unproven: 0,
        first: mine.clone().map(|one| one.landed_at).min(),
        last: mine.map(|one| one.landed_at).max(),
    }
}

fn own_in_depth(own: &[&Repository], most: usize) -> Vec<OwnRepository> {
    let mut repositories: Vec<_> = own
        .iter()
        .filter_map(|repository| {
            Some(OwnRepository {
                name: tame(repository.full_name.as_deref()?),
                url: repository.html_url.as_ref()?.to_string(),
                stars: repository.stargazers_count.unwrap_or(0),
                forks: repository.forks_count.unwrap_or(0),
                language: repository
                    .language
                    .as_ref()
                    .and_then(|language| language.as_str())
                    .map(tame),
                created_at: timestamp(repository.created_at?.timestamp())?,
                pushed_at: repository
                    .pushed_at
                    .and_then(|at| timestamp(at.timestamp())),
                commits: None,
                own_commits: None,
                newest_own_commit: None,
                stargazers: None,
            })
        })
        .collect();
    repositories.sort_by(|left, right| {
        (right.stars, right.pushed_at)
            .cmp(&(left.stars, left.pushed_at))
            .then_with(|| left.name.cmp(&right.name))
    });
    repositories.truncate(most);
    repositories
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

fn timestamp(seconds: i64) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_second(seconds).ok()
}

async fn get(
    transport: &Transport,
    segments: &[&str],
    query: &[(&str, &str)],
    resource: Resource,
    cost: &mut Cost,
) -> Result<Answer, SourceError> {
    let (answer, spent) = transport.get(segments, query, resource).await;
    cost.add(Cost {
        requests: f64::from(spent.requests),
        points: 0.0,
    });
    Ok(answer?)
}

fn read<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, SourceError> {
    serde_json::from_slice(&answer.body).map_err(|error| {
        let place = crate::sources::place_of(&error);
        SourceError::Failed(format!(
            "GitHub's answer has another shape than documented: {place}"
        ))
    })
}
