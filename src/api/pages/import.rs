//! A list that was taken in: how far it is, and what became of each row.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::Timestamp;

use super::frame::{Frame, Here, shown};
use super::sorry::Sorry;
use super::words;
use crate::api::access::Caller;
use crate::api::imports::record::{ImportState, RowReport};
use crate::api::imports::{self, Outcome};
use crate::report::clean;
use crate::service::Service;

#[derive(Template)]
#[template(path = "import.html")]
struct Page {
    frame: Frame,
    id: String,
    at: String,
    role: String,
    title: String,
    counted: String,
    interrupted: bool,
    not_taken: u64,
    over: bool,
    total: u64,
    done: u64,
    waiting: u64,
    failed: u64,
    missing: u64,
    percent: u64,
    put_off: Option<String>,
    notices: Vec<String>,
    /// Rows by what became of them: the words and the count.
    counts: Vec<(&'static str, u64)>,
    refused: Vec<Row>,
    /// Rows that were read, and of which something is to be said.
    remarked: Vec<Row>,
    taken: Vec<Row>,
    left_out: u64,
}

struct Row {
    line: u64,
    applicant: Option<String>,
    outcome: &'static str,
    reason: Option<String>,
    notices: Vec<String>,
}

/// `GET /imports/{id}`.
pub(super) async fn page(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Sorry> {
    let record = imports::find(&service, &id).await?;
    let progress = imports::progress(&service, &record).await?;
    let now = Timestamp::now();
    let import = &record.import;
    let counts = import.counts;
    let refused = |row: &&RowReport| row.outcome == Outcome::Refused;
    let remarked = |row: &&RowReport| !row.notices.is_empty();
    let (of_refused, others): (Vec<&RowReport>, Vec<&RowReport>) =
        record.rows.iter().partition(refused);
    let (of_remarked, of_taken): (Vec<&RowReport>, Vec<&RowReport>) =
        others.into_iter().partition(remarked);
    let rows = |rows: Vec<&RowReport>| rows.into_iter().map(Row::new).collect();
    let rubric = service.rubrics.get(&import.role);
    let page = Page {
        frame: Frame::new(&caller, Here::Elsewhere),
        id: import.id.clone(),
        at: words::moment(import.at),
        role: import.role.clone(),
        title: clean(rubric.map_or(&import.role, |rubric| &rubric.title)).into_owned(),
        counted: words::capital(&import.counted),
        interrupted: import.state == ImportState::Interrupted,
        not_taken: counts.not_taken,
        over: import.state != ImportState::Accepting && progress.is_over(),
        total: progress.total,
        done: progress.done,
        waiting: progress.waiting,
        failed: progress.failed,
        missing: progress.missing,
        percent: words::share(progress.done + progress.missing, progress.total),
        put_off: progress.deferred_until.map(|until| {
            let until = words::soon(until, now);
            match &progress.note {
                Some(note) => format!("Nothing can be asked until {until}: {}", clean(note)),
                None => format!("Nothing can be asked until {until}."),
            }
        }),
        notices: import
            .notices
            .iter()
            .map(|one| clean(one).into_owned())
            .collect(),
        counts: [
            ("new", counts.queued),
            ("waiting already", counts.already_queued),
            ("moved to the front", counts.lifted),
            ("still fresh", counts.fresh),
            ("said before in the list", counts.merged),
            ("refused", counts.refused),
            ("not taken in", counts.not_taken),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .collect(),
        refused: rows(of_refused),
        remarked: rows(of_remarked),
        taken: rows(of_taken),
        left_out: record.rows_left_out,
    };
    Ok(record.shown().beside(shown(&page)?))
}

impl Row {
    fn new(row: &RowReport) -> Self {
        Self {
            line: row.line,
            applicant: row.applicant.as_ref().map(ToString::to_string),
            outcome: match row.outcome {
                Outcome::Queued => "new",
                Outcome::AlreadyQueued => "waits already",
                Outcome::Lifted => "moved to the front",
                Outcome::Fresh => "still fresh: nobody is asked again",
                Outcome::Refused => "refused",
                Outcome::NotTaken => "not taken in: send the list again",
                Outcome::Merged => "the same applicant as before in the list",
            },
            reason: row.reason.as_deref().map(|why| clean(why).into_owned()),
            notices: row
                .notices
                .iter()
                .map(|one| clean(one).into_owned())
                .collect(),
        }
    }
}
