//! Profiles and their history.

use std::ops::Bound;

use jiff::Timestamp;

use crate::domain::{
    applicant::ApplicantId,
    job::Lease,
    profile::{Profile, Snapshot},
};

use super::{
    Finished,
    draft::Draft,
    engine::Engine,
    envelope,
    error::Fault,
    queue,
    table::{self, Table},
};

/// Stores a profile and ends its job; see `Store::finish`.
pub(super) fn finish(
    engine: &Engine,
    lease: &Lease,
    profile: Profile,
    now: Timestamp,
) -> Result<Finished, Fault> {
    let (ended, number) = engine.change(|draft| {
        let record = queue::held(draft, lease)?;
        if profile.applicant.id != lease.applicant {
            // A lease is the right to write one applicant's profile and no other.
            return Err(Fault::LeaseLost(profile.applicant.id.clone()));
        }
        keep_profile(draft, profile, now)?;
        queue::end(draft, &record, now)
    })?;
    engine.make_durable(number)?;
    Ok(if ended {
        Finished::Done
    } else {
        Finished::Again
    })
}

/// Makes `profile` the current one. The one before moves to the history, whose oldest goes when it is full.
fn keep_profile(draft: &mut Draft<'_>, profile: Profile, now: Timestamp) -> Result<(), Fault> {
    let id = profile.applicant.id.clone();
    let key = table::of_applicant(&id);
    if let Some(before) = draft.get::<Snapshot>(Table::Profiles, &key)? {
        if before.profile.role != profile.role {
            let listed = table::role_and_id(&before.profile.role, &id);
            draft.delete(Table::Roles, listed);
        }
        let kept = draft.engine().options.history;
        let history = draft.engine().tree(Table::History);
        let older: Vec<_> = history
            .scan_prefix(table::history_of(&id))
            .keys()
            .collect::<Result<_, _>>()?;
        // One more is about to join them, unless no history is kept at all.
        let too_many = (older.len() + 1).saturating_sub(kept);
        for key in older.iter().take(too_many) {
            draft.delete(Table::History, key.to_vec());
        }
        if kept > 0 {
            let key = table::history(&id, before.stored_at, draft.ledger.commits);
            draft.put(Table::History, key, &before)?;
        }
    }
    draft.put(Table::Roles, table::role_and_id(&profile.role, &id), &())?;
    let stored = Snapshot {
        stored_at: now,
        profile,
    };
    draft.put(Table::Profiles, key, &stored)
}

/// The current profile of an applicant.
pub(super) fn current(engine: &Engine, id: &ApplicantId) -> Result<Option<Snapshot>, Fault> {
    engine.get(Table::Profiles, &table::of_applicant(id))
}

/// Earlier profiles, newest first; see `Store::history`.
pub(super) fn history(engine: &Engine, id: &ApplicantId) -> Result<Vec<Snapshot>, Fault> {
    let entries = engine
        .tree(Table::History)
        .scan_prefix(table::history_of(id));
    entries
        .rev()
        .map(|entry| {
            let (key, sealed) = entry?;
            envelope::open(Table::History, &key, &sealed)
        })
        .collect()
}

/// Up to `limit` profiles of a role by id, beginning behind `after`; see `Store::profiles_page`.
pub(super) fn page(
    engine: &Engine,
    role: &str,
    after: Option<&ApplicantId>,
    limit: usize,
) -> Result<Vec<Profile>, Fault> {
    let prefix = table::role(role);
    let from = match after {
        Some(id) => Bound::Excluded(table::role_and_id(role, id)),
        None => Bound::Included(prefix.clone()),
    };
    let mut profiles = Vec::new();
    let entries = engine
        .tree(Table::Roles)
        .range::<Vec<u8>, _>((from, Bound::Unbounded));
    for key in entries.keys() {
        let key = key?;
        if profiles.len() == limit || !key.starts_with(&prefix) {
            break;
        }
        let id = table::id_after(&prefix, &key).ok_or_else(|| {
            Fault::Damaged(format!("{} names nobody", Table::Roles.describe(&key)))
        })?;
        // A change in between may have moved it to another role.
        profiles.extend(
            current(engine, &id)?
                .map(|stored| stored.profile)
                .filter(|profile| profile.role == role),
        );
    }
    Ok(profiles)
}
