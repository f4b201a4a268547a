//! The audit log: who saw, enriched, scored, adjusted, exported and erased, each entry chained to the one before.
//!
//! It lies in the data folder, in `audit/`, and is read with any tool: a line of JSON an entry. Several processes may
//! write it. It says whom something was done about by a pseudonym that outlives the person's erasure, and holds no name,
//! link, address or note: see [`Act::with`]. It knows neither the store nor the network, and prints nothing.
//!
//! # When an entry is on the disk
//!
//! An entry about a change waits for the disk, before anybody is told that the change was made. One about a look goes to
//! the operating system at once, where it survives a killed process, and to the disk with the next change or
//! [`Audit::sync`].
//!
//! # When nothing can be written down
//!
//! Then nothing is done: changes and looks are refused. A look that is in no log makes the whole log worthless as an
//! answer to "who has seen my data?", since from then on nobody can say who has not. What keeps the log from being
//! written, a full disk above all, keeps the store from taking changes as well, and wants a person in any case.

mod act;
mod entry;
mod error;
mod file;
mod mending;
mod pseudonym;
mod read;
#[cfg(test)]
mod tests;
mod verify;

use std::fs::TryLockError;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::spawn_blocking;

pub use act::{Act, Deed, Detail, MOST_SUBJECTS, Who};
pub use entry::{Entry, Head, NoHead};
pub use error::AuditError;
pub use file::HeadFile;
pub use mending::{Mended, Mending};
pub use read::{Told, verify_copy};
pub use verify::{Finding, Verified, Wrong};

use file::{Files, Reached};

/// Between two looks whether another process has let go. It holds the log for microseconds.
const PAUSE: Duration = Duration::from_millis(1);

/// Looks before it is said that another process does not let go: about ten seconds. Count.
const LOOKS: u32 = 10_000;

/// The log of a data folder. Cheap to clone; all clones are the same. Nothing is made or opened before the first entry.
#[derive(Clone)]
pub struct Audit(Arc<Log>);

struct Log {
    folder: PathBuf,
    files: Mutex<Files>,
    /// How far the disk is. Held while somebody waits for it, so that others share the wait.
    synced: Mutex<Reached>,
}

impl std::fmt::Debug for Audit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple("Audit")
            .field(&self.0.folder)
            .finish()
    }
}

impl Audit {
    /// The log of this data folder.
    #[must_use]
    pub fn within(data_folder: &Path) -> Self {
        let folder = data_folder.join(file::FOLDER);
        Self(Arc::new(Log {
            files: Mutex::new(Files::new(&folder)),
            folder,
            synced: Mutex::default(),
        }))
    }

    /// Writes an act down. A change is on the disk when this returns: call it when the change was made, and before
    /// anybody is told so. Beside several acts at once, [`Audit::note_all`] waits for the disk once.
    pub async fn note(&self, act: Act) -> Result<(), AuditError> {
        self.note_all(vec![act]).await
    }

    /// Writes acts down, in this order.
    pub async fn note_all(&self, acts: Vec<Act>) -> Result<(), AuditError> {
        if acts.is_empty() {
            return Ok(());
        }
        let waits = acts.iter().any(|act| act.did.is_waited_for());
        // A look takes some microseconds, and to go to another thread and back would take longer.
        if !waits && self.0.append_at_once(&acts)? {
            return Ok(());
        }
        self.blocking(move |log| log.append(&acts, waits)).await
    }

    /// Writes an act down without waiting for the disk, for whoever cannot wait: something that is dropped.
    pub fn note_on_the_way_out(&self, act: Act) -> Result<(), AuditError> {
        let acts = [act];
        if self.0.append_at_once(&acts)? {
            return Ok(());
        }
        let written = self.0.append(&acts, false);
        written.map_err(|error| AuditError::of(&self.0.folder, error))
    }

    /// Refuses where an entry could not be written: to be called before a change that must be written down.
    pub async fn ready(&self) -> Result<(), AuditError> {
        self.blocking(|log| {
            log.hold(|files| {
                files.look()?;
                files.expect_room()
            })
        })
        .await
    }

    /// Waits until all entries are on the disk: in the end, and now and then.
    pub async fn sync(&self) -> Result<(), AuditError> {
        self.blocking(|log| log.sync(None)).await
    }

    /// Opens the log, begins it where there is none, and says where it ends.
    pub async fn begin(&self) -> Result<Head, AuditError> {
        self.blocking(|log| {
            let head = log.hold(|files| {
                files.look()?;
                Ok(files.head())
            })?;
            log.sync(None)?;
            Ok(head)
        })
        .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Log) -> io::Result<T> + Send + 'static,
    ) -> Result<T, AuditError> {
        let log = Arc::clone(&self.0);
        let done = spawn_blocking(move || act(&log)).await;
        // The process ends, or a thread has broken.
        let done = done.unwrap_or_else(|error| Err(io::Error::other(error.to_string())));
        done.map_err(|error| AuditError::of(&self.0.folder, error))
    }
}

impl Log {
    fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something while no other process may write.
    fn hold<T>(&self, act: impl FnOnce(&mut Files) -> io::Result<T>) -> io::Result<T> {
        for _ in 0..LOOKS {
            let mut files = self.files();
            match files.prepare()?.try_lock() {
                Ok(()) => {
                    let done = act(&mut files);
                    unlock(&files);
                    return done;
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Not while the files are held: whoever looks at a profile must not wait for another process.
            drop(files);
            std::thread::sleep(PAUSE);
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }

    /// Writes acts down if nothing is in the way; `false`: something is, and nothing was written.
    fn append_at_once(&self, acts: &[Act]) -> Result<bool, AuditError> {
        let mut files = self.files();
        let Some(lock) = &files.lock else {
            return Ok(false);
        };
        if lock.try_lock().is_err() {
            return Ok(false);
        }
        let done = if files.is_current() {
            files.append(acts).map(|_| true)
        } else {
            Ok(false)
        };
        unlock(&files);
        done.map_err(|error| AuditError::of(&self.folder, error))
    }

    fn append(&self, acts: &[Act], waits: bool) -> io::Result<()> {
        let reached = self.hold(|files| {
            files.look()?;
            files.append(acts)
        })?;
        if waits {
            self.sync(Some(reached))
        } else {
            Ok(())
        }
    }

    /// Waits for the disk up to here; `None`: to the end. Whoever waits meanwhile need not wait again.
    fn sync(&self, up_to: Option<Reached>) -> io::Result<()> {
        if up_to.is_none() && self.files().is_opened() {
            // Others may have written as well.
            self.hold(Files::look)?;
        }
        let mut synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        let is_done =
            |reached: Reached| reached.opening == synced.opening && reached.number <= synced.number;
        if up_to.is_some_and(is_done) {
            return Ok(());
        }
        // The files are not held while the disk works.
        let Some((log, reached, head)) = self.files().to_sync()? else {
            return Ok(());
        };
        if is_done(reached) {
            return Ok(());
        }
        log.sync_data()?;
        self.hold(|files| files.advance_head(&head))?;
        *synced = reached;
        Ok(())
    }
}

fn unlock(files: &Files) {
    if let Some(lock) = &files.lock {
        // A lock that cannot be let go ends with the process at the latest.
        let _ = lock.unlock();
    }
}
