//! A small file beside the engine's log that remembers how far the store had come.
//!
//! The engine takes a damaged end of its log for a write that a crash cut short, and drops it without a
//! word. The mark tells the two apart: what was acknowledged must be there. It is written after the log is
//! on the disk and is not waited for, so it may lag behind the log, and never runs ahead of it.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

/// Its name in the data folder.
pub(super) const FILE: &str = "acknowledged";
const MAGIC: &[u8; 8] = b"plaudit1";
/// magic, commits, verified, clean, checksum. Bytes.
const LENGTH: usize = 8 + 8 + 8 + 1 + 16;

/// How far the store had come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// The number of the newest change that was acknowledged.
    pub commits: u64,
    /// The number of the change up to which every value was read back once after being written.
    pub verified: u64,
    /// Whether the store was closed in order.
    pub clean: bool,
}

/// What the file said at opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// There was none: a new store, or a file that somebody removed.
    Nothing,
    /// It cannot be read: the machine stopped while it was written, or it is damaged.
    Unreadable,
    /// It says this.
    Mark(Mark),
}

/// The open file.
#[derive(Debug)]
pub(super) struct Watermark {
    file: File,
}

impl Watermark {
    /// Opens or creates the file, and says what it held.
    pub(super) fn open(folder: &Path) -> io::Result<(Self, Found)> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join(FILE))?;
        let mut bytes = Vec::new();
        (&file).take(LENGTH as u64 + 1).read_to_end(&mut bytes)?;
        let found = if bytes.is_empty() {
            Found::Nothing
        } else {
            decode(&bytes).map_or(Found::Unreadable, Found::Mark)
        };
        Ok((Self { file }, found))
    }

    /// Writes in place; the file keeps its length, so this needs no room.
    pub(super) fn write(&mut self, mark: Mark) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&encode(mark))
    }

    /// Waits until the file is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }
}

fn encode(mark: Mark) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(LENGTH);
    bytes.extend(MAGIC);
    bytes.extend(mark.commits.to_be_bytes());
    bytes.extend(mark.verified.to_be_bytes());
    bytes.push(u8::from(mark.clean));
    let digest = blake3::hash(&bytes);
    bytes.extend(&digest.as_bytes()[..16]);
    bytes
}

fn decode(bytes: &[u8]) -> Option<Mark> {
    let number = |from: usize| {
        let field = bytes.get(from..from + 8)?;
        Some(u64::from_be_bytes(field.try_into().ok()?))
    };
    let mark = Mark {
        commits: number(8)?,
        verified: number(16)?,
        clean: *bytes.get(24)? == 1,
    };
    (encode(mark) == bytes).then_some(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_survives_reopening_and_any_flipped_bit_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let mark = Mark {
            commits: 7,
            verified: 3,
            clean: true,
        };
        let (mut file, found) = Watermark::open(folder.path()).unwrap();
        assert_eq!(found, Found::Nothing);
        file.write(Mark::default()).unwrap();
        file.write(mark).unwrap();
        let (_, found) = Watermark::open(folder.path()).unwrap();
        assert_eq!(found, Found::Mark(mark));

        let whole = encode(mark);
        for place in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[place] ^= 1 << bit;
                assert_eq!(decode(&bytes), None, "{place}.{bit}");
            }
            assert_eq!(decode(&whole[..place]), None, "cut at {place}");
        }
    }
}
