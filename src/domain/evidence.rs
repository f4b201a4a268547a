//! From facts to valued evidence: what the rubric's lines find in what the sources say.
//!
//! As of a past day, what is dated later does not count: pull requests that landed after it, competitions, later
//! years, repositories created and entries dated after it. What the sources tell as one number cannot be split by
//! date and counts as it is known today: commits, a year's activity in that year itself, totals of medals, stars.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use super::integrity::Flag;
use super::rubric::Rubric;

mod github;
mod kaggle;
mod reviewed;

pub use github::LINES_PER_PROJECT;

/// Hours in a mean year.
const HOURS_PER_YEAR: f64 = 8_766.0;

/// What the name of a flag's factor begins with.
const FLAG: &str = "flag_";

/// A piece of evidence before its component's saturation.
#[derive(Debug, Clone, PartialEq)]
pub struct Valued {
    /// Where it can be seen.
    pub url: String,
    /// What it is, in words.
    pub title: String,
    /// The rubric's line.
    pub kind: &'static str,
    /// The project it belongs to.
    pub project: Option<String>,
    /// When it happened.
    pub date: Timestamp,
    /// As of when the source says so.
    pub fetched_at: Timestamp,
    /// What its value is the product of.
    pub factors: BTreeMap<String, f64>,
}

impl Valued {
    /// The product of the factors.
    pub fn total(&self) -> f64 {
        self.factors.values().product()
    }

    /// The product of the factors without those of flags.
    pub fn total_without_flags(&self) -> f64 {
        let plain = self
            .factors
            .iter()
            .filter(|(name, _)| !name.starts_with(FLAG));
        plain.map(|(_, factor)| factor).product()
    }

    /// Whether it is shown: what earns something, what would but for a flag, and medals that the rubric gives no
    /// weight. A line with 0 points and its factor is more honest than one that vanished.
    pub fn is_shown(&self) -> bool {
        self.total_without_flags() > 0.0 || self.kind == "kaggle.total"
    }
}

/// What evidence is judged by.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    /// The rubric.
    pub rubric: &'a Rubric,
    /// The day as of which recency counts, to its end (UTC).
    pub as_of: Date,
    /// The web pages' base: `https://github.com`.
    pub base: &'a str,
    /// When the source was asked.
    pub fetched_at: Timestamp,
    /// The flags that the facts raise; those that weigh stand among the factors of what they are about.
    pub flags: &'a [Flag],
}

impl Judge<'_> {
    /// `valued` times what the rubric says, by name, of the flags that are about it.
    fn weighed_by_flags(&self, mut valued: Valued) -> Valued {
        let weighing = self.flags.iter().filter(|flag| flag.factor < 1.0);
        for flag in weighing.filter(|flag| flag.evidence.contains(&valued.url)) {
            let name = format!("{FLAG}{}", flag.kind.name());
            valued.factors.insert(name, flag.factor);
        }
        valued
    }

    /// Whether something dated so had happened by the end of the day: a score as of a past day knows nothing of what
    /// came later.
    fn has_happened(&self, date: Timestamp) -> bool {
        date <= self.end_of_day()
    }

    /// 1 on the day itself and later, a half after each half-life.
    fn recency(&self, date: Timestamp, half_life_years: f64) -> f64 {
        let age = self.end_of_day().duration_since(date).as_secs_f64() / 3_600.0 / HOURS_PER_YEAR;
        0.5_f64.powf(age.max(0.0) / half_life_years)
    }

    /// The moment to which ages are counted.
    fn end_of_day(&self) -> Timestamp {
        let next = self.as_of.checked_add(1.day()).unwrap_or(self.as_of);
        midnight(next)
    }
}

/// The host's address, which an account's page lies directly below.
pub(super) fn base_of(url: &str) -> &str {
    url.rsplit_once('/').map_or(url, |(base, _)| base)
}

/// The page of an account's commits in a project.
pub(super) fn commits_url(base: &str, project: &str, login: &str) -> String {
    format!("{base}/{project}/commits?author={login}")
}

fn factors(parts: impl IntoIterator<Item = (&'static str, f64)>) -> BTreeMap<String, f64> {
    parts
        .into_iter()
        .map(|(name, factor)| (name.to_owned(), factor))
        .collect()
}

fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC)
        .map_or(Timestamp::MAX, |start| start.timestamp())
}
