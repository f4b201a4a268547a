//! Who may do what: the roles of tokens, and tokens and sessions as they are kept.
//!
//! Nothing here holds a secret. A token or a session's cookie is 256 bits from the operating system; what is kept of it
//! is its digest, by which it is found.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the holder of a token may do. Each may do what those before it may.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    clap::ValueEnum,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AccessRole {
    /// Read.
    Viewer,
    /// Bring in applicants, have them looked at again, write down what a person has found out.
    Recruiter,
    /// Delete applicants, make and revoke tokens, register webhooks, start a refresh.
    Admin,
}

impl AccessRole {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Recruiter, Self::Admin];
}

impl fmt::Display for AccessRole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Viewer => "viewer",
            Self::Recruiter => "recruiter",
            Self::Admin => "admin",
        })
    }
}

/// A token, as it is kept under the digest of its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Its name for programs and lists: eight hexadecimal digits. No part of the secret.
    pub id: String,
    /// Whose it is, or what it is for, in the words of whoever made it. Reviews are signed with it.
    pub name: String,
    /// What its holder may do.
    pub role: AccessRole,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends to be valid.
    pub expires_at: Timestamp,
    /// When somebody revoked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

impl ApiToken {
    /// Whether it admits at `now`.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

/// Somebody who signed in with a browser, as it is kept under the digest of the cookie's secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The digest under which the token is kept that was signed in with. When the token ends, so does the session.
    pub token: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}
