//! Each story against the list of thresholds, on the facts alone.

use jiff::{SignedDuration, Timestamp};

use crate::{
    domain::{
        facts::{GitHubFacts, Lookup},
        rubric::Rubric,
    },
    standin::{World, demo::list},
};

const DAYS: fn(i64) -> SignedDuration = |days| SignedDuration::from_hours(24 * days);

/// The flags that the thresholds raise.
fn raised(facts: &GitHubFacts) -> Vec<&'static str> {
    type Rule = (&'static str, fn(&GitHubFacts) -> bool);
    let rules: [Rule; 7] = [
        ("copied_repositories", copied),
        ("backdated_commits", backdated),
        ("trivial_series", trivial),
        ("friendly_mergers", friendly),
        ("star_burst", burst),
        ("borrowed_commits", borrowed),
        ("co_author_padding", padding),
    ];
    let raised = rules.into_iter().filter(|(_, rule)| rule(facts));
    raised.map(|(name, _)| name).collect()
}

fn copied(facts: &GitHubFacts) -> bool {
    let clones = facts.repositories.iter().filter(|own| {
        let (all, mine) = (own.commits.unwrap_or(0), own.own_commits.unwrap_or(0));
        let old = own
            .newest_own_commit
            .is_some_and(|newest| own.created_at.duration_since(newest.committed_at) > DAYS(365));
        all >= 100 && (mine * 50 <= all || old)
    });
    let forks = facts.forks.unwrap_or(0);
    clones.count() >= 3
        || forks >= 30 && forks >= 10 * facts.own_repositories && facts.pull_requests.is_empty()
}

fn backdated(facts: &GitHubFacts) -> bool {
    let since = facts.created_at.unwrap_or(Timestamp::MIN);
    let own = facts
        .repositories
        .iter()
        .filter(|own| own.own_commits.unwrap_or(0) >= 10)
        .filter_map(|own| own.newest_own_commit)
        .map(|newest| (newest.authored_at, newest.committed_at));
    let watched = facts
        .projects
        .iter()
        .filter_map(|project| Some((project.newest_authored?, project.newest_commit?)));
    own.chain(watched).any(|(authored, committed)| {
        let lag = committed.duration_since(authored).abs() > DAYS(365);
        lag || since.duration_since(authored) > DAYS(30) && committed > since
    })
}

fn trivial(facts: &GitHubFacts) -> bool {
    let outside: Vec<_> = facts
        .pull_requests
        .iter()
        .filter(|one| !one.watched)
        .collect();
    let mut small: Vec<_> = outside
        .iter()
        .filter(|one| one.lines.is_some_and(|lines| lines <= 5))
        .collect();
    small.sort_by_key(|one| one.landed_at);
    let mut places: Vec<_> = small.iter().map(|one| &one.project).collect();
    places.sort();
    places.dedup();
    let rush = small
        .windows(10)
        .any(|ten| ten[9].landed_at.duration_since(ten[0].landed_at) <= DAYS(60));
    small.len() >= 20 && places.len() >= 10 && small.len() * 5 >= outside.len() * 4 && rush
}

fn friendly(facts: &GitHubFacts) -> bool {
    let outside: Vec<_> = facts
        .pull_requests
        .iter()
        .filter(|one| !one.watched)
        .collect();
    let mut by_merger = std::collections::BTreeMap::<u32, usize>::new();
    for merger in outside.iter().filter_map(|one| one.merger) {
        *by_merger.entry(merger).or_default() += 1;
    }
    let mut most: Vec<_> = by_merger.into_iter().collect();
    most.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let friends: Vec<_> = most.iter().take(2).map(|(merger, _)| *merger).collect();
    let cosy: Vec<_> = outside
        .iter()
        .filter(|one| one.stars.is_some_and(|stars| stars < 10))
        .filter(|one| {
            let by_friend = one.merger.is_some_and(|merger| friends.contains(&merger));
            by_friend || one.merged_by_self == Some(true)
        })
        .collect();
    let mut places: Vec<_> = cosy.iter().map(|one| &one.project).collect();
    places.sort();
    places.dedup();
    outside.len() >= 8 && cosy.len() * 10 >= outside.len() * 9 && places.len() <= 3
}

fn burst(facts: &GitHubFacts) -> bool {
    facts.repositories.iter().any(|own| {
        own.stars >= 50
            && own.stargazers.is_some_and(|stars| {
                stars.looked_at >= 50
                    && stars.at_once * 2 >= stars.looked_at
                    && stars.hollow * 10 >= stars.looked_at * 3
            })
    })
}

fn borrowed(facts: &GitHubFacts) -> bool {
    let since = facts.created_at.unwrap_or(Timestamp::MIN);
    facts.projects.iter().any(|project| {
        let old = |newest: Timestamp| since.duration_since(newest) > DAYS(30);
        project.commits.unwrap_or(0) >= 5
            && project.newest_commit.is_some_and(old)
            && project.merged + project.landed == 0
    })
}

fn padding(facts: &GitHubFacts) -> bool {
    facts.projects.iter().any(|project| {
        project.first_authors.is_some_and(|authors| {
            authors.looked_at >= 10 && authors.others * 10 >= authors.looked_at * 9
        })
    })
}

fn truth(world: &World, login: &str) -> Option<GitHubFacts> {
    let rubrics = Rubric::all_embedded().unwrap();
    let rubric = &rubrics["doctoral-dl-radiology"];
    let depth = rubric.own_code.repositories;
    match world.truth(login, &rubric.watched, depth, 2026) {
        Lookup::Found { facts } => Some(facts),
        _ => None,
    }
}

#[test]
fn each_earner_earns_one_flag_and_nobody_else_any() {
    let world = World::demo();
    let earners = [
        ("nadia-petrov-example", "copied_repositories"),
        ("otto-vance-example", "backdated_commits"),
        ("priya-raman-example", "trivial_series"),
        ("quentin-moreau-example", "friendly_mergers"),
        ("stella-kovac-example", "star_burst"),
        ("boris-hahn-example", "borrowed_commits"),
        ("cora-weiss-example", "co_author_padding"),
    ];
    let mut seen = 0;
    for account in world.accounts() {
        let login = &*world.account(account).login;
        let Some(facts) = truth(&world, login) else {
            continue;
        };
        let story = earners.iter().find(|(earner, _)| *earner == login);
        let expected: Vec<_> = story.map(|(_, flag)| *flag).into_iter().collect();
        assert_eq!(raised(&facts), expected, "{login}");
        seen += expected.len();
    }
    assert_eq!(seen, earners.len());
}

#[test]
fn those_who_only_look_alike_fall_short_of_one_threshold() {
    let world = World::demo();
    let facts = |login: &str| truth(&world, login).unwrap();

    let nora = facts("nora-stein-example");
    assert!(nora.forks >= Some(10 * nora.own_repositories) && nora.pull_requests.len() == 3);
    let clones = nora
        .repositories
        .iter()
        .filter(|own| own.commits >= Some(1_000));
    assert_eq!(clones.count(), 2);

    let oskar = facts("oskar-lund-example");
    let dates = |place: usize| oskar.repositories[place].newest_own_commit.unwrap();
    let lag = dates(0).committed_at.duration_since(dates(0).authored_at);
    assert_eq!(lag, DAYS(300));
    assert!(dates(1).committed_at < oskar.created_at.unwrap());

    let mut paula = facts("paula-reyes-example");
    let mut last = paula.pull_requests[0].landed_at;
    for one in &mut paula.pull_requests {
        last = last.checked_sub(DAYS(1)).unwrap();
        one.landed_at = last;
    }
    assert_eq!(raised(&paula), ["trivial_series"], "all within weeks");

    let mut qadir = facts("qadir-aziz-example");
    assert_eq!(qadir.mergers, 4);
    for one in &mut qadir.pull_requests {
        one.merger = one.merger.map(|merger| merger % 2);
    }
    assert_eq!(raised(&qadir), ["friendly_mergers"], "by two of the four");

    let sofia = facts("sofia-brandt-example").repositories[0]
        .stargazers
        .unwrap();
    assert_eq!((sofia.looked_at, sofia.at_once), (96, 80));
    assert!(sofia.hollow < 5, "{sofia:?}");

    let mut bianca = facts("bianca-roth-example");
    bianca
        .projects
        .iter_mut()
        .for_each(|project| project.merged = 0);
    assert_eq!(raised(&bianca), ["borrowed_commits"], "without what landed");

    let clara = facts("clara-diaz-example");
    let looked = clara
        .projects
        .iter()
        .find_map(|project| project.first_authors);
    let looked = looked.unwrap();
    assert_eq!((looked.looked_at, looked.others), (20, 10));
}

#[test]
fn everybody_of_these_stories_is_on_the_list() {
    let listed = list::demo_list();
    for login in [
        "nora-stein",
        "paula-reyes",
        "stella-kovac",
        "bianca-roth",
        "clara-diaz",
    ] {
        assert!(listed.contains(&format!("{login}-example")), "{login}");
    }
}

#[test]
fn an_honest_population_earns_flags_rarely() {
    const PEOPLE: usize = 2_000;
    let world = World::generated(PEOPLE, 9);
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    let mut people = 0;
    for applicant in 0..PEOPLE {
        let Some(facts) = truth(&world, &format!("gen-{applicant:06}")) else {
            continue;
        };
        people += 1;
        for flag in raised(&facts) {
            *counts.entry(flag).or_default() += 1;
        }
    }
    for (flag, count) in counts {
        // At most one in fifty; the exact rates are the integrity rules' own to tell.
        assert!(count * 50 <= people, "{flag}: {count} of {people}");
    }
}
