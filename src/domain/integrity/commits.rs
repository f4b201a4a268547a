//! Flags about commits: dates that cannot be, an address alone, other people's first authorship.

use jiff::Timestamp;

use super::{Account, Finding, days, is_at_least};
use crate::domain::facts::{CommitDates, FirstAuthors, ProjectFacts};

/// Days between a commit's two dates above which it is backdated. Count.
const LAG_DAYS: i64 = 365;
/// Days before the account above which an author's date is backdated. Count.
const BEFORE_ACCOUNT_DAYS: i64 = 30;
/// Own commits from which on an own repository's newest is looked at. Count.
const OWN_COMMITS: u32 = 10;

/// Commits in a watched project from which on they can be borrowed. Count.
const BORROWED: u32 = 5;
/// Days before the account above which the newest commit cannot be its holder's. Count.
const BORROWED_DAYS: i64 = 30;

/// Commits that must have been looked at. Count.
const PADDING_LOOKED_AT: u32 = 10;
/// Share of them whose first author is somebody else. Percent.
const PADDING_OTHERS: u32 = 90;

pub(super) fn backdated_threshold() -> String {
    format!(
        "the newest commit in a watched project, or in an own repository with {OWN_COMMITS} own commits or more: its two \
         dates lie more than {LAG_DAYS} days apart, or its author's date is more than {BEFORE_ACCOUNT_DAYS} days before \
         the account was made and it was committed after that"
    )
}

pub(super) fn borrowed_threshold() -> String {
    format!(
        "{BORROWED} commits or more in a watched project, the newest more than {BORROWED_DAYS} days older than the \
         account, and no pull request that landed there"
    )
}

pub(super) fn padding_threshold() -> String {
    format!(
        "of {PADDING_LOOKED_AT} commits or more in a watched project that were looked at, {PADDING_OTHERS} % or more \
         have somebody else as their first author"
    )
}

/// A newest commit whose author's date cannot be.
pub(super) fn backdated(account: &Account<'_>) -> Option<Finding> {
    let facts = account.facts;
    let in_own = facts.repositories.iter().filter_map(|repository| {
        let enough = repository.own_commits? >= OWN_COMMITS;
        let dates = repository.newest_own_commit.filter(|_| enough)?;
        Some((repository.name.as_str(), repository.url.clone(), dates))
    });
    let in_watched = facts.projects.iter().filter_map(|project| {
        let dates = CommitDates {
            authored_at: project.newest_authored?,
            committed_at: project.newest_commit?,
        };
        let url = account.commits_in(&project.name);
        Some((project.name.as_str(), url, dates))
    });
    let mut found: Vec<(&str, String, String)> = in_own
        .chain(in_watched)
        .filter_map(|(name, url, dates)| Some((name, url, why_backdated(dates, facts.created_at)?)))
        .collect();
    found.sort_unstable();
    let (name, url, why) = found.first()?;
    let reason = match found.len() - 1 {
        0 => format!("the newest commit in {name} {why}"),
        1 => format!("the newest commit in {name} {why}; another one is such"),
        more => format!("the newest commit in {name} {why}; {more} others are such"),
    };
    Some(Finding {
        reason,
        url: url.clone(),
        evidence: found.into_iter().map(|(_, url, _)| url).collect(),
    })
}

fn why_backdated(dates: CommitDates, account: Option<Timestamp>) -> Option<String> {
    let CommitDates {
        authored_at,
        committed_at,
    } = dates;
    let lag = committed_at.duration_since(authored_at);
    if lag.abs() > days(LAG_DAYS) {
        return Some(format!(
            "bears {} as its author's date and was committed on {}",
            day(authored_at),
            day(committed_at)
        ));
    }
    let account = account?;
    let before = account.duration_since(authored_at) > days(BEFORE_ACCOUNT_DAYS);
    (before && committed_at > account).then(|| {
        format!(
            "bears {} as its author's date, before the account was made on {}, and was committed on {}",
            day(authored_at),
            day(account),
            day(committed_at)
        )
    })
}

/// Commits in a watched project that are older than the account, which an e-mail address alone credits to it.
pub(super) fn borrowed(account: &Account<'_>) -> Option<Finding> {
    let made = account.facts.created_at?;
    let old = |newest: Timestamp| made.duration_since(newest) > days(BORROWED_DAYS);
    let mut found: Vec<(&ProjectFacts, u32, Timestamp)> = account
        .facts
        .projects
        .iter()
        .filter(|of| of.merged == 0 && of.landed == 0 && of.reverted == 0)
        .filter(|of| account.knows_pull_requests(Some(&of.name)))
        .filter_map(|of| Some((of, of.commits?, of.newest_commit?)))
        .filter(|(_, commits, newest)| *commits >= BORROWED && old(*newest))
        .collect();
    found.sort_by(|(left, ..), (right, ..)| left.name.cmp(&right.name));
    let (first, commits, newest) = found.first()?;
    Some(Finding {
        reason: format!(
            "{commits} commits in {} are credited to the account by their e-mail address, the newest of {}, before the \
             account was made on {}, and no pull request landed there",
            first.name,
            day(*newest),
            day(made)
        ),
        url: account.commits_in(&first.name),
        evidence: found
            .iter()
            .map(|(of, ..)| account.commits_in(&of.name))
            .collect(),
    })
}

/// Commits in a watched project of which the applicant is a co-author at most.
pub(super) fn co_author_padding(account: &Account<'_>) -> Option<Finding> {
    let mut found: Vec<(&ProjectFacts, FirstAuthors)> = account
        .facts
        .projects
        .iter()
        .filter_map(|of| Some((of, of.first_authors?)))
        .filter(|(_, seen)| {
            seen.looked_at >= PADDING_LOOKED_AT
                && is_at_least(seen.others, PADDING_OTHERS, seen.looked_at)
        })
        .collect();
    found.sort_by(|(left, _), (right, _)| left.name.cmp(&right.name));
    let (first, seen) = found.first()?;
    Some(Finding {
        reason: format!(
            "of {} commits in {} that were looked at, {} have somebody else as their first author",
            seen.looked_at, first.name, seen.others
        ),
        url: account.commits_in(&first.name),
        evidence: found
            .iter()
            .map(|(of, _)| account.commits_in(&of.name))
            .collect(),
    })
}

/// `2019-03-05`.
fn day(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}
