//! Taking away what is read of an applicant.

use serde_json::Value;

use crate::domain::{
    applicant::{Applicant, ApplicantId},
    profile::Snapshot,
};

use super::{
    Shelf,
    engine::Engine,
    error::Fault,
    outbox,
    queue::{self, JobRecord},
    records,
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
        for (name, mut refresh) in records::all_in::<Value>(draft, Shelf::Refreshes)? {
            if lose(&mut refresh, id) {
                draft.put(
                    Table::Records,
                    table::record(Shelf::Refreshes, &name),
                    &refresh,
                )?;
            }
        }
        Ok(found)
    })?;
    engine.make_durable(number)?;
    Ok(found)
}

/// Takes an applicant's id out of what a refresh told; whether it was there.
fn lose(refresh: &mut Value, id: &ApplicantId) -> bool {
    let mut lost = false;
    for list in ["changed", "failed"] {
        if let Some(told) = refresh.get_mut(list).and_then(Value::as_array_mut) {
            let before = told.len();
            told.retain(|one| one.get("id").and_then(Value::as_str) != Some(id.as_str()));
            lost |= told.len() < before;
        }
    }
    lost
}
