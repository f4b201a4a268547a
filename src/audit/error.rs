//! Why something could not be written down, one variant for each thing that can be done about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why the log did not take an entry, or could not be read.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// There is no room left.
    #[error("no room left for the audit log in {}, and nothing is done that cannot be written down", folder.display())]
    Full {
        /// The log's folder.
        folder: PathBuf,
    },
    /// The folder or a file in it cannot be read or written.
    #[error(
        "the audit log in {} cannot be used, and nothing is done that cannot be written down: {cause}",
        folder.display()
    )]
    Unusable {
        /// The log's folder.
        folder: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The key that pseudonyms are made with is none.
    #[error("{} is no key of plaudit's, which has 32 bytes", path.display())]
    Key {
        /// Where it is.
        path: PathBuf,
    },
    /// Another process has held the log for too long.
    #[error("another process holds the audit log in {} and does not let go", folder.display())]
    Busy {
        /// The log's folder.
        folder: PathBuf,
    },
}

impl AuditError {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Full { .. } => "free some space, then run the same command again",
            Self::Unusable { cause, .. } if cause.kind() == io::ErrorKind::IsADirectory => {
                "a folder stands where one of its files should be; move the folder away, or choose another data folder with --data-dir"
            }
            Self::Unusable { cause, .. }
                if matches!(
                    cause.kind(),
                    io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory
                ) =>
            {
                "a file stands where its folder should be; move the file away, or choose another data folder with --data-dir"
            }
            Self::Unusable { cause, .. } if cause.kind() == io::ErrorKind::ReadOnlyFilesystem => {
                "the disk is mounted for reading alone: mount it for writing, or choose another folder with --data-dir"
            }
            Self::Unusable { cause, .. } if cause.kind() != io::ErrorKind::PermissionDenied => {
                "mend the cause, then run the same command again, or choose another folder with --data-dir"
            }
            Self::Unusable { .. } => {
                "give yourself the right to write there, or choose another folder with --data-dir"
            }
            Self::Key { .. } => {
                "bring it back from a copy, or move it away: then the same person gets another pseudonym from here on"
            }
            Self::Busy { .. } => {
                "end the process that was stopped while it wrote, then run the same command again"
            }
        }
    }

    /// What the operating system said about the log in this folder.
    pub(super) fn of(folder: &Path, cause: io::Error) -> Self {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull, WriteZero};
        let folder = folder.to_owned();
        match cause.kind() {
            StorageFull | QuotaExceeded | FileTooLarge | WriteZero => Self::Full { folder },
            io::ErrorKind::ResourceBusy => Self::Busy { folder },
            // Said of the key alone.
            io::ErrorKind::InvalidData => Self::Key {
                path: folder.join(super::pseudonym::FILE),
            },
            _ => Self::Unusable { folder, cause },
        }
    }
}
