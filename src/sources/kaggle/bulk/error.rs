//! Why an index could not be made, and why there is none to ask.

use std::path::PathBuf;

use super::tables::Table;

/// Why a data set gave no index. The index that was there before stays in each case.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Name another folder.
    #[error("{} {}", .folder.display(), if *.is_there { "is no folder" } else { "is not there" })]
    NoFolder {
        /// Where the files were looked for.
        folder: PathBuf,
        /// Whether something else is there.
        is_there: bool,
    },
    /// Fetch what is missing, or name another folder.
    #[error("{} holds no {}", .folder.display(), .names.join(", "))]
    MissingFiles {
        /// Where they were looked for.
        folder: PathBuf,
        /// All that are missing: `Users.csv`.
        names: Vec<String>,
    },
    /// Kaggle has changed the file: plaudit has to learn it.
    #[error("{table} has no column {column}")]
    MissingColumn {
        /// The file.
        table: Table,
        /// What it lacks.
        column: &'static str,
    },
    /// The file is another kind of file altogether: fetch it again, or write it as Kaggle does.
    #[error("{table} is no CSV of Kaggle's: {why}")]
    NoCsv {
        /// The file.
        table: Table,
        /// What it is instead, as far as its first line shows; made harmless.
        why: String,
    },
    /// A name or title is not text: fetch the file again.
    #[error("{table}, row {row}: {column} is not UTF-8")]
    NotUtf8 {
        /// The file.
        table: Table,
        /// The row, from 1, without the header. A quoted line feed begins no row.
        row: u64,
        /// The column.
        column: &'static str,
    },
    /// The file is cut or is none of Kaggle's: fetch it again.
    #[error("{table} is broken after {row} rows: {why}")]
    Broken {
        /// The file.
        table: Table,
        /// Whole rows before that place.
        row: u64,
        /// What is wrong there.
        why: String,
    },
    /// The file swells beyond what a table of Kaggle's does: do not trust it.
    #[error("{table} swells to more than {limit} bytes, which no table of Kaggle's does")]
    TooLarge {
        /// The file.
        table: Table,
        /// How many bytes it might have had.
        limit: u64,
    },
    /// Nothing stands in the file: fetch it again.
    #[error("{table} holds no row")]
    Empty {
        /// The file.
        table: Table,
    },
    /// The data set does not say as of when it holds.
    #[error(
        "no user of {} has a date of registration before the import, so the data's date is unknown",
        Table::Users
    )]
    NoDate,
    /// Another import is at work here: let it finish.
    #[error("another import is writing {}", .path.display())]
    Busy {
        /// The index that both would write.
        path: PathBuf,
    },
    /// The disk does not give a file.
    #[error("{} cannot be read", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The disk does not take the index.
    #[error("{} cannot be written", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The other half of the import has failed; its error is the one that is told.
    #[error("the import was stopped")]
    Stopped,
}

/// Why there is no index to ask.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Nothing was imported yet.
    #[error("no copy of Kaggle's data set is on this machine")]
    NotThere,
    /// Another version of plaudit made it: import again.
    #[error("{} was made by another version of plaudit (format {found}, this one reads {known})", .path.display())]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The one that is known.
        known: u32,
    },
    /// The file is not whole: import again.
    #[error("{} is damaged: {why}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The disk does not give it.
    #[error("{} cannot be read", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
