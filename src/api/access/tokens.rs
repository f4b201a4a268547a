//! Tokens: made, found by their digest, revoked.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use crate::domain::access::{AccessRole, ApiToken};
use crate::store::{Edit, Shelf, Store, StoreError};

/// What every token begins with, so that people and secret scanners know one when they see it.
const BEGINNING: &str = "plaudit_";

/// Bytes of a secret: 256 bits.
const SECRET: usize = 32;

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
}

/// Makes a token.
pub async fn make(
    store: &Store,
    name: &str,
    role: AccessRole,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<Made, NotMade> {
    let secret = format!("{BEGINNING}{}", random(SECRET)?);
    let mut id = [0; 4];
    getrandom::fill(&mut id)?;
    let token = ApiToken {
        id: format!("{:08x}", u32::from_be_bytes(id)),
        name: name.to_owned(),
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
