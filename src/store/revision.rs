//! Many profiles looked at, and replaced where somebody says so, on two threads.
//!
//! Reading a profile (zstd, JSON), judging it and sealing the new one is where the time goes, and each profile is
//! independent of the others. So two threads do that, in batches; the thread that called writes batch by batch, as
//! one transaction each, while they go on. The profile before is moved to the history as it is, without being
//! unpacked.

use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::{
    applicant::ApplicantId,
    profile::{Profile, Snapshot},
    review::Review,
    webhook::{Endpoint, Message},
};

use super::{
    Kept, Mark, Revision,
    draft::Draft,
    engine::Engine,
    envelope,
    error::Fault,
    outbox, profiles, reviews,
    table::{self, Table},
};

/// Threads that judge. Count.
const THREADS: usize = 2;

/// Profiles in one batch, which is one transaction. Count.
const BATCH: usize = 250;

/// A profile to put in the place of another.
struct Replacement {
    id: ApplicantId,
    before: Mark,
    /// When the profile before was stored.
    stored_at: Timestamp,
    /// The revision that the new one was judged with.
    reviewed: u64,
    /// What is to be told of it.
    message: Option<Message>,
    /// The new one, sealed.
    sealed: Vec<u8>,
}

/// A profile that was judged elsewhere, and what it was judged from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Rejudged {
    /// Whose.
    pub(super) of: ApplicantId,
    /// Marks the profile that it is to replace.
    pub(super) before: Mark,
    /// The new one.
    pub(super) profile: Profile,
}

/// What became of profiles that were judged elsewhere.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Replaced {
    /// Profiles that were replaced. Count.
    pub(super) replaced: u64,
    /// Those whose profile, or review, somebody else changed meanwhile, so that it was left.
    pub(super) overtaken: Vec<ApplicantId>,
}

/// Of each of these who has one: the profile and what people have added.
pub(super) fn judgeable(
    engine: &Engine,
    ids: &[ApplicantId],
) -> Result<Vec<(Kept, Review)>, Fault> {
    let mut judgeable = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some(kept) = profiles::kept(engine, id)? {
            let review: Option<Review> = engine.get(Table::Reviews, &table::of_applicant(id))?;
            judgeable.push((kept, review.unwrap_or_default()));
        }
    }
    Ok(judgeable)
}

/// Puts profiles that were judged elsewhere in the place of those that they were judged from, in one change, on the
/// disk when this returns. What somebody else has changed meanwhile is left as it is.
pub(super) fn replace_all(
    engine: &Engine,
    rejudged: Vec<Rejudged>,
    now: Timestamp,
) -> Result<Replaced, Fault> {
    let mut overtaken = Vec::new();
    let mut replacements = Vec::with_capacity(rejudged.len());
    for Rejudged {
        of,
        before,
        profile,
    } in rejudged
    {
        match profiles::kept(engine, &of)? {
            Some(kept) if kept.mark == before => {
                replacements.push(replacement((before, &kept.stored), profile, now)?);
            }
            Some(_) | None => overtaken.push(of),
        }
    }
    let (late, change) = engine.change(|draft| {
        let endpoints = outbox::endpoints(draft)?;
        let mut late = Vec::new();
        for replacement in replacements {
            late.push(replace(draft, replacement, &endpoints, now)?);
        }
        Ok(late)
    })?;
    engine.make_durable(change)?;
    let replaced = late.iter().filter(|late| late.is_none()).count();
    overtaken.extend(late.into_iter().flatten());
    Ok(Replaced {
        replaced: replaced as u64,
        overtaken,
    })
}

/// What came of a batch.
struct Judged<T> {
    number: usize,
    told: Vec<T>,
    replacements: Vec<Replacement>,
}

/// Looks at profiles and replaces those that `judge` replaces; see `Store::revise`.
pub(super) fn revise<T: Send>(
    engine: &Engine,
    ids: Option<&[ApplicantId]>,
    now: Timestamp,
    judge: &(impl Fn(&Snapshot, Review) -> (Option<Profile>, T) + Sync),
) -> Result<Revision<T>, Fault> {
    let keys: Vec<Vec<u8>> = match ids {
        Some(ids) => ids.iter().map(table::of_applicant).collect(),
        None => engine
            .tree(Table::Profiles)
            .iter()
            .keys()
            .map(|key| Ok(key?.to_vec()))
            .collect::<Result<_, Fault>>()?,
    };
    let batches: Vec<&[Vec<u8>]> = keys.chunks(BATCH).collect();
    let next = AtomicUsize::new(0);
    // One waits to be written while each thread is at its next: more would only fill the memory.
    let (sender, receiver) = mpsc::sync_channel(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let (sender, next, batches) = (sender.clone(), &next, &batches);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(keys) = batches.get(number) else {
                        return;
                    };
                    let judged = judge_batch(engine, (number, keys), now, judge);
                    let broken = judged.is_err();
                    // Nobody receives any more when the other side has met a failure.
                    if sender.send(judged).is_err() || broken {
                        return;
                    }
                }
            });
        }
        drop(sender);
        write_all(engine, &receiver, now)
    })
}

/// Writes batches as they come, until there are no more, and waits for the disk.
fn write_all<T>(
    engine: &Engine,
    receiver: &mpsc::Receiver<Result<Judged<T>, Fault>>,
    now: Timestamp,
) -> Result<Revision<T>, Fault> {
    let mut batches = Vec::new();
    let (mut replaced, mut overtaken) = (0, Vec::new());
    let mut newest = None;
    for judged in receiver {
        let Judged {
            number,
            told,
            replacements,
        } = judged?;
        batches.push((number, told));
        if replacements.is_empty() {
            continue;
        }
        let (written, change) = engine.change(|draft| {
            let endpoints = outbox::endpoints(draft)?;
            let mut written = 0;
            for replacement in replacements {
                match replace(draft, replacement, &endpoints, now)? {
                    None => written += 1,
                    Some(id) => overtaken.push(id),
                }
            }
            Ok(written)
        })?;
        replaced += written;
        newest = Some(change);
    }
    if let Some(change) = newest {
        engine.make_durable(change)?;
    }
    batches.sort_by_key(|(number, _)| *number);
    Ok(Revision {
        told: batches.into_iter().flat_map(|(_, told)| told).collect(),
        replaced,
        overtaken,
    })
}

/// Plans a replacement, or says whose profile is no longer the one that was judged.
fn replace(
    draft: &mut Draft<'_>,
    replacement: Replacement,
    endpoints: &[Endpoint],
    now: Timestamp,
) -> Result<Option<ApplicantId>, Fault> {
    let Replacement {
        id,
        before,
        stored_at,
        reviewed,
        message,
        sealed,
    } = replacement;
    let key = table::of_applicant(&id);
    let Some(stored) = draft.engine().tree(Table::Profiles).get(&key)? else {
        return Ok(Some(id));
    };
    let unchanged = Mark(envelope::stored_checksum(Table::Profiles, &key, &stored)?) == before
        && reviews::of(draft, &id)?.revision == reviewed;
    if !unchanged {
        return Ok(Some(id));
    }
    profiles::to_history(draft, &id, stored_at, &stored)?;
    if let Some(message) = message {
        outbox::put(draft, endpoints, &message, now)?;
    }
    draft.put_sealed(Table::Profiles, key, sealed);
    Ok(None)
}

/// Reads, judges and seals a batch.
fn judge_batch<T>(
    engine: &Engine,
    (number, keys): (usize, &[Vec<u8>]),
    now: Timestamp,
    judge: &impl Fn(&Snapshot, Review) -> (Option<Profile>, T),
) -> Result<Judged<T>, Fault> {
    let mut judged = Judged {
        number,
        told: Vec::with_capacity(keys.len()),
        replacements: Vec::new(),
    };
    for key in keys {
        let Some(sealed) = engine.tree(Table::Profiles).get(key)? else {
            continue;
        };
        let stored: Snapshot = envelope::open(Table::Profiles, key, &sealed)?;
        let review: Option<Review> = engine.get(Table::Reviews, key)?;
        let (after, told) = judge(&stored, review.unwrap_or_default());
        judged.told.push(told);
        let Some(after) = after else {
            continue;
        };
        let mark = Mark(envelope::stored_checksum(Table::Profiles, key, &sealed)?);
        judged
            .replacements
            .push(replacement((mark, &stored), after, now)?);
    }
    Ok(judged)
}

/// A profile ready to take the place of the one that it was judged from.
fn replacement(
    (mark, stored): (Mark, &Snapshot),
    after: Profile,
    now: Timestamp,
) -> Result<Replacement, Fault> {
    let before = &stored.profile;
    if (&after.applicant.id, &after.role) != (&before.applicant.id, &before.role) {
        return Err(Fault::Failed(format!(
            "the profile of {} was to be replaced by another one's",
            before.applicant.id
        )));
    }
    let id = after.applicant.id.clone();
    let key = table::of_applicant(&id);
    Ok(Replacement {
        id,
        before: mark,
        stored_at: stored.stored_at,
        reviewed: after.review.revision,
        message: outbox::message(Some(&before.snapshot), &after, now)?,
        sealed: envelope::seal(
            Table::Profiles,
            &key,
            &Snapshot {
                stored_at: now,
                profile: after,
            },
        )?,
    })
}
