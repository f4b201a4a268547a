//! The profiles that are kept of an applicant, newest first.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;

use super::frame::{Frame, Here, shown};
use super::profile::applicant_of;
use super::sorry::Sorry;
use super::words;
use crate::api::access::Caller;
use crate::domain::profile::Snapshot;
use crate::domain::score::Points;
use crate::report::clean;
use crate::report::html::applicant::{Changed, changed, interval};
use crate::report::html::charts::Bar;
use crate::service::Service;

#[derive(Template)]
#[template(path = "history.html")]
struct Page {
    frame: Frame,
    id: String,
    name: Option<String>,
    kept: Vec<Kept>,
    /// Profiles that are kept beside the current one, at most. Count.
    most: usize,
}

struct Kept {
    stored: String,
    as_of: String,
    rubric: String,
    score: String,
    bar: Bar,
    /// The digits by which the API finds it.
    digits: String,
    changes: Vec<Changed>,
}

/// `GET /applicants/{id}/history`.
pub(super) async fn page(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Sorry> {
    let applicant = applicant_of(&service, &id).await?;
    let current = service.store.current(&applicant.id).await?;
    let earlier = service.store.history(&applicant.id).await?;
    let page = Page {
        frame: Frame::new(&caller, Here::Elsewhere),
        id: applicant.id.to_string(),
        name: applicant
            .name
            .as_deref()
            .map(|name| clean(name).into_owned()),
        kept: current.iter().chain(&earlier).map(Kept::new).collect(),
        most: service.config.store.history,
    };
    shown(&page)
}

impl Kept {
    fn new(snapshot: &Snapshot) -> Self {
        let profile = &snapshot.profile;
        let (low, high) = (profile.score.low, profile.score.high);
        let digits = profile.snapshot.rsplit_once('/');
        Self {
            stored: words::moment(snapshot.stored_at),
            as_of: profile.as_of.to_string(),
            rubric: format!(
                "{} {}",
                clean(&profile.rubric.name),
                clean(&profile.rubric.version)
            ),
            score: interval(low, high),
            bar: Bar::new(low, high, Points::from_cents(10_000)),
            digits: digits.map_or_else(String::new, |(_, digits)| clean(digits).into_owned()),
            changes: changed(&profile.changes),
        }
    }
}
