//! The work that waits: one job is one applicant to enrich.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::applicant::ApplicantId;

/// Why a job exists. Interactive work goes before the refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// A person waits for it.
    Interactive,
    /// The nightly refresh asked for it.
    Refresh,
}

/// An applicant that waits to be enriched. An applicant has at most one job at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Whom to enrich; also the job's own name.
    pub applicant: ApplicantId,
    /// Who waits for it.
    pub priority: Priority,
    /// When the applicant was accepted.
    pub accepted_at: Timestamp,
    /// Place in the order of acceptance within a priority.
    pub sequence: u64,
    /// Attempts that ended in a failure which may pass. A rate limit is not an attempt.
    pub attempts: u32,
    /// Where the job stands.
    pub state: JobState,
    /// What happened last, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Where a job stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum JobState {
    /// Ready for any worker.
    Ready,
    /// Not before this time.
    Deferred {
        /// The earliest moment for the next attempt.
        until: Timestamp,
    },
    /// A worker has it; it is ready again when the lease runs out.
    Leased {
        /// Who has it.
        worker: String,
        /// Grows with every lease, so that a worker that was presumed dead cannot finish a job that
        /// somebody else has by now.
        epoch: u64,
        /// When the lease runs out.
        until: Timestamp,
    },
}

/// The right to finish a job, held by one worker until it runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whose job it is.
    pub applicant: ApplicantId,
    /// The lease's number; see [`JobState::Leased`].
    pub epoch: u64,
    /// When it runs out.
    pub until: Timestamp,
}

impl fmt::Display for Priority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Interactive => "interactive",
            Self::Refresh => "refresh",
        })
    }
}
