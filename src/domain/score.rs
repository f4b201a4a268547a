//! From facts to points: `(facts, rubric, as_of) → Score`.
//!
//! For a component with maximum `M` and scale `S` and evidence of values `v`, `raw = Σ v`:
//! `points = M · (1 − e^(−raw/S))`, and one evidence's points are `points · v / raw`. All points are whole
//! hundredths, and those of a component's evidence add up to the component's exactly: the hundredths that
//! rounding leaves over go to the largest remainders.

use std::{collections::BTreeMap, fmt};

use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::evidence::{Judge, Valued};
use super::facts::{GitHubFacts, Lookup, Observation, Sources, Topic};
use super::rubric::Rubric;

/// Points, counted in hundredths so that sums are exact. Printed and serialised with two decimals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(with = "f64")]
pub struct Points(i64);

impl Points {
    /// From hundredths of a point.
    #[must_use]
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents)
    }

    /// In hundredths of a point.
    #[must_use]
    pub fn cents(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Points {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        formatter.pad(&format!(
            "{sign}{}.{:02}",
            self.0.abs() / 100,
            self.0.abs() % 100
        ))
    }
}

impl std::iter::Sum for Points {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        Self(parts.map(|part| part.0).sum())
    }
}

impl Serialize for Points {
    #[expect(
        clippy::cast_precision_loss,
        reason = "points stay far below 2^53 hundredths"
    )]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0 as f64 / 100.0)
    }
}

impl<'de> Deserialize<'de> for Points {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "points stay far below 2^53 hundredths"
    )]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let points = f64::deserialize(deserializer)?;
        Ok(Self((points * 100.0).round() as i64))
    }
}

/// A score: what is known, and what it could be if the unknown were perfect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// The points that evidence proves.
    pub low: Points,
    /// The points if everything unknown were perfect.
    pub high: Points,
    /// The rubric's lines, in its order.
    pub components: Vec<Component>,
}

/// One line of the rubric, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Component {
    /// Its name in the rubric.
    pub name: String,
    /// Points that it can give at most.
    pub max: Points,
    /// Points that evidence proves.
    pub low: Points,
    /// Points if everything unknown were perfect.
    pub high: Points,
    /// Whether all of it could be seen.
    pub state: ComponentState,
    /// Why not, in words; empty when complete.
    pub reason: String,
    /// What earned the points. Their points add up to `low`, to the cent.
    pub evidence: Vec<Evidence>,
}

/// Whether all that a component asks for could be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComponentState {
    /// All of it.
    Complete,
    /// Some of it.
    Partial,
    /// None of it.
    Unknown,
}

impl fmt::Display for ComponentState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::Unknown => "unknown",
        })
    }
}

/// One thing that earned points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Where it can be seen.
    pub url: String,
    /// What it is, in words.
    pub title: String,
    /// The rubric's line: `open_source.landed`.
    pub kind: String,
    /// The project it belongs to, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// When it happened.
    #[schemars(with = "String")]
    pub date: Timestamp,
    /// When the source said so.
    #[schemars(with = "String")]
    pub fetched_at: Timestamp,
    /// What it earned.
    pub points: Points,
    /// How its value came about.
    pub value: Value,
}

/// The value of a piece of evidence before saturation: the product of its factors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Value {
    /// The product.
    pub total: f64,
    /// The factors by name, among them `weight`, `size`, `project` and `recency`.
    pub factors: BTreeMap<String, f64>,
}

/// Judges what the sources say.
pub fn score(rubric: &Rubric, sources: &Sources, as_of: Date) -> Score {
    let components: Vec<Component> = rubric
        .components()
        .into_iter()
        .map(|(name, max, scale)| {
            component(rubric, name, (max, scale), sources.github.as_ref(), as_of)
        })
        .collect();
    Score {
        low: components.iter().map(|component| component.low).sum(),
        high: components.iter().map(|component| component.high).sum(),
        components,
    }
}

/// Share of the 100 points whose component is complete, 0 to 1.
pub fn coverage(score: &Score) -> f64 {
    let complete = |component: &&Component| component.state == ComponentState::Complete;
    let points: Points = score
        .components
        .iter()
        .filter(complete)
        .map(|component| component.max)
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "at most 10,000 hundredths")]
    let share = points.cents() as f64 / 10_000.0;
    share
}

/// What a component of the score looks at.
fn topics(component: &str) -> &'static [Topic] {
    match component {
        "open_source" => &[Topic::PullRequests, Topic::Commits, Topic::Reviews],
        "own_code" => &[Topic::OwnRepositories],
        _ => &[Topic::Years],
    }
}

fn component(
    rubric: &Rubric,
    name: &str,
    (max, scale): (f64, f64),
    github: Option<&Observation<GitHubFacts>>,
    as_of: Date,
) -> Component {
    let unknown = |reason: &str| {
        finish(
            name,
            max,
            scale,
            Vec::new(),
            Timestamp::UNIX_EPOCH,
            (ComponentState::Unknown, reason.to_owned()),
        )
    };
    let Some(observation) = github else {
        return unknown("no GitHub link was given");
    };
    let facts = match &observation.lookup {
        Lookup::Found { facts } => facts,
        other => return unknown(other.reason().unwrap_or_default()),
    };
    let base = observation
        .url
        .rsplit_once('/')
        .map_or(observation.url.as_str(), |(base, _)| base);
    let judge = Judge {
        rubric,
        as_of,
        base,
    };
    let evidence = match name {
        "open_source" => judge.open_source(facts),
        "own_code" => judge.own_code(facts),
        _ => judge.sustained(facts),
    };
    let state = state(name, facts, evidence.is_empty());
    finish(name, max, scale, evidence, observation.fetched_at, state)
}

/// Whether all that a component looks at could be seen, and why not.
fn state(name: &str, facts: &GitHubFacts, nothing: bool) -> (ComponentState, String) {
    let topics = topics(name);
    let gaps: Vec<_> = facts
        .gaps
        .iter()
        .filter(|gap| topics.contains(&gap.topic))
        .collect();
    if gaps.is_empty() {
        return (ComponentState::Complete, String::new());
    }
    let mut reasons: Vec<&str> = gaps.iter().map(|gap| gap.reason.as_str()).collect();
    reasons.dedup();
    let all_missing = topics
        .iter()
        .all(|topic| gaps.iter().any(|gap| gap.topic == *topic));
    let state = if nothing && all_missing {
        ComponentState::Unknown
    } else {
        ComponentState::Partial
    };
    (state, reasons.join("; "))
}

/// Saturates, rounds, and shares a component's points among its evidence.
fn finish(
    name: &str,
    max: f64,
    scale: f64,
    mut evidence: Vec<Valued>,
    fetched_at: Timestamp,
    (state, reason): (ComponentState, String),
) -> Component {
    // Sums of floating-point numbers depend on their order, so the order is made the same for all.
    evidence.sort_by(|left, right| {
        right
            .total()
            .total_cmp(&left.total())
            .then_with(|| left.url.cmp(&right.url))
            .then_with(|| left.kind.cmp(right.kind))
    });
    evidence.retain(|valued| valued.total() > 0.0);
    let values: Vec<f64> = evidence.iter().map(Valued::total).collect();
    let raw: f64 = values.iter().sum();
    let max_points = from_points(max);
    let low = from_points(max * (1.0 - (-raw / scale).exp())).min(max_points);
    let shares = share_out(low, &values);
    let evidence = evidence
        .into_iter()
        .zip(shares)
        .map(|(valued, points)| Evidence {
            value: Value {
                total: valued.total(),
                factors: valued.factors,
            },
            url: valued.url,
            title: valued.title,
            kind: valued.kind.to_owned(),
            project: valued.project,
            date: valued.date,
            fetched_at,
            points,
        })
        .collect();
    let high = if state == ComponentState::Complete {
        low
    } else {
        max_points
    };
    Component {
        name: name.to_owned(),
        max: max_points,
        low,
        high,
        state,
        reason,
        evidence,
    }
}

/// Shares `points` out in proportion to `values`, in whole hundredths that add up exactly.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a component has at most 10,000 hundredths"
)]
fn share_out(points: Points, values: &[f64]) -> Vec<Points> {
    let raw: f64 = values.iter().sum();
    if values.is_empty() || raw <= 0.0 {
        return vec![Points::default(); values.len()];
    }
    let exact: Vec<f64> = values
        .iter()
        .map(|value| points.0 as f64 * value / raw)
        .collect();
    let mut shares: Vec<i64> = exact.iter().map(|share| share.floor() as i64).collect();
    let mut left_over = points.0 - shares.iter().sum::<i64>();
    let mut by_remainder: Vec<usize> = (0..values.len()).collect();
    by_remainder.sort_by(|left, right| {
        exact[*right]
            .fract()
            .total_cmp(&exact[*left].fract())
            .then(left.cmp(right))
    });
    for index in by_remainder.into_iter().cycle() {
        if left_over <= 0 {
            break;
        }
        shares[index] += 1;
        left_over -= 1;
    }
    shares.into_iter().map(Points).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "points are at most 100")]
fn from_points(points: f64) -> Points {
    Points((points * 100.0).round() as i64)
}

#[cfg(test)]
mod tests;
