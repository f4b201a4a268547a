//! A new folder of the engine's, written from values that are whole, to take the place of the one that is there.
//!
//! It holds what was put and nothing else: no earlier value, no deleted one. So this is how a person is erased, how an
//! earlier format becomes today's, and how a store is made from a dump.

use std::{fs, io, path::PathBuf};

use super::{
    disk, envelope,
    error::Fault,
    layout::Place,
    ledger::{FORMAT, FORMAT_KEY, LEDGER_KEY, Ledger},
    recovery,
    table::Table,
};

/// Bytes that are handed to the engine in one go.
const BATCH: usize = 4 << 20;

/// An open engine, with a tree for each table.
#[derive(Debug, Clone)]
pub(super) struct Opened {
    pub(super) place: Place,
    pub(super) trees: Vec<sled::Tree>,
    pub(super) database: sled::Db,
}

impl Opened {
    /// Around an engine in `place`.
    pub(super) fn new(place: Place, database: sled::Db) -> Result<Self, Fault> {
        let names = Table::ALL.iter().map(|table| table.name());
        Ok(Self {
            place,
            trees: names
                .map(|name| database.open_tree(name))
                .collect::<Result<_, _>>()?,
            database,
        })
    }
}

/// A folder that is being written. Dropped before [`Fresh::finish`], it is deleted; what a crash leaves of it, the next
/// opening deletes.
pub(super) struct Fresh {
    opened: Opened,
    batches: Vec<sled::Batch>,
    /// Bytes in the batches.
    waiting: usize,
    sum: u128,
    values: u64,
    // Dropped after the engine in it.
    unfinished: Unfinished,
}

/// A folder that goes when this is dropped, unless it was finished: on a full disk its room is needed.
struct Unfinished(Option<PathBuf>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // What cannot be deleted now, the next opening deletes.
            let _ = fs::remove_dir_all(path);
        }
    }
}

impl Fresh {
    /// An empty one in `place`, which nothing has yet.
    pub(super) fn begin(place: Place, cache_bytes: u64) -> Result<Self, Fault> {
        let path = place.path();
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let unfinished = Unfinished(Some(path.clone()));
        let database = recovery::open_once(&path, cache_bytes)?;
        Ok(Self {
            opened: Opened::new(place, database)?,
            batches: vec![sled::Batch::default(); Table::ALL.len()],
            waiting: 0,
            sum: 0,
            values: 0,
            unfinished,
        })
    }

    /// Adds a value. Those of [`Table::Ledger`] are not the caller's.
    pub(super) fn put(&mut self, table: Table, key: &[u8], sealed: &[u8]) -> Result<(), Fault> {
        debug_assert_ne!(table, Table::Ledger);
        self.sum = self.sum.wrapping_add(envelope::check(table, key, sealed)?);
        self.values += 1;
        self.batches[table as usize].insert(key, sealed);
        self.waiting += key.len() + sealed.len();
        if self.waiting >= BATCH {
            self.hand_over()?;
        }
        Ok(())
    }

    fn hand_over(&mut self) -> Result<(), Fault> {
        for (tree, batch) in self.opened.trees.iter().zip(&mut self.batches) {
            tree.apply_batch(std::mem::take(batch))?;
        }
        self.waiting = 0;
        Ok(())
    }

    /// Values that were put. Count.
    pub(super) fn values(&self) -> u64 {
        self.values
    }

    /// Sum of the checksums of what was put; see `Ledger::sum`.
    pub(super) fn sum(&self) -> u128 {
        self.sum
    }

    /// Writes the ledger, whose sum must be that of what was put, and waits for the disk. When this returns, the folder
    /// is the one that the next opening takes.
    pub(super) fn finish(mut self, ledger: &Ledger) -> Result<Opened, Fault> {
        self.hand_over()?;
        let of_ledger = &self.opened.trees[Table::Ledger as usize];
        let sealed = envelope::seal(Table::Ledger, LEDGER_KEY, ledger)?;
        of_ledger.insert(LEDGER_KEY, sealed)?;
        let sealed = envelope::seal(Table::Ledger, FORMAT_KEY, &FORMAT)?;
        of_ledger.insert(FORMAT_KEY, sealed)?;
        self.opened.database.flush()?;
        disk::sync_engine(&self.opened.place.path())?;
        self.opened.place.complete()?;
        self.unfinished.0 = None;
        Ok(self.opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_finished_leaves_no_files_behind() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::current(folder.path()).unwrap().next().unwrap();
        let path = place.path();
        let sealed = envelope::seal(Table::Meta, b"key", &"value").unwrap();
        for finishes in [false, true] {
            let mut fresh = Fresh::begin(place.clone(), 1 << 20).unwrap();
            fresh.put(Table::Meta, b"key", &sealed).unwrap();
            assert!(path.exists());
            if finishes {
                let ledger = Ledger {
                    sum: fresh.sum(),
                    ..Ledger::default()
                };
                fresh.finish(&ledger).unwrap();
            } else {
                assert!(fresh.put(Table::Meta, b"other", &sealed).is_err());
                drop(fresh);
            }
            assert_eq!(path.exists(), finishes);
        }
    }
}
