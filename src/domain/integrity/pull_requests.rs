//! Flags about pull requests outside the watched projects: a series of trifles, friends who merge.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Account, Finding, days, is_at_least, percent};
use crate::domain::facts::PullRequest;

/// Trifles from which on they are a series. Count.
const TRIFLES: usize = 20;
/// Lines of a trifle at most. Count.
const TRIFLE_LINES: u32 = 5;
/// Files of a trifle at most, where that is known. Count.
const TRIFLE_FILES: u32 = 1;
/// Repositories from which on they are unrelated. Count.
const TRIFLE_REPOSITORIES: usize = 10;
/// Share of all that landed outside the watched projects. Percent.
const TRIFLE_SHARE: u32 = 80;
/// Trifles that landed close together. Count.
const TRIFLES_TOGETHER: usize = 10;
/// What is close together. Days.
const TOGETHER_DAYS: i64 = 60;

/// Pull requests outside the watched projects from which on it is asked who merges them. Count.
const FRIENDLY: u32 = 8;
/// Share of them that the same few merge without an audience. Percent.
const FRIENDLY_SHARE: u32 = 90;
/// A repository with fewer stars has no audience. Count.
const AUDIENCE: u32 = 10;
/// Accounts that are the same few, beside the applicant. Count.
const FRIENDS: usize = 2;
/// Repositories that it all happens in at most. Count.
const FRIENDLY_REPOSITORIES: usize = 3;

pub(super) fn trivial_threshold() -> String {
    format!(
        "{TRIFLES} landed pull requests or more outside the watched projects of {TRIFLE_LINES} lines or fewer (and one \
         file, where that is known), in {TRIFLE_REPOSITORIES} repositories or more, {TRIFLE_SHARE} % or more of all that \
         landed there, {TRIFLES_TOGETHER} of them within {TOGETHER_DAYS} days"
    )
}

pub(super) fn friendly_threshold() -> String {
    format!(
        "{FRIENDLY} landed pull requests or more outside the watched projects, of which {FRIENDLY_SHARE} % or more are in \
         at most {FRIENDLY_REPOSITORIES} repositories with fewer than {AUDIENCE} stars and were merged by the applicant \
         or by the same {FRIENDS} accounts at most"
    )
}

/// Tiny pull requests by the dozen, in repositories that have nothing to do with each other.
pub(super) fn trivial_series(account: &Account<'_>) -> Option<Finding> {
    let (outside, all) = outside(account);
    let trifles: Vec<&PullRequest> = outside.into_iter().filter(|one| is_trifle(one)).collect();
    let repositories = repositories_of(&trifles).len();
    let enough = trifles.len() >= TRIFLES
        && repositories >= TRIFLE_REPOSITORIES
        && is_at_least(count(&trifles), TRIFLE_SHARE, all)
        && some_together(&trifles);
    enough.then(|| Finding {
        reason: format!(
            "{} of {all} landed pull requests outside the watched projects change {TRIFLE_LINES} lines or fewer, in \
             {repositories} repositories",
            trifles.len()
        ),
        url: landed_url(account),
        evidence: trifles.iter().map(|one| one.url.clone()).collect(),
    })
}

fn is_trifle(one: &PullRequest) -> bool {
    one.lines.is_some_and(|lines| lines <= TRIFLE_LINES)
        && one.files.is_none_or(|files| files <= TRIFLE_FILES)
}

/// Whether enough of them landed close together.
fn some_together(trifles: &[&PullRequest]) -> bool {
    let mut landed: Vec<Timestamp> = trifles.iter().map(|one| one.landed_at).collect();
    landed.sort_unstable();
    landed
        .windows(TRIFLES_TOGETHER)
        .any(|some| match (some.first(), some.last()) {
            (Some(first), Some(last)) => last.duration_since(*first) <= days(TOGETHER_DAYS),
            _ => false,
        })
}

/// Pull requests that the same few accounts merge where nobody else looks.
pub(super) fn friendly_mergers(account: &Account<'_>) -> Option<Finding> {
    let (outside, all) = outside(account);
    let small: Vec<&PullRequest> = outside
        .into_iter()
        .filter(|one| one.stars.is_some_and(|stars| stars < AUDIENCE))
        .collect();
    let mut merged: BTreeMap<u32, usize> = BTreeMap::new();
    for merger in small.iter().filter_map(|one| one.merger) {
        *merged.entry(merger).or_default() += 1;
    }
    let mut mergers: Vec<(u32, usize)> = merged.into_iter().collect();
    mergers.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(&right.0)));
    let friends: Vec<u32> = mergers
        .into_iter()
        .take(FRIENDS)
        .map(|(merger, _)| merger)
        .collect();
    let friendly: Vec<&PullRequest> = small
        .into_iter()
        .filter(|one| {
            one.merged_by_self == Some(true)
                || one.merger.is_some_and(|merger| friends.contains(&merger))
        })
        .collect();
    let repositories = repositories_of(&friendly).len();
    let enough = all >= FRIENDLY
        && is_at_least(count(&friendly), FRIENDLY_SHARE, all)
        && repositories <= FRIENDLY_REPOSITORIES;
    enough.then(|| {
        let by_self = friendly
            .iter()
            .filter(|one| one.merged_by_self == Some(true))
            .count();
        let who = match (by_self, friends.len()) {
            (0, 1) => "by one account".to_owned(),
            (0, _) => "by two accounts".to_owned(),
            (_, 0) => "by the applicant".to_owned(),
            (_, 1) => "by the applicant and one other account".to_owned(),
            (_, _) => "by the applicant and two other accounts".to_owned(),
        };
        let share = percent(count(&friendly), all);
        let place = match repositories {
            1 => "1 repository".to_owned(),
            more => format!("{more} repositories"),
        };
        Finding {
            reason: format!(
                "{} of {all} landed pull requests outside the watched projects ({share}) were merged {who}, in {place} \
                 with fewer than {AUDIENCE} stars",
                friendly.len()
            ),
            url: landed_url(account),
            evidence: friendly.iter().map(|one| one.url.clone()).collect(),
        }
    })
}

/// What landed outside the watched projects, and how many that are with those that are not known one by one.
fn outside<'a>(account: &Account<'a>) -> (Vec<&'a PullRequest>, u32) {
    let outside: Vec<&PullRequest> = account
        .facts
        .pull_requests
        .iter()
        .filter(|one| !one.watched)
        .collect();
    let all = count(&outside).max(account.facts.merged_elsewhere);
    (outside, all)
}

fn repositories_of<'a>(pull_requests: &[&'a PullRequest]) -> BTreeSet<&'a str> {
    let names = pull_requests.iter().map(|one| one.project.as_str());
    names.collect()
}

fn count(pull_requests: &[&PullRequest]) -> u32 {
    u32::try_from(pull_requests.len()).unwrap_or(u32::MAX)
}

/// Where the account's landed pull requests are listed.
fn landed_url(account: &Account<'_>) -> String {
    format!(
        "{}/search?q=is%3Apr+is%3Amerged+author%3A{}&type=pullrequests",
        account.base, account.facts.login
    )
}
