//! Roles, their rankings, and their downloads.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::applicants::{Brief, is_of, names};
use super::conditional;
use super::cursor::{self, Limit};
use super::extract::{Path, Query};
use super::imports::unknown_role;
use super::noting::Shown;
use super::problem::{Kind, Problem, ProblemBody};
use crate::domain::identity::IdentityLevel;
use crate::domain::profile::Profile;
use crate::domain::ranking::{Place, Tie};
use crate::domain::rubric::Rubric;
use crate::domain::score::ComponentState;
use crate::domain::text::tame;
use crate::report::{self, Format, Ranking, View};
use crate::service::Service;

pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(ranking))
        .routes(routes!(export))
}

/// The rubric of a role; refused when there is none.
pub(crate) fn rubric<'a>(service: &'a Service, role: &str) -> Result<&'a Rubric, Problem> {
    service
        .rubrics
        .get(role)
        .ok_or_else(|| Problem::new(Kind::NotFound, unknown_role(role, &service.rubrics)))
}

/// A role.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Role {
    /// Its name.
    name: String,
    /// The role in words.
    title: String,
    /// The version of its rubric.
    version: String,
    /// What the rubric's components are, with the points that each gives at most.
    components: Vec<RoleComponent>,
    /// Applicants with a profile. Count.
    applicants: usize,
}

/// A component of a rubric.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RoleComponent {
    /// Its name.
    name: String,
    /// Points at most.
    max: f64,
}

/// All roles.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Roles {
    /// By name.
    items: Vec<Role>,
}

/// The roles that applicants are judged for.
#[utoipa::path(
    get,
    path = "/api/v1/roles",
    tag = "roles",
    operation_id = "listRoles",
    responses(
        (status = 200, description = "The roles, by name", body = Roles),
        (status = 304, description = "It is what the reader has already (`If-None-Match`)"),
    )
)]
async fn list(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut items = Vec::with_capacity(service.rubrics.len());
    for rubric in service.rubrics.values() {
        let standing = service.board.standing(&rubric.name).await?;
        let components = rubric.components();
        let component = |(name, max, _): &(&str, f64, f64)| RoleComponent {
            name: (*name).to_owned(),
            max: *max,
        };
        items.push(Role {
            name: rubric.name.clone(),
            title: rubric.title.clone(),
            version: rubric.version.clone(),
            components: components.iter().map(component).collect(),
            applicants: standing.ranking.profiles().len(),
        });
    }
    conditional::json(&headers, &Roles { items })
}

/// Which part of a ranking, and in what order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many on a page.
    #[serde(default)]
    #[param(value_type = Option<usize>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// Those whose name or id holds this, in any case.
    q: Option<String>,
    /// Those of whom so much could be seen.
    #[param(inline)]
    state: Option<ComponentState>,
    /// Those whose identity is so certain.
    #[param(inline)]
    identity: Option<IdentityLevel>,
    /// Those with findings that a person should look at (`true`), or without (`false`).
    flagged: Option<bool>,
    /// The order.
    #[serde(default)]
    #[param(value_type = Option<Sort>, inline)]
    sort: Sort,
    /// Other maxima: `open_source=20,kaggle=45`. The other components share what is left of 100. Nothing of it is kept.
    #[param(example = "open_source=20,kaggle=45")]
    what_if: Option<String>,
}

/// The order of a ranking's rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RankingSort)]
pub(crate) enum Sort {
    /// By rank: what is proven, then what is possible, then the id.
    #[default]
    Rank,
    /// By what is possible, the most first.
    High,
    /// By what could be seen, the least first.
    Coverage,
    /// By name, those without one last.
    Name,
    /// By id.
    Id,
}

/// A row of a ranking.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RankedRow {
    /// The rank among all of the role, 1 the best.
    rank: usize,
    /// The rank by the rubric as it is, when the ranking is a what-if.
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<usize>,
    /// The best rank over all draws.
    best: usize,
    /// The worst rank over all draws.
    worst: usize,
    /// The best rank in nine of ten draws.
    likely_best: usize,
    /// The worst rank in nine of ten draws.
    likely_worst: usize,
    /// Whether the data can tell it from the one ranked just above.
    tie: Tie,
    /// Who.
    #[serde(flatten)]
    brief: Brief,
}

/// A page of a ranking.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RankingPage {
    /// The role.
    role: String,
    /// What was asked, when it is a what-if.
    #[serde(skip_serializing_if = "Option::is_none")]
    what_if: Option<String>,
    /// All applicants of the role. Count.
    total: usize,
    /// Those whom the filters let through. Count.
    matching: usize,
    /// Those on the page.
    items: Vec<RankedRow>,
    /// For the next page; none: this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl RankingPage {
    /// Whom it names.
    fn shown(&self) -> Shown {
        Shown::of(self.items.iter().map(|row| &row.brief.id))
    }
}

impl RankedRow {
    fn of(place: Place, profile: &Profile) -> Self {
        Self {
            rank: place.rank,
            was: place.was,
            best: place.best,
            worst: place.worst,
            likely_best: place.likely_best,
            likely_worst: place.likely_worst,
            tie: place.tie,
            brief: Brief::of(profile),
        }
    }
}

/// The maxima that a what-if names: `open_source=20,kaggle=45`.
pub(crate) fn maxima(text: &str) -> Result<BTreeMap<String, f64>, Problem> {
    let mut maxima = BTreeMap::new();
    for part in text.split(',').filter(|part| !part.trim().is_empty()) {
        let pair = part.split_once('=');
        let pair = pair.and_then(|(name, max)| {
            let max = max.trim().parse::<f64>().ok()?;
            max.is_finite().then(|| (name.trim().to_owned(), max))
        });
        let Some((name, max)) = pair else {
            return Err(Problem::new(
                Kind::Invalid,
                format!(
                    "{:?} is no component with its maximum: what_if=open_source=20,kaggle=45",
                    tame(part)
                ),
            ));
        };
        if maxima.insert(name, max).is_some() {
            return Err(Problem::new(
                Kind::Invalid,
                "what_if names a component twice",
            ));
        }
    }
    Ok(maxima)
}

/// The ranking of a role as it would be by other maxima.
pub(crate) async fn what_if(
    service: &Service,
    role: &str,
    maxima: &BTreeMap<String, f64>,
) -> Result<Arc<Ranking>, Problem> {
    let rubric = rubric(service, role)?;
    let other = rubric.with_maxima(maxima).map_err(|error| {
        let why = tame(&error.to_string());
        Problem::new(Kind::Unprocessable, why)
    })?;
    let change = service.board.standing(role).await?.version;
    let ranking = service
        .what_ifs
        .ranking(&service.store, rubric, other, maxima, change)
        .await?;
    Ok(ranking)
}

impl Wanted {
    fn lets_through(&self, profile: &Profile, typed: &str) -> bool {
        is_of(profile, self.state, self.identity, self.flagged) && names(profile, typed)
    }

    /// The rows that the filters let through, in the order that is wanted.
    fn sorted<'a>(&self, ranking: &'a Ranking) -> Vec<(Place, &'a Profile)> {
        let typed = self.q.as_deref().unwrap_or_default().trim().to_lowercase();
        let rows = ranking.places().iter().copied().zip(ranking.shown());
        let mut rows: Vec<(Place, &Profile)> = rows
            .filter(|(_, profile)| self.lets_through(profile, &typed))
            .collect();
        // Sorting keeps the order of the ranks among equals.
        match self.sort {
            Sort::Rank => {}
            Sort::High => rows.sort_by_key(|(_, one)| std::cmp::Reverse(one.score.high)),
            Sort::Coverage => {
                rows.sort_by(|(_, left), (_, right)| left.coverage.total_cmp(&right.coverage));
            }
            Sort::Name => rows.sort_by_cached_key(|(_, one)| {
                let name = one.applicant.name.as_ref().map(|name| name.to_lowercase());
                (name.is_none(), name)
            }),
            Sort::Id => {
                rows.sort_by(|(_, left), (_, right)| left.applicant.id.cmp(&right.applicant.id));
            }
        }
        rows
    }

    /// The page of a ranking.
    fn page(&self, ranking: &Ranking) -> Result<RankingPage, Problem> {
        let rows = self.sorted(ranking);
        let begin = match cursor::entry(self.cursor.as_deref())? {
            None => 0,
            Some(after) => behind(&rows, &after)?,
        };
        let page = rows.get(begin..).unwrap_or_default();
        let shown = &page[..page.len().min(self.limit.0)];
        let next = shown.last().filter(|_| shown.len() < page.len());
        Ok(RankingPage {
            role: ranking.role().to_owned(),
            what_if: ranking.what_if().map(ToOwned::to_owned),
            total: ranking.profiles().len(),
            matching: rows.len(),
            next_cursor: next.map(|(_, profile)| {
                let place = begin + shown.len();
                cursor::after(&format!("{place} {}", profile.applicant.id))
            }),
            items: shown
                .iter()
                .map(|(place, profile)| RankedRow::of(*place, profile))
                .collect(),
        })
    }
}

/// Where the page begins behind an entry: behind the applicant, wherever that one is by now; where the page would have
/// begun, when the applicant is gone.
fn behind(rows: &[(Place, &Profile)], after: &str) -> Result<usize, Problem> {
    let parsed = after.split_once(' ');
    let parsed = parsed.and_then(|(place, id)| Some((place.parse::<usize>().ok()?, id)));
    let Some((place, id)) = parsed else {
        return Err(Problem::new(
            Kind::Invalid,
            "the cursor is of another list; take next_cursor of the page before",
        ));
    };
    let now = rows
        .iter()
        .position(|(_, profile)| profile.applicant.id.as_str() == id);
    Ok(now.map_or(place, |now| now + 1))
}

/// The ranking of a role, page by page.
///
/// Beside each rank stand the best and the worst over 200 draws of the weights and of what is unknown.
#[utoipa::path(
    get,
    path = "/api/v1/roles/{role}/ranking",
    tag = "roles",
    operation_id = "getRanking",
    params(
        ("role" = String, Path, description = "The role's name", example = "doctoral-dl-radiology"),
        Wanted,
    ),
    responses(
        (status = 200, description = "A page", body = RankingPage),
        (status = 304, description = "It is what the reader has already (`If-None-Match`)"),
        (status = 400, description = "The query is not valid", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such role", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The maxima of the what-if cannot be", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn ranking(
    State(service): State<Arc<Service>>,
    Path(role): Path<String>,
    Query(wanted): Query<Wanted>,
    RawQuery(asked): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    rubric(&service, &role)?;
    let maxima = maxima(wanted.what_if.as_deref().unwrap_or_default())?;
    if !maxima.is_empty() {
        let ranking = what_if(&service, &role, &maxima).await?;
        let page = wanted.page(&ranking)?;
        let shown = page.shown();
        return Ok(shown.beside(conditional::json(&headers, &page)?));
    }
    let standing = service.board.standing(&role).await?;
    // To filter and sort ten thousand rows takes longer than all the rest, and most readers ask for the same page.
    let key = format!("ranking {role:?} {asked:?}");
    let (page, shown) = if let Some(kept) = service.reading.page(&key, standing.version) {
        kept
    } else {
        let page = wanted.page(&standing.ranking)?;
        let page = (Bytes::from(conditional::body(&page)?), page.shown());
        let reading = &service.reading;
        reading.keep_page(&key, standing.version, page.clone());
        page
    };
    let tag = conditional::tag_of(&page);
    let answer = conditional::tagged(&headers, &tag, "application/json", page);
    Ok(shown.beside(answer))
}

/// In which form.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WantedExport {
    /// The form.
    #[serde(default)]
    #[param(value_type = Option<ExportFormat>, inline)]
    format: ExportFormat,
}

/// The form of a download.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExportFormat {
    /// Comma-separated values; cells that a spreadsheet would run are disarmed.
    #[default]
    Csv,
    /// An Excel workbook, a sheet for the ranking and one for its evidence.
    Xlsx,
    /// One JSON array of profiles.
    Json,
    /// JSON, a profile a line.
    Jsonl,
    /// Markdown.
    Markdown,
    /// One self-contained HTML page.
    Html,
}

impl ExportFormat {
    /// The report's form, its media type, and how a file's name ends.
    fn told(self) -> (Format, &'static str, &'static str) {
        match self {
            Self::Csv => (Format::Csv, "text/csv; charset=utf-8", "csv"),
            Self::Xlsx => (
                Format::Xlsx,
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "xlsx",
            ),
            Self::Json => (Format::Json, "application/json", "json"),
            Self::Jsonl => (Format::Jsonl, "application/x-ndjson", "jsonl"),
            Self::Markdown => (Format::Markdown, "text/markdown; charset=utf-8", "md"),
            Self::Html => (Format::Html, "text/html; charset=utf-8", "html"),
        }
    }
}

/// Downloads the ranking of a role with all profiles.
#[utoipa::path(
    get,
    path = "/api/v1/roles/{role}/export",
    tag = "roles",
    operation_id = "exportRanking",
    params(
        ("role" = String, Path, description = "The role's name", example = "doctoral-dl-radiology"),
        WantedExport,
    ),
    responses(
        (status = 200, description = "The file", content(
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (Vec<serde_json::Value> = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/markdown"),
            (String = "text/html"),
        ), headers(("content-disposition" = String, description = "The file's name"))),
        (status = 400, description = "The query is not valid", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such role", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn export(
    State(service): State<Arc<Service>>,
    Path(role): Path<String>,
    Query(wanted): Query<WantedExport>,
) -> Result<Response, Problem> {
    rubric(&service, &role)?;
    let (format, media_type, ending) = wanted.format.told();
    let (bytes, shown) = download(&service, &role, format).await?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    // The names of roles are plain: see `is_name`.
    let disposition = format!("attachment; filename=\"{role}.{ending}\"");
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    Ok(shown.with("format", ending).beside(response))
}

/// The ranking of a role with all profiles, as a file; and whom it names.
async fn download(
    service: &Service,
    role: &str,
    format: Format,
) -> Result<(Vec<u8>, Shown), Problem> {
    let profiles = service.store.profiles_of_role(role).await?;
    let shown = Shown::of(profiles.iter().map(|profile| &profile.applicant.id));
    let role = role.to_owned();
    let written = spawn_blocking(move || {
        let ranking = Ranking::new(&role, profiles, None);
        let mut out = Vec::new();
        report::ranking(&ranking, format, View::default(), &mut out).map(|()| out)
    });
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "a report was not written");
        Problem::from(Kind::Internal)
    };
    match written.await {
        Ok(written) => Ok((written.map_err(|error| failed(&error))?, shown)),
        Err(broken) => Err(failed(&broken)),
    }
}
