//! The store as it was at one moment, for somebody who reads it from the first table to the last while changes go on.
//!
//! Before a change replaces a value that the reader has not come to yet, the value is kept aside here. The reader takes a
//! few values at a time, between two changes, with those that were kept aside in the place of those that are there now.

use std::{collections::BTreeMap, ops::Bound};

use super::line::is_primary;
use crate::store::{draft::Changes, engine::Engine, error::Fault, table::Table};

/// Values that are read between two changes at most. Count; below a millisecond.
const AT_ONCE: usize = 256;

/// How far the reader is, and what changes have replaced beyond that.
#[derive(Debug, Default)]
pub(in crate::store) struct View {
    read: Read,
    /// What was there, by place; `None`: nothing.
    replaced: Changes,
}

/// How far the reader is: all tables before `table` were read, and of this one all keys up to `key`.
#[derive(Debug, Default)]
struct Read {
    /// `None`: nothing was read.
    table: Option<Table>,
    key: UpTo,
}

#[derive(Debug, Default)]
enum UpTo {
    #[default]
    Nothing,
    Key(Vec<u8>),
    All,
}

impl Read {
    fn has(&self, (table, key): &(Table, Vec<u8>)) -> bool {
        let Some(at) = self.table else { return false };
        match &self.key {
            _ if *table != at => *table < at,
            UpTo::Nothing => false,
            UpTo::Key(last) => key <= last,
            UpTo::All => true,
        }
    }
}

/// A value of a table: key and sealed bytes.
pub(in crate::store) type Entry = (Vec<u8>, Vec<u8>);

impl View {
    /// Keeps aside what a change is about to replace.
    pub(in crate::store) fn keep(
        &mut self,
        changes: &Changes,
        before: impl Fn(Table, &[u8]) -> Result<Option<Vec<u8>>, Fault>,
    ) -> Result<(), Fault> {
        for place in changes.keys() {
            let wanted = is_primary(place.0) && !self.read.has(place);
            if wanted && !self.replaced.contains_key(place) {
                let value = before(place.0, &place.1)?;
                self.replaced.insert(place.clone(), value);
            }
        }
        Ok(())
    }

    /// The next values of a table as they were; `None`: that was all of it. No change may be made meanwhile, and tables
    /// are asked for in their order.
    pub(in crate::store) fn next(
        &mut self,
        engine: &Engine,
        table: Table,
    ) -> Result<Option<Vec<Entry>>, Fault> {
        if self.read.table != Some(table) {
            self.read = Read {
                table: Some(table),
                key: UpTo::Nothing,
            };
        }
        let after = match &self.read.key {
            UpTo::Nothing => Bound::Unbounded,
            UpTo::Key(last) => Bound::Excluded(last.clone()),
            UpTo::All => return Ok(None),
        };
        let mut values = BTreeMap::new();
        let tree = engine.tree(table);
        for entry in tree
            .range::<Vec<u8>, _>((after, Bound::Unbounded))
            .take(AT_ONCE)
        {
            let (key, sealed) = entry?;
            values.insert(key.to_vec(), sealed.to_vec());
        }
        self.read.key = match values.last_key_value() {
            Some((last, _)) if values.len() == AT_ONCE => UpTo::Key(last.clone()),
            Some(_) | None => UpTo::All,
        };
        // What was kept aside up to here takes its place, and is of no more use.
        let passed: Vec<_> = self
            .replaced
            .keys()
            .take_while(|place| self.read.has(place))
            .cloned()
            .collect();
        for place in passed {
            match self.replaced.remove(&place).flatten() {
                Some(sealed) => values.insert(place.1, sealed),
                None => values.remove(&place.1),
            };
        }
        Ok(Some(values.into_iter().collect()))
    }
}
