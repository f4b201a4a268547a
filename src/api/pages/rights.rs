//! Erasing an applicant, after a look at what goes; and what candidates are told.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use serde::Deserialize;

use super::frame::{Frame, Here, shown};
use super::profile::applicant_of;
use super::sorry::Sorry;
use crate::api::access::Caller;
use crate::api::applicants::erase;
use crate::report::clean;
use crate::report::document::Body;
use crate::rights::{self, Facts};
use crate::service::Service;

#[derive(Template)]
#[template(path = "forget.html")]
struct Forget {
    frame: Frame,
    id: String,
    name: Option<String>,
    goes: Vec<String>,
    remains: [&'static str; 6],
}

/// `GET /applicants/{id}/forget`.
pub(super) async fn ask(
    State(service): State<Arc<Service>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Sorry> {
    let applicant = applicant_of(&service, &id).await?;
    let page = Forget {
        frame: Frame::new(&caller, Here::Elsewhere),
        goes: rights::erased_with(&service.store, &applicant.id).await?,
        id: applicant.id.to_string(),
        name: applicant
            .name
            .as_deref()
            .map(|name| clean(name).into_owned()),
        remains: rights::REMAINS,
    };
    shown(&page)
}

/// What the form says.
#[derive(Debug, Deserialize)]
pub(super) struct Meant {
    #[serde(default)]
    reason: String,
}

/// `POST /applicants/{id}/forget`.
pub(super) async fn forget(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    Form(meant): Form<Meant>,
) -> Result<Response, Sorry> {
    let applicant = applicant_of(&service, &id).await?;
    erase(&service, &applicant.id, &meant.reason).await?;
    Ok(Redirect::to("/?done=erased").into_response())
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct Privacy {
    frame: Frame,
    title: String,
    body: Body,
}

/// `GET /privacy`: for everybody, so it names no machine of the house.
pub(super) async fn privacy(State(service): State<Arc<Service>>) -> Result<Response, Sorry> {
    let recipients = rights::recipients(&service.store).await?;
    let recipients = match recipients.len() {
        0 => Vec::new(),
        1 => vec!["Another program of ours".to_owned()],
        count => vec![format!("{count} other programs of ours")],
    };
    let roles = rights::roles(&service.config);
    let facts = Facts::new(&service.config, &service.rubrics, &roles, recipients);
    let notice = rights::notice(&facts);
    shown(&Privacy {
        frame: Frame::of_nobody(),
        title: notice.title.clone(),
        body: Body::of(&notice),
    })
}
