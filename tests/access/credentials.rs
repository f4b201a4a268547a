//! Credentials of every kind.

use super::*;
use plaudit::domain::access::Session;
use plaudit::store::{Edit, Store};

pub(super) const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Somebody with a token.
pub(super) struct Holder {
    pub(super) token: ApiToken,
    pub(super) secret: SecretString,
}

impl Holder {
    /// The token as a program shows it.
    pub(super) fn bearer(&self) -> String {
        format!("Bearer {}", self.secret.expose_secret())
    }
}

async fn holder_at(store: &Store, role: AccessRole, made_at: Timestamp) -> Holder {
    let name = format!("a {role}");
    let made = tokens::make(store, &name, role, made_at, made_at + HOUR).await;
    let made = made.expect("a token");
    Holder {
        token: made.token,
        secret: made.secret,
    }
}

/// With a valid one.
pub(super) async fn holder(store: &Store, role: AccessRole) -> Holder {
    holder_at(store, role, Timestamp::now()).await
}

/// With one whose time has passed.
pub(super) async fn expired(store: &Store, role: AccessRole) -> Holder {
    holder_at(store, role, Timestamp::now() - 2 * HOUR).await
}

/// With one that was revoked.
pub(super) async fn revoked(store: &Store, role: AccessRole) -> Holder {
    let holder = holder(store, role).await;
    revoke(store, &holder).await;
    holder
}

pub(super) async fn revoke(store: &Store, holder: &Holder) {
    let revoked = tokens::revoke(store, &holder.token.id, Timestamp::now()).await;
    assert!(revoked.expect("a store").is_some());
}

/// Signs a holder in now, for ten minutes; the secret of the cookie.
pub(super) async fn session_of(store: &Store, holder: &Holder) -> SecretString {
    let digest = tokens::digest(holder.secret.expose_secret());
    let (now, length) = (Timestamp::now(), Duration::from_mins(10));
    let begun = sessions::begin(store, &digest, &holder.token, now, length, None).await;
    begun.expect("a session").secret
}

/// A session that is kept until `end`, whatever its token says.
pub(super) async fn session_until(store: &Store, holder: &Holder, end: Timestamp) -> SecretString {
    let secret = format!("made up for {} until {end}", holder.token.id).replace(' ', "-");
    let session = Session {
        token: tokens::digest(holder.secret.expose_secret()),
        created_at: holder.token.created_at,
        expires_at: end,
    };
    let edit = Edit::new().put(Shelf::Sessions, &tokens::digest(&secret), &session);
    assert!(store.edit(edit).await.expect("a store"));
    secret.into()
}

/// A session's secret as a browser shows it.
pub(super) fn cookie(secret: &SecretString) -> String {
    format!("plaudit_session={}", secret.expose_secret())
}
