//! The queue of jobs: who is next, leases, deferrals, and the end.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{
    applicant::ApplicantId,
    job::{Job, JobState, Lease, Priority},
};

use super::{
    Lane, Leased, Waiting,
    draft::Draft,
    engine::Engine,
    envelope,
    error::Fault,
    table::{self, Table},
};

/// Applicants accepted, or jobs made ready, in one transaction. Count. Large enough to spread a
/// transaction's cost, small enough that a reader in between never waits for long.
pub(super) const BATCH: usize = 500;

/// A job as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct JobRecord {
    /// The job.
    pub job: Job,
    /// The applicant's links or role changed while a worker had the job: it has to be done once more.
    #[serde(default)]
    pub again: bool,
    /// When it was put off last, so that a clock that is set back since is noticed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub put_off_at: Option<Timestamp>,
}

impl JobRecord {
    /// Of a new job.
    pub(super) fn of(job: Job) -> Self {
        Self {
            job,
            again: false,
            put_off_at: None,
        }
    }
}

/// Why a job is in [`Table::Later`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Held {
    /// It was put off.
    Deferred,
    /// A worker has it.
    Leased,
}

pub(super) fn next_sequence(draft: &mut Draft<'_>) -> u64 {
    draft.ledger.sequence += 1;
    draft.ledger.sequence
}

/// Replaces a job together with its place in the queue and its part in the counts.
pub(super) fn replace(
    draft: &mut Draft<'_>,
    old: Option<&JobRecord>,
    new: Option<&JobRecord>,
) -> Result<(), Fault> {
    if let Some(JobRecord { job, .. }) = old {
        let counts = &mut draft.ledger.counts;
        let (index, place) = match &job.state {
            JobState::Ready => {
                counts.ready = counts.ready.saturating_sub(1);
                (Table::Ready, table::ready(job.priority, job.sequence))
            }
            JobState::Deferred { until } => {
                counts.deferred = counts.deferred.saturating_sub(1);
                (Table::Later, table::later(*until, &job.applicant))
            }
            JobState::Leased { until, .. } => {
                counts.leased = counts.leased.saturating_sub(1);
                (Table::Later, table::later(*until, &job.applicant))
            }
        };
        draft.delete(index, place);
        if new.is_none() {
            draft.delete(Table::Jobs, table::of_applicant(&job.applicant));
        }
    }
    if let Some(record @ JobRecord { job, .. }) = new {
        match &job.state {
            JobState::Ready => {
                draft.ledger.counts.ready += 1;
                let place = table::ready(job.priority, job.sequence);
                draft.put(Table::Ready, place, &job.applicant)?;
            }
            JobState::Deferred { until } => {
                draft.ledger.counts.deferred += 1;
                let place = table::later(*until, &job.applicant);
                draft.put(Table::Later, place, &Held::Deferred)?;
            }
            JobState::Leased { until, .. } => {
                draft.ledger.counts.leased += 1;
                let place = table::later(*until, &job.applicant);
                draft.put(Table::Later, place, &Held::Leased)?;
            }
        }
        let key = table::of_applicant(&job.applicant);
        draft.put(Table::Jobs, key, record)?;
    }
    Ok(())
}

/// Puts a job in another state.
fn put_in(draft: &mut Draft<'_>, old: &JobRecord, state: JobState) -> Result<Job, Fault> {
    let mut new = old.clone();
    new.job.state = state;
    replace(draft, Some(old), Some(&new))?;
    Ok(new.job)
}

/// Takes the next job; see `Store::lease`.
///
/// Not waited for on the disk: a lease that a crash forgets is a job that is ready, as it must be then.
pub(super) fn lease(
    engine: &Engine,
    worker: &str,
    now: Timestamp,
    how_long: Duration,
    lane: Lane,
) -> Result<Option<Leased>, Fault> {
    wake(engine, now)?;
    let (leased, _) = engine.change(|draft| {
        let Some((place, sealed)) = draft.engine().tree(Table::Ready).first()? else {
            return Ok(None);
        };
        if lane == Lane::Interactive && !table::is_interactive(&place) {
            return Ok(None);
        }
        let id: ApplicantId = envelope::open(Table::Ready, &place, &sealed)?;
        let old = record_of(draft, &id)?
            .ok_or_else(|| Fault::Damaged(format!("the queue names {id}, which has no job")))?;
        let applicant = draft
            .get(Table::Applicants, &table::of_applicant(&id))?
            .ok_or_else(|| Fault::Damaged(format!("the job of {id} has no applicant")))?;
        draft.ledger.epoch += 1;
        let lease = Lease {
            applicant: id,
            epoch: draft.ledger.epoch,
            until: later_by(now, how_long),
        };
        let job = put_in(draft, &old, leased_state(worker, &lease))?;
        Ok(Some(Leased {
            lease,
            job,
            applicant,
        }))
    })?;
    Ok(leased)
}

fn leased_state(worker: &str, lease: &Lease) -> JobState {
    JobState::Leased {
        worker: worker.to_owned(),
        epoch: lease.epoch,
        until: lease.until,
    }
}

fn later_by(now: Timestamp, how_long: Duration) -> Timestamp {
    now.checked_add(how_long).unwrap_or(Timestamp::MAX)
}

/// Makes every job ready whose lease or deferral has run out at `now`.
///
/// A job that was put off later than now was so by a clock that is set back since: how long it has waited is not known, and
/// by this clock it may wait for days. It is ready; whoever must not be asked yet is not, since hosts' waits are kept to below.
fn wake(engine: &Engine, now: Timestamp) -> Result<(), Fault> {
    let due = |key: &[u8]| table::time_of(key).is_some_and(|until| until <= now);
    make_ready(engine, due, |_, _| true)?;
    if engine.clock_was_set_back(now) {
        let later = |held, record: &JobRecord| {
            held == Held::Deferred && record.put_off_at.is_some_and(|at| at > now)
        };
        make_ready(engine, |_| true, later)?;
    }
    Ok(())
}

/// Makes every leased job ready, whatever its lease says: at opening, its worker is gone, because the store
/// has one owner. Returns their number.
pub(super) fn release_all(engine: &Engine) -> Result<u64, Fault> {
    if engine.ledger().counts.leased == 0 {
        return Ok(0);
    }
    make_ready(engine, |_| true, |held, _| held == Held::Leased)
}

/// Makes the jobs in [`Table::Later`] ready that `which` picks, from the first one to the last one whose
/// key is `within`. Returns their number.
fn make_ready(
    engine: &Engine,
    within: impl Fn(&[u8]) -> bool,
    which: impl Fn(Held, &JobRecord) -> bool,
) -> Result<u64, Fault> {
    let mut from = Vec::new();
    let mut moved = 0;
    loop {
        let (last, _) = engine.change(|draft| {
            let mut last = None;
            for entry in draft
                .engine()
                .tree(Table::Later)
                .range(&from[..]..)
                .take(BATCH)
            {
                let (key, sealed) = entry?;
                if !within(&key) {
                    return Ok(None);
                }
                let id = table::id_of_later(&key);
                let old = match &id {
                    Some(id) => record_of(draft, id)?,
                    None => None,
                };
                let old = old.ok_or_else(|| {
                    Fault::Damaged(format!("{} has no job", Table::Later.describe(&key)))
                })?;
                if which(envelope::open(Table::Later, &key, &sealed)?, &old) {
                    put_in(draft, &old, JobState::Ready)?;
                    moved += 1;
                }
                last = Some(key.to_vec());
            }
            Ok(last)
        })?;
        match last {
            // The next key after this one.
            Some(last) => from = [&last[..], &[0]].concat(),
            None => return Ok(moved),
        }
    }
}

fn record_of(draft: &Draft<'_>, id: &ApplicantId) -> Result<Option<JobRecord>, Fault> {
    draft.get(Table::Jobs, &table::of_applicant(id))
}

/// The job that `lease` still holds.
pub(super) fn held(draft: &Draft<'_>, lease: &Lease) -> Result<JobRecord, Fault> {
    match record_of(draft, &lease.applicant)? {
        Some(record) if matches!(record.job.state, JobState::Leased { epoch, .. } if epoch == lease.epoch) => {
            Ok(record)
        }
        Some(_) | None => Err(Fault::LeaseLost(lease.applicant.clone())),
    }
}

/// Extends a lease; see `Store::renew`. Like the lease itself, not waited for on the disk.
pub(super) fn renew(
    engine: &Engine,
    lease: &Lease,
    now: Timestamp,
    how_long: Duration,
) -> Result<Lease, Fault> {
    let (renewed, _) = engine.change(|draft| {
        let old = held(draft, lease)?;
        let renewed = Lease {
            until: later_by(now, how_long),
            ..lease.clone()
        };
        if let JobState::Leased { worker, .. } = &old.job.state {
            put_in(draft, &old, leased_state(worker, &renewed))?;
        }
        Ok(renewed)
    })?;
    Ok(renewed)
}

/// Puts a job off; see `Store::defer`.
pub(super) fn defer(
    engine: &Engine,
    lease: &Lease,
    (until, now): (Timestamp, Timestamp),
    note: String,
    counts_as_attempt: bool,
) -> Result<(), Fault> {
    let ((), number) = engine.change(|draft| {
        let old = held(draft, lease)?;
        let mut new = old.clone();
        new.job.state = JobState::Deferred { until };
        new.job.note = Some(note);
        new.job.attempts = new.job.attempts.saturating_add(counts_as_attempt.into());
        // Whoever takes it next reads the applicant's links anew.
        new.again = false;
        new.put_off_at = Some(now);
        replace(draft, Some(&old), Some(&new))
    })?;
    engine.make_durable(number)
}

/// Makes a leased job ready at once; see `Store::give_back`. Not waited for on the disk: after a crash it
/// is ready anyway.
pub(super) fn give_back(engine: &Engine, lease: &Lease) -> Result<(), Fault> {
    engine
        .change(|draft| {
            let mut old = held(draft, lease)?;
            old.again = false;
            put_in(draft, &old, JobState::Ready)
        })
        .map(|_| ())
}

/// Ends a job whose work is done, or makes it ready once more if its applicant changed meanwhile; whether
/// it ended.
pub(super) fn end(draft: &mut Draft<'_>, old: &JobRecord, now: Timestamp) -> Result<bool, Fault> {
    if !old.again {
        replace(draft, Some(old), None)?;
        return Ok(true);
    }
    let job = Job {
        accepted_at: now,
        sequence: next_sequence(draft),
        attempts: 0,
        state: JobState::Ready,
        note: None,
        ..old.job.clone()
    };
    replace(draft, Some(old), Some(&JobRecord::of(job)))?;
    Ok(false)
}

/// Counts the queue at `now`; see `Store::waiting`.
pub(super) fn waiting(engine: &Engine, now: Timestamp) -> Result<Waiting, Fault> {
    engine.while_still(|ledger| {
        let mut waiting = Waiting {
            ready: ledger.counts.ready,
            deferred: ledger.counts.deferred,
            leased: ledger.counts.leased,
            earliest: None,
            note: None,
        };
        for entry in &engine.tree(Table::Later) {
            let (key, sealed) = entry?;
            let until = table::time_of(&key);
            let held: Held = envelope::open(Table::Later, &key, &sealed)?;
            if until.is_some_and(|until| until <= now) {
                waiting.ready += 1;
                let from = match held {
                    Held::Deferred => &mut waiting.deferred,
                    Held::Leased => &mut waiting.leased,
                };
                *from = from.saturating_sub(1);
                continue;
            }
            waiting.earliest = until;
            if let Some(id) = table::id_of_later(&key) {
                let record: Option<JobRecord> =
                    engine.get(Table::Jobs, &table::of_applicant(&id))?;
                waiting.note = record.and_then(|record| record.job.note);
            }
            break;
        }
        Ok(waiting)
    })
}

/// When the oldest job that is ready was accepted; see `Store::oldest_job`.
pub(super) fn oldest(engine: &Engine) -> Result<Option<Timestamp>, Fault> {
    let mut oldest: Option<Timestamp> = None;
    for priority in [Priority::Interactive, Priority::Refresh] {
        let from = table::ready(priority, 0);
        let mut places = engine.tree(Table::Ready).range(from.clone()..);
        let Some(entry) = places.next() else { break };
        let (place, sealed) = entry?;
        if place.first() != from.first() {
            continue;
        }
        let id: ApplicantId = envelope::open(Table::Ready, &place, &sealed)?;
        // A worker may have taken it meanwhile.
        let record: Option<JobRecord> = engine.get(Table::Jobs, &table::of_applicant(&id))?;
        let accepted_at = record.map(|record| record.job.accepted_at);
        oldest = [oldest, accepted_at].into_iter().flatten().min();
    }
    Ok(oldest)
}

/// All jobs in the order of taking; see `Store::jobs`.
pub(super) fn jobs(engine: &Engine) -> Result<Vec<Job>, Fault> {
    let mut jobs = Vec::new();
    for entry in &engine.tree(Table::Jobs) {
        let (key, sealed) = entry?;
        jobs.push(envelope::open::<JobRecord>(Table::Jobs, &key, &sealed)?.job);
    }
    jobs.sort_by_key(|job| (job.priority, job.sequence));
    Ok(jobs)
}
