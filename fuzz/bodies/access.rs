//! Credentials: a request as in `api`, whose headers are the input's alone. `{viewer}`, `{recruiter}`, `{admin}` stand
//! for tokens, `{session}` for a session's cookie; `{revoked}` and `{over}` for what admitted once. In the body they are
//! secrets in a wrong place.
//!
//! - Whoever shows nothing that admits comes nowhere but to what is open to all.
//! - Nobody comes further than the role that was shown.
//! - A browser's session changes nothing from another page, and no answer repeats a secret.

use std::collections::BTreeMap;

use axum::body::Body;
use http::{HeaderMap, HeaderValue, Method};
use plaudit::domain::access::AccessRole;

use super::api::{Wanted, holds};
use super::served::{self, Answer};

/// Holds one input against plaudit.
pub fn run(bytes: &[u8]) {
    let Some(wanted) = Wanted::read(bytes) else {
        return;
    };
    // What signing in answers holds a secret on purpose, and tokens that are made are shown once.
    let makes_secrets = wanted.method == Method::POST
        && ["/sign-in", "/api/v1/tokens", "/settings/tokens"].contains(&wanted.uri.path());
    if makes_secrets {
        return;
    }
    served::with(|server| {
        let mut request = wanted.request();
        let (headers, shown) = shown(&wanted, &server.secrets);
        *request.headers_mut() = headers;
        *request.body_mut() = misplaced(&wanted.body, &server.secrets);
        let answer = server.send(request);
        holds(&wanted, &answer);
        for secret in server.secrets.values().filter(|secret| secret.len() > 20) {
            let repeats = |bytes: &[u8]| {
                bytes
                    .windows(secret.len())
                    .any(|part| part == secret.as_bytes())
            };
            assert!(!repeats(&answer.body), "a secret in the body");
            let told = answer.headers.values();
            assert!(
                !told.into_iter().any(|value| repeats(value.as_bytes())),
                "a secret in a header"
            );
        }
        admits_no_further(&wanted, &answer, &shown);
    });
}

/// The body with what its words stand for, where it is a text.
fn misplaced(body: &[u8], secrets: &BTreeMap<&'static str, String>) -> Body {
    let Ok(text) = str::from_utf8(body) else {
        return Body::from(body.to_vec());
    };
    let filled = secrets
        .iter()
        .fold(text.to_owned(), |text, (word, secret)| {
            text.replace(word, secret)
        });
    Body::from(filled)
}

/// The headers with what their words stand for, and those words.
fn shown(
    wanted: &Wanted,
    secrets: &BTreeMap<&'static str, String>,
) -> (HeaderMap, Vec<&'static str>) {
    let mut headers = HeaderMap::new();
    let mut shown = Vec::new();
    for (name, value) in &wanted.headers {
        let mut value = String::from_utf8_lossy(value).into_owned();
        for (word, secret) in secrets {
            let plain = word.trim_matches(['{', '}']);
            // A session's cookie is its word, which an input may also spell without the brackets.
            if value.contains(word) || (secret.len() < 20 && value.contains(plain)) {
                shown.push(*word);
                value = value.replace(word, secret);
            }
        }
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.append(name.clone(), value);
        }
    }
    (headers, shown)
}

fn admits_no_further(wanted: &Wanted, answer: &Answer, shown: &[&str]) {
    let path = wanted.uri.path();
    let is_done = (200..300).contains(&answer.status);
    let open = ["/healthz", "/readyz", "/sign-in"].contains(&path)
        || path.starts_with("/assets/")
        || path.starts_with("/api/v1/docs")
        || path == "/api/v1/openapi.json";
    if !is_done || open {
        return;
    }
    let role = |word: &&str| match *word {
        "{viewer}" | "{session}" => Some(AccessRole::Viewer),
        "{recruiter}" => Some(AccessRole::Recruiter),
        "{admin}" => Some(AccessRole::Admin),
        _ => None,
    };
    let role = shown.iter().filter_map(role).max();
    let role = role.unwrap_or_else(|| panic!("{} {path} admits nobody", wanted.method));
    let needed = needed(&wanted.method, path);
    assert!(role >= needed, "{} {path} admits a {role}", wanted.method);
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(&wanted.method);
    let by_token = shown
        .iter()
        .any(|word| !matches!(*word, "{session}" | "{over}"));
    assert!(reads || by_token, "a viewer's session changes something");
}

/// The least role that a path may be open to, told without the server's own table.
fn needed(method: &Method, path: &str) -> AccessRole {
    let of_administrators = [
        "/api/v1/tokens",
        "/api/v1/webhooks",
        "/api/v1/dead-letters",
        "/settings",
    ];
    if *method == Method::DELETE || of_administrators.iter().any(|one| path.starts_with(one)) {
        return AccessRole::Admin;
    }
    if *method == Method::POST {
        let refresh = ["/api/v1/refresh", "/refresh"].contains(&path);
        return if refresh {
            AccessRole::Admin
        } else {
            AccessRole::Recruiter
        };
    }
    AccessRole::Viewer
}
