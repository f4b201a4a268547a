//! What has to be asked of the disk beyond the engine: that it has the bytes.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::watermark::{Mark, Watermark};
use crate::disk::sync_folder;

/// What is known to be on the disk, and the files that tell.
#[derive(Debug)]
pub(super) struct Disk {
    /// The number of the newest change that is on the disk.
    pub commits: u64,
    /// See `Mark::verified`.
    pub verified: u64,
    folder: PathBuf,
    /// The engine's log, opened once more to wait for the disk.
    log: File,
    /// The newest of the engine's files of large values that is on the disk. Their names are ever growing
    /// numbers.
    newest_blob: i64,
    watermark: Watermark,
}

impl Disk {
    /// For an engine that was just opened in `folder`.
    pub(super) fn new(folder: &Path, verified: u64, watermark: Watermark) -> io::Result<Self> {
        Ok(Self {
            commits: 0,
            verified,
            folder: folder.to_owned(),
            log: File::open(folder.join("db"))?,
            newest_blob: -1,
            watermark,
        })
    }

    /// Waits until the disk has all that the engine flushed.
    ///
    /// The engine's flush hands its buffers to the disk without waiting for the disk's own cache or for the
    /// file's length, which survives a killed process but not a power cut; and it never waits for its files
    /// of large values.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        let blobs = self.folder.join("blobs");
        let mut newest = self.newest_blob;
        for entry in fs::read_dir(&blobs)? {
            let entry = entry?;
            let number = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            if let Some(number) = number.filter(|number| *number > self.newest_blob) {
                match File::open(entry.path()) {
                    Ok(file) => file.sync_data()?,
                    // Replaced by a newer one meanwhile.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
                newest = newest.max(number);
            }
        }
        if newest > self.newest_blob {
            sync_folder(&blobs)?;
            self.newest_blob = newest;
        }
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
