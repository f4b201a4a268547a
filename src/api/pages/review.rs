//! What recruiters do about an applicant: the forms of the profile's page. The API does the same by the same functions.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use jiff::civil::Date;
use serde::Deserialize;

use super::profile::applicant_of;
use super::sorry::Sorry;
use crate::api::access::Caller;
use crate::api::applicants::refresh_one;
use crate::api::problem::{Kind, Problem};
use crate::api::review::{self, NewEvidence};
use crate::domain::applicant::ApplicantId;
use crate::service::Service;

/// Back to the profile, with a word about what was done.
fn back(id: &ApplicantId, done: &str) -> Response {
    Redirect::to(&format!("/applicants/{id}?done={done}")).into_response()
}

/// `POST /applicants/{id}/refresh`.
pub(super) async fn refresh(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Response, Sorry> {
    let id = applicant_of(&service, &id).await?.id;
    refresh_one(&service, &id).await?;
    Ok(back(&id, "asked"))
}

#[derive(Deserialize)]
pub(super) struct NoteForm {
    text: String,
}

/// `POST /applicants/{id}/notes`.
pub(super) async fn note(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Form(form): Form<NoteForm>,
) -> Result<Response, Sorry> {
    let id = applicant_of(&service, &id).await?.id;
    review::add_note(&service, &caller, &id, &form.text).await?;
    Ok(back(&id, "note"))
}

#[derive(Deserialize)]
pub(super) struct LookedThroughForm {
    done: bool,
}

/// `POST /applicants/{id}/looked-through`.
pub(super) async fn look_through(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Form(form): Form<LookedThroughForm>,
) -> Result<Response, Sorry> {
    let id = applicant_of(&service, &id).await?.id;
    review::look_through(&service, &caller, &id, form.done).await?;
    Ok(back(
        &id,
        if form.done {
            "looked-through"
        } else {
            "not-through"
        },
    ))
}

#[derive(Deserialize)]
pub(super) struct AdjustmentForm {
    points: String,
    reason: String,
}

/// `POST /applicants/{id}/adjustments`.
pub(super) async fn adjust(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Form(form): Form<AdjustmentForm>,
) -> Result<Response, Sorry> {
    let id = applicant_of(&service, &id).await?.id;
    review::adjust(&service, &caller, &id, &form.points, &form.reason).await?;
    Ok(back(&id, "adjustment"))
}

#[derive(Deserialize)]
pub(super) struct EvidenceForm {
    kind: String,
    amount: String,
    url: String,
    date: String,
    reason: String,
}

/// `POST /applicants/{id}/evidence`.
pub(super) async fn evidence(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Form(form): Form<EvidenceForm>,
) -> Result<Response, Sorry> {
    let id = applicant_of(&service, &id).await?.id;
    let date: Date = form.date.trim().parse().map_err(|_| {
        Problem::new(
            Kind::Unprocessable,
            "The date is none. Write it as year, month and day: 2026-01-31.",
        )
    })?;
    let amount = form.amount.trim().parse().ok().filter(|amount| *amount > 0);
    let amount = amount.ok_or_else(|| {
        Problem::new(
            Kind::Unprocessable,
            "How many of it is no whole number from 1 on.",
        )
    })?;
    let wanted = NewEvidence {
        kind: form.kind,
        amount,
        url: form.url,
        reason: form.reason,
        date,
    };
    review::add_evidence(&service, &caller, &id, &wanted).await?;
    Ok(back(&id, "evidence"))
}

#[derive(Deserialize)]
pub(super) struct WithdrawalForm {
    number: u32,
    reason: String,
}

/// `POST /applicants/{id}/withdraw`.
pub(super) async fn withdraw(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Form(form): Form<WithdrawalForm>,
) -> Result<Response, Sorry> {
    let id = applicant_of(&service, &id).await?.id;
    review::withdraw(&service, &caller, &id, form.number, &form.reason).await?;
    Ok(back(&id, "withdrawn"))
}
