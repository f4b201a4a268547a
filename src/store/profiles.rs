//! Profiles and their history.

use std::{collections::BTreeMap, ops::Bound};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::{
    applicant::ApplicantId,
    job::Lease,
    profile::{Profile, Snapshot},
};

use super::{
    Finished, Kept, Mark,
    draft::Draft,
    engine::Engine,
    envelope,
    error::Fault,
    outbox, queue, reviews,
    table::{self, Table},
};

/// Stores a profile and ends its job; see `Store::finish`.
pub(super) fn finish(
    engine: &Engine,
    lease: &Lease,
    profile: Profile,
    now: Timestamp,
) -> Result<Finished, Fault> {
    let (finished, number) = engine.change(|draft| {
        let record = queue::held(draft, lease)?;
        if profile.applicant.id != lease.applicant {
            // A lease is the right to write one applicant's profile and no other.
            return Err(Fault::LeaseLost(profile.applicant.id.clone()));
        }
        let review = reviews::of(draft, &profile.applicant.id)?;
        if review.revision > profile.review.revision {
            return Ok(Finished::Reviewed(Box::new((profile, review))));
        }
        keep(draft, profile, now)?;
        Ok(if queue::end(draft, &record, now)? {
            Finished::Done
        } else {
            Finished::Again
        })
    })?;
    engine.make_durable(number)?;
    Ok(finished)
}

/// What the store must know of a profile that it moves.
#[derive(Deserialize)]
struct Head {
    stored_at: Timestamp,
    profile: HeadOfProfile,
}

#[derive(Deserialize)]
struct HeadOfProfile {
    role: String,
    #[serde(default)]
    snapshot: String,
}

/// Makes `profile` the current one. The one before moves to the history, whose oldest goes when it is full; unless it
/// has the same snapshot, in whose place the new one comes.
pub(super) fn keep(draft: &mut Draft<'_>, profile: Profile, now: Timestamp) -> Result<(), Fault> {
    let id = profile.applicant.id.clone();
    let key = table::of_applicant(&id);
    let mut told = None;
    if let Some(before) = draft.engine().tree(Table::Profiles).get(&key)? {
        let head: Head = envelope::open(Table::Profiles, &key, &before)?;
        if head.profile.role != profile.role {
            let listed = table::role_and_id(&head.profile.role, &id);
            draft.delete(Table::Roles, listed);
        }
        // The same score with another remark beside it is no earlier profile: thirty notes must not push the scores out.
        let same = !profile.snapshot.is_empty() && head.profile.snapshot == profile.snapshot;
        if !same {
            to_history(draft, &id, head.stored_at, &before)?;
        }
        told = Some(head.profile.snapshot);
    }
    outbox::tell(draft, told.as_deref(), &profile, now)?;
    draft.put(Table::Roles, table::role_and_id(&profile.role, &id), &())?;
    let stored = Snapshot {
        stored_at: now,
        profile,
    };
    draft.put(Table::Profiles, key, &stored)
}

/// Moves the current profile to the history as it is, byte for byte; the oldest ones go when that is full.
pub(super) fn to_history(
    draft: &mut Draft<'_>,
    id: &ApplicantId,
    stored_at: Timestamp,
    before: &[u8],
) -> Result<(), Fault> {
    let kept = draft.engine().options.history;
    let history = draft.engine().tree(Table::History);
    let older: Vec<_> = history
        .scan_prefix(table::history_of(id))
        .keys()
        .collect::<Result<_, _>>()?;
    // One more is about to join them, unless no history is kept at all.
    let too_many = (older.len() + 1).saturating_sub(kept);
    for key in older.iter().take(too_many) {
        draft.delete(Table::History, key.to_vec());
    }
    if kept > 0 {
        let from = table::of_applicant(id);
        let key = table::history(id, stored_at, draft.ledger.commits);
        let moved = envelope::move_to((Table::Profiles, &from), (Table::History, &key), before)?;
        draft.put_sealed(Table::History, key, moved);
    }
    Ok(())
}

/// The current profile of an applicant, with the mark of its very bytes.
pub(super) fn kept(engine: &Engine, id: &ApplicantId) -> Result<Option<Kept>, Fault> {
    let key = table::of_applicant(id);
    let Some(sealed) = engine.tree(Table::Profiles).get(&key)? else {
        return Ok(None);
    };
    Ok(Some(Kept {
        mark: Mark(envelope::stored_checksum(Table::Profiles, &key, &sealed)?),
        stored: envelope::open(Table::Profiles, &key, &sealed)?,
    }))
}

/// The mark of an applicant's current profile.
pub(super) fn mark(engine: &Engine, id: &ApplicantId) -> Result<Option<Mark>, Fault> {
    let key = table::of_applicant(id);
    let sealed = engine.tree(Table::Profiles).get(&key)?;
    let checksum = sealed.map(|sealed| envelope::stored_checksum(Table::Profiles, &key, &sealed));
    Ok(checksum.transpose()?.map(Mark))
}

/// The current profile of an applicant as JSON, with its mark.
pub(super) fn json(engine: &Engine, id: &ApplicantId) -> Result<Option<(Mark, String)>, Fault> {
    /// The profile is not read, only found.
    #[derive(Deserialize)]
    struct Stored<'a> {
        #[serde(borrow)]
        profile: &'a RawValue,
    }
    let key = table::of_applicant(id);
    let Some(sealed) = engine.tree(Table::Profiles).get(&key)? else {
        return Ok(None);
    };
    let mark = Mark(envelope::stored_checksum(Table::Profiles, &key, &sealed)?);
    let json = envelope::open_json(Table::Profiles, &key, &sealed)?;
    if let Some(profile) = cut_out(&json) {
        return Ok(Some((mark, profile.to_owned())));
    }
    let stored: Stored<'_> = serde_json::from_str(&json).map_err(|error| {
        let value = Table::Profiles.describe(&key);
        Fault::Damaged(format!("{value} cannot be read: {error}"))
    })?;
    Ok(Some((mark, stored.profile.get().to_owned())))
}

/// The profile within a snapshot's JSON as this program writes it, where it stands is known: to look for the end of
/// 34 KB of JSON takes longer than to unpack it. The checksum has told that nobody else has written it.
fn cut_out(snapshot: &str) -> Option<&str> {
    let behind_time = snapshot.strip_prefix(r#"{"stored_at":""#)?;
    let (_, profile) = behind_time.split_once('"')?;
    let profile = profile.strip_prefix(r#","profile":{"#)?;
    let profile = profile.strip_suffix('}')?;
    let begin = snapshot.len() - profile.len() - 2;
    profile
        .ends_with('}')
        .then(|| &snapshot[begin..snapshot.len() - 1])
}

/// The current profile of an applicant.
pub(super) fn current(engine: &Engine, id: &ApplicantId) -> Result<Option<Snapshot>, Fault> {
    engine.get(Table::Profiles, &table::of_applicant(id))
}

/// Everybody who has a profile of a role; see `Store::ids_of_role`.
pub(super) fn ids_of_role(engine: &Engine, role: &str) -> Result<Vec<ApplicantId>, Fault> {
    let prefix = table::role(role);
    let keys = engine.tree(Table::Roles).scan_prefix(&prefix).keys();
    keys.map(|key| {
        let key = key?;
        table::id_after(&prefix, &key).ok_or_else(|| names_nobody(Table::Roles, &key))
    })
    .collect()
}

/// The roles that somebody has a profile of; see `Store::roles`.
pub(super) fn roles(engine: &Engine) -> Result<BTreeMap<String, usize>, Fault> {
    let mut roles = BTreeMap::new();
    for key in engine.tree(Table::Roles).iter().keys() {
        let key = key?;
        let role = table::role_of(&key).ok_or_else(|| names_nobody(Table::Roles, &key))?;
        match roles.get_mut(role) {
            Some(count) => *count += 1,
            None => {
                roles.insert(role.to_owned(), 1);
            }
        }
    }
    Ok(roles)
}

/// Everybody who has a profile; see `Store::ids`.
pub(super) fn ids(engine: &Engine) -> Result<Vec<ApplicantId>, Fault> {
    let keys = engine.tree(Table::Profiles).iter().keys();
    keys.map(|key| {
        let key = key?;
        table::id_after(&[], &key).ok_or_else(|| names_nobody(Table::Profiles, &key))
    })
    .collect()
}

fn names_nobody(table: Table, key: &[u8]) -> Fault {
    Fault::Damaged(format!("{} names nobody", table.describe(key)))
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
        let id = table::id_after(&prefix, &key).ok_or_else(|| names_nobody(Table::Roles, &key))?;
        // A change in between may have moved it to another role.
        profiles.extend(
            current(engine, &id)?
                .map(|stored| stored.profile)
                .filter(|profile| profile.role == role),
        );
    }
    Ok(profiles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_cut_out_where_this_program_has_put_it_and_nowhere_else() {
        let time = r#"{"stored_at":"2026-11-24T02:00:00Z""#;
        assert_eq!(
            cut_out(&format!(r#"{time},"profile":{{"a":{{}}}}}}"#)),
            Some(r#"{"a":{}}"#)
        );
        for other in [
            format!(r#"{time},"profile":{{"a":1}},"more":1}}"#),
            format!(r#"{time},"profile":1}}"#),
            format!(r#"{time}, "profile":{{}}}}"#),
            r#"{"profile":{"stored_at":"x"}}"#.to_owned(),
        ] {
            assert_eq!(cut_out(&other), None, "{other}");
        }
    }
}
