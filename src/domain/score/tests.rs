use super::*;
use crate::domain::facts::{Cause, Gap, GitHubFacts, Landing, ProjectFacts, PullRequest};
use crate::domain::review::Signature;
use crate::domain::score::kaggle_tests;

use ComponentState::{Complete, Unknown};

const AS_OF: Date = jiff::civil::date(2026, 11, 1);

fn rubric() -> Rubric {
    Rubric::embedded("doctoral-dl-radiology").expect("embedded")
}

/// Judged by the reference rubric, when a reviewer has looked and found nothing.
fn judged(sources: &Sources) -> Score {
    let review = Review {
        looked_through: Some(Signature {
            by: "Reviewer One".to_owned(),
            at: at("2026-11-01T08:00:00Z"),
        }),
        ..Review::default()
    };
    let case = Case {
        sources,
        review: &review,
        flags: &[],
    };
    score(&rubric(), case, AS_OF)
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

pub(super) fn nobody() -> GitHubFacts {
    GitHubFacts {
        login: "ada-example".to_owned(),
        account_id: "U_1".to_owned(),
        renamed_from: None,
        created_at: None,
        own_repositories: 0,
        forks: Some(0),
        repositories: Vec::new(),
        projects: Vec::new(),
        merged_elsewhere: 0,
        mergers: 0,
        pull_requests: Vec::new(),
        names: Vec::new(),
        code: None,
        years: BTreeMap::new(),
        gaps: Vec::new(),
    }
}

fn observed(lookup: Lookup<GitHubFacts>) -> Sources {
    let url = "https://github.com/ada-example".to_owned();
    Sources {
        github: Some(Observation {
            url,
            fetched_at: at("2026-11-01T08:00:00Z"),
            found_on: None,
            lookup,
        }),
        ..Sources::default()
    }
}

/// Found at GitHub, and at Kaggle known to have nothing.
pub(super) fn found(facts: GitHubFacts) -> Sources {
    Sources {
        kaggle: kaggle_tests::found(kaggle_tests::nobody()).kaggle,
        ..observed(Lookup::Found { facts })
    }
}

fn landed(number: u32, lines: u32, landed_at: Timestamp) -> PullRequest {
    PullRequest {
        url: format!("https://github.com/numpy/numpy/pull/{number}"),
        project: "numpy/numpy".to_owned(),
        watched: true,
        title: format!("Change {number}"),
        lines: Some(lines),
        docs_only: Some(false),
        landed_at,
        landing: Landing::Merged,
        merged_by_self: Some(false),
        merger: None,
        repository_created_at: None,
        files: None,
        stars: Some(28_000),
    }
}

#[test]
fn a_single_ordinary_pull_request_of_today_is_worked_out_by_hand() {
    let mut facts = nobody();
    // At the very end of the day recency is 1: value = 1.0 (weight) × 0.8 (numpy) × 1 (size) × 1.
    facts
        .pull_requests
        .push(landed(1, 34, at("2026-11-02T00:00:00Z")));
    let score = judged(&found(facts));
    // 35 · (1 − e^(−0.8/10)) = 2.6909…
    assert_eq!(score.low, Points::from_cents(269));
    assert_eq!(score.high, score.low);
    let evidence = &score.components[0].evidence;
    assert_eq!(evidence.len(), 1);
    assert_eq!(evidence[0].points, Points::from_cents(269));
    assert!((evidence[0].value.total - 0.8).abs() < 1e-12);
}

#[test]
fn after_a_half_life_a_contribution_counts_half() {
    let mut facts = nobody();
    // 5 mean years of 8,766 h before the end of the day.
    facts
        .pull_requests
        .push(landed(1, 34, at("2021-11-01T18:00:00Z")));
    let score = judged(&found(facts));
    assert!((score.components[0].evidence[0].value.factors["recency"] - 0.5).abs() < 1e-9);
}

#[test]
fn sizes_fall_into_their_classes() {
    for (lines, docs_only, expected) in [
        (Some(5), Some(false), 0.25),
        (Some(6), Some(false), 1.0),
        (Some(199), None, 1.0),
        (Some(200), Some(false), 1.5),
        (Some(900), Some(true), 0.25),
        (None, None, 0.25),
    ] {
        let mut facts = nobody();
        let one = PullRequest {
            lines,
            docs_only,
            ..landed(1, 0, at("2026-10-01T00:00:00Z"))
        };
        facts.pull_requests.push(one);
        let score = judged(&found(facts));
        let size = score.components[0].evidence[0].value.factors["size"];
        assert!(
            (size - expected).abs() < 1e-12,
            "{lines:?} {docs_only:?}: {size}"
        );
    }
}

#[test]
fn commits_beyond_the_pull_requests_are_one_further_line() {
    let mut facts = nobody();
    facts.projects.push(ProjectFacts {
        name: "numpy/numpy".to_owned(),
        commits: Some(10),
        newest_commit: Some(at("2026-11-02T00:00:00Z")),
        newest_authored: None,
        first_authors: None,
        merged: 3,
        landed: 1,
        reverted: 2,
        unproven: 0,
        first: None,
        last: None,
    });
    let score = judged(&found(facts));
    let line = &score.components[0].evidence[0];
    assert_eq!(line.kind, "open_source.commits");
    assert_eq!(
        line.url,
        "https://github.com/numpy/numpy/commits?author=ada-example"
    );
    assert!((line.value.factors["count"] - 4.0).abs() < 1e-12);
}

#[test]
fn the_hundred_and_first_pull_request_becomes_a_line_of_its_year() {
    let mut facts = nobody();
    let day = |index: u32| {
        at("2024-12-30T00:00:00Z") - jiff::SignedDuration::from_hours(24 * i64::from(index))
    };
    facts
        .pull_requests
        .extend((0..450).map(|index| landed(index, 50, day(index))));
    let score = judged(&found(facts));
    let evidence = &score.components[0].evidence;
    let years: Vec<_> = evidence
        .iter()
        .filter(|line| line.title.contains("further"))
        .map(|line| line.title.as_str())
        .collect();
    assert_eq!(evidence.len(), 102);
    assert!(
        years.contains(&"265 further pull requests in 2024"),
        "{years:?}"
    );
    assert!(
        years.contains(&"85 further pull requests in 2023"),
        "{years:?}"
    );
}

#[test]
fn unknown_is_not_zero() {
    let reason = "GitHub has no account named ada-example".to_owned();
    for (sources, said) in [
        (Sources::default(), "no GitHub link was given"),
        (observed(Lookup::Absent { reason }), "no account"),
        (
            observed(Lookup::Hidden {
                reason: "hidden by choice".to_owned(),
            }),
            "hidden by choice",
        ),
        (
            observed(Lookup::Failed {
                reason: "no answer".to_owned(),
            }),
            "no answer",
        ),
    ] {
        let score = judged(&sources);
        assert_eq!(
            (score.low.cents(), score.high.cents()),
            (0, 9_000),
            "{said}: all but the 10 points that a reviewer has looked through"
        );
        let states: Vec<_> = score.components.iter().map(|one| one.state).collect();
        assert_eq!(states, [Unknown, Unknown, Unknown, Unknown, Complete]);
        assert!(
            score.components[0].reason.contains(said),
            "{}",
            score.components[0].reason
        );
        assert!((coverage(&score) - 0.1).abs() < f64::EPSILON);
    }
    let empty = judged(&found(nobody()));
    assert_eq!(
        (empty.low.cents(), empty.high.cents()),
        (0, 0),
        "known to be empty"
    );
    assert!((coverage(&empty) - 1.0).abs() < f64::EPSILON);
}

#[test]
fn a_gap_opens_only_its_own_components() {
    let mut facts = nobody();
    facts.gaps.push(Gap {
        topic: Topic::Years,
        project: None,
        cause: Cause::Hidden,
        reason: "hides it".to_owned(),
    });
    let score = judged(&found(facts));
    let states: Vec<_> = score.components.iter().map(|one| one.state).collect();
    assert_eq!(states, [Complete, Complete, Complete, Unknown, Complete]);
    assert_eq!(score.high, Points::from_cents(1_000));
}
