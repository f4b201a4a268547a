//! A change that is being planned, in memory.

use std::collections::BTreeMap;

use serde::{Serialize, de::DeserializeOwned};

use super::{engine::Engine, envelope, error::Fault, ledger::Ledger, table::Table};

/// Planned writes by table and key; `None` deletes.
pub(super) type Changes = BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>>;

/// A change that is being planned. Reads see what was planned before them.
pub(super) struct Draft<'a> {
    engine: &'a Engine,
    /// The ledger as it will be.
    pub(super) ledger: Ledger,
    changes: Changes,
}

impl<'a> Draft<'a> {
    /// An empty plan on top of `ledger`.
    pub(super) fn new(engine: &'a Engine, ledger: Ledger) -> Self {
        Self {
            engine,
            ledger,
            changes: BTreeMap::new(),
        }
    }

    /// The ledger as planned, before its sum is brought up to date, and the writes.
    pub(super) fn into_parts(self) -> (Ledger, Changes) {
        (self.ledger, self.changes)
    }

    /// The engine, for range scans. They do not see what is planned.
    pub(super) fn engine(&self) -> &'a Engine {
        self.engine
    }

    /// Reads a value.
    pub(super) fn get<T: DeserializeOwned>(
        &self,
        table: Table,
        key: &[u8],
    ) -> Result<Option<T>, Fault> {
        match self.changes.get(&(table, key.to_vec())) {
            Some(Some(sealed)) => envelope::open(table, key, sealed).map(Some),
            Some(None) => Ok(None),
            None => self.engine.get(table, key),
        }
    }

    /// Plans a write.
    pub(super) fn put<T: Serialize>(
        &mut self,
        table: Table,
        key: Vec<u8>,
        value: &T,
    ) -> Result<(), Fault> {
        let sealed = envelope::seal(table, &key, value)?;
        self.changes.insert((table, key), Some(sealed));
        Ok(())
    }

    /// Plans a write of what is sealed already.
    pub(super) fn put_sealed(&mut self, table: Table, key: Vec<u8>, sealed: Vec<u8>) {
        self.changes.insert((table, key), Some(sealed));
    }

    /// Plans a deletion.
    pub(super) fn delete(&mut self, table: Table, key: Vec<u8>) {
        self.changes.insert((table, key), None);
    }
}
