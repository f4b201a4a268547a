//! The settings, typed. Each value has passed its rule before it gets here.

use std::{net::SocketAddr, num::NonZeroU32, time::Duration};

use jiff::{Span, civil::Date};
use serde::Deserialize;
use url::Url;

/// What the layers give before anything is derived from it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) data_dir: String,
    pub(super) role: String,
    pub(super) roles_dir: String,
    pub(super) github: GitHub,
    pub(super) kaggle: Kaggle,
    pub(super) homepage: HomePage,
    pub(super) http: Http,
    pub(super) worker: Worker,
    pub(super) cache: Cache,
    pub(super) store: Store,
    pub(super) serve: Serve,
    pub(super) backup: Backup,
    pub(super) refresh: Refresh,
    pub(super) privacy: Privacy,
    pub(super) retention: Retention,
    pub(super) webhooks: Webhooks,
    pub(super) log: Log,
}

/// Settings of `[github]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitHub {
    /// Web hosts, in lower case, whose links are read through `api_url`.
    pub hosts: Vec<String>,
    /// The REST API's root.
    pub api_url: Url,
    /// The GraphQL endpoint.
    pub graphql_url: Url,
    /// Requests under way at once, over all tokens. GitHub allows 100.
    pub in_flight: usize,
    /// Applicants that share a query.
    pub batch: usize,
    /// GraphQL points in an hour, for each token. GitHub: 5,000.
    pub points_per_hour: NonZeroU32,
    /// GraphQL points in a minute, for each token. GitHub: 2,000.
    pub points_per_minute: NonZeroU32,
    /// REST requests in an hour, for each token. GitHub: 5,000.
    pub requests_per_hour: NonZeroU32,
    /// REST requests in an hour without a token. GitHub: 60.
    pub requests_per_hour_without_token: NonZeroU32,
    /// REST searches in a minute without a token. GitHub: 10.
    pub searches_per_minute_without_token: NonZeroU32,
    /// Seconds of GraphQL computing in a minute, approximated by response time. GitHub: 60.
    pub query_seconds_per_minute: NonZeroU32,
    /// Silence after a secondary limit whose answer names no time. GitHub: at least 60 s.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub secondary_wait: Duration,
    /// Longest time for one answer.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub request_timeout: Duration,
}

/// Settings of `[kaggle]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kaggle {
    /// Where Kaggle is.
    pub url: Url,
    /// When the live endpoint is asked.
    pub live: KaggleLive,
    /// Whether profile pages may be read, which Kaggle's terms prohibit.
    pub page: bool,
    /// The least time between two requests. Kaggle publishes no limit.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub pause: Duration,
    /// Silence after Kaggle's "too many requests"; doubled each time in a row.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub first_wait: Duration,
    /// Least silence after three of those in a row.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub rest: Duration,
    /// Longest time for one answer.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub request_timeout: Duration,
}

/// When Kaggle's live endpoint is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KaggleLive {
    /// For links on the command line, and for whoever the data set does not answer.
    Auto,
    /// For everybody.
    Always,
    /// For nobody.
    Never,
}

/// Settings of `[homepage]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HomePage {
    /// Whether home pages on an application are read for links to the applicant's accounts.
    pub follow: bool,
}

/// Settings of `[http]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Longest time to reach a host.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub connect_timeout: Duration,
    /// Longest wait that is waited out on the spot; longer ones defer the job.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub inline_wait: Duration,
    /// Times that a request is sent at most. Count.
    pub tries: u32,
    /// Wait before the second try.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub first_backoff: Duration,
    /// Longest answer that is read. Bytes.
    pub max_body_bytes: u64,
    /// Redirects that are followed. Count.
    pub max_redirects: usize,
}

/// Settings of `[worker]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worker {
    /// Applicants in work at once. Count.
    pub workers: usize,
    /// How long a worker may keep an applicant without a sign of life.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub lease: Duration,
    /// How long work under way may take to finish after a signal.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub grace: Duration,
    /// Attempts before an applicant is given up as failed. Count.
    pub attempts: u32,
    /// Wait before the next attempt.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub retry_after_failure: Duration,
    /// How long `enrich` waits for limits before it ends and says what remains.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub patience: Duration,
}

/// Settings of `[cache]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// Facts that are younger are not asked for again.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub fresh_for: Duration,
}

/// Settings of `[store]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// Memory for the page cache. Bytes.
    pub cache_bytes: u64,
    /// Earlier profiles kept for each applicant. Count.
    pub history: usize,
}

/// Settings of `[serve]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Serve {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// The address that people type; empty: `http://` and `listen`.
    pub public_url: String,
    /// Longest time for one answer.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub request_timeout: Duration,
    /// Longest body that is taken. Bytes.
    pub max_body_bytes: usize,
    /// Requests in a minute, for each token.
    pub requests_per_minute: NonZeroU32,
    /// Attempts to sign in, in a minute, for each address.
    pub sign_ins_per_minute: NonZeroU32,
    /// How long somebody who signed in stays signed in.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub session: Duration,
    /// How long an answer is kept under its `Idempotency-Key`.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub idempotency: Duration,
}

/// Settings of `[backup]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// Whether a refresh ends with a dump.
    pub enabled: bool,
    /// Where dumps are kept, as it was typed; see `Config::dumps`.
    pub folder: String,
    /// Dumps that are kept. Count.
    pub keep: usize,
}

/// Settings of `[refresh]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// Whether the server refreshes profiles by itself.
    pub enabled: bool,
    /// When: a cron expression of five fields.
    pub schedule: String,
    /// The zone that `schedule` is read in; a name of the IANA database.
    pub time_zone: String,
    /// Begin so much later at most.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub jitter: Duration,
    /// Profiles that are younger are left out.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub older_than: Duration,
    /// Profiles that are older are made anew, also when the probe sees no change.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub full_after: Duration,
    /// The share of each hour's budget that is left to recruiters. Percent.
    pub leave_to_recruiters: u32,
    /// Whether Kaggle's data set is renewed as well.
    pub kaggle: bool,
}

/// Settings of `[privacy]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// Who decides about the processing: name and address; empty: nobody has said.
    pub controller: String,
    /// How to reach them; empty: nobody has said.
    pub contact: String,
    /// The data protection officer, and how to reach them; empty: nobody has said.
    pub officer: String,
    /// Where the machine stands that keeps the data, and who runs it; empty: nobody has said.
    pub storage: String,
    /// Whether a row without a legal basis and its day is refused.
    pub require_legal_basis: bool,
}

/// Settings of `[retention]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// How long applicants are kept once a posting has closed.
    pub keep_for: Span,
    /// How long a warning stands before anybody is erased.
    pub warn_before: Span,
    /// Whether they are erased, or only warned of.
    pub erase: bool,
}

/// Settings of `[postings.NAME]`.
#[derive(Debug, Clone, Default)]
pub struct Posting {
    /// The last day on which somebody can apply.
    pub closes: Option<Date>,
    /// How long its applicants are kept; `None`: as `[retention]` says.
    pub keep_for: Option<Span>,
}

/// Settings of `[webhooks]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// Longest time for one delivery.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub timeout: Duration,
    /// How long a delivery that fails is tried again.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::required")]
    pub keep_trying: Duration,
    /// Whether private addresses and plain http may be called.
    pub allow_private: bool,
}

/// Settings of `[log]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// The least important level that is told.
    pub level: LogLevel,
    /// How a line looks.
    pub format: LogFormat,
    /// The filter in tracing's own words that follows from flags, `PLAUDIT_LOG` and `level`.
    #[serde(skip)]
    pub filter: String,
}

/// Levels of what is told, from nothing to everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What went wrong.
    Error,
    /// What may be wrong.
    Warn,
    /// What is being done.
    Info,
    /// Each decision.
    Debug,
    /// Everything.
    Trace,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}
