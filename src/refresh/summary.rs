//! What a refresh tells of itself.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a refresh ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The schedule.
    Schedule,
    /// The schedule's last time passed while nothing ran.
    CaughtUp,
    /// Somebody asked for it.
    Person,
}

/// A refresh that is over, as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    /// Why it ran.
    pub trigger: Trigger,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub began: Timestamp,
    /// When it ended.
    #[schema(value_type = String, format = DateTime)]
    pub ended: Timestamp,
    /// Applicants with a profile, left out ones included. Count.
    pub applicants: u64,
    /// Those who were looked at. Count.
    pub checked: u64,
    /// Those of whom nothing is new. Count.
    pub unchanged: u64,
    /// Those of whom everything was asked again. Count.
    pub fetched: u64,
    /// Those whose profile differs, and how.
    pub changed: Vec<Changed>,
    /// Those of whom no answer came, and why. Their facts are those from before.
    pub failed: Vec<Failed>,
    /// HTTP requests, repeats included. Count; applicants share requests.
    pub requests: f64,
    /// GitHub GraphQL points. Count.
    pub points: f64,
    /// What became of Kaggle's data set, in words; `None`: it was not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kaggle: Option<String>,
    /// What a person should know, in sentences.
    #[serde(default)]
    pub notices: Vec<String>,
}

impl Summary {
    /// How long it took.
    #[must_use]
    pub fn took(&self) -> Duration {
        Duration::try_from(self.ended.duration_since(self.began)).unwrap_or_default()
    }
}

/// A profile that differs from the one before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Changed {
    /// Whose.
    pub id: String,
    /// Proven points before and now.
    pub low: (f64, f64),
    /// What is new, in sentences.
    pub what: Vec<String>,
}

/// An applicant of whom no answer came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Failed {
    /// Who.
    pub id: String,
    /// Why.
    pub why: String,
}

/// A refresh that runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub began: Timestamp,
    /// What it does now, in words.
    pub doing: String,
    /// Applicants to look at. Count.
    pub to_check: u64,
    /// Looked at so far. Count.
    pub checked: u64,
    /// Applicants to ask everything of again, as far as known. Count.
    pub to_fetch: u64,
    /// Asked so far. Count.
    pub fetched: u64,
}

/// How the refresh stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// What runs.
    pub running: Option<Progress>,
    /// What ran last.
    pub last: Option<Summary>,
    /// When the schedule runs next, before the jitter.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next: Option<Timestamp>,
}
