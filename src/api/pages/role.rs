//! The ranking of a role: filtered, sorted, page by page, and what it would be by other weights.

mod query;
mod what_if;

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use self::query::{Asked, Sort};
use self::what_if::{Slider, ranking_by, sliders};
use super::frame::{Frame, Here, written};
use super::sorry::Sorry;
use crate::api::access::Caller;
use crate::api::noting::Shown;
use crate::api::problem::{Kind, Problem};
use crate::domain::score::ComponentState;
use crate::domain::text::tame;
use crate::refresh::retention;
use crate::report::html::ranking::{Row, Table};
use crate::report::html::{READING, summary};
use crate::report::{Ranking, clean};
use crate::service::Service;

/// Applicants on a page. Count.
const A_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "role.html")]
struct Page {
    frame: Frame,
    /// The role's name within a path.
    path: String,
    name: String,
    title: String,
    /// That all of them are about to be erased.
    ends: Option<String>,
    rubric: Option<String>,
    as_of: Option<String>,
    states: [usize; 3],
    all: usize,
    asked: Asked,
    found: usize,
    first: usize,
    last: usize,
    table: Table,
    before: Option<String>,
    after: Option<String>,
    sliders: Vec<Slider>,
    what_if: Option<String>,
    /// Why the other weights cannot be.
    refused: Option<String>,
    summary: Vec<String>,
    reading: [&'static str; 3],
}

/// What need not be escaped in a part of a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A role's name as a part of a path.
pub(super) fn path_of(role: &str) -> String {
    utf8_percent_encode(role, PLAIN).to_string()
}

/// `GET /roles/{role}`.
pub(super) async fn page(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path(role): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Sorry> {
    let query = query.unwrap_or_default();
    let standing = service.board.standing(&role).await?;
    // All that it depends on: to go through ten thousand profiles takes longer than all the rest.
    let now = Timestamp::now();
    let ends = retention::warned(&service.store, &service.config, &role, now).await?;
    let key = format!("page {role:?} {query:?} {caller:?} {ends:?}");
    if let Some((kept, shown)) = service.reading.page(&key, standing.version) {
        return Ok(shown.beside(Html(kept).into_response()));
    }
    let asked = Asked::read(&query);
    let rubric = service.rubrics.get(&role);
    if rubric.is_none() && standing.ranking.profiles().is_empty() {
        let said = format!("There is no role {:?}.", tame(&role));
        return Err(Problem::new(Kind::NotFound, said).into());
    }
    let (mut imagined, mut refused) = (None, None);
    if let Some(rubric) = rubric {
        let ranked = ranking_by(&service, rubric, &asked.maxima, standing.version).await?;
        match ranked {
            Ok(ranking) => imagined = ranking,
            Err(why) => refused = Some(why),
        }
    }
    let ranking = imagined.as_deref().unwrap_or(&standing.ranking);
    let sliders = rubric.map_or_else(Vec::new, |rubric| sliders(rubric, &asked.maxima));
    let title = rubric.map_or(&role, |rubric| &rubric.title);
    let (of_ranking, shown) = Page::of(ranking, asked);
    let page = Page {
        frame: Frame::new(&caller, Here::Elsewhere),
        path: path_of(&role),
        name: clean(&role).into_owned(),
        title: clean(title).into_owned(),
        ends,
        sliders,
        refused,
        ..of_ranking
    };
    let text = Bytes::from(written(&page)?);
    let reading = &service.reading;
    reading.keep_page(&key, standing.version, (text.clone(), shown.clone()));
    Ok(shown.beside(Html(text).into_response()))
}

impl Page {
    /// What is shown of a ranking, and of whom. Only the rows of the page are made.
    fn of(ranking: &Ranking, asked: Asked) -> (Self, Shown) {
        let profiles = ranking.profiles();
        let all = profiles.len();
        let found = asked.select(ranking);
        let pages = found.len().div_ceil(A_PAGE).max(1);
        let number = asked.page.clamp(1, pages);
        let begin = (number - 1) * A_PAGE;
        let on_page = found.iter().skip(begin).take(A_PAGE);
        let shown = Shown::of(on_page.clone().map(|(profile, _)| &profile.applicant.id));
        let rows: Vec<Row> = on_page
            .map(|(profile, place)| {
                let page = format!("/applicants/{}", profile.applicant.id);
                Row::new(profile, place, all, Some(page))
            })
            .collect();
        let count = |state: ComponentState| {
            let each = profiles.iter();
            each.filter(|profile| profile.state() == state).count()
        };
        let judged = profiles.first();
        let page = Self {
            frame: Frame::of_nobody(),
            path: String::new(),
            name: String::new(),
            title: String::new(),
            ends: None,
            rubric: judged.map(|profile| {
                let rubric = &profile.rubric;
                format!("{} {}", clean(&rubric.name), clean(&rubric.version))
            }),
            as_of: profiles
                .iter()
                .map(|profile| profile.as_of)
                .max()
                .map(|day| day.to_string()),
            states: [
                ComponentState::Complete,
                ComponentState::Partial,
                ComponentState::Unknown,
            ]
            .map(count),
            all,
            found: found.len(),
            first: if rows.is_empty() { 0 } else { begin + 1 },
            last: begin + rows.len(),
            before: (number > 1).then(|| asked.with_page(number - 1)),
            after: (number < pages).then(|| asked.with_page(number + 1)),
            asked,
            table: Table::new(rows, true),
            sliders: Vec::new(),
            what_if: ranking.what_if().map(|what| clean(what).into_owned()),
            refused: None,
            summary: summary(ranking),
            reading: READING,
        };
        (page, shown)
    }
}
