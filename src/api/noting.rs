//! What is answered is written down: one layer around all handlers, by the table of what each route notes.
//!
//! A look is written down when its answer is made and before it is given. A change is refused beforehand where it could
//! not be written down, and is on the disk with its entry before it is told; an erasure is written down also before it is
//! begun. Whoever hangs up in the middle of a change leaves an entry as well, which says so: what became of it is not known
//! here.

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;

use super::access::notes::{Notes, notes};
use super::access::{Caller, told_as};
use super::problem::{Kind, Problem};
use crate::audit::{Act, Audit, AuditError, Deed, Detail, Who};
use crate::domain::applicant::ApplicantId;
use crate::service::Service;

/// Whom an answer names, and what else is to be written down about it. A handler lays it beside its answer.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    who: Option<Who>,
    ids: Arc<[ApplicantId]>,
    details: Vec<(&'static str, Detail)>,
}

impl Shown {
    /// These applicants; how many there are stands beside them.
    #[must_use]
    pub fn of<'a>(ids: impl IntoIterator<Item = &'a ApplicantId>) -> Self {
        let ids: Arc<[ApplicantId]> = ids.into_iter().cloned().collect();
        let count = ids.len();
        Self {
            ids,
            ..Self::default()
        }
        .with("count", count)
    }

    /// With a detail; see [`Act::with`].
    #[must_use]
    pub fn with(mut self, what: &'static str, detail: impl Into<Detail>) -> Self {
        self.details.push((what, detail.into()));
        self
    }

    /// By somebody whom the guard did not know yet.
    pub(super) fn by(mut self, who: Who) -> Self {
        self.who = Some(who);
        self
    }

    /// Lays it beside an answer.
    pub(super) fn beside(self, mut response: Response) -> Response {
        response.extensions_mut().insert(self);
        response
    }
}

impl From<AuditError> for Problem {
    fn from(error: AuditError) -> Self {
        // The path of the data folder is nobody's business out there.
        tracing::error!(%error, "something could not be written into the audit log");
        let why = match error {
            AuditError::Full { .. } => "the server's disk is full",
            AuditError::Unusable { .. } | AuditError::Key { .. } | AuditError::Busy { .. } => {
                "the audit log cannot be written; the server's log says why"
            }
        };
        let detail = format!("{why}, and nothing is shown or done that cannot be written down");
        Self::new(Kind::Unavailable, detail)
    }
}

/// Writes down what is answered. Lies within the guard.
pub(super) async fn noted(
    State(service): State<Arc<Service>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(path) = request.extensions().get::<MatchedPath>().cloned() else {
        return next.run(request).await;
    };
    let typed = request.uri().path().to_owned();
    let refused = |problem: Problem| told_as(&typed, &problem);
    let Some(notes) = notes(request.method(), path.as_str()) else {
        tracing::error!(
            path = path.as_str(),
            "no table says what a route notes, so it answers nobody"
        );
        return refused(Kind::Internal.into());
    };
    if let Notes::Nothing(_) = notes {
        return next.run(request).await;
    }
    let changes = !request.method().is_safe();
    let (mut parts, body) = request.into_parts();
    let asked = Asked::of(&mut parts, notes).await;
    let request = Request::from_parts(parts, body);
    let audit = &service.audit;
    if changes && let Err(error) = audit.ready().await {
        return refused(error.into());
    }
    if asked.did == Deed::Erased
        && let Some(act) = asked.act(Shown::default())
        && let Err(error) = audit.note(act.begun()).await
    {
        return refused(error.into());
    }
    let mut broken_off = changes.then(|| BrokenOff {
        audit,
        act: asked.act(Shown::default()),
    });
    let mut response = next.run(request).await;
    if let Some(left) = &mut broken_off {
        left.act = None;
    }
    let status = response.status();
    if !status.is_success() && !status.is_redirection() {
        return response;
    }
    let shown = response.extensions_mut().remove::<Shown>();
    let act = match (notes, shown) {
        (Notes::Shown(_), None) => None,
        (_, shown) => asked.act(shown.unwrap_or_default()),
    };
    let Some(act) = act else {
        tracing::error!(
            path = path.as_str(),
            "an answer did not say whom it names, or to whom"
        );
        return refused(Kind::Internal.into());
    };
    match audit.note(act).await {
        Ok(()) => response,
        Err(error) => refused(error.into()),
    }
}

/// What is known before the handler has answered.
struct Asked {
    who: Option<Who>,
    did: Deed,
    /// The applicant of the path.
    id: Option<ApplicantId>,
    details: Vec<(&'static str, Detail)>,
}

impl Asked {
    async fn of(parts: &mut Parts, notes: Notes) -> Self {
        let caller = parts.extensions.get::<Caller>();
        let who = caller.map(|caller| Who::token(&caller.id));
        let (did, about_one, mut details) = match notes {
            Notes::Thing(did, what) => (did, false, vec![("what", Detail::from(what))]),
            Notes::One(did) => (did, true, Vec::new()),
            Notes::Shown(did) => (did, false, Vec::new()),
            // Nothing is noted.
            Notes::Nothing(_) => (Deed::Saw, false, Vec::new()),
        };
        let mut id = None;
        if let Ok(parameters) = RawPathParams::from_request_parts(parts, &()).await {
            for (name, value) in &parameters {
                match name {
                    "id" if about_one => id = value.parse().ok(),
                    "id" => details.push(("id", value.into())),
                    "role" => details.push(("role", value.into())),
                    "snapshot" => details.push(("snapshot", value.into())),
                    "number" => details.push(("number", value.into())),
                    _ => {}
                }
            }
        }
        Self {
            who,
            did,
            id,
            details,
        }
    }

    /// The act; `None`: nobody has said whose it is.
    fn act(&self, shown: Shown) -> Option<Act> {
        let who = shown.who.or_else(|| self.who.clone())?;
        let mut act = Act::new(who, self.did);
        for id in self.id.iter().chain(shown.ids.iter()) {
            act = act.about_one(id);
        }
        let details = self.details.iter().cloned().chain(shown.details);
        Some(details.fold(act, |act, (what, detail)| act.with(what, detail)))
    }
}

/// A change under way; writes it down when the request is given up before there is an answer.
struct BrokenOff<'a> {
    audit: &'a Audit,
    act: Option<Act>,
}

impl Drop for BrokenOff<'_> {
    fn drop(&mut self) {
        if let Some(act) = self.act.take() {
            let written = self
                .audit
                .note_on_the_way_out(act.with("outcome", "broken-off"));
            if let Err(error) = written {
                tracing::error!(%error, "a change that was broken off could not be written down");
            }
        }
    }
}
