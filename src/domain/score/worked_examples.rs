//! Repeats the table of worked examples: by plain arithmetic from the printed factors, and by the product from facts.

use super::kaggle_tests;
use super::tests::{AS_OF, at, found, landed, nobody, reviewed, rubric};
use super::*;
use crate::domain::facts::{
    Medal, MedalCount, OwnRepository, ProjectFacts, PullRequest, YearTotals,
};

const TABLE: &str = include_str!("worked_examples.md");

/// A printed value is rounded to four decimals.
const ROUNDING: f64 = 5.1e-5;

/// A line of the table, read.
struct Example {
    number: usize,
    /// By piece of evidence: the factors by name.
    factors: Vec<BTreeMap<String, f64>>,
    values: Vec<f64>,
    raw: f64,
    max: f64,
    scale: f64,
    /// The raw sum as it stands in the formula.
    raw_in_formula: f64,
    points: f64,
    up_to: Option<f64>,
    shares: Option<Vec<f64>>,
}

fn number(text: &str) -> f64 {
    text.trim()
        .replace('−', "-")
        .parse()
        .unwrap_or_else(|_| panic!("{text:?} is no number"))
}

/// `0.8`, `45/50`, `2^(−5/5)`, `1/√4`, `ln(46)/ln(201)`.
fn factor(text: &str) -> f64 {
    if let Some(exponent) = text
        .strip_prefix("2^(−")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        let (age, half_life) = exponent.split_once('/').expect("a ratio");
        return 2.0_f64.powf(-number(age) / number(half_life));
    }
    if let Some(members) = text.strip_prefix("1/√") {
        return 1.0 / number(members).sqrt();
    }
    match text.split_once('/') {
        Some((above, below)) => logarithm(above) / logarithm(below),
        None => number(text),
    }
}

/// `46`, or `ln(46)`.
fn logarithm(text: &str) -> f64 {
    match text
        .strip_prefix("ln(")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        Some(inner) => number(inner).ln(),
        None => number(text),
    }
}

fn read(line: &str) -> Example {
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    let [nr, _, factors, values, raw, points] = cells[..] else {
        panic!("six cells: {line}");
    };
    let named = |part: &str| {
        let (name, value) = part.split_once(' ').expect("a name and a value");
        (name.to_owned(), factor(value))
    };
    let pieces = factors.split("; ");
    let (max, rest) = points.split_once(" × (1 − e^(−").expect("the formula");
    let (in_formula, rest) = rest.split_once('/').expect("raw/scale");
    let (scale, result) = rest.split_once(")) = ").expect("the result");
    let up_to = result.split_once(", and up to ");
    let shares = result.split_once(", shared as ");
    let points = up_to.or(shares).map_or(result, |(points, _)| points);
    Example {
        number: nr.parse().expect("a number"),
        factors: pieces
            .map(|piece| piece.split(" × ").map(named).collect())
            .collect(),
        values: values.split("; ").map(number).collect(),
        raw: number(raw),
        max: number(max),
        scale: number(scale),
        raw_in_formula: number(in_formula),
        points: number(points),
        up_to: up_to.map(|(_, high)| number(high)),
        shares: shares.map(|(_, shares)| shares.split(" + ").map(number).collect()),
    }
}

fn table() -> Vec<Example> {
    let lines = TABLE
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| nr"));
    lines.map(read).collect()
}

fn is_close(left: f64, right: f64, what: &str) {
    assert!((left - right).abs() < ROUNDING, "{what}: {left} {right}");
}

#[test]
fn the_table_s_arithmetic_is_right() {
    let table = table();
    assert_eq!(table.len(), 12);
    for one in table {
        let what = format!("example {}", one.number);
        let values: Vec<f64> = one
            .factors
            .iter()
            .map(|piece| piece.values().product())
            .collect();
        assert_eq!(values.len(), one.values.len(), "{what}");
        for (value, printed) in values.iter().zip(&one.values) {
            is_close(*value, *printed, &what);
        }
        let raw: f64 = values.iter().sum();
        is_close(raw, one.raw, &what);
        is_close(raw, one.raw_in_formula, &what);
        let points = one.max * (1.0 - (-raw / one.scale).exp());
        let rounded = (points * 100.0).round() / 100.0;
        assert!((rounded - one.points).abs() < 1e-9, "{what}: {points}");
        // Two shares: one is rounded up, one down, and both stay within a hundredth of their proportion.
        if let Some(shares) = one.shares {
            assert!(
                (shares.iter().sum::<f64>() - one.points).abs() < 1e-9,
                "{what}"
            );
            for (share, value) in shares.iter().zip(&values) {
                assert!(
                    (share - one.points * value / raw).abs() < 0.01,
                    "{what}: {share}"
                );
            }
        }
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "twelve examples, side by side as in the table"
)]
/// The sources and the review that the words of an example mean, and the component that it is about.
fn meant(number: usize) -> (Sources, Review, &'static str) {
    let today = "2026-11-02T00:00:00Z";
    let mut facts = nobody();
    let elsewhere = PullRequest {
        project: "other/thing".to_owned(),
        watched: false,
        stars: Some(999),
        ..landed(1, 34, at(today))
    };
    let documentation = PullRequest {
        url: "https://github.com/pytorch/pytorch/pull/2".to_owned(),
        project: "pytorch/pytorch".to_owned(),
        docs_only: Some(true),
        ..landed(2, 80, at(today))
    };
    let mut medals = kaggle_tests::nobody();
    let component = match number {
        1 => {
            facts.pull_requests.push(landed(1, 34, at(today)));
            "open_source"
        }
        2 => {
            facts.pull_requests.push(documentation);
            "open_source"
        }
        3 => {
            facts.pull_requests.push(PullRequest {
                project: "Project-MONAI/MONAI".to_owned(),
                ..landed(1, 250, at("2021-11-01T18:00:00Z"))
            });
            "open_source"
        }
        4 => {
            facts.pull_requests.push(elsewhere);
            "open_source"
        }
        5 => {
            facts.pull_requests.push(PullRequest {
                merged_by_self: Some(true),
                ..elsewhere
            });
            "open_source"
        }
        6 => {
            facts.projects.push(ProjectFacts {
                name: "pytorch/pytorch".to_owned(),
                commits: Some(15),
                newest_commit: Some(at(today)),
                newest_authored: None,
                first_authors: None,
                merged: 0,
                landed: 0,
                reverted: 3,
                unproven: 0,
                first: None,
                last: None,
            });
            "open_source"
        }
        7 => {
            medals = kaggle_tests::with(vec![kaggle_tests::result("hip", Some(Medal::Gold), 4)]);
            "kaggle"
        }
        8 => {
            let counted = MedalCount {
                gold: 0,
                silver: 1,
                bronze: 8,
            };
            medals.medals.insert(Category::Competitions, counted);
            "kaggle"
        }
        9 => {
            facts.repositories.push(OwnRepository {
                name: "ada-example/hip".to_owned(),
                url: "https://github.com/ada-example/hip".to_owned(),
                stars: 99,
                forks: 0,
                language: Some("Python".to_owned()),
                created_at: at("2020-01-01T00:00:00Z"),
                pushed_at: Some(at("2022-11-02T00:00:00Z")),
                commits: Some(50),
                own_commits: Some(45),
                newest_own_commit: None,
                stargazers: None,
            });
            "own_code"
        }
        10 => {
            let totals = YearTotals {
                commits: 60,
                ..YearTotals::default()
            };
            facts.years.insert(2026, totals);
            "sustained"
        }
        11 => "reviewed",
        12 => {
            facts.pull_requests = vec![landed(1, 34, at(today)), documentation];
            "open_source"
        }
        other => panic!("example {other} is in the table and not here"),
    };
    let sources = Sources {
        kaggle: kaggle_tests::found(medals).kaggle,
        ..found(facts)
    };
    (
        sources,
        reviewed(&[("publication", 1, "2018-11-01")]),
        component,
    )
}

#[test]
fn the_product_says_what_the_table_says() {
    for one in table() {
        let what = format!("example {}", one.number);
        let (sources, review, name) = meant(one.number);
        let case = Case {
            sources: &sources,
            review: &review,
            flags: &[],
        };
        let components = score(&rubric(), case, AS_OF).components;
        let component = components
            .into_iter()
            .find(|component| component.name == name);
        let component = component.expect("the component");
        assert_eq!(
            component.low.to_string(),
            format!("{:.2}", one.points),
            "{what}"
        );
        let high = one.up_to.unwrap_or(one.points);
        assert_eq!(component.high.to_string(), format!("{high:.2}"), "{what}");
        assert_eq!(component.evidence.len(), one.values.len(), "{what}");
        for (place, line) in component.evidence.iter().enumerate() {
            is_close(line.value.total, one.values[place], &what);
            let names: Vec<&String> = line.value.factors.keys().collect();
            assert_eq!(
                names,
                one.factors[place].keys().collect::<Vec<_>>(),
                "{what}"
            );
            for (name, factor) in &line.value.factors {
                is_close(
                    *factor,
                    one.factors[place][name],
                    &format!("{what}: {name}"),
                );
            }
            let share = one
                .shares
                .as_ref()
                .map_or(one.points, |shares| shares[place]);
            assert_eq!(line.points.to_string(), format!("{share:.2}"), "{what}");
        }
    }
}
