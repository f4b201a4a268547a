//! What stands around every page: who is signed in, where one can go, and what has just been done.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::assets::Links;
use super::sorry::Sorry;
use super::words;
use crate::api::access::Caller;
use crate::api::problem::Kind;
use crate::domain::access::AccessRole;
use crate::report::clean;

/// The frame of a page.
pub(super) struct Frame {
    pub(super) who: Option<Who>,
    pub(super) here: Here,
    /// What has just been done, in words of ours.
    pub(super) done: Option<&'static str>,
    pub(super) links: Links,
}

/// Who is signed in.
pub(super) struct Who {
    pub(super) name: String,
    pub(super) role: AccessRole,
    /// Whether there is a session to end.
    pub(super) by_session: bool,
}

/// Which of the places in the top bar one is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Here {
    Start,
    Refresh,
    Settings,
    Elsewhere,
}

impl Frame {
    pub(super) fn new(caller: &Caller, here: Here) -> Self {
        Self {
            who: Some(Who {
                name: clean(&caller.name).into_owned(),
                role: caller.role,
                by_session: caller.by_session,
            }),
            here,
            done: None,
            links: Links::new(),
        }
    }

    /// For somebody of whom nothing is known.
    pub(super) fn of_nobody() -> Self {
        Self {
            who: None,
            here: Here::Elsewhere,
            done: None,
            links: Links::new(),
        }
    }

    /// With what has just been done.
    pub(super) fn after(mut self, after: &After) -> Self {
        self.done = after.done.as_deref().and_then(words::done);
        self
    }

    /// Whether the caller may change something.
    pub(super) fn writes(&self) -> bool {
        self.may(AccessRole::Recruiter)
    }

    /// Whether the caller may everything.
    pub(super) fn is_admin(&self) -> bool {
        self.may(AccessRole::Admin)
    }

    fn may(&self, role: AccessRole) -> bool {
        self.who.as_ref().is_some_and(|who| who.role >= role)
    }
}

/// The part of an address that says what has just been done: a word of ours, never a text.
#[derive(Debug, Default, Deserialize)]
pub(super) struct After {
    pub(super) done: Option<String>,
}

/// A page as an answer.
pub(super) fn shown(page: &impl Template) -> Result<Response, Sorry> {
    Ok(Html(written(page)?).into_response())
}

/// A page's text.
pub(super) fn written(page: &impl Template) -> Result<String, Sorry> {
    page.render().map_err(|error| {
        tracing::error!(%error, "a page could not be written");
        Kind::Internal.into()
    })
}
