//! A rubric, in TOML.
//!
//! - A refusal names at least one problem, each harmless.
//! - What is accepted is accepted as written: its copy in the store is the same rubric.
//! - By whatever it values, the evidence adds up to the hundredth, low ≤ high ≤ maximum, and the same facts give the
//!   same bytes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use plaudit::domain::facts::{
    Category, CompetitionResult, KaggleFacts, Lookup, Medal, MedalCount, Observation, Provenance,
    Sources, Teller,
};
use plaudit::domain::review::{Found, Review, Signature};
use plaudit::domain::rubric::Rubric;
use plaudit::standin::World;

use super::{harmless, judged};

/// Logins of the demo's world: pull requests, own repositories, gaps, flags.
const LOGINS: [&str; 4] = [
    "ada-lindqvist-example",
    "farid-haddad-example",
    "marek-nowak-example",
    "umar-hostile-example",
];

static WORLD: LazyLock<World> = LazyLock::new(World::demo);

/// Holds one input against plaudit.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let rubric = match Rubric::parse(text) {
        Ok(rubric) => rubric,
        Err(error) => {
            let told = error.to_string();
            assert!(!told.is_empty());
            for line in told.lines() {
                harmless::visible("a problem", line);
            }
            return;
        }
    };
    assert_eq!(Rubric::parse(&rubric.text).ok().as_ref(), Some(&rubric));
    harmless::visible("a name", &rubric.name);
    harmless::visible("a title", &rubric.title);
    let review = review(&rubric);
    judged::sources_by(&rubric, &Sources::default(), &Review::default());
    for login in LOGINS {
        let sources = sources(login, &rubric);
        judged::sources_by(&rubric, &sources, &review);
    }
}

fn asked() -> Timestamp {
    "2026-10-30T12:00:00Z".parse().expect("a time")
}

fn observed<T>(url: &str, lookup: Lookup<T>) -> Observation<T> {
    Observation {
        url: url.to_owned(),
        found_on: None,
        fetched_at: asked(),
        lookup,
    }
}

/// What the demo's world truly holds of a login, and medals beside it.
fn sources(login: &str, rubric: &Rubric) -> Sources {
    let truth = WORLD.truth(login, &rubric.watched, rubric.own_code.repositories, 2026);
    Sources {
        github: Some(observed(&format!("https://github.com/{login}"), truth)),
        kaggle: Some(observed(
            &format!("https://www.kaggle.com/{login}"),
            Lookup::Found { facts: medals() },
        )),
        page: None,
    }
}

fn medals() -> KaggleFacts {
    let told = Provenance {
        teller: Teller::DataSet,
        as_of: asked(),
    };
    let result = |slug: &str, medal, team_size, date: Option<&str>| CompetitionResult {
        slug: slug.to_owned(),
        title: format!("The {slug} challenge"),
        rank: Some(3),
        rank_is_public: false,
        teams: Some(1_400),
        team_size,
        medal,
        date: date.map(|date| date.parse().expect("a date")),
    };
    KaggleFacts {
        user_name: "ada-example".to_owned(),
        user_id: 7,
        renamed_from: None,
        github: None,
        tiers: BTreeMap::new(),
        medals: Category::ALL
            .into_iter()
            .map(|category| {
                (
                    category,
                    MedalCount {
                        gold: 2,
                        silver: 3,
                        bronze: 5,
                    },
                )
            })
            .collect(),
        ranks: BTreeMap::new(),
        competitions: vec![
            result("knee", Some(Medal::Gold), 0, Some("2025-03-01")),
            result("hip", Some(Medal::Bronze), 7, None),
            result("spine", None, 1, Some("2011-01-01")),
        ],
        totals_from: told,
        medals_from: BTreeMap::new(),
        competitions_from: Some(told),
        differences: Vec::new(),
        gaps: Vec::new(),
    }
}

/// One piece of evidence of each kind.
fn review(rubric: &Rubric) -> Review {
    let found = |(number, kind): (u32, &String)| Found {
        number,
        kind: kind.clone(),
        amount: 1 + number % 3,
        url: format!("https://journal.example/{number}"),
        reason: "first author".to_owned(),
        date: "2024-05-06".parse().expect("a date"),
        signature: Signature {
            by: "Reviewer One".to_owned(),
            at: asked(),
        },
        withdrawn: None,
    };
    Review {
        evidence: (1..).zip(rubric.reviewed.kinds.keys()).map(found).collect(),
        ..Review::default()
    }
}
