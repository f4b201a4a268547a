//! What holds of every score.

use jiff::civil::{Date, date};
use plaudit::domain::facts::{GitHubFacts, KaggleFacts, Lookup, Observation, Sources};
use plaudit::domain::integrity;
use plaudit::domain::review::Review;
use plaudit::domain::rubric::Rubric;
use plaudit::domain::score::{Case, ComponentState, Points, Score, coverage, score};

use super::harmless;

/// The day as of which is judged.
const AS_OF: Date = date(2026, 11, 1);

fn observed<T>(url: &str, facts: T) -> Observation<T> {
    Observation {
        url: url.to_owned(),
        found_on: None,
        fetched_at: "2026-10-30T12:00:00Z".parse().expect("a time"),
        lookup: Lookup::Found { facts },
    }
}

/// Judges what GitHub says.
pub(super) fn github(rubric: &Rubric, facts: &GitHubFacts) -> Score {
    let sources = Sources {
        github: Some(observed("https://github.com/ada-example", facts.clone())),
        ..Sources::default()
    };
    sources_by(rubric, &sources, &Review::default())
}

/// Judges what Kaggle says.
pub(super) fn kaggle(rubric: &Rubric, facts: &KaggleFacts) -> Score {
    let sources = Sources {
        kaggle: Some(observed(
            "https://www.kaggle.com/ada-example",
            facts.clone(),
        )),
        ..Sources::default()
    };
    sources_by(rubric, &sources, &Review::default())
}

/// Judges sources.
pub(super) fn sources_by(rubric: &Rubric, sources: &Sources, review: &Review) -> Score {
    let flags = integrity::flags(sources, rubric);
    for flag in &flags {
        harmless::visible("a flag", &flag.reason);
    }
    let case = Case {
        sources,
        review,
        flags: &flags,
    };
    let judged = score(rubric, case, AS_OF);
    let again = score(rubric, case, AS_OF);
    let text = |score: &Score| serde_json::to_string(score).expect("JSON");
    assert_eq!(text(&judged), text(&again));
    sound(rubric, &judged);
    judged
}

fn sound(rubric: &Rubric, judged: &Score) {
    let max: Points = judged.components.iter().map(|one| one.max).sum();
    assert_eq!(max.cents(), 10_000, "the maxima of {}", rubric.name);
    let mut sum = Points::default();
    for component in &judged.components {
        let name = &component.name;
        let points: Points = component.evidence.iter().map(|one| one.points).sum();
        assert_eq!(
            points, component.low,
            "{name}: the evidence does not add up"
        );
        assert!(component.low <= component.high, "{name}");
        assert!(component.high <= component.max, "{name}");
        assert!(component.low >= Points::default(), "{name}");
        for one in &component.evidence {
            assert!(one.points >= Points::default(), "{name}: {one:?}");
            assert!(one.value.total.is_finite(), "{name}: {one:?}");
            harmless::visible("a title", &one.title);
        }
        harmless::visible("a reason", &component.reason);
        if component.state == ComponentState::Complete {
            assert_eq!(component.low, component.high, "{name}");
        } else {
            assert_eq!(component.high, component.max, "{name}");
            assert!(
                !component.reason.is_empty(),
                "{name}: unknown, and nobody says why"
            );
        }
        sum = Points::from_cents(sum.cents() + points.cents());
    }
    assert_eq!(sum, judged.low);
    let known = coverage(judged);
    assert!((0.0..=1.0).contains(&known), "{known}");
}
