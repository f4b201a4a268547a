//! What each route leaves in the audit log. A route that is not here answers nobody, so that a new one cannot forget it.
//!
//! `HEAD` is as `GET`. Only what was answered is noted: a refusal has shown and done nothing. That a reader had it
//! already (304) counts as an answer.

use axum::http::Method;

use crate::audit::Deed;

/// What a route notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notes {
    /// Nothing, and why.
    Nothing(&'static str),
    /// What was done, about the applicant whose id stands in the path.
    One(Deed),
    /// What was done, about those whom the handler's answer names (`Shown`).
    Shown(Deed),
    /// What was done to something else, in a word; an id in the path is its own.
    Thing(Deed, &'static str),
}

const STATE: Notes = Notes::Nothing("the server's state alone");
const DOCUMENTS: Notes = Notes::Nothing("the same for everybody");
const NUMBERS: Notes = Notes::Nothing("numbers alone");
const ACCESS: Notes = Notes::Nothing("tokens and webhooks, and no applicant");

/// The table: method, path as the router has it, what it notes.
pub const NOTES: &[(Method, &str, Notes)] = &[
    // Operating.
    (Method::GET, "/healthz", STATE),
    (Method::GET, "/readyz", STATE),
    (Method::GET, "/metrics", NUMBERS),
    // The API.
    (Method::GET, "/api/v1/openapi.json", DOCUMENTS),
    (Method::GET, "/api/v1/docs", DOCUMENTS),
    (Method::GET, "/api/v1/docs/", DOCUMENTS),
    (Method::GET, "/api/v1/docs/{*rest}", DOCUMENTS),
    (Method::GET, "/api/v1/session", ACCESS),
    (
        Method::GET,
        "/api/v1/applicants",
        Notes::Shown(Deed::Listed),
    ),
    (
        Method::POST,
        "/api/v1/applicants",
        Notes::Shown(Deed::Enriched),
    ),
    (
        Method::GET,
        "/api/v1/applicants/{id}",
        Notes::One(Deed::Saw),
    ),
    (
        Method::DELETE,
        "/api/v1/applicants/{id}",
        Notes::One(Deed::Erased),
    ),
    (
        Method::POST,
        "/api/v1/applicants/{id}/refresh",
        Notes::One(Deed::Enriched),
    ),
    (
        Method::GET,
        "/api/v1/applicants/{id}/export",
        Notes::One(Deed::Exported),
    ),
    (
        Method::GET,
        "/api/v1/applicants/{id}/history",
        Notes::One(Deed::Saw),
    ),
    (
        Method::GET,
        "/api/v1/applicants/{id}/snapshots/{snapshot}",
        Notes::One(Deed::Saw),
    ),
    (
        Method::GET,
        "/api/v1/applicants/{id}/review",
        Notes::One(Deed::Saw),
    ),
    (
        Method::POST,
        "/api/v1/applicants/{id}/review/evidence",
        Notes::One(Deed::Evidence),
    ),
    (
        Method::POST,
        "/api/v1/applicants/{id}/review/looked-through",
        Notes::One(Deed::Evidence),
    ),
    (
        Method::POST,
        "/api/v1/applicants/{id}/review/notes",
        Notes::One(Deed::Noted),
    ),
    (
        Method::POST,
        "/api/v1/applicants/{id}/review/adjustments",
        Notes::One(Deed::Adjusted),
    ),
    // Evidence or an adjustment: the entry's number tells.
    (
        Method::POST,
        "/api/v1/applicants/{id}/review/{number}/withdraw",
        Notes::One(Deed::Adjusted),
    ),
    (Method::GET, "/api/v1/imports", NUMBERS),
    (
        Method::POST,
        "/api/v1/imports",
        Notes::Shown(Deed::Imported),
    ),
    (
        Method::GET,
        "/api/v1/imports/{id}",
        Notes::Shown(Deed::Listed),
    ),
    (Method::GET, "/api/v1/imports/{id}/events", NUMBERS),
    (Method::GET, "/api/v1/jobs/{id}", Notes::One(Deed::Saw)),
    (
        Method::GET,
        "/api/v1/jobs/{id}/events",
        Notes::One(Deed::Saw),
    ),
    (Method::GET, "/api/v1/roles", NUMBERS),
    (
        Method::GET,
        "/api/v1/roles/{role}/ranking",
        Notes::Shown(Deed::Listed),
    ),
    (
        Method::GET,
        "/api/v1/roles/{role}/export",
        Notes::Shown(Deed::Exported),
    ),
    (Method::GET, "/api/v1/refresh", Notes::Shown(Deed::Listed)),
    (
        Method::POST,
        "/api/v1/refresh",
        Notes::Thing(Deed::Refreshed, "asked"),
    ),
    (Method::GET, "/api/v1/tokens", ACCESS),
    (
        Method::POST,
        "/api/v1/tokens",
        Notes::Shown(Deed::TokenMade),
    ),
    (
        Method::DELETE,
        "/api/v1/tokens/{id}",
        Notes::Thing(Deed::TokenRevoked, "token"),
    ),
    (
        Method::GET,
        "/api/v1/tombstones",
        Notes::Nothing("they name nobody"),
    ),
    (
        Method::DELETE,
        "/api/v1/tombstones/{number}",
        Notes::Thing(Deed::Lifted, "tombstone"),
    ),
    (Method::GET, "/api/v1/webhooks", ACCESS),
    (
        Method::POST,
        "/api/v1/webhooks",
        Notes::Thing(Deed::WebhookChanged, "registered"),
    ),
    (
        Method::DELETE,
        "/api/v1/webhooks/{id}",
        Notes::Thing(Deed::WebhookChanged, "removed"),
    ),
    (
        Method::GET,
        "/api/v1/dead-letters",
        Notes::Shown(Deed::Listed),
    ),
    (
        Method::POST,
        "/api/v1/dead-letters/{id}/retry",
        Notes::Thing(Deed::WebhookChanged, "retried"),
    ),
    // The pages.
    (Method::GET, "/assets/{name}", DOCUMENTS),
    (Method::GET, "/sign-in", DOCUMENTS),
    (Method::POST, "/sign-in", Notes::Shown(Deed::SignedIn)),
    (
        Method::POST,
        "/sign-out",
        Notes::Nothing("whoever signs out can do less, and has done nothing"),
    ),
    (Method::GET, "/privacy", DOCUMENTS),
    (Method::GET, "/", NUMBERS),
    (Method::POST, "/imports", Notes::Shown(Deed::Imported)),
    (Method::GET, "/imports/{id}", Notes::Shown(Deed::Listed)),
    (Method::GET, "/roles/{role}", Notes::Shown(Deed::Listed)),
    (Method::GET, "/applicants/{id}", Notes::One(Deed::Saw)),
    (
        Method::GET,
        "/applicants/{id}/history",
        Notes::One(Deed::Saw),
    ),
    (
        Method::GET,
        "/applicants/{id}/forget",
        Notes::One(Deed::Saw),
    ),
    (
        Method::POST,
        "/applicants/{id}/forget",
        Notes::One(Deed::Erased),
    ),
    (
        Method::POST,
        "/applicants/{id}/refresh",
        Notes::One(Deed::Enriched),
    ),
    (
        Method::POST,
        "/applicants/{id}/notes",
        Notes::One(Deed::Noted),
    ),
    (
        Method::POST,
        "/applicants/{id}/looked-through",
        Notes::One(Deed::Evidence),
    ),
    (
        Method::POST,
        "/applicants/{id}/adjustments",
        Notes::One(Deed::Adjusted),
    ),
    (
        Method::POST,
        "/applicants/{id}/evidence",
        Notes::One(Deed::Evidence),
    ),
    (
        Method::POST,
        "/applicants/{id}/withdraw",
        Notes::One(Deed::Adjusted),
    ),
    (Method::GET, "/compare", Notes::Shown(Deed::Saw)),
    (Method::GET, "/refresh", Notes::Shown(Deed::Listed)),
    (
        Method::POST,
        "/refresh",
        Notes::Thing(Deed::Refreshed, "asked"),
    ),
    (Method::GET, "/settings", ACCESS),
    (
        Method::POST,
        "/settings/tokens",
        Notes::Shown(Deed::TokenMade),
    ),
    (
        Method::POST,
        "/settings/tokens/{id}/revoke",
        Notes::Thing(Deed::TokenRevoked, "token"),
    ),
];

/// What a route notes; `None`: nobody has said.
#[must_use]
pub fn notes(method: &Method, path: &str) -> Option<Notes> {
    let method = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    let row = NOTES.iter().find(|row| row.0 == *method && row.1 == path);
    row.map(|row| row.2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::access::table::{Needs, ROUTES};

    #[test]
    fn every_route_says_what_it_notes_once_and_there_are_no_others() {
        let named = |rows: &[(&Method, &str)]| {
            let mut names: Vec<String> = rows
                .iter()
                .map(|(method, path)| format!("{method} {path}"))
                .collect();
            names.sort();
            names
        };
        let routes: Vec<_> = ROUTES.iter().map(|row| (&row.0, row.1)).collect();
        let notes: Vec<_> = NOTES.iter().map(|row| (&row.0, row.1)).collect();
        assert_eq!(named(&notes), named(&routes));
    }

    #[test]
    fn whoever_is_signed_in_and_changes_something_is_written_down() {
        for (method, path, needs) in ROUTES {
            let changes = *method != Method::GET && *needs != Needs::Nobody;
            let noted = notes(method, path).unwrap();
            assert!(
                !changes || !matches!(noted, Notes::Nothing(_)),
                "{method} {path}"
            );
        }
    }

    #[test]
    fn whatever_is_about_one_applicant_is_written_down() {
        for (method, path, noted) in NOTES {
            let about_one = path.contains("/applicants/{id}") || path.contains("/jobs/{id}");
            let one = matches!(noted, Notes::One(_));
            assert_eq!(one, about_one, "{method} {path}");
            if let Notes::Nothing(why) = noted {
                assert!(why.len() > 5, "{method} {path} says not why");
            }
        }
        assert_eq!(
            notes(&Method::HEAD, "/applicants/{id}"),
            Some(Notes::One(Deed::Saw))
        );
        assert_eq!(notes(&Method::PUT, "/applicants/{id}"), None);
    }
}
