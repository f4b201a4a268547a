//! What is kept of a list: a brief record to list, and beside it the reports of its rows.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::progress::Standings;
use crate::api::problem::{Kind, Problem};
use crate::domain::applicant::ApplicantId;
use crate::service::Service;
use crate::store::{Accepted, Edit, Shelf, Store, StoreError};

/// Rows that are reported one by one beside the refused ones. Count.
const MOST_ROWS: usize = 2_000;

/// Refused rows that are reported one by one. Count.
const MOST_REFUSED: usize = 5_000;

/// Imports that are kept. Count.
pub(super) const MOST_IMPORTS: usize = 500;

/// A list that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Import {
    /// Its id.
    pub(crate) id: String,
    /// When it came.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// The id of the token of whoever sent it.
    pub(crate) by: String,
    /// The role of rows that name none.
    pub(crate) role: String,
    /// What places are counted in: `line` or `row`.
    pub(crate) counted: String,
    /// How it stands.
    pub(crate) state: ImportState,
    /// What became of its rows.
    pub(crate) counts: Counts,
    /// What a person should know about the list as a whole.
    pub(crate) notices: Vec<String>,
}

/// How the taking in of a list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ImportState {
    /// It is being taken in.
    Accepting,
    /// All of it is taken in, and on the disk.
    Accepted,
    /// It was cut off, and some of it may be missing. To send the list again does no harm.
    Interrupted,
}

/// Rows by what became of them. Counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Counts {
    /// All rows.
    pub(crate) rows: u64,
    /// Applicants with a new job.
    pub(crate) queued: u64,
    /// Applicants who had a job already.
    pub(crate) already_queued: u64,
    /// Applicants whose job a refresh had asked for, and that now goes before those.
    pub(crate) lifted: u64,
    /// Applicants whose profile still answers.
    pub(crate) fresh: u64,
    /// Rows that were refused.
    pub(crate) refused: u64,
    /// Further rows of applicants who were in the list before.
    pub(crate) merged: u64,
    /// Applicants who were not taken in, because the disk was full or the taking in was cut off before them.
    #[serde(default)]
    pub(crate) not_taken: u64,
}

/// What became of a row, or of an applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// There is a new job.
    Queued,
    /// There was a job already.
    AlreadyQueued,
    /// There was a job of a refresh; it now goes before those.
    Lifted,
    /// The profile still answers; there is no job.
    Fresh,
    /// It cannot be read, or nobody judges the role, or the person was erased.
    Refused,
    /// It is a further row of an applicant who was in the list before.
    Merged,
    /// The taking in was cut off before it, by a full disk or otherwise. To send the list again completes it.
    NotTaken,
}

impl From<&Accepted> for Outcome {
    fn from(accepted: &Accepted) -> Self {
        match accepted {
            Accepted::Queued => Self::Queued,
            Accepted::AlreadyQueued => Self::AlreadyQueued,
            Accepted::Lifted => Self::Lifted,
            Accepted::Fresh => Self::Fresh,
            Accepted::Forgotten(_) => Self::Refused,
        }
    }
}

impl Counts {
    /// Counts one row.
    pub(super) fn add(&mut self, outcome: Outcome) {
        self.rows += 1;
        let of = match outcome {
            Outcome::Queued => &mut self.queued,
            Outcome::AlreadyQueued => &mut self.already_queued,
            Outcome::Lifted => &mut self.lifted,
            Outcome::Fresh => &mut self.fresh,
            Outcome::Refused => &mut self.refused,
            Outcome::Merged => &mut self.merged,
            Outcome::NotTaken => &mut self.not_taken,
        };
        *of += 1;
    }
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct RowReport {
    /// The line or row, from 1.
    pub(crate) line: u64,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(crate) applicant: Option<ApplicantId>,
    /// What became of it.
    pub(crate) outcome: Outcome,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// What a person should know about the way it was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) notices: Vec<String>,
}

/// A list that was taken in, with what became of its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct ImportRecord {
    /// The list.
    #[serde(flatten)]
    pub(crate) import: Import,
    /// What became of its rows, in their order.
    pub(crate) rows: Vec<RowReport>,
    /// Rows that are counted and not reported one by one, because there are so many. Count.
    pub(crate) rows_left_out: u64,
    /// Whom it names, for the progress.
    #[serde(skip)]
    pub(crate) ids: Vec<ApplicantId>,
}

/// What is kept beside the brief record.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Beside {
    rows: Vec<RowReport>,
    rows_left_out: u64,
    ids: Vec<ApplicantId>,
}

/// The name under which that stands: before every id, so that whoever lists the briefs meets none of it.
fn beside(id: &str) -> String {
    format!("!{id}")
}

/// A new id. Ids sort with the newest first.
pub(super) fn new_id(now: Timestamp) -> Result<String, Problem> {
    let since = u64::try_from(now.as_microsecond()).unwrap_or_default();
    let mut random = [0; 4];
    getrandom::fill(&mut random).map_err(|error| {
        tracing::error!(%error, "the operating system gives no random bytes");
        Problem::from(Kind::Internal)
    })?;
    let random = u32::from_be_bytes(random);
    Ok(format!("{:016x}{random:08x}", u64::MAX - since))
}

impl ImportRecord {
    /// Keeps as many row reports as there is room for; all of them are counted already.
    pub(super) fn shorten(&mut self) {
        let (mut others, mut refused) = (0, 0);
        let before = self.rows.len();
        self.rows.retain(|row| {
            let (kept, most) = if row.outcome == Outcome::Refused {
                (&mut refused, MOST_REFUSED)
            } else {
                (&mut others, MOST_ROWS)
            };
            *kept += 1;
            *kept <= most
        });
        let left_out = before - self.rows.len();
        self.rows_left_out += u64::try_from(left_out).unwrap_or(u64::MAX);
    }

    /// Writes the brief record alone, as far as a full disk has room for it; the rows are told to whoever sent them.
    pub(super) async fn keep_in_brief(&self, store: &Store) -> Result<(), StoreError> {
        let edit = Edit::new().put(Shelf::Imports, &self.import.id, &self.import);
        match store.edit(edit).await {
            Ok(_) | Err(StoreError::Full { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Writes it, on the disk when this returns.
    pub(super) async fn keep(&self, store: &Store) -> Result<(), StoreError> {
        let more = Beside {
            rows: self.rows.clone(),
            rows_left_out: self.rows_left_out,
            ids: self.ids.clone(),
        };
        let edit = Edit::new()
            .put(Shelf::Imports, &self.import.id, &self.import)
            .put(Shelf::Imports, &beside(&self.import.id), &more);
        store.edit(edit).await.map(|_| ())
    }
}

impl Import {
    /// How it stands now: a list whose taking in nobody can be about any more was cut off.
    fn seen(mut self, service: &Service, now: Timestamp) -> Self {
        let longest = SignedDuration::try_from(service.config.serve.request_timeout);
        let until = longest
            .ok()
            .and_then(|longest| self.at.checked_add(longest * 2).ok());
        let over = self.at < service.started_at || until.is_some_and(|until| until < now);
        if self.state == ImportState::Accepting && over {
            self.state = ImportState::Interrupted;
        }
        self
    }
}

/// Whether a text can be the id of an import.
fn is_id(text: &str) -> bool {
    text.len() == 24
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A list that was taken in, with what became of its rows.
pub(crate) async fn find(service: &Service, id: &str) -> Result<ImportRecord, Problem> {
    let import: Option<Import> = if is_id(id) {
        service.store.record(Shelf::Imports, id).await?
    } else {
        None
    };
    let import = import.ok_or_else(|| {
        Problem::new(
            Kind::NotFound,
            "there is no such import; GET /api/v1/imports lists those that are kept",
        )
    })?;
    let more: Option<Beside> = service.store.record(Shelf::Imports, &beside(id)).await?;
    let more = more.unwrap_or_default();
    let mut import = import.seen(service, Timestamp::now());
    if import.state == ImportState::Interrupted && import.counts.rows == 0 {
        // Nobody came to write down how far it came; the applicants themselves tell.
        let found = Standings::of(&service.store, &more.ids).await?.counted();
        import.counts.rows = found.total;
        import.counts.not_taken = found.missing;
    }
    Ok(ImportRecord {
        import,
        rows: more.rows,
        rows_left_out: more.rows_left_out,
        ids: more.ids,
    })
}

/// Up to `limit` lists, the newest first, beginning behind `after`.
pub(crate) async fn list(
    service: &Service,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Import>, Problem> {
    // Behind everything that stands beside.
    let after = after.filter(|after| *after > "0").unwrap_or("0");
    let records: Vec<(String, Import)> = service
        .store
        .records(Shelf::Imports, Some(after), limit)
        .await?;
    let now = Timestamp::now();
    let seen = |(_, import): (String, Import)| import.seen(service, now);
    Ok(records.into_iter().map(seen).collect())
}

/// Takes away the oldest lists beyond those that are kept. Their applicants stay.
pub(super) async fn sweep(store: &Store) -> Result<(), StoreError> {
    let kept: Vec<(String, Import)> = store
        .records(Shelf::Imports, Some("0"), MOST_IMPORTS)
        .await?;
    let Some((last, _)) = kept.get(MOST_IMPORTS - 1) else {
        return Ok(());
    };
    let old: Vec<(String, Import)> = store.records(Shelf::Imports, Some(last), 50).await?;
    if old.is_empty() {
        return Ok(());
    }
    let edit = old.iter().fold(Edit::new(), |edit, (id, _)| {
        edit.delete(Shelf::Imports, id)
            .delete(Shelf::Imports, &beside(id))
    });
    store.edit(edit).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u64, outcome: Outcome) -> RowReport {
        RowReport {
            line,
            applicant: None,
            outcome,
            reason: None,
            notices: Vec::new(),
        }
    }

    #[test]
    fn of_many_rows_the_refused_ones_are_kept_longest() {
        let at: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let outcome = |line: u64| {
            if line.is_multiple_of(2) {
                Outcome::Refused
            } else {
                Outcome::Queued
            }
        };
        let mut record = ImportRecord {
            import: Import {
                id: new_id(at).unwrap(),
                at,
                by: "token".to_owned(),
                role: "role".to_owned(),
                counted: "line".to_owned(),
                state: ImportState::Accepted,
                counts: Counts::default(),
                notices: Vec::new(),
            },
            rows: (1..=20_000).map(|line| row(line, outcome(line))).collect(),
            rows_left_out: 0,
            ids: Vec::new(),
        };
        record.shorten();
        let refused = record.rows.iter();
        let refused = refused.filter(|row| row.outcome == Outcome::Refused);
        assert_eq!(refused.count(), MOST_REFUSED);
        assert_eq!(record.rows.len(), MOST_REFUSED + MOST_ROWS);
        assert_eq!(record.rows_left_out, 13_000);
        assert!(record.rows.is_sorted_by_key(|row| row.line));
    }

    #[test]
    fn later_ids_sort_first_and_behind_what_stands_beside() {
        let at: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let first = new_id(at).unwrap();
        let second = new_id(at + SignedDuration::from_micros(1)).unwrap();
        assert!(second < first);
        assert!(is_id(&first) && is_id(&second));
        assert!(beside(&first).as_str() < "0" && "0" < second.as_str());
        assert!(!is_id("") && !is_id(&beside(&first)) && !is_id(&first[1..]));
    }
}
