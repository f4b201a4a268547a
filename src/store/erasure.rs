//! Erasing people for good.
//!
//! First, in one change: all that is read of them goes, they are taken out of what other rooms keep, and a tombstone is
//! raised. From then on nobody sees them, and no list brings them back. Then everything else is written into a new
//! folder, since the engine's log still holds what was deleted, and whatever else in the data folder has copies is
//! cleaned, the dumps among them. A note says that this is due until it is done; so a crash in between is made good by the
//! next opening.

mod traces;

use std::{fs, io, time::Duration};

use jiff::Timestamp;
use serde_json::Value;

pub(super) use traces::{Found, Traces};

use super::{
    Shelf,
    draft::Draft,
    dump,
    engine::Engine,
    error::Fault,
    queue::{self, JobRecord},
    records, recovery,
    table::{self, Table},
    tombstones::{self, Tombstones},
};
use crate::domain::{
    applicant::{Applicant, ApplicantId},
    erasure::{Erasure, Tombstone},
    profile::Snapshot,
};

/// Key in `Table::Meta`: the files still hold what was erased.
const DUE: &[u8] = b"erasure due";

/// Shelves on which people may be found.
const PEOPLE: [Shelf; 5] = [
    Shelf::Imports,
    Shelf::Answers,
    Shelf::Deliveries,
    Shelf::DeadLetters,
    Shelf::Refreshes,
];

/// Erases people; the tombstone of each, in order, `None`: there is nobody of this id. See `Store::forget`.
pub(super) fn forget(
    engine: &Engine,
    ids: &[ApplicantId],
    why: &Erasure,
    now: Timestamp,
) -> Result<Vec<Option<Tombstone>>, Fault> {
    let raised = begin(engine, ids, why, now)?;
    go_on(engine)?;
    Ok(raised)
}

/// The first half: from here on nobody reads anything of them.
pub(super) fn begin(
    engine: &Engine,
    ids: &[ApplicantId],
    why: &Erasure,
    now: Timestamp,
) -> Result<Vec<Option<Tombstone>>, Fault> {
    let (raised, number) = engine.change(|draft| {
        let mut raised = Vec::with_capacity(ids.len());
        let mut traces = Traces::default();
        for id in ids {
            let key = table::of_applicant(id);
            let Some(applicant) = draft.get::<Applicant>(Table::Applicants, &key)? else {
                raised.push(None);
                continue;
            };
            traces.add(&applicant);
            raised.push(Some(tombstones::raise(draft, &applicant, why, now)?));
            take_away(draft, &applicant)?;
        }
        if raised.iter().any(Option::is_some) {
            take_out_of_records(draft, &traces)?;
            draft.put(Table::Meta, DUE.to_vec(), &now)?;
        }
        Ok(raised)
    })?;
    engine.make_durable(number)?;
    Ok(raised)
}

/// Plans that all that is read of an applicant goes.
fn take_away(draft: &mut Draft<'_>, applicant: &Applicant) -> Result<(), Fault> {
    let id = &applicant.id;
    let key = table::of_applicant(id);
    for handle in table::handles_of(&applicant.links, id) {
        draft.delete(Table::Handles, handle);
    }
    draft.delete(Table::Applicants, key.clone());
    if let Some(job) = draft.get::<JobRecord>(Table::Jobs, &key)? {
        queue::replace(draft, Some(&job), None)?;
    }
    if let Some(stored) = draft.get::<Snapshot>(Table::Profiles, &key)? {
        draft.delete(Table::Roles, table::role_and_id(&stored.profile.role, id));
        draft.delete(Table::Profiles, key.clone());
    }
    let history = draft.engine().tree(Table::History);
    for earlier in history.scan_prefix(table::history_of(id)).keys() {
        draft.delete(Table::History, earlier?.to_vec());
    }
    if draft.engine().tree(Table::Reviews).contains_key(&key)? {
        draft.delete(Table::Reviews, key);
    }
    Ok(())
}

/// Plans that other rooms' records do not tell of them.
fn take_out_of_records(draft: &mut Draft<'_>, traces: &Traces) -> Result<(), Fault> {
    for shelf in PEOPLE {
        for (name, mut record) in records::all_in::<Value>(draft, shelf)? {
            let key = table::record(shelf, &name);
            match traces.take_from(shelf, &mut record) {
                Found::Nothing => {}
                Found::Taken => draft.put(Table::Records, key, &record)?,
                Found::Whole => draft.delete(Table::Records, key),
            }
        }
    }
    Ok(())
}

/// Cleans the files, where that is due.
pub(super) fn go_on(engine: &Engine) -> Result<(), Fault> {
    if engine.get::<Timestamp>(Table::Meta, DUE)?.is_none() {
        return Ok(());
    }
    // One that is being made may hold them.
    let _alone = engine.hold_dumps();
    tombstones::write_beside(engine)?;
    engine.write_anew()?;
    let dumps = engine.dumps();
    dump::remove_unfinished(&dumps, Duration::ZERO)?;
    // A dump names its own applicants, and a tombstone recognises them: so what a crash cuts off can be made good when
    // nobody knows their names any more.
    dump::clean(&dumps, &Tombstones::of(engine)?)?;
    // Parts of the log that were put aside.
    match fs::remove_dir_all(engine.folder().join(recovery::ASIDE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let ((), number) = engine.change(|draft| {
        draft.delete(Table::Meta, DUE.to_vec());
        Ok(())
    })?;
    engine.make_durable(number)
}
