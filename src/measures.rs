//! What is counted, for Prometheus: one table, from which the documentation of an operator is written as well.
//!
//! No label holds anything of a person: hosts are those of the settings, paths are those of the routes, and of a token
//! there are the last four characters.

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// How a value moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Up, until the process ends.
    Counter,
    /// Up and down.
    Gauge,
    /// Counts by size.
    Histogram,
}

/// A value that is told.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// Its name.
    pub name: &'static str,
    /// How it moves.
    pub kind: Kind,
    /// What sets its series apart.
    pub labels: &'static [&'static str],
    /// What it says.
    pub help: &'static str,
}

const fn counter(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Measure {
    Measure {
        name,
        kind: Kind::Counter,
        labels,
        help,
    }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Measure {
    Measure {
        name,
        kind: Kind::Gauge,
        labels,
        help,
    }
}

/// Which plaudit runs.
pub const BUILD_INFO: Measure = gauge(
    "plaudit_build_info",
    &["version"],
    "Always 1; the label says which plaudit runs",
);
/// Jobs in the queue.
pub const QUEUE_JOBS: Measure = gauge(
    "plaudit_queue_jobs",
    &["state"],
    "Applicants in the queue: ready, deferred (until a time), leased (in work)",
);
/// How long the oldest job has waited.
pub const QUEUE_OLDEST_AGE: Measure = gauge(
    "plaudit_queue_oldest_age_seconds",
    &[],
    "How long the oldest job that is ready has waited; 0 when none is",
);
/// Jobs that ended.
pub const JOBS_FINISHED: Measure = counter(
    "plaudit_jobs_finished_total",
    &["outcome"],
    "Jobs that ended in a profile: complete, or incomplete (a source gave no answer)",
);
/// Jobs that were put off.
pub const JOBS_DEFERRED: Measure = counter(
    "plaudit_jobs_deferred_total",
    &["why"],
    "Jobs that were put off: limit (a host said to wait), or failure (it is tried again)",
);
/// Profiles.
pub const PROFILES: Measure = gauge(
    "plaudit_profiles",
    &["role"],
    "Applicants with a profile, by role",
);
/// Requests to hosts.
pub const REQUESTS: Measure = counter(
    "plaudit_requests_total",
    &["host"],
    "Requests sent to GitHub and Kaggle, repeats included",
);
/// Points spent.
pub const POINTS: Measure = counter("plaudit_points_total", &[], "GitHub GraphQL points spent");
/// Points left.
pub const POINTS_LEFT: Measure = gauge(
    "plaudit_points_left",
    &["token"],
    "GitHub GraphQL points left of the hour, as GitHub said last; the label is the token's last four characters",
);
/// Limits met.
pub const LIMITS_MET: Measure = counter(
    "plaudit_limits_met_total",
    &["host", "kind"],
    "Answers that asked us to wait: primary (the hour's budget), or secondary",
);
/// Refreshes.
pub const REFRESHES: Measure = counter("plaudit_refreshes_total", &[], "Refreshes that ended");
/// When the last refresh began.
pub const REFRESH_BEGIN: Measure = gauge(
    "plaudit_refresh_last_begin_timestamp_seconds",
    &[],
    "When the last refresh since the start began, in seconds since 1970",
);
/// When the last refresh ended.
pub const REFRESH_END: Measure = gauge(
    "plaudit_refresh_last_end_timestamp_seconds",
    &[],
    "When the last refresh since the start ended, in seconds since 1970",
);
/// Whom the last refresh looked at.
pub const REFRESH_CHECKED: Measure = gauge(
    "plaudit_refresh_last_checked",
    &[],
    "Applicants that the last refresh looked at",
);
/// Whose profile the last refresh changed.
pub const REFRESH_CHANGED: Measure = gauge(
    "plaudit_refresh_last_changed",
    &[],
    "Applicants whose profile differs after the last refresh",
);
/// Of whom the last refresh got no answer.
pub const REFRESH_FAILED: Measure = gauge(
    "plaudit_refresh_last_failed",
    &[],
    "Applicants of whom the last refresh got no answer; their facts are those from before",
);
/// What the last refresh took.
pub const REFRESH_POINTS: Measure = gauge(
    "plaudit_refresh_last_points",
    &[],
    "GitHub GraphQL points that the last refresh took",
);
/// Calls of webhooks.
pub const WEBHOOK_DELIVERIES: Measure = counter(
    "plaudit_webhook_deliveries_total",
    &["outcome"],
    "Attempts to deliver a message: delivered, failed (tried again), given_up, gone (HTTP 410)",
);
/// Messages that wait.
pub const WEBHOOK_WAITING: Measure = gauge(
    "plaudit_webhook_waiting",
    &[],
    "Messages that wait to be delivered, or to be tried again",
);
/// Messages that were given up.
pub const DEAD_LETTERS: Measure = gauge(
    "plaudit_dead_letters",
    &[],
    "Messages that were given up and are kept",
);
/// Whether the store takes changes.
pub const TAKES_CHANGES: Measure = gauge(
    "plaudit_store_takes_changes",
    &[],
    "1: the store takes changes; 0: the disk is full, or the store has failed",
);
/// Requests to this server.
pub const HTTP_REQUESTS: Measure = counter(
    "plaudit_http_requests_total",
    &["method", "path", "status"],
    "Requests that this server answered; the path is the route's",
);
/// How long this server took.
pub const HTTP_DURATION: Measure = Measure {
    name: "plaudit_http_request_duration_seconds",
    kind: Kind::Histogram,
    labels: &["method", "path"],
    help: "How long this server took until the beginning of its answer",
};

/// All of them.
pub const ALL: &[Measure] = &[
    BUILD_INFO,
    QUEUE_JOBS,
    QUEUE_OLDEST_AGE,
    JOBS_FINISHED,
    JOBS_DEFERRED,
    PROFILES,
    REQUESTS,
    POINTS,
    POINTS_LEFT,
    LIMITS_MET,
    REFRESHES,
    REFRESH_BEGIN,
    REFRESH_END,
    REFRESH_CHECKED,
    REFRESH_CHANGED,
    REFRESH_FAILED,
    REFRESH_POINTS,
    WEBHOOK_DELIVERIES,
    WEBHOOK_WAITING,
    DEAD_LETTERS,
    TAKES_CHANGES,
    HTTP_REQUESTS,
    HTTP_DURATION,
];

/// Upper ends of the sizes that [`HTTP_DURATION`] is counted by. Seconds. A page is to be there within 25 ms.
const DURATIONS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// Begins to count, for the whole process; once. Whoever holds the handle calls its `run_upkeep` now and then.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let durations = Matcher::Full(HTTP_DURATION.name.to_owned());
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(durations, DURATIONS)?
        .install_recorder()?;
    for measure in ALL {
        match measure.kind {
            Kind::Counter => metrics::describe_counter!(measure.name, measure.help),
            Kind::Gauge => metrics::describe_gauge!(measure.name, measure.help),
            Kind::Histogram => metrics::describe_histogram!(measure.name, measure.help),
        }
    }
    Ok(handle)
}

/// The table for people, in Markdown.
#[must_use]
pub fn table() -> String {
    use std::fmt::Write as _;
    let mut table = "| name | kind | labels | what it says |\n|---|---|---|---|\n".to_owned();
    for measure in ALL {
        let kind = match measure.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let labels: Vec<_> = measure
            .labels
            .iter()
            .map(|label| format!("`{label}`"))
            .collect();
        // Writing to a text cannot fail.
        let _ = writeln!(
            table,
            "| `{}` | {kind} | {} | {} |",
            measure.name,
            labels.join(", "),
            measure.help
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_prometheus_wants_them_and_no_two_are_alike() {
        for (place, measure) in ALL.iter().enumerate() {
            let name = measure.name;
            assert!(name.starts_with("plaudit_"), "{name}");
            let allowed = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            assert!(name.bytes().all(allowed), "{name}");
            assert_eq!(
                name.ends_with("_total"),
                measure.kind == Kind::Counter,
                "{name}"
            );
            assert!(
                !measure.help.ends_with('.') && !measure.help.contains('|'),
                "{name}"
            );
            let twice = ALL[place + 1..].iter().any(|other| other.name == name);
            assert!(!twice, "{name}");
        }
    }
}
