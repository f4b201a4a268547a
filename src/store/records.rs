//! Records of other rooms: small values under a name, on shelves that sort by it.
//!
//! The store knows nothing of what they hold. An [`Edit`] changes several of them at once, or none, and may name what
//! it expects to find, so that two who read the same and write different things are told apart.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    draft::Draft,
    engine::Engine,
    envelope,
    error::Fault,
    table::{self, Table},
};

/// What a record is about. The discriminant is part of its key: never renumber.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// Tokens, by the digest of their secret.
    Tokens = 0,
    /// Sessions, by the digest of their cookie's secret.
    Sessions = 1,
    /// Lists that were taken in.
    Imports = 2,
    /// Answers by their `Idempotency-Key`.
    Answers = 3,
    /// Whom to call.
    Endpoints = 4,
    /// Calls to be made.
    Deliveries = 5,
    /// Calls that were given up.
    DeadLetters = 6,
    /// Refreshes.
    Refreshes = 7,
    /// What stays of people who were erased, by salted digests. The store's own.
    Tombstones = 8,
}

impl Shelf {
    /// All of them, in the order of their numbers.
    pub(super) const ALL: [Self; 9] = [
        Self::Tokens,
        Self::Sessions,
        Self::Imports,
        Self::Answers,
        Self::Endpoints,
        Self::Deliveries,
        Self::DeadLetters,
        Self::Refreshes,
        Self::Tombstones,
    ];

    /// The shelf of this number.
    pub(super) fn of_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// A change to records that is made as a whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, serde::Deserialize)]
pub struct Edit {
    expected: Vec<(Shelf, String, Option<Value>)>,
    writes: Vec<(Shelf, String, Option<Value>)>,
    /// A value that has no JSON form; the edit is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unfit: Option<String>,
}

impl Edit {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only if the record is as given; `None`: if there is none.
    #[must_use]
    pub fn expect<T: Serialize>(mut self, on: Shelf, name: &str, value: Option<&T>) -> Self {
        let value = value.and_then(|value| self.json(value));
        self.expected.push((on, name.to_owned(), value));
        self
    }

    /// Writes a record.
    #[must_use]
    pub fn put<T: Serialize>(mut self, on: Shelf, name: &str, value: &T) -> Self {
        let value = self.json(value);
        self.writes.push((on, name.to_owned(), value));
        self
    }

    /// Takes a record away.
    #[must_use]
    pub fn delete(mut self, on: Shelf, name: &str) -> Self {
        self.writes.push((on, name.to_owned(), None));
        self
    }

    fn json<T: Serialize>(&mut self, value: &T) -> Option<Value> {
        match serde_json::to_value(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.unfit = Some(error.to_string());
                None
            }
        }
    }
}

/// Makes an edit; `false`: something was not as expected, and nothing was written.
pub(super) fn edit(engine: &Engine, edit: &Edit) -> Result<bool, Fault> {
    if let Some(why) = &edit.unfit {
        return Err(Fault::Failed(format!("a value has no JSON form: {why}")));
    }
    let (made, number) = engine.change(|draft| {
        for (shelf, name, value) in &edit.expected {
            let found: Option<Value> = draft.get(Table::Records, &table::record(*shelf, name))?;
            if found != *value {
                return Ok(false);
            }
        }
        for (shelf, name, value) in &edit.writes {
            let key = table::record(*shelf, name);
            match value {
                Some(value) => draft.put(Table::Records, key, value)?,
                None => draft.delete(Table::Records, key),
            }
        }
        Ok(true)
    })?;
    engine.make_durable(number)?;
    Ok(made)
}

/// A record.
pub(super) fn record<T: DeserializeOwned>(
    engine: &Engine,
    shelf: Shelf,
    name: &str,
) -> Result<Option<T>, Fault> {
    engine.get(Table::Records, &table::record(shelf, name))
}

/// Up to `limit` records with their names, in the order of these, beginning behind `after`.
pub(super) fn records<T: DeserializeOwned>(
    engine: &Engine,
    shelf: Shelf,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<(String, T)>, Fault> {
    let prefix = table::shelf(shelf);
    let from = match after {
        // The next name behind this one.
        Some(name) => [&table::record(shelf, name)[..], &[0]].concat(),
        None => prefix.to_vec(),
    };
    let mut found = Vec::new();
    for entry in engine.tree(Table::Records).range(from..) {
        let (key, sealed) = entry?;
        if found.len() == limit || !key.starts_with(&prefix) {
            break;
        }
        let name = String::from_utf8_lossy(&key[prefix.len()..]).into_owned();
        found.push((name, envelope::open(Table::Records, &key, &sealed)?));
    }
    Ok(found)
}

/// How many records are on a shelf; see `Store::count`.
pub(super) fn count(engine: &Engine, shelf: Shelf) -> Result<u64, Fault> {
    let names = engine.tree(Table::Records).scan_prefix(table::shelf(shelf));
    let mut count = 0;
    for name in names.keys() {
        name?;
        count += 1;
    }
    Ok(count)
}

/// Records as a change sees them that is being planned; those that it has planned itself are not among them.
pub(super) fn all_in<T: DeserializeOwned>(
    draft: &Draft<'_>,
    shelf: Shelf,
) -> Result<Vec<(String, T)>, Fault> {
    records(draft.engine(), shelf, None, usize::MAX)
}
