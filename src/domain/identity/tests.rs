use std::collections::BTreeMap;

use jiff::Timestamp;

use super::*;
use crate::domain::facts::{
    FoundLink, GitHubFacts, KaggleFacts, Lookup, Observation, PageFacts, Provenance, SeenCode,
    Teller,
};
use crate::domain::review::Challenge;

use IdentityLevel::{Claimed, Linked, Proven};

const GITHUB: &str = "https://github.com/ada-example";
const KAGGLE: &str = "https://www.kaggle.com/ada";
const PAGE: &str = "https://ada.example.org/";
const CODE: &str = "plaudit-1234";

fn now() -> Timestamp {
    "2026-11-01T08:00:00Z".parse().expect("a time")
}

#[expect(clippy::unnecessary_wraps, reason = "as the sources hold it")]
fn seen<T>(url: &str, facts: T) -> Option<Observation<T>> {
    Some(Observation {
        url: url.to_owned(),
        found_on: None,
        fetched_at: now(),
        lookup: Lookup::Found { facts },
    })
}

fn github(names: &[&str], code: Option<&str>) -> GitHubFacts {
    GitHubFacts {
        login: "ada-example".to_owned(),
        account_id: "U_1".to_owned(),
        renamed_from: None,
        created_at: None,
        own_repositories: 0,
        forks: None,
        repositories: Vec::new(),
        projects: Vec::new(),
        merged_elsewhere: 0,
        mergers: 0,
        pull_requests: Vec::new(),
        names: names.iter().map(ToString::to_string).collect(),
        code: code.map(|code| SeenCode {
            code: code.to_owned(),
            url: "https://gist.github.com/ada-example/1".to_owned(),
            seen_at: now(),
        }),
        years: BTreeMap::new(),
        pulse: None,
        gaps: Vec::new(),
    }
}

fn kaggle(names: Option<&str>) -> KaggleFacts {
    KaggleFacts {
        user_name: "ada".to_owned(),
        user_id: 7,
        renamed_from: None,
        github: names.map(ToOwned::to_owned),
        tiers: BTreeMap::new(),
        medals: BTreeMap::new(),
        ranks: BTreeMap::new(),
        competitions: Vec::new(),
        totals_from: Provenance {
            teller: Teller::Live,
            as_of: now(),
        },
        medals_from: BTreeMap::new(),
        competitions_from: None,
        differences: Vec::new(),
        gaps: Vec::new(),
    }
}

fn page(links: &[(&str, bool)]) -> PageFacts {
    let link = |(url, rel_me): &(&str, bool)| FoundLink {
        url: (*url).to_owned(),
        rel_me: *rel_me,
    };
    PageFacts {
        links: links.iter().map(link).collect(),
        unclear: Vec::new(),
    }
}

fn judged(links: &[&str], sources: &Sources) -> Identity {
    let review = Review {
        challenge: Some(Challenge {
            code: CODE.to_owned(),
            given_at: now(),
        }),
        ..Review::default()
    };
    let links: Vec<String> = links.iter().map(ToString::to_string).collect();
    identity(&links, sources, &review)
}

/// What is said, as lines.
fn said(proofs: &[Proof]) -> Vec<&str> {
    proofs.iter().map(|proof| proof.what.as_str()).collect()
}

#[test]
fn the_level_is_the_lowest_among_the_accounts_that_were_read() {
    let both = |github_facts, kaggle_facts| Sources {
        github: seen(GITHUB, github_facts),
        kaggle: seen(KAGGLE, kaggle_facts),
        page: None,
    };
    for (what, sources, level) in [
        ("nobody was read", Sources::default(), Claimed),
        (
            "nobody names anybody",
            both(github(&[], None), kaggle(None)),
            Claimed,
        ),
        (
            "Kaggle names GitHub",
            both(github(&[], None), kaggle(Some("Ada-Example"))),
            Linked,
        ),
        (
            "GitHub names Kaggle",
            both(github(&[KAGGLE], None), kaggle(None)),
            Linked,
        ),
        (
            "another code",
            both(github(&[], Some("plaudit-9")), kaggle(None)),
            Claimed,
        ),
        (
            "the code on one, the other alone",
            both(github(&[], Some(CODE)), kaggle(None)),
            Claimed,
        ),
        (
            "the code on one, which names the other: everybody can name somebody",
            both(github(&[KAGGLE], Some(CODE)), kaggle(None)),
            Linked,
        ),
        (
            "the code on one, which the other names",
            both(github(&[], Some(CODE)), kaggle(Some("ada-example"))),
            Proven,
        ),
    ] {
        assert_eq!(judged(&[GITHUB, KAGGLE], &sources).level, level, "{what}");
    }
    let alone = Sources {
        github: seen(GITHUB, github(&[], Some(CODE))),
        ..Sources::default()
    };
    let alone = judged(&[GITHUB], &alone);
    assert_eq!(alone.level, Proven);
    assert_eq!(
        said(&alone.proofs),
        [
            "the GitHub account ada-example shows the code plaudit-1234 that plaudit gave the applicant (seen on \
             2026-11-01)"
        ]
    );
    assert_eq!(alone.proofs[0].url, "https://gist.github.com/ada-example/1");
}

#[test]
fn each_proof_says_who_names_whom() {
    let mut sources = Sources {
        github: seen(GITHUB, github(&[], None)),
        kaggle: seen(KAGGLE, kaggle(Some("ada-example"))),
        page: None,
    };
    let one_way = judged(&[GITHUB, KAGGLE], &sources);
    assert_eq!(
        said(&one_way.proofs),
        [
            "the Kaggle account ada names the GitHub account ada-example; the other way round nothing was seen"
        ]
    );
    assert_eq!(one_way.proofs[0].url, KAGGLE);
    sources.github = seen(GITHUB, github(&["http://kaggle.com/ADA/"], None));
    let both = judged(&[GITHUB, KAGGLE], &sources);
    assert_eq!(
        said(&both.proofs),
        [
            "the GitHub account ada-example and the Kaggle account ADA each name the other (see also \
             https://www.kaggle.com/ada)"
        ]
    );
    assert_eq!(both.proofs[0].url, GITHUB);
}

#[test]
fn names_are_compared_as_links() {
    for named in [
        "https://ada.example.org/",
        "http://ada.example.org",
        "https://www.ada.example.org/",
        "HTTPS://ADA.example.org",
    ] {
        let sources = Sources {
            github: seen(GITHUB, github(&[named], None)),
            ..Sources::default()
        };
        assert_eq!(judged(&[GITHUB, PAGE], &sources).level, Linked, "{named}");
    }
    let other = Sources {
        github: seen(GITHUB, github(&["https://bob.example.org/"], None)),
        ..Sources::default()
    };
    assert_eq!(judged(&[GITHUB, PAGE], &other).level, Claimed);
}

#[test]
fn an_account_keeps_its_links_when_it_is_renamed() {
    let mut facts = github(&[], None);
    facts.login = "ada-now-example".to_owned();
    facts.renamed_from = Some("ada-example".to_owned());
    for named in [
        "ada-example",
        "ada-now-example",
        "https://github.com/Ada-Example",
    ] {
        let sources = Sources {
            github: seen(GITHUB, facts.clone()),
            kaggle: seen(KAGGLE, kaggle(Some(named))),
            page: None,
        };
        let identity = judged(&[GITHUB, KAGGLE], &sources);
        assert_eq!(
            (identity.level, identity.conflicts.len()),
            (Linked, 0),
            "{named}"
        );
    }
}

#[test]
fn a_home_page_links_by_rel_me_alone() {
    for (rel_me, level, words) in [
        (
            true,
            Linked,
            "the home page https://ada.example.org/ names the GitHub account ada-example as its owner's (rel=me); the \
             other way round nothing was seen",
        ),
        (
            false,
            Claimed,
            "the home page https://ada.example.org/ names the GitHub account ada-example; by a plain link, which links \
             nothing",
        ),
    ] {
        let sources = Sources {
            github: seen(GITHUB, github(&[], None)),
            kaggle: None,
            page: seen(PAGE, page(&[(GITHUB, rel_me)])),
        };
        let identity = judged(&[GITHUB, PAGE], &sources);
        assert_eq!(identity.level, level, "{rel_me}");
        assert_eq!(said(&identity.proofs), [words]);
        assert_eq!(identity.proofs[0].url, PAGE);
    }
    let mut found = seen(GITHUB, github(&[], None));
    if let Some(found) = &mut found {
        found.found_on = Some(PAGE.to_owned());
    }
    let sources = Sources {
        github: found,
        kaggle: None,
        page: seen(PAGE, page(&[(GITHUB, true)])),
    };
    let identity = judged(&[PAGE], &sources);
    assert_eq!(identity.level, Linked);
    assert!(
        identity.proofs[0]
            .what
            .ends_with("the application does not name it")
    );
}

#[test]
fn a_conflict_is_told_and_keeps_what_it_touches_claimed_unless_proven() {
    let other_github = Sources {
        github: seen(GITHUB, github(&[KAGGLE], None)),
        kaggle: seen(KAGGLE, kaggle(Some("bob-example"))),
        page: None,
    };
    let identity = judged(&[GITHUB, KAGGLE], &other_github);
    assert_eq!(identity.level, Claimed, "although GitHub names Kaggle");
    assert_eq!(
        said(&identity.conflicts),
        [
            "the Kaggle account ada names the GitHub account bob-example, which is not the application's"
        ]
    );
    assert_eq!(identity.conflicts[0].url, KAGGLE);

    let other_kaggle = Sources {
        github: seen(GITHUB, github(&["https://www.kaggle.com/bob"], Some(CODE))),
        kaggle: seen(KAGGLE, kaggle(Some("ada-example"))),
        page: None,
    };
    let identity = judged(&[GITHUB, KAGGLE], &other_kaggle);
    assert_eq!(identity.level, Proven);
    assert_eq!(identity.conflicts.len(), 1);

    let other_on_page = Sources {
        github: seen(GITHUB, github(&[PAGE], None)),
        kaggle: None,
        page: seen(PAGE, page(&[("https://github.com/bob-example", false)])),
    };
    let identity = judged(&[GITHUB, PAGE], &other_on_page);
    assert_eq!((identity.level, identity.conflicts.len()), (Claimed, 1));

    let not_asked = Sources {
        kaggle: seen(KAGGLE, kaggle(Some("bob-example"))),
        ..Sources::default()
    };
    let identity = judged(&[KAGGLE], &not_asked);
    assert!(
        identity.conflicts.is_empty(),
        "the application names no GitHub account"
    );
}

#[test]
fn an_account_on_another_github_is_not_the_one_that_kaggle_means() {
    let enterprise = "https://github.example.com/ada-example";
    let sources = Sources {
        github: seen(enterprise, github(&[KAGGLE], None)),
        kaggle: seen(KAGGLE, kaggle(Some("ada-example"))),
        page: None,
    };
    let identity = judged(&[enterprise, KAGGLE], &sources);
    assert_eq!(
        said(&identity.proofs),
        [
            "the GitHub account ada-example names the Kaggle account ada; the other way round nothing was seen"
        ]
    );
    assert!(identity.conflicts.is_empty());
}
