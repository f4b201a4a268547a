//! Sessions of browsers: begun with a token, kept under the digest of their cookie's secret, swept when they are over.

use std::time::Duration;

use axum::http::{HeaderMap, header};
use cookie::{Cookie, SameSite};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::tokens::{self, NotMade, digest};
use crate::domain::access::{ApiToken, Session};
use crate::store::{Edit, Shelf, Store, StoreError};

/// Bytes of a cookie's secret: 256 bits.
const SECRET: usize = 32;

/// Sessions that a sweep looks at, at most. Count.
const SWEPT: usize = 100;

/// A session that was begun.
#[derive(Debug)]
pub struct Begun {
    /// What is kept.
    pub session: Session,
    /// What the browser shows.
    pub secret: SecretString,
}

/// Begins a session with the valid token that is kept under `digest_of_token`; it lasts for `length`, and not longer than
/// the token. `in_place_of`: the secret of a session that ends with this.
pub async fn begin(
    store: &Store,
    digest_of_token: &str,
    token: &ApiToken,
    now: Timestamp,
    length: Duration,
    in_place_of: Option<&SecretString>,
) -> Result<Begun, NotMade> {
    let secret = tokens::random(SECRET)?;
    let end = SignedDuration::try_from(length)
        .ok()
        .and_then(|length| now.checked_add(length).ok());
    let session = Session {
        token: digest_of_token.to_owned(),
        created_at: now,
        expires_at: end.map_or(token.expires_at, |end| end.min(token.expires_at)),
    };
    let name = digest(&secret);
    let mut edit = Edit::new().put(Shelf::Sessions, &name, &session);
    if let Some(old) = in_place_of {
        edit = edit.delete(Shelf::Sessions, &digest(old.expose_secret()));
    }
    for over in over(store, &name, now).await? {
        edit = edit.delete(Shelf::Sessions, &over);
    }
    store.edit(edit).await?;
    let secret = secret.into();
    Ok(Begun { session, secret })
}

/// Names of sessions that are over, among the [`SWEPT`] that follow `from`, and from the first one on when the last was
/// reached. Names are random, so each session's turn comes, and no more pile up than people sign in.
async fn over(store: &Store, from: &str, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let mut seen: Vec<(String, Session)> =
        store.records(Shelf::Sessions, Some(from), SWEPT).await?;
    if seen.len() < SWEPT {
        let rest = SWEPT - seen.len();
        seen.extend(store.records(Shelf::Sessions, None, rest).await?);
    }
    seen.retain(|(_, session)| session.expires_at <= now);
    Ok(seen.into_iter().map(|(name, _)| name).collect())
}

/// Ends a session. That there is none is no failure.
pub async fn end(store: &Store, secret: &SecretString) -> Result<(), StoreError> {
    let edit = Edit::new().delete(Shelf::Sessions, &digest(secret.expose_secret()));
    store.edit(edit).await?;
    Ok(())
}

/// The name of the cookie of a server with this address. Behind TLS the name itself makes browsers insist that the cookie
/// came over TLS and from this very host.
#[must_use]
pub fn cookie_name(public_url: &Url) -> &'static str {
    if is_secure(public_url) {
        "__Host-plaudit_session"
    } else {
        "plaudit_session"
    }
}

fn is_secure(public_url: &Url) -> bool {
    public_url.scheme() == "https"
}

/// The secret that a browser shows; `None`: it shows none.
pub(super) fn shown(headers: &HeaderMap, public_url: &Url) -> Option<SecretString> {
    let wanted = cookie_name(public_url);
    let texts = headers.get_all(header::COOKIE).iter();
    texts
        .filter_map(|text| text.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == wanted)
        .map(|cookie| cookie.value().to_owned().into())
}

/// The cookie that hands a session to a browser. No script reads it, and no other site makes a browser send it.
pub(super) fn cookie(begun: &Begun, public_url: &Url) -> String {
    let length = begun.session.expires_at - begun.session.created_at;
    let seconds = length.total(jiff::Unit::Second).unwrap_or(0.0);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "three years at most, and a part of a second is not worth keeping"
    )]
    let seconds = cookie::time::Duration::seconds(seconds as i64);
    built(begun.secret.expose_secret(), seconds, public_url)
}

/// The cookie that takes a session away from a browser.
pub(super) fn no_cookie(public_url: &Url) -> String {
    built("", cookie::time::Duration::ZERO, public_url)
}

fn built(value: &str, max_age: cookie::time::Duration, public_url: &Url) -> String {
    Cookie::build((cookie_name(public_url), value))
        .http_only(true)
        .same_site(SameSite::Strict)
        .path("/")
        .max_age(max_age)
        .secure(is_secure(public_url))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn begun(hours: i64) -> Begun {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        Begun {
            session: Session {
                token: String::new(),
                created_at: now,
                expires_at: now + SignedDuration::from_hours(hours),
            },
            secret: "abc".to_owned().into(),
        }
    }

    #[test]
    fn the_cookie_is_bound_to_its_host_where_there_is_tls() {
        let plain = cookie(&begun(1), &url("http://127.0.0.1:8080"));
        assert_eq!(
            plain,
            "plaudit_session=abc; HttpOnly; SameSite=Strict; Path=/; Max-Age=3600"
        );
        let secure = cookie(&begun(12), &url("https://plaudit.example.org"));
        assert_eq!(
            secure,
            "__Host-plaudit_session=abc; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=43200"
        );
        let gone = no_cookie(&url("http://127.0.0.1:8080"));
        assert!(gone.contains("Max-Age=0"), "{gone}");
    }

    #[test]
    fn the_cookie_is_found_among_others_and_by_its_whole_name() {
        let here = url("http://127.0.0.1:8080");
        let found = |texts: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for text in texts {
                headers.append(header::COOKIE, text.parse().unwrap());
            }
            shown(&headers, &here).map(|secret| secret.expose_secret().to_owned())
        };
        assert_eq!(
            found(&["a=b; plaudit_session=abc; c=d"]),
            Some("abc".to_owned())
        );
        assert_eq!(
            found(&["a=b", "plaudit_session=abc"]),
            Some("abc".to_owned())
        );
        assert_eq!(
            found(&["x_plaudit_session=abc; __Host-plaudit_session=d"]),
            None
        );
        assert_eq!(found(&[]), None);
    }
}
