//! The data set Meta Kaggle as one index file on this machine.
//!
//! Five tables ([`Table`]) come in, found by [`Tables`]; [`build`] reads each once and writes one file; [`Index`]
//! maps the file and answers by user name or number.
//!
//! # Never read, never kept
//!
//! Country, the switch about it, and everything else of the tables that is not named here. Of the display name
//! not even a letter is looked at.
//!
//! # The file
//!
//! Numbers are little-endian. A header, then the sections, in any order and without gaps; the header says where
//! each lies. Nothing in it is a pointer that was taken from memory: a file from another machine is as good.
//!
//! | header | bytes |
//! |---|---|
//! | `plaudkgl` | 8 |
//! | the layout's number | 4 |
//! | 0 | 4 |
//! | length of the whole file | 8 |
//! | of each section offset, length and blake3 checksum, in the order of this list | 48 each |
//! | blake3 checksum of all that | 32 |
//!
//! | section | what | an entry |
//! |---|---|---|
//! | about | [`About`] as JSON | |
//! | records | an account, ascending by number; its place is its ordinal | number 4, tiers 2 (4 bits a category, in the order of `Category::ALL`: tier + 1, 7 unknown, 0 no row; upper bit: points unknown), length of the name 1, flags 1 (1 details, 2 results) |
//! | name starts | where the names of each 16 accounts begin | 8 |
//! | names | in their own case, by ordinal | |
//! | buckets | where each bucket of name hashes begins, and the last one's end; the upper bits of the hash choose the bucket | 4 |
//! | ordinals | the accounts of each bucket, ascending | 4 |
//! | fingerprints | the lowest byte of each one's hash | 1 |
//! | details | what a tier does not say, by account and category | account's number, category and flags, points, rank, best rank, gold, silver, bronze, 4 each |
//! | results | competitions of medal holders, by account, newest first | account's number, competition, rank, team size, day, flags, 4 each |
//! | competitions | by Kaggle's number | start of the text 8, teams 4, length of slug and title 2 each |
//! | texts | slug and title of each | |
//! | checks | the last: of each 128 KiB of what lies between the header and this | first bytes of blake3 8 |
//!
//! A look-up compares each block that it is the first to touch with its checksum: damage is an error, and never
//! another answer.
//!
//! A look-up by name touches a bucket, its fingerprints and, but for one in 256, only the account that it finds.
//! There is no sorted list of names: a finite-state transducer would be smaller, but at the 3.8 s that were
//! measured for five million names it takes longer to build than everything else here, and nobody asks for prefixes.

mod achievements;
mod blocks;
mod build;
mod competitions;
mod error;
mod fields;
mod ids;
mod index;
mod layout;
mod mapped;
mod oddities;
mod part;
mod rows;
mod tables;
mod teams;
#[cfg(test)]
mod tests;
mod users;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::build::build;
pub use self::error::{ImportError, IndexError};
pub use self::index::Index;
pub use self::tables::{Table, Tables};
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
    /// The data's own date: the newest date of a registration that is not after the import.
    pub as_of: Timestamp,
    /// When the index was made.
    pub built_at: Timestamp,
    /// Accounts. Count.
    pub users: u64,
    /// Accounts with a medal in a competition. Count.
    pub medalists: u64,
    /// Competitions. Count.
    pub competitions: u64,
    /// Those of them whose medals count for tiers; others give none. Count.
    pub qualifying: u64,
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
