//! Flags about the applicant's own repositories: copies of others' work, stars that came at once.

use super::{Account, Finding, days, is_at_least, percent};
use crate::domain::facts::{OwnRepository, Stargazers};

/// Copies from which on the flag is raised. Count.
const COPIES: usize = 3;
/// Commits from which on a repository can be a copy: small ones are often begun from a template. Count.
const COPY_COMMITS: u32 = 100;
/// The applicant's share of a copy's commits at most. Percent.
const COPY_SHARE: u32 = 2;
/// Days by which the newest own commit is older than the repository, from which on it is a copy. Count.
const COPY_DAYS: i64 = 365;
/// Forks from which on they can be padding. Count.
const FORKS: u32 = 30;
/// Forks for each own repository from which on they can be padding. Count.
const FORKS_PER_OWN: u32 = 10;

/// Stargazers that must have been looked at. Count.
const BURST_LOOKED_AT: u32 = 50;
/// Share of them within the same 48 hours. Percent.
const BURST_AT_ONCE: u32 = 50;
/// Share of them with an account made for it. Percent.
const BURST_HOLLOW: u32 = 30;

pub(super) fn copied_threshold() -> String {
    format!(
        "{COPIES} own repositories with {COPY_COMMITS} commits or more each, of which {COPY_SHARE} % or fewer are the \
         applicant's or whose newest own commit is more than {COPY_DAYS} days older than the repository; or {FORKS} \
         forks or more, {FORKS_PER_OWN} for each own repository, without any landed pull request"
    )
}

pub(super) fn burst_threshold() -> String {
    format!(
        "of {BURST_LOOKED_AT} or more stargazers that were looked at, {BURST_AT_ONCE} % or more starred within the same \
         48 hours and {BURST_HOLLOW} % or more did so within seven days of making an account that owns no repository"
    )
}

/// Copies of others' repositories, or else forks by the dozen.
pub(super) fn copied(account: &Account<'_>) -> Option<Finding> {
    let mut copies: Vec<&OwnRepository> = account
        .facts
        .repositories
        .iter()
        .filter(|repository| is_copy(repository))
        .collect();
    copies.sort_by(|left, right| left.name.cmp(&right.name));
    if copies.len() < COPIES {
        return forks(account);
    }
    let first = copies.first()?;
    let (all, own) = (first.commits?, first.own_commits?);
    Some(Finding {
        reason: format!(
            "{} own repositories hold a history that others made: of the {all} commits in {} {own} are the applicant's",
            copies.len(),
            first.name
        ),
        url: first.url.clone(),
        evidence: copies.iter().map(|copy| copy.url.clone()).collect(),
    })
}

fn is_copy(repository: &OwnRepository) -> bool {
    let (Some(all), Some(own)) = (repository.commits, repository.own_commits) else {
        return false;
    };
    let of_others = u64::from(own) * 100 <= u64::from(COPY_SHARE) * u64::from(all);
    let older = repository.newest_own_commit.is_some_and(|newest| {
        repository.created_at.duration_since(newest.committed_at) > days(COPY_DAYS)
    });
    all >= COPY_COMMITS && (of_others || older)
}

fn forks(account: &Account<'_>) -> Option<Finding> {
    let facts = account.facts;
    let forks = facts.forks?;
    let landed = facts.projects.iter().map(|of| of.merged + of.landed);
    let nothing_landed = account.knows_pull_requests(None)
        && facts.pull_requests.is_empty()
        && facts.merged_elsewhere == 0
        && landed.sum::<u32>() == 0;
    let many = forks >= FORKS && forks / FORKS_PER_OWN >= facts.own_repositories;
    (many && nothing_landed).then(|| Finding {
        reason: format!(
            "{forks} forks beside {} own repositories, and no pull request that landed anywhere",
            facts.own_repositories
        ),
        url: format!(
            "{}/{}?tab=repositories&type=fork",
            account.base, facts.login
        ),
        // A fork is no evidence in the first place.
        evidence: Vec::new(),
    })
}

/// Own repositories whose stars came at once, from accounts made for it.
pub(super) fn star_burst(account: &Account<'_>) -> Option<Finding> {
    let mut bought: Vec<(&OwnRepository, Stargazers)> = account
        .facts
        .repositories
        .iter()
        .filter_map(|repository| Some((repository, repository.stargazers?)))
        .filter(|(_, gazers)| is_burst(*gazers))
        .collect();
    bought.sort_by(|(left, _), (right, _)| left.name.cmp(&right.name));
    let (first, gazers) = bought.first()?;
    Some(Finding {
        reason: format!(
            "of the {} accounts that starred {} last, {} ({}) did so within the same 48 hours, and {} ({}) were made \
             within the seven days before and own no repository",
            gazers.looked_at,
            first.name,
            gazers.at_once,
            percent(gazers.at_once, gazers.looked_at),
            gazers.hollow,
            percent(gazers.hollow, gazers.looked_at),
        ),
        url: format!("{}/stargazers", first.url),
        evidence: bought.iter().map(|(one, _)| one.url.clone()).collect(),
    })
}

fn is_burst(gazers: Stargazers) -> bool {
    gazers.looked_at >= BURST_LOOKED_AT
        && is_at_least(gazers.at_once, BURST_AT_ONCE, gazers.looked_at)
        && is_at_least(gazers.hollow, BURST_HOLLOW, gazers.looked_at)
}
