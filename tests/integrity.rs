//! Whom the flags meet: each earner and no near miss of the demo cast, and honest people hardly ever.

use std::collections::BTreeMap;

use plaudit::domain::facts::{GitHubFacts, Lookup, Observation, Sources};
use plaudit::domain::integrity::{FOUND, Flag, FlagKind, HONEST, SEED, flags};
use plaudit::domain::rubric::Rubric;
use plaudit::standin::World;

/// A flag is raised for at most so many of a hundred honest people.
const AT_MOST: f64 = 2.0;

fn rubric() -> Rubric {
    Rubric::embedded("doctoral-dl-radiology").expect("embedded")
}

/// The world's own facts about an account, if it is a person's.
fn truth(world: &World, login: &str, rubric: &Rubric) -> Option<GitHubFacts> {
    let depth = rubric.own_code.repositories;
    match world.truth(login, &rubric.watched, depth, 2026) {
        Lookup::Found { facts } => Some(facts),
        _ => None,
    }
}

fn raised(facts: GitHubFacts, rubric: &Rubric) -> Vec<Flag> {
    let sources = Sources {
        github: Some(Observation {
            url: format!("https://github.com/{}", facts.login),
            found_on: None,
            fetched_at: "2026-11-01T08:00:00Z".parse().expect("a time"),
            lookup: Lookup::Found { facts },
        }),
        ..Sources::default()
    };
    flags(&sources, rubric)
}

#[test]
fn each_flag_meets_its_earner_and_not_who_comes_close() {
    let (world, rubric) = (World::demo(), rubric());
    let of = |login: &str| {
        let facts = truth(&world, login, &rubric).expect("one of the cast");
        raised(facts, &rubric)
    };
    for (kind, earner, near_miss) in [
        (
            FlagKind::CopiedRepositories,
            "nadia-petrov-example",
            "nora-stein-example",
        ),
        (
            FlagKind::BackdatedCommits,
            "otto-vance-example",
            "oskar-lund-example",
        ),
        (
            FlagKind::TrivialSeries,
            "priya-raman-example",
            "paula-reyes-example",
        ),
        (
            FlagKind::FriendlyMergers,
            "quentin-moreau-example",
            "qadir-aziz-example",
        ),
        (
            FlagKind::StarBurst,
            "stella-kovac-example",
            "sofia-brandt-example",
        ),
        (
            FlagKind::BorrowedCommits,
            "boris-hahn-example",
            "bianca-roth-example",
        ),
        (
            FlagKind::CoAuthorPadding,
            "cora-weiss-example",
            "clara-diaz-example",
        ),
    ] {
        let earned = of(earner);
        let kinds: Vec<FlagKind> = earned.iter().map(|flag| flag.kind).collect();
        assert_eq!(kinds, [kind], "{earner}");
        let flag = &earned[0];
        println!("{} {earner}: {} <{}>", kind.name(), flag.reason, flag.url);
        assert!(flag.url.starts_with("https://github.com/"), "{}", flag.url);
        assert_eq!(of(near_miss), [], "{near_miss}");
    }
}

#[test]
fn honest_people_are_flagged_as_rarely_as_the_flags_say() {
    let rubric = rubric();
    let world = World::generated(HONEST as usize, SEED);
    let mut counted: BTreeMap<FlagKind, u32> = BTreeMap::new();
    let mut people = 0_u32;
    let (mut with_stargazers, mut with_first_authors) = (0_u32, 0_u32);
    for applicant in 0..HONEST {
        let Some(facts) = truth(&world, &format!("gen-{applicant:06}"), &rubric) else {
            continue;
        };
        people += 1;
        let gazed = facts
            .repositories
            .iter()
            .any(|one| one.stargazers.is_some());
        let seen = facts.projects.iter().any(|one| one.first_authors.is_some());
        with_stargazers += u32::from(gazed);
        with_first_authors += u32::from(seen);
        for flag in raised(facts, &rubric) {
            *counted.entry(flag.kind).or_default() += 1;
        }
    }
    println!("{people} of {HONEST} generated applicants are people whose account is found");
    println!(
        "stargazers were looked at for {with_stargazers}, first authors for {with_first_authors}"
    );
    assert_eq!(people, FOUND);
    // What is not looked up for all is said, since a rate of 0 over nobody would say nothing.
    let looked_at = [FlagKind::StarBurst, FlagKind::CoAuthorPadding];
    assert_eq!(
        looked_at.map(FlagKind::looked_at_for_honest),
        [Some(with_stargazers), Some(with_first_authors)]
    );
    let mut wrong = Vec::new();
    for kind in FlagKind::ALL {
        let count = counted.get(&kind).copied().unwrap_or(0);
        let percent = 100.0 * f64::from(count) / f64::from(people);
        println!("{}: {count} of {people} ({percent:.2} %)", kind.name());
        assert!(percent <= AT_MOST, "{}: {percent} %", kind.name());
        if count != kind.raised_for_honest() {
            wrong.push((kind, count));
        }
    }
    assert!(wrong.is_empty(), "the flags say otherwise: {wrong:?}");
}
