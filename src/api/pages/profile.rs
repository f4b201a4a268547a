//! An applicant: the profile as in the report, with what a recruiter can do about it.

use std::borrow::Cow;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use jiff::Timestamp;

use super::frame::{After, Frame, Here, shown};
use super::role::path_of;
use super::sorry::Sorry;
use super::words;
use crate::api::access::Caller;
use crate::api::applicants::known;
use crate::api::problem::{Kind, Problem};
use crate::domain::applicant::{Applicant, ApplicantId};
use crate::domain::profile::Profile;
use crate::domain::review::Review;
use crate::domain::rubric::Rubric;
use crate::domain::text::tame;
use crate::report::clean;
use crate::report::html::applicant::{Body, Head};
use crate::service::Service;

#[derive(Template)]
#[template(path = "profile.html")]
struct Page {
    frame: Frame,
    id: String,
    role: String,
    head: Head,
    body: Body,
    place: Option<Place>,
    job: Option<String>,
    doing: Doing,
}

/// Where the applicant stands among the others.
struct Place {
    rank: usize,
    all: usize,
    before: Option<Neighbour>,
    after: Option<Neighbour>,
}

struct Neighbour {
    id: String,
    name: String,
}

/// What forms need.
struct Doing {
    /// Kinds of evidence that the rubric knows.
    kinds: Vec<String>,
    look_for: String,
    /// Whether somebody has said that there is no more to be found.
    looked_through: bool,
    /// Entries that can be withdrawn, with what they are.
    entries: Vec<(u32, String)>,
    /// The last day on which something can have happened.
    today: String,
}

#[derive(Template)]
#[template(path = "waiting.html")]
struct Waiting {
    frame: Frame,
    id: String,
    name: Option<String>,
    role: String,
    links: Vec<String>,
    job: Option<String>,
}

/// The applicant of an id in a path.
pub(super) async fn applicant_of(service: &Service, id: &str) -> Result<Applicant, Sorry> {
    let id: ApplicantId = id.parse().map_err(|_| {
        let said = format!("There is no applicant {:?}.", tame(id));
        Problem::new(Kind::NotFound, said)
    })?;
    Ok(known(service, &id).await?)
}

/// `GET /applicants/{id}`.
pub(super) async fn page(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(after): Query<After>,
) -> Result<Response, Sorry> {
    let applicant = applicant_of(&service, &id).await?;
    let now = Timestamp::now();
    let job = service.store.job(&applicant.id).await?;
    let job = job.map(|job| words::job(&job, now));
    let frame = Frame::new(&caller, Here::Elsewhere).after(&after);
    let Some(profile) = service.store.profile(&applicant.id).await? else {
        let text = |text: &str| clean(text).into_owned();
        return shown(&Waiting {
            frame,
            id: applicant.id.to_string(),
            name: applicant.name.as_deref().map(text),
            role: text(&applicant.role),
            links: applicant
                .links
                .iter()
                .map(|link| text(&link.to_string()))
                .collect(),
            job,
        });
    };
    let judged = judged_by(&service, &profile).await?;
    let of_today = service.rubrics.get(&profile.role);
    let title = of_today.or(judged.as_ref());
    let page = Page {
        frame,
        id: applicant.id.to_string(),
        role: path_of(&profile.role),
        head: Head::new(
            &profile,
            title.map(|rubric| clean(&rubric.title).into_owned()),
        ),
        body: Body::new(&profile, judged.as_ref()),
        place: place(&service, &profile).await?,
        job,
        doing: Doing::new(of_today, &profile.review, now),
    };
    shown(&page)
}

/// The rubric that judged, if its text is kept.
async fn judged_by(service: &Service, profile: &Profile) -> Result<Option<Rubric>, Sorry> {
    let digest = &profile.rubric.digest;
    let of_today = service.rubrics.get(&profile.role);
    if let Some(rubric) = of_today.filter(|rubric| rubric.digest == *digest) {
        return Ok(Some(rubric.clone()));
    }
    let text = service.store.rubric_text(digest).await?;
    Ok(text.and_then(|text| Rubric::parse(&text).ok()))
}

async fn place(service: &Service, profile: &Profile) -> Result<Option<Place>, Sorry> {
    let standing = service.board.standing(&profile.role).await?;
    let all = standing.ranking.profiles();
    let mut each = all.iter();
    // The board may be a moment behind.
    let Some(index) = each.position(|one| one.applicant.id == profile.applicant.id) else {
        return Ok(None);
    };
    let neighbour = |index: usize| {
        let applicant = &all.get(index)?.applicant;
        let id = applicant.id.to_string();
        let name = applicant.name.as_deref().map(clean);
        Some(Neighbour {
            name: name.map_or_else(|| id.clone(), Cow::into_owned),
            id,
        })
    };
    Ok(Some(Place {
        rank: index + 1,
        all: all.len(),
        before: index.checked_sub(1).and_then(neighbour),
        after: neighbour(index + 1),
    }))
}

impl Doing {
    fn new(rubric: Option<&Rubric>, review: &Review, now: Timestamp) -> Self {
        let mut entries = Vec::new();
        for one in review.standing_evidence() {
            let what = format!("{}: {}", clean(&one.kind), clean(&one.reason));
            entries.push((one.number, what));
        }
        for one in review.standing_adjustments() {
            let what = format!("{} points: {}", one.points.signed(), clean(&one.reason));
            entries.push((one.number, what));
        }
        entries.sort();
        let reviewed = rubric.map(|rubric| &rubric.reviewed);
        Self {
            kinds: reviewed.map_or_else(Vec::new, |one| one.kinds.keys().cloned().collect()),
            look_for: reviewed.map_or_else(String::new, |one| clean(&one.look_for).into_owned()),
            looked_through: review.looked_through.is_some(),
            entries,
            today: now.strftime("%F").to_string(),
        }
    }
}
