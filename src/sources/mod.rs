//! Where facts come from. A source asks a host through [`crate::http`] and normalises what it says; it
//! knows neither store nor score.

pub mod examination;
pub mod github;
mod html;
pub mod kaggle;
pub mod page;

use jiff::Timestamp;

use crate::http::HttpError;

/// Why a source gave no facts this time. Each variant is another decision for the worker.
///
/// Absent, hidden and partly failed are no errors: they are facts ([`crate::domain::facts::Lookup`]).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The host asks us to come back: defer the job until then. Not an attempt.
    #[error("{host} asks us to wait until {until:.0} ({why})")]
    RateLimited {
        /// Which host.
        host: String,
        /// When to come back.
        until: Timestamp,
        /// Which limit.
        why: String,
    },
    /// A failure that may pass: defer the job for a while and count an attempt.
    #[error("{0}")]
    Again(String),
    /// The query was led by a job that was stopped: give the job back, nothing failed.
    #[error("the query was given up on the way, because the job that led it was stopped")]
    Leaderless,
    /// Nothing can be asked of the host until a person acts: give the job back and stop.
    #[error("{0}")]
    Stop(String),
    /// The host will never answer this: the source has failed for this applicant.
    #[error("{0}")]
    Failed(String),
}

impl From<HttpError> for SourceError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::RateLimited { host, until, why } => Self::RateLimited { host, until, why },
            HttpError::TokensRefused { .. } | HttpError::Unreachable { .. } => {
                Self::Stop(error.to_string())
            }
            HttpError::TooHeavy { .. } | HttpError::Unusable { .. } => {
                Self::Again(error.to_string())
            }
            HttpError::Refused { .. } => Self::Failed(error.to_string()),
        }
    }
}

/// Where JSON is not what was expected, without the content, which may name a person.
fn place_of(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        serde_json::error::Category::Data => "an unexpected value",
        serde_json::error::Category::Syntax => "no JSON",
        serde_json::error::Category::Eof => "cut off",
        serde_json::error::Category::Io => "unreadable",
    };
    format!("{kind} at line {}, column {}", error.line(), error.column())
}
