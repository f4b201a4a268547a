//! What the store can refuse, one variant for each thing that a caller can do about it.

use std::{
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{domain::applicant::ApplicantId, folder::Distrust};

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the folder open.
    #[error(
        "the data folder {} is in use by another plaudit",
        folder.display()
    )]
    InUse {
        /// The data folder.
        folder: PathBuf,
    },
    /// The folder cannot be made or written to.
    #[error(
        "cannot write to the data folder {}: {cause}",
        folder.display()
    )]
    Unwritable {
        /// The data folder.
        folder: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// There is no room left. What was acknowledged before is kept.
    #[error(
        "no room left for the data folder {}; nothing that was acknowledged is lost",
        folder.display()
    )]
    Full {
        /// The data folder.
        folder: PathBuf,
    },
    /// Something that was stored cannot be read back as it was stored.
    #[error(
        "the store in {} is damaged: {what}",
        folder.display()
    )]
    Damaged {
        /// The data folder.
        folder: PathBuf,
        /// What is damaged, in words.
        what: String,
        /// The newest whole dump that it can be restored from, where one was found.
        dump: Option<PathBuf>,
    },
    /// The folder was written by a newer plaudit.
    #[error(
        "the store in {} has format {found}, and this plaudit knows formats up to {known}",
        folder.display()
    )]
    Newer {
        /// The data folder.
        folder: PathBuf,
        /// The format found.
        found: u32,
        /// The newest format that this program reads.
        known: u32,
    },
    /// The lease ran out and somebody else may have the job by now. Its work is thrown away.
    #[error("the lease on the job of {applicant} was lost; the job is done by whoever has it now")]
    LeaseLost {
        /// Whose job it was.
        applicant: ApplicantId,
    },
    /// Somebody else has changed what a change was made from. Nothing of the change is kept.
    #[error(
        "what is kept about {applicant} was changed by somebody else meanwhile; nothing was kept of this change"
    )]
    Overtaken {
        /// Whose.
        applicant: ApplicantId,
    },
    /// A dump cannot be used, and nothing was made from it.
    #[error("the dump {} cannot be used: {why}; nothing was changed", file.display())]
    DumpUnusable {
        /// The file.
        file: PathBuf,
        /// What is wrong with it, in words.
        why: String,
    },
    /// A dump cannot be written. What is kept is as it was.
    #[error("the dump {} cannot be written: {why}", file.display())]
    DumpNotWritten {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        why: String,
    },
    /// The operating system refused a read or a write. The store takes no more changes until it is opened
    /// again; what was acknowledged before is kept.
    #[error(
        "the store in {} cannot go on: {what}; nothing that was acknowledged is lost",
        folder.display()
    )]
    Failed {
        /// The data folder.
        folder: PathBuf,
        /// What happened, in words.
        what: String,
    },
    /// A server of another version has the folder.
    #[error(
        "the server that has the data folder {} runs plaudit {theirs}, and this is plaudit {ours}",
        folder.display()
    )]
    OtherVersion {
        /// The data folder.
        folder: PathBuf,
        /// The server's version.
        theirs: String,
        /// This program's version.
        ours: &'static str,
    },
    /// The server that has the folder did not answer to the end. Whether it did what it was asked is not known; what
    /// it acknowledged is kept.
    #[error(
        "the server that has the data folder {} does not answer: {why}",
        folder.display()
    )]
    Unanswered {
        /// The data folder.
        folder: PathBuf,
        /// What is known of it, in words.
        why: String,
    },
    /// Others may have put something of theirs into the folder, or may do so: nothing in it is trusted.
    #[error(transparent)]
    Distrusted(#[from] Distrust),
    /// Only the process that has the folder may do that: work off the queue, or share the folder.
    #[error(
        "a server has the data folder {}, and it alone may do that",
        folder.display()
    )]
    OwnersOnly {
        /// The data folder.
        folder: PathBuf,
    },
}

impl StoreError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Damaged {
                folder,
                dump: Some(dump),
                ..
            } => {
                return Some(format!(
                    "`plaudit --data-dir {} restore {}` makes it anew from the newest whole dump",
                    folder.display(),
                    dump.display()
                ));
            }
            Self::InUse { .. } => {
                Some("wait for it to end, or choose another folder with --data-dir")
            }
            Self::Unwritable { cause, .. }
                if matches!(
                    cause.kind(),
                    io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory
                ) =>
            {
                Some(
                    "a file stands where the folder should be; move it, or choose another folder with --data-dir",
                )
            }
            Self::Unwritable { .. } => Some(
                "give yourself the right to write there, or choose another folder with --data-dir",
            ),
            Self::Full { .. } => Some("free some space, then run the same command again"),
            Self::Damaged { .. } => Some(
                "restore it with `plaudit restore FILE` from a dump that you keep elsewhere, or move the folder away to begin anew",
            ),
            Self::Newer { .. } => Some(
                "use the newer plaudit that wrote it, or choose another folder with --data-dir",
            ),
            Self::DumpUnusable { .. } => Some(
                "name another dump; those that plaudit makes by itself are in dumps/ in the data folder",
            ),
            Self::DumpNotWritten { why, .. } => Some(way_out_of(why)),
            Self::LeaseLost { .. } => None,
            Self::Overtaken { .. } => {
                Some("look at what is there now, then run the same command again")
            }
            Self::Failed { .. } => Some("mend the cause, then run the same command again"),
            Self::OtherVersion { .. } => {
                Some("use the plaudit that the server runs, or begin the server anew with this one")
            }
            Self::Unanswered { .. } => Some("run the same command again"),
            Self::Distrusted(distrust) => Some(distrust.hint()),
            Self::OwnersOnly { .. } => {
                Some("end the server first, or choose another folder with --data-dir")
            }
        };
        hint.map(ToOwned::to_owned)
    }
}

/// What to do when a dump could not be written, by what the operating system said.
fn way_out_of(why: &str) -> &'static str {
    use io::ErrorKind::{
        FileTooLarge, IsADirectory, NotADirectory, NotFound, PermissionDenied, QuotaExceeded,
        ReadOnlyFilesystem, StorageFull, WriteZero,
    };
    match kind_of(why) {
        Some(StorageFull | QuotaExceeded | FileTooLarge | WriteZero) => {
            "free some space or name another file, then run the same command again"
        }
        Some(ReadOnlyFilesystem) => {
            "that disk can only be read: name a file on another one, or mount it for writing"
        }
        Some(PermissionDenied) => {
            "give the user that plaudit runs as the right to write there, or name another file"
        }
        Some(NotFound | NotADirectory) => "make the folder first, or name a file in another one",
        Some(IsADirectory) => "a folder stands there: name a file in it, or another one",
        Some(_) | None => "mend the cause or name another file, then run the same command again",
    }
}

/// The kind of an error of which the text alone was kept, by the number in it.
fn kind_of(why: &str) -> Option<io::ErrorKind> {
    let (_, number) = why.rsplit_once("(os error ")?;
    let number = number.split_once(')')?.0.parse().ok()?;
    Some(io::Error::from_raw_os_error(number).kind())
}

/// The same decisions without the folder, as the rooms below the interface make them and as they cross the socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fault {
    /// See [`StoreError::Full`].
    Full,
    /// See [`StoreError::Damaged`].
    Damaged(String),
    /// See [`StoreError::Newer`].
    Newer { found: u32, known: u32 },
    /// See [`StoreError::DumpUnusable`].
    DumpUnusable { file: PathBuf, why: String },
    /// See [`StoreError::DumpNotWritten`].
    DumpNotWritten { file: PathBuf, why: String },
    /// See [`StoreError::LeaseLost`].
    LeaseLost(ApplicantId),
    /// See [`StoreError::Overtaken`].
    Overtaken(ApplicantId),
    /// See [`StoreError::Failed`].
    Failed(String),
}

impl Fault {
    /// The error that users see.
    pub(super) fn at(self, folder: &Path) -> StoreError {
        let folder = folder.to_owned();
        match self {
            Self::Full => StoreError::Full { folder },
            Self::Damaged(what) => StoreError::Damaged {
                folder,
                what,
                dump: None,
            },
            Self::Newer { found, known } => StoreError::Newer {
                folder,
                found,
                known,
            },
            Self::DumpUnusable { file, why } => StoreError::DumpUnusable { file, why },
            Self::DumpNotWritten { file, why } => StoreError::DumpNotWritten { file, why },
            Self::LeaseLost(applicant) => StoreError::LeaseLost { applicant },
            Self::Overtaken(applicant) => StoreError::Overtaken { applicant },
            Self::Failed(what) => StoreError::Failed { folder, what },
        }
    }
}

/// Whether the operating system says that there is no room: disk, quota or file size.
pub(super) fn no_room(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull, WriteZero};
    // The engine repeats an error as text under the same kind; the text is the second chance.
    let text = || error.to_string().to_ascii_lowercase();
    matches!(
        error.kind(),
        StorageFull | QuotaExceeded | FileTooLarge | WriteZero
    ) || text().contains("no space left")
        || text().contains("storagefull")
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full { .. } => Self::Full,
            StoreError::Damaged { what, .. } => Self::Damaged(what),
            StoreError::Newer { found, known, .. } => Self::Newer { found, known },
            StoreError::DumpUnusable { file, why } => Self::DumpUnusable { file, why },
            StoreError::DumpNotWritten { file, why } => Self::DumpNotWritten { file, why },
            StoreError::LeaseLost { applicant } => Self::LeaseLost(applicant),
            StoreError::Overtaken { applicant } => Self::Overtaken(applicant),
            StoreError::Failed { what, .. } => Self::Failed(what),
            // An open store of one's own has none of these.
            StoreError::InUse { .. }
            | StoreError::Unwritable { .. }
            | StoreError::OtherVersion { .. }
            | StoreError::Unanswered { .. }
            | StoreError::Distrusted(_)
            | StoreError::OwnersOnly { .. } => Self::Failed(error.to_string()),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        if no_room(&error) {
            Self::Full
        } else {
            Self::Failed(error.to_string())
        }
    }
}

impl From<sled::Error> for Fault {
    fn from(error: sled::Error) -> Self {
        use io::ErrorKind::{InvalidData, NotFound, UnexpectedEof};
        match error {
            sled::Error::Io(cause)
                if matches!(cause.kind(), InvalidData | NotFound | UnexpectedEof) =>
            {
                Self::Damaged(format!("a part of the log cannot be read ({cause})"))
            }
            sled::Error::Io(cause) => cause.into(),
            sled::Error::Corruption { .. } => {
                Self::Damaged("a part of the log does not match its checksum".to_owned())
            }
            sled::Error::Unsupported(why) | sled::Error::ReportableBug(why) => Self::Damaged(why),
            sled::Error::CollectionNotFound(_) => Self::Damaged("a table is missing".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_having_no_room_is_recognised() {
        for (error, full) in [
            (io::Error::from_raw_os_error(28), true), // ENOSPC
            (io::Error::from_raw_os_error(27), true), // EFBIG
            (io::Error::from(io::ErrorKind::QuotaExceeded), true),
            (io::Error::from(io::ErrorKind::WriteZero), true),
            (io::Error::other("Os { code: 28, kind: StorageFull }"), true),
            (io::Error::other("No space left on device"), true),
            (io::Error::from_raw_os_error(5), false), // EIO
            (io::Error::from(io::ErrorKind::PermissionDenied), false),
        ] {
            // The engine's own clone keeps the kind and turns the rest into text.
            let shown = error.to_string();
            let cloned = sled::Error::Io(error).clone();
            let fault = Fault::from(cloned);
            assert_eq!(fault == Fault::Full, full, "{shown}: {fault:?}");
        }
    }

    #[test]
    fn an_unreadable_log_is_damage_and_not_a_failure_to_write() {
        for error in [
            sled::Error::Corruption { at: None, bt: () },
            sled::Error::Io(io::Error::from(io::ErrorKind::NotFound)),
            sled::Error::Unsupported("other settings".to_owned()),
        ] {
            assert!(matches!(Fault::from(error), Fault::Damaged(_)));
        }
    }

    #[test]
    fn the_hint_to_a_dump_that_was_not_written_fits_the_cause() {
        for (number, hint) in [
            (28, "free some space"),          // ENOSPC
            (30, "can only be read"),         // EROFS
            (13, "the right to write there"), // EACCES
            (2, "make the folder first"),     // ENOENT
            (21, "a folder stands there"),    // EISDIR
            (5, "mend the cause"),            // EIO
        ] {
            let why = io::Error::from_raw_os_error(number).to_string();
            assert!(way_out_of(&why).contains(hint), "{why}");
        }
        assert!(way_out_of("people are being erased").contains("mend the cause"));
    }

    #[test]
    fn messages_say_what_why_and_next() {
        let folder = Path::new("/srv/plaudit");
        for (fault, parts) in [
            (
                Fault::Full,
                [
                    "no room",
                    "nothing that was acknowledged is lost",
                    "run the same",
                ],
            ),
            (
                Fault::Damaged("x does not match".to_owned()),
                ["damaged", "x does not match", "move the folder away"],
            ),
            (
                Fault::Newer { found: 3, known: 1 },
                ["format 3", "up to 1", "newer plaudit"],
            ),
        ] {
            let error = fault.at(folder);
            let shown = format!("{error}\n{}", error.hint().unwrap());
            assert!(shown.contains("/srv/plaudit"), "{shown}");
            for part in parts {
                assert!(shown.contains(part), "{shown}");
            }
        }
    }
}
