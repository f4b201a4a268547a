//! From facts to points: `(facts, rubric, as_of) → Score`.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
