//! What holds of every score, over 10,000 generated fact sets each ([`super::generated`]), which the embedded rubrics
//! judge in turn. A failure names the fact set's number, which makes it again.

mod closing;
mod judging;
mod more;
mod order;
mod ranking;
mod turned_out;

use std::sync::LazyLock;

use fastrand::Rng;

use super::generated::{self, FactSet, signature};
use super::*;

/// Fact sets that each property is tried on.
const CASES: u64 = 10_000;

static RUBRICS: LazyLock<Vec<Rubric>> = LazyLock::new(|| {
    let all = Rubric::all_embedded().expect("valid");
    all.into_values().collect()
});

/// The rubrics take turns.
fn rubric_of(number: u64) -> &'static Rubric {
    let nth = number % u64::try_from(RUBRICS.len()).expect("few");
    &RUBRICS[usize::try_from(nth).expect("few")]
}

fn every_fact_set(mut check: impl FnMut(u64, FactSet, &Rubric)) {
    for number in 0..CASES {
        let rubric = rubric_of(number);
        check(number, FactSet::numbered(number, rubric), rubric);
    }
}

/// Every fact set in which the sources have answered, with a number that is not the generator's own.
fn every_found_one(mut check: impl FnMut(u64, &mut Rng, FactSet, &Rubric)) {
    for number in 0..CASES {
        let rubric = rubric_of(number);
        let mut random = Rng::with_seed(!number);
        check(
            number,
            &mut random,
            FactSet::all_found(number, rubric),
            rubric,
        );
    }
}

fn bytes(score: &Score) -> Vec<u8> {
    serde_json::to_vec(score).expect("JSON")
}

/// What `Display` prints, read back as hundredths.
fn printed(points: Points) -> i64 {
    let text = points.to_string();
    let (whole, hundredths) = text.split_once('.').expect("a point");
    assert_eq!(hundredths.len(), 2, "{text}");
    whole.parse::<i64>().expect("digits") * 100 + hundredths.parse::<i64>().expect("digits")
}

#[test]
fn evidence_adds_up_in_hundredths_and_as_printed() {
    every_fact_set(|number, set, rubric| {
        let score = set.judged(rubric);
        let mut all = (0, 0, 0);
        for one in &score.components {
            let lines = || one.evidence.iter().map(|line| line.points);
            let what = format!("{number}: {}", one.name);
            assert_eq!(lines().sum::<Points>(), one.low, "{what}");
            assert_eq!(
                lines().map(printed).sum::<i64>(),
                printed(one.low),
                "{what}"
            );
            assert!(lines().all(|points| points.cents() >= 0), "{what}");
            all.0 += lines().map(printed).sum::<i64>();
            all.1 += printed(one.high);
            all.2 += printed(one.max);
        }
        let whole = (printed(score.low), printed(score.high), 10_000);
        assert_eq!(all, whole, "{number}");
    });
}

#[test]
fn evidence_adds_up_in_the_numbers_of_the_json() {
    let number_of = |value: &serde_json::Value| value.as_f64().expect("a number");
    every_fact_set(|number, set, rubric| {
        let score = serde_json::to_value(set.judged(rubric)).expect("JSON");
        let mut all = 0.0;
        for one in score["components"].as_array().expect("components") {
            let lines = one["evidence"].as_array().expect("evidence");
            let sum: f64 = lines.iter().map(|line| number_of(&line["points"])).sum();
            let apart = (sum - number_of(&one["low"])).abs();
            assert!(apart < 1e-9, "{number}: {} is {apart} off", one["name"]);
            all += sum;
            for line in lines {
                let factors = line["value"]["factors"].as_object().expect("factors");
                let product: f64 = factors.values().map(number_of).product();
                let total = number_of(&line["value"]["total"]);
                assert!((product - total).abs() <= 1e-12 * total, "{number}: {line}");
            }
        }
        let apart = (all - number_of(&score["low"])).abs();
        assert!(apart < 1e-9, "{number}: {apart} off");
    });
}

#[test]
fn low_is_never_above_high_nor_high_above_the_maximum() {
    let mut states = BTreeMap::new();
    every_fact_set(|number, set, rubric| {
        let score = set.judged(rubric);
        for one in &score.components {
            let what = format!("{number}: {one:?}");
            assert!(Points::default() <= one.low, "{what}");
            assert!(one.low <= one.high && one.high <= one.max, "{what}");
            let complete = one.state == ComponentState::Complete;
            let high = if complete { one.low } else { one.max };
            assert_eq!(one.high, high, "{what}");
            assert_eq!(one.reason.is_empty(), complete, "{what}");
            let unknown = one.state == ComponentState::Unknown;
            assert!(!unknown || one.evidence.is_empty(), "{what}");
            *states
                .entry((one.name.clone(), one.state.to_string()))
                .or_insert(0) += 1;
        }
        assert!(score.low <= score.high, "{number}");
        assert!(score.high <= Points::from_cents(10_000), "{number}");
        assert!((0.0..=1.0).contains(&coverage(&score)), "{number}");
    });
    // The generator would prove little if it did not reach every state of every component often.
    assert_eq!(states.len(), 15, "{states:?}");
    assert!(states.values().all(|count| *count > 100), "{states:?}");
}

#[test]
fn when_all_is_known_low_is_high() {
    every_found_one(|number, _, mut set, rubric| {
        set.github().gaps.clear();
        set.kaggle().gaps.clear();
        set.review.looked_through = Some(signature("Reviewer One"));
        let score = set.judged(rubric);
        assert_eq!(score.low, score.high, "{number}");
        assert!((coverage(&score) - 1.0).abs() < f64::EPSILON, "{number}");
    });
}

/// Asserts that neither end of any interval went down.
fn nothing_lower(before: &Score, after: &Score, what: &str) {
    let mut pairs = vec![("score", (before.low, before.high), (after.low, after.high))];
    for (left, right) in before.components.iter().zip(&after.components) {
        assert_eq!(left.name, right.name, "{what}");
        pairs.push((&left.name, (left.low, left.high), (right.low, right.high)));
    }
    for (name, was, is) in pairs {
        assert!(
            was.0 <= is.0,
            "{what}: low of {name} from {} to {}",
            was.0,
            is.0
        );
        assert!(
            was.1 <= is.1,
            "{what}: high of {name} from {} to {}",
            was.1,
            is.1
        );
    }
}
