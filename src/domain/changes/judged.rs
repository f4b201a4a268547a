//! Differences in what is made of the facts: score, rubric, identity, flags, and what people add.

use std::collections::BTreeSet;

use super::Change;
use crate::domain::evidence::base_of;
use crate::domain::identity::Proof;
use crate::domain::integrity::Flag;
use crate::domain::profile::Profile;
use crate::domain::review::{Signature, Withdrawal};
use crate::domain::score::Score;

/// `61.20..71.20 → 64.00`.
pub(super) fn score(before: &Profile, after: &Profile, changes: &mut Vec<Change>) {
    let (old, new) = (&before.score, &after.score);
    if (old.low, old.high) != (new.low, new.high) {
        let what = format!("{} → {}", interval(old), interval(new));
        changes.push(Change::new("score", what, None));
    }
}

fn interval(score: &Score) -> String {
    if score.low == score.high {
        score.low.to_string()
    } else {
        format!("{}..{}", score.low, score.high)
    }
}

/// Another role, another version, another text.
pub(super) fn rubric(before: &Profile, after: &Profile, changes: &mut Vec<Change>) {
    let (old, new) = (&before.rubric, &after.rubric);
    if before.role != after.role {
        let what = format!("role {} → {}", before.role, after.role);
        changes.push(Change::new("rubric", what, None));
    }
    if old == new {
        return;
    }
    let what = if old.name != new.name {
        format!(
            "judged by the rubric {}, version {}, in place of {}, version {}",
            new.name, new.version, old.name, old.version
        )
    } else if old.version != new.version {
        format!(
            "the rubric {}: version {} → {}",
            new.name, old.version, new.version
        )
    } else {
        format!(
            "the text of the rubric {} was edited without a new version: {} → {}",
            new.name, old.digest, new.digest
        )
    };
    changes.push(Change::new("rubric", what, None));
}

/// The level, renamed accounts, and conflicts that came or went.
pub(super) fn identity(before: &Profile, after: &Profile, changes: &mut Vec<Change>) {
    let (old, new) = (&before.identity, &after.identity);
    if old.level != new.level {
        let what = format!("identity {} → {}", old.level.name(), new.level.name());
        let url = new.proofs.first().map(|proof| proof.url.as_str());
        changes.push(Change::new("identity", what, url));
    }
    let mut conflicts = |from: &[Proof], than: &[Proof], said: &str| {
        for one in from.iter().filter(|one| !than.contains(one)) {
            let what = format!("{said}: {}", one.what);
            changes.push(Change::new("identity", what, Some(&one.url)));
        }
    };
    conflicts(&new.conflicts, &old.conflicts, "new conflict");
    conflicts(&old.conflicts, &new.conflicts, "conflict gone");
    renamed(before, after, changes);
}

/// An account that bears another name than before, by its number.
fn renamed(before: &Profile, after: &Profile, changes: &mut Vec<Change>) {
    let (old, new) = (&before.sources, &after.sources);
    let github = old.github.as_ref().zip(new.github.as_ref());
    if let Some((old, new)) = github
        && let Some((was, is)) = old.lookup.found().zip(new.lookup.found())
        && was.account_id == is.account_id
        && was.login != is.login
    {
        let what = format!("the GitHub account {} is now {}", was.login, is.login);
        let url = format!("{}/{}", base_of(&new.url), is.login);
        changes.push(Change::new("identity", what, Some(&url)));
    }
    let kaggle = old.kaggle.as_ref().zip(new.kaggle.as_ref());
    if let Some((old, new)) = kaggle
        && let Some((was, is)) = old.lookup.found().zip(new.lookup.found())
        && was.user_id == is.user_id
        && was.user_name != is.user_name
    {
        let what = format!(
            "the Kaggle account {} is now {}",
            was.user_name, is.user_name
        );
        let url = format!("{}/{}", base_of(&new.url), is.user_name);
        changes.push(Change::new("identity", what, Some(&url)));
    }
}

/// Flags raised and gone, by their kind.
pub(super) fn flags(before: &Profile, after: &Profile, changes: &mut Vec<Change>) {
    let mut flags = |from: &[Flag], than: &[Flag], said: &str| {
        let new = |one: &&Flag| !than.iter().any(|other| other.kind == one.kind);
        for one in from.iter().filter(new) {
            let what = format!("{said} {}: {}", one.kind.name(), one.reason);
            changes.push(Change::new("flag", what, Some(&one.url)));
        }
    };
    flags(&after.flags, &before.flags, "raised");
    flags(&before.flags, &after.flags, "gone");
}

/// Own repositories that earn points and did not before.
pub(super) fn repositories(before: &Profile, after: &Profile, changes: &mut Vec<Change>) {
    let earning = |profile: &Profile| -> BTreeSet<(String, String)> {
        let components = profile.score.components.iter();
        components
            .flat_map(|component| &component.evidence)
            .filter(|one| one.kind == "own_code.repository" && one.points.cents() > 0)
            .map(|one| (one.project.clone().unwrap_or_default(), one.url.clone()))
            .collect()
    };
    let known = |profile: &Profile| {
        let found = profile.sources.github.as_ref();
        let found = found.and_then(|one| one.lookup.found());
        found.map(|facts| {
            let names = facts.repositories.iter().map(|one| one.url.clone());
            names.collect::<BTreeSet<String>>()
        })
    };
    // What another rubric finds worth points is not new.
    let Some(known) = known(before) else {
        return;
    };
    for (name, url) in earning(after) {
        if !known.contains(&url) {
            let what = format!("new repository of the applicant's own: {name}");
            changes.push(Change::new("repository", what, Some(&url)));
        }
    }
}

/// What people added or withdrew.
pub(super) fn review(before: &Profile, after: &Profile, changes: &mut Vec<Change>) {
    let (old, new) = (&before.review, &after.review);
    let mut say = |what: String, url: Option<&str>| changes.push(Change::new("review", what, url));
    for one in &new.evidence {
        let url = Some(one.url.as_str());
        let was = old.evidence.iter().find(|was| was.number == one.number);
        if was.is_none() {
            let by = &one.signature;
            say(
                format!(
                    "{} added evidence {}: {}, {}",
                    by.by, one.number, one.kind, one.reason
                ),
                url,
            );
        }
        let before = was.and_then(|was| was.withdrawn.as_ref());
        if let Some(what) = withdrawn("evidence", one.number, before, one.withdrawn.as_ref()) {
            say(what, url);
        }
    }
    for one in &new.notes {
        if !old.notes.iter().any(|was| was.number == one.number) {
            say(
                format!("{} added note {}", one.signature.by, one.number),
                None,
            );
        }
    }
    for one in &new.adjustments {
        let was = old.adjustments.iter().find(|was| was.number == one.number);
        if was.is_none() {
            let by = &one.signature.by;
            say(
                format!(
                    "{by} added adjustment {} of {} points: {}",
                    one.number, one.points, one.reason
                ),
                None,
            );
        }
        let before = was.and_then(|was| was.withdrawn.as_ref());
        if let Some(what) = withdrawn("adjustment", one.number, before, one.withdrawn.as_ref()) {
            say(what, None);
        }
    }
    if let Some(by) = looked(old.looked_through.as_ref(), new.looked_through.as_ref()) {
        say(by, None);
    }
    if let Some(given) = new
        .challenge
        .as_ref()
        .filter(|_| old.challenge != new.challenge)
    {
        say(
            format!("the applicant was given the code {} to show", given.code),
            None,
        );
    }
}

fn withdrawn(
    what: &str,
    number: u32,
    before: Option<&Withdrawal>,
    after: Option<&Withdrawal>,
) -> Option<String> {
    let (None, Some(now)) = (before, after) else {
        return None;
    };
    Some(format!(
        "{} withdrew {what} {number}: {}",
        now.signature.by, now.reason
    ))
}

fn looked(before: Option<&Signature>, after: Option<&Signature>) -> Option<String> {
    match (before, after) {
        (None, Some(now)) => Some(format!("{} has looked to the end", now.by)),
        (Some(was), None) => Some(format!("no longer said to be looked through by {}", was.by)),
        _ => None,
    }
}
