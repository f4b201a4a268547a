//! The one place that writes to sled: a change is planned in memory, applied as one transaction over all
//! tables, and acknowledged when it is on the disk.
//!
//! sled has one owner, this process, and all changes hold one lock from the first read to the commit. So a
//! plan cannot be overtaken, and may use range scans, which sled's transactions cannot. Readers need no lock.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use sled::transaction::{TransactionError, Transactional};
use tokio::sync::broadcast;

use super::{
    StoreOptions,
    disk::Disk,
    draft::{Changes, Draft},
    dump::view::{Entry, View},
    envelope,
    error::Fault,
    feed::{self, Feed, Happened},
    fresh::{Fresh, Opened},
    layout::Place,
    ledger::{LEDGER_KEY, Ledger, SUM_DIFFERS},
    records::Shelf,
    recovery,
    table::Table,
};
use crate::disk::{room, sync_folder};

/// The longest of the small values that other rooms keep for which a fraction of the headroom is enough. Bytes.
const NOTE: usize = 4 << 10;

/// One part in so many of the headroom.
const NOTE_SHARE: u64 = 16;

/// A large change: some 500 applicants that are accepted at once. Bytes. A store that has no room for it takes no work.
const LARGE_CHANGE: usize = 1 << 20;

/// The engine writes a value's neighbours with it and moves old values about. Times.
const AMPLIFICATION: u64 = 4;

/// An open store.
#[derive(Debug)]
pub(super) struct Engine {
    folder: PathBuf,
    pub(super) options: StoreOptions,
    /// Held from the first read of a change to its commit.
    ledger: Mutex<Ledger>,
    /// The number of the newest change, on the disk or not.
    committed: AtomicU64,
    /// Writes to each shelf since the store was opened. Count.
    shelves: [AtomicU64; Shelf::ALL.len()],
    disk: Mutex<Disk>,
    /// The newest time that a worker has shown. Microseconds since 1970; before the first, the largest number.
    shown: AtomicI64,
    /// Set by the first failure after which the engine's memory may differ from its disk.
    failed: OnceLock<Fault>,
    /// Whether the engine itself was refused a write.
    was_refused: AtomicBool,
    feed: broadcast::Sender<Arc<Happened>>,
    /// Held by whoever reads the store as it is at one moment.
    viewing: Mutex<()>,
    /// What changes keep aside for that reader. Behind the ledger's lock.
    view: Mutex<Option<View>>,
    /// Replaced by [`Engine::write_anew`].
    opened: RwLock<Arc<Opened>>,
    /// Last, so that the folder is released after the engine has let go of its files.
    _lock: File,
}

impl Engine {
    /// Around an engine that was just opened. Of no use before [`Engine::begin`].
    pub(super) fn new(
        folder: &Path,
        options: StoreOptions,
        opened: Opened,
        disk: Disk,
        lock: File,
    ) -> Self {
        Self {
            folder: folder.to_owned(),
            options,
            ledger: Mutex::default(),
            committed: AtomicU64::new(0),
            shelves: Default::default(),
            disk: Mutex::new(disk),
            shown: AtomicI64::new(i64::MAX),
            failed: OnceLock::new(),
            was_refused: AtomicBool::new(false),
            feed: broadcast::Sender::new(feed::BACKLOG),
            viewing: Mutex::default(),
            view: Mutex::default(),
            opened: RwLock::new(Arc::new(opened)),
            _lock: lock,
        }
    }

    /// The engine that is in place.
    fn opened(&self) -> Arc<Opened> {
        Arc::clone(&self.opened.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Goes on from `ledger`, which was found to agree with what is stored.
    pub(super) fn begin(&self, ledger: Ledger) -> Result<(), Fault> {
        let commits = ledger.commits;
        self.committed.store(commits, Ordering::Release);
        *self.lock_ledger() = ledger;
        let mut disk = self.lock_disk();
        let opened = self.opened();
        opened.database.flush()?;
        disk.sync()?;
        opened.place.complete()?;
        sync_folder(&self.folder)?;
        disk.commits = commits;
        disk.verified = commits;
        disk.write_mark(false)?;
        Ok(())
    }

    /// The data folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of dumps.
    pub(super) fn dumps(&self) -> PathBuf {
        self.options.dumps_within(&self.folder)
    }

    /// The engine's tree of `table`, as it stands: one that is kept misses what comes after [`Engine::write_anew`].
    pub(super) fn tree(&self, table: Table) -> sled::Tree {
        self.opened().trees[table as usize].clone()
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

    fn lock_disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut draft = Draft::new(self, ledger.clone());
        let answer = plan(&mut draft)?;
        let (mut after, mut changes) = draft.into_parts();
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
        if let Some(view) = &mut *self.lock_view() {
            view.keep(&changes, |table, key| {
                Ok(self.tree(table).get(key)?.map(|sealed| sealed.to_vec()))
            })?;
        }
        self.apply(&changes)?;
        self.count_shelves(&changes);
        self.committed.store(after.commits, Ordering::Release);
        if self.feed.receiver_count() > 0 {
            // That nobody listens any more is no failure.
            let _ = self
                .feed
                .send(Arc::new(Happened::of(after.commits, &changes)));
        }
        *ledger = after;
        Ok((answer, ledger.commits))
    }

    /// The store as it is now, to be read while changes go on. Waits for whoever reads one already.
    pub(super) fn begin_view(&self) -> Viewing<'_> {
        let alone = self.hold_dumps();
        let ledger = self.while_still(|ledger| {
            *self.lock_view() = Some(View::default());
            ledger.clone()
        });
        Viewing {
            engine: self,
            ledger,
            _alone: alone,
        }
    }

    /// Keeps dumps from being made as long as the answer lives; waits for one that is.
    pub(super) fn hold_dumps(&self) -> MutexGuard<'_, ()> {
        self.viewing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_view(&self) -> MutexGuard<'_, Option<View>> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts writes to shelves: after they can be read, and before whoever made them is told.
    fn count_shelves(&self, changes: &Changes) {
        for (table, key) in changes.keys() {
            let number = key.first().filter(|_| *table == Table::Records);
            if let Some(written) = number.and_then(|number| self.shelves.get(usize::from(*number)))
            {
                written.fetch_add(1, Ordering::Release);
            }
        }
    }

    /// Applies `changes` as one transaction.
    pub(super) fn apply(&self, changes: &Changes) -> Result<(), Fault> {
        self.check_room(changes)?;
        let opened = self.opened();
        let applied = opened.trees.as_slice().transaction(|trees| {
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
            self.refused(match error {
                TransactionError::Storage(error) => error.into(),
                TransactionError::Abort(()) => Fault::Failed("a change was given up".to_owned()),
            })
        })
    }

    /// Refuses a change while the disk still has a little room, because the engine is not at its best on a
    /// disk that has none: an interrupted transaction may come back in part.
    fn check_room(&self, changes: &Changes) -> Result<(), Fault> {
        let size: usize = changes
            .iter()
            .map(|((_, key), value)| key.len() + value.as_ref().map_or(0, Vec::len))
            .sum();
        // What a host asked for must be known to the next process also when work is refused.
        let is_note = size <= NOTE
            && changes
                .keys()
                .all(|(table, _)| matches!(table, Table::Meta | Table::Ledger));
        let headroom = self.options.headroom_bytes;
        let headroom = if is_note {
            headroom / NOTE_SHARE
        } else {
            headroom
        };
        self.check_room_beside(headroom, size)
    }

    /// The same for a change of so many bytes.
    fn check_room_for(&self, size: usize) -> Result<(), Fault> {
        self.check_room_beside(self.options.headroom_bytes, size)
    }

    fn check_room_beside(&self, headroom: u64, size: usize) -> Result<(), Fault> {
        let needed = headroom + AMPLIFICATION * size as u64;
        match room(&self.folder) {
            Some(room) if room < needed => Err(Fault::Full),
            Some(_) | None => Ok(()),
        }
    }

    /// Returns when the change of this number, and all before it, are on the disk. Callers that wait at the
    /// same time share one wait for the disk.
    pub(super) fn make_durable(&self, number: u64) -> Result<(), Fault> {
        let mut disk = self.lock_disk();
        if disk.commits >= number {
            return Ok(());
        }
        if let Some(fault) = self.failed.get() {
            return Err(fault.clone());
        }
        let commits = self.committed.load(Ordering::Acquire);
        let flushed = self.opened().database.flush().map_err(Fault::from);
        flushed
            .and_then(|_| Ok(disk.sync()?))
            .map_err(|fault| self.refused(fault))?;
        disk.commits = commits;
        disk.write_mark(false)?;
        Ok(())
    }

    /// Whether a small change would be taken now.
    pub(super) fn takes_changes(&self) -> Result<(), Fault> {
        match self.failed.get() {
            Some(fault) => Err(fault.clone()),
            None => self.check_room_for(LARGE_CHANGE),
        }
    }

    /// Whether the clock was set back since a worker showed it last, or may have been before the first did.
    pub(super) fn clock_was_set_back(&self, now: Timestamp) -> bool {
        /// Workers show it side by side. Microseconds.
        const BESIDE: i64 = 1_000_000;
        let now = now.as_microsecond();
        let newest = self.shown.load(Ordering::Acquire);
        let set_back = newest.saturating_sub(now) > BESIDE;
        if set_back || now > newest {
            self.shown.store(now, Ordering::Release);
        }
        set_back
    }

    /// Whether no more changes are taken until the store is opened again.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.get().is_some()
    }

    /// What happens from now on.
    pub(super) fn feed(&self) -> Feed {
        Feed::new(self.feed.subscribe())
    }

    /// The number of the newest change.
    pub(super) fn newest_change(&self) -> u64 {
        self.committed.load(Ordering::Acquire)
    }

    /// Writes to a shelf since the store was opened. Count.
    pub(super) fn shelf_version(&self, of: Shelf) -> u64 {
        self.shelves[of as usize].load(Ordering::Acquire)
    }

    /// The same, of the engine's own writes.
    fn refused(&self, fault: Fault) -> Fault {
        self.was_refused.store(true, Ordering::Release);
        self.fail(fault)
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
        let mut disk = self.lock_disk();
        self.opened().database.flush()?;
        disk.sync()?;
        disk.commits = commits;
        disk.write_mark(true)?;
        Ok(())
    }

    /// Writes all that is stored into a new folder and deletes the old one, with every earlier and deleted value that its
    /// log still holds. Changes wait meanwhile; whoever reads goes on.
    pub(super) fn write_anew(&self) -> Result<(), Fault> {
        let ledger = self.lock_ledger();
        if let Some(fault) = self.failed.get() {
            return Err(fault.clone());
        }
        let before = self.opened();
        // As much again as there is, at most.
        let size = before.database.size_on_disk()?;
        self.check_room_for(usize::try_from(size / AMPLIFICATION).unwrap_or(usize::MAX))?;
        let mut fresh = Fresh::begin(before.place.next()?, self.options.cache_bytes)?;
        for table in Table::ALL {
            if table == Table::Ledger {
                continue;
            }
            for entry in &before.trees[table as usize] {
                let (key, sealed) = entry?;
                fresh.put(table, &key, &sealed)?;
            }
        }
        if fresh.sum() != ledger.sum {
            // What is there is left as it is; the next opening reads all of it and says what is wrong.
            return Err(self.fail(Fault::Damaged(SUM_DIFFERS.to_owned())));
        }
        let after = fresh.finish(&ledger)?;
        let place = after.place.clone();
        // From here on, the new one is what the next opening takes.
        self.put_in_place(after, ledger.commits)
            .map_err(|fault| self.fail(fault))?;
        let old = before.place.path();
        drop(before);
        recovery::wait_until_closed(&old, self.options.lock_wait);
        place.delete_others()?;
        Ok(())
    }

    /// Goes on with another engine that holds the same.
    fn put_in_place(&self, opened: Opened, commits: u64) -> Result<(), Fault> {
        let mut disk = self.lock_disk();
        disk.move_to(&opened.place.path())?;
        *self.opened.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(opened);
        disk.commits = commits;
        disk.verified = commits;
        disk.write_mark(false)?;
        Ok(())
    }

    /// Where the engine's files are.
    pub(super) fn place(&self) -> Place {
        self.opened().place.clone()
    }
}

/// The store as it was when this was made.
pub(super) struct Viewing<'a> {
    engine: &'a Engine,
    ledger: Ledger,
    _alone: MutexGuard<'a, ()>,
}

impl Viewing<'_> {
    /// The ledger of then.
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The next values of a table as they were then, key and sealed bytes; `None`: that was all of it. Tables are asked
    /// for in their order.
    pub(super) fn next(&self, table: Table) -> Result<Option<Vec<Entry>>, Fault> {
        let _still = self.engine.lock_ledger();
        match &mut *self.engine.lock_view() {
            Some(view) => view.next(self.engine, table),
            None => Ok(None),
        }
    }
}

impl Drop for Viewing<'_> {
    fn drop(&mut self) {
        *self.engine.lock_view() = None;
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // A failure was told to whoever met it; without the note of an orderly close the next start checks
        // every value.
        match self.failed.get() {
            Some(Fault::Full | Fault::Failed(_)) if self.was_refused.load(Ordering::Acquire) => {
                // The engine flushes when it is dropped, and after a refused write may wait there for ever.
                // References that are never given back keep it from that; its files go with the process.
                std::mem::forget(self.opened());
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
