//! What a refresh tells of itself, and what is kept of that.
//!
//! What is kept names applicants by their ids alone; what is new about them is read from their profiles when somebody
//! wants to see it, so that it goes with them when they are forgotten.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::facts::{Asked, Lookup, Sources};
use crate::domain::profile::{Profile, Snapshot};
use crate::domain::webhook::WebhookEvent;
use crate::store::{Edit, Shelf, Store, StoreError};
use crate::webhooks;

use super::retention::Retention;

/// Summaries that are kept. Count.
const KEPT: usize = 30;

/// What is said of facts that differ when no sentence tells how.
const NO_POINT: &str = "GitHub or Kaggle says something else, and no point has moved";

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
    /// The roles whose applicants are warned of, were erased, or are kept without end.
    #[serde(default)]
    pub retention: Vec<Retention>,
    /// The dump that was written at its end, in words; `None`: none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dump: Option<String>,
    /// What a person should know, in sentences.
    #[serde(default)]
    pub notices: Vec<String>,
}

impl Summary {
    /// Of a run that has just begun.
    pub(super) fn begun(trigger: Trigger, began: Timestamp) -> Self {
        Self {
            trigger,
            began,
            ended: began,
            applicants: 0,
            checked: 0,
            unchanged: 0,
            fetched: 0,
            changed: Vec::new(),
            failed: Vec::new(),
            requests: 0.0,
            points: 0.0,
            kaggle: None,
            retention: Vec::new(),
            dump: None,
            notices: Vec::new(),
        }
    }

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

impl Progress {
    /// Of a run that has just begun.
    pub(super) fn begun(began: Timestamp) -> Self {
        Self {
            began,
            doing: "looking at what is kept".to_owned(),
            to_check: 0,
            checked: 0,
            to_fetch: 0,
            fetched: 0,
        }
    }
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

/// What was known of somebody before everything was asked again.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Before {
    /// Proven points.
    pub(super) low: f64,
    /// Stands for what the sources said, but for when.
    said: blake3::Hash,
    /// When each source said it.
    asked: Vec<(&'static str, Timestamp)>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The sources say the same.
    Same,
    /// They say something else, in sentences.
    Changed(Vec<String>),
    /// One did not answer, and why.
    Failed(String),
}

impl Before {
    pub(super) fn of(stored: &Snapshot) -> Self {
        let sources = &stored.profile.sources;
        Self {
            low: low(&stored.profile),
            said: said(sources),
            asked: times(sources),
        }
    }

    /// What became of it by the profile that is kept now.
    pub(super) fn outcome(&self, now: &Profile) -> Outcome {
        let asked = now.sources.asked();
        if let Some(failed) = asked.iter().find(|one| one.failed()) {
            let why = failed.reason.unwrap_or("it gave no answer");
            return Outcome::Failed(format!("{}: {why}", failed.source));
        }
        // Facts from before stand in the place of an answer that did not come.
        if let Some((source, _)) = times(&now.sources)
            .into_iter()
            .find(|one| self.asked.contains(one))
        {
            let told = now.notices.iter().find(|told| told.contains(NOT_READ));
            let why = told.map_or_else(|| format!("{source} gave no answer"), Clone::clone);
            return Outcome::Failed(why);
        }
        if let Some(why) = now.given_up() {
            return Outcome::Failed(format!("github: {why}"));
        }
        let what: Vec<String> = now
            .changes
            .iter()
            .map(|change| change.what.clone())
            .collect();
        if said(&now.sources) == self.said {
            Outcome::Same
        } else if what.is_empty() {
            Outcome::Changed(vec![NO_POINT.to_owned()])
        } else {
            Outcome::Changed(what)
        }
    }
}

/// How a notice says that older facts are shown; see `enrich`.
const NOT_READ: &str = " could not be read on ";

fn times(sources: &Sources) -> Vec<(&'static str, Timestamp)> {
    let asked = sources.asked();
    let time = |one: &Asked<'_>| (one.source, one.fetched_at);
    asked.iter().map(time).collect()
}

/// Stands for what the sources say: without when they said it, as of when it holds, and the pulse, which tells that
/// something may have changed and not what.
fn said(sources: &Sources) -> blake3::Hash {
    let mut sources = sources.clone();
    let never = Timestamp::UNIX_EPOCH;
    if let Some(github) = &mut sources.github {
        github.fetched_at = never;
        if let Lookup::Found { facts } = &mut github.lookup {
            facts.pulse = None;
        }
    }
    if let Some(kaggle) = &mut sources.kaggle {
        kaggle.fetched_at = never;
        if let Lookup::Found { facts } = &mut kaggle.lookup {
            facts.totals_from.as_of = never;
            for from in facts.medals_from.values_mut() {
                from.as_of = never;
            }
            if let Some(from) = &mut facts.competitions_from {
                from.as_of = never;
            }
        }
    }
    if let Some(page) = &mut sources.page {
        page.fetched_at = never;
    }
    // Values of these types cannot fail to be written.
    blake3::hash(&serde_json::to_vec(&sources).unwrap_or_default())
}

/// Proven points.
#[expect(clippy::cast_precision_loss, reason = "at most 10,000 cents")]
pub(super) fn low(profile: &Profile) -> f64 {
    profile.score.low.cents() as f64 / 100.0
}

/// The name of a summary on its shelf: names sort as the times do.
fn name(began: Timestamp) -> String {
    began.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

/// Keeps a summary, by ids alone, and lets the oldest go.
pub(super) async fn keep(store: &Store, summary: &Summary) -> Result<(), StoreError> {
    let mut kept = summary.clone();
    for changed in &mut kept.changed {
        changed.what.clear();
    }
    let mut edit = Edit::new().put(Shelf::Refreshes, &name(summary.began), &kept);
    let before = all(store).await?;
    for (old, _) in before.iter().take((before.len() + 1).saturating_sub(KEPT)) {
        edit = edit.delete(Shelf::Refreshes, old);
    }
    // In one change with the summary, so that whoever wants to hear of it does, also when this process ends here.
    let told = webhooks::of_refresh(summary);
    let event = WebhookEvent::RefreshFinished;
    let edit = webhooks::announcement(store, edit, event, &told, summary.ended).await?;
    store.edit(edit).await?;
    Ok(())
}

async fn all(store: &Store) -> Result<Vec<(String, Summary)>, StoreError> {
    store.records(Shelf::Refreshes, None, usize::MAX).await
}

/// When the last run that came to its end began.
pub(super) async fn last_begun(store: &Store) -> Result<Option<Timestamp>, StoreError> {
    Ok(all(store).await?.pop().map(|(_, summary)| summary.began))
}

/// The last run, with what is new about those who have changed, as far as their profile is still the one of then.
pub(super) async fn last(store: &Store) -> Result<Option<Summary>, StoreError> {
    let Some((_, mut last)) = all(store).await?.pop() else {
        return Ok(None);
    };
    let mut known = Vec::new();
    for mut changed in std::mem::take(&mut last.changed) {
        let Ok(id) = changed.id.parse() else {
            continue;
        };
        // Whoever was taken away since is nobody's business.
        let Some(stored) = store.current(&id).await? else {
            continue;
        };
        changed.what = if stored.stored_at > last.ended {
            vec!["has changed again since".to_owned()]
        } else if stored.profile.changes.is_empty() {
            vec![NO_POINT.to_owned()]
        } else {
            let changes = stored.profile.changes.iter();
            changes.map(|change| change.what.clone()).collect()
        };
        known.push(changed);
    }
    last.changed = known;
    Ok(Some(last))
}

/// Tells of a run in the log and in the metrics, in numbers alone.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub(super) fn count(summary: &Summary) {
    let seconds = |at: Timestamp| at.as_millisecond() as f64 / 1e3;
    let (changed, failed) = (summary.changed.len(), summary.failed.len());
    tracing::info!(
        checked = summary.checked,
        unchanged = summary.unchanged,
        fetched = summary.fetched,
        changed,
        failed,
        points = summary.points,
        requests = summary.requests,
        seconds = summary.took().as_secs_f64(),
        "a refresh is over"
    );
    for (name, value) in [
        (
            "plaudit_refresh_last_begin_timestamp_seconds",
            seconds(summary.began),
        ),
        (
            "plaudit_refresh_last_end_timestamp_seconds",
            seconds(summary.ended),
        ),
        ("plaudit_refresh_last_checked", summary.checked as f64),
        ("plaudit_refresh_last_changed", changed as f64),
        ("plaudit_refresh_last_failed", failed as f64),
        ("plaudit_refresh_last_points", summary.points),
    ] {
        metrics::gauge!(name).set(value);
    }
    metrics::counter!("plaudit_refreshes_total").increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_the_times_do() {
        let name = |text: &str| name(text.parse().unwrap());
        let sorted = [
            name("2026-11-01T02:00:00Z"),
            name("2026-11-01T02:00:00.5Z"),
            name("2026-11-01T12:00:00Z"),
            name("2027-01-01T00:00:00Z"),
        ];
        assert!(sorted.is_sorted(), "{sorted:?}");
        assert_eq!(sorted[1], "2026-11-01T02:00:00.500000Z");
    }

    #[tokio::test]
    async fn thirty_summaries_are_kept_and_the_oldest_go() {
        let folder = tempfile::tempdir().unwrap();
        let options = crate::store::StoreOptions::default();
        let (store, _) = Store::open(folder.path(), options).await.unwrap();
        let day = |number: i64| Timestamp::from_second(number * 86_400).unwrap();
        for number in 0..33 {
            let summary = Summary::begun(Trigger::Schedule, day(number));
            keep(&store, &summary).await.unwrap();
        }
        let kept = all(&store).await.unwrap();
        assert_eq!(kept.len(), KEPT);
        assert_eq!(kept[0].1.began, day(3));
        assert_eq!(last_begun(&store).await.unwrap(), Some(day(32)));
        store.close().await.unwrap();
    }
}
