//! The data set Meta Kaggle as one index file on this machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::facts::{Category, CompetitionResult, MedalCount, Totals};

/// What the data set says about an account.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The account's number.
    pub user_id: u64,
    /// The user name in its own case.
    pub user_name: String,
    /// The categories that the data set has a row of. A missing row is unknown, not zero.
    pub totals: BTreeMap<Category, Totals>,
    /// The competitions of somebody who has won a medal in one, newest first; of others none.
    pub competitions: Vec<CompetitionResult>,
    /// Medals of teams whose competition is not in the data set.
    pub unnamed: MedalCount,
}

/// What an index says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// The data's own date: the newest date of something past that the files hold.
    pub as_of: Timestamp,
    /// When the index was made.
    pub built_at: Timestamp,
    /// Accounts. Count.
    pub users: u64,
    /// Accounts with a medal in a competition. Count.
    pub medalists: u64,
    /// Rows read, by file. Count.
    pub rows: BTreeMap<String, u64>,
    /// What was odd in the data and how often: missing keys, numbers that are none, names given twice.
    pub oddities: BTreeMap<String, u64>,
    /// The files that it was made from.
    pub files: Vec<SourceFile>,
}

/// A file of the data set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Its name: `Users.csv`.
    pub name: String,
    /// Its size as it came, compressed or not. Bytes.
    pub bytes: u64,
    /// Its MD5 as the host told it, base64; of a folder's files none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub md5: Option<String>,
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

/// An index, open for look-ups.
#[derive(Debug)]
pub struct Index {
    about: About,
}

impl Index {
    /// Opens an index.
    pub fn open(_path: &Path) -> Result<Self, IndexError> {
        Err(IndexError::NotThere)
    }

    /// What it says of itself.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The account of this user name, compared without regard to case.
    pub fn find(&self, _name: &str) -> Option<Person> {
        None
    }

    /// The account of this number, whatever its name is.
    pub fn find_id(&self, _user_id: u64) -> Option<Person> {
        None
    }
}
