//! The store's own account of itself: counts, and the sum of all values' checksums.
//!
//! A value that is lost, old or foreign changes the sum, even where each value by itself is whole.

use serde::{Deserialize, Serialize};

/// The newest form of the tables and their keys that this program reads and writes.
///
/// 2: the tables of reviews and rubrics. A program that knows 1 alone would miss their checksums in the sum and take
/// the store for damaged. 3: the table of records. 4: the engine's files are in a folder of their own; tombstones.
pub(super) const FORMAT: u32 = 4;
/// Keys in `Table::Ledger`.
pub(super) const FORMAT_KEY: &[u8] = b"format";
pub(super) const LEDGER_KEY: &[u8] = b"ledger";

/// The account, written with every change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ledger {
    /// Changes so far. Count; also the number of the newest one.
    pub commits: u64,
    /// Sum, modulo 2^128, of the checksums of all values outside [`Table::Ledger`].
    pub sum: u128,
    /// The sequence number given last.
    pub sequence: u64,
    /// The lease number given last.
    pub epoch: u64,
    /// Jobs by where they stand.
    pub counts: Counts,
}

/// Jobs by where they stand. Counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub ready: u64,
    pub deferred: u64,
    pub leased: u64,
}

/// What the ledger's sum reveals.
pub(super) const SUM_DIFFERS: &str =
    "each value is whole, but together they are not what was last stored: some are missing or old";
