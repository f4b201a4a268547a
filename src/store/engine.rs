//! The one place that writes to sled: a change is planned in memory, applied as one transaction over all
//! tables, and acknowledged when it is on the disk.
//!
//! sled has one owner, this process, and all changes hold one lock from the first read to the commit. So a
//! plan cannot be overtaken, and may use range scans, which sled's transactions cannot. Readers need no lock.
//!
//! The ledger, written with every change, counts the changes and holds the sum of all values' checksums.
//! A value that is lost, old or foreign changes the sum, even where each value by itself is whole.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sled::transaction::{TransactionError, Transactional};

use super::{
    Opening, StoreOptions, envelope,
    error::{Fault, StoreError},
    recovery,
    table::Table,
    verify,
    watermark::{Found, Mark, Watermark},
};

/// The newest form of the tables and their keys that this program reads and writes.
const FORMAT: u32 = 1;
const FORMAT_KEY: &[u8] = b"format";
const LEDGER_KEY: &[u8] = b"ledger";

/// The store's own account of itself, written with every change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ledger {
    /// Changes so far. Count; also the number of the newest one.
    pub commits: u64,
    /// Sum, modulo 2^128, of the checksums of all values outside [`Table::Ledger`].
    pub sum: u128,
    /// The sequence number given last.
    pub sequence: u64,
    /// The lease number given last.
    pub epoch: u64,
    /// Jobs by where they stand.
    pub counts: Counts,
}

/// Jobs by where they stand. Counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub ready: u64,
    pub deferred: u64,
    pub leased: u64,
}

/// What is known to be on the disk.
#[derive(Debug)]
struct Durable {
    commits: u64,
    verified: u64,
    /// The newest of the engine's large-value files that is on the disk; see [`Engine::sync`].
    newest_blob: i64,
    watermark: Watermark,
}

/// An open store.
#[derive(Debug)]
pub(super) struct Engine {
    folder: PathBuf,
    pub(super) options: StoreOptions,
    /// Held from the first read of a change to its commit.
    ledger: Mutex<Ledger>,
    /// The number of the newest change, on the disk or not.
    committed: AtomicU64,
    durable: Mutex<Durable>,
    /// Set by the first failure after which the engine's memory may differ from its disk.
    failed: OnceLock<Fault>,
    trees: Vec<sled::Tree>,
    database: sled::Db,
    /// The engine's log, opened once more to wait for the disk.
    log: File,
    /// Last, so that the folder is released after the engine has let go of its files.
    _lock: File,
}

impl Engine {
    /// Opens the store in `folder`; see `Store::open`.
    pub(super) fn open(
        folder: &Path,
        options: StoreOptions,
    ) -> Result<(Self, Opening), StoreError> {
        recovery::prepare_folder(folder)?;
        let lock = recovery::lock(folder, options.lock_wait)?;
        let fault = |fault: Fault| fault.at(folder);
        let broken = |error: io::Error| recovery::unwritable(folder, error);
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

        let (database, recovered) =
            recovery::open_engine(folder, options.cache_bytes, options.lock_wait)?;
        let trees = Table::ALL
            .iter()
            .map(|table| database.open_tree(table.name()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| fault(error.into()))?;
        let log = File::open(folder.join("db")).map_err(broken)?;
        let mut engine = Self {
            folder: folder.to_owned(),
            options,
            ledger: Mutex::default(),
            committed: AtomicU64::new(0),
            durable: Mutex::new(Durable {
                commits: 0,
                verified: before.verified,
                newest_blob: -1,
                watermark,
            }),
            failed: OnceLock::new(),
            trees,
            database,
            log,
            _lock: lock,
        };
        let mut opening = Opening {
            recovered,
            ..Opening::default()
        };
        engine
            .begin(before, found, &mut opening)
            // Noted, so that the mark is left as it was and the next opening finds the same.
            .map_err(|fault| engine.fail(fault).at(folder))?;
        Ok((engine, opening))
    }

    /// Reads the ledger, compares it with the mark, and reads all values once where that is due.
    fn begin(&mut self, before: Mark, found: Found, opening: &mut Opening) -> Result<(), Fault> {
        let ledger = self.read_ledger(before)?;
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
        let due = !before.clean
            || before.verified != ledger.commits
            || !opening.recovered.is_empty()
            || opening.missing > 0;
        if due && ledger.commits > 0 {
            let seen = verify::checksums(self)?;
            if let Some(what) = seen.damaged.first() {
                let more = seen.damaged.len() - 1;
                let others = if more > 0 {
                    format!(" (and {more} more)")
                } else {
                    String::new()
                };
                return Err(Fault::Damaged(format!("{what}{others}")));
            }
            if seen.sum != ledger.sum {
                return Err(Fault::Damaged(SUM_DIFFERS.to_owned()));
            }
            opening.verified = Some(seen.values);
        }
        self.committed.store(ledger.commits, Ordering::Release);
        let commits = ledger.commits;
        *self
            .ledger
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner) = ledger;
        let mut durable = self.durable.lock().unwrap_or_else(PoisonError::into_inner);
        self.sync(&mut durable)?;
        sync_folder(&self.folder)?;
        durable.commits = commits;
        durable.verified = commits;
        durable.write_mark(false)?;
        Ok(())
    }

    /// The ledger as stored; a new one in a new store.
    fn read_ledger(&self, before: Mark) -> Result<Ledger, Fault> {
        if let Some(format) = self.get::<u32>(Table::Ledger, FORMAT_KEY)? {
            if format > FORMAT {
                return Err(Fault::Newer {
                    found: format,
                    known: FORMAT,
                });
            }
            return self
                .get(Table::Ledger, LEDGER_KEY)?
                .ok_or_else(|| Fault::Damaged("its ledger is missing".to_owned()));
        }
        for tree in &self.trees {
            if tree.first()?.is_some() {
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
        let changes = BTreeMap::from([
            (
                (Table::Ledger, FORMAT_KEY.to_vec()),
                Some(envelope::seal(Table::Ledger, FORMAT_KEY, &FORMAT)?),
            ),
            (
                (Table::Ledger, LEDGER_KEY.to_vec()),
                Some(envelope::seal(Table::Ledger, LEDGER_KEY, &ledger)?),
            ),
        ]);
        self.apply(&changes)?;
        Ok(ledger)
    }

    /// The data folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The engine's tree of `table`.
    pub(super) fn tree(&self, table: Table) -> &sled::Tree {
        &self.trees[table as usize]
    }

    /// Reads a value.
    pub(super) fn get<T: DeserializeOwned>(
        &self,
        table: Table,
        key: &[u8],
    ) -> Result<Option<T>, Fault> {
        self.tree(table)
            .get(key)?
            .map(|sealed| envelope::open(table, key, &sealed))
            .transpose()
    }

    /// The ledger of the newest change. Waits while a change is being made.
    pub(super) fn ledger(&self) -> Ledger {
        self.lock_ledger().clone()
    }

    /// Holds back all changes while `work` reads.
    pub(super) fn while_still<T>(&self, work: impl FnOnce(&Ledger) -> T) -> T {
        work(&self.lock_ledger())
    }

    fn lock_ledger(&self) -> MutexGuard<'_, Ledger> {
        // A change that panicked left the ledger as it was before: it is replaced after the commit only.
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plans a change and commits it as one transaction; returns its number for [`Engine::make_durable`].
    pub(super) fn change<T>(
        &self,
        plan: impl FnOnce(&mut Draft<'_>) -> Result<T, Fault>,
    ) -> Result<(T, u64), Fault> {
        let mut ledger = self.lock_ledger();
        if let Some(fault) = self.failed.get() {
            return Err(fault.clone());
        }
        let mut draft = Draft {
            engine: self,
            ledger: ledger.clone(),
            changes: BTreeMap::new(),
        };
        let answer = plan(&mut draft)?;
        let Draft {
            ledger: mut after,
            mut changes,
            ..
        } = draft;
        if changes.is_empty() {
            return Ok((answer, ledger.commits));
        }
        for ((table, key), value) in &changes {
            if let Some(old) = self.tree(*table).get(key)? {
                let old = envelope::stored_checksum(*table, key, &old)?;
                after.sum = after.sum.wrapping_sub(old);
            }
            if let Some(new) = value {
                let new = envelope::stored_checksum(*table, key, new)?;
                after.sum = after.sum.wrapping_add(new);
            }
        }
        after.commits += 1;
        changes.insert(
            (Table::Ledger, LEDGER_KEY.to_vec()),
            Some(envelope::seal(Table::Ledger, LEDGER_KEY, &after)?),
        );
        self.apply(&changes)?;
        self.committed.store(after.commits, Ordering::Release);
        *ledger = after;
        Ok((answer, ledger.commits))
    }

    /// Applies `changes` as one transaction.
    fn apply(&self, changes: &Changes) -> Result<(), Fault> {
        self.check_room(changes)?;
        let applied = self.trees.as_slice().transaction(|trees| {
            // May run more than once; it only repeats what was planned.
            for ((table, key), value) in changes {
                let tree = &trees[*table as usize];
                match value {
                    Some(sealed) => tree.insert(key.as_slice(), sealed.as_slice())?,
                    None => tree.remove(key.as_slice())?,
                };
            }
            Ok(())
        });
        applied.map_err(|error: TransactionError<()>| {
            self.fail(match error {
                TransactionError::Storage(error) => error.into(),
                TransactionError::Abort(()) => Fault::Failed("a change was given up".to_owned()),
            })
        })
    }

    /// Refuses a change while the disk still has a little room, because the engine is not at its best on a
    /// disk that has none: an interrupted transaction may come back in part.
    fn check_room(&self, changes: &Changes) -> Result<(), Fault> {
        /// The engine writes a value's neighbours with it and moves old values about. Times.
        const AMPLIFICATION: u64 = 4;
        let size: usize = changes
            .iter()
            .map(|((_, key), value)| key.len() + value.as_ref().map_or(0, Vec::len))
            .sum();
        let needed = self.options.headroom_bytes + AMPLIFICATION * size as u64;
        match room(&self.folder) {
            Some(room) if room < needed => Err(Fault::Full),
            Some(_) | None => Ok(()),
        }
    }

    /// Returns when the change of this number, and all before it, are on the disk. Callers that wait at the
    /// same time share one wait for the disk.
    pub(super) fn make_durable(&self, number: u64) -> Result<(), Fault> {
        let mut durable = self.durable.lock().unwrap_or_else(PoisonError::into_inner);
        if durable.commits >= number {
            return Ok(());
        }
        if let Some(fault) = self.failed.get() {
            return Err(fault.clone());
        }
        let commits = self.committed.load(Ordering::Acquire);
        self.sync(&mut durable).map_err(|fault| self.fail(fault))?;
        durable.commits = commits;
        durable.write_mark(false)?;
        Ok(())
    }

    /// Waits until all that was committed is on the disk.
    ///
    /// The engine's flush hands its buffers to the disk without waiting for the disk's own cache or for the
    /// file's length, which survives a killed process but not a power cut; and it never waits for its files
    /// of large values, whose names are ever growing numbers.
    fn sync(&self, durable: &mut Durable) -> Result<(), Fault> {
        self.database.flush()?;
        let blobs = self.folder.join("blobs");
        let mut newest = durable.newest_blob;
        for entry in fs::read_dir(&blobs)? {
            let entry = entry?;
            let number = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            if let Some(number) = number.filter(|number| *number > durable.newest_blob) {
                match File::open(entry.path()) {
                    Ok(file) => file.sync_data()?,
                    // Replaced by a newer one meanwhile.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error.into()),
                }
                newest = newest.max(number);
            }
        }
        if newest > durable.newest_blob {
            sync_folder(&blobs)?;
            durable.newest_blob = newest;
        }
        self.log.sync_data()?;
        Ok(())
    }

    /// Notes a failure after which no more changes are taken.
    pub(super) fn fail(&self, fault: Fault) -> Fault {
        let _ = self.failed.set(fault.clone());
        fault
    }

    /// Brings everything to the disk and notes that the store was closed in order.
    pub(super) fn close(&self) -> Result<(), Fault> {
        if let Some(fault) = self.failed.get() {
            return Err(fault.clone());
        }
        let commits = self.committed.load(Ordering::Acquire);
        let mut durable = self.durable.lock().unwrap_or_else(PoisonError::into_inner);
        self.sync(&mut durable)?;
        durable.commits = commits;
        durable.write_mark(true)?;
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // A failure was told to whoever met it; without the note of an orderly close the next start checks
        // every value.
        match self.failed.get() {
            Some(Fault::Full | Fault::Failed(_)) => {
                // The engine flushes when it is dropped, and after a refused write may wait there for ever.
                // References that are never given back keep it from that; its files go with the process.
                std::mem::forget(self.database.clone());
                std::mem::forget(self.trees.clone());
                return;
            }
            Some(_) => return,
            None => {}
        }
        if let Err(fault) = self.close() {
            tracing::warn!(
                ?fault,
                "the store was not closed in order; the next start checks every value"
            );
        }
    }
}

impl Durable {
    fn write_mark(&mut self, clean: bool) -> io::Result<()> {
        self.watermark.write(Mark {
            commits: self.commits,
            verified: self.verified,
            clean,
        })
    }
}

/// What the ledger's sum reveals.
pub(super) const SUM_DIFFERS: &str =
    "each value is whole, but together they are not what was last stored: some are missing or old";

/// Planned writes by table and key; `None` deletes.
type Changes = BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>>;

/// A change that is being planned. Reads see what was planned before them.
pub(super) struct Draft<'a> {
    engine: &'a Engine,
    /// The ledger as it will be.
    pub(super) ledger: Ledger,
    changes: Changes,
}

impl<'a> Draft<'a> {
    /// The engine, for range scans. They do not see what is planned.
    pub(super) fn engine(&self) -> &'a Engine {
        self.engine
    }

    /// Reads a value.
    pub(super) fn get<T: DeserializeOwned>(
        &self,
        table: Table,
        key: &[u8],
    ) -> Result<Option<T>, Fault> {
        match self.changes.get(&(table, key.to_vec())) {
            Some(Some(sealed)) => envelope::open(table, key, sealed).map(Some),
            Some(None) => Ok(None),
            None => self.engine.get(table, key),
        }
    }

    /// Plans a write.
    pub(super) fn put<T: Serialize>(
        &mut self,
        table: Table,
        key: Vec<u8>,
        value: &T,
    ) -> Result<(), Fault> {
        let sealed = envelope::seal(table, &key, value)?;
        self.changes.insert((table, key), Some(sealed));
        Ok(())
    }

    /// Plans a deletion.
    pub(super) fn delete(&mut self, table: Table, key: Vec<u8>) {
        self.changes.insert((table, key), None);
    }
}

/// Bytes that an unprivileged process may still write to the disk of `folder`, where the system tells.
fn room(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let disk = rustix::fs::statvfs(folder).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

/// Waits until the names of the files in `folder` are on the disk.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
