//! Differences in what the sources say: sources and gaps that came or went, medals, landed work, commits.

use std::collections::{BTreeMap, BTreeSet};

use super::Change;
use crate::domain::evidence::{base_of, commits_url};
use crate::domain::facts::{
    Asked, Category, Gap, GitHubFacts, KaggleFacts, Medal, MedalCount, Observation, PullRequest,
    Topic,
};
use crate::domain::profile::Profile;

/// Pull requests of a project that get a line each. Count.
const LANDED_LINES: usize = 5;

/// The facts of both, where both know them, and the page's address now.
fn both<'a, T>(
    before: Option<&'a Observation<T>>,
    after: Option<&'a Observation<T>>,
) -> Option<(&'a T, &'a T, &'a str)> {
    let after = after?;
    Some((before?.lookup.found()?, after.lookup.found()?, &after.url))
}

fn github<'a>(
    before: &'a Profile,
    after: &'a Profile,
) -> Option<(&'a GitHubFacts, &'a GitHubFacts, &'a str)> {
    both(
        before.sources.github.as_ref(),
        after.sources.github.as_ref(),
    )
}

fn kaggle<'a>(
    before: &'a Profile,
    after: &'a Profile,
) -> Option<(&'a KaggleFacts, &'a KaggleFacts, &'a str)> {
    both(
        before.sources.kaggle.as_ref(),
        after.sources.kaggle.as_ref(),
    )
}

/// Sources that answer otherwise than before.
pub(super) fn sources(before: &Profile, after: &Profile, changes: &mut Vec<Change>) {
    let (old, new) = (before.sources.asked(), after.sources.asked());
    let name = |asked: &Asked<'_>| match asked.source {
        "github" => "GitHub",
        "kaggle" => "Kaggle",
        _ => "home page",
    };
    let why = |asked: &Asked<'_>| asked.reason.map_or(String::new(), |why| format!(": {why}"));
    for one in &new {
        let was = old.iter().find(|was| was.source == one.source);
        let what = match was.map(|was| was.state) {
            Some(state) if state == one.state => continue,
            None => format!("{} is read now ({}{})", name(one), one.state, why(one)),
            Some(state) => format!("{} {state} → {}{}", name(one), one.state, why(one)),
        };
        changes.push(Change::new("source", what, Some(one.url)));
    }
    for one in &old {
        if !new.iter().any(|now| now.source == one.source) {
            let what = format!("{} is no longer read", name(one));
            changes.push(Change::new("source", what, Some(one.url)));
        }
    }
}

/// What could no longer be seen inside a source that answers, and what can be seen again.
pub(super) fn gaps(before: &Profile, after: &Profile, changes: &mut Vec<Change>) {
    let mut compare = |old: &[Gap], new: &[Gap], url: &str| {
        for (from, than, said) in [(new, old, "no longer known"), (old, new, "known again")] {
            let is_in = |one: &Gap| {
                than.iter()
                    .any(|other| (other.topic, &other.project) == (one.topic, &one.project))
            };
            let gone: BTreeSet<&Gap> = from.iter().filter(|one| !is_in(one)).collect();
            for gap in gone {
                let of = gap
                    .project
                    .as_ref()
                    .map_or(String::new(), |of| format!(" ({of})"));
                let why = if said == "known again" {
                    ""
                } else {
                    gap.reason.as_str()
                };
                let colon = if why.is_empty() { "" } else { ": " };
                let what = format!("{said}: {}{of}{colon}{why}", gap.topic.words());
                changes.push(Change::new("known", what, Some(url)));
            }
        }
    };
    if let Some((old, new, url)) = github(before, after) {
        compare(&old.gaps, &new.gaps, url);
    }
    if let Some((old, new, url)) = kaggle(before, after) {
        compare(&old.gaps, &new.gaps, url);
    }
}

/// Medals that were won or are no longer there: by competition, and the rest of the totals as numbers.
pub(super) fn medals(before: &Profile, after: &Profile, changes: &mut Vec<Change>) {
    let Some((old, new, url)) = kaggle(before, after) else {
        return;
    };
    let base = base_of(url);
    let won = |facts: &KaggleFacts| -> BTreeMap<String, (Medal, String)> {
        let results = facts.competitions.iter();
        results
            .filter_map(|one| {
                let name = if one.title.is_empty() {
                    &one.slug
                } else {
                    &one.title
                };
                Some((one.slug.clone(), (one.medal?, name.clone())))
            })
            .collect()
    };
    // A data set that was imported or lost in between names old medals, not new ones.
    let told = old.competitions_from.is_some() && new.competitions_from.is_some();
    let (was, is) = if told {
        (won(old), won(new))
    } else {
        (BTreeMap::new(), BTreeMap::new())
    };
    let mut named: BTreeMap<Medal, i64> = BTreeMap::new();
    for (slug, (medal, title)) in &is {
        let url = format!("{base}/competitions/{slug}/leaderboard");
        let what = match was.get(slug) {
            Some((same, _)) if same == medal => continue,
            Some((other, _)) => {
                *named.entry(*other).or_default() -= 1;
                format!("{} in place of {} in {title}", medal.name(), other.name())
            }
            None => format!("new {} medal in {title}", medal.name()),
        };
        *named.entry(*medal).or_default() += 1;
        changes.push(Change::new("medal", what, Some(&url)));
    }
    for (slug, (medal, title)) in was.iter().filter(|(slug, _)| !is.contains_key(*slug)) {
        *named.entry(*medal).or_default() -= 1;
        let url = format!("{base}/competitions/{slug}/leaderboard");
        let what = format!("the {} medal in {title} is no longer there", medal.name());
        changes.push(Change::new("medal", what, Some(&url)));
    }
    for category in Category::ALL {
        let counts = old.medals.get(&category).zip(new.medals.get(&category));
        if let Some((was, is)) = counts {
            let named = (category == Category::Competitions).then_some(&named);
            totals(
                (category, *was, *is),
                named,
                &format!("{base}/{}", new.user_name),
                changes,
            );
        }
    }
}

/// What a category's totals grew or shrank by, beyond the medals that were just named.
fn totals(
    (category, was, is): (Category, MedalCount, MedalCount),
    named: Option<&BTreeMap<Medal, i64>>,
    url: &str,
    changes: &mut Vec<Change>,
) {
    let beyond = |medal: Medal| {
        let named = named.and_then(|named| named.get(&medal)).copied();
        i64::from(is.of(medal)) - i64::from(was.of(medal)) - named.unwrap_or(0)
    };
    let words = |sign: i64| -> Vec<String> {
        let medals = Medal::ALL.into_iter();
        medals
            .map(|medal| (medal, beyond(medal) * sign))
            .filter(|(_, count)| *count > 0)
            .map(|(medal, count)| format!("{count} {}", medal.name()))
            .collect()
    };
    for (sign, said) in [(1, "more"), (-1, "fewer")] {
        let words = words(sign);
        if !words.is_empty() {
            let what = format!("{said} medals in {}: {}", category.name(), words.join(", "));
            changes.push(Change::new("medal", what, Some(url)));
        }
    }
}

/// Pull requests that landed since, and those that are no longer counted.
pub(super) fn landed(before: &Profile, after: &Profile, changes: &mut Vec<Change>) {
    let Some((old, new, url)) = github(before, after) else {
        return;
    };
    for (from, than, said) in [
        (new, old, "landed in"),
        (old, new, "no longer counted as landed in"),
    ] {
        // Where the other one does not know all, what is missing there says nothing.
        let known = |project: &str| {
            !than.gaps.iter().any(|gap| {
                gap.topic == Topic::PullRequests
                    && gap.project.as_deref().is_none_or(|named| named == project)
            })
        };
        let there: BTreeSet<&str> = than
            .pull_requests
            .iter()
            .map(|one| one.url.as_str())
            .collect();
        let mut by_project: BTreeMap<(bool, &str), Vec<&PullRequest>> = BTreeMap::new();
        for one in &from.pull_requests {
            if !there.contains(one.url.as_str()) && known(&one.project) {
                let project = (!one.watched, one.project.as_str());
                by_project.entry(project).or_default().push(one);
            }
        }
        for ((_, project), mut some) in by_project {
            some.sort_by(|left, right| {
                right
                    .landed_at
                    .cmp(&left.landed_at)
                    .then_with(|| left.url.cmp(&right.url))
            });
            for one in some.iter().take(LANDED_LINES) {
                let what = format!("{said} {project}: {}", one.title);
                changes.push(Change::new("landed", what, Some(&one.url)));
            }
            if let Some(more) = some
                .len()
                .checked_sub(LANDED_LINES)
                .filter(|more| *more > 0)
            {
                let what = format!("{said} {project}: {more} more");
                let list = format!(
                    "{}/{project}/pulls?q=is%3Apr+author%3A{}",
                    base_of(url),
                    from.login
                );
                changes.push(Change::new("landed", what, Some(&list)));
            }
        }
    }
}

/// Commits in watched projects.
pub(super) fn commits(before: &Profile, after: &Profile, changes: &mut Vec<Change>) {
    let Some((old, new, url)) = github(before, after) else {
        return;
    };
    let counts = |facts: &GitHubFacts| -> BTreeMap<String, u32> {
        let known = facts.projects.iter();
        known
            .filter_map(|of| Some((of.name.clone(), of.commits?)))
            .collect()
    };
    let was = counts(old);
    for (project, commits) in counts(new) {
        let Some(before) = was.get(&project).filter(|before| **before != commits) else {
            continue;
        };
        let what = format!("commits in {project}: {before} → {commits}");
        let url = commits_url(base_of(url), &project, &new.login);
        changes.push(Change::new("commits", what, Some(&url)));
    }
}
