//! A download on the disk: `FILE.part` while it grows, `FILE` when it is whole, and beside both `FILE.version`,
//! which says what they are a part of.
//!
//! In this order, so that no moment of a crash leaves bytes of one version under the name of another: the old
//! whole file goes, the part is emptied, the version is written, the part grows, it is checked, it gets its name.
//!
//! Bytes are written where they come, without a thread of their own: they go to the system's cache.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use super::version::Version;
use crate::disk::{room, sync_folder};

/// Bytes that are read or written at once.
const AT_ONCE: usize = 1 << 20;

/// A download on the disk.
#[derive(Debug, Default)]
pub(super) struct Part {
    target: PathBuf,
    version: Option<Version>,
    length: u64,
    file: Option<File>,
}

/// How the check of a part that has all its bytes ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Checked {
    /// It is what the host has, and has its name.
    Whole,
    /// Its bytes are not those that the host has. It is empty again.
    Wrong,
}

impl Part {
    /// What an earlier try left behind, of this process or another one.
    pub(super) fn of(target: &Path) -> io::Result<Self> {
        let text = found(std::fs::read(beside(target, "version")))?;
        // A version that cannot be read is none: the download begins anew.
        let version: Option<Version> = text.and_then(|text| serde_json::from_slice(&text).ok());
        let length = found(std::fs::metadata(beside(target, "part")))?.map_or(0, |part| part.len());
        let usable = version.as_ref().is_some_and(|version| {
            version.can_be_known() && version.bytes.is_none_or(|bytes| length <= bytes)
        });
        Ok(Self {
            target: target.to_owned(),
            version,
            length: if usable { length } else { 0 },
            file: None,
        })
    }

    /// The version of the whole file, if one is here already.
    pub(super) fn whole(&self) -> Option<&Version> {
        self.version.as_ref().filter(|_| self.target.is_file())
    }

    /// The version that the part is of, unless it is empty.
    pub(super) fn version(&self) -> Option<&Version> {
        self.version.as_ref().filter(|_| self.length > 0)
    }

    /// How much of it is here. Bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Whether all of it is here, as far as its size tells.
    pub(super) fn has_all(&self) -> bool {
        let bytes = self.version().and_then(|version| version.bytes);
        bytes == Some(self.length)
    }

    /// The host told no size, and this was the end.
    pub(super) fn ends_here(&mut self) {
        if let Some(version) = &mut self.version {
            version.bytes = Some(self.length);
        }
    }

    /// Begins anew, with this version.
    pub(super) fn begin(&mut self, version: Version) -> io::Result<()> {
        found(std::fs::remove_file(&self.target))?;
        self.clear()?;
        let text = serde_json::to_vec(&version)?;
        let (path, new) = (
            beside(&self.target, "version"),
            beside(&self.target, "version.new"),
        );
        std::fs::write(&new, text)?;
        std::fs::rename(new, path)?;
        self.version = Some(version);
        Ok(())
    }

    /// Forgets every byte.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.length = 0;
        self.file = None;
        let file = File::create(beside(&self.target, "part"))?;
        self.file = Some(file);
        Ok(())
    }

    /// Adds bytes at its end.
    pub(super) fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.at_its_end()?,
        };
        file.write_all(bytes)?;
        self.file = Some(file);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// The file, open where the next byte belongs: a write that failed may have left some bytes beyond it.
    fn at_its_end(&self) -> io::Result<File> {
        let path = beside(&self.target, "part");
        let mut file = File::options().write(true).open(path)?;
        file.set_len(self.length)?;
        file.seek(SeekFrom::Start(self.length))?;
        Ok(file)
    }

    /// Checks every byte, as it is on the disk, and gives the file its name.
    pub(super) fn finish(&mut self) -> io::Result<Checked> {
        self.file = None;
        let path = beside(&self.target, "part");
        let expected = self
            .version
            .as_ref()
            .and_then(|version| version.md5.as_ref());
        let mut file = File::open(&path)?;
        file.sync_all()?;
        if let Some(expected) = expected
            && STANDARD.encode(digest(&mut file)?) != *expected
        {
            self.clear()?;
            return Ok(Checked::Wrong);
        }
        std::fs::rename(path, &self.target)?;
        if let Some(folder) = self.target.parent() {
            sync_folder(folder)?;
        }
        self.length = 0;
        Ok(Checked::Whole)
    }

    /// Bytes that the disk still takes, where the system tells.
    pub(super) fn room(&self) -> Option<u64> {
        room(self.target.parent()?)
    }
}

/// Removes a download with all that belongs to it.
pub fn remove_download(target: &Path) -> io::Result<()> {
    for path in [
        target.to_owned(),
        beside(target, "part"),
        beside(target, "version.new"),
        beside(target, "version"),
    ] {
        found(std::fs::remove_file(path))?;
    }
    Ok(())
}

/// `FILE.ending`.
fn beside(target: &Path, ending: &str) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// `None` for what is not there.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn digest(file: &mut File) -> io::Result<[u8; 16]> {
    let mut hasher = Md5::new();
    let mut buffer = vec![0; AT_ONCE];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().into()),
            read => hasher.update(&buffer[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(bytes: u64) -> Version {
        Version {
            etag: Some("\"one\"".to_owned()),
            md5: Some(STANDARD.encode(Md5::digest(b"whole"))),
            modified: None,
            bytes: Some(bytes),
        }
    }

    #[test]
    fn what_was_written_is_there_for_the_next_process_and_gets_its_name_when_whole() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("Users.csv");
        let mut part = Part::of(&target).unwrap();
        part.begin(version(5)).unwrap();
        part.add(b"who").unwrap();
        drop(part);
        let mut part = Part::of(&target).unwrap();
        assert_eq!((part.length(), part.has_all()), (3, false));
        assert!(part.whole().is_none());
        part.add(b"le").unwrap();
        assert!(part.has_all());
        assert_eq!(part.finish().unwrap(), Checked::Whole);
        assert_eq!(std::fs::read(&target).unwrap(), b"whole");
        let part = Part::of(&target).unwrap();
        assert_eq!(part.whole(), Some(&version(5)));
        assert_eq!(part.length(), 0);
        remove_download(&target).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn wrong_bytes_get_no_name_and_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("Users.csv");
        let mut part = Part::of(&target).unwrap();
        part.begin(version(5)).unwrap();
        part.add(b"whale").unwrap();
        assert_eq!(part.finish().unwrap(), Checked::Wrong);
        assert_eq!(part.length(), 0);
        assert!(!target.exists());
    }

    #[test]
    fn a_part_of_which_nothing_is_known_counts_as_empty() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("Users.csv");
        let (bytes, sidecar) = (beside(&target, "part"), beside(&target, "version"));
        std::fs::write(bytes, b"whole").unwrap();
        for (text, length) in [
            (None, 0),
            (Some("{"), 0),
            (Some(r#"{"bytes":9}"#), 0),
            (Some(r#"{"bytes":4,"etag":"\"one\""}"#), 0),
            (Some(r#"{"bytes":9,"etag":"\"one\""}"#), 5),
            (Some(r#"{"etag":"\"one\""}"#), 5),
        ] {
            if let Some(text) = text {
                std::fs::write(&sidecar, text).unwrap();
            }
            assert_eq!(Part::of(&target).unwrap().length(), length, "{text:?}");
        }
    }
}
