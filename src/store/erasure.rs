//! Erasing people for good.
//!
//! First, in one change: all that is read of them goes, they are taken out of what other rooms keep, and a tombstone is
//! raised. From then on nobody sees them, and no list brings them back. Then everything else is written into a new
//! folder, since the engine's log still holds what was deleted, and whatever else in the data folder has copies is
//! cleaned, the dumps among them. Notes say that this is due until it is done; so a crash in between is made good by the
//! next opening. A dump that cannot be cleaned now keeps nobody from their work: it is told, and tried again.
//!
//! Who is erased is said by ids. What others, who stay, are known by as well (the page of a laboratory, the address of an
//! office, a second id of the same account) is theirs too: it recognises nobody and is no trace.

mod traces;

use std::{collections::BTreeSet, fs, io, path::PathBuf, time::Duration};

use jiff::Timestamp;
use serde_json::Value;

pub(super) use traces::{Found, Traces, known_by};

use super::{
    Shelf,
    draft::Draft,
    dump,
    engine::Engine,
    envelope,
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
pub(super) const DUE: &str = "erasure due";

/// Key in `Table::Meta`: dumps still hold what was erased. Which ones could not be cleaned the last time, each with the
/// reason.
pub(super) const DUMPS_DUE: &str = "dumps to be cleaned";

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
    for dump in go_on(engine)? {
        tracing::error!("a dump still holds what was erased: {dump}");
    }
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
        let of_others = of_others(engine, ids)?;
        for id in ids {
            let key = table::of_applicant(id);
            let Some(applicant) = draft.get::<Applicant>(Table::Applicants, &key)? else {
                raised.push(None);
                continue;
            };
            traces.add(&applicant, &of_others);
            let tombstone = tombstones::raise(draft, &applicant, &of_others, why, now)?;
            raised.push(Some(tombstone));
            take_away(draft, &applicant)?;
        }
        if raised.iter().any(Option::is_some) {
            take_out_of_records(draft, &traces)?;
            draft.put(Table::Meta, DUE.into(), &now)?;
            draft.put(Table::Meta, DUMPS_DUE.into(), &Vec::<String>::new())?;
        }
        Ok(raised)
    })?;
    engine.make_durable(number)?;
    Ok(raised)
}

/// What all others are known by.
fn of_others(engine: &Engine, ids: &[ApplicantId]) -> Result<BTreeSet<String>, Fault> {
    let mut known = BTreeSet::new();
    for entry in &engine.tree(Table::Applicants) {
        let (key, sealed) = entry?;
        let one: Applicant = envelope::open(Table::Applicants, &key, &sealed)?;
        if !ids.contains(&one.id) {
            known.extend(known_by(&one));
        }
    }
    Ok(known)
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

/// Cleans the files, where that is due; which dumps could not be cleaned now, and why.
pub(super) fn go_on(engine: &Engine) -> Result<Vec<String>, Fault> {
    if engine
        .get::<Timestamp>(Table::Meta, DUE.as_bytes())?
        .is_some()
    {
        write_anew(engine)?;
    }
    if engine
        .get::<Vec<String>>(Table::Meta, DUMPS_DUE.as_bytes())?
        .is_none()
    {
        return Ok(Vec::new());
    }
    let left = clean_dumps(engine)?;
    let ((), number) = engine.change(|draft| {
        if left.is_empty() {
            draft.delete(Table::Meta, DUMPS_DUE.into());
            Ok(())
        } else {
            draft.put(Table::Meta, DUMPS_DUE.into(), &left)
        }
    })?;
    engine.make_durable(number)?;
    Ok(left)
}

/// Writes the store's own files without what was erased.
fn write_anew(engine: &Engine) -> Result<(), Fault> {
    // A dump that is being made may hold them.
    let _alone = engine.hold_dumps();
    tombstones::write_beside(engine)?;
    engine.write_anew()?;
    // Parts of the log that were put aside.
    match fs::remove_dir_all(engine.folder().join(recovery::ASIDE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let ((), number) = engine.change(|draft| {
        draft.delete(Table::Meta, DUE.into());
        Ok(())
    })?;
    engine.make_durable(number)
}

/// Takes those who were erased out of every dump in the data folder and in the folder of dumps.
fn clean_dumps(engine: &Engine) -> Result<Vec<String>, Fault> {
    let _alone = engine.hold_dumps();
    // A dump names its own applicants, and a tombstone recognises them: so what a crash cuts off can be made good when
    // nobody knows their names any more.
    let tombstones = Tombstones::of(engine)?;
    let folder = engine.folder();
    let folders: [PathBuf; 3] = [
        engine.dumps(),
        dump::folder_within(folder),
        folder.to_owned(),
    ];
    let mut left = Vec::new();
    for of_dumps in &folders {
        if let Err(error) = dump::remove_unfinished(of_dumps, Duration::ZERO) {
            left.push(format!("{}: {error}", of_dumps.display()));
        }
    }
    left.extend(dump::clean(&folders, &tombstones));
    Ok(left)
}
