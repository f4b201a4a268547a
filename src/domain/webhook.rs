//! Calls to other programs, such as an applicant tracking system: whom to call, about what, and what is under way.
//!
//! A payload names an applicant by id, never by name, link or address: whoever receives it asks for more with a token.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a call can be about.
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
pub enum WebhookEvent {
    /// An applicant has a profile for the first time.
    #[serde(rename = "profile.ready")]
    #[value(name = "profile.ready")]
    ProfileReady,
    /// A profile differs from the one before.
    #[serde(rename = "profile.changed")]
    #[value(name = "profile.changed")]
    ProfileChanged,
    /// A refresh is over.
    #[serde(rename = "refresh.finished")]
    #[value(name = "refresh.finished")]
    RefreshFinished,
}

impl fmt::Display for WebhookEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ProfileReady => "profile.ready",
            Self::ProfileChanged => "profile.changed",
            Self::RefreshFinished => "refresh.finished",
        })
    }
}

/// Whom to call. Its secret is not here: it is made from the server's own key and the id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its name: eight hexadecimal digits.
    pub id: String,
    /// Where to post.
    pub url: String,
    /// What to tell of.
    pub events: Vec<WebhookEvent>,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// A call that is to be made, or that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The message's name, the same at each attempt: the header `webhook-id`.
    pub id: String,
    /// Whom to call: [`Endpoint::id`].
    pub endpoint: String,
    /// About what.
    pub event: WebhookEvent,
    /// The body, byte for byte as it is signed: JSON.
    pub payload: String,
    /// When it came up.
    pub created_at: Timestamp,
    /// Attempts so far. Count.
    pub attempts: u32,
    /// Not before.
    pub due: Timestamp,
    /// What the last attempt met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}
