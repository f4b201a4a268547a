//! Commands beside a server: what they ask of it that is not the store's, and how they follow its work.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::enrich::{Output, counted, people};
use super::failure::Failure;
use super::session;
use crate::config::Config;
use crate::domain::applicant::ApplicantId;
use crate::domain::freshness::Freshness;
use crate::domain::job::{Job, JobState};
use crate::domain::profile::Cost;
use crate::domain::rubric::Rubric;
use crate::refresh::{Refresher, Running, Status, Trigger};
use crate::store::{Store, StoreError, Waiting};
use crate::worker::Summary;

/// How long to wait for news before looking anyhow.
const NEWS: Duration = Duration::from_secs(5);

/// How long to rest at least between two looks at a queue in which much happens.
const REST: Duration = Duration::from_millis(100);

/// How much longer to rest than a look took: the server has more to do than to be looked at. Times.
const RESTS: u32 = 10;

/// What a command asks of the server itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wish {
    /// What counts as fresh to it: a [`Freshness`].
    Freshness,
    /// To begin a refresh: nothing, or since when one runs.
    StartRefresh,
    /// How the refresh stands: a [`Status`].
    RefreshStatus,
}

/// The server's end.
pub(super) struct Owner<'a> {
    pub(super) config: &'a Config,
    pub(super) rubrics: &'a BTreeMap<String, Rubric>,
    pub(super) refresher: &'a Refresher,
}

impl Owner<'_> {
    /// Answers a command's wish.
    pub(super) async fn answer(&self, wish: Value) -> Result<Value, StoreError> {
        let answer = match serde_json::from_value(wish) {
            Ok(Wish::Freshness) => {
                serde_json::to_value(session::freshness(self.config, self.rubrics, None))
            }
            Ok(Wish::StartRefresh) => {
                let started = self.refresher.start(Trigger::Person);
                serde_json::to_value(started.err().map(|running| running.since))
            }
            Ok(Wish::RefreshStatus) => serde_json::to_value(self.refresher.status().await?),
            Err(error) => Err(error),
        };
        // The other end has the same version, so that neither can fail.
        Ok(answer.unwrap_or_default())
    }
}

/// Asks the server.
async fn ask<T: DeserializeOwned>(store: &Store, wish: Wish) -> Result<T, Failure> {
    let wish = serde_json::to_value(wish).map_err(anyhow::Error::new)?;
    let answer = store.ask_owner(wish).await?;
    let read = serde_json::from_value(answer);
    Ok(read.map_err(|error| anyhow::Error::new(error).context("the server answers otherwise"))?)
}

/// What counts as fresh to the server, whose credentials and rubrics will answer.
pub(super) async fn freshness(store: &Store) -> Result<Freshness, Failure> {
    ask(store, Wish::Freshness).await
}

/// What to say when the server judges by other rubrics than those that are there now: it has read them when it began.
pub(super) fn tell_of_rubrics(
    freshness: &Freshness,
    rubrics: &BTreeMap<String, Rubric>,
    messages: &mut dyn Write,
) -> io::Result<()> {
    for (name, rubric) in rubrics {
        if freshness.rubric_digests.get(name) != Some(&rubric.digest) {
            writeln!(
                messages,
                "note: the rubric {name} is another one than when the server began; begin the server anew for it"
            )?;
        }
    }
    Ok(())
}

/// Waits until the server has worked off those that were `queued`, or all that are, and says what it took.
pub(super) async fn work(
    store: &Store,
    config: &Config,
    queued: Option<BTreeSet<ApplicantId>>,
    output: &mut Output<'_>,
    stop: &CancellationToken,
) -> Result<Summary, Failure> {
    let began = Instant::now();
    let queued = match queued {
        Some(queued) => queued,
        None => store
            .jobs()
            .await?
            .into_iter()
            .map(|job| job.applicant)
            .collect(),
    };
    if queued.is_empty() {
        return Ok(Summary::default());
    }
    let bar = session::bar(queued.len() as u64, output.progress);
    let left = follow(store, &queued, config.worker.patience, &bar, stop).await;
    bar.finish_and_clear();
    let left = left?;
    let waiting: BTreeSet<&ApplicantId> = left.iter().map(|job| &job.applicant).collect();
    let mut summary = Summary {
        remaining: standing(&left),
        ..Summary::default()
    };
    for id in queued.iter().filter(|id| !waiting.contains(id)) {
        // Somebody may have removed it meanwhile.
        if let Some(profile) = store.profile(id).await? {
            summary.finished += 1;
            summary.failed += u64::from(!profile.is_complete());
            summary.cost.add(profile.cost);
        }
    }
    let Cost { requests, points } = summary.cost;
    writeln!(
        output.messages,
        "{} in {:.1} s, {}, {}",
        people(usize::try_from(summary.finished).unwrap_or(usize::MAX)),
        began.elapsed().as_secs_f64(),
        counted(requests, "request"),
        counted(points, "point")
    )?;
    tell_of_rest(&summary, output.messages)?;
    Ok(summary)
}

/// Looks on until nothing is left, or all that is left was put off for longer than `patience`, or a stop; what is left.
async fn follow(
    store: &Store,
    queued: &BTreeSet<ApplicantId>,
    patience: Duration,
    bar: &ProgressBar,
    stop: &CancellationToken,
) -> Result<Vec<Job>, StoreError> {
    let patience = SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX);
    let mut newest = store.newest_change();
    loop {
        let looked = Instant::now();
        let mut left = store.jobs().await?;
        let rest = REST.max(RESTS * looked.elapsed());
        left.retain(|job| queued.contains(&job.applicant));
        let length = bar.length().unwrap_or_default();
        bar.set_position(length.saturating_sub(left.len() as u64));
        let now = Timestamp::now();
        let goes_on = left.iter().any(|job| match &job.state {
            JobState::Deferred { until } => until.duration_since(now) <= patience,
            JobState::Ready | JobState::Leased { .. } => true,
        });
        if !goes_on || stop.is_cancelled() {
            return Ok(left);
        }
        tokio::select! {
            () = stop.cancelled() => {}
            news = store.wait_for_change(newest, NEWS) => newest = news?,
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(rest) => {}
        }
    }
}

/// Jobs in numbers.
fn standing(jobs: &[Job]) -> Waiting {
    let mut waiting = Waiting::default();
    for job in jobs {
        match &job.state {
            JobState::Ready => waiting.ready += 1,
            JobState::Leased { .. } => waiting.leased += 1,
            JobState::Deferred { until } => {
                waiting.deferred += 1;
                if waiting.earliest.is_none_or(|earliest| *until < earliest) {
                    waiting.earliest = Some(*until);
                    waiting.note.clone_from(&job.note);
                }
            }
        }
    }
    waiting
}

/// What is left to the server, and why.
fn tell_of_rest(summary: &Summary, messages: &mut dyn Write) -> io::Result<()> {
    if summary.failed > 0 {
        let failed = people(usize::try_from(summary.failed).unwrap_or(usize::MAX));
        writeln!(
            messages,
            "warning: for {failed} a source failed; `plaudit show ID` says why, and the same command asks \
             again for them"
        )?;
    }
    let remaining = &summary.remaining;
    if remaining.is_empty() {
        return Ok(());
    }
    let count = people(usize::try_from(remaining.count()).unwrap_or(usize::MAX));
    match (remaining.earliest, &remaining.note) {
        (Some(until), note) if remaining.ready + remaining.leased == 0 => {
            let why = note.as_deref().unwrap_or("they were put off");
            // The time is said once.
            let why = why.replace(&format!(" until {until:.0}"), "");
            writeln!(
                messages,
                "{count} kept in the queue until {until:.0}: {why}"
            )?;
        }
        _ => writeln!(messages, "{count} left to the server, which goes on")?,
    }
    writeln!(
        messages,
        "hint: `plaudit enrich` shows how far the server is"
    )
}

/// Has the server refresh, and looks on; see `plaudit refresh`.
pub(super) async fn refresh(
    store: &Store,
    output: &mut Output<'_>,
    stop: &CancellationToken,
) -> Result<Option<crate::refresh::Summary>, Failure> {
    let before: Status = ask(store, Wish::RefreshStatus).await?;
    let running: Option<Timestamp> = ask(store, Wish::StartRefresh).await?;
    if let Some(since) = running {
        writeln!(output.messages, "note: {}", Running { since })?;
    }
    let bar = session::bar(0, output.progress);
    let mut newest = store.newest_change();
    let ended = loop {
        let status: Status = ask(store, Wish::RefreshStatus).await?;
        match status.running {
            Some(progress) => {
                bar.set_length(progress.to_check + progress.to_fetch);
                bar.set_position(progress.checked + progress.fetched);
                bar.set_message(progress.doing);
            }
            None if status.last != before.last => break status.last,
            // It was asked for, and has not begun.
            None => {}
        }
        if stop.is_cancelled() {
            break None;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            news = store.wait_for_change(newest, REST) => newest = news?,
        }
        tokio::time::sleep(REST).await;
    };
    bar.finish_and_clear();
    if ended.is_none() {
        writeln!(output.messages, "the server goes on with the refresh")?;
    }
    Ok(ended)
}
