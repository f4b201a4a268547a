//! All that is kept, as lines of JSON in one file that needs no engine to be read: what a store is made from anew when
//! the engine's files are damaged, on another machine, or by another program.
//!
//! The file is a zstd stream of lines. The first one is a `Head`. Then comes a `Line` for each primary value, in the
//! order of the tables and their keys, with the value's JSON to the byte as it is stored: a score comes back as it was.
//! What follows from other values (queues, lists by role and by handle, counts) is left out and made anew, and so are
//! sessions, which nobody should find open again. The last line is a `Foot`: how many lines there were between, and the
//! digest of all bytes before it. So a dump that was cut or changed is known before anything is made from it.
//!
//! A dump is written under another name and given its own when the disk has it. While it is written, changes go on: what
//! they replace is kept aside until the dump has passed it (`view`), so that it shows the store at one moment.

mod check;
mod clean;
mod folder;
mod line;
mod read;
mod sieve;
mod take;
mod write;

pub(super) mod view;

pub(super) use clean::clean;
use folder::prepare;
pub(super) use folder::remove_unfinished;
pub use folder::{all, folder_within, move_to, name_of, newest_whole, remove_old};
pub(super) use line::Line;
#[cfg(test)]
pub(super) use read::verify;
pub(super) use read::{Reader, verify_each};
pub(super) use sieve::Sieve;
use take::take;
#[cfg(test)]
pub(super) use write::rewrite;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{engine::Engine, error::Fault};

/// The form of dumps that this program writes, and the newest one that it reads.
pub(super) const FORMAT: u32 = 1;

/// What is in a dump.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dumped {
    /// The file.
    pub file: PathBuf,
    /// When it was made: it holds all that was acknowledged before.
    pub made_at: Timestamp,
    /// The newest change in it.
    pub change: u64,
    /// Values in it. Count.
    pub records: u64,
    /// Applicants among them. Count.
    pub applicants: u64,
    /// Its size. Bytes.
    pub bytes: u64,
}

/// Writes a dump of an open store; see `Store::back_up`.
pub(super) fn back_up(engine: &Engine, to: Option<&Path>, now: Timestamp) -> Result<Dumped, Fault> {
    let folder = engine.dumps();
    let to = to.map_or_else(|| folder.join(name_of(now)), Path::to_owned);
    if to.starts_with(&folder) {
        prepare(&folder).map_err(|error| Fault::DumpNotWritten {
            file: to.clone(),
            why: error.to_string(),
        })?;
    }
    take(engine, &to, now)
}
