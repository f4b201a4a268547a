//! Tokens: made, found by their digest, revoked.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};

use crate::domain::access::{AccessRole, ApiToken, Session};
use crate::domain::text::tame;
use crate::store::{Edit, Shelf, Store, StoreError};

/// What every token begins with, so that people and secret scanners know one when they see it.
const BEGINNING: &str = "plaudit_";

/// Bytes of a secret: 256 bits.
const SECRET: usize = 32;

/// Longest name. Characters.
const LONGEST_NAME: usize = 80;

/// The shortest and the longest time that a token may be made for.
const SHORTEST: SignedDuration = SignedDuration::from_mins(1);
const LONGEST: SignedDuration = SignedDuration::from_hours(3 * 366 * 24);

/// A token that was made: what is kept, and what is shown once.
#[derive(Debug)]
pub struct Made {
    /// What is kept.
    pub token: ApiToken,
    /// What its holder shows.
    pub secret: SecretString,
}

/// Random bytes as text for a URL or a header.
pub(super) fn random(bytes: usize) -> Result<String, getrandom::Error> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random))
}

/// The digest of a secret, under which it is kept: BLAKE3, in hexadecimal digits. A secret of 256 random bits needs no
/// slow one.
#[must_use]
pub fn digest(secret: &str) -> String {
    blake3::hash(secret.as_bytes()).to_hex().to_string()
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// The store refused it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The operating system gave no random bytes.
    #[error("the operating system gives no random bytes: {0}")]
    Random(#[from] getrandom::Error),
    /// The name is none. Holds what is wrong with it.
    #[error("the name {0}; 1 to {LONGEST_NAME} characters are needed")]
    Name(&'static str),
    /// The token would end too soon or too late. Holds what is wrong with it.
    #[error("the token would {0}; it may be valid for a minute to three years")]
    Expiry(&'static str),
}

/// Makes a token. Its name is made harmless first.
pub async fn make(
    store: &Store,
    name: &str,
    role: AccessRole,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<Made, NotMade> {
    let name = named(name)?;
    check_expiry(now, expires_at)?;
    let secret = format!("{BEGINNING}{}", random(SECRET)?);
    let token = ApiToken {
        id: new_id(store).await?,
        name,
        role,
        created_at: now,
        expires_at,
        revoked_at: None,
    };
    let edit = Edit::new().put(Shelf::Tokens, &digest(&secret), &token);
    store.edit(edit).await?;
    Ok(Made {
        token,
        secret: secret.into(),
    })
}

/// A name as it is kept.
fn named(name: &str) -> Result<String, NotMade> {
    let name = tame(name);
    match name.chars().count() {
        0 => Err(NotMade::Name("is empty")),
        1..=LONGEST_NAME => Ok(name),
        _ => Err(NotMade::Name("is too long")),
    }
}

fn check_expiry(now: Timestamp, expires_at: Timestamp) -> Result<(), NotMade> {
    let length = expires_at.duration_since(now);
    if length < SHORTEST {
        Err(NotMade::Expiry("end too soon"))
    } else if length > LONGEST {
        Err(NotMade::Expiry("end too late"))
    } else {
        Ok(())
    }
}

/// An id that no token bears: people revoke by it.
async fn new_id(store: &Store) -> Result<String, NotMade> {
    let all = list(store).await?;
    loop {
        let mut id = [0; 4];
        getrandom::fill(&mut id)?;
        let id = format!("{:08x}", u32::from_be_bytes(id));
        if all.iter().all(|(_, token)| token.id != id) {
            return Ok(id);
        }
    }
}

/// All tokens, with the digests of their secrets, by their time of making.
pub async fn list(store: &Store) -> Result<Vec<(String, ApiToken)>, StoreError> {
    let mut all: Vec<(String, ApiToken)> = store.records(Shelf::Tokens, None, usize::MAX).await?;
    all.sort_by(|left, right| {
        let by = |one: &ApiToken| (one.created_at, one.id.clone());
        by(&left.1).cmp(&by(&right.1))
    });
    Ok(all)
}

/// The valid token of this secret.
pub async fn find(
    store: &Store,
    secret: &SecretString,
    now: Timestamp,
) -> Result<Option<ApiToken>, StoreError> {
    let digest = digest(secret.expose_secret());
    let token: Option<ApiToken> = store.record(Shelf::Tokens, &digest).await?;
    Ok(token.filter(|token| token.is_valid(now)))
}

/// Revokes the token of this id, and ends the sessions that were begun with it; `None`: there is no such token. One that
/// was revoked before stays as it was.
pub async fn revoke(
    store: &Store,
    id: &str,
    now: Timestamp,
) -> Result<Option<ApiToken>, StoreError> {
    loop {
        let mut all = list(store).await?.into_iter();
        let Some((digest, before)) = all.find(|(_, token)| token.id == id) else {
            return Ok(None);
        };
        if before.revoked_at.is_some() {
            return Ok(Some(before));
        }
        let revoked = ApiToken {
            revoked_at: Some(now),
            ..before.clone()
        };
        let mut edit = Edit::new()
            .expect(Shelf::Tokens, &digest, Some(&before))
            .put(Shelf::Tokens, &digest, &revoked);
        // Those that begin meanwhile end as well: a session is worth what its token is.
        let sessions: Vec<(String, Session)> =
            store.records(Shelf::Sessions, None, usize::MAX).await?;
        for (name, _) in sessions.iter().filter(|(_, one)| one.token == digest) {
            edit = edit.delete(Shelf::Sessions, name);
        }
        // Otherwise somebody else revokes it at this moment.
        if store.edit(edit).await? {
            tracing::info!(token.id = id, "a token was revoked");
            return Ok(Some(revoked));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreOptions;

    async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::TempDir::new().unwrap();
        let (store, _) = Store::open(folder.path(), StoreOptions::default())
            .await
            .unwrap();
        (folder, store)
    }

    fn now() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().unwrap()
    }

    #[tokio::test]
    async fn a_token_admits_until_it_expires_or_is_revoked() {
        let (_folder, store) = store().await;
        let end = now() + SignedDuration::from_hours(1);
        let made = make(&store, " A\tPerson ", AccessRole::Viewer, now(), end)
            .await
            .unwrap();
        assert_eq!(made.token.name, "A Person");
        assert!(made.secret.expose_secret().starts_with("plaudit_"));
        assert_eq!(made.secret.expose_secret().len(), 51);
        let found = find(&store, &made.secret, now()).await.unwrap();
        assert_eq!(found.as_ref(), Some(&made.token));
        assert_eq!(find(&store, &made.secret, end).await.unwrap(), None);

        let later = now() + SignedDuration::from_mins(1);
        let revoked = revoke(&store, &made.token.id, later).await.unwrap();
        assert_eq!(revoked.unwrap().revoked_at, Some(later));
        assert_eq!(find(&store, &made.secret, now()).await.unwrap(), None);
        let again = revoke(&store, &made.token.id, end).await.unwrap();
        assert_eq!(
            again.unwrap().revoked_at,
            Some(later),
            "the first time counts"
        );
        assert_eq!(revoke(&store, "nowhere", now()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn names_and_times_have_bounds() {
        let (_folder, store) = store().await;
        let hour = SignedDuration::from_hours(1);
        for (name, length, refused) in [
            ("", hour, Some("the name is empty")),
            ("\u{200b}\n ", hour, Some("the name is empty")),
            (&*"x".repeat(81), hour, Some("the name is too long")),
            (&*"x".repeat(80), hour, None),
            ("ä", SignedDuration::from_secs(59), Some("end too soon")),
            ("ä", SignedDuration::from_secs(60), None),
            ("ä", -hour, Some("end too soon")),
            ("ä", LONGEST, None),
            (
                "ä",
                LONGEST + SignedDuration::from_secs(1),
                Some("end too late"),
            ),
        ] {
            let made = make(&store, name, AccessRole::Viewer, now(), now() + length).await;
            let said = made.err().map(|error| error.to_string());
            match refused {
                None => assert_eq!(said, None),
                Some(words) => assert!(said.unwrap().contains(words), "{name:?} {length}"),
            }
        }
        assert_eq!(list(&store).await.unwrap().len(), 3);
    }

    #[tokio::test]
    async fn a_revoked_tokens_sessions_are_gone_and_no_others() {
        use crate::api::access::sessions;
        let (_folder, store) = store().await;
        let end = now() + SignedDuration::from_hours(1);
        let mut ids = Vec::new();
        for name in ["one", "other"] {
            let made = make(&store, name, AccessRole::Viewer, now(), end)
                .await
                .unwrap();
            let digest = digest(made.secret.expose_secret());
            let length = std::time::Duration::from_mins(10);
            for _ in 0..2 {
                sessions::begin(&store, &digest, &made.token, now(), length, None)
                    .await
                    .unwrap();
            }
            ids.push((made.token.id, digest));
        }
        revoke(&store, &ids[0].0, now()).await.unwrap();
        let left: Vec<(String, Session)> = store.records(Shelf::Sessions, None, 10).await.unwrap();
        assert_eq!(left.len(), 2);
        assert!(left.iter().all(|(_, session)| session.token == ids[1].1));
    }

    #[tokio::test]
    async fn sessions_that_are_over_are_swept_a_hundred_at_a_time() {
        use crate::api::access::sessions;
        let (_folder, store) = store().await;
        let end = now() + SignedDuration::from_hours(9);
        let made = make(&store, "one", AccessRole::Viewer, now(), end)
            .await
            .unwrap();
        let digest = digest(made.secret.expose_secret());
        let over = Session {
            token: digest.clone(),
            created_at: now(),
            expires_at: now() + SignedDuration::from_mins(10),
        };
        let mut edit = Edit::new();
        for number in 0..150 {
            edit = edit.put(Shelf::Sessions, &super::digest(&number.to_string()), &over);
        }
        store.edit(edit).await.unwrap();
        let later = now() + SignedDuration::from_hours(1);
        let mut left = Vec::new();
        for _ in 0..3 {
            let hour = std::time::Duration::from_hours(1);
            sessions::begin(&store, &digest, &made.token, later, hour, None)
                .await
                .unwrap();
            let all: Vec<(String, Session)> = store
                .records(Shelf::Sessions, None, usize::MAX)
                .await
                .unwrap();
            left.push(all.len());
        }
        // The new ones stay.
        assert_eq!(left, [51, 2, 3]);
    }

    #[tokio::test]
    async fn a_session_ends_with_its_token_at_the_latest() {
        use crate::api::access::sessions;
        let (_folder, store) = store().await;
        let end = now() + SignedDuration::from_hours(1);
        let made = make(&store, "one", AccessRole::Viewer, now(), end)
            .await
            .unwrap();
        for (length, ends) in [
            (std::time::Duration::from_hours(12), end),
            (
                std::time::Duration::from_mins(5),
                now() + SignedDuration::from_mins(5),
            ),
            (std::time::Duration::MAX, end),
        ] {
            let begun = sessions::begin(&store, "digest", &made.token, now(), length, None)
                .await
                .unwrap();
            assert_eq!(begun.session.expires_at, ends);
        }
    }
}
