//! Why a list, or a row of it, could not be read.

use jiff::civil::Date;

use super::{LARGEST_LIST, LONGEST_CELL, MOST_ROWS};
use crate::domain::{applicant::BadApplicantId, link::LinkError};

/// Why nothing could be read from a list. Each variant is final: a person has to give another file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// Nothing in it.
    #[error(
        "the list is empty; it needs a header such as id,name,github and a line for each applicant"
    )]
    Empty,
    /// A header and nothing below it.
    #[error("the list has a header and no applicants; write a line for each applicant below it")]
    NoRows,
    /// Larger than any list of applicants.
    #[error(
        "the list is larger than {limit} MiB, so it is hardly a list of applicants; split it, or keep the columns that are read",
        limit = LARGEST_LIST >> 20
    )]
    TooLarge {
        /// Its size. Bytes.
        bytes: usize,
    },
    /// More rows than are read.
    #[error("the list has more than {MOST_ROWS} rows; split it into several lists")]
    TooManyRows,
    /// Another kind of file.
    #[error("the list is {what}, which cannot be read as a list; {next}")]
    OtherFormat {
        /// What it is.
        what: &'static str,
        /// What to do.
        next: &'static str,
    },
    /// JSON that is not one object a line.
    #[error(
        "the list is JSON, but not one object a line; write it as JSON Lines, for example with: jq -c '.[]' list.json"
    )]
    NotJsonLines,
    /// A table whose header has no known name.
    #[error(
        "no column of the list is known: its first line is {found}{nearest}; the names are {known}",
        known = super::columns::KNOWN
    )]
    NoKnownColumn {
        /// The header, made harmless.
        found: String,
        /// A hint at a name that is nearly right, or nothing.
        nearest: String,
    },
    /// A table without any column that could hold a link.
    #[error(
        "the list has no column with links: its columns are {found}; add one of github, kaggle, orcid, homepage, links"
    )]
    NoLinkColumn {
        /// The header, made harmless.
        found: String,
    },
    /// A spreadsheet that is broken, protected, or none.
    #[error(
        "the spreadsheet cannot be read ({reason}); save it again as .xlsx without a password, or as CSV"
    )]
    Spreadsheet {
        /// What is wrong with it, made harmless.
        reason: String,
    },
    /// A spreadsheet that swells far beyond its size when it is unpacked.
    #[error(
        "the spreadsheet unpacks to more than {limit} MiB of {part}; save the sheet with the applicants alone, or as CSV"
    )]
    Swollen {
        /// What is too large.
        part: &'static str,
        /// How much is let in. MiB.
        limit: u64,
    },
}

/// Why a row could not be read. The rest of the list goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// No link in it.
    #[error("no link; fill in at least one of github, kaggle, orcid, homepage, links")]
    NoLink,
    /// A link that cannot be read.
    #[error("{column}: {reason}")]
    Link {
        /// The column it stands in.
        column: &'static str,
        /// Why.
        reason: LinkError,
    },
    /// Two accounts of one source, though an applicant has one.
    #[error(
        "two {source_name} accounts for one applicant, {first} and {second}; keep the applicant's own, or give each applicant an id"
    )]
    TwoAccounts {
        /// The source.
        source_name: &'static str,
        /// The one that was read first.
        first: String,
        /// The other one.
        second: String,
    },
    /// The same person as in an earlier row, by id or by an account, and yet another account.
    #[error(
        "the same person as {place}, but with the {source_name} account {second} where that one has {first}; correct one of the two"
    )]
    Contradiction {
        /// The earlier row: `line 3`.
        place: String,
        /// The source.
        source_name: &'static str,
        /// The account there.
        first: String,
        /// The account here.
        second: String,
    },
    /// An id that cannot be used.
    #[error(transparent)]
    Id(#[from] BadApplicantId),
    /// A role that cannot be the name of a rubric.
    #[error(
        "{0:?} is no role: the name of a rubric has 1 to 64 letters, digits or . _ -, not beginning with - or ."
    )]
    Role(String),
    /// The settings ask for a legal basis and its day, and the row does not say both.
    #[error(
        "{0}, and privacy.require_legal_basis asks for it; fill in the columns legal_basis (such as consent) and legal_basis_at (such as 2026-01-31)"
    )]
    LegalBasis(&'static str),
    /// The legal basis does not hold yet.
    #[error(
        "legal_basis_at: {0} is not here yet, and the data may not be processed before; correct the day, or send the row again then"
    )]
    LaterLegalBasis(Date),
    /// More or fewer cells than the header.
    #[error(
        "{cells} cells where the header has {expected}; put quotation marks around a cell that holds the separator"
    )]
    Ragged {
        /// Cells in the row. Count.
        cells: usize,
        /// Cells in the header. Count.
        expected: usize,
    },
    /// A cell that is longer than any honest one.
    #[error(
        "a cell is longer than {kib} KiB; perhaps a quotation mark is opened here and never closed",
        kib = LONGEST_CELL >> 10
    )]
    CellTooLong,
    /// A line of JSON Lines that is no object.
    #[error("no JSON object: {reason}")]
    Json {
        /// What is wrong with it.
        reason: String,
    },
    /// A value of JSON Lines that is no text.
    #[error("{column}: a text was expected; only links may be a list of texts")]
    JsonValue {
        /// The column.
        column: &'static str,
    },
}
