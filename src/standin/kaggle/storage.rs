//! The storage behind the downloads: files on disk, addresses that expire, ranges and hashes.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use md5::{Digest, Md5};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::world::KaggleWorld;

/// When the storage says that a file changed: the night after the data set's newest day.
pub(super) const MODIFIED: &str = "Sat, 31 Oct 2026 04:12:07 GMT";
/// The data set as a whole.
const ARCHIVE: &str = "archive.zip";
/// The data set's files that the stand-in has.
const FILES: [&str; 5] = [
    "Users.csv",
    "UserAchievements.csv",
    "Teams.csv",
    "TeamMemberships.csv",
    "Competitions.csv",
];
/// Bytes that are read at a time.
const PIECE: usize = 1 << 16;

/// A file of the storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) path: PathBuf,
    /// Bytes.
    pub(super) length: u64,
    /// Base64, as the header has it.
    pub(super) md5: String,
    /// Base64, as the header has it.
    pub(super) crc32c: String,
}

impl Object {
    pub(super) fn etag(&self) -> String {
        format!("\"{}\"", self.md5.trim_end_matches('='))
    }

    pub(super) fn content_type(&self) -> &'static str {
        let is_zip = self.path.extension().is_some_and(|one| one == "zip");
        if is_zip {
            "application/zip"
        } else {
            "text/csv"
        }
    }
}

/// The files that are asked for, made when they are first.
#[derive(Debug)]
pub(super) struct Storage {
    folder: PathBuf,
    as_zip: bool,
    objects: HashMap<String, Object>,
}

impl Storage {
    pub(super) fn new(folder: PathBuf, as_zip: bool) -> Self {
        Self {
            folder,
            as_zip,
            objects: HashMap::new(),
        }
    }

    /// The name of the object that a download of `file` leads to; of the whole data set for none.
    pub(super) fn name(&self, file: Option<&str>) -> Option<String> {
        match file {
            None => Some(ARCHIVE.to_owned()),
            Some(file) if !FILES.contains(&file) => None,
            Some(file) if self.as_zip => Some(format!("{file}.zip")),
            Some(file) => Some(file.to_owned()),
        }
    }

    /// The object of a name. Reads, and perhaps writes, whole files: it takes its time.
    pub(super) fn object(&mut self, world: &KaggleWorld, name: &str) -> io::Result<Object> {
        if let Some(object) = self.objects.get(name) {
            return Ok(object.clone());
        }
        if FILES.iter().any(|file| !self.folder.join(file).exists()) {
            std::fs::create_dir_all(&self.folder)?;
            world.write(&self.folder)?;
        }
        let path = self.folder.join(name);
        if name == ARCHIVE {
            zip(&path, &self.folder, &FILES)?;
        } else if let Some(file) = name.strip_suffix(".zip") {
            zip(&path, &self.folder, &[file])?;
        }
        let object = digested(path)?;
        self.objects.insert(name.to_owned(), object.clone());
        Ok(object)
    }
}

fn zip(path: &Path, folder: &Path, files: &[&str]) -> io::Result<()> {
    let mut archive = ZipWriter::new(File::create(path)?);
    for name in files {
        archive
            .start_file(*name, SimpleFileOptions::default().large_file(true))
            .map_err(io::Error::other)?;
        io::copy(&mut File::open(folder.join(name))?, &mut archive)?;
    }
    archive.finish().map_err(io::Error::other)?.flush()
}

fn digested(path: PathBuf) -> io::Result<Object> {
    let mut file = File::open(&path)?;
    let table = crc_table();
    let (mut md5, mut crc, mut length) = (Md5::new(), u32::MAX, 0);
    let mut piece = vec![0; PIECE];
    loop {
        let read = file.read(&mut piece)?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        md5.update(bytes);
        for byte in bytes {
            let [low, ..] = crc.to_le_bytes();
            crc = (crc >> 8) ^ table[usize::from(low ^ byte)];
        }
        length += read as u64;
    }
    Ok(Object {
        path,
        length,
        md5: STANDARD.encode(md5.finalize()),
        crc32c: STANDARD.encode((!crc).to_be_bytes()),
    })
}

/// The table of the Castagnoli checksum.
fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    for (number, entry) in (0_u32..).zip(&mut table) {
        *entry = (0..8).fold(number, |crc, _| {
            (crc >> 1) ^ (0x82F6_3B78 & (crc & 1).wrapping_neg())
        });
    }
    table
}

/// The addresses that were given out.
#[derive(Debug)]
pub(super) struct Links {
    given: HashMap<u64, Link>,
    uses: Option<u32>,
    lives: Duration,
}

#[derive(Debug)]
struct Link {
    name: String,
    uses_left: Option<u32>,
    until: Instant,
}

impl Links {
    pub(super) fn new(uses: Option<u32>, lives: Duration) -> Self {
        Self {
            given: HashMap::new(),
            uses,
            lives,
        }
    }

    /// A path with a signature for an object.
    pub(super) fn give(&mut self, name: &str, now: Instant) -> String {
        // A number that looks like a signature, and is never the same.
        let signature = (self.given.len() as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.given.insert(
            signature,
            Link {
                name: name.to_owned(),
                uses_left: self.uses,
                until: now + self.lives,
            },
        );
        format!(
            "/storage/kaggle-data-sets/9/bundle/{name}?GoogleAccessId=web-data%40standin.example\
             &Expires={}&Signature={signature:016x}&response-content-disposition=attachment",
            self.lives.as_secs()
        )
    }

    /// The object that an address leads to, while it does.
    pub(super) fn open(&mut self, path: &str, query: &str, now: Instant) -> Option<String> {
        let signature = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("Signature="))?;
        let link = self
            .given
            .get_mut(&u64::from_str_radix(signature, 16).ok()?)?;
        if link.until <= now || path.rsplit('/').next() != Some(&*link.name) {
            return None;
        }
        if let Some(left) = &mut link.uses_left {
            *left = left.checked_sub(1)?;
        }
        Some(link.name.clone())
    }
}

/// What of a file is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    Whole,
    /// From the first byte on, so many.
    Part {
        /// The first byte's place.
        from: u64,
        /// Bytes.
        length: u64,
    },
    /// Nothing that there is.
    Beyond,
}

/// What a `Range` header asks for in a file; several ranges, and what is not understood, are left unheeded.
pub(super) fn wanted(range: Option<&str>, length: u64) -> Wanted {
    let parsed = range
        .and_then(|range| range.strip_prefix("bytes="))
        .and_then(|range| range.split_once('-'));
    let Some((first, last)) = parsed else {
        return Wanted::Whole;
    };
    let (from, to) = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(from), Ok(last)) if from <= last => (from, last.saturating_add(1).min(length)),
        (Ok(from), Err(_)) if last.is_empty() => (from, length),
        (Err(_), Ok(count)) if first.is_empty() => (length.saturating_sub(count), length),
        _ => return Wanted::Whole,
    };
    if from >= to {
        return Wanted::Beyond;
    }
    Wanted::Part {
        from,
        length: to - from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_understood_as_http_means_them() {
        let part = |from, length| Wanted::Part { from, length };
        for (range, of_hundred) in [
            (None, Wanted::Whole),
            (Some("bytes=0-9"), part(0, 10)),
            (Some("bytes=90-"), part(90, 10)),
            (Some("bytes=90-900"), part(90, 10)),
            (Some("bytes=-7"), part(93, 7)),
            (Some("bytes=-700"), part(0, 100)),
            (Some("bytes=100-"), Wanted::Beyond),
            (Some("bytes=-0"), Wanted::Beyond),
            (Some("bytes=9-3"), Wanted::Whole),
            (Some("bytes=a-b"), Wanted::Whole),
            (Some("bytes=0-1,5-6"), Wanted::Whole),
            (Some("lines=0-1"), Wanted::Whole),
        ] {
            assert_eq!(wanted(range, 100), of_hundred, "{range:?}");
        }
    }

    #[test]
    fn the_hashes_are_those_of_the_standards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("digits");
        std::fs::write(&path, "123456789").unwrap();
        let object = digested(path).unwrap();
        // The check value of CRC-32C is E3069283; the MD5 is 25f9e794323b453885f5181f1b624d0b.
        assert_eq!(object.crc32c, "4waSgw==");
        assert_eq!(object.md5, "JfnnlDI7RTiF9RgfG2JNCw==");
        assert_eq!(object.length, 9);
    }

    #[test]
    fn an_address_works_as_often_and_as_long_as_was_agreed() {
        let now = Instant::now();
        let mut links = Links::new(Some(2), Duration::from_secs(5));
        let address = links.give("Users.csv", now);
        let (path, query) = address.split_once('?').unwrap();
        let late = now + Duration::from_secs(5);
        assert_eq!(links.open(path, query, late), None);
        assert_eq!(links.open("/storage/Teams.csv", query, now), None);
        assert_eq!(links.open(path, "Signature=12", now), None);
        for _ in 0..2 {
            assert_eq!(links.open(path, query, now).as_deref(), Some("Users.csv"));
        }
        assert_eq!(links.open(path, query, now), None);
    }
}
