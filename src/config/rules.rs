//! What each setting must be: one row a key.

use std::{net::SocketAddr, time::Duration};

use jiff::{Span, civil::Date, fmt::friendly::SpanParser};
use toml::Value;
use url::Url;

use crate::domain::{
    rubric,
    text::{LONGEST, tame},
};

/// A setting's rule.
#[derive(Debug)]
pub(super) struct Rule {
    /// Its key.
    pub(super) key: &'static str,
    kind: Kind,
}

/// Kinds of values.
#[derive(Debug)]
enum Kind {
    /// A whole number, both ends included.
    Whole(i64, i64),
    /// A time, both ends included.
    Time(Duration, Duration),
    /// One of these words.
    Word(&'static [&'static str]),
    /// The name of a rubric.
    Name,
    /// A path, or nothing.
    Path,
    /// An http or https URL.
    Url,
    /// Host names, at least one.
    Hosts,
    /// Yes or no.
    Switch,
    /// An IP address with a port.
    Socket,
    /// An http or https URL, or nothing.
    UrlOrNothing,
    /// A cron expression of five fields.
    Cron,
    /// A time zone of the IANA database.
    Zone,
    /// A line of text, or nothing.
    Line,
    /// A length of time in calendar units: days, weeks, months, years.
    Span,
    /// A day of the calendar.
    Day,
}

const NOTHING: Duration = Duration::ZERO;
const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const YEAR: Duration = Duration::from_hours(365 * 24);
const MEBIBYTE: i64 = 1 << 20;
const GIBIBYTE: i64 = 1 << 30;

/// Every setting.
pub(super) const RULES: &[Rule] = &[
    rule("data_dir", Kind::Path),
    rule("role", Kind::Name),
    rule("roles_dir", Kind::Path),
    rule("github.hosts", Kind::Hosts),
    rule("github.api_url", Kind::Url),
    rule("github.graphql_url", Kind::Url),
    // GitHub: 100 requests at once.
    rule("github.in_flight", Kind::Whole(1, 100)),
    // More than ten applicants in a query ran into GitHub's 10 s.
    rule("github.batch", Kind::Whole(1, 10)),
    // An Enterprise server's owner may allow any number, so these bounds only catch slips of the pen.
    rule("github.points_per_hour", Kind::Whole(1, 1_000_000)),
    rule("github.points_per_minute", Kind::Whole(1, 100_000)),
    rule("github.requests_per_hour", Kind::Whole(1, 1_000_000)),
    rule(
        "github.requests_per_hour_without_token",
        Kind::Whole(1, 1_000_000),
    ),
    rule(
        "github.searches_per_minute_without_token",
        Kind::Whole(1, 100_000),
    ),
    // 100 requests at once, the whole minute long.
    rule("github.query_seconds_per_minute", Kind::Whole(1, 6_000)),
    rule("github.secondary_wait", Kind::Time(MILLISECOND, HOUR)),
    rule(
        "github.request_timeout",
        Kind::Time(Duration::from_millis(50), Duration::from_mins(5)),
    ),
    rule("kaggle.url", Kind::Url),
    rule("kaggle.live", Kind::Word(&["auto", "always", "never"])),
    rule("kaggle.page", Kind::Switch),
    rule("kaggle.pause", Kind::Time(MILLISECOND, HOUR)),
    rule("kaggle.first_wait", Kind::Time(MILLISECOND, HOUR)),
    rule("kaggle.rest", Kind::Time(MILLISECOND, DAY)),
    rule(
        "kaggle.request_timeout",
        Kind::Time(Duration::from_millis(50), Duration::from_mins(5)),
    ),
    rule("homepage.follow", Kind::Switch),
    rule(
        "http.connect_timeout",
        Kind::Time(Duration::from_millis(50), Duration::from_mins(2)),
    ),
    rule("http.inline_wait", Kind::Time(NOTHING, MINUTE)),
    rule("http.tries", Kind::Whole(1, 20)),
    rule("http.first_backoff", Kind::Time(MILLISECOND, MINUTE)),
    rule("http.max_body_bytes", Kind::Whole(64 << 10, GIBIBYTE)),
    rule("http.max_redirects", Kind::Whole(0, 10)),
    rule("worker.workers", Kind::Whole(1, 1_024)),
    rule("worker.lease", Kind::Time(SECOND, DAY)),
    rule("worker.grace", Kind::Time(NOTHING, Duration::from_mins(10))),
    rule("worker.attempts", Kind::Whole(1, 100)),
    rule("worker.retry_after_failure", Kind::Time(MILLISECOND, DAY)),
    rule("worker.patience", Kind::Time(NOTHING, DAY)),
    rule("cache.fresh_for", Kind::Time(NOTHING, YEAR)),
    rule("store.cache_bytes", Kind::Whole(MEBIBYTE, 64 * GIBIBYTE)),
    rule("store.history", Kind::Whole(1, 1_000)),
    rule("serve.listen", Kind::Socket),
    rule("serve.public_url", Kind::UrlOrNothing),
    rule(
        "serve.request_timeout",
        Kind::Time(SECOND, Duration::from_mins(10)),
    ),
    rule("serve.max_body_bytes", Kind::Whole(64 << 10, 64 * MEBIBYTE)),
    rule("serve.requests_per_minute", Kind::Whole(10, 100_000_000)),
    rule("serve.sign_ins_per_minute", Kind::Whole(1, 10_000)),
    rule(
        "serve.session",
        Kind::Time(MINUTE, Duration::from_hours(30 * 24)),
    ),
    rule(
        "serve.idempotency",
        Kind::Time(MINUTE, Duration::from_hours(30 * 24)),
    ),
    rule("backup.enabled", Kind::Switch),
    rule("backup.folder", Kind::Path),
    rule("backup.keep", Kind::Whole(1, 10_000)),
    rule("refresh.enabled", Kind::Switch),
    rule("refresh.schedule", Kind::Cron),
    rule("refresh.time_zone", Kind::Zone),
    rule(
        "refresh.jitter",
        Kind::Time(NOTHING, Duration::from_hours(6)),
    ),
    rule("refresh.older_than", Kind::Time(NOTHING, YEAR)),
    rule("refresh.full_after", Kind::Time(HOUR, YEAR)),
    rule("refresh.leave_to_recruiters", Kind::Whole(0, 90)),
    rule("refresh.kaggle", Kind::Switch),
    rule("privacy.controller", Kind::Line),
    rule("privacy.contact", Kind::Line),
    rule("privacy.officer", Kind::Line),
    rule("privacy.storage", Kind::Line),
    rule("privacy.require_legal_basis", Kind::Switch),
    rule("retention.keep_for", Kind::Span),
    rule("retention.warn_before", Kind::Span),
    rule("retention.erase", Kind::Switch),
    rule("webhooks.timeout", Kind::Time(SECOND, MINUTE)),
    rule(
        "webhooks.keep_trying",
        Kind::Time(MILLISECOND, Duration::from_hours(30 * 24)),
    ),
    rule("webhooks.allow_private", Kind::Switch),
    rule(
        "log.level",
        Kind::Word(&["off", "error", "warn", "info", "debug", "trace"]),
    ),
    rule("log.format", Kind::Word(&["text", "json"])),
];

/// What can be said of a posting: `[postings.NAME]`, where NAME is a role's.
pub(super) const OF_A_POSTING: &[Rule] = &[rule("closes", Kind::Day), rule("keep_for", Kind::Span)];

const fn rule(key: &'static str, kind: Kind) -> Rule {
    Rule { key, kind }
}

impl Rule {
    /// The rule of `key`.
    pub(super) fn of(key: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.key == key)
    }

    /// `value` as the rule keeps it, or what it must be.
    pub(super) fn check(&self, value: Value) -> Result<Value, String> {
        let found = describe(&value);
        let fits = match (&self.kind, &value) {
            (Kind::Whole(least, most), Value::Integer(number)) => (least..=most).contains(&number),
            (Kind::Time(least, most), Value::String(text)) => {
                parse_duration(text).is_ok_and(|time| (*least..=*most).contains(&time))
            }
            (Kind::Switch, Value::Boolean(_)) => true,
            (Kind::Socket, Value::String(text)) => text.parse::<SocketAddr>().is_ok(),
            (Kind::UrlOrNothing, Value::String(text)) if text.is_empty() => true,
            (Kind::Cron, Value::String(text)) => is_cron(text),
            (Kind::Zone, Value::String(text)) => text.parse::<chrono_tz::Tz>().is_ok(),
            (Kind::Line, Value::String(text)) => tame(text) == text.trim(),
            (Kind::Span, Value::String(text)) => is_calendar_span(text),
            (Kind::Day, Value::String(text)) => text.parse::<Date>().is_ok(),
            (Kind::Day, Value::Datetime(day)) => day.time.is_none() && day.date.is_some(),
            (Kind::Word(words), Value::String(text)) => words.contains(&text.as_str()),
            (Kind::Name, Value::String(text)) => rubric::is_name(text),
            (Kind::Path, Value::String(text)) => !text.contains('\0'),
            // Its text is not repeated: a password may be inside.
            (Kind::Url | Kind::UrlOrNothing, Value::String(text)) => {
                return check_url(text)
                    .map(|()| value)
                    .map_err(|wrong| format!("must be {}; {wrong}", self.expected()));
            }
            (Kind::Hosts, Value::Array(hosts)) => {
                !hosts.is_empty()
                    && hosts
                        .iter()
                        .all(|host| host.as_str().is_some_and(is_host_name))
            }
            _ => false,
        };
        if fits {
            Ok(self.folded(value))
        } else {
            Err(format!("must be {}; it is {found}", self.expected()))
        }
    }

    /// The value that a variable's text stands for.
    pub(super) fn read(&self, text: &str) -> Result<Value, String> {
        let text = text.trim();
        let value = match self.kind {
            Kind::Whole(..) => text
                .parse()
                .map_or_else(|_| Value::String(text.to_owned()), Value::Integer),
            Kind::Switch => text
                .parse()
                .map_or_else(|_| Value::String(text.to_owned()), Value::Boolean),
            Kind::Hosts => text
                .split(',')
                .map(|host| Value::String(host.trim().to_owned()))
                .collect::<Vec<_>>()
                .into(),
            Kind::Time(..)
            | Kind::Word(_)
            | Kind::Name
            | Kind::Path
            | Kind::Url
            | Kind::Socket
            | Kind::UrlOrNothing
            | Kind::Cron
            | Kind::Zone
            | Kind::Line
            | Kind::Span
            | Kind::Day => Value::String(text.to_owned()),
        };
        self.check(value)
    }

    /// Host names in lower case, a day as its text; everything else as it is.
    fn folded(&self, value: Value) -> Value {
        match (&self.kind, value) {
            (Kind::Hosts, Value::Array(hosts)) => hosts
                .iter()
                .filter_map(Value::as_str)
                .map(|host| Value::String(host.to_ascii_lowercase()))
                .collect::<Vec<_>>()
                .into(),
            (Kind::Day, Value::Datetime(day)) => Value::String(day.to_string()),
            (Kind::Line, Value::String(text)) => Value::String(text.trim().to_owned()),
            (_, value) => value,
        }
    }

    /// What would be right, in words.
    fn expected(&self) -> String {
        match &self.kind {
            Kind::Whole(least, most) => format!("a whole number from {least} to {most}"),
            Kind::Time(least, most) => format!(
                "a time from {} to {}, such as \"30s\"",
                print_duration(*least),
                print_duration(*most)
            ),
            Kind::Word(words) => format!("one of {}", words.join(", ")),
            Kind::Name => format!("a rubric's name: {}", rubric::NAME_RULE),
            Kind::Path => "a path, as text".to_owned(),
            Kind::Url => "an http or https URL".to_owned(),
            Kind::Switch => "true or false".to_owned(),
            Kind::Socket => "an IP address and a port, such as \"127.0.0.1:8080\"".to_owned(),
            Kind::UrlOrNothing => "an http or https URL, or empty".to_owned(),
            Kind::Cron => "a cron expression of five fields, such as \"0 2 * * *\"".to_owned(),
            Kind::Zone => "a time zone's name, such as \"Europe/Helsinki\"".to_owned(),
            Kind::Line => format!("one line of at most {LONGEST} characters, or empty"),
            Kind::Span => {
                "a length of time in days, weeks, months or years, such as \"6 months\"".to_owned()
            }
            Kind::Day => "a day, such as 2026-09-30".to_owned(),
            Kind::Hosts => "a list of host names, such as [\"github.com\"]".to_owned(),
        }
    }
}

/// Whether `text` is a cron expression of five fields.
fn is_cron(text: &str) -> bool {
    // From any day on: one that never comes, such as 31 February, is none.
    let from = chrono::DateTime::UNIX_EPOCH;
    text.split_whitespace().count() == 5
        && text
            .parse::<croner::Cron>()
            .is_ok_and(|cron| cron.find_next_occurrence(&from, false).is_ok())
}

/// Whether `text` is a length of time that a calendar can count off: a day to a century, without hours.
fn is_calendar_span(text: &str) -> bool {
    let Ok(span) = text.trim().parse::<Span>() else {
        return false;
    };
    let begin = Date::constant(2000, 1, 1);
    let hours = (span.get_hours(), span.get_minutes(), span.get_seconds());
    let less = (
        span.get_milliseconds(),
        span.get_microseconds(),
        span.get_nanoseconds(),
    );
    let whole_days = hours == (0, 0, 0) && less == (0, 0, 0);
    let end = begin.checked_add(span);
    whole_days && end.is_ok_and(|end| end > begin && end <= Date::constant(2100, 1, 1))
}

/// A time as people write it: a number and a unit, such as `500ms`, `60s`, `2m`, `24h` or `1h 30m`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    SpanParser::new()
        .parse_unsigned_duration(text.trim())
        .map_err(|_| {
            format!(
                "{:?} is no time: a number and a unit, such as 500ms, 60s, 2m or 24h",
                tame(text)
            )
        })
}

/// The shortest text that [`parse_duration`] reads back.
pub(super) fn print_duration(time: Duration) -> String {
    jiff::fmt::friendly::SpanPrinter::new().unsigned_duration_to_string(&time)
}

/// Longest text of a wrong value that a message repeats. Characters.
const LONGEST_REPEATED: usize = 24;

/// A value for an error's reader.
fn describe(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        // Perhaps a token in the wrong place: those have 32 characters and more.
        Value::String(text) if text.chars().count() > LONGEST_REPEATED => {
            format!("a text of {} characters", text.chars().count())
        }
        Value::String(text) => format!("{:?}", tame(text)),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Datetime(_) => "a date".to_owned(),
        Value::Array(list) => {
            let shown: Vec<String> = list.iter().take(5).map(describe).collect();
            format!("[{}]", shown.join(", "))
        }
        Value::Table(_) => "a section".to_owned(),
    }
}

/// A DNS name, with a port perhaps, as it stands in a link.
fn is_host_name(text: &str) -> bool {
    let (host, port) = text
        .split_once(':')
        .map_or((text, None), |(host, port)| (host, Some(port)));
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.len() <= 253
        && host.split('.').all(label)
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// Whether requests can go to `text`.
fn check_url(text: &str) -> Result<(), &'static str> {
    let url = Url::parse(text).map_err(|_| "this is no URL")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("this one has another scheme");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a user name or password must not be part of it");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("it must end before any ? or #");
    }
    Ok(())
}
