//! Every route, and who may use it. A route that is not here answers nobody.

use axum::http::Method;

use crate::domain::access::AccessRole;

/// What a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nobody,
    /// A token or a session of this role or a higher one.
    Role(AccessRole),
}

const PUBLIC: Needs = Needs::Nobody;
const VIEWER: Needs = Needs::Role(AccessRole::Viewer);
const RECRUITER: Needs = Needs::Role(AccessRole::Recruiter);
const ADMIN: Needs = Needs::Role(AccessRole::Admin);

/// The table: method, path as the router has it, what it needs. `HEAD` is as `GET`.
pub const ROUTES: &[(Method, &str, Needs)] = &[
    // Operating.
    (Method::GET, "/healthz", PUBLIC),
    (Method::GET, "/readyz", PUBLIC),
    (Method::GET, "/metrics", VIEWER),
    // The API.
    (Method::GET, "/api/v1/openapi.json", PUBLIC),
    (Method::GET, "/api/v1/docs", PUBLIC),
    (Method::GET, "/api/v1/docs/", PUBLIC),
    (Method::GET, "/api/v1/docs/{*rest}", PUBLIC),
    (Method::GET, "/api/v1/session", VIEWER),
    (Method::GET, "/api/v1/applicants", VIEWER),
    (Method::POST, "/api/v1/applicants", RECRUITER),
    (Method::GET, "/api/v1/applicants/{id}", VIEWER),
    (Method::DELETE, "/api/v1/applicants/{id}", ADMIN),
    (Method::POST, "/api/v1/applicants/{id}/refresh", RECRUITER),
    // It holds the e-mail address, which no profile does.
    (Method::GET, "/api/v1/applicants/{id}/export", RECRUITER),
    (Method::GET, "/api/v1/applicants/{id}/history", VIEWER),
    (
        Method::GET,
        "/api/v1/applicants/{id}/snapshots/{snapshot}",
        VIEWER,
    ),
    (Method::GET, "/api/v1/applicants/{id}/review", VIEWER),
    (
        Method::POST,
        "/api/v1/applicants/{id}/review/evidence",
        RECRUITER,
    ),
    (
        Method::POST,
        "/api/v1/applicants/{id}/review/looked-through",
        RECRUITER,
    ),
    (
        Method::POST,
        "/api/v1/applicants/{id}/review/notes",
        RECRUITER,
    ),
    (
        Method::POST,
        "/api/v1/applicants/{id}/review/adjustments",
        RECRUITER,
    ),
    (
        Method::POST,
        "/api/v1/applicants/{id}/review/{number}/withdraw",
        RECRUITER,
    ),
    (Method::GET, "/api/v1/imports", VIEWER),
    (Method::POST, "/api/v1/imports", RECRUITER),
    (Method::GET, "/api/v1/imports/{id}", VIEWER),
    (Method::GET, "/api/v1/imports/{id}/events", VIEWER),
    (Method::GET, "/api/v1/jobs/{id}", VIEWER),
    (Method::GET, "/api/v1/jobs/{id}/events", VIEWER),
    (Method::GET, "/api/v1/roles", VIEWER),
    (Method::GET, "/api/v1/roles/{role}/ranking", VIEWER),
    (Method::GET, "/api/v1/roles/{role}/export", VIEWER),
    (Method::GET, "/api/v1/refresh", VIEWER),
    (Method::POST, "/api/v1/refresh", ADMIN),
    (Method::GET, "/api/v1/tokens", ADMIN),
    (Method::POST, "/api/v1/tokens", ADMIN),
    (Method::DELETE, "/api/v1/tokens/{id}", ADMIN),
    (Method::GET, "/api/v1/tombstones", ADMIN),
    (Method::DELETE, "/api/v1/tombstones/{number}", ADMIN),
    (Method::GET, "/api/v1/webhooks", ADMIN),
    (Method::POST, "/api/v1/webhooks", ADMIN),
    (Method::DELETE, "/api/v1/webhooks/{id}", ADMIN),
    (Method::GET, "/api/v1/dead-letters", ADMIN),
    (Method::POST, "/api/v1/dead-letters/{id}/retry", ADMIN),
    // The pages.
    (Method::GET, "/assets/{name}", PUBLIC),
    (Method::GET, "/sign-in", PUBLIC),
    (Method::POST, "/sign-in", PUBLIC),
    (Method::POST, "/sign-out", PUBLIC),
    (Method::GET, "/privacy", PUBLIC),
    (Method::GET, "/", VIEWER),
    (Method::POST, "/imports", RECRUITER),
    (Method::GET, "/imports/{id}", VIEWER),
    (Method::GET, "/roles/{role}", VIEWER),
    (Method::GET, "/applicants/{id}", VIEWER),
    (Method::GET, "/applicants/{id}/history", VIEWER),
    (Method::GET, "/applicants/{id}/forget", ADMIN),
    (Method::POST, "/applicants/{id}/forget", ADMIN),
    (Method::POST, "/applicants/{id}/refresh", RECRUITER),
    (Method::POST, "/applicants/{id}/notes", RECRUITER),
    (Method::POST, "/applicants/{id}/looked-through", RECRUITER),
    (Method::POST, "/applicants/{id}/adjustments", RECRUITER),
    (Method::POST, "/applicants/{id}/evidence", RECRUITER),
    (Method::POST, "/applicants/{id}/withdraw", RECRUITER),
    (Method::GET, "/compare", VIEWER),
    (Method::GET, "/refresh", VIEWER),
    (Method::POST, "/refresh", ADMIN),
    (Method::GET, "/settings", ADMIN),
    (Method::POST, "/settings/tokens", ADMIN),
    (Method::POST, "/settings/tokens/{id}/revoke", ADMIN),
];

/// What a route needs; `None`: it is none.
#[must_use]
pub fn needs(method: &Method, path: &str) -> Option<Needs> {
    let method = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    let row = ROUTES.iter().find(|row| row.0 == *method && row.1 == path);
    row.map(|row| row.2)
}

/// The methods of a path; none: there is no such path.
#[must_use]
pub fn methods(path: &str) -> Vec<Method> {
    let rows = ROUTES.iter().filter(|row| row.1 == path);
    let mut methods: Vec<Method> = rows.map(|row| row.0.clone()).collect();
    if methods.contains(&Method::GET) {
        methods.push(Method::HEAD);
    }
    methods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_in_the_table_once() {
        for (place, row) in ROUTES.iter().enumerate() {
            let same = |other: &&(Method, &str, Needs)| other.0 == row.0 && other.1 == row.1;
            assert_eq!(
                ROUTES.iter().position(|other| same(&other)),
                Some(place),
                "{row:?}"
            );
        }
    }

    #[test]
    fn what_is_public_is_told_one_by_one() {
        let public: Vec<String> = ROUTES
            .iter()
            .filter(|row| row.2 == Needs::Nobody)
            .map(|row| format!("{} {}", row.0, row.1))
            .collect();
        let expected = [
            "GET /healthz",
            "GET /readyz",
            "GET /api/v1/openapi.json",
            "GET /api/v1/docs",
            "GET /api/v1/docs/",
            "GET /api/v1/docs/{*rest}",
            "GET /assets/{name}",
            "GET /sign-in",
            "POST /sign-in",
            "POST /sign-out",
            "GET /privacy",
        ];
        assert_eq!(public, expected);
    }

    #[test]
    fn nothing_is_changed_by_a_viewer() {
        for (method, path, needs) in ROUTES {
            let is_read = *method == Method::GET;
            assert!(is_read || *needs != VIEWER, "{method} {path}");
        }
    }

    #[test]
    fn heads_are_as_gets_and_other_methods_are_none() {
        assert_eq!(needs(&Method::HEAD, "/"), Some(VIEWER));
        assert_eq!(needs(&Method::PUT, "/"), None);
        assert_eq!(needs(&Method::GET, "/nowhere"), None);
        assert_eq!(methods("/sign-out"), [Method::POST]);
        let both = [Method::GET, Method::POST, Method::HEAD];
        assert_eq!(methods("/sign-in"), both);
        assert_eq!(methods("/nowhere"), Vec::<Method>::new());
    }
}
