//! More evidence never lowers a score.
//!
//! The same facts, and one thing more that a person did, as the sources would tell it, under the same flags:
//!
//! - a pull request that landed in a watched project, **with its commit**, which the project's count of commits holds
//!   as well, and whose date the newest commit has if it is the newer one; or with several commits;
//! - a pull request that landed elsewhere, whenever, of whatever size;
//! - a commit in a watched project, whenever it was made;
//! - a review; a contribution of any kind in a year, that year known or new;
//! - an own repository; a commit, a star or a push in one;
//! - a medal in a competition, which the category's total counts as well; a medal that the total alone knows of;
//! - an entry that a person has looked up, of whatever kind.
//!
//! It is no more evidence, and may lower a score, when a thing turns out to be another than was thought. There are two
//! such cases, both of work that was valued without its date; their bounds are proven in [`super::turned_out`], and told to the reader in
//! the docs of [`crate::domain::score`]: a pull request that becomes known when its commit was counted already, and a medal whose
//! competition becomes known when the total counted it already. A flag that is raised anew lowers where the rubric says
//! so, and somebody else's commit lessens the share in an own repository.

use fastrand::Rng;

use super::*;
use crate::domain::facts::{Medal, OwnRepository, ProjectFacts, YearTotals};

/// Something more that a person did.
type More = fn(&mut Rng, &mut FactSet, &Rubric);

/// A watched project whose commits are known; there is one after this.
pub(super) fn known_project<'a>(set: &'a mut FactSet, rubric: &Rubric) -> &'a mut ProjectFacts {
    let projects = &mut set.github().projects;
    let known = projects.iter().position(|one| one.commits.is_some());
    let nth = known.unwrap_or_else(|| {
        let watched = rubric.watched.iter().map(|one| one.project.clone());
        let fresh = watched
            .chain(std::iter::once("once-watched/example".to_owned()))
            .find(|name| projects.iter().all(|one| one.name != *name));
        projects.push(ProjectFacts {
            name: fresh.expect("a project that has no line yet"),
            commits: Some(0),
            newest_commit: None,
            newest_authored: None,
            first_authors: None,
            merged: 0,
            landed: 0,
            reverted: 0,
            unproven: 0,
            first: None,
            last: None,
        });
        projects.len() - 1
    });
    &mut projects[nth]
}

/// A commit of that date, in a project whose commits are known.
pub(super) fn commit_at(project: &mut ProjectFacts, date: Timestamp) {
    project.commits = project.commits.map(|commits| commits + 1);
    project.newest_commit = project.newest_commit.max(Some(date));
}

/// A pull request that landed with so many commits of its own.
fn landed_with(random: &mut Rng, set: &mut FactSet, rubric: &Rubric, commits: u32) {
    let project = known_project(set, rubric);
    let one = generated::pull_request(random, &project.name, true);
    for _ in 0..commits {
        commit_at(project, one.landed_at);
    }
    project.merged += 1;
    set.github().pull_requests.push(one);
}

fn in_a_year(random: &mut Rng, set: &mut FactSet, what: fn(&mut YearTotals) -> &mut u32) {
    let year = random.i16(2011..=2026);
    *what(set.github().years.entry(year).or_default()) += random.u32(1..30);
}

fn any_medal(random: &mut Rng) -> Medal {
    Medal::ALL[random.usize(0..Medal::ALL.len())]
}

fn in_own_repository(random: &mut Rng, set: &mut FactSet, what: fn(&mut Rng, &mut OwnRepository)) {
    let repositories = &mut set.github().repositories;
    if repositories.is_empty() {
        repositories.push(generated::repository(random));
    }
    let nth = random.usize(0..repositories.len());
    what(random, &mut repositories[nth]);
}

const MORE_AT_GITHUB: [(&str, More); 11] = [
    (
        "a landed pull request with its commit",
        |random, set, rubric| {
            landed_with(random, set, rubric, 1);
        },
    ),
    (
        "a landed pull request with several commits",
        |random, set, rubric| {
            let commits = random.u32(2..9);
            landed_with(random, set, rubric, commits);
        },
    ),
    ("a pull request elsewhere", |random, set, _| {
        let one = generated::pull_request(random, "somebody/else", false);
        set.github().pull_requests.push(one);
    }),
    ("a commit in a watched project", |random, set, rubric| {
        commit_at(known_project(set, rubric), generated::moment(random));
    }),
    ("reviews", |random, set, _| {
        in_a_year(random, set, |year| &mut year.reviews);
    }),
    ("commits in a year", |random, set, _| {
        in_a_year(random, set, |year| &mut year.commits);
    }),
    ("issues in a year", |random, set, _| {
        in_a_year(random, set, |year| &mut year.issues);
    }),
    ("an own repository", |random, set, _| {
        let one = generated::repository(random);
        set.github().repositories.push(one);
    }),
    ("a commit in an own repository", |random, set, _| {
        in_own_repository(random, set, |_, one| {
            one.commits = one.commits.map(|commits| commits + 1);
            one.own_commits = one.own_commits.map(|commits| commits + 1);
        });
    }),
    ("stars for an own repository", |random, set, _| {
        in_own_repository(random, set, |random, one| one.stars += random.u32(1..900));
    }),
    ("a push to an own repository", |random, set, _| {
        in_own_repository(random, set, |random, one| {
            let pushed_at = one.pushed_at.unwrap_or(one.created_at);
            one.pushed_at = Some(pushed_at.max(generated::moment(random)));
        });
    }),
];

const MORE_ELSEWHERE: [(&str, More); 3] = [
    ("a medal with its total", |random, set, _| {
        let medal = any_medal(random);
        let one = generated::result(random, Some(medal));
        let facts = set.kaggle();
        facts.competitions.push(one);
        // A total that is not known does not become known by it.
        if let Some(total) = facts.medals.get_mut(&Category::Competitions) {
            total.add(medal);
        }
    }),
    ("a medal that the total alone knows of", |random, set, _| {
        let category = Category::ALL[random.usize(0..4)];
        let medal = any_medal(random);
        set.kaggle().medals.entry(category).or_default().add(medal);
    }),
    (
        "an entry that a person has looked up",
        |random, set, rubric| {
            let number = set.review.next_number();
            let entry = generated::reviewed_entry(random, rubric, number);
            set.review.evidence.push(entry);
        },
    ),
];

fn more_never_lowers(more: &[(&str, More)]) {
    every_found_one(|number, random, mut set, rubric| {
        known_project(&mut set, rubric);
        let before = set.judged(rubric);
        for (what, add) in more {
            let mut set = set.clone();
            add(random, &mut set, rubric);
            nothing_lower(&before, &set.judged(rubric), &format!("{number}: {what}"));
        }
    });
}

#[test]
fn more_evidence_at_github_never_lowers_a_score() {
    more_never_lowers(&MORE_AT_GITHUB[..4]);
}

#[test]
fn more_activity_and_more_own_code_never_lower_a_score() {
    more_never_lowers(&MORE_AT_GITHUB[4..]);
}

#[test]
fn more_medals_and_more_reviewed_evidence_never_lower_a_score() {
    more_never_lowers(&MORE_ELSEWHERE);
}
