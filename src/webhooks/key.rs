//! The key that the receivers' secrets are made from. It is a file beside the store, so that no secret is in there.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretBox, SecretString};

use crate::disk::sync_folder;

/// The file's name within the data folder.
const FILE: &str = "webhook.key";

/// Its length, and that of each secret. Bytes.
const LENGTH: usize = 32;

/// Sets what is made of the key here apart from anything else that may be made of it.
const PURPOSE: &[u8] = b"plaudit: secret of a webhook, version 1\0";

/// The key.
#[derive(Clone)]
pub struct Key(Arc<SecretBox<[u8; LENGTH]>>);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error("cannot read or make {}: {cause}", path.display())]
    Unusable {
        /// Where it is.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The file is no key.
    #[error(
        "{} is no key of plaudit's, which has {LENGTH} bytes; bring it back from a copy, or take it away: then \
         every receiver needs a new secret",
        path.display()
    )]
    Damaged {
        /// Where it is.
        path: PathBuf,
    },
}

/// Never the secret.
impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key")
    }
}

impl Key {
    /// The key of a data folder, which is made where there is none. Only whoever has the store open may ask for it.
    pub fn within(folder: &Path) -> Result<Self, KeyError> {
        let path = folder.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => match <[u8; LENGTH]>::try_from(bytes) {
                Ok(key) => Ok(Self(Arc::new(SecretBox::new(Box::new(key))))),
                Err(_) => Err(KeyError::Damaged { path }),
            },
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                make(folder, &path).map_err(|cause| KeyError::Unusable { path, cause })
            }
            Err(cause) => Err(KeyError::Unusable { path, cause }),
        }
    }

    /// The secret of the endpoint of this id, as Standard Webhooks writes it: `whsec_` and base64.
    #[must_use]
    pub fn secret(&self, endpoint: &str) -> SecretString {
        let secret = self.bytes(endpoint);
        format!("whsec_{}", BASE64_STANDARD.encode(secret)).into()
    }

    /// The bytes of that secret.
    pub(super) fn bytes(&self, endpoint: &str) -> [u8; LENGTH] {
        let mut hasher = blake3::Hasher::new_keyed(self.0.expose_secret());
        hasher.update(PURPOSE);
        hasher.update(endpoint.as_bytes());
        hasher.finalize().into()
    }
}

/// Makes a key that is on the disk, whole and for good, before anybody uses it.
fn make(folder: &Path, path: &Path) -> io::Result<Key> {
    let mut key = Box::new([0; LENGTH]);
    getrandom::fill(key.as_mut_slice()).map_err(|error| io::Error::other(error.to_string()))?;
    let under_way = path.with_extension("key.new");
    let mut file = for_owner(&under_way)?;
    file.write_all(key.as_slice())?;
    file.sync_all()?;
    fs::rename(&under_way, path)?;
    sync_folder(folder)?;
    tracing::info!("made the key of the webhooks");
    Ok(Key(Arc::new(SecretBox::new(key))))
}

/// A file that its owner alone may read, also where the process would let others.
fn for_owner(path: &Path) -> io::Result<File> {
    // What a crash has left may be readable for others.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_alone_and_gives_each_endpoint_its_own_secret() {
        let folder = tempfile::tempdir().unwrap();
        let key = Key::within(folder.path()).unwrap();
        let secret = |key: &Key, id| key.secret(id).expose_secret().to_owned();
        let first = secret(&key, "0a1b2c3d");
        assert!(first.starts_with("whsec_"), "{first}");
        assert_eq!(
            BASE64_STANDARD.decode(&first["whsec_".len()..]).unwrap(),
            key.bytes("0a1b2c3d")
        );
        let again = Key::within(folder.path()).unwrap();
        assert_eq!(secret(&again, "0a1b2c3d"), first);
        assert_ne!(secret(&again, "0a1b2c3e"), first);
        let elsewhere = tempfile::tempdir().unwrap();
        let other = Key::within(elsewhere.path()).unwrap();
        assert_ne!(secret(&other, "0a1b2c3d"), first);
        assert_eq!(format!("{key:?}"), "Key");
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(names.len(), 1, "{names:?}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join(FILE))
                .unwrap()
                .permissions();
            assert_eq!(mode.mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_key_that_was_cut_short_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        fs::write(&path, [1; LENGTH - 1]).unwrap();
        let refused = Key::within(folder.path()).unwrap_err();
        assert!(matches!(refused, KeyError::Damaged { .. }), "{refused}");
        assert_eq!(fs::read(&path).unwrap().len(), LENGTH - 1);
    }
}
