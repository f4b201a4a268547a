//! Taking in a list: read, recorded, accepted, recorded again.
//!
//! The record is written before anybody is accepted and once more after all are, so that a list that was cut off in
//! between is seen to be. Whoever was accepted by then stays accepted.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::record::{self, Counts, Import, ImportRecord, ImportState, Outcome, RowReport};
use crate::api::access::Caller;
use crate::api::problem::{Kind, Problem};
use crate::domain::applicant::ApplicantId;
use crate::domain::job::Priority;
use crate::domain::rubric::Rubric;
use crate::domain::text::tame;
use crate::intake::{self, List, Listed};
use crate::rights;
use crate::service::Service;
use crate::store::{Accepted, StoreError, Submission};

/// Takes in a list. `role` is for rows that name none; `None`: the one of the settings. All of it is on the disk when
/// this returns.
pub(crate) async fn take_in(
    service: &Service,
    caller: &Caller,
    bytes: Vec<u8>,
    role: Option<&str>,
) -> Result<ImportRecord, Problem> {
    let role = role.unwrap_or(&service.config.role).to_owned();
    if !service.rubrics.contains_key(&role) {
        return Err(Problem::new(
            Kind::Unprocessable,
            unknown_role(&role, &service.rubrics),
        ));
    }
    let list = read(service, bytes, &role).await?;
    let now = Timestamp::now();
    let mut record = ImportRecord {
        import: Import {
            id: record::new_id(now)?,
            at: now,
            by: caller.id.clone(),
            role,
            counted: list.counted.to_string(),
            state: ImportState::Accepting,
            counts: Counts::default(),
            notices: list.notices.clone(),
        },
        rows: Vec::new(),
        rows_left_out: 0,
        ids: Vec::new(),
    };
    let (taken, mut rows) = sorted_out(list, &service.rubrics);
    let ids = taken.iter().map(|listed| listed.applicant.id.clone());
    record.ids = ids.collect();
    record.keep(&service.store).await?;

    let submission = |listed: &Listed| Submission {
        applicant: listed.applicant.clone(),
        priority: Priority::Interactive,
        force: false,
    };
    let submissions: Vec<Submission> = taken.iter().map(submission).collect();
    let store = &service.store;
    let (accepted, ended) = store
        .accept_as_far_as_may_be(&submissions, now, &service.freshness())
        .await;
    let counted = (accepted.len(), submissions.len());
    let barred = submissions.iter().zip(&accepted);
    let barred: BTreeSet<&ApplicantId> = barred
        .filter(|(_, accepted)| matches!(accepted, Accepted::Forgotten(_)))
        .map(|(submission, _)| &submission.applicant.id)
        .collect();
    record.ids.retain(|id| !barred.contains(id));
    let outcomes = accepted.iter().map(|accepted| {
        let reason = match accepted {
            Accepted::Forgotten(tombstone) => Some(rights::barred(tombstone)),
            _ => None,
        };
        (Outcome::from(accepted), reason)
    });
    let outcomes = outcomes.chain(std::iter::repeat((Outcome::NotTaken, None)));
    rows.extend(
        taken
            .into_iter()
            .zip(outcomes)
            .map(|(listed, (outcome, reason))| RowReport {
                line: listed.line,
                // Whoever was erased is not written down again.
                applicant: (outcome != Outcome::Refused).then_some(listed.applicant.id),
                outcome,
                reason,
                notices: listed.notices,
            }),
    );
    rows.sort_by_key(|row| row.line);
    for row in &rows {
        record.import.counts.add(row.outcome);
    }
    record.rows = rows;
    record.shorten();
    match ended {
        Ok(()) => {}
        Err(StoreError::Full { .. }) => {
            record.import.state = ImportState::Interrupted;
            record.keep_in_brief(store).await?;
            return Err(cut_off(counted));
        }
        Err(error) => return Err(error.into()),
    }
    record.import.state = ImportState::Accepted;
    match record.keep(store).await {
        Ok(()) => record::sweep(store).await?,
        // All are taken in; that the report is shorter than it might be undoes nothing.
        Err(StoreError::Full { .. }) => record.keep_in_brief(store).await?,
        Err(error) => return Err(error.into()),
    }
    Ok(record)
}

/// What to say of a list whose taking in met a full disk: how many of how many were taken in.
fn cut_off((taken, of): (usize, usize)) -> Problem {
    Problem::full(format!(
        "{taken} of {of} applicants of the list were taken in, and {} were not; whoever operates the server makes \
         room, and then the same list can be sent again: it is completed, and nobody is taken in twice",
        of - taken
    ))
}

/// Lists that are read at once. Count. A workbook may take hundreds of megabytes while it is read; others wait.
static READERS: Semaphore = Semaphore::const_new(2);

/// Reads a list outside the async threads.
pub(crate) async fn read(service: &Service, bytes: Vec<u8>, role: &str) -> Result<List, Problem> {
    let (hosts, role) = (service.hosts.clone(), role.to_owned());
    // It is never closed.
    let _turn = READERS.acquire().await.ok();
    let read = spawn_blocking(move || intake::read(&bytes, &role, &hosts)).await;
    match read {
        Ok(Ok(mut list)) => {
            list.refuse_later_legal_basis(Timestamp::now());
            if service.config.privacy.require_legal_basis {
                list.refuse_without_legal_basis();
            }
            Ok(list)
        }
        Ok(Err(why)) => Err(Problem::new(Kind::Unprocessable, why.to_string())),
        Err(broken) => {
            tracing::error!(%broken, "a list broke its reader");
            Err(Kind::Internal.into())
        }
    }
}

/// What to say of a role that no rubric judges.
pub(crate) fn unknown_role(role: &str, rubrics: &BTreeMap<String, Rubric>) -> String {
    let names: Vec<&str> = rubrics.keys().map(String::as_str).collect();
    format!(
        "there is no rubric for the role {:?}; the roles are: {}",
        tame(role),
        names.join(", ")
    )
}

/// Who is to be accepted, and the reports of all other rows.
fn sorted_out(list: List, rubrics: &BTreeMap<String, Rubric>) -> (Vec<Listed>, Vec<RowReport>) {
    let (taken, strangers): (Vec<Listed>, Vec<Listed>) = list
        .applicants
        .into_iter()
        .partition(|listed| rubrics.contains_key(&listed.applicant.role));
    let strangers = strangers.into_iter().map(|listed| RowReport {
        line: listed.line,
        reason: Some(unknown_role(&listed.applicant.role, rubrics)),
        applicant: Some(listed.applicant.id),
        outcome: Outcome::Refused,
        notices: listed.notices,
    });
    let refused = list.refused.into_iter().map(|row| RowReport {
        line: row.line,
        applicant: None,
        outcome: Outcome::Refused,
        reason: Some(row.reason.to_string()),
        notices: Vec::new(),
    });
    let merged = list.merged.into_iter().map(|(line, id)| RowReport {
        line,
        applicant: Some(id),
        outcome: Outcome::Merged,
        reason: None,
        notices: Vec::new(),
    });
    (taken, strangers.chain(refused).chain(merged).collect())
}
