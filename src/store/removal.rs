//! Taking away what is read of an applicant.

use crate::domain::{
    applicant::{Applicant, ApplicantId},
    profile::Snapshot,
};

use super::{
    engine::Engine,
    error::Fault,
    outbox,
    queue::{self, JobRecord},
    table::{self, Table},
};

/// Takes it all away in one change; whether there was any. See `Store::remove`.
pub(super) fn remove(engine: &Engine, id: &ApplicantId) -> Result<bool, Fault> {
    let (found, number) = engine.change(|draft| {
        let key = table::of_applicant(id);
        let applicant: Option<Applicant> = draft.get(Table::Applicants, &key)?;
        let found = applicant.is_some();
        if let Some(applicant) = applicant {
            for handle in table::handles_of(&applicant.links, id) {
                draft.delete(Table::Handles, handle);
            }
            draft.delete(Table::Applicants, key.clone());
        }
        if let Some(job) = draft.get::<JobRecord>(Table::Jobs, &key)? {
            queue::replace(draft, Some(&job), None)?;
        }
        if let Some(stored) = draft.get::<Snapshot>(Table::Profiles, &key)? {
            draft.delete(Table::Roles, table::role_and_id(&stored.profile.role, id));
            draft.delete(Table::Profiles, key.clone());
        }
        let history = draft.engine().tree(Table::History);
        for earlier in history.scan_prefix(table::history_of(id)).keys() {
            draft.delete(Table::History, earlier?.to_vec());
        }
        if draft.engine().tree(Table::Reviews).contains_key(&key)? {
            draft.delete(Table::Reviews, key);
        }
        outbox::forget(draft, id)?;
        Ok(found)
    })?;
    engine.make_durable(number)?;
    Ok(found)
}
