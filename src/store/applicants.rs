//! Accepting applicants, and finding them again.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::{
    applicant::{Applicant, ApplicantId},
    freshness::Freshness,
    job::{Job, JobState, Priority},
    profile::Snapshot,
};

use super::{
    Accepted, Submission,
    draft::Draft,
    engine::Engine,
    envelope,
    error::Fault,
    queue::{BATCH, JobRecord, next_sequence, replace},
    table::{self, Table},
    tombstones,
};

/// Accepts applicants; see `Store::accept`.
pub(super) fn accept(
    engine: &Engine,
    submissions: &[Submission],
    now: Timestamp,
    freshness: &Freshness,
) -> Result<Vec<Accepted>, Fault> {
    let mut answers = Vec::with_capacity(submissions.len());
    let mut newest = 0;
    for batch in submissions.chunks(BATCH) {
        let (accepted, number) = engine.change(|draft| {
            let one = |submission: &Submission| match tombstones::bar(draft, &submission.applicant)?
            {
                Some(tombstone) => Ok(Accepted::Forgotten(Box::new(tombstone))),
                None => accept_one(draft, submission, now, freshness),
            };
            batch.iter().map(one).collect::<Result<Vec<_>, _>>()
        })?;
        answers.extend(accepted);
        newest = number;
    }
    engine.make_durable(newest)?;
    Ok(answers)
}

/// Makes jobs for applicants who are kept, whatever their profile; see `Store::ask_again`.
pub(super) fn ask_again(
    engine: &Engine,
    ids: &[ApplicantId],
    priority: Priority,
    now: Timestamp,
) -> Result<Vec<Option<Accepted>>, Fault> {
    let mut answers = Vec::with_capacity(ids.len());
    let mut newest = 0;
    for batch in ids.chunks(BATCH) {
        let (accepted, number) = engine.change(|draft| {
            let one = |id: &ApplicantId| {
                let Some(applicant) = draft.get(Table::Applicants, &table::of_applicant(id))?
                else {
                    return Ok(None);
                };
                let submission = Submission {
                    applicant,
                    priority,
                    force: true,
                };
                accept_one(draft, &submission, now, &Freshness::never()).map(Some)
            };
            batch.iter().map(one).collect::<Result<Vec<_>, _>>()
        })?;
        answers.extend(accepted);
        newest = number;
    }
    engine.make_durable(newest)?;
    Ok(answers)
}

fn accept_one(
    draft: &mut Draft<'_>,
    submission: &Submission,
    now: Timestamp,
    freshness: &Freshness,
) -> Result<Accepted, Fault> {
    let key = table::of_applicant(&submission.applicant.id);
    let before: Option<Applicant> = draft.get(Table::Applicants, &key)?;
    let known = before
        .as_ref()
        .map(|before| submission.applicant.clone().with_what_is_known(before));
    let applicant = known.as_ref().unwrap_or(&submission.applicant);
    keep_applicant(draft, before.as_ref(), applicant)?;

    if let Some(old) = draft.get::<JobRecord>(Table::Jobs, &key)? {
        let mut new = old.clone();
        let moved = before
            .is_some_and(|before| before.links != applicant.links || before.role != applicant.role);
        new.again |= moved && matches!(old.job.state, JobState::Leased { .. });
        let lifted = submission.priority < old.job.priority;
        if lifted {
            new.job.priority = submission.priority;
            new.job.sequence = next_sequence(draft);
        }
        if new != old {
            replace(draft, Some(&old), Some(&new))?;
        }
        return Ok(if lifted {
            Accepted::Lifted
        } else {
            Accepted::AlreadyQueued
        });
    }

    if !submission.force
        && let Some(stored) = draft.get::<Snapshot>(Table::Profiles, &key)?
        && freshness.accepts(&stored, applicant, now)
    {
        return Ok(Accepted::Fresh);
    }
    let job = Job {
        applicant: applicant.id.clone(),
        priority: submission.priority,
        accepted_at: now,
        sequence: next_sequence(draft),
        attempts: 0,
        state: JobState::Ready,
        note: None,
    };
    replace(draft, None, Some(&JobRecord::of(job)))?;
    Ok(Accepted::Queued)
}

/// Writes the applicant's record and the handles that lead to it, where they differ.
fn keep_applicant(
    draft: &mut Draft<'_>,
    before: Option<&Applicant>,
    applicant: &Applicant,
) -> Result<(), Fault> {
    if before == Some(applicant) {
        return Ok(());
    }
    if let Some(before) = before {
        for key in table::handles_of(&before.links, &before.id) {
            draft.delete(Table::Handles, key);
        }
    }
    for key in table::handles_of(&applicant.links, &applicant.id) {
        draft.put(Table::Handles, key, &())?;
    }
    draft.put(
        Table::Applicants,
        table::of_applicant(&applicant.id),
        applicant,
    )
}

/// An applicant by id.
pub(super) fn applicant(engine: &Engine, id: &ApplicantId) -> Result<Option<Applicant>, Fault> {
    engine.get(Table::Applicants, &table::of_applicant(id))
}

/// All applicants by id; see `Store::applicants`.
pub(super) fn applicants(engine: &Engine) -> Result<Vec<Applicant>, Fault> {
    engine
        .tree(Table::Applicants)
        .iter()
        .map(|entry| {
            let (key, sealed) = entry?;
            envelope::open(Table::Applicants, &key, &sealed)
        })
        .collect()
}

/// The applicants whom `text` names; see `Store::find`.
pub(super) fn find(engine: &Engine, text: &str) -> Result<Vec<Applicant>, Fault> {
    let text = text.trim();
    if let Ok(id) = text.parse::<ApplicantId>()
        && let Some(found) = applicant(engine, &id)?
    {
        return Ok(vec![found]);
    }
    let folded = text.trim_start_matches('@').to_ascii_lowercase();
    let mut ids = BTreeSet::new();
    for source in [table::HandleOf::GitHub, table::HandleOf::Kaggle] {
        let prefix = table::handle(source, &folded);
        for key in engine.tree(Table::Handles).scan_prefix(&prefix).keys() {
            ids.extend(table::id_after(&prefix, &key?));
        }
    }
    let found = ids.iter().map(|id| applicant(engine, id));
    found.filter_map(Result::transpose).collect()
}
