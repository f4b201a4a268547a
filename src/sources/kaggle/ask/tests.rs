use std::collections::BTreeMap;

use super::*;
use crate::domain::facts::{Category, MedalCount, Totals};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn handle() -> Handle {
    Handle::kaggle("ada-made-up").unwrap()
}

fn as_of() -> Timestamp {
    at("2026-10-30T00:00:00Z")
}

fn from(teller: Teller) -> Provenance {
    Provenance {
        teller,
        as_of: at("2026-11-01T08:00:00Z"),
    }
}

fn gold(count: u32) -> BTreeMap<Category, Totals> {
    let medals = Some(MedalCount {
        gold: count,
        ..MedalCount::default()
    });
    let totals = Totals {
        medals,
        ..Totals::default()
    };
    [(Category::Competitions, totals)].into()
}

fn person(user_name: &str) -> Person {
    Person {
        user_id: 7,
        user_name: user_name.to_owned(),
        totals: gold(1),
        competitions: Vec::new(),
        unnamed: MedalCount::default(),
    }
}

fn told(user_name: &str, user_id: Option<u64>) -> Live {
    let profile = LiveProfile {
        user_id,
        user_name: user_name.to_owned(),
        github: None,
        totals: gold(2),
        opted_out: Some(false),
        hidden: Vec::new(),
    };
    Live::Told(Box::new(profile), from(Teller::Live))
}

fn later() -> Live {
    Live::Later(SourceError::RateLimited {
        host: "www.kaggle.com".to_owned(),
        until: at("2026-11-01T08:20:00Z"),
        why: "a secondary limit".to_owned(),
    })
}

fn named() -> InDataSet {
    InDataSet::Named(person("Ada-Made-Up"))
}

/// How it ends, whose totals count, and whether something is to be noticed.
fn ending(in_data_set: &InDataSet, live: Live) -> String {
    let as_of = (*in_data_set != InDataSet::NoDataSet).then(as_of);
    match settle(&handle(), false, in_data_set, as_of, live) {
        Err(error) => format!("error: {error}"),
        Ok(fetched) => {
            let noticed = if fetched.notices.is_empty() {
                ""
            } else {
                ", noticed"
            };
            match fetched.lookup {
                Lookup::Found { facts } => {
                    let gold = facts.medals[&Category::Competitions].gold;
                    format!("found {gold}{noticed}")
                }
                other => format!("{}{noticed}", other.state()),
            }
        }
    }
}

#[test]
fn every_pair_of_answers_has_its_own_ending() {
    let nobody = || Live::Nobody(from(Teller::Live));
    let failed = || Live::Failed("no answer".to_owned());
    let renamed = || InDataSet::Renamed(person("ada-before"));
    let wait =
        "error: www.kaggle.com asks us to wait until 2026-11-01T08:20:00Z (a secondary limit)";
    for (in_data_set, live, expected) in [
        (named(), Live::NotAsked, "found 1"),
        (named(), told("ada-made-up", Some(7)), "found 2"),
        (named(), nobody(), "found 1"),
        (named(), later(), "found 1, noticed"),
        (named(), failed(), "found 1, noticed"),
        (renamed(), Live::NotAsked, "found 1"),
        (renamed(), told("ada-made-up", Some(7)), "found 2"),
        (renamed(), nobody(), "found 1"),
        (renamed(), later(), "found 1, noticed"),
        (InDataSet::Nobody, Live::NotAsked, "absent"),
        (InDataSet::Nobody, told("ada-made-up", Some(7)), "found 2"),
        (InDataSet::Nobody, told("ada-made-up", None), "hidden"),
        (InDataSet::Nobody, nobody(), "absent"),
        (InDataSet::Nobody, later(), wait),
        (InDataSet::Nobody, failed(), "failed"),
        (InDataSet::NoDataSet, Live::NotAsked, "failed"),
        (
            InDataSet::NoDataSet,
            told("ada-made-up", Some(7)),
            "found 2",
        ),
        (InDataSet::NoDataSet, nobody(), "absent"),
        (InDataSet::NoDataSet, later(), wait),
        (InDataSet::NoDataSet, failed(), "failed"),
    ] {
        let what = format!("{in_data_set:?} and {live:?}");
        assert_eq!(ending(&in_data_set, live), expected, "{what}");
    }
}

#[test]
fn who_has_taken_a_name_over_is_not_judged() {
    let settled = |in_data_set: &InDataSet, live| {
        settle(&handle(), true, in_data_set, Some(as_of()), live).unwrap()
    };
    let gone = settled(&InDataSet::Taken, Live::NotAsked);
    assert_eq!(
        gone.lookup.state(),
        "failed",
        "so that what was known is kept"
    );
    assert_eq!(gone.lookup.reason(), Some(reasons::ANOTHER_ACCOUNT));
    let renamed = settled(&InDataSet::Renamed(person("ada-today")), Live::NotAsked);
    assert_eq!(renamed.lookup.state(), "found");
    assert_eq!(renamed.notices, [reasons::ANOTHER_ACCOUNT]);
    for (known, another) in [(None, false), (Some(7), false), (Some(8), true)] {
        let live = told("ada-made-up", Some(7));
        assert_eq!(live.is_about_another(known), another, "{known:?}");
    }
    assert!(!told("ada-made-up", None).is_about_another(Some(7)));
}

#[test]
fn a_new_name_is_shown_with_the_one_on_the_application() {
    let renamed = InDataSet::Renamed(person("ada-today"));
    let settled = settle(&handle(), false, &renamed, Some(as_of()), Live::NotAsked);
    let Lookup::Found { facts } = settled.unwrap().lookup else {
        panic!("found by its number");
    };
    assert_eq!(facts.user_name, "ada-today");
    assert_eq!(facts.renamed_from.as_deref(), Some("ada-made-up"));
}
