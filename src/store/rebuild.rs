//! Making anew what follows from other values: the queues, the lists by role and by handle, and the counts.
//!
//! It is written into a new folder together with everything else. The ledger's sum proves that nothing else is missing:
//! with all that is made anew it must be what it was. Where it is not, the store is left as it is; it has to be restored.

use std::{fs, path::Path};

use super::{
    StoreOptions,
    derived::{Derived, is_derived},
    envelope,
    error::{Fault, StoreError},
    fresh::{Fresh, Opened},
    layout::Place,
    ledger::{LEDGER_KEY, Ledger},
    recovery,
    table::Table,
};

/// Makes it anew; what was wrong, a sentence each. See `Store::rebuild`.
pub(super) fn rebuild(folder: &Path, options: &StoreOptions) -> Result<Vec<String>, StoreError> {
    recovery::prepare_folder(folder)?;
    let _lock = recovery::lock(folder, options.lock_wait)?;
    let place = Place::current(folder).map_err(|error| recovery::unwritable(folder, error))?;
    if place.is_of_earlier_format() {
        // To open it writes it anew.
        return Ok(Vec::new());
    }
    let (database, _) = recovery::open_engine(
        folder,
        &place.path(),
        options.cache_bytes,
        options.lock_wait,
    )?;
    let old = Opened::new(place.clone(), database).map_err(|fault| fault.at(folder))?;
    let next = place
        .next()
        .map_err(|error| recovery::unwritable(folder, error))?;
    let rebuilt = write(&old, next.clone(), options);
    drop(old);
    recovery::wait_until_closed(&place.path(), options.lock_wait);
    match rebuilt {
        Ok((opened, wrong)) if !wrong.is_empty() => {
            drop(opened);
            recovery::wait_until_closed(&next.path(), options.lock_wait);
            next.delete_others()
                .map_err(|error| recovery::unwritable(folder, error))?;
            Ok(wrong)
        }
        other => {
            // Nothing was wrong, or something is that this cannot mend.
            let done = other.map(|(_, wrong)| wrong);
            let _ = fs::remove_dir_all(next.path());
            done.map_err(|fault| fault.at(folder))
        }
    }
}

/// Writes all primary values and what follows from them; finishes only what differs from what is there.
fn write(
    old: &Opened,
    next: Place,
    options: &StoreOptions,
) -> Result<(Option<Opened>, Vec<String>), Fault> {
    let of_ledger = &old.trees[Table::Ledger as usize];
    let ledger: Ledger = match of_ledger.get(LEDGER_KEY)? {
        Some(sealed) => envelope::open(Table::Ledger, LEDGER_KEY, &sealed)?,
        None => return Err(Fault::Damaged("its ledger is missing".to_owned())),
    };
    let mut fresh = Fresh::begin(next, options.cache_bytes)?;
    let mut derived = Derived::default();
    // Of each table of the derived ones: entries that must be there, and of these the ones that are. Counts.
    let mut due = [(0_usize, 0_usize); Table::ALL.len()];
    for table in Table::ALL {
        if table == Table::Ledger || is_derived(table) {
            continue;
        }
        for entry in &old.trees[table as usize] {
            let (key, sealed) = entry?;
            fresh.put(table, &key, &sealed)?;
            derived.follow(table, &key, &sealed, &mut |table, key, sealed| {
                let there = old.trees[table as usize].get(key)?;
                let (all, found) = &mut due[table as usize];
                *all += 1;
                *found += usize::from(there.is_some_and(|there| there == sealed));
                fresh.put(table, key, sealed)
            })?;
        }
    }
    let mut wrong = Vec::new();
    for table in Table::ALL.into_iter().filter(|table| is_derived(*table)) {
        let (all, found) = due[table as usize];
        let name = table.name();
        if found < all {
            wrong.push(format!(
                "{name}: {} of {all} were missing or damaged",
                all - found
            ));
        }
        let more = old.trees[table as usize].len().saturating_sub(found);
        if more > 0 {
            wrong.push(format!("{name}: {more} were there that nothing leads to"));
        }
    }
    if derived.counts != ledger.counts {
        wrong.push("the ledger counted other jobs than there are".to_owned());
    }
    if fresh.sum() != ledger.sum {
        return Err(Fault::Damaged(
            "more is missing or old than what could be made anew".to_owned(),
        ));
    }
    if wrong.is_empty() {
        return Ok((None, wrong));
    }
    let ledger = Ledger {
        counts: derived.counts,
        ..ledger
    };
    Ok((Some(fresh.finish(&ledger)?), wrong))
}
