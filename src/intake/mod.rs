//! Lists of applicants: from the bytes of a file, or from links on the command line, to [`Applicant`]s.
//!
//! The bytes come from strangers by way of a recruiter, so every size has a limit, every free text is made
//! harmless, and a row that cannot be read is told with its place while the rest goes on.
//! Nothing here opens a file, prints, or asks a host.
//!
//! What counts as one person: rows with the same id, or with the same GitHub, Kaggle or ORCID account under
//! any id, are merged. Links that only point at somebody's repository or data set do not make two rows one
//! person, because many people link to the same famous project.

mod columns;
mod csv;
mod decode;
mod error;
mod jsonl;
mod roster;
mod row;
mod split;
mod xlsx;

#[cfg(test)]
mod generated_tests;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::{Timestamp, tz::Offset};

use crate::domain::{
    applicant::{Applicant, ApplicantId},
    link::{Column, GitHubHosts},
};

pub use self::error::{IntakeError, RowError};
use self::roster::Roster;

/// Largest list that is read. Bytes. Room for 100,000 rows of 600 bytes each; more is no list of
/// applicants. A caller that reads a stream should stop one byte beyond it.
pub const LARGEST_LIST: usize = 64 << 20;

/// Most rows that a list may have. Count. At GitHub's 5,000 points an hour 100,000 applicants are a day's
/// work already.
pub const MOST_ROWS: usize = 100_000;

/// Longest cell that is read. Bytes. Half of what a spreadsheet's cell can hold, and eight of the longest
/// links.
pub const LONGEST_CELL: usize = 16 << 10;

/// Where a day begins first. A list says days without their zone.
const FIRST_ZONE: Offset = Offset::constant(14);

/// A list that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Whom it names, in its order, each once.
    pub applicants: Vec<Listed>,
    /// What could not be read, in its order.
    pub refused: Vec<RefusedRow>,
    /// The further places of applicants who stand in it more than once, with whom each is, in its order.
    pub merged: Vec<(u64, ApplicantId)>,
    /// What a person should know about the list as a whole.
    pub notices: Vec<String>,
    /// What its places are counted in.
    pub counted: Counted,
}

impl List {
    /// Refuses whoever's rows say that the data may be processed from a day on that has not begun anywhere yet.
    pub fn refuse_later_legal_basis(&mut self, now: Timestamp) {
        let today = now.to_zoned(FIRST_ZONE.to_time_zone()).date();
        self.refuse(|applicant| {
            let later = applicant.legal_basis_at.filter(|day| *day > today);
            later.map(RowError::LaterLegalBasis)
        });
    }

    /// Refuses whoever's rows do not say on what ground the data may be processed, and since when.
    pub fn refuse_without_legal_basis(&mut self) {
        self.refuse(|applicant| {
            let wanting = match (&applicant.legal_basis, applicant.legal_basis_at) {
                (Some(_), Some(_)) => return None,
                (Some(_), None) => "since when the legal basis holds is not said",
                (None, _) => "on what legal basis the data may be processed is not said",
            };
            Some(RowError::LegalBasis(wanting))
        });
    }

    /// Refuses the rows of those for whom there is a reason.
    fn refuse(&mut self, why: impl Fn(&Applicant) -> Option<RowError>) {
        for listed in std::mem::take(&mut self.applicants) {
            match why(&listed.applicant) {
                None => self.applicants.push(listed),
                Some(reason) => self.refused.push(RefusedRow {
                    line: listed.line,
                    reason,
                }),
            }
        }
        self.refused.sort_by_key(|row| row.line);
    }
}

/// An applicant and the place in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The applicant.
    pub applicant: Applicant,
    /// The line, row or link where the applicant stands first, from 1.
    pub line: u64,
    /// What a person should know about the way this row was read. Holds no e-mail address.
    pub notices: Vec<String>,
}

/// A row that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// The line where it begins, the row, or the link, from 1.
    pub line: u64,
    /// Why.
    pub reason: RowError,
}

/// What the places of a list are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Lines of a text file.
    Line,
    /// Rows of a spreadsheet.
    Row,
    /// Links on the command line.
    Link,
}

impl fmt::Display for Counted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Line => "line",
            Self::Row => "row",
            Self::Link => "link",
        })
    }
}

/// Reads a list from the bytes of a file or of standard input.
///
/// The format follows from the content: a spreadsheet (XLSX), JSON objects line by line, or separated
/// values. A text without a header whose lines are links is a list of links, one applicant a line.
/// `role` is for rows that name none; `hosts` are the hosts that count as GitHub.
pub fn read(bytes: &[u8], role: &str, hosts: &GitHubHosts) -> Result<List, IntakeError> {
    if bytes.len() > LARGEST_LIST {
        return Err(IntakeError::TooLarge { bytes: bytes.len() });
    }
    if bytes.starts_with(b"PK\x03\x04") {
        let mut roster = Roster::new(role, hosts, Counted::Row);
        xlsx::read(bytes, &mut roster)?;
        return roster.finish();
    }
    let mut roster = Roster::new(role, hosts, Counted::Line);
    let text = decode::text(bytes, &mut roster)?;
    match text.trim_start().as_bytes() {
        [b'{', ..] => jsonl::read(&text, &mut roster)?,
        [b'[', rest @ ..] if rest.trim_ascii_start().starts_with(b"{") => {
            return Err(IntakeError::NotJsonLines);
        }
        _ => csv::read(&text, &mut roster)?,
    }
    roster.finish()
}

/// Applicants from links on the command line.
///
/// Each link is an applicant of its own: whether a GitHub and a Kaggle link belong to one person cannot be
/// seen from the outside, and a list can say it. The same account twice is one applicant.
pub fn from_links(links: &[String], role: &str, hosts: &GitHubHosts) -> Result<List, IntakeError> {
    let mut roster = Roster::new(role, hosts, Counted::Link);
    for (place, link) in (1..).zip(links) {
        roster.link(place, Column::CommandLine, link)?;
    }
    roster.finish()
}
