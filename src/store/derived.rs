//! What follows from other values: the queues, the lists by role and by handle, and the counts of jobs. So none of it is
//! in a dump, and all of it can be made anew.

use serde::Deserialize;

use super::{
    envelope,
    error::Fault,
    ledger::Counts,
    queue::{Held, JobRecord},
    table::{self, Table},
};
use crate::domain::{
    applicant::{Applicant, ApplicantId},
    job::JobState,
};

/// Whether the values of a table follow from others.
pub(super) fn is_derived(table: Table) -> bool {
    matches!(
        table,
        Table::Ready | Table::Later | Table::Roles | Table::Handles
    )
}

/// What was counted so far.
#[derive(Debug, Default)]
pub(super) struct Derived {
    /// Jobs by where they stand.
    pub counts: Counts,
}

/// What is read of a profile.
#[derive(Deserialize)]
struct Stored {
    profile: Role,
}

#[derive(Deserialize)]
struct Role {
    role: String,
}

impl Derived {
    /// Gives all that follows from a value to `put`, sealed, and counts it.
    pub(super) fn follow(
        &mut self,
        table: Table,
        key: &[u8],
        sealed: &[u8],
        put: &mut impl FnMut(Table, &[u8], &[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        match table {
            Table::Applicants => {
                let applicant: Applicant = envelope::open(table, key, sealed)?;
                for key in table::handles_of(&applicant.links, &applicant.id) {
                    let sealed = envelope::seal(Table::Handles, &key, &())?;
                    put(Table::Handles, &key, &sealed)?;
                }
            }
            Table::Jobs => {
                let JobRecord { job, .. } = envelope::open(table, key, sealed)?;
                let (until, held) = match &job.state {
                    JobState::Ready => {
                        self.counts.ready += 1;
                        let key = table::ready(job.priority, job.sequence);
                        let sealed = envelope::seal(Table::Ready, &key, &job.applicant)?;
                        return put(Table::Ready, &key, &sealed);
                    }
                    JobState::Deferred { until } => {
                        self.counts.deferred += 1;
                        (*until, Held::Deferred)
                    }
                    JobState::Leased { until, .. } => {
                        self.counts.leased += 1;
                        (*until, Held::Leased)
                    }
                };
                let key = table::later(until, &job.applicant);
                let sealed = envelope::seal(Table::Later, &key, &held)?;
                put(Table::Later, &key, &sealed)?;
            }
            Table::Profiles => {
                let stored: Stored = envelope::open(table, key, sealed)?;
                let id: ApplicantId = table::id_after(&[], key).ok_or_else(|| {
                    Fault::Damaged(format!("{} names nobody", table.describe(key)))
                })?;
                let key = table::role_and_id(&stored.profile.role, &id);
                let sealed = envelope::seal(Table::Roles, &key, &())?;
                put(Table::Roles, &key, &sealed)?;
            }
            _ => {}
        }
        Ok(())
    }
}
