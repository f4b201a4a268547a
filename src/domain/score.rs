//! From facts to points: `(facts, rubric, as_of) → Score`.
//!
//! For a component with maximum `M` and scale `S` and evidence of values `v`, `raw = Σ v`:
//! `points = M · (1 − e^(−raw/S))`, and one evidence's points are `points · v / raw`. All points are whole
//! hundredths, and those of a component's evidence add up to the component's exactly: the hundredths that
//! rounding leaves over go to the largest remainders.
//!
//! # What is proven
//!
//! Over 10,000 generated fact sets each, in `score/properties`: the evidence adds up, in hundredths, in the JSON's
//! numbers and as printed; low ≤ high ≤ the maximum, and low = high when all is known; more evidence never lowers
//! either, and a gap that closes narrows the interval; neither the order of the input nor the process matters.
//!
//! More evidence is one thing more that a person did, as the sources tell it: a pull request that landed comes with its
//! commit, a medal with the total that counts it. A score may fall although nobody did less in these cases alone:
//!
//! - **A pull request becomes known whose commit was counted already**, among the commits beyond the pull requests
//!   ([`super::evidence`]). It takes the place of that commit, which was valued as new as the newest one. When it is
//!   trivial or old enough to be worth less than that, the sum of values falls, by `commit` × the project's weight × the
//!   newest commit's recency at most: by the doctoral rubric by 0.25 × 1.2 = 0.3, which is 1.03 points at most for each
//!   such pull request (35 × (1 − e^(−0.3 / 10))).
//! - **A medal's competition becomes known that the total counted already.** Its team and date take the place of the
//!   factor `undated`. An old medal of a large team may be worth less than that, so that the sum of values falls, by the
//!   medal's weight × the category's × `undated` at most: by the doctoral rubric by 1 for a gold medal, which is 3.53
//!   points at most for each (30 × (1 − e^(−1 / 8))).
//! - A flag is raised anew, by a rubric that lets it weigh; somebody else's commits lessen the share in an own
//!   repository; another own repository with more stars takes a place among those that are looked at in depth.
//! - In arithmetic alone: a sum of floating-point numbers depends on their order in its sixteenth digit. Were it to lie
//!   there exactly between two hundredths, a piece worth nothing could move it by one hundredth.

#![doc = include_str!("score/worked_examples.md")]

use std::{collections::BTreeMap, fmt};

use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::evidence::{Judge, Valued, base_of};
use super::facts::{Category, Gap, Lookup, Observation, PageFacts, Sources, Topic};
use super::integrity::Flag;
use super::review::Review;
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

impl Points {
    /// With its sign, also a plus: `+2.50`.
    #[must_use]
    pub fn signed(self) -> String {
        let plus = if self.0 > 0 { "+" } else { "" };
        format!("{plus}{self}")
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

impl Score {
    /// All evidence over all components, what earned most first; equal ones newest first, then by URL.
    #[must_use]
    pub fn strongest(&self) -> Vec<&Evidence> {
        let mut evidence: Vec<&Evidence> = self
            .components
            .iter()
            .flat_map(|component| &component.evidence)
            .collect();
        strongest_first(&mut evidence);
        evidence
    }
}

/// Sorts evidence, most points first; equal ones newest first, then by URL.
pub fn strongest_first(evidence: &mut [&Evidence]) {
    evidence.sort_by(|left, right| {
        right
            .points
            .cmp(&left.points)
            .then_with(|| right.date.cmp(&left.date))
            .then_with(|| left.url.cmp(&right.url))
    });
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
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, utoipa::ToSchema,
)]
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

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// What the sources say.
    pub sources: &'a Sources,
    /// What people have added.
    pub review: &'a Review,
    /// The flags that the sources raise; see [`super::integrity::flags`].
    pub flags: &'a [Flag],
}

/// The points of all components together.
const WHOLE: Points = Points(10_000);

/// Judges what the sources say and people have added.
pub fn score(rubric: &Rubric, case: Case<'_>, as_of: Date) -> Score {
    let sources = case.sources;
    let asked: Vec<(&str, f64, f64)> = rubric
        .components()
        .into_iter()
        .filter(|(_, max, _)| *max > 0.0)
        .collect();
    // Shared out rather than rounded one by one, so that they add up to 100 also when a what-if splits them oddly.
    let maxima = share_out(
        WHOLE,
        &asked.iter().map(|(_, max, _)| *max).collect::<Vec<_>>(),
    );
    let components: Vec<Component> = asked
        .into_iter()
        .zip(maxima)
        .map(|((name, max, scale), rounded)| {
            let seen = match name {
                "kaggle" => kaggle(rubric, sources, as_of),
                "reviewed" => reviewed(rubric, case.review, as_of),
                _ => github(name, rubric, case, as_of),
            };
            finish(name, (max, rounded), scale, seen)
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

/// What could be seen for a component, before it is turned into points.
struct Seen {
    evidence: Vec<Valued>,
    state: ComponentState,
    /// Why not all of it; empty when complete.
    reason: String,
}

impl Seen {
    /// Nothing at all.
    fn nothing(reason: &str) -> Self {
        Self {
            evidence: Vec::new(),
            state: ComponentState::Unknown,
            reason: reason.to_owned(),
        }
    }

    /// This evidence, with these gaps; `all_missing`: they leave nothing of what the component looks at.
    fn with_gaps(evidence: Vec<Valued>, gaps: &[&Gap], all_missing: bool) -> Self {
        let mut sorted = gaps.to_vec();
        sorted.sort_unstable();
        let mut reasons: Vec<&str> = Vec::new();
        for gap in sorted {
            if !reasons.contains(&gap.reason.as_str()) {
                reasons.push(&gap.reason);
            }
        }
        let state = match gaps {
            [] => ComponentState::Complete,
            _ if all_missing && evidence.is_empty() => ComponentState::Unknown,
            _ => ComponentState::Partial,
        };
        Self {
            evidence,
            state,
            reason: reasons.join("; "),
        }
    }
}

/// Who judges a source's facts, and the facts; or what to say when there are none.
fn judge<'a, T>(
    (rubric, as_of): (&'a Rubric, Date),
    observation: Option<&'a Observation<T>>,
    source: &str,
    page: Option<&Observation<PageFacts>>,
) -> Result<(Judge<'a>, &'a T), Seen> {
    let observation = observation.ok_or_else(|| Seen::nothing(&no_link(source, page)))?;
    let facts = match &observation.lookup {
        Lookup::Found { facts } => facts,
        other => return Err(Seen::nothing(other.reason().unwrap_or_default())),
    };
    let judge = Judge {
        rubric,
        as_of,
        base: base_of(&observation.url),
        fetched_at: observation.fetched_at,
        flags: &[],
    };
    Ok((judge, facts))
}

/// Why there is nothing to ask a source for.
fn no_link(source: &str, page: Option<&Observation<PageFacts>>) -> String {
    let none = format!("no {source} link was given");
    match page.map(|page| &page.lookup) {
        None => none,
        Some(Lookup::Found { facts }) => {
            let unclear = facts.unclear.iter().filter(|one| one.contains(source));
            match unclear.min() {
                Some(unclear) => format!("{none}, and {unclear}"),
                None => format!("{none}, and the home page names no account"),
            }
        }
        Some(other) => {
            let why = other.reason().unwrap_or_default();
            format!("{none}, and of the home page: {why}")
        }
    }
}

/// What GitHub shows for one of its components.
fn github(name: &str, rubric: &Rubric, case: Case<'_>, as_of: Date) -> Seen {
    let sources = case.sources;
    let observation = sources.github.as_ref();
    let judged = judge(
        (rubric, as_of),
        observation,
        "GitHub",
        sources.page.as_ref(),
    );
    let (mut judge, facts) = match judged {
        Ok(found) => found,
        Err(nothing) => return nothing,
    };
    judge.flags = case.flags;
    let (evidence, topics): (_, &[Topic]) = match name {
        "open_source" => (
            judge.open_source(facts),
            &[Topic::PullRequests, Topic::Commits, Topic::Reviews],
        ),
        "own_code" => (judge.own_code(facts), &[Topic::OwnRepositories]),
        _ => (judge.sustained(facts), &[Topic::Years]),
    };
    let gaps: Vec<&Gap> = facts
        .gaps
        .iter()
        .filter(|gap| topics.contains(&gap.topic))
        .collect();
    let all_missing = topics
        .iter()
        .all(|topic| gaps.iter().any(|gap| gap.topic == *topic));
    Seen::with_gaps(evidence, &gaps, all_missing)
}

/// What Kaggle shows. A gap in a category that the rubric gives no weight opens nothing.
fn kaggle(rubric: &Rubric, sources: &Sources, as_of: Date) -> Seen {
    let observation = sources.kaggle.as_ref();
    let judged = judge(
        (rubric, as_of),
        observation,
        "Kaggle",
        sources.page.as_ref(),
    );
    let (judge, facts) = match judged {
        Ok(found) => found,
        Err(nothing) => return nothing,
    };
    let weighted: Vec<&str> = Category::ALL
        .into_iter()
        .filter(|category| rubric.kaggle.category(*category) > 0.0)
        .map(Category::name)
        .collect();
    let counts = |gap: &&Gap| match (gap.topic, &gap.project) {
        (Topic::Competitions, _) => weighted.contains(&Category::Competitions.name()),
        (_, Some(category)) => weighted.contains(&category.as_str()),
        (_, None) => true,
    };
    let gaps: Vec<&Gap> = facts.gaps.iter().filter(counts).collect();
    let all_missing = weighted.iter().all(|category| {
        gaps.iter().any(|gap| {
            gap.topic == Topic::Medals
                && gap
                    .project
                    .as_deref()
                    .is_none_or(|named| named == *category)
        })
    });
    Seen::with_gaps(judge.kaggle(facts), &gaps, all_missing)
}

/// What people have looked up. Until somebody says that there is no more, there may be.
fn reviewed(rubric: &Rubric, review: &Review, as_of: Date) -> Seen {
    let judge = Judge {
        rubric,
        as_of,
        base: "",
        fetched_at: Timestamp::UNIX_EPOCH,
        flags: &[],
    };
    let evidence = judge.reviewed(review);
    if review.looked_through.is_some() {
        return Seen::with_gaps(evidence, &[], false);
    }
    if evidence.is_empty() && review.standing_evidence().next().is_some() {
        return Seen::nothing(
            "what people have added counts neither as of this day nor by a kind that the rubric names",
        );
    }
    if evidence.is_empty() {
        return Seen::nothing(&format!(
            "nobody has looked for it yet: {}",
            rubric.reviewed.look_for
        ));
    }
    Seen {
        evidence,
        state: ComponentState::Partial,
        reason: "nobody has said yet that there is no more to be found".to_owned(),
    }
}

/// Saturates, rounds, and shares a component's points among its evidence.
fn finish(name: &str, (max, max_points): (f64, Points), scale: f64, seen: Seen) -> Component {
    let Seen {
        mut evidence,
        state,
        reason,
    } = seen;
    // Sums of floating-point numbers depend on their order, so the order is made the same for all.
    evidence.sort_by(|left, right| {
        right
            .total()
            .total_cmp(&left.total())
            .then_with(|| left.url.cmp(&right.url))
            .then_with(|| left.kind.cmp(right.kind))
            .then_with(|| left.title.cmp(&right.title))
            .then_with(|| left.date.cmp(&right.date))
            .then_with(|| left.fetched_at.cmp(&right.fetched_at))
    });
    evidence.retain(Valued::is_shown);
    let values: Vec<f64> = evidence.iter().map(Valued::total).collect();
    let raw: f64 = values.iter().sum();
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
            fetched_at: valued.fetched_at,
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
mod generated;
#[cfg(test)]
mod kaggle_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod worked_examples;
