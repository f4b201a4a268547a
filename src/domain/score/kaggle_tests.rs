use jiff::civil::date;

use super::*;
use crate::domain::facts::{
    Cause, CompetitionResult, KaggleFacts, Medal, MedalCount, Provenance, Teller, Tier,
};

use ComponentState::{Complete, Partial, Unknown};

const AS_OF: Date = date(2026, 11, 1);

fn rubric() -> Rubric {
    Rubric::embedded("doctoral-dl-radiology").expect("embedded")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn told(teller: Teller) -> Provenance {
    let as_of = match teller {
        Teller::DataSet => at("2026-10-30T00:00:00Z"),
        Teller::Live | Teller::Page => at("2026-11-01T08:00:00Z"),
    };
    Provenance { teller, as_of }
}

/// Somebody who is known to have no medal.
pub(super) fn nobody() -> KaggleFacts {
    KaggleFacts {
        user_name: "ada".to_owned(),
        user_id: 7,
        renamed_from: None,
        github: None,
        tiers: Category::ALL
            .map(|category| (category, Tier::Novice))
            .into(),
        medals: Category::ALL
            .map(|category| (category, MedalCount::default()))
            .into(),
        ranks: BTreeMap::new(),
        competitions: Vec::new(),
        totals_from: told(Teller::Live),
        medals_from: BTreeMap::new(),
        competitions_from: Some(told(Teller::DataSet)),
        differences: Vec::new(),
        gaps: Vec::new(),
    }
}

/// The sources of somebody who gave a Kaggle link alone.
pub(super) fn found(facts: KaggleFacts) -> Sources {
    Sources {
        kaggle: Some(Observation {
            url: "https://www.kaggle.com/ada".to_owned(),
            fetched_at: at("2026-11-01T08:00:00Z"),
            found_on: None,
            lookup: Lookup::Found { facts },
        }),
        ..Sources::default()
    }
}

pub(super) fn result(slug: &str, medal: Option<Medal>, team_size: u32) -> CompetitionResult {
    CompetitionResult {
        slug: slug.to_owned(),
        title: format!("The {slug} challenge"),
        rank: Some(3),
        rank_is_public: false,
        teams: Some(1_400),
        team_size,
        medal,
        date: Some(date(2026, 11, 1)),
    }
}

/// With these results, counted in the totals as well.
pub(super) fn with(results: Vec<CompetitionResult>) -> KaggleFacts {
    let mut facts = nobody();
    let counted = facts.medals.entry(Category::Competitions).or_default();
    let medals = results.iter().filter_map(|result| result.medal);
    medals.for_each(|medal| counted.add(medal));
    facts.competitions = results;
    facts
}

fn judged(facts: KaggleFacts) -> Component {
    let score = score(
        &rubric(),
        Case {
            sources: &found(facts),
            review: &Review::default(),
            flags: &[],
        },
        AS_OF,
    );
    let component = score
        .components
        .into_iter()
        .find(|one| one.name == "kaggle");
    component.expect("a component")
}

fn gap(topic: Topic, category: Option<Category>, cause: Cause) -> Gap {
    Gap {
        topic,
        project: category.map(|category| category.name().to_owned()),
        cause,
        reason: "made up".to_owned(),
    }
}

#[test]
fn a_gold_medal_of_today_in_a_team_of_four_is_worked_out_by_hand() {
    let component = judged(with(vec![result("Hip-X", Some(Medal::Gold), 4)]));
    let line = &component.evidence[0];
    // 4 (gold) × 1 (competitions) / √4; noon is half a day before the day's end, which takes nearly nothing.
    assert!(
        (line.value.total - 2.0).abs() < 1e-3,
        "{}",
        line.value.total
    );
    // 30 · (1 − e^(−2/8)) = 6.636…
    assert_eq!(component.low, Points::from_cents(664));
    assert_eq!((component.state, component.high), (Complete, component.low));
    assert_eq!(
        line.url,
        "https://www.kaggle.com/competitions/Hip-X/leaderboard"
    );
    assert_eq!(
        line.title,
        "Gold, place 3 of 1400 teams, in a team of 4: The Hip-X challenge"
    );
    assert_eq!(line.kind, "kaggle.medal");
    assert_eq!(line.fetched_at, told(Teller::DataSet).as_of);
}

#[test]
fn a_medal_counts_by_colour_team_and_age() {
    let old = CompetitionResult {
        // Six mean years before the end of the day, to the hour.
        date: Some(date(2020, 11, 1)),
        ..result("old", Some(Medal::Gold), 1)
    };
    let undated = CompetitionResult {
        date: None,
        ..result("undated", Some(Medal::Gold), 1)
    };
    for (result, expected) in [
        (result("gold", Some(Medal::Gold), 1), 4.0),
        (result("silver", Some(Medal::Silver), 1), 2.0),
        (result("bronze", Some(Medal::Bronze), 1), 1.0),
        (result("nine", Some(Medal::Gold), 9), 4.0 / 3.0),
        (old, 2.0),
        (undated, 1.0),
    ] {
        let slug = result.slug.clone();
        let component = judged(with(vec![result]));
        let value = component.evidence[0].value.total;
        assert!((value - expected).abs() < 2e-3, "{slug}: {value}");
    }
    assert!(
        judged(with(vec![result("none", None, 1)]))
            .evidence
            .is_empty()
    );
}

#[test]
fn a_total_is_one_line_a_category_less_the_medals_that_have_their_own() {
    let mut facts = with(vec![result("one", Some(Medal::Gold), 1)]);
    facts.medals.insert(
        Category::Competitions,
        MedalCount {
            gold: 2,
            silver: 0,
            bronze: 3,
        },
    );
    facts.medals.insert(
        Category::Notebooks,
        MedalCount {
            bronze: 5,
            ..MedalCount::default()
        },
    );
    facts.medals.insert(
        Category::Discussion,
        MedalCount {
            gold: 9,
            ..MedalCount::default()
        },
    );
    let component = judged(facts);
    let mut lines: Vec<_> = component
        .evidence
        .iter()
        .map(|line| (line.title.as_str(), line.url.as_str(), line.value.total))
        .collect();
    lines.retain(|(title, ..)| title.starts_with("total"));
    assert_eq!(
        lines,
        [
            (
                "total in competitions, not known which: 1 gold × 4 + 3 bronze × 1",
                "https://www.kaggle.com/ada/competitions",
                // (4 + 3) × 0.25
                1.75,
            ),
            (
                "total in notebooks: 5 bronze × 1",
                "https://www.kaggle.com/ada/code",
                // 5 × 0.2 × 0.25
                0.25,
            ),
            (
                "total in discussion: 9 gold × 4",
                "https://www.kaggle.com/ada/discussion",
                // 36 × 0 × 0.25: without weight in this rubric, and shown.
                0.0,
            ),
        ]
    );
}

#[test]
fn unknown_medals_are_not_zero_medals() {
    let all_hidden = KaggleFacts {
        medals: BTreeMap::new(),
        gaps: Category::ALL
            .map(|category| gap(Topic::Medals, Some(category), Cause::Hidden))
            .into(),
        ..nobody()
    };
    let mut one_hidden = nobody();
    one_hidden.medals.remove(&Category::Datasets);
    one_hidden
        .gaps
        .push(gap(Topic::Medals, Some(Category::Datasets), Cause::Hidden));
    let mut of_no_weight = nobody();
    of_no_weight.gaps.push(gap(
        Topic::Medals,
        Some(Category::Discussion),
        Cause::Hidden,
    ));
    let mut not_imported = nobody();
    not_imported
        .gaps
        .push(gap(Topic::Competitions, None, Cause::NotAsked));
    let all = Points::from_cents(3_000);
    let none = Points::default();
    for (what, facts, state, high) in [
        ("known to be none", nobody(), Complete, none),
        ("all hidden", all_hidden, Unknown, all),
        ("one hidden", one_hidden, Partial, all),
        ("one without weight hidden", of_no_weight, Complete, none),
        ("not broken down", not_imported, Partial, all),
    ] {
        let component = judged(facts);
        assert_eq!(
            (component.low, component.high, component.state),
            (none, high, state),
            "{what}"
        );
        assert_eq!(component.reason.is_empty(), state == Complete, "{what}");
    }
}

#[test]
fn a_total_is_as_old_as_the_word_of_whoever_tells_it() {
    let mut facts = nobody();
    for category in [Category::Notebooks, Category::Datasets] {
        facts.medals.entry(category).or_default().gold = 1;
    }
    let older = told(Teller::DataSet);
    facts.medals_from.insert(Category::Datasets, older);
    let component = judged(facts);
    let dates: Vec<_> = component
        .evidence
        .iter()
        .map(|line| (line.url.rsplit('/').next(), line.fetched_at))
        .collect();
    assert!(dates.contains(&(Some("code"), told(Teller::Live).as_of)));
    assert!(dates.contains(&(Some("datasets"), older.as_of)));
}

#[test]
fn as_of_a_past_day_a_later_medal_is_neither_a_line_nor_part_of_the_total() {
    let later = CompetitionResult {
        date: Some(date(2026, 11, 2)),
        ..result("later", Some(Medal::Gold), 1)
    };
    let component = judged(with(vec![later, result("today", Some(Medal::Silver), 1)]));
    let lines: Vec<_> = component
        .evidence
        .iter()
        .map(|line| &line.project)
        .collect();
    assert_eq!(lines, [&Some("today".to_owned())]);
}
