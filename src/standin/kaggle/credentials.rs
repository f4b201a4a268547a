//! Who asks: nobody in particular, somebody who is known, or somebody who only says so.

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::faults::KaggleBehaviour;

/// What a request's credential is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential {
    /// There is none, which is allowed.
    None,
    /// It is known.
    Known,
    /// It is not.
    Wrong,
}

/// The worth of `authorization: bearer …` or `basic …`.
pub(super) fn credential(headers: &HeaderMap, behaviour: &KaggleBehaviour) -> Credential {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Credential::None;
    };
    let Some((scheme, secret)) = value.to_str().ok().and_then(|text| text.split_once(' ')) else {
        return Credential::Wrong;
    };
    let secret = secret.trim();
    let known = if scheme.eq_ignore_ascii_case("bearer") {
        behaviour.tokens.iter().any(|token| token == secret)
    } else if scheme.eq_ignore_ascii_case("basic") {
        let decoded = STANDARD.decode(secret).unwrap_or_default();
        let known = |(name, key): &(String, String)| format!("{name}:{key}").as_bytes() == decoded;
        behaviour.keys.iter().any(known)
    } else {
        false
    };
    if known {
        Credential::Known
    } else {
        Credential::Wrong
    }
}
