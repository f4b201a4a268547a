//! The ranking as it would be by another rubric.

use super::Ranking;
use crate::domain::{profile::Profile, rubric::Rubric};

/// The ranking as it would be by another rubric. What is compared with is today's rubric over the same facts, so that
/// the maxima alone make the difference.
#[must_use]
pub fn imagined(
    profiles: &[Profile],
    rubric: &Rubric,
    other: &Rubric,
    limit: Option<usize>,
) -> Ranking {
    let by = |rubric: &Rubric| -> Vec<Profile> {
        let judged = profiles
            .iter()
            .map(|profile| profile.rejudge(rubric, profile.as_of, profile.review.clone()));
        judged.collect()
    };
    let as_is = Ranking::new(&rubric.name, by(rubric), None);
    let maxima: Vec<String> = other
        .components()
        .iter()
        .filter(|(_, max, _)| *max > 0.0)
        .map(|(name, max, _)| format!("{name} {}", (max * 100.0).round() / 100.0))
        .collect();
    Ranking::new(&rubric.name, by(other), limit).as_what_if(&maxima.join(", "), &as_is)
}
