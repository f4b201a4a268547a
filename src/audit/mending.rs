//! What the log says of itself: that it was found otherwise than it was left.

use jiff::Timestamp;

use super::act::{Act, Deed, Detail, Who};
use super::entry::Entry;

/// What was found otherwise than it was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mended {
    /// The last line was cut short by a crash. Nobody had been told of it.
    Line,
    /// The log did not end as its head said.
    Gap,
    /// The head was missing or could not be read, though there were entries.
    Head,
    /// The key was missing, though there were entries.
    Key,
}

impl Mended {
    /// As it stands in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Gap => "gap",
            Self::Head => "head",
            Self::Key => "key",
        }
    }

    /// Whether all entries before are still known to be there.
    #[must_use]
    pub fn is_harmless(self) -> bool {
        matches!(self, Self::Line | Self::Key)
    }

    /// The act that says so.
    pub(super) fn act(self) -> Act {
        Act::new(Who::Log, Deed::Mended).with("what", self.word())
    }
}

/// An entry that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mending {
    /// The entry.
    pub entry: u64,
    /// The line on which it stands, from 1 on.
    pub line: u64,
    /// When it was found.
    pub at: Timestamp,
    /// What was.
    pub what: Mended,
}

impl Mending {
    /// What the entry on this line says; `None`: it speaks of something else.
    pub(super) fn of(entry: &Entry, line: u64) -> Option<Self> {
        if (entry.did, &entry.who) != (Deed::Mended, &Who::Log) {
            return None;
        }
        let said = entry.about.get("what");
        let is = |what: &Mended| said == Some(&Detail::from(what.word()));
        // A word that nobody knows stands for the worst.
        let known = [Mended::Line, Mended::Head, Mended::Key];
        Some(Self {
            entry: entry.n,
            line,
            at: entry.at,
            what: known.into_iter().find(is).unwrap_or(Mended::Gap),
        })
    }
}
