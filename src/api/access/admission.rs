//! Whether a credential admits: the token or the session is looked up at each request, and so ends at once.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use jiff::Timestamp;
use quick_cache::sync::Cache;
use secrecy::ExposeSecret;
use url::Url;

use super::{Caller, Pass, sessions, tokens};
use crate::domain::access::{ApiToken, Session};
use crate::store::{Shelf, Store, StoreError};

/// Credentials that are kept in memory. Count; some 300 bytes each.
const KNOWN: usize = 4_096;

/// What a request shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Shown {
    /// The digest of a token.
    Token(String),
    /// The digest of a session's secret.
    Session(String),
}

/// What a credential was when it was last looked up.
#[derive(Debug, Clone)]
struct Known {
    /// How many times tokens and sessions had been written before.
    version: u64,
    token: ApiToken,
    /// When the session ends; `None`: it is no session.
    session_ends: Option<Timestamp>,
}

impl Known {
    /// When it ends by itself; `None`: it admits no more.
    fn valid_until(&self, now: Timestamp) -> Option<Timestamp> {
        let end = match self.session_ends {
            Some(end) => end.min(self.token.expires_at),
            None => self.token.expires_at,
        };
        (self.token.is_valid(now) && now < end).then_some(end)
    }
}

/// Looks credentials up.
pub(super) struct Admission {
    store: Store,
    public_url: Url,
    known: Cache<Shown, Known>,
}

impl Admission {
    /// Over a store.
    pub(super) fn new(store: Store, public_url: Url) -> Self {
        Self {
            store,
            public_url,
            known: Cache::new(KNOWN),
        }
    }

    /// Who asks, and by what; `None`: nobody whom we know (any more).
    pub(super) async fn of(
        self: &Arc<Self>,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Option<(Caller, Pass)>, StoreError> {
        let Some(shown) = self.shown(headers) else {
            return Ok(None);
        };
        let Some(known) = self.look_up(&shown).await? else {
            return Ok(None);
        };
        if known.valid_until(now).is_none() {
            return Ok(None);
        }
        let caller = Caller {
            id: known.token.id,
            name: known.token.name,
            role: known.token.role,
            by_session: known.session_ends.is_some(),
        };
        Ok(Some((caller, Pass::new(Arc::clone(self), shown))))
    }

    /// When what was shown ends by itself; `None`: it admits no more.
    pub(super) async fn valid_until(
        &self,
        shown: &Shown,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let known = self.look_up(shown).await?;
        Ok(known.and_then(|known| known.valid_until(now)))
    }

    /// What was shown. Whoever shows a token means it: then a cookie does not count, also when the token is wrong.
    fn shown(&self, headers: &HeaderMap) -> Option<Shown> {
        if let Some(token) = bearer(headers) {
            return Some(Shown::Token(tokens::digest(token)));
        }
        let secret = sessions::shown(headers, &self.public_url)?;
        Some(Shown::Session(tokens::digest(secret.expose_secret())))
    }

    async fn look_up(&self, shown: &Shown) -> Result<Option<Known>, StoreError> {
        // Before the look, so that what is written meanwhile makes what was read look old, and never new.
        let version = self.version();
        let known = self.known.get(shown);
        if let Some(known) = known.filter(|known| known.version == version) {
            return Ok(Some(known));
        }
        let (digest, session_ends) = match shown {
            Shown::Token(digest) => (digest.clone(), None),
            Shown::Session(digest) => {
                let session: Option<Session> = self.store.record(Shelf::Sessions, digest).await?;
                match session {
                    Some(session) => (session.token, Some(session.expires_at)),
                    None => return Ok(None),
                }
            }
        };
        let token: Option<ApiToken> = self.store.record(Shelf::Tokens, &digest).await?;
        // Only what exists is kept: guesses must not push it out.
        let known = token.map(|token| Known {
            version,
            token,
            session_ends,
        });
        if let Some(known) = &known {
            self.known.insert(shown.clone(), known.clone());
        }
        Ok(known)
    }

    /// Grows with each write to tokens or sessions.
    fn version(&self) -> u64 {
        self.store.shelf_version(Shelf::Tokens) + self.store.shelf_version(Shelf::Sessions)
    }
}

/// The token in `Authorization: Bearer …`. Another scheme is not for us: a proxy in front may have its own.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_token_is_read_in_any_case_and_other_schemes_are_not() {
        for (text, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("BEARER abc", Some("abc")),
            // Meant as one, and wrong.
            ("Bearer", Some("")),
            ("Bearer ", Some("")),
            ("Basic YTpi", None),
            ("abc", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, text.parse().unwrap());
            assert_eq!(bearer(&headers), token, "{text:?}");
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
