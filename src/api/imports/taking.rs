//! Taking in a list: read, recorded, accepted, recorded again.
//!
//! The record is written before anybody is accepted and once more after all are, so that a list that was cut off in
//! between is seen to be. Whoever was accepted by then stays accepted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::record::{self, Counts, Import, ImportRecord, ImportState, Outcome, RowReport};
use crate::api::access::Caller;
use crate::api::problem::{Kind, Problem};
use crate::domain::job::Priority;
use crate::domain::rubric::Rubric;
use crate::domain::text::tame;
use crate::intake::{self, List, Listed};
use crate::rights;
use crate::service::Service;
use crate::store::{Accepted, Submission};

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
    let submissions = taken.iter().map(submission).collect();
    let freshness = service.freshness();
    let accepted = service.store.accept(submissions, now, freshness).await?;
    rows.extend(
        taken
            .into_iter()
            .zip(accepted)
            .map(|(listed, accepted)| RowReport {
                line: listed.line,
                applicant: Some(listed.applicant.id),
                outcome: Outcome::from(&accepted),
                reason: match &accepted {
                    Accepted::Forgotten(tombstone) => Some(rights::barred(tombstone)),
                    _ => None,
                },
                notices: listed.notices,
            }),
    );
    rows.sort_by_key(|row| row.line);
    for row in &rows {
        record.import.counts.add(row.outcome);
    }
    record.rows = rows;
    record.shorten();
    record.import.state = ImportState::Accepted;
    record.keep(&service.store).await?;
    record::sweep(&service.store).await?;
    Ok(record)
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
