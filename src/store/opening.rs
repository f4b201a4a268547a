//! Opening a store: the folder, the engine, the ledger, and what has to be read before anything is trusted.

use std::{collections::BTreeMap, io, path::Path};

use super::{
    Opening, StoreOptions,
    disk::Disk,
    engine::Engine,
    envelope, erasure,
    error::{Fault, StoreError},
    fresh::Opened,
    layout::Place,
    ledger::{FORMAT, FORMAT_KEY, LEDGER_KEY, Ledger, SUM_DIFFERS},
    queue, recovery,
    table::Table,
    verify,
    watermark::{Found, Mark, Watermark},
};

/// Opens the store in `folder`; see `Store::open`.
pub(super) fn open(folder: &Path, options: StoreOptions) -> Result<(Engine, Opening), StoreError> {
    let broken = |error: io::Error| recovery::unwritable(folder, error);
    recovery::prepare_folder(folder)?;
    let lock = recovery::lock(folder, options.lock_wait)?;
    let (mut watermark, found) = Watermark::open(folder).map_err(broken)?;
    let before = match found {
        Found::Mark(mark) => mark,
        Found::Nothing | Found::Unreadable => Mark::default(),
    };
    // From here to an orderly close, a crash must be visible.
    let running = Mark {
        clean: false,
        ..before
    };
    watermark
        .write(running)
        .and_then(|()| watermark.sync())
        .map_err(broken)?;

    let place = Place::current(folder).map_err(broken)?;
    let path = place.path();
    let (database, recovered) =
        recovery::open_engine(folder, &path, options.cache_bytes, options.lock_wait)?;
    let disk = Disk::new(&path, before.verified, watermark).map_err(broken)?;
    let opened = Opened::new(place, database).map_err(|fault| fault.at(folder))?;
    let engine = Engine::new(folder, options, opened, disk, lock);
    let mut opening = Opening {
        recovered,
        ..Opening::default()
    };
    begin(&engine, before, found, &mut opening)
        // Noted, so that the mark is left as it was and the next opening finds the same.
        .map_err(|fault| engine.fail(fault).at(folder))?;
    Ok((engine, opening))
}

/// Reads the ledger, compares it with the mark, reads all values once where that is due, and makes the jobs
/// ready that died with another process.
fn begin(engine: &Engine, before: Mark, found: Found, opening: &mut Opening) -> Result<(), Fault> {
    let ledger = read_ledger(engine, before)?;
    opening.missing = before.commits.saturating_sub(ledger.commits);
    if opening.missing > 0 {
        opening.recovered.push(format!(
            "the end of the log was damaged: the last {} acknowledged changes are missing and have to be made again; run the same list once more",
            opening.missing
        ));
    }
    if found == Found::Unreadable {
        opening.recovered.push(
            "the mark of the last change could not be read; every value was checked instead"
                .to_owned(),
        );
    }
    let due = !before.clean || before.verified != ledger.commits || !opening.recovered.is_empty();
    if due && ledger.commits > 0 {
        opening.verified = Some(check_all(engine, &ledger)?);
    }
    engine.begin(ledger)?;
    opening.released = queue::release_all(engine)?;
    let place = engine.place();
    // What a crash has left over of a writing anew.
    place.delete_others()?;
    if place.is_of_earlier_format() {
        engine.write_anew()?;
        opening
            .recovered
            .push("the store was of an earlier format; it was written anew in today's".to_owned());
    }
    match erasure::go_on(engine) {
        Ok(left) => {
            let told = left.into_iter().map(|dump| {
                format!(
                    "a dump still holds what was erased, and the next start tries again: {dump}"
                )
            });
            opening.recovered.extend(told);
            Ok(())
        }
        Err(Fault::Full) => {
            opening.recovered.push(
                "there is no room to clean the files after an erasure: those who were erased are read nowhere, and the next start tries again"
                    .to_owned(),
            );
            Ok(())
        }
        Err(fault) => Err(fault),
    }
}

/// Reads every value; how many there are.
fn check_all(engine: &Engine, ledger: &Ledger) -> Result<u64, Fault> {
    let seen = verify::checksums(engine)?;
    match seen.damaged.as_slice() {
        [] if seen.sum == ledger.sum => Ok(seen.values),
        [] => Err(Fault::Damaged(SUM_DIFFERS.to_owned())),
        [what] => Err(Fault::Damaged(what.clone())),
        [what, more @ ..] => Err(Fault::Damaged(format!("{what} (and {} more)", more.len()))),
    }
}

/// The ledger as stored; a new one in a new store.
fn read_ledger(engine: &Engine, before: Mark) -> Result<Ledger, Fault> {
    if let Some(format) = engine.get::<u32>(Table::Ledger, FORMAT_KEY)? {
        if format > FORMAT {
            return Err(Fault::Newer {
                found: format,
                known: FORMAT,
            });
        }
        let ledger = engine
            .get(Table::Ledger, LEDGER_KEY)?
            .ok_or_else(|| Fault::Damaged("its ledger is missing".to_owned()))?;
        if format < FORMAT {
            // Before anything of the newer form can be written.
            engine.apply(&BTreeMap::from([(format_key(), Some(format_of_today()?))]))?;
        }
        return Ok(ledger);
    }
    for table in Table::ALL {
        if engine.tree(table).first()?.is_some() {
            return Err(Fault::Damaged("its format is not written down".to_owned()));
        }
    }
    if before.commits > 0 {
        return Err(Fault::Damaged(format!(
            "all {} acknowledged changes are missing from the log",
            before.commits
        )));
    }
    let ledger = Ledger::default();
    let sealed = envelope::seal(Table::Ledger, LEDGER_KEY, &ledger)?;
    engine.apply(&BTreeMap::from([
        (format_key(), Some(format_of_today()?)),
        ((Table::Ledger, LEDGER_KEY.to_vec()), Some(sealed)),
    ]))?;
    Ok(ledger)
}

fn format_key() -> (Table, Vec<u8>) {
    (Table::Ledger, FORMAT_KEY.to_vec())
}

/// The note of the form in which this program writes.
fn format_of_today() -> Result<Vec<u8>, Fault> {
    envelope::seal(Table::Ledger, FORMAT_KEY, &FORMAT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_of_a_newer_format_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (engine, _) = open(folder.path(), StoreOptions::default()).unwrap();
        let later = envelope::seal(Table::Ledger, FORMAT_KEY, &(FORMAT + 1)).unwrap();
        let changes = BTreeMap::from([((Table::Ledger, FORMAT_KEY.to_vec()), Some(later))]);
        engine.apply(&changes).unwrap();
        drop(engine);
        for _ in 0..2 {
            let refused = open(folder.path(), StoreOptions::default()).map(|_| ());
            assert!(
                matches!(
                    refused,
                    Err(StoreError::Newer {
                        found: 5,
                        known: 4,
                        ..
                    })
                ),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn a_value_that_is_whole_but_old_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let (engine, _) = open(folder.path(), StoreOptions::default()).unwrap();
        let put = |value: u32| {
            let changed = engine.change(|draft| draft.put(Table::Meta, b"key".to_vec(), &value));
            changed.unwrap();
            engine.tree(Table::Meta).get(b"key").unwrap().unwrap()
        };
        let old = put(1);
        let new = put(2);
        assert_eq!(
            verify::everything(&engine).unwrap().damaged,
            Vec::<String>::new()
        );
        for (value, whole) in [(Some(&old), false), (None, false), (Some(&new), true)] {
            match value {
                Some(value) => engine.tree(Table::Meta).insert(b"key", value).unwrap(),
                None => engine.tree(Table::Meta).remove(b"key").unwrap(),
            };
            let damaged = verify::everything(&engine).unwrap().damaged;
            assert_eq!(damaged.is_empty(), whole, "{damaged:?}");
        }
        engine.tree(Table::Meta).insert(b"key", old).unwrap();
        drop(engine);
        let refused = open(folder.path(), StoreOptions::default()).map(|_| ());
        assert!(
            matches!(refused, Err(StoreError::Damaged { .. })),
            "{refused:?}"
        );
    }
}
