//! Reading the log: verified as a whole, or entry by entry for whoever asks.

use std::fs::{File, TryLockError};
use std::io::{self, BufReader, Read};
use std::path::Path;

use jiff::Timestamp;

use super::entry::{Entry, Head};
use super::file::{self, HeadFile, Reading};
use super::verify::{Line, Lines, Verified, verify};
use super::{Audit, AuditError, LOOKS, PAUSE};
use crate::domain::applicant::ApplicantId;

/// What is read of a log at once. Bytes.
const BUFFER: usize = 256 << 10;

/// What was told of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Entries that were told. Count.
    pub entries: u64,
    /// Lines that are no entries as they were written. Count; `plaudit audit verify` says more.
    pub unreadable: u64,
}

/// Which entries are asked for.
#[derive(Debug, Clone, Default)]
struct Wanted {
    since: Option<Timestamp>,
    subject: Option<String>,
}

impl Wanted {
    fn is(&self, entry: &Entry) -> bool {
        self.since.is_none_or(|since| entry.at >= since)
            && (self.subject.as_ref()).is_none_or(|subject| entry.subjects.contains(subject))
    }
}

impl Audit {
    /// Whether the log is whole, and ends as its head says; and whether it still holds a head that was `kept` elsewhere.
    /// `None`: there is no log. Nothing is made or mended.
    pub async fn verify(&self, kept: Option<Head>) -> Result<Option<Verified>, AuditError> {
        self.blocking(move |log| {
            let Some(Reading { log, head, .. }) = reading(&log.folder)? else {
                return Ok(None);
            };
            verify(BufReader::with_capacity(BUFFER, log), &head, kept.as_ref()).map(Some)
        })
        .await
    }

    /// Tells entries in their order: those since a moment, and those about a subject, also one who was erased. `tell` is
    /// given each with its line as it stands there, and ends the reading with an error of its own.
    pub async fn entries<E: From<io::Error> + Send + 'static>(
        &self,
        since: Option<Timestamp>,
        subject: Option<&ApplicantId>,
        mut tell: impl FnMut(Entry, &[u8]) -> Result<(), E> + Send + 'static,
    ) -> Result<Result<Told, E>, AuditError> {
        let subject = subject.cloned();
        self.blocking(move |log| {
            let Some(Reading { log, key, .. }) = reading(&log.folder)? else {
                return Ok(Ok(Told::default()));
            };
            let wanted = Wanted {
                since,
                subject: match (subject, key) {
                    (None, _) => None,
                    (Some(id), Some(key)) => Some(key.pseudonym(&id)),
                    // Nobody can tell any more whose the pseudonyms are.
                    (Some(_), None) => return Ok(Ok(Told::default())),
                },
            };
            let mut lines = Lines::new(BufReader::with_capacity(BUFFER, log));
            let mut told = Told::default();
            loop {
                match lines.next()? {
                    Line::End => return Ok(Ok(told)),
                    Line::Entry(entry) => {
                        if wanted.is(&entry) {
                            told.entries += 1;
                            if let Err(error) = tell(*entry, lines.text()) {
                                return Ok(Err(error));
                            }
                        }
                    }
                    Line::Changed | Line::Unreadable | Line::Torn => told.unreadable += 1,
                }
            }
        })
        .await
    }

    /// The name that an applicant bears in the log; `None`: there is no log.
    pub async fn pseudonym(&self, id: &ApplicantId) -> Result<Option<String>, AuditError> {
        let id = id.clone();
        self.blocking(move |log| {
            let read = reading(&log.folder)?;
            Ok(read.and_then(|read| Some(read.key?.pseudonym(&id))))
        })
        .await
    }
}

/// Whether a copy of a log is whole, and holds a head that was `kept`. That its end was not cut off, the latter alone
/// can tell.
pub fn verify_copy(path: &Path, kept: Option<&Head>) -> io::Result<Verified> {
    let log: Box<dyn Read> = Box::new(File::open(path)?);
    verify(
        BufReader::with_capacity(BUFFER, log),
        &HeadFile::OfCopy,
        kept,
    )
}

/// Opens the log up to where it ends now, when nobody is in the middle of writing.
fn reading(folder: &Path) -> io::Result<Option<Reading>> {
    let Some(lock) = file::lock_of(folder)? else {
        return file::reading(folder);
    };
    for _ in 0..LOOKS {
        match lock.try_lock_shared() {
            // Let go with the file.
            Ok(()) => return file::reading(folder),
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}
