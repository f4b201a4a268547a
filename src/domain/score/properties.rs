//! What holds of every score, over 10,000 generated fact sets each ([`super::generated`]), which the embedded rubrics
//! judge in turn. A failure names the fact set's number, which makes it again.
//!
//! # What "more evidence" means
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
//! such cases, both of work that was valued without its date; their bounds are proven below, and told to the reader in
//! the docs of [`super`]: a pull request that becomes known when its commit was counted already, and a medal whose
//! competition becomes known when the total counted it already. A flag that is raised anew lowers where the rubric says
//! so, and somebody else's commit lessens the share in an own repository.

use std::sync::LazyLock;

use fastrand::Rng;

use super::generated::{self, FactSet, signature};
use super::*;
use crate::domain::facts::{Medal, OwnRepository, ProjectFacts, YearTotals};

/// Fact sets that each property is tried on.
const CASES: u64 = 10_000;

static RUBRICS: LazyLock<Vec<Rubric>> = LazyLock::new(|| {
    let all = Rubric::all_embedded().expect("valid");
    all.into_values().collect()
});

/// The rubrics take turns.
fn rubric_of(number: u64) -> &'static Rubric {
    let nth = number % u64::try_from(RUBRICS.len()).expect("few");
    &RUBRICS[usize::try_from(nth).expect("few")]
}

fn every_fact_set(check: impl Fn(u64, FactSet, &Rubric)) {
    for number in 0..CASES {
        let rubric = rubric_of(number);
        check(number, FactSet::numbered(number, rubric), rubric);
    }
}

/// Every fact set in which the sources have answered, with a number that is not the generator's own.
fn every_found_one(check: impl Fn(u64, &mut Rng, FactSet, &Rubric)) {
    for number in 0..CASES {
        let rubric = rubric_of(number);
        let mut random = Rng::with_seed(!number);
        check(
            number,
            &mut random,
            FactSet::all_found(number, rubric),
            rubric,
        );
    }
}

fn bytes(score: &Score) -> Vec<u8> {
    serde_json::to_vec(score).expect("JSON")
}

/// What `Display` prints, read back as hundredths.
fn printed(points: Points) -> i64 {
    let text = points.to_string();
    let (whole, hundredths) = text.split_once('.').expect("a point");
    assert_eq!(hundredths.len(), 2, "{text}");
    whole.parse::<i64>().expect("digits") * 100 + hundredths.parse::<i64>().expect("digits")
}

#[test]
fn evidence_adds_up_in_hundredths_and_as_printed() {
    every_fact_set(|number, set, rubric| {
        let score = set.judged(rubric);
        let mut all = (0, 0, 0);
        for one in &score.components {
            let lines = || one.evidence.iter().map(|line| line.points);
            let what = format!("{number}: {}", one.name);
            assert_eq!(lines().sum::<Points>(), one.low, "{what}");
            assert_eq!(
                lines().map(printed).sum::<i64>(),
                printed(one.low),
                "{what}"
            );
            assert!(lines().all(|points| points.cents() >= 0), "{what}");
            all.0 += lines().map(printed).sum::<i64>();
            all.1 += printed(one.high);
            all.2 += printed(one.max);
        }
        let whole = (printed(score.low), printed(score.high), 10_000);
        assert_eq!(all, whole, "{number}");
    });
}

#[test]
fn evidence_adds_up_in_the_numbers_of_the_json() {
    let number_of = |value: &serde_json::Value| value.as_f64().expect("a number");
    every_fact_set(|number, set, rubric| {
        let score = serde_json::to_value(set.judged(rubric)).expect("JSON");
        let mut all = 0.0;
        for one in score["components"].as_array().expect("components") {
            let lines = one["evidence"].as_array().expect("evidence");
            let sum: f64 = lines.iter().map(|line| number_of(&line["points"])).sum();
            let apart = (sum - number_of(&one["low"])).abs();
            assert!(apart < 1e-9, "{number}: {} is {apart} off", one["name"]);
            all += sum;
            for line in lines {
                let factors = line["value"]["factors"].as_object().expect("factors");
                let product: f64 = factors.values().map(number_of).product();
                let total = number_of(&line["value"]["total"]);
                assert!((product - total).abs() <= 1e-12 * total, "{number}: {line}");
            }
        }
        let apart = (all - number_of(&score["low"])).abs();
        assert!(apart < 1e-9, "{number}: {apart} off");
    });
}

#[test]
fn low_is_never_above_high_nor_high_above_the_maximum() {
    let mut states = BTreeMap::new();
    let seen = std::cell::RefCell::new(&mut states);
    every_fact_set(|number, set, rubric| {
        let score = set.judged(rubric);
        for one in &score.components {
            let what = format!("{number}: {one:?}");
            assert!(Points::default() <= one.low, "{what}");
            assert!(one.low <= one.high && one.high <= one.max, "{what}");
            let complete = one.state == ComponentState::Complete;
            let high = if complete { one.low } else { one.max };
            assert_eq!(one.high, high, "{what}");
            assert_eq!(one.reason.is_empty(), complete, "{what}");
            let unknown = one.state == ComponentState::Unknown;
            assert!(!unknown || one.evidence.is_empty(), "{what}");
            *seen
                .borrow_mut()
                .entry((one.name.clone(), one.state.to_string()))
                .or_insert(0) += 1;
        }
        assert!(score.low <= score.high, "{number}");
        assert!(score.high <= Points::from_cents(10_000), "{number}");
        assert!((0.0..=1.0).contains(&coverage(&score)), "{number}");
    });
    // The generator would prove little if it did not reach every state of every component often.
    assert_eq!(states.len(), 15, "{states:?}");
    assert!(states.values().all(|count| *count > 100), "{states:?}");
}

#[test]
fn when_all_is_known_low_is_high() {
    every_found_one(|number, _, mut set, rubric| {
        set.github().gaps.clear();
        set.kaggle().gaps.clear();
        set.review.looked_through = Some(signature("Reviewer One"));
        let score = set.judged(rubric);
        assert_eq!(score.low, score.high, "{number}");
        assert!((coverage(&score) - 1.0).abs() < f64::EPSILON, "{number}");
    });
}

/// Asserts that neither end of any interval went down.
fn nothing_lower(before: &Score, after: &Score, what: &str) {
    let mut pairs = vec![("score", (before.low, before.high), (after.low, after.high))];
    for (left, right) in before.components.iter().zip(&after.components) {
        assert_eq!(left.name, right.name, "{what}");
        pairs.push((&left.name, (left.low, left.high), (right.low, right.high)));
    }
    for (name, was, is) in pairs {
        assert!(
            was.0 <= is.0,
            "{what}: low of {name} from {} to {}",
            was.0,
            is.0
        );
        assert!(
            was.1 <= is.1,
            "{what}: high of {name} from {} to {}",
            was.1,
            is.1
        );
    }
}

/// Something more that a person did.
type More = fn(&mut Rng, &mut FactSet, &Rubric);

/// A watched project whose commits are known; there is one after this.
fn known_project<'a>(set: &'a mut FactSet, rubric: &Rubric) -> &'a mut ProjectFacts {
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
fn commit_at(project: &mut ProjectFacts, date: Timestamp) {
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
        in_a_year(random, set, |year| &mut year.reviews)
    }),
    ("commits in a year", |random, set, _| {
        in_a_year(random, set, |year| &mut year.commits)
    }),
    ("issues in a year", |random, set, _| {
        in_a_year(random, set, |year| &mut year.issues)
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
