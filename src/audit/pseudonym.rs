//! The names that applicants bear in the log: keyed digests of their ids.
//!
//! They stay when the applicant is erased. Without the key nobody can tell whose one is, nor make one up for an id; with
//! the key and an id it can be made again, which is how the log answers what was done about somebody.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::disk::sync_folder;
use crate::domain::applicant::ApplicantId;

/// The key's name within the log's folder.
pub(super) const FILE: &str = "key";

/// Its length. Bytes.
const LENGTH: usize = 32;

/// Sets what is made of the key here apart from anything else that may be made of it.
const PURPOSE: &[u8] = b"plaudit: pseudonym in the audit log, version 1\0";

/// What pseudonyms are made with.
#[derive(Clone)]
pub(super) struct Key([u8; LENGTH]);

impl Key {
    /// The key of a log's folder; `None`: there is none yet. Bytes that are no key are `InvalidData`.
    pub(super) fn read(folder: &Path) -> io::Result<Option<Self>> {
        match fs::read(folder.join(FILE)) {
            Ok(bytes) => match bytes.try_into() {
                Ok(key) => Ok(Some(Self(key))),
                Err(_) => Err(io::Error::from(io::ErrorKind::InvalidData)),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a key that is on the disk, whole and for good, before anybody uses it. Whoever calls holds the log.
    pub(super) fn make(folder: &Path) -> io::Result<Self> {
        let mut key = [0; LENGTH];
        getrandom::fill(&mut key).map_err(|error| io::Error::other(error.to_string()))?;
        let under_way = folder.join("key.new");
        let mut file = for_owner(
            OpenOptions::new().write(true).create(true).truncate(true),
            &under_way,
        )?;
        file.write_all(&key)?;
        file.sync_all()?;
        fs::rename(&under_way, folder.join(FILE))?;
        sync_folder(folder)?;
        Ok(Self(key))
    }

    /// An applicant's name in the log: `p-` and 16 hexadecimal digits.
    pub(super) fn pseudonym(&self, id: &ApplicantId) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(PURPOSE);
        hasher.update(id.as_str().as_bytes());
        let digest = hasher.finalize().to_hex();
        format!("p-{}", &digest[..16])
    }
}

/// Opens a file that its owner alone may read, if this makes it.
pub(super) fn for_owner(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}
