//! What has to be asked of the disk beyond the engine: that it has the bytes.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::watermark::{Mark, Watermark};
use crate::disk::sync_folder;

/// The engine's log.
const LOG: &str = "db";
/// The engine's folder of large values.
const BLOBS: &str = "blobs";

/// What is known to be on the disk, and the files that tell.
#[derive(Debug)]
pub(super) struct Disk {
    /// The number of the newest change that is on the disk.
    pub commits: u64,
    /// See `Mark::verified`.
    pub verified: u64,
    /// The engine's.
    folder: PathBuf,
    /// The engine's log, opened once more to wait for the disk.
    log: File,
    /// The newest of the engine's files of large values that is on the disk. Their names are ever growing
    /// numbers.
    newest_blob: i64,
    watermark: Watermark,
}

impl Disk {
    /// For an engine that was just opened in `folder`, its own.
    pub(super) fn new(folder: &Path, verified: u64, watermark: Watermark) -> io::Result<Self> {
        Ok(Self {
            commits: 0,
            verified,
            folder: folder.to_owned(),
            log: File::open(folder.join(LOG))?,
            newest_blob: NONE,
            watermark,
        })
    }

    /// Goes on with an engine in another folder, which the disk has whole.
    pub(super) fn move_to(&mut self, folder: &Path) -> io::Result<()> {
        self.log = File::open(folder.join(LOG))?;
        folder.clone_into(&mut self.folder);
        self.newest_blob = newest_blob(folder)?;
        Ok(())
    }

    /// Waits until the disk has all that the engine flushed.
    ///
    /// The engine's flush hands its buffers to the disk without waiting for the disk's own cache or for the
    /// file's length, which survives a killed process but not a power cut; and it never waits for its files
    /// of large values.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.newest_blob = sync_blobs(&self.folder, self.newest_blob)?;
        self.log.sync_data()
    }

    /// Writes down how far the disk is.
    pub(super) fn write_mark(&mut self, clean: bool) -> io::Result<()> {
        self.watermark.write(Mark {
            commits: self.commits,
            verified: self.verified,
            clean,
        })
    }
}

/// Waits until the disk has all of an engine that was just flushed for the first time.
pub(super) fn sync_engine(folder: &Path) -> io::Result<()> {
    sync_blobs(folder, NONE)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    sync_folder(folder)
}

/// The number before those of all blobs.
const NONE: i64 = -1;

/// Waits until the disk has the large values that are newer than `known`; the newest one.
fn sync_blobs(folder: &Path, known: i64) -> io::Result<i64> {
    let blobs = folder.join(BLOBS);
    let mut newest = known;
    for entry in fs::read_dir(&blobs)? {
        let entry = entry?;
        if let Some(number) = number_of(&entry).filter(|number| *number > known) {
            match File::open(entry.path()) {
                Ok(file) => file.sync_data()?,
                // Replaced by a newer one meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            newest = newest.max(number);
        }
    }
    if newest > known {
        sync_folder(&blobs)?;
    }
    Ok(newest)
}

fn newest_blob(folder: &Path) -> io::Result<i64> {
    let mut newest = NONE;
    for entry in fs::read_dir(folder.join(BLOBS))? {
        newest = newest.max(number_of(&entry?).unwrap_or(NONE));
    }
    Ok(newest)
}

fn number_of(blob: &fs::DirEntry) -> Option<i64> {
    blob.file_name().to_str()?.parse().ok()
}
