//! Why no usable answer came.

use jiff::Timestamp;

/// Why no usable answer came. Each variant is another decision for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The host asks us to come back; the job is deferred until then.
    #[error("{host} asks us to wait until {until:.0} ({why})")]
    RateLimited {
        /// Which host.
        host: String,
        /// When to come back.
        until: Timestamp,
        /// Which limit, in words.
        why: String,
    },
    /// The host ran out of time over this query, and charged for it; ask for less.
    #[error("{host} could not answer a query in time, {tries} times")]
    TooHeavy {
        /// Which host.
        host: String,
        /// How often it was asked.
        tries: u32,
    },
    /// No connection, and there was none before: no network, a proxy that is not known, or a wrong URL.
    /// Nothing can be asked until a person acts. A connection that is lost on the way is
    /// [`HttpError::Unusable`].
    #[error("{host} cannot be reached after {tries} tries: {why}")]
    Unreachable {
        /// Which host.
        host: String,
        /// How often it was tried.
        tries: u32,
        /// What the last try ended in.
        why: String,
    },
    /// The host answers, but not usably. The job is deferred.
    #[error("{host} gave no usable answer in {tries} tries: {why}")]
    Unusable {
        /// Which host.
        host: String,
        /// How often it was tried.
        tries: u32,
        /// What the last try ended in.
        why: String,
    },
    /// Every token was refused. Nothing more can be asked until a person acts.
    #[error("{host} refuses every token ({tails})")]
    TokensRefused {
        /// Which host.
        host: String,
        /// The last four characters of each token.
        tails: String,
    },
    /// The host understood and says no. Asking again will not help.
    #[error("{host} refuses the request (HTTP {status}): {why}")]
    Refused {
        /// Which host.
        host: String,
        /// The HTTP status.
        status: u16,
        /// What it says, made harmless.
        why: String,
    },
}
