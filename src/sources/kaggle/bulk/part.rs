//! Writing an index beside the one that is there.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::blocks::{BLOCK, check_of};
use super::error::ImportError;
use super::layout::{HEADER, Header, Section};
use crate::disk::sync_folder;

/// What is written at once. Bytes.
const AT_ONCE: usize = 1 << 20;

/// An index that is being written. It takes the old one's place when it is whole, and is removed when it
/// does not become so.
pub(super) struct Part {
    target: PathBuf,
    path: PathBuf,
    file: File,
    header: Header,
    /// Bytes that are not in the file yet.
    waiting: Vec<u8>,
    hasher: blake3::Hasher,
    /// Of the block that is being filled.
    block: blake3::Hasher,
    /// Bytes in it.
    filled: usize,
    /// The checksums of the blocks that are full.
    checks: Vec<u8>,
    /// Bytes so far, those that wait as well.
    length: u64,
    done: bool,
    /// Held as long as this value lives, by nobody else.
    _lock: File,
}

impl Part {
    /// Begins to write what shall become `target`. What a killed import has left is overwritten.
    pub(super) fn begin(target: &Path) -> Result<Self, ImportError> {
        let beside = |ending: &str| {
            let mut name = target.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        let lock_path = beside(".lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(|error| unwritable(&lock_path, error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(ImportError::Busy {
                    path: target.to_owned(),
                });
            }
            Err(fs::TryLockError::Error(error)) => return Err(unwritable(&lock_path, error)),
        }
        if target.is_dir() {
            // Told before an hour's work, and not after it.
            return Err(unwritable(target, io::ErrorKind::IsADirectory.into()));
        }
        let path = beside(".part");
        let mut file = File::create(&path).map_err(|error| unwritable(&path, error))?;
        let room = file.write_all(&[0; HEADER]);
        let part = Self {
            target: target.to_owned(),
            path,
            file,
            header: Header::default(),
            waiting: Vec::with_capacity(AT_ONCE),
            hasher: blake3::Hasher::new(),
            block: blake3::Hasher::new(),
            filled: 0,
            checks: Vec::new(),
            length: HEADER as u64,
            done: false,
            _lock: lock,
        };
        room.map_err(|error| unwritable(&part.path, error))?;
        Ok(part)
    }

    /// Writes a section with `work`.
    pub(super) fn section(
        &mut self,
        section: Section,
        work: impl FnOnce(&mut Self) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        let offset = self.length;
        self.hasher.reset();
        work(self)?;
        self.flush()?;
        let place = &mut self.header.places[section as usize];
        place.offset = offset;
        place.length = self.length - offset;
        place.checksum = *self.hasher.finalize().as_bytes();
        Ok(())
    }

    /// Writes bytes into the section.
    #[inline]
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        self.waiting.extend_from_slice(bytes);
        self.length += bytes.len() as u64;
        if self.waiting.len() >= AT_ONCE {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ImportError> {
        self.hasher.update(&self.waiting);
        let mut rest = self.waiting.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(BLOCK - self.filled));
            self.block.update(now);
            self.filled += now.len();
            if self.filled == BLOCK {
                self.checks.extend(check_of(self.block.finalize()));
                self.block.reset();
                self.filled = 0;
            }
            rest = later;
        }
        self.file
            .write_all(&self.waiting)
            .map_err(|error| unwritable(&self.path, error))?;
        self.waiting.clear();
        Ok(())
    }

    /// Where it is written.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The file, for bringing it to the disk while the next section is made.
    pub(super) fn file(&self) -> Result<File, ImportError> {
        self.file
            .try_clone()
            .map_err(|error| unwritable(&self.path, error))
    }

    /// Brings everything to the disk and takes the old index's place.
    pub(super) fn finish(mut self) -> Result<(), ImportError> {
        let mut checks = std::mem::take(&mut self.checks);
        if self.filled > 0 {
            checks.extend(check_of(self.block.finalize()));
        }
        self.section(Section::Checks, |part| part.put(&checks))?;
        self.header.length = self.length;
        self.settle()
            .map_err(|error| unwritable(&self.path, error))?;
        fs::rename(&self.path, &self.target).map_err(|error| unwritable(&self.target, error))?;
        self.done = true;
        // Only now does the new name survive a loss of power.
        let folder = match self.target.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        sync_folder(folder).map_err(|error| unwritable(folder, error))
    }

    fn settle(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&self.header.encode())?;
        self.file.sync_all()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.done {
            // If that fails as well, the next import overwrites it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

pub(super) fn unwritable(path: &Path, source: io::Error) -> ImportError {
    ImportError::Unwritable {
        path: path.to_owned(),
        source,
    }
}
