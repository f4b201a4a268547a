use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::domain::facts::{
    Cause, CommitDates, FirstAuthors, Gap, Landing, Lookup, Observation, OwnRepository,
    ProjectFacts, PullRequest, Stargazers,
};

use FlagKind::{
    BackdatedCommits, BorrowedCommits, CoAuthorPadding, CopiedRepositories, FriendlyMergers,
    StarBurst, TrivialSeries,
};

const MADE: &str = "2020-01-01T00:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// So many days after the account was made.
fn day(days: i64) -> Timestamp {
    at(MADE) + SignedDuration::from_hours(24 * days)
}

fn nobody() -> GitHubFacts {
    GitHubFacts {
        login: "ada-example".to_owned(),
        account_id: "U_1".to_owned(),
        renamed_from: None,
        created_at: Some(at(MADE)),
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

fn raised(facts: &GitHubFacts) -> Vec<Flag> {
    let sources = Sources {
        github: Some(Observation {
            url: "https://github.com/ada-example".to_owned(),
            found_on: None,
            fetched_at: day(2_000),
            lookup: Lookup::Found {
                facts: facts.clone(),
            },
        }),
        ..Sources::default()
    };
    let rubric = Rubric::embedded("doctoral-dl-radiology").expect("embedded");
    flags(&sources, &rubric)
}

fn kinds(facts: &GitHubFacts) -> Vec<FlagKind> {
    raised(facts).into_iter().map(|flag| flag.kind).collect()
}

/// Each of the cases, and whether it raises the one flag.
fn check(kind: FlagKind, cases: impl IntoIterator<Item = (&'static str, GitHubFacts, bool)>) {
    for (what, facts, expected) in cases {
        let expected: &[FlagKind] = if expected { &[kind] } else { &[] };
        assert_eq!(kinds(&facts), expected, "{what}");
        let mut backwards = facts.clone();
        backwards.repositories.reverse();
        backwards.projects.reverse();
        backwards.pull_requests.reverse();
        assert_eq!(
            raised(&facts),
            raised(&backwards),
            "{what}, in another order"
        );
    }
}

fn repository(name: &str, commits: Option<u32>, own: Option<u32>) -> OwnRepository {
    OwnRepository {
        name: format!("ada-example/{name}"),
        url: format!("https://github.com/ada-example/{name}"),
        stars: 0,
        forks: 0,
        language: None,
        created_at: day(1_000),
        pushed_at: None,
        commits,
        own_commits: own,
        newest_own_commit: None,
        stargazers: None,
    }
}

fn repositories(count: usize, like: &OwnRepository) -> GitHubFacts {
    let one = |number: usize| OwnRepository {
        name: format!("{}-{number}", like.name),
        url: format!("{}-{number}", like.url),
        ..like.clone()
    };
    GitHubFacts {
        own_repositories: 5,
        repositories: (0..count).map(one).collect(),
        ..nobody()
    }
}

#[test]
fn copies_are_told_by_the_share_of_own_commits_or_by_their_age() {
    let newest = |days: i64| OwnRepository {
        newest_own_commit: Some(CommitDates {
            authored_at: day(days),
            committed_at: day(days),
        }),
        ..repository("r", Some(100), Some(9))
    };
    let of = |commits, own| repositories(3, &repository("r", commits, own));
    check(
        CopiedRepositories,
        [
            ("two of a hundred", of(Some(100), Some(2)), true),
            ("three of a hundred", of(Some(100), Some(3)), false),
            ("99 commits", of(Some(99), Some(0)), false),
            (
                "two such",
                repositories(2, &repository("r", Some(100), Some(2))),
                false,
            ),
            ("commits not known", of(None, Some(0)), false),
            ("own commits not known", of(Some(100), None), false),
            (
                "older by 366 days",
                repositories(3, &newest(1_000 - 366)),
                true,
            ),
            (
                "older by 365 days",
                repositories(3, &newest(1_000 - 365)),
                false,
            ),
        ],
    );
}

#[test]
fn forks_alone_are_padding_when_nothing_landed_anywhere() {
    let of = |forks, own| GitHubFacts {
        forks,
        own_repositories: own,
        ..nobody()
    };
    let mut landed = of(Some(30), 3);
    landed
        .pull_requests
        .push(pull_request(1, 50, "other/one", 0));
    let mut unknown = of(Some(30), 3);
    unknown.gaps.push(gap(None));
    check(
        CopiedRepositories,
        [
            ("30 beside 3", of(Some(30), 3), true),
            ("29 beside 2", of(Some(29), 2), false),
            ("30 beside 4", of(Some(30), 4), false),
            ("forks not known", of(None, 0), false),
            ("something landed", landed, false),
            ("not known what landed", unknown, false),
        ],
    );
}

fn gap(project: Option<&str>) -> Gap {
    Gap {
        topic: Topic::PullRequests,
        project: project.map(ToOwned::to_owned),
        cause: Cause::Failed,
        reason: "made up".to_owned(),
    }
}

fn project(commits: Option<u32>, newest: Option<i64>, authored: Option<i64>) -> ProjectFacts {
    ProjectFacts {
        name: "numpy/numpy".to_owned(),
        commits,
        newest_commit: newest.map(day),
        newest_authored: authored.map(day),
        first_authors: None,
        merged: 0,
        landed: 0,
        reverted: 0,
        unproven: 0,
        first: None,
        last: None,
    }
}

fn in_project(project: ProjectFacts) -> GitHubFacts {
    GitHubFacts {
        projects: vec![project],
        ..nobody()
    }
}

#[test]
fn backdating_is_told_by_two_dates_that_cannot_both_be() {
    let own = |own, authored: i64, committed: i64| {
        let mut facts = repositories(1, &repository("r", Some(40), own));
        facts.repositories[0].newest_own_commit = Some(CommitDates {
            authored_at: day(authored),
            committed_at: day(committed),
        });
        facts
    };
    let without_age = GitHubFacts {
        created_at: None,
        ..own(Some(10), -31, 1)
    };
    let watched = |newest, authored| in_project(project(Some(1), newest, authored));
    check(
        BackdatedCommits,
        [
            ("366 days apart", own(Some(10), 500, 866), true),
            (
                "366 days apart, the other way",
                own(Some(10), 866, 500),
                true,
            ),
            ("365 days apart", own(Some(10), 500, 865), false),
            ("nine own commits", own(Some(9), 500, 900), false),
            ("own commits not known", own(None, 500, 900), false),
            ("31 days before the account", own(Some(10), -31, 1), true),
            ("30 days before the account", own(Some(10), -30, 1), false),
            ("both before the account", own(Some(10), -31, -1), false),
            ("account's age not known", without_age, false),
            (
                "watched, 366 days apart",
                watched(Some(866), Some(500)),
                true,
            ),
            (
                "watched, 365 days apart",
                watched(Some(865), Some(500)),
                false,
            ),
            (
                "watched, author's date not known",
                watched(Some(866), None),
                false,
            ),
            (
                "watched, commit's date not known",
                watched(None, Some(1)),
                false,
            ),
        ],
    );
}

fn pull_request(number: u32, lines: u32, project: &str, days: i64) -> PullRequest {
    PullRequest {
        url: format!("https://github.com/{project}/pull/{number}"),
        project: project.to_owned(),
        watched: false,
        title: format!("Change {number}"),
        lines: Some(lines),
        docs_only: None,
        files: Some(1),
        landed_at: day(days),
        landing: Landing::Merged,
        merged_by_self: Some(false),
        merger: Some(number),
        stars: Some(500),
        repository_created_at: None,
    }
}

/// `trifles` of `lines` lines in `repositories` repositories, one every `apart` days, and `others` of 80 lines.
fn series(trifles: u32, lines: u32, repositories: u32, apart: i64, others: u32) -> GitHubFacts {
    let trifle = |number: u32| {
        let project = format!("other/r{}", number % repositories);
        pull_request(number, lines, &project, i64::from(number) * apart)
    };
    let other = |number: u32| pull_request(1_000 + number, 80, "other/r0", 900);
    let mut facts = nobody();
    facts.pull_requests = (0..trifles).map(trifle).collect();
    facts.pull_requests.extend((0..others).map(other));
    facts.merged_elsewhere = trifles + others;
    facts
}

fn each(mut facts: GitHubFacts, change: impl Fn(&mut PullRequest)) -> GitHubFacts {
    facts.pull_requests.iter_mut().for_each(change);
    facts
}

#[test]
fn a_series_of_trifles_is_many_small_and_unrelated_ones_close_together() {
    let least = || series(20, 5, 10, 6, 5);
    let mut more_than_known = least();
    more_than_known.merged_elsewhere = 26;
    check(
        TrivialSeries,
        [
            ("twenty", least(), true),
            ("nineteen", series(19, 5, 10, 6, 0), false),
            ("six lines", series(20, 6, 10, 6, 0), false),
            ("nine repositories", series(20, 5, 9, 6, 0), false),
            ("twenty of 26", series(20, 5, 10, 6, 6), false),
            (
                "twenty of 26, one of them not known",
                more_than_known,
                false,
            ),
            ("ten within 63 days", series(20, 5, 10, 7, 0), false),
            ("two files", each(least(), |one| one.files = Some(2)), false),
            (
                "files not known",
                each(least(), |one| one.files = None),
                true,
            ),
            (
                "lines not known",
                each(least(), |one| one.lines = None),
                false,
            ),
            ("watched", each(least(), |one| one.watched = true), false),
        ],
    );
}

/// `friendly` merged by the first of `mergers` accounts and so on, `others` with an audience.
fn friends(friendly: u32, mergers: u32, repositories: u32, others: u32) -> GitHubFacts {
    let small = |number: u32| PullRequest {
        merger: Some(number % mergers),
        stars: Some(9),
        ..pull_request(number, 80, &format!("other/r{}", number % repositories), 0)
    };
    let mut facts = nobody();
    facts.pull_requests = (0..friendly).map(small).collect();
    let others = (0..others).map(|number| pull_request(100 + number, 80, "known/one", 0));
    facts.pull_requests.extend(others);
    facts
}

#[test]
fn friends_are_the_same_few_who_merge_without_an_audience() {
    let by_self = |one: &mut PullRequest| (one.merged_by_self, one.merger) = (Some(true), None);
    let least = || friends(8, 2, 3, 0);
    check(
        FriendlyMergers,
        [
            ("eight", least(), true),
            ("seven", friends(7, 2, 3, 0), false),
            ("three accounts", friends(9, 3, 3, 0), false),
            ("four repositories", friends(8, 2, 4, 0), false),
            ("nine of ten", friends(9, 2, 3, 1), true),
            ("eight of nine", friends(8, 2, 3, 1), false),
            (
                "ten stars",
                each(least(), |one| one.stars = Some(10)),
                false,
            ),
            (
                "stars not known",
                each(least(), |one| one.stars = None),
                false,
            ),
            ("by the applicant", each(least(), by_self), true),
            (
                "not known by whom",
                each(least(), |one| {
                    (one.merged_by_self, one.merger) = (None, None);
                }),
                false,
            ),
            ("watched", each(least(), |one| one.watched = true), false),
        ],
    );
}

#[test]
fn a_burst_of_stars_is_half_at_once_and_a_third_hollow() {
    let of = |looked_at, at_once, hollow| {
        let like = OwnRepository {
            stargazers: Some(Stargazers {
                looked_at,
                at_once,
                hollow,
            }),
            ..repository("r", None, None)
        };
        repositories(1, &like)
    };
    check(
        StarBurst,
        [
            ("25 and 15 of 50", of(50, 25, 15), true),
            ("24 and 15 of 50", of(50, 24, 15), false),
            ("25 and 14 of 50", of(50, 25, 14), false),
            ("49 looked at", of(49, 49, 49), false),
            (
                "nobody looked",
                repositories(1, &repository("r", None, None)),
                false,
            ),
        ],
    );
}

#[test]
fn borrowed_commits_are_older_than_the_account_without_a_pull_request() {
    let of = |commits, newest| in_project(project(commits, newest, newest));
    let mut landed = of(Some(5), Some(-31));
    landed.projects[0].merged = 1;
    let mut unknown = of(Some(5), Some(-31));
    unknown.gaps.push(gap(Some("numpy/numpy")));
    let without_age = GitHubFacts {
        created_at: None,
        ..of(Some(5), Some(-31))
    };
    check(
        BorrowedCommits,
        [
            ("five, 31 days older", of(Some(5), Some(-31)), true),
            ("four", of(Some(4), Some(-31)), false),
            ("30 days older", of(Some(5), Some(-30)), false),
            ("one landed", landed, false),
            ("not known what landed", unknown, false),
            ("commits not known", of(None, Some(-31)), false),
            ("date not known", of(Some(5), None), false),
            ("account's age not known", without_age, false),
        ],
    );
}

#[test]
fn padding_is_nine_of_ten_commits_of_others() {
    let of = |looked_at, others| {
        in_project(ProjectFacts {
            first_authors: Some(FirstAuthors { looked_at, others }),
            ..project(Some(12), None, None)
        })
    };
    check(
        CoAuthorPadding,
        [
            ("nine of ten", of(10, 9), true),
            ("eight of ten", of(10, 8), false),
            ("nine of nine", of(9, 9), false),
            (
                "nobody looked",
                in_project(project(Some(12), None, None)),
                false,
            ),
        ],
    );
}

#[test]
fn nothing_known_raises_nothing() {
    let rubric = Rubric::embedded("doctoral-dl-radiology").expect("embedded");
    assert!(flags(&Sources::default(), &rubric).is_empty());
    assert!(kinds(&nobody()).is_empty());
}

#[test]
fn a_flag_says_what_from_where_on_how_often_and_where_to_look() {
    let flag = raised(&friends(8, 2, 3, 0)).remove(0);
    assert_eq!(
        flag.reason,
        "8 of 8 landed pull requests outside the watched projects (100 %) were merged by two accounts, in 3 repositories \
         with fewer than 10 stars"
    );
    assert_eq!(
        flag.url,
        "https://github.com/search?q=is%3Apr+is%3Amerged+author%3Aada-example&type=pullrequests"
    );
    assert_eq!(flag.evidence.len(), 8);
    assert!(
        (flag.factor - 1.0).abs() < f64::EPSILON,
        "the rubric names none"
    );
    for kind in FlagKind::ALL {
        assert!(!kind.threshold().is_empty());
        assert!(
            kind.base_rate().contains("made-up honest accounts"),
            "{}",
            kind.base_rate()
        );
    }
}

#[test]
fn the_rubric_alone_says_what_a_flag_weighs() {
    let mut rubric = Rubric::embedded("doctoral-dl-radiology").expect("embedded");
    rubric.flags.insert(FriendlyMergers, 0.25);
    let sources = Sources {
        github: Some(Observation {
            url: "https://github.com/ada-example".to_owned(),
            found_on: None,
            fetched_at: day(2_000),
            lookup: Lookup::Found {
                facts: friends(8, 2, 3, 0),
            },
        }),
        ..Sources::default()
    };
    let factors: Vec<f64> = flags(&sources, &rubric)
        .iter()
        .map(|flag| flag.factor)
        .collect();
    assert_eq!(factors, [0.25]);
}
