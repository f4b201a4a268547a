//! Calls to other programs, such as an applicant tracking system: whom to call, about what, and what is under way.
//!
//! A payload names an applicant by id, never by name, link or address: whoever receives it asks for more with a token.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{applicant::ApplicantId, profile::Profile, score::Points};

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

impl WebhookEvent {
    /// All of them.
    pub const ALL: [Self; 3] = [
        Self::ProfileReady,
        Self::ProfileChanged,
        Self::RefreshFinished,
    ];
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

impl Endpoint {
    /// Whether it wants to hear of an event.
    #[must_use]
    pub fn wants(&self, event: WebhookEvent) -> bool {
        self.events.contains(&event)
    }
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
    /// About whom; `None`: about nobody in particular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applicant: Option<ApplicantId>,
    /// The body, byte for byte as it is signed: JSON.
    pub payload: String,
    /// When it came up, or when somebody asked for it to be tried again.
    pub created_at: Timestamp,
    /// Attempts so far. Count.
    pub attempts: u32,
    /// Not before; of one that was given up: when that was.
    pub due: Timestamp,
    /// What the last attempt met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Delivery {
    /// A message to `endpoint`, due at once. `sets_apart` tells it from other messages to the same endpoint about
    /// the same event.
    #[must_use]
    pub fn new(endpoint: &Endpoint, message: &Message, now: Timestamp, sets_apart: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in [
            &endpoint.id,
            &message.payload,
            &now.as_nanosecond().to_string(),
            sets_apart,
        ] {
            hasher.update(&(part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        let digest = hasher.finalize().to_hex();
        Self {
            id: format!("msg_{}", &digest[..16]),
            endpoint: endpoint.id.clone(),
            event: message.event,
            applicant: message.applicant.clone(),
            payload: message.payload.clone(),
            created_at: now,
            attempts: 0,
            due: now,
            problem: None,
        }
    }

    /// The name of the record as long as it waits: those of an endpoint are together, the one that is due first goes
    /// first.
    #[must_use]
    pub fn waiting_as(&self) -> String {
        format!("{}/{}", self.endpoint, self.dead_as())
    }

    /// The name of the record when it was given up: by time.
    #[must_use]
    pub fn dead_as(&self) -> String {
        // Before 1970 is as good as at once.
        let due = self.due.as_millisecond().max(0);
        format!("{due:020}/{}", self.id)
    }
}

/// What is to be told, to whoever wants to hear it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is about.
    pub event: WebhookEvent,
    /// About whom; `None`: about nobody in particular.
    pub applicant: Option<ApplicantId>,
    /// The body: JSON.
    pub payload: String,
}

/// A message's body, in the form that Standard Webhooks recommends.
#[derive(Serialize)]
struct Body<'a, T> {
    #[serde(rename = "type")]
    event: WebhookEvent,
    timestamp: Timestamp,
    data: &'a T,
}

impl Message {
    /// Of an event at `now`.
    pub fn new<T: Serialize>(
        event: WebhookEvent,
        now: Timestamp,
        data: &T,
    ) -> Result<Self, serde_json::Error> {
        let body = Body {
            event,
            timestamp: now,
            data,
        };
        Ok(Self {
            event,
            applicant: None,
            payload: serde_json::to_string(&body)?,
        })
    }

    /// Of a new profile. The words of its changes stay here: they may hold titles and links of other people's.
    pub fn of_profile(
        event: WebhookEvent,
        now: Timestamp,
        profile: &Profile,
    ) -> Result<Self, serde_json::Error> {
        let applicant = &profile.applicant.id;
        let mut changes: Vec<Kind<'_>> = Vec::new();
        for change in &profile.changes {
            match changes.iter_mut().find(|known| known.kind == change.kind) {
                Some(known) => known.count += 1,
                None => changes.push(Kind {
                    kind: &change.kind,
                    count: 1,
                }),
            }
        }
        let data = AboutProfile {
            applicant,
            role: &profile.role,
            snapshot: &profile.snapshot,
            score: Interval {
                low: profile.score.low,
                high: profile.score.high,
            },
            coverage: profile.coverage,
            changes,
            profile: format!("/api/v1/applicants/{applicant}"),
        };
        Ok(Self {
            applicant: Some(applicant.clone()),
            ..Self::new(event, now, &data)?
        })
    }
}

#[derive(Serialize)]
struct AboutProfile<'a> {
    applicant: &'a ApplicantId,
    role: &'a str,
    snapshot: &'a str,
    score: Interval,
    coverage: f64,
    changes: Vec<Kind<'a>>,
    profile: String,
}

#[derive(Serialize)]
struct Interval {
    low: Points,
    high: Points,
}

#[derive(Serialize)]
struct Kind<'a> {
    kind: &'a str,
    count: u64,
}
