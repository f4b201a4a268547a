use super::*;
use crate::domain::facts::{
    Cause, Gap, GitHubFacts, Landing, OwnRepository, ProjectFacts, PullRequest, YearTotals,
};
use crate::domain::integrity::FlagKind;
use crate::domain::review::{Found, Signature, Withdrawal};
use crate::domain::score::kaggle_tests;

use ComponentState::{Complete, Partial, Unknown};

pub(super) const AS_OF: Date = jiff::civil::date(2026, 11, 1);

pub(super) fn rubric() -> Rubric {
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

pub(super) fn at(text: &str) -> Timestamp {
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
        pulse: None,
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

pub(super) fn landed(number: u32, lines: u32, landed_at: Timestamp) -> PullRequest {
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
            "{said}: the reviewer's part alone is known"
        );
        let unknown = score.components.iter().filter(|one| one.state == Unknown);
        assert_eq!(unknown.count(), 4);
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

fn flag(kind: FlagKind, url: &str, factor: f64) -> Flag {
    Flag {
        kind,
        reason: "made up".to_owned(),
        threshold: String::new(),
        base_rate: String::new(),
        url: url.to_owned(),
        evidence: vec![url.to_owned()],
        factor,
    }
}

fn flagged(facts: GitHubFacts, flags: &[Flag]) -> Component {
    let case = Case {
        sources: &found(facts),
        review: &Review::default(),
        flags,
    };
    score(&rubric(), case, AS_OF).components.remove(0)
}

#[test]
fn a_flag_that_the_rubric_names_stands_among_the_factors_of_what_it_is_about() {
    let mut facts = nobody();
    for number in 1..=2 {
        let day = at("2026-11-02T00:00:00Z");
        facts.pull_requests.push(landed(number, 34, day));
    }
    let url = facts.pull_requests[0].url.clone();
    let plain = flagged(facts.clone(), &[]);
    let shown = flagged(facts.clone(), &[flag(FlagKind::TrivialSeries, &url, 1.0)]);
    assert_eq!(
        shown, plain,
        "a flag that the rubric does not name changes nothing"
    );
    let halved = flagged(facts.clone(), &[flag(FlagKind::TrivialSeries, &url, 0.5)]);
    let values: Vec<f64> = halved.evidence.iter().map(|one| one.value.total).collect();
    assert_eq!(values, [0.8, 0.4]);
    let factors = &halved.evidence[1].value.factors;
    assert!((factors["flag_trivial_series"] - 0.5).abs() < 1e-12);
    // 35 · (1 − e^(−1.2/10)) = 3.9577…
    assert_eq!(halved.low, Points::from_cents(396));
    let nothing = flagged(facts, &[flag(FlagKind::TrivialSeries, &url, 0.0)]);
    assert_eq!(
        nothing.evidence.len(),
        2,
        "what a flag zeroes is still shown"
    );
    assert_eq!(nothing.evidence[1].points, Points::default());
    assert_eq!(nothing.low, Points::from_cents(269));
}

#[test]
fn a_flag_reaches_the_pull_requests_within_the_line_of_a_year() {
    let mut facts = nobody();
    let day = |index: u32| {
        at("2024-12-30T00:00:00Z") - jiff::SignedDuration::from_hours(24 * i64::from(index))
    };
    let all = (0..104).map(|index| landed(index, 50, day(index)));
    facts.pull_requests.extend(all);
    let mut of_two = flag(FlagKind::TrivialSeries, &facts.pull_requests[100].url, 0.0);
    of_two.evidence.push(facts.pull_requests[101].url.clone());
    let component = flagged(facts, &[of_two]);
    let year = component
        .evidence
        .iter()
        .find(|one| one.title.contains("further"));
    let left = year.expect("a line of the year").value.factors["flag_share"];
    assert!((left - 0.5).abs() < 1e-2, "{left}");
}

#[test]
fn a_flag_about_repositories_leaves_what_a_person_has_looked_up() {
    let review = reviewed(&[("publication", 1, "2026-11-01")]);
    let flags = [flag(
        FlagKind::CopiedRepositories,
        &review.evidence[0].url,
        0.0,
    )];
    let sources = Sources::default();
    let case = Case {
        sources: &sources,
        review: &review,
        flags: &flags,
    };
    let component = score(&rubric(), case, AS_OF).components.remove(4);
    assert!(component.low > Points::default());
}

/// Evidence that a person has added: kind, amount, day.
pub(super) fn reviewed(entries: &[(&str, u32, &str)]) -> Review {
    let found = |(number, (kind, amount, day)): (u32, &(&str, u32, &str))| Found {
        number,
        kind: (*kind).to_owned(),
        amount: *amount,
        url: format!("https://doi.example/{number}"),
        reason: "made up".to_owned(),
        date: day.parse().expect("a day"),
        signature: Signature {
            by: "Reviewer One".to_owned(),
            at: at("2026-11-01T08:00:00Z"),
        },
        withdrawn: None,
    };
    Review {
        evidence: (1..).zip(entries).map(found).collect(),
        ..Review::default()
    }
}

#[test]
fn what_a_person_has_looked_up_counts_by_its_kind_amount_and_age() {
    for (entries, looked, low, high, state) in [
        (&[][..], false, 0, 1_000, Unknown),
        (&[], true, 0, 0, Complete),
        // 10 · (1 − e^(−1.5/3)) = 3.9346…
        (
            &[("publication", 1, "2026-11-01")],
            true,
            393,
            393,
            Complete,
        ),
        (
            &[("publication", 1, "2026-11-01")],
            false,
            393,
            1_000,
            Partial,
        ),
        // Two years in industry, as of eight years ago: 10 · (1 − e^(−1/3)) = 2.8346…
        (&[("industry", 2, "2018-11-01")], true, 283, 283, Complete),
        // The rubric knows no such kind; and the future does not count yet.
        (&[("patent", 1, "2026-11-01")], true, 0, 0, Complete),
        (&[("publication", 1, "2026-11-02")], true, 0, 0, Complete),
    ] {
        let mut review = reviewed(entries);
        review.looked_through = looked.then(|| Signature {
            by: "Reviewer One".to_owned(),
            at: at("2026-11-01T08:00:00Z"),
        });
        let sources = Sources::default();
        let case = Case {
            sources: &sources,
            review: &review,
            flags: &[],
        };
        let component = score(&rubric(), case, AS_OF).components.remove(4);
        assert_eq!(
            (
                component.low.cents(),
                component.high.cents(),
                component.state
            ),
            (low, high, state),
            "{entries:?} {looked}"
        );
    }
    let mut withdrawn = reviewed(&[("publication", 1, "2026-11-01")]);
    withdrawn.evidence[0].withdrawn = Some(Withdrawal {
        reason: "not peer-reviewed".to_owned(),
        signature: withdrawn.evidence[0].signature.clone(),
    });
    let sources = Sources::default();
    let case = Case {
        sources: &sources,
        review: &withdrawn,
        flags: &[],
    };
    let component = score(&rubric(), case, AS_OF).components.remove(4);
    assert_eq!(component.state, Unknown, "a withdrawn entry is no finding");
}

#[test]
fn as_of_a_past_day_what_came_later_does_not_count() {
    let mut facts = nobody();
    facts
        .pull_requests
        .push(landed(1, 34, at("2024-05-01T10:00:00Z")));
    facts
        .pull_requests
        .push(landed(2, 34, at("2024-05-03T10:00:00Z")));
    for (name, created) in [
        ("old", "2020-01-01T00:00:00Z"),
        ("new", "2024-05-02T08:00:00Z"),
    ] {
        facts.repositories.push(OwnRepository {
            name: format!("ada-example/{name}"),
            url: format!("https://github.com/ada-example/{name}"),
            stars: 3,
            forks: 0,
            language: None,
            created_at: at(created),
            pushed_at: Some(at("2026-01-01T00:00:00Z")),
            commits: Some(20),
            own_commits: Some(20),
            newest_own_commit: None,
            stargazers: None,
        });
    }
    for year in [2023, 2024, 2025] {
        let totals = YearTotals {
            commits: 50,
            reviews: 2,
            ..YearTotals::default()
        };
        facts.years.insert(year, totals);
    }
    let sources = found(facts);
    let review = reviewed(&[
        ("publication", 1, "2024-05-01"),
        ("publication", 1, "2024-05-02"),
    ]);
    let case = Case {
        sources: &sources,
        review: &review,
        flags: &[],
    };
    let lines = |day: Date| -> Vec<String> {
        let components = score(&rubric(), case, day).components;
        let evidence = components.into_iter().flat_map(|one| one.evidence);
        evidence.map(|one| one.url).collect()
    };
    let past = lines(jiff::civil::date(2024, 5, 1));
    assert_eq!(lines(AS_OF).len(), 2 + 3 + 2 + 3 + 2);
    assert_eq!(past.len(), 1 + 2 + 1 + 2 + 1, "{past:?}");
    for later in ["pull/2", "example/new", "2025", "doi.example/2"] {
        assert!(
            !past.iter().any(|url| url.contains(later)),
            "{later}: {past:?}"
        );
    }
}
