//! Making a store anew from a dump.
//!
//! The dump is read to its end before anything is touched. Then the engine's files are written into a new folder, which
//! counts from the moment at which it is whole; a crash at any moment leaves the store that was there, or the new one. What
//! was there is moved aside, into `damaged/`: it may hold what the dump does not, and somebody may know how to read it.
//!
//! Nobody who was erased comes back: the tombstones of the store that was there, as far as it can be read, of their copy
//! beside it, and of the dump hold for what the dump brings.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{
    Shelf, StoreOptions,
    derived::Derived,
    dump::{self, Dumped, Line, Reader, Sieve},
    envelope, erasure,
    error::{Fault, StoreError},
    fresh::{Fresh, Opened},
    layout::Place,
    ledger::Ledger,
    recovery,
    table::{self, Table},
    tombstones::{SALTS, Tombstones},
    watermark::{Found, Mark, Watermark},
};
use crate::domain::erasure::Tombstone;

/// What a restoring came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The dump.
    pub dumped: Dumped,
    /// Values in the store now, those that follow from others included. Count.
    pub values: u64,
    /// Applicants of the dump who were erased since, and did not come back. Count.
    pub kept_out: u64,
    /// Where the files are that were there before.
    pub aside: Option<PathBuf>,
    /// Changes that were acknowledged after the dump was made, as far as that is known. Count.
    pub missing: Option<u64>,
    /// What else a person should know, in sentences.
    pub notices: Vec<String>,
}

/// Makes the store in `folder` anew from a dump; see `Store::restore`.
pub(super) fn restore(
    folder: &Path,
    file: &Path,
    options: &StoreOptions,
) -> Result<Restored, StoreError> {
    let mut of_dump = Tombstones::default();
    let verified = dump::verify_each(file, |line| note_tombstone(line, &mut of_dump));
    let dumped = verified.map_err(|fault| fault.at(folder))?;
    recovery::prepare_folder(folder)?;
    let lock = recovery::lock(folder, options.lock_wait)?;
    let restored = replace(folder, (dumped, of_dump), options);
    drop(lock);
    restored.map_err(|fault| fault.at(folder))
}

fn replace(
    folder: &Path,
    (dumped, of_dump): (Dumped, Tombstones),
    options: &StoreOptions,
) -> Result<Restored, Fault> {
    let (mut watermark, found) = Watermark::open(folder)?;
    let before = match found {
        Found::Mark(mark) => Some(mark),
        Found::Nothing | Found::Unreadable => None,
    };
    let place = Place::current(folder)?;
    let mut notices = Vec::new();
    let tombstones = erased(folder, &place, of_dump, options, &mut notices);

    let next = place.next()?;
    let written = write(&dumped, &tombstones, before, next.clone(), options);
    let (opened, ledger, kept_out, values) = written.inspect_err(|_| {
        // A leftover that the next opening would delete; the error is the news.
        let _ = std::fs::remove_dir_all(next.path());
    })?;
    drop(opened);
    recovery::wait_until_closed(&next.path(), options.lock_wait);
    let aside = recovery::free_place(&folder.join(recovery::ASIDE), "replaced")?;
    let moved = next.move_others(&aside)?;
    tombstones.write(folder)?;
    // The next opening reads everything once.
    watermark.write(Mark {
        commits: ledger.commits,
        verified: 0,
        clean: false,
    })?;
    watermark.sync()?;
    Ok(Restored {
        missing: before.map(|mark| mark.commits.saturating_sub(dumped.change)),
        dumped,
        values,
        kept_out,
        aside: moved.then_some(aside),
        notices,
    })
}

/// Everybody who was erased, from wherever that is known.
fn erased(
    folder: &Path,
    place: &Place,
    of_dump: Tombstones,
    options: &StoreOptions,
    notices: &mut Vec<String>,
) -> Tombstones {
    let copy = folder.join(super::tombstones::FILE);
    let beside = Tombstones::beside(folder);
    let copy_fails = match &beside {
        Ok(_) if copy.exists() => None,
        Ok(_) => Some("it is not there".to_owned()),
        Err(error) => Some(error.to_string()),
    };
    let mut all = beside.unwrap_or_default();
    let present = if place.path().join("db").exists() {
        of_store(folder, place, options).map_err(|_| "the store cannot be read")
    } else {
        Err("there was no store")
    };
    match (present, copy_fails) {
        (Ok(present), _) => all.merge(present),
        // The copy has them all, unless it cannot be read either.
        (Err(_), None) => {}
        (Err(no_store), Some(why)) => notices.push(format!(
            "who was erased after the dump was made is not known, because {no_store}, and neither can {} ({why}): look \
             whether somebody is back who must not be. Where there is a copy of that file, bring it here and restore once more",
            copy.display()
        )),
    }
    all.merge(of_dump);
    all
}

/// The tombstones of the store that was there, as far as its engine can read them.
fn of_store(folder: &Path, place: &Place, options: &StoreOptions) -> Result<Tombstones, Fault> {
    let path = place.path();
    if !path.exists() || place.is_of_earlier_format() {
        // Earlier formats had none.
        return Ok(Tombstones::default());
    }
    let read = || {
        let opened = recovery::open_engine(folder, &path, options.cache_bytes, options.lock_wait);
        let (database, _) = opened.map_err(Fault::from)?;
        read_tombstones(&Opened::new(place.clone(), database)?)
    };
    // The engine may panic over damaged files at any read.
    let read = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        Err(Fault::Damaged(
            "the engine broke off while it was read".to_owned(),
        ))
    });
    recovery::wait_until_closed(&path, options.lock_wait);
    read
}

fn read_tombstones(opened: &Opened) -> Result<Tombstones, Fault> {
    let mut found = Tombstones::default();
    let key = SALTS.as_bytes();
    if let Some(sealed) = opened.trees[Table::Meta as usize].get(key)? {
        found.salts = envelope::open(Table::Meta, key, &sealed)?;
    }
    let shelf = table::shelf(Shelf::Tombstones);
    for entry in opened.trees[Table::Records as usize].scan_prefix(shelf) {
        let (key, sealed) = entry?;
        let tombstone: Tombstone = envelope::open(Table::Records, &key, &sealed)?;
        let name = String::from_utf8_lossy(&key[shelf.len()..]).into_owned();
        found.all.push((name, tombstone));
    }
    Ok(found)
}

/// Notes what a line of a dump says of who was erased.
fn note_tombstone(line: &Line, found: &mut Tombstones) {
    match line {
        Line::Meta { name, value } if name == SALTS => {
            found.salts = serde_json::from_str(value.get()).unwrap_or_default();
        }
        Line::Record { shelf, name, value } if *shelf == Shelf::Tombstones => {
            let tombstone = serde_json::from_str(value.get()).ok();
            found
                .all
                .extend(tombstone.map(|tombstone| (name.clone(), tombstone)));
        }
        _ => {}
    }
}

/// Writes a new engine from a dump, with its ledger; how many were kept out, and how many values there are.
fn write(
    dumped: &Dumped,
    tombstones: &Tombstones,
    before: Option<Mark>,
    next: Place,
    options: &StoreOptions,
) -> Result<(Opened, Ledger, u64, u64), Fault> {
    let mut writing = Writing {
        fresh: Fresh::begin(next, options.cache_bytes)?,
        derived: Derived::default(),
    };
    let mut sieve = Sieve::new(tombstones, dumped.made_at);
    // Once more from the file: what is written counts only if this is whole to its end as well.
    let mut reader = Reader::open(&dumped.file)?;
    while let Some(line) = reader.next()? {
        let is_made_anew = match &line {
            Line::Meta { name, .. } => {
                [SALTS, erasure::DUE, erasure::DUMPS_DUE].contains(&name.as_str())
            }
            Line::Record { shelf, .. } => *shelf == Shelf::Tombstones,
            _ => false,
        };
        let passed = sieve.pass(line).filter(|_| !is_made_anew);
        if let Some(line) = passed {
            let (table, key) = line.place();
            writing.put(table, &key, line.value())?;
        }
    }
    if !tombstones.salts.is_empty() {
        writing.put(Table::Meta, SALTS.as_bytes(), &tombstones.salts)?;
        // The store that was there may not have come to it; the next opening looks.
        let due = Vec::<String>::new();
        writing.put(Table::Meta, erasure::DUMPS_DUE.as_bytes(), &due)?;
    }
    for (name, tombstone) in &tombstones.all {
        let key = table::record(Shelf::Tombstones, name);
        writing.put(Table::Records, &key, tombstone)?;
    }
    let head = reader.head();
    let newest = before.map_or(0, |mark| mark.commits);
    let ledger = Ledger {
        // Whoever follows the changes of the store that was there must see that there is a newer one.
        commits: head.change.max(newest) + 1,
        sum: writing.fresh.sum(),
        sequence: head.sequence,
        epoch: head.epoch,
        counts: writing.derived.counts,
    };
    let values = writing.fresh.values();
    let opened = writing.fresh.finish(&ledger)?;
    Ok((opened, ledger, sieve.kept_out(), values))
}

/// An engine that is being written, with all that follows from what is put.
struct Writing {
    fresh: Fresh,
    derived: Derived,
}

impl Writing {
    fn put<T: Serialize + ?Sized>(
        &mut self,
        table: Table,
        key: &[u8],
        value: &T,
    ) -> Result<(), Fault> {
        let sealed = envelope::seal(table, key, value)?;
        let fresh = &mut self.fresh;
        fresh.put(table, key, &sealed)?;
        self.derived
            .follow(table, key, &sealed, &mut |table, key, sealed| {
                fresh.put(table, key, sealed)
            })
    }
}
