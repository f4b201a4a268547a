//! The start: bring in a list, see where each role stands.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Multipart, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;

use super::frame::{After, Frame, Here, shown};
use super::sorry::Sorry;
use super::words;
use crate::api::access::Caller;
use crate::api::imports::record::ImportState;
use crate::api::imports::{self, Import};
use crate::api::problem::{Kind, Problem};
use crate::domain::score::ComponentState;
use crate::refresh::retention;
use crate::report::clean;
use crate::service::Service;

/// Lists that are shown. Count.
const LISTS: usize = 8;

#[derive(Template)]
#[template(path = "start.html")]
struct Page {
    frame: Frame,
    roles: Vec<Role>,
    /// The role that is meant when nobody chooses.
    usual: String,
    /// Whether there is neither a profile nor a list.
    empty: bool,
    /// Whether nothing new is taken, for want of room.
    full: bool,
    waiting: u64,
    put_off: Option<String>,
    lists: Vec<List>,
    last: Option<Last>,
    running: bool,
    next: Option<String>,
}

struct Role {
    name: String,
    title: String,
    profiles: usize,
    complete: usize,
    partial: usize,
    unknown: usize,
    flagged: usize,
    /// That all of them are about to be erased.
    ends: Option<String>,
}

struct List {
    id: String,
    at: String,
    role: String,
    rows: u64,
    refused: u64,
    interrupted: bool,
}

struct Last {
    ended: String,
    checked: u64,
    changed: usize,
    failed: usize,
}

/// `GET /`.
pub(super) async fn page(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Query(after): Query<After>,
) -> Result<Response, Sorry> {
    let now = Timestamp::now();
    let mut roles = Vec::new();
    for (name, rubric) in &*service.rubrics {
        let standing = service.board.standing(name).await?;
        let profiles = standing.ranking.profiles();
        let count = |state: ComponentState| {
            let all = profiles.iter();
            all.filter(|profile| profile.state() == state).count()
        };
        roles.push(Role {
            name: name.clone(),
            title: clean(&rubric.title).into_owned(),
            profiles: profiles.len(),
            complete: count(ComponentState::Complete),
            partial: count(ComponentState::Partial),
            unknown: count(ComponentState::Unknown),
            ends: retention::warned(&service.store, &service.config, name, now).await?,
            flagged: profiles.iter().filter(|one| !one.flags.is_empty()).count(),
        });
    }
    // Where somebody has applied first.
    roles.sort_by_key(|role| (role.profiles == 0, role.name.clone()));
    let waiting = service.store.waiting(now).await?;
    let lists = imports::list(&service, None, LISTS).await?;
    let status = service.refresher.status().await?;
    let page = Page {
        frame: Frame::new(&caller, Here::Start).after(&after),
        empty: roles.iter().all(|role| role.profiles == 0) && lists.is_empty(),
        roles,
        usual: service.config.role.clone(),
        full: matches!(service.store.has_room().await, Ok(false)),
        waiting: waiting.count(),
        // While somebody's turn may come now, nothing is put off as a whole.
        put_off: waiting
            .earliest
            .filter(|_| waiting.ready == 0 && waiting.leased == 0)
            .map(|until| {
                let until = words::soon(until, now);
                match &waiting.note {
                    Some(note) => format!("until {until}: {}", clean(note)),
                    None => format!("until {until}"),
                }
            }),
        lists: lists.iter().map(List::new).collect(),
        last: status.last.map(|last| Last {
            ended: words::moment(last.ended),
            checked: last.checked,
            changed: last.changed.len(),
            failed: last.failed.len(),
        }),
        running: status.running.is_some(),
        next: status.next.map(words::moment),
    };
    shown(&page)
}

impl List {
    fn new(import: &Import) -> Self {
        Self {
            id: import.id.clone(),
            at: words::moment(import.at),
            role: clean(&import.role).into_owned(),
            rows: import.counts.rows,
            refused: import.counts.refused,
            interrupted: import.state == ImportState::Interrupted,
        }
    }
}

/// `POST /imports`: a file or a text, and the role of rows that name none.
pub(super) async fn take(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    mut form: Multipart,
) -> Result<Response, Sorry> {
    let broken = |_| Problem::new(Kind::Invalid, "The form broke off. Send it once more.");
    let (mut file, mut links, mut role) = (Vec::new(), Vec::new(), Vec::new());
    let mut left = service.config.serve.max_body_bytes;
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let mut bytes = Vec::new();
        while let Some(part) = field.chunk().await.map_err(broken)? {
            left = left.checked_sub(part.len()).ok_or_else(|| {
                Problem::new(
                    Kind::TooLarge,
                    format!(
                        "A list may have {} bytes at most. Send it in parts.",
                        service.config.serve.max_body_bytes
                    ),
                )
            })?;
            bytes.extend_from_slice(&part);
        }
        match field.name() {
            Some("file") => file = bytes,
            Some("links") => links = bytes,
            Some("role") => role = bytes,
            _ => {}
        }
    }
    let links = Some(links).filter(|links| !links.trim_ascii().is_empty());
    let list = match (file.is_empty(), links) {
        (false, None) => file,
        (true, Some(links)) => links,
        (true, None) => {
            return Err(Problem::new(
                Kind::Unprocessable,
                "There is neither a file nor a link in the form. Choose a file, or paste links, one applicant a line.",
            )
            .into());
        }
        (false, Some(_)) => {
            return Err(Problem::new(
                Kind::Unprocessable,
                "There is a file and there are links in the form. Send one of them, then the other.",
            )
            .into());
        }
    };
    let role = String::from_utf8(role).ok().filter(|role| !role.is_empty());
    let record = imports::take_in(&service, &caller, list, role.as_deref()).await?;
    let to = Redirect::to(&format!("/imports/{}", record.import.id));
    Ok(record.shown().beside(to.into_response()))
}
