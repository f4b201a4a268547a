//! Repeats the table of `worked_examples.md`, twice: by plain arithmetic from the figures that a row prints, and by the
//! product from the facts that the row tells. Both must give what is printed, to every digit printed.

use super::generated::{AS_OF, signature};
use super::*;
use crate::domain::facts::{
    Cause, CompetitionResult, KaggleFacts, Landing, Medal, MedalCount, OwnRepository, ProjectFacts,
    PullRequest, YearTotals,
};
use crate::domain::review::Found;
use crate::domain::score::{kaggle_tests, tests};

const PAGE: &str = include_str!("worked_examples.md");

/// A row of the table.
#[derive(Debug)]
struct Row<'a> {
    number: &'a str,
    what: &'a str,
    /// Name, and how it is worked out with its result, or the figure alone.
    factors: Vec<(&'a str, &'a str)>,
    value: &'a str,
    component: &'a str,
    points: &'a str,
}

fn rows() -> Vec<Row<'static>> {
    let lines = PAGE.lines().filter(|line| line.starts_with('|')).skip(2);
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [number, what, factors, value, component, points] = cells[..] else {
                panic!("six cells: {line}");
            };
            let factor = |text: &'static str| {
                let (name, worked) = text.split_once(' ').expect("a name and a figure");
                (name.trim_matches('`'), worked)
            };
            Row {
                number,
                what,
                factors: factors.split("; ").map(factor).collect(),
                value,
                component,
                points,
            }
        })
        .collect()
}

/// What stands behind the last `=`, or the figure alone.
fn result(worked: &str) -> &str {
    worked
        .rsplit_once(" = ")
        .map_or(worked, |(_, result)| result)
}

/// Prints a number to as many decimals as `like` has.
fn printed_like(number: f64, like: &str) -> String {
    let decimals = like
        .split_once('.')
        .map_or(0, |(_, decimals)| decimals.len());
    format!("{number:.decimals$}")
}

/// Asserts that what stands before the `=` gives what stands behind it.
fn holds(worked: &str) {
    if let Some((sum, result)) = worked.rsplit_once(" = ") {
        assert_eq!(printed_like(arithmetic(sum), result), result, "{worked}");
    }
}

/// Plain arithmetic: + − × / ^ √ ln, brackets, and e.
fn arithmetic(text: &str) -> f64 {
    let text: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != ',')
        .collect();
    let mut rest = text.as_str();
    let number = sum(&mut rest);
    assert!(rest.is_empty(), "{rest:?} is left of {text:?}");
    number
}

fn takes(rest: &mut &str, sign: &str) -> bool {
    let after = rest.strip_prefix(sign);
    after.inspect(|after| *rest = after).is_some()
}

fn sum(rest: &mut &str) -> f64 {
    let mut number = product(rest);
    loop {
        if takes(rest, "+") {
            number += product(rest);
        } else if takes(rest, "−") {
            number -= product(rest);
        } else {
            return number;
        }
    }
}

fn product(rest: &mut &str) -> f64 {
    let mut number = power(rest);
    loop {
        if takes(rest, "×") {
            number *= power(rest);
        } else if takes(rest, "/") {
            number /= power(rest);
        } else {
            return number;
        }
    }
}

fn power(rest: &mut &str) -> f64 {
    if takes(rest, "−") {
        return -power(rest);
    }
    let base = atom(rest);
    if takes(rest, "^") {
        base.powf(power(rest))
    } else {
        base
    }
}

fn atom(rest: &mut &str) -> f64 {
    if takes(rest, "√") {
        return atom(rest).sqrt();
    }
    if takes(rest, "ln") {
        return atom(rest).ln();
    }
    if takes(rest, "e") {
        return std::f64::consts::E;
    }
    if takes(rest, "(") {
        let number = sum(rest);
        assert!(takes(rest, ")"), "a bracket is open before {rest:?}");
        return number;
    }
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    *rest = after;
    digits
        .parse()
        .unwrap_or_else(|_| panic!("{digits:?} before {rest:?} is no number"))
}

#[test]
fn plain_arithmetic_is_the_schools() {
    for (text, expected) in [
        ("1 + 2 × 3 − 4 / 2", 5.0),
        ("2 × (1 − e^(−0))", 0.0),
        ("0.5^(1,461 / 1461)", 0.5),
        ("6 / √4 / 3", 1.0),
        ("ln(1 + 0)", 0.0),
        ("10 − 4 − 2", 4.0),
    ] {
        assert!((arithmetic(text) - expected).abs() < 1e-12, "{text}");
    }
}

#[test]
fn every_row_holds_by_its_own_arithmetic() {
    let rows = rows();
    for row in &rows {
        for (_, worked) in &row.factors {
            holds(worked);
        }
        holds(row.value);
        let factors: Vec<&str> = row
            .factors
            .iter()
            .map(|(_, worked)| result(worked))
            .collect();
        let (product, value) = row.value.rsplit_once(" = ").expect("a product");
        assert_eq!(product, factors.join(" × "), "row {}", row.number);

        let component = row
            .component
            .split(", up to ")
            .next()
            .expect("a first part");
        holds(component);
        assert!(component.contains(value), "row {}", row.number);
        let (shared, points) = row
            .points
            .split_once(", so ")
            .unwrap_or((row.points, row.points));
        holds(shared);
        if shared == points {
            assert_eq!(points, result(component), "row {}", row.number);
        } else {
            let exact: f64 = result(shared).parse().expect("a number");
            let given: f64 = points.parse().expect("a number");
            assert!((exact - given).abs() < 0.01, "row {}", row.number);
            assert!(shared.starts_with(result(component)), "row {}", row.number);
            assert!(
                shared.contains(&format!(" × {value} / ")),
                "row {}",
                row.number
            );
        }
    }
    // Two pieces that share have as many points as their component, to the cent.
    for shared in ["8", "12"] {
        let pieces = || {
            rows.iter()
                .filter(|row| row.number.trim_end_matches(['a', 'b']) == shared)
        };
        let sum: f64 = pieces()
            .map(|row| row.points.rsplit_once(", so ").expect("a share").1)
            .map(|points| points.parse::<f64>().expect("a number"))
            .sum();
        let whole = result(pieces().next().expect("a piece").component);
        assert_eq!(printed_like(sum, whole), whole, "row {shared}");
    }
}

/// The facts of one row, and where the line that it is about is found.
struct Told {
    sources: Sources,
    review: Review,
    line: &'static str,
    /// What the row's words must say, or the facts would not be the row's.
    said: &'static [&'static str],
}

fn days_ago(days: f64) -> Timestamp {
    let end: Timestamp = "2026-11-02T00:00:00Z".parse().expect("a time");
    end - jiff::SignedDuration::from_secs_f64(days * 86_400.0)
}

fn pull_request(project: &str, watched: bool, lines: u32, days: f64) -> PullRequest {
    PullRequest {
        url: format!("https://github.com/{project}/pull/1"),
        project: project.to_owned(),
        watched,
        title: "A change".to_owned(),
        lines: Some(lines),
        docs_only: watched.then_some(false),
        files: None,
        landed_at: days_ago(days),
        landing: Landing::Merged,
        merged_by_self: Some(false),
        merger: None,
        stars: Some(4_999),
        repository_created_at: None,
    }
}

fn github(fill: impl FnOnce(&mut crate::domain::facts::GitHubFacts)) -> Sources {
    let mut facts = tests::nobody();
    fill(&mut facts);
    tests::found(facts)
}

fn pull_requests(all: Vec<PullRequest>) -> Sources {
    github(|facts| facts.pull_requests = all)
}

fn kaggle(fill: impl FnOnce(&mut KaggleFacts)) -> Sources {
    let mut facts = kaggle_tests::nobody();
    fill(&mut facts);
    kaggle_tests::found(facts)
}

/// A medal of its own line, counted in the total as well.
fn medal(facts: &mut KaggleFacts, medal: Medal, team_size: u32, date: Date) {
    facts.competitions.push(CompetitionResult {
        slug: "hip-x".to_owned(),
        title: "Hip X".to_owned(),
        rank: Some(3),
        rank_is_public: false,
        teams: Some(1_400),
        team_size,
        medal: Some(medal),
        date: Some(date),
    });
    facts
        .medals
        .entry(Category::Competitions)
        .or_default()
        .add(medal);
}

#[expect(clippy::too_many_lines, reason = "a table: one arm a row")]
fn told(number: &str) -> Told {
    let mut review = Review {
        looked_through: Some(signature("Reviewer One")),
        ..Review::default()
    };
    let (sources, line, said): (_, _, &[&str]) = match number {
        "1" => (
            pull_requests(vec![pull_request("numpy/numpy", true, 34, 0.5)]),
            "numpy/pull",
            &["34 lines", "numpy/numpy", "0.5 days"],
        ),
        "2" => {
            let mut one = pull_request("pytorch/pytorch", true, 900, 0.5);
            one.docs_only = Some(true);
            (
                pull_requests(vec![one]),
                "pytorch/pull",
                &[
                    "900 lines",
                    "documentation alone",
                    "pytorch/pytorch",
                    "0.5 days",
                ],
            )
        }
        "3" => (
            pull_requests(vec![pull_request(
                "Project-MONAI/MONAI",
                true,
                240,
                1_826.25,
            )]),
            "MONAI/pull",
            &["240 lines", "Project-MONAI/MONAI", "1,826.25 days"],
        ),
        "4" => (
            pull_requests(vec![pull_request("somebody/else", false, 80, 100.0)]),
            "else/pull",
            &[
                "80 lines",
                "not watched",
                "by somebody else",
                "4,999 stars",
                "100 days",
            ],
        ),
        "5" => {
            let mut one = pull_request("somebody/else", false, 80, 100.0);
            one.merged_by_self = Some(true);
            (
                pull_requests(vec![one]),
                "else/pull",
                &[
                    "80 lines",
                    "merged by the applicant",
                    "4,999 stars",
                    "100 days",
                ],
            )
        }
        "6" => {
            let project = ProjectFacts {
                name: "scikit-learn/scikit-learn".to_owned(),
                commits: Some(10),
                newest_commit: Some(days_ago(30.0)),
                newest_authored: None,
                first_authors: None,
                merged: 3,
                landed: 1,
                reverted: 2,
                unproven: 0,
                first: None,
                last: None,
            };
            (
                github(|facts| facts.projects.push(project)),
                "commits?author=",
                &[
                    "10 commits",
                    "3 merged",
                    "1 landed",
                    "reverted ones 2",
                    "30 days",
                ],
            )
        }
        "7" => (
            kaggle(|facts| medal(facts, Medal::Gold, 4, AS_OF)),
            "hip-x",
            &["gold medal", "team of 4", "0.5 days"],
        ),
        "8a" | "8b" => {
            let sources = kaggle(|facts| {
                medal(facts, Medal::Gold, 1, jiff::civil::date(2020, 11, 1));
                let all = MedalCount {
                    gold: 2,
                    silver: 0,
                    bronze: 3,
                };
                facts.medals.insert(Category::Competitions, all);
            });
            if number == "8a" {
                let said = &["2 gold and 3 bronze", "team of 1", "2,191.5 days"];
                (sources, "hip-x", said)
            } else {
                (sources, "/ada/competitions", &["1 gold and 3 bronze"])
            }
        }
        "9" => {
            let repository = OwnRepository {
                name: "ada-example/knee".to_owned(),
                url: "https://github.com/ada-example/knee".to_owned(),
                stars: 99,
                forks: 0,
                language: Some("Python".to_owned()),
                created_at: days_ago(900.0),
                pushed_at: Some(days_ago(200.0)),
                commits: Some(150),
                own_commits: Some(120),
                newest_own_commit: None,
                stargazers: None,
            };
            (
                github(|facts| facts.repositories.push(repository)),
                "/knee",
                &["120 of its 150 commits", "99 stars", "Python", "200 days"],
            )
        }
        "10" => {
            let year = YearTotals {
                commits: 30,
                issues: 20,
                ..YearTotals::default()
            };
            (
                github(|facts| facts.years.extend([(2025, year)])),
                "from=2025",
                &["2025", "50 public contributions", "305 days and 1 second"],
            )
        }
        "11" => {
            review.evidence.push(Found {
                number: 1,
                kind: "publication".to_owned(),
                amount: 1,
                url: "https://journal.example/1".to_owned(),
                reason: "first author".to_owned(),
                date: jiff::civil::date(2024, 11, 1),
                signature: signature("Reviewer One"),
                withdrawn: None,
            });
            (
                github(|_| {}),
                "journal.example",
                &["publication as first author", "2024-11-01", "730.5 days"],
            )
        }
        "12a" | "12b" => {
            let first = pull_request("huggingface/transformers", true, 60, 10.0);
            let second = pull_request("pandas-dev/pandas", true, 3, 700.0);
            let sources = pull_requests(vec![second, first]);
            if number == "12a" {
                let said = &["60 lines", "huggingface/transformers", "10 days"];
                (sources, "transformers/pull", said)
            } else {
                (
                    sources,
                    "pandas/pull",
                    &["3 lines", "pandas-dev/pandas", "700 days"],
                )
            }
        }
        "13" => (
            kaggle(|facts| {
                medal(facts, Medal::Silver, 1, AS_OF);
                facts.medals.remove(&Category::Datasets);
                facts.gaps.push(Gap {
                    topic: Topic::Medals,
                    project: Some("datasets".to_owned()),
                    cause: Cause::Hidden,
                    reason: "the account does not show them".to_owned(),
                });
            }),
            "hip-x",
            &[
                "silver medal",
                "team of 1",
                "0.5 days",
                "does not show its medals in data sets",
            ],
        ),
        other => panic!("row {other} has no facts"),
    };
    Told {
        sources,
        review,
        line,
        said,
    }
}

#[test]
fn every_row_is_what_the_product_gives() {
    let rubric = Rubric::embedded("doctoral-dl-radiology").expect("embedded");
    let rows = rows();
    assert!(rows.len() >= 12);
    for row in rows {
        let number = row.number;
        let told = told(number);
        for said in told.said {
            assert!(
                row.what.contains(said),
                "row {number} does not say {said:?}"
            );
        }
        let case = Case {
            sources: &told.sources,
            review: &told.review,
            flags: &[],
        };
        let score = score(&rubric, case, AS_OF);
        let has = |line: &&Evidence| line.url.contains(told.line);
        let mut found = score
            .components
            .iter()
            .filter_map(|one| Some((one, one.evidence.iter().find(has)?)));
        let (component, line) = found
            .next()
            .unwrap_or_else(|| panic!("row {number}: no line"));

        let names: Vec<&str> = line.value.factors.keys().map(String::as_str).collect();
        let mut printed: Vec<&str> = row.factors.iter().map(|(name, _)| *name).collect();
        printed.sort_unstable();
        assert_eq!(names, printed, "row {number}");
        for (name, worked) in &row.factors {
            let figure = result(worked);
            let factor = printed_like(line.value.factors[*name], figure);
            assert_eq!(factor, figure, "row {number}: {name}");
        }
        let value = result(row.value);
        assert_eq!(printed_like(line.value.total, value), value, "row {number}");

        let (low, high) = match row.component.split_once(", up to ") {
            Some((low, high)) => (result(low), high),
            None => (result(row.component), result(row.component)),
        };
        assert_eq!(component.low.to_string(), low, "row {number}: low");
        assert_eq!(component.high.to_string(), high, "row {number}: high");
        // Nothing but what the row shares its component with may earn points there.
        let pieces = row.component.matches(" + ").count() + 1;
        assert_eq!(component.evidence.len(), pieces, "row {number}");
        let points = row
            .points
            .rsplit_once(", so ")
            .map_or(row.points, |(_, points)| points);
        assert_eq!(line.points.to_string(), points, "row {number}: points");
    }
}
