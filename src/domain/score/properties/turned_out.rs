//! Work that was counted before it was known turns out to be another than was thought: the two cases in which a
//! known score may fall although nobody did less, and how far at most.

use super::*;
use crate::domain::facts::{KaggleFacts, MedalCount};

fn raw(score: &Score, name: &str) -> f64 {
    let one = score.components.iter().find(|one| one.name == name);
    let lines = one.map_or([].iter(), |one| one.evidence.iter());
    lines.map(|line| line.value.total).sum()
}

/// Room for sums of floating-point numbers whose order differs.
const HARDLY: f64 = 1e-9;

#[test]
fn a_pull_request_whose_commit_was_counted_takes_at_most_that_commit() {
    let (mut lower, mut not_lower) = (0, 0);
    every_found_one(|number, random, mut set, rubric| {
        let project = more::known_project(&mut set, rubric);
        more::commit_at(project, generated::moment(random));
        let (name, newest) = (project.name.clone(), project.newest_commit);
        let before = set.judged(rubric);
        let one = generated::pull_request(random, &name, true);
        more::known_project(&mut set, rubric).landed += 1;
        let url = one.url.clone();
        set.github().pull_requests.push(one);
        let after = set.judged(rubric);

        let Some(newest) = newest else { return };
        let years = |date: Timestamp| {
            let end: Timestamp = "2026-11-02T00:00:00Z".parse().expect("a time");
            end.duration_since(date).as_secs_f64() / 3_600.0 / 8_766.0
        };
        let numbers = &rubric.open_source;
        let recency = 0.5_f64.powf(years(newest) / numbers.half_life_years);
        let commit = numbers.commit * rubric.weight_of(&name) * recency;
        let fell_by = raw(&before, "open_source") - raw(&after, "open_source");
        assert!(fell_by <= commit + HARDLY, "{number}: {fell_by} > {commit}");
        let lines = after.components.iter().flat_map(|one| &one.evidence);
        let worth = lines
            .filter(|line| line.url == url)
            .map(|line| line.value.total);
        if worth.sum::<f64>() >= commit {
            assert!(
                fell_by <= HARDLY,
                "{number}: worth a commit, and fell by {fell_by}"
            );
            nothing_lower(&before, &after, &number.to_string());
        }
        if fell_by > HARDLY {
            lower += 1;
        } else {
            not_lower += 1;
        }
    });
    assert!(
        lower > 100 && not_lower > 1_000,
        "{lower} fell, {not_lower} did not"
    );
}

/// What a medal with a line of its own is worth less than one in a total.
fn falls_short(facts: &KaggleFacts, rubric: &Rubric, line: &Evidence) -> f64 {
    let medal = facts.competitions.last().and_then(|one| one.medal);
    let weight = medal.map_or(0.0, |medal| rubric.kaggle.medal(medal));
    let counted = weight * rubric.kaggle.category(Category::Competitions) * rubric.kaggle.undated;
    counted - line.value.total
}

#[test]
fn a_medal_whose_competition_becomes_known_takes_at_most_what_it_counted_in_the_total() {
    let (mut lower, mut not_lower) = (0, 0);
    every_found_one(|number, random, mut set, rubric| {
        let medal = crate::domain::facts::Medal::ALL[random.usize(0..3)];
        let facts = set.kaggle();
        // A total that holds the medals of all lines, and one more.
        let mut total = MedalCount::default();
        let known = facts.competitions.iter().filter_map(|one| one.medal);
        known.for_each(|medal| total.add(medal));
        total.add(medal);
        facts.medals.insert(Category::Competitions, total);
        let before = set.judged(rubric);
        let one = generated::result(random, Some(medal));
        let slug = one.slug.clone();
        set.kaggle().competitions.push(one);
        let after = set.judged(rubric);

        let fell_by = raw(&before, "kaggle") - raw(&after, "kaggle");
        let lines = after.components.iter().flat_map(|one| &one.evidence);
        let line = lines
            .clone()
            .find(|line| line.project.as_ref() == Some(&slug));
        let Some(line) = line else { return };
        let most = falls_short(set.kaggle(), rubric, line);
        assert!(
            (fell_by - most).abs() <= HARDLY,
            "{number}: {fell_by}, not {most}"
        );
        if most <= -HARDLY {
            nothing_lower(&before, &after, &number.to_string());
        }
        if fell_by > HARDLY {
            lower += 1;
        } else {
            not_lower += 1;
        }
    });
    assert!(
        lower > 100 && not_lower > 1_000,
        "{lower} fell, {not_lower} did not"
    );
}
