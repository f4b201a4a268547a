//! Reading everything back: whole values, the ledger's sum and counts, and tables that agree.

use serde::de::DeserializeOwned;

use crate::domain::{
    applicant::{Applicant, ApplicantId},
    job::JobState,
    profile::Snapshot,
    review::Review,
};

use super::{
    Verification,
    engine::Engine,
    envelope,
    error::Fault,
    ledger::{Counts, Ledger, SUM_DIFFERS},
    queue::{Held, JobRecord},
    rubrics,
    table::{self, Table},
};

/// What a reading of all bytes found.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Values read. Count.
    pub values: u64,
    /// Sum of their checksums; see `Ledger::sum`.
    pub sum: u128,
    /// What cannot be read, in words.
    pub damaged: Vec<String>,
}

/// Reads every value's bytes and compares its checksum. The caller compares the sum.
pub(super) fn checksums(engine: &Engine) -> Result<Seen, Fault> {
    let mut seen = Seen::default();
    for table in Table::ALL {
        for entry in &engine.tree(table) {
            let checked = entry
                .map_err(Fault::from)
                .and_then(|(key, sealed)| envelope::check(table, &key, &sealed));
            match checked {
                Ok(checksum) => {
                    seen.values += 1;
                    if table != Table::Ledger {
                        seen.sum = seen.sum.wrapping_add(checksum);
                    }
                }
                Err(Fault::Damaged(what)) => {
                    // The scan of a table cannot be relied upon to go on behind a page that is damaged.
                    seen.damaged.push(what);
                    break;
                }
                Err(fault) => return Err(fault),
            }
        }
    }
    Ok(seen)
}

/// Reads everything and compares the tables with each other. Changes wait meanwhile.
pub(super) fn everything(engine: &Engine) -> Result<Verification, Fault> {
    engine.while_still(|ledger| {
        let seen = checksums(engine)?;
        let mut found = Verification {
            values: seen.values,
            damaged: seen.damaged,
        };
        if found.damaged.is_empty() {
            if seen.sum != ledger.sum {
                found.damaged.push(SUM_DIFFERS.to_owned());
            }
            agreement(engine, ledger, &mut found.damaged)?;
        }
        Ok(found)
    })
}

/// Whether every record is where the other tables say it is.
fn agreement(engine: &Engine, ledger: &Ledger, damaged: &mut Vec<String>) -> Result<(), Fault> {
    let mut counts = Counts::default();
    each::<JobRecord>(engine, Table::Jobs, |key, record| {
        let job = &record.job;
        if table::of_applicant(&job.applicant) != key
            || engine.get::<Applicant>(Table::Applicants, key)?.is_none()
        {
            damaged.push(format!("the job of {} has no applicant", job.applicant));
        }
        let (place, held) = match &job.state {
            JobState::Ready => {
                counts.ready += 1;
                (table::ready(job.priority, job.sequence), None)
            }
            JobState::Deferred { until } => {
                counts.deferred += 1;
                (table::later(*until, &job.applicant), Some(Held::Deferred))
            }
            JobState::Leased { until, .. } => {
                counts.leased += 1;
                (table::later(*until, &job.applicant), Some(Held::Leased))
            }
        };
        let indexed = match held {
            None => {
                engine.get::<ApplicantId>(Table::Ready, &place)?.as_ref() == Some(&job.applicant)
            }
            Some(held) => engine.get::<Held>(Table::Later, &place)? == Some(held),
        };
        if !indexed {
            damaged.push(format!("the job of {} is in no queue", job.applicant));
        }
        Ok(())
    })?;
    if counts != ledger.counts {
        damaged.push("the ledger counts other jobs than there are".to_owned());
    }
    same_length(
        damaged,
        "queue",
        engine.tree(Table::Ready).len() + engine.tree(Table::Later).len(),
        engine.tree(Table::Jobs).len(),
    );

    let mut handles = 0;
    each::<Applicant>(engine, Table::Applicants, |_, applicant| {
        for key in table::handles_of(&applicant.links, &applicant.id) {
            handles += 1;
            if engine.get::<()>(Table::Handles, &key)?.is_none() {
                damaged.push(format!("a handle of {} is not listed", applicant.id));
            }
        }
        Ok(())
    })?;
    same_length(
        damaged,
        "handles",
        engine.tree(Table::Handles).len(),
        handles,
    );

    each::<Snapshot>(engine, Table::Profiles, |_, stored| {
        let id = &stored.profile.applicant.id;
        let key = table::role_and_id(&stored.profile.role, id);
        if engine.get::<()>(Table::Roles, &key)?.is_none() {
            damaged.push(format!("the profile of {id} is not listed under its role"));
        }
        Ok(())
    })?;
    same_length(
        damaged,
        "roles",
        engine.tree(Table::Roles).len(),
        engine.tree(Table::Profiles).len(),
    );
    each::<Snapshot>(engine, Table::History, |_, _| Ok(()))?;

    each::<Review>(engine, Table::Reviews, |key, _| {
        if engine.get::<Applicant>(Table::Applicants, key)?.is_none() {
            let whose = Table::Reviews.describe(key);
            damaged.push(format!("{whose} is of no applicant"));
        }
        Ok(())
    })?;
    each::<String>(engine, Table::Rubrics, |key, text| {
        if rubrics::digest(&text).as_bytes() != key {
            let which = Table::Rubrics.describe(key);
            damaged.push(format!("{which} is another rubric's text"));
        }
        Ok(())
    })
}

fn same_length(damaged: &mut Vec<String>, what: &str, entries: usize, expected: usize) {
    if entries != expected {
        damaged.push(format!(
            "the table {what} has {entries} entries instead of {expected}"
        ));
    }
}

fn each<T: DeserializeOwned>(
    engine: &Engine,
    table: Table,
    mut look: impl FnMut(&[u8], T) -> Result<(), Fault>,
) -> Result<(), Fault> {
    for entry in &engine.tree(table) {
        let (key, sealed) = entry?;
        look(&key, envelope::open(table, &key, &sealed)?)?;
    }
    Ok(())
}
