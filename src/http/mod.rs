//! The one way out: limiter → send → classify → retry.
//!
//! Every request to a stranger's host goes through [`WayOut::send`]. The order is fixed: a place among the
//! requests in flight, our own budget, the account's gates, then the wire. All of it sits *below* the retries,
//! so a repeat waits like any other request. Nobody keeps a place while a gate is closed.
//!
//! Waits are split: up to [`Settings::inline_wait`] the request waits here; anything longer is
//! [`HttpError::RateLimited`], and the worker defers the job and takes another.
//!
//! This room knows limits and failures, not what is asked: it knows no applicant, query or fact. It never
//! logs a token, a body or a URL with a person in it.

mod address;
mod boot;
mod budget;
mod classify;
mod credential;
mod download;
mod error;
mod limiter;
mod reach;
mod retry;
mod silence;
mod way_out;

pub use address::is_public;
pub use boot::Span;
pub(crate) use classify::retry_after;
pub use classify::{Dialect, Limit, Verdict, classify, until_reset};
pub use credential::Credential;
pub use download::{
    Beginning, Download, DownloadError, Downloaded, Downloader, Version, Watch, remove_download,
};
pub use error::HttpError;
pub use limiter::{Account, AccountReport, Limits, Pool, Resource, Wait};
pub use reach::Reach;
pub(crate) use reach::{Guard, LookUp, OutOfReach, System};
pub use retry::wait_before_retry;
pub use silence::{Rest, Silence, Told};
pub use way_out::{Answer, Answers, Outgoing, Place, Settings, Spent, WayOut};

/// Chooses the one implementation of TLS's cryptography for the whole process. To choose it twice does no harm.
pub fn install_crypto() {
    // The second time it says that it was chosen already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
