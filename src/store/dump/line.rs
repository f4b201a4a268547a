//! What stands in a line.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::applicant::ApplicantId;
use crate::store::{
    error::Fault,
    ledger::Ledger,
    records::Shelf,
    table::{self, Table},
};

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct Head {
    /// The version of the program that wrote it.
    pub plaudit: String,
    /// See [`super::FORMAT`].
    pub format: u32,
    /// When it was made.
    pub made_at: Timestamp,
    /// The number of the newest change in it.
    pub change: u64,
    /// See [`Ledger::sequence`].
    pub sequence: u64,
    /// See [`Ledger::epoch`].
    pub epoch: u64,
}

impl Head {
    /// Of a dump of a store with this ledger.
    pub(super) fn of(ledger: &Ledger, made_at: Timestamp) -> Self {
        Self {
            plaudit: env!("CARGO_PKG_VERSION").to_owned(),
            format: super::FORMAT,
            made_at,
            change: ledger.commits,
            sequence: ledger.sequence,
            epoch: ledger.epoch,
        }
    }
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Foot {
    /// Lines between the first and this one. Count.
    pub records: u64,
    /// BLAKE3 of all bytes before this line, in hexadecimal digits.
    pub blake3: String,
}

/// A primary value. In a line its name comes before it, so that a person finds it: `{"applicant":{"id":…,"value":…}}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::store) enum Line {
    /// An applicant, as last accepted.
    Applicant {
        id: ApplicantId,
        value: Box<RawValue>,
    },
    /// An applicant's job.
    Job {
        id: ApplicantId,
        value: Box<RawValue>,
    },
    /// The current profile.
    Profile {
        id: ApplicantId,
        value: Box<RawValue>,
    },
    /// A profile before that.
    Earlier {
        id: ApplicantId,
        stored_at: Timestamp,
        /// The change that moved it here; keeps two of the same time apart.
        change: u64,
        value: Box<RawValue>,
    },
    /// A small value of another room's.
    Meta { name: String, value: Box<RawValue> },
    /// What people have added.
    Review {
        id: ApplicantId,
        value: Box<RawValue>,
    },
    /// The text of a rubric that has judged.
    Rubric {
        digest: String,
        value: Box<RawValue>,
    },
    /// A record of another room's.
    Record {
        shelf: Shelf,
        name: String,
        value: Box<RawValue>,
    },
}

/// Whether a table's values are in a dump; the others follow from them.
pub(super) fn is_primary(table: Table) -> bool {
    match table {
        Table::Applicants
        | Table::Jobs
        | Table::Profiles
        | Table::History
        | Table::Meta
        | Table::Reviews
        | Table::Rubrics
        | Table::Records => true,
        Table::Ready | Table::Later | Table::Roles | Table::Handles | Table::Ledger => false,
    }
}

impl Line {
    /// The line of a value; `None`: it has none.
    pub(super) fn of(table: Table, key: &[u8], json: String) -> Result<Option<Self>, Fault> {
        let odd = || Fault::Damaged(format!("{} has an odd name", table.describe(key)));
        let value = RawValue::from_string(json).map_err(|error| {
            Fault::Damaged(format!("{} cannot be read: {error}", table.describe(key)))
        })?;
        let id = || table::id_after(&[], key).ok_or_else(odd);
        let name = |key: &[u8]| String::from_utf8(key.to_vec()).map_err(|_| odd());
        Ok(Some(match table {
            Table::Applicants => Self::Applicant { id: id()?, value },
            Table::Jobs => Self::Job { id: id()?, value },
            Table::Profiles => Self::Profile { id: id()?, value },
            Table::History => {
                let (id, stored_at, change) = table::parts_of_history(key).ok_or_else(odd)?;
                Self::Earlier {
                    id,
                    stored_at,
                    change,
                    value,
                }
            }
            Table::Meta => Self::Meta {
                name: name(key)?,
                value,
            },
            Table::Reviews => Self::Review { id: id()?, value },
            Table::Rubrics => Self::Rubric {
                digest: name(key)?,
                value,
            },
            Table::Records => {
                let (number, rest) = key.split_first().ok_or_else(odd)?;
                let shelf = Shelf::of_number(*number).ok_or_else(odd)?;
                if shelf == Shelf::Sessions {
                    return Ok(None);
                }
                Self::Record {
                    shelf,
                    name: name(rest)?,
                    value,
                }
            }
            Table::Ready | Table::Later | Table::Roles | Table::Handles | Table::Ledger => {
                return Ok(None);
            }
        }))
    }

    /// Where the value is kept.
    pub(in crate::store) fn place(&self) -> (Table, Vec<u8>) {
        match self {
            Self::Applicant { id, .. } => (Table::Applicants, table::of_applicant(id)),
            Self::Job { id, .. } => (Table::Jobs, table::of_applicant(id)),
            Self::Profile { id, .. } => (Table::Profiles, table::of_applicant(id)),
            Self::Earlier {
                id,
                stored_at,
                change,
                ..
            } => (Table::History, table::history(id, *stored_at, *change)),
            Self::Meta { name, .. } => (Table::Meta, name.as_bytes().to_vec()),
            Self::Review { id, .. } => (Table::Reviews, table::of_applicant(id)),
            Self::Rubric { digest, .. } => (Table::Rubrics, digest.as_bytes().to_vec()),
            Self::Record { shelf, name, .. } => (Table::Records, table::record(*shelf, name)),
        }
    }

    /// The value's JSON.
    pub(in crate::store) fn value(&self) -> &RawValue {
        match self {
            Self::Applicant { value, .. }
            | Self::Job { value, .. }
            | Self::Profile { value, .. }
            | Self::Earlier { value, .. }
            | Self::Meta { value, .. }
            | Self::Review { value, .. }
            | Self::Rubric { value, .. }
            | Self::Record { value, .. } => value,
        }
    }

    /// Whose it is, where it is about one applicant alone.
    pub(in crate::store) fn whose(&self) -> Option<&ApplicantId> {
        match self {
            Self::Applicant { id, .. }
            | Self::Job { id, .. }
            | Self::Profile { id, .. }
            | Self::Earlier { id, .. }
            | Self::Review { id, .. } => Some(id),
            Self::Meta { .. } | Self::Rubric { .. } | Self::Record { .. } => None,
        }
    }
}
