use std::collections::BTreeMap;

use jiff::Timestamp;

use super::*;
use crate::domain::facts::{
    Category, Cause, CompetitionResult, Gap, GitHubFacts, KaggleFacts, Landing, Lookup, Medal,
    MedalCount, Observation, OwnRepository, ProjectFacts, Provenance, PullRequest, Sources, Teller,
    Topic,
};
use crate::domain::identity::{IdentityLevel, Proof};
use crate::domain::integrity::{Flag, FlagKind};
use crate::domain::profile::{ApplicantSummary, Cost, Material};
use crate::domain::review::{Found, Note, Review, Signature, Withdrawal};
use crate::domain::rubric::Rubric;

fn now() -> Timestamp {
    "2026-11-01T08:00:00Z".parse().expect("a time")
}

#[expect(clippy::unnecessary_wraps, reason = "as the sources hold it")]
fn observed<T>(url: &str, facts: T) -> Option<Observation<T>> {
    Some(Observation {
        url: url.to_owned(),
        found_on: None,
        fetched_at: now(),
        lookup: Lookup::Found { facts },
    })
}

fn github() -> GitHubFacts {
    GitHubFacts {
        login: "ada-example".to_owned(),
        account_id: "U_1".to_owned(),
        renamed_from: None,
        created_at: None,
        own_repositories: 0,
        forks: None,
        repositories: Vec::new(),
        projects: vec![ProjectFacts {
            name: "numpy/numpy".to_owned(),
            commits: Some(3),
            newest_commit: None,
            newest_authored: None,
            first_authors: None,
            merged: 0,
            landed: 0,
            reverted: 0,
            unproven: 0,
            first: None,
            last: None,
        }],
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

fn kaggle() -> KaggleFacts {
    let told = Provenance {
        teller: Teller::DataSet,
        as_of: now(),
    };
    KaggleFacts {
        user_name: "ada".to_owned(),
        user_id: 7,
        renamed_from: None,
        github: None,
        tiers: BTreeMap::new(),
        medals: Category::ALL
            .map(|category| (category, MedalCount::default()))
            .into(),
        ranks: BTreeMap::new(),
        competitions: Vec::new(),
        totals_from: told,
        medals_from: BTreeMap::new(),
        competitions_from: Some(told),
        differences: Vec::new(),
        gaps: Vec::new(),
    }
}

fn judged(sources: Sources) -> Profile {
    let rubric = Rubric::embedded("doctoral-dl-radiology").expect("embedded");
    let material = Material {
        applicant: ApplicantSummary {
            id: "ada".parse().expect("an id"),
            name: None,
            links: vec!["https://github.com/ada-example".to_owned()],
        },
        role: rubric.name.clone(),
        sources,
        review: Review::default(),
        cost: Cost::default(),
        notices: Vec::new(),
    };
    Profile::judge(material, &rubric, jiff::civil::date(2026, 11, 1), None)
}

fn with(github: GitHubFacts, kaggle: KaggleFacts) -> Profile {
    judged(Sources {
        github: observed("https://github.com/ada-example", github),
        kaggle: observed("https://www.kaggle.com/ada", kaggle),
        page: None,
    })
}

fn start() -> Profile {
    with(github(), kaggle())
}

/// The changes of these kinds, as lines.
fn lines(before: &Profile, after: &Profile, kinds: &[&str]) -> Vec<String> {
    between(before, after)
        .into_iter()
        .filter(|one| kinds.contains(&one.kind.as_str()))
        .map(|one| match one.url {
            Some(url) => format!("{}: {} <{url}>", one.kind, one.what),
            None => format!("{}: {}", one.kind, one.what),
        })
        .collect()
}

fn landed(project: &str, number: u32, day: i64) -> PullRequest {
    PullRequest {
        url: format!("https://github.com/{project}/pull/{number}"),
        project: project.to_owned(),
        watched: project == "numpy/numpy",
        title: format!("Change {number}"),
        lines: Some(40),
        docs_only: None,
        files: None,
        landed_at: Timestamp::from_second(1_700_000_000 + day * 86_400).expect("in range"),
        landing: Landing::Merged,
        merged_by_self: Some(false),
        merger: None,
        stars: None,
        repository_created_at: None,
    }
}

#[test]
fn the_same_profile_has_no_changes() {
    assert_eq!(between(&start(), &start()), []);
}

#[test]
fn landed_work_is_told_one_by_one_and_then_as_a_number_with_the_watched_first() {
    let mut after = github();
    after.pull_requests = (1..=7)
        .map(|number| landed("numpy/numpy", number, i64::from(number)))
        .collect();
    after.pull_requests.push(landed("a/a", 1, 99));
    after.projects[0].commits = Some(10);
    let after = with(after, kaggle());
    assert_eq!(
        lines(&start(), &after, &["landed", "commits"]),
        [
            "landed: landed in numpy/numpy: Change 7 <https://github.com/numpy/numpy/pull/7>",
            "landed: landed in numpy/numpy: Change 6 <https://github.com/numpy/numpy/pull/6>",
            "landed: landed in numpy/numpy: Change 5 <https://github.com/numpy/numpy/pull/5>",
            "landed: landed in numpy/numpy: Change 4 <https://github.com/numpy/numpy/pull/4>",
            "landed: landed in numpy/numpy: Change 3 <https://github.com/numpy/numpy/pull/3>",
            "landed: landed in numpy/numpy: 2 more <https://github.com/numpy/numpy/pulls?q=is%3Apr+author%3Aada-example>",
            "landed: landed in a/a: Change 1 <https://github.com/a/a/pull/1>",
            "commits: commits in numpy/numpy: 3 → 10 <https://github.com/numpy/numpy/commits?author=ada-example>",
        ]
    );
    assert_eq!(
        between(&start(), &after)[0].kind,
        "score",
        "what matters most first"
    );
    let back = lines(&after, &start(), &["landed"]);
    assert_eq!(back.len(), 7);
    assert!(back[0].starts_with("landed: no longer counted as landed in numpy/numpy: Change 7"));
}

#[test]
fn what_becomes_visible_is_a_gap_that_closed_and_no_new_work() {
    let mut before = github();
    before.gaps.push(Gap {
        topic: Topic::PullRequests,
        project: Some("numpy/numpy".to_owned()),
        cause: Cause::Failed,
        reason: "GitHub gave up".to_owned(),
    });
    let mut after = github();
    after.pull_requests.push(landed("numpy/numpy", 1, 1));
    let (before, after) = (with(before, kaggle()), with(after, kaggle()));
    let kinds = ["known", "landed"];
    assert_eq!(
        lines(&before, &after, &kinds),
        ["known: known again: landed pull requests (numpy/numpy) <https://github.com/ada-example>"]
    );
    assert_eq!(
        lines(&after, &before, &kinds),
        [
            "known: no longer known: landed pull requests (numpy/numpy): GitHub gave up <https://github.com/ada-example>"
        ]
    );
}

#[test]
fn a_source_that_goes_and_comes_is_told_once() {
    let gone = |lookup| {
        let mut sources = start().sources;
        if let Some(github) = &mut sources.github {
            github.lookup = lookup;
        }
        judged(sources)
    };
    let reason = || "the person hides it".to_owned();
    for (lookup, state) in [
        (Lookup::Hidden { reason: reason() }, "hidden"),
        (Lookup::Absent { reason: reason() }, "absent"),
        (Lookup::Failed { reason: reason() }, "failed"),
    ] {
        let after = gone(lookup);
        let kinds = ["source", "landed", "known", "commits", "repository"];
        assert_eq!(
            lines(&start(), &after, &kinds),
            [format!(
                "source: GitHub found → {state}: the person hides it <https://github.com/ada-example>"
            )]
        );
        assert_eq!(
            lines(&after, &start(), &kinds),
            [format!(
                "source: GitHub {state} → found <https://github.com/ada-example>"
            )]
        );
    }
    let mut without = start().sources;
    without.kaggle = None;
    let without = judged(without);
    assert_eq!(
        lines(&start(), &without, &["source", "medal"]),
        ["source: Kaggle is no longer read <https://www.kaggle.com/ada>"]
    );
    assert_eq!(
        lines(&without, &start(), &["source", "medal"]),
        ["source: Kaggle is read now (found) <https://www.kaggle.com/ada>"]
    );
}

fn won(slug: &str, medal: Medal) -> CompetitionResult {
    CompetitionResult {
        slug: slug.to_owned(),
        title: format!("The {slug} challenge"),
        rank: None,
        rank_is_public: false,
        teams: None,
        team_size: 1,
        medal: Some(medal),
        date: None,
    }
}

#[test]
fn medals_are_told_by_competition_and_the_rest_of_the_totals_as_numbers() {
    let mut after = kaggle();
    after.competitions.push(won("hip", Medal::Gold));
    let of = |gold, silver, bronze| MedalCount {
        gold,
        silver,
        bronze,
    };
    after.medals.insert(Category::Competitions, of(2, 0, 1));
    after.medals.insert(Category::Notebooks, of(0, 0, 3));
    let after = with(github(), after);
    assert_eq!(
        lines(&start(), &after, &["medal"]),
        [
            "medal: new gold medal in The hip challenge <https://www.kaggle.com/competitions/hip/leaderboard>",
            "medal: more medals in competitions: 1 gold, 1 bronze <https://www.kaggle.com/ada>",
            "medal: more medals in notebooks: 3 bronze <https://www.kaggle.com/ada>",
        ]
    );
    assert_eq!(
        lines(&after, &start(), &["medal"])[0],
        "medal: the gold medal in The hip challenge is no longer there \
         <https://www.kaggle.com/competitions/hip/leaderboard>"
    );
    // The data set came to hand: the medals have names now, and are no new ones.
    let mut unnamed = kaggle();
    unnamed.competitions_from = None;
    unnamed.medals.insert(Category::Competitions, of(1, 0, 0));
    let mut named = kaggle();
    named.medals.insert(Category::Competitions, of(1, 0, 0));
    named.competitions.push(won("hip", Medal::Gold));
    assert!(lines(&with(github(), unnamed), &with(github(), named), &["medal"]).is_empty());
}

#[test]
fn a_new_repository_is_told_when_it_earns_points() {
    let mut after = github();
    for (name, own) in [("hip", Some(20)), ("empty", Some(0))] {
        after.repositories.push(OwnRepository {
            name: format!("ada-example/{name}"),
            url: format!("https://github.com/ada-example/{name}"),
            stars: 40,
            forks: 0,
            language: Some("Python".to_owned()),
            created_at: now(),
            pushed_at: None,
            commits: Some(20),
            own_commits: own,
            newest_own_commit: None,
            stargazers: None,
        });
    }
    let after = with(after, kaggle());
    assert_eq!(
        lines(&start(), &after, &["repository"]),
        [
            "repository: new repository of the applicant's own: ada-example/hip <https://github.com/ada-example/hip>"
        ]
    );
}

#[test]
fn what_is_made_of_the_facts_is_told_as_well() {
    let before = start();
    let mut after = start();
    after.score.high = crate::domain::score::Points::from_cents(6_400);
    after.score.low = after.score.high;
    after.rubric.version = "4".to_owned();
    after.identity.level = IdentityLevel::Linked;
    after.identity.conflicts.push(Proof {
        what: "Kaggle names another account".to_owned(),
        url: "https://www.kaggle.com/ada".to_owned(),
    });
    after.flags.push(Flag {
        kind: FlagKind::StarBurst,
        reason: "stars came at once".to_owned(),
        threshold: String::new(),
        base_rate: String::new(),
        url: "https://github.com/ada-example/hip/stargazers".to_owned(),
        evidence: Vec::new(),
        factor: 1.0,
    });
    let told: Vec<String> = between(&before, &after)
        .into_iter()
        .map(|one| one.what)
        .collect();
    assert_eq!(
        told,
        [
            "0.00..10.00 → 64.00",
            "the rubric doctoral-dl-radiology: version 3 → 4",
            "identity claimed → linked",
            "new conflict: Kaggle names another account",
            "raised star_burst: stars came at once",
        ]
    );
    let back: Vec<String> = between(&after, &before)
        .into_iter()
        .map(|one| one.what)
        .collect();
    assert_eq!(back[4], "gone star_burst: stars came at once");
    let mut edited = start();
    edited.rubric.digest = "0".to_owned();
    assert!(lines(&before, &edited, &["rubric"])[0].contains("edited without a new version"));
}

#[test]
fn renamed_accounts_are_told_by_their_number() {
    let (mut on_github, mut on_kaggle) = (github(), kaggle());
    on_github.login = "ada-now-example".to_owned();
    on_kaggle.user_name = "ada-now".to_owned();
    let after = with(on_github, on_kaggle);
    assert_eq!(
        lines(&start(), &after, &["identity"]),
        [
            "identity: the GitHub account ada-example is now ada-now-example <https://github.com/ada-now-example>",
            "identity: the Kaggle account ada is now ada-now <https://www.kaggle.com/ada-now>",
        ]
    );
}

#[test]
fn entries_of_people_are_told_when_they_come_and_when_they_are_withdrawn() {
    let signature = || Signature {
        by: "Reviewer One".to_owned(),
        at: now(),
    };
    let mut added = start();
    added.review.evidence.push(Found {
        number: 1,
        kind: "publication".to_owned(),
        amount: 1,
        url: "https://doi.example/1".to_owned(),
        reason: "first author".to_owned(),
        date: jiff::civil::date(2024, 1, 1),
        signature: signature(),
        withdrawn: None,
    });
    added.review.notes.push(Note {
        number: 2,
        text: "called".to_owned(),
        signature: signature(),
    });
    added.review.looked_through = Some(signature());
    assert_eq!(
        lines(&start(), &added, &["review"]),
        [
            "review: Reviewer One added evidence 1: publication, first author <https://doi.example/1>",
            "review: Reviewer One added note 2",
            "review: Reviewer One has looked to the end",
        ]
    );
    let mut withdrawn = added.clone();
    withdrawn.review.evidence[0].withdrawn = Some(Withdrawal {
        reason: "not peer-reviewed".to_owned(),
        signature: signature(),
    });
    assert_eq!(
        lines(&added, &withdrawn, &["review"]),
        ["review: Reviewer One withdrew evidence 1: not peer-reviewed <https://doi.example/1>"]
    );
}
