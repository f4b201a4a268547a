//! An entry as it stands in the log: one line of JSON in one form, with the digest of the entry before it and its own.
//!
//! The form is canonical: an entry has one line, and a line that differs from it by a single byte is none. The digest is
//! BLAKE3 of the line without its last member (`,"hash":"…"`) and without the line feed, so that it can be made again
//! with any tool.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use super::act::{Deed, Detail, Who};

/// What stands before the first entry.
pub(super) const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its number, from 1 on without a gap.
    pub n: u64,
    /// When. UTC, milliseconds.
    #[serde(serialize_with = "in_milliseconds")]
    pub at: Timestamp,
    /// Who did it.
    pub who: Who,
    /// What.
    pub did: Deed,
    /// About whom: pseudonyms, 200 at most.
    pub subjects: Vec<String>,
    /// Details: words and numbers.
    pub about: BTreeMap<String, Detail>,
    /// The digest of the entry before; zeros: there is none.
    pub before: String,
    /// The digest of this one.
    pub hash: String,
}

fn in_milliseconds<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!("{at:.3}"))
}

impl Entry {
    /// The line, with its line feed and the digest put in.
    pub(super) fn line(&mut self) -> serde_json::Result<String> {
        self.hash.clear();
        let mut line = serde_json::to_string(self)?;
        line.truncate(line.len() - ",\"hash\":\"\"}".len());
        line.push('}');
        self.hash = blake3::hash(line.as_bytes()).to_hex().to_string();
        line.pop();
        line.push_str(",\"hash\":\"");
        line.push_str(&self.hash);
        line.push_str("\"}\n");
        Ok(line)
    }

    /// Reads a line without its line feed.
    pub(super) fn read(line: &[u8]) -> Result<Self, NoEntry> {
        let read: Self = serde_json::from_slice(line).map_err(|_| NoEntry::Unreadable)?;
        let mut same = read.clone();
        let whole = same.line().map_err(|_| NoEntry::Unreadable)?;
        if whole.as_bytes().strip_suffix(b"\n") == Some(line) {
            Ok(read)
        } else {
            Err(NoEntry::Changed)
        }
    }
}

/// Why a line is no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoEntry {
    /// It cannot be read as one.
    Unreadable,
    /// It reads like one, and is not as it was written: some byte is another one.
    Changed,
}

/// Where the log ends: the number and the digest of its newest entry, as `N:HASH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The number of the newest entry; 0: there is none.
    pub number: u64,
    /// Its digest.
    pub hash: String,
}

impl Head {
    /// Of a log without an entry.
    pub(super) fn nothing() -> Self {
        Self {
            number: 0,
            hash: NOTHING.to_owned(),
        }
    }

    /// Of a log that ends with this entry.
    pub(super) fn of(entry: &Entry) -> Self {
        Self {
            number: entry.n,
            hash: entry.hash.clone(),
        }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.number, self.hash)
    }
}

/// Why a text is no [`Head`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a number, a colon and 64 hexadecimal digits are needed, as `plaudit audit verify` prints them"
)]
pub struct NoHead;

impl FromStr for Head {
    type Err = NoHead;

    fn from_str(text: &str) -> Result<Self, NoHead> {
        let (number, hash) = text.split_once(':').ok_or(NoHead)?;
        let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_hash = hash.len() == NOTHING.len() && hash.bytes().all(digit);
        let read = Self {
            number: number.parse().map_err(|_| NoHead)?,
            hash: hash.to_owned(),
        };
        if is_hash && read.to_string() == text {
            Ok(read)
        } else {
            Err(NoHead)
        }
    }
}
