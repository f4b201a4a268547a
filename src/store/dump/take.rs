//! Making a dump of an open store.

use std::path::Path;

use jiff::Timestamp;

use super::{
    Dumped,
    line::{Head, Line, is_primary},
    view::Entry,
    write::Writer,
};
use crate::store::{
    derived::Derived,
    engine::Engine,
    envelope,
    error::Fault,
    ledger::{Ledger, SUM_DIFFERS},
    records::Shelf,
    table::Table,
};

/// Times that a dump is begun anew because somebody was erased meanwhile, at most. Count.
const TRIES: u32 = 10;

/// Writes all that is kept at this moment into a new file; see `Store::back_up`. Changes go on meanwhile.
pub(in crate::store) fn take(engine: &Engine, to: &Path, now: Timestamp) -> Result<Dumped, Fault> {
    for _ in 0..TRIES {
        if let Some(dumped) = attempt(engine, to, now)? {
            return Ok(dumped);
        }
    }
    Err(Fault::DumpNotWritten {
        file: to.to_owned(),
        why: "people are being erased, one after the other".to_owned(),
    })
}

/// One attempt; `None`: somebody was erased meanwhile, who must not be in a dump that is not there yet when dumps are
/// cleaned of them.
fn attempt(engine: &Engine, to: &Path, now: Timestamp) -> Result<Option<Dumped>, Fault> {
    let erased = engine.shelf_version(Shelf::Tombstones);
    let viewing = engine.begin_view();
    let ledger = viewing.ledger().clone();
    let mut writer = Writer::begin(to, &Head::of(&ledger, now))?;
    let mut sum = Sum::default();
    let mut applicants = 0;
    for table in Table::ALL.into_iter().filter(|table| is_primary(*table)) {
        while let Some(entries) = viewing.next(table)? {
            for (key, sealed) in entries {
                applicants += u64::from(table == Table::Applicants);
                let json = envelope::open_json(table, &key, &sealed)?;
                if let Some(line) = Line::of(table, &key, json)? {
                    writer.put(&line)?;
                }
                sum.add(table, &(key, sealed))?;
            }
        }
    }
    sum.compare(&ledger)?;
    let records = writer.records();
    let bytes = writer.finish()?;
    engine
        .while_still(|_| {
            if engine.shelf_version(Shelf::Tombstones) == erased {
                writer.put_in_place().map(Some)
            } else {
                Ok(None)
            }
        })
        .map(|placed| {
            placed.map(|()| Dumped {
                file: to.to_owned(),
                made_at: now,
                change: ledger.commits,
                records,
                applicants,
                bytes,
            })
        })
}

/// The checksums of all values, those included that follow from the ones that are dumped: a store whose values are whole
/// but not all there must not pass for one that is whole in a dump, where nothing could tell any more.
#[derive(Default)]
struct Sum {
    sum: u128,
    derived: Derived,
}

impl Sum {
    fn add(&mut self, table: Table, (key, sealed): &Entry) -> Result<(), Fault> {
        let mut sum = self.sum;
        let mut add = |table: Table, key: &[u8], sealed: &[u8]| {
            sum = sum.wrapping_add(envelope::stored_checksum(table, key, sealed)?);
            Ok(())
        };
        add(table, key, sealed)?;
        self.derived.follow(table, key, sealed, &mut add)?;
        self.sum = sum;
        Ok(())
    }

    fn compare(&self, ledger: &Ledger) -> Result<(), Fault> {
        if self.sum == ledger.sum && self.derived.counts == ledger.counts {
            Ok(())
        } else {
            Err(Fault::Damaged(SUM_DIFFERS.to_owned()))
        }
    }
}
