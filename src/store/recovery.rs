//! Opening the engine, and mending what a crash at the wrong moment leaves behind.
//!
//! A snapshot file (`snap.*`) only saves the engine the reading of its whole log, so one that is damaged
//! can be put aside: into `damaged/`, never deleted. Nothing here touches the log itself.

use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use super::error::{Fault, StoreError};

/// Where damaged files go, inside the data folder.
pub(super) const ASIDE: &str = "damaged";
/// How long to rest between two attempts at a lock. The operating system has no lock with a time limit.
const LOCK_REST: Duration = Duration::from_millis(20);

/// Takes the folder for this process, waiting up to `patience` for one that is just ending.
///
/// The lock is plaudit's own and held as long as the returned file lives, so that mending, which has to
/// close and open the engine, is never interrupted by another process.
pub(super) fn lock(folder: &Path, patience: Duration) -> Result<fs::File, StoreError> {
    let unwritable = |cause: io::Error| unwritable(folder, cause);
    let file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(folder.join("lock"))
        .map_err(unwritable)?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) if began.elapsed() < patience => {
                thread::sleep(LOCK_REST);
            }
            Err(fs::TryLockError::WouldBlock) => {
                return Err(StoreError::InUse {
                    folder: folder.to_owned(),
                });
            }
            Err(fs::TryLockError::Error(cause)) => return Err(unwritable(cause)),
        }
    }
}

/// Makes the folder, for its owner alone, closes one that others may enter, and proves that it can be written to.
pub(super) fn prepare_folder(folder: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let probe = folder.join(format!("probe-{}", std::process::id()));
    let failed = |cause: io::Error| unwritable(folder, cause);
    builder.create(folder).map_err(failed)?;
    // Before anything is written there, which a link could lead elsewhere.
    for sentence in crate::folder::secure(folder)? {
        tracing::warn!("{sentence}");
    }
    fs::write(&probe, b"plaudit")
        .and_then(|()| fs::remove_file(&probe))
        .map_err(failed)
}

/// The error for a folder that refused a file.
pub(super) fn unwritable(folder: &Path, cause: io::Error) -> StoreError {
    match Fault::from(io::Error::from(cause.kind())) {
        Fault::Full => Fault::Full.at(folder),
        _ => StoreError::Unwritable {
            folder: folder.to_owned(),
            cause,
        },
    }
}

/// Opens the engine in `place`, putting damaged snapshots aside when that is needed. Says what was done.
pub(super) fn open_engine(
    folder: &Path,
    place: &Path,
    cache_bytes: u64,
    patience: Duration,
) -> Result<(sled::Db, Vec<String>), StoreError> {
    let mut done = Vec::new();
    fs::create_dir_all(place).map_err(|cause| unwritable(folder, cause))?;
    // A crash while a snapshot was being written. The engine would read it as if it were whole.
    set_aside((folder, place), &mut done, |name| {
        name.ends_with(".generating")
    })?;
    let first = match attempt(place, cache_bytes, patience) {
        Ok(engine) => return Ok((engine, done)),
        Err(Fault::Damaged(why)) => why,
        Err(fault) => return Err(locked_or(fault, folder)),
    };
    if !set_aside((folder, place), &mut done, |_| true)? {
        return Err(Fault::Damaged(first).at(folder));
    }
    match attempt(place, cache_bytes, patience) {
        Ok(engine) => Ok((engine, done)),
        // A first attempt that broke off may still hold the engine's lock: the damage is the news.
        Err(Fault::Damaged(why)) => Err(Fault::Damaged(why).at(folder)),
        Err(Fault::Failed(_)) => Err(Fault::Damaged(first).at(folder)),
        Err(fault) => Err(fault.at(folder)),
    }
}

/// What the engine's text says when another process holds its lock: one that did not take ours.
const ENGINE_LOCKED: &str = "could not acquire lock";

fn locked_or(fault: Fault, folder: &Path) -> StoreError {
    match fault {
        Fault::Failed(why) if why.contains(ENGINE_LOCKED) => StoreError::InUse {
            folder: folder.to_owned(),
        },
        fault => fault.at(folder),
    }
}

/// Opens an engine in a folder that nobody else knows of.
pub(super) fn open_once(place: &Path, cache_bytes: u64) -> Result<sled::Db, Fault> {
    fs::create_dir_all(place)?;
    attempt(place, cache_bytes, Duration::ZERO)
}

/// Waits until an engine that nobody has a handle of any more has let go of its files; whoever still reads gets
/// `patience` to end.
pub(super) fn wait_until_closed(place: &Path, patience: Duration) {
    let began = Instant::now();
    // The engine holds a lock on its log as long as anything of it lives.
    while let Ok(log) = fs::File::open(place.join("db")) {
        if log.try_lock().is_ok() || began.elapsed() >= patience {
            return;
        }
        thread::sleep(LOCK_REST);
    }
}

/// Opens the engine once, but waits for its lock: the threads of one that was just closed may hold it a
/// moment longer than we held ours.
fn attempt(place: &Path, cache_bytes: u64, patience: Duration) -> Result<sled::Db, Fault> {
    let began = Instant::now();
    loop {
        let config = sled::Config::new().path(place).cache_capacity(cache_bytes);
        // The engine trusts its files in places: on a damaged one it may panic instead of answering.
        let opened = catch_unwind(AssertUnwindSafe(|| config.open())).unwrap_or_else(|_| {
            Err(sled::Error::ReportableBug(
                "the engine broke off while it read its log".to_owned(),
            ))
        });
        match opened {
            Ok(engine) => return Ok(engine),
            Err(sled::Error::Io(cause))
                if cause.to_string().contains(ENGINE_LOCKED) && began.elapsed() < patience =>
            {
                thread::sleep(LOCK_REST);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Moves the snapshots that `which` picks by name into `damaged/`; whether there were any.
fn set_aside(
    (folder, place): (&Path, &Path),
    done: &mut Vec<String>,
    which: impl Fn(&str) -> bool,
) -> Result<bool, StoreError> {
    let failed = |cause: io::Error| unwritable(folder, cause);
    let mut any = false;
    for entry in fs::read_dir(place).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with("snap.") || !which(&name) {
            continue;
        }
        let to = free_place(&folder.join(ASIDE), &name).map_err(failed)?;
        fs::rename(entry.path(), &to).map_err(failed)?;
        done.push(format!(
            "{name} was cut short by a crash; it was moved to {} and its content read from the log again",
            to.display()
        ));
        any = true;
    }
    Ok(any)
}

/// A path in `aside` that nothing has yet.
pub(super) fn free_place(aside: &Path, name: &str) -> io::Result<PathBuf> {
    fs::create_dir_all(aside)?;
    let mut number = 0_u32;
    loop {
        let path = aside.join(format!("{name}.{number}"));
        if !path.try_exists()? {
            return Ok(path);
        }
        number += 1;
    }
}
