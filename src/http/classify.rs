//! What an answer means: one pure function over status, headers and body.
//!
//! GitHub reports several failures with HTTP 200, so the body decides as much as the status. The shapes
//! are those of GitHub's documentation and of public issues; the tests hold each of them as a row.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::domain::text::tame;

/// How a host speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// GitHub's GraphQL endpoint.
    GitHubGraphQl,
    /// GitHub's REST API.
    GitHubRest,
    /// Kaggle's pages and downloads: the status alone decides; what a 200 holds is the source's to read.
    Kaggle,
    /// Kaggle's live endpoint: JSON, or server-sent events that hold it.
    KaggleLive,
}

/// Which kind of limit was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The published budget of points or requests is used up.
    Primary,
    /// Too many at once or too fast; no header reports how near it is.
    Secondary,
}

/// What an answer means for whoever asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Usable, perhaps partial: the errors inside belong to whoever asked.
    Usable,
    /// The host asks us to wait, for so long if it says so.
    Wait {
        /// Which limit.
        limit: Limit,
        /// How long, as the host says.
        how_long: Option<Duration>,
    },
    /// The host ran out of time. Points are deducted, so never at once again [GitHub's documentation].
    TooHeavy,
    /// A failure that may pass.
    Passing(String),
    /// The token is refused.
    BadToken,
    /// Look there instead.
    Moved(String),
    /// A definite no.
    Refused(String),
}

/// A GraphQL answer as far as this room reads it.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(default)]
    data: Option<IgnoredAny>,
    #[serde(default)]
    errors: Vec<GraphQlError>,
    #[serde(default, borrow)]
    message: Option<std::borrow::Cow<'a, str>>,
}

/// One of a GraphQL answer's errors.
#[derive(Deserialize)]
struct GraphQlError {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    path: Option<IgnoredAny>,
    #[serde(default)]
    extensions: Option<Extensions>,
}

/// The machine-readable part of an error without a `type`.
#[derive(Deserialize)]
struct Extensions {
    #[serde(default)]
    code: Option<String>,
}

/// A REST error's body.
#[derive(Deserialize, Default)]
struct RestError {
    #[serde(default)]
    message: String,
}

/// What an answer means. `now` serves only where the host does not tell its own time.
pub fn classify(
    dialect: Dialect,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Verdict {
    match status {
        200..=299 => match dialect {
            Dialect::GitHubGraphQl => classify_graphql(headers, body, now),
            Dialect::Kaggle => Verdict::Usable,
            Dialect::KaggleLive => classify_kaggle_live(headers, body, now),
            Dialect::GitHubRest => {
                if status == 204 || serde_json::from_slice::<IgnoredAny>(body).is_ok() {
                    Verdict::Usable
                } else {
                    Verdict::Passing(describe_garbage(body))
                }
            }
        },
        301 | 302 | 307 | 308 => {
            match headers
                .get("location")
                .and_then(|location| location.to_str().ok())
            {
                Some(location) => Verdict::Moved(location.to_owned()),
                None => Verdict::Passing(format!("HTTP {status} without a location")),
            }
        }
        401 => Verdict::BadToken,
        403 | 429 => classify_forbidden(status, headers, body, now),
        // REST answers about people, for the source to read: gone, unknown, not to be searched.
        404 | 410 | 422 | 451 if dialect == Dialect::GitHubRest => Verdict::Usable,
        404 | 410 if matches!(dialect, Dialect::Kaggle | Dialect::KaggleLive) => Verdict::Usable,
        502 | 504 if dialect == Dialect::GitHubGraphQl && retry_after(headers, now).is_none() => {
            Verdict::TooHeavy
        }
        408 | 500..=599 => match retry_after(headers, now) {
            Some(how_long) => Verdict::Wait {
                limit: Limit::Secondary,
                how_long: Some(how_long),
            },
            None => Verdict::Passing(format!("HTTP {status}")),
        },
        _ => Verdict::Refused(rest_message(body)),
    }
}

/// A GraphQL answer with HTTP 200, which still may be any failure.
fn classify_graphql(headers: &HeaderMap, body: &[u8], now: Timestamp) -> Verdict {
    let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(body) else {
        return Verdict::Passing(describe_garbage(body));
    };
    if envelope.message.as_deref().is_some_and(is_secondary) {
        return Verdict::Wait {
            limit: Limit::Secondary,
            how_long: retry_after(headers, now),
        };
    }
    let mut too_heavy = false;
    let mut refused = None;
    for error in &envelope.errors {
        let kind = error.kind.as_deref().unwrap_or_default();
        // Two spellings are known: `RATE_LIMITED`, and since 2026 `RATE_LIMIT` with a code.
        if matches!(kind, "RATE_LIMITED" | "RATE_LIMIT")
            || error.code.as_deref() == Some("graphql_rate_limit")
        {
            return Verdict::Wait {
                limit: Limit::Primary,
                how_long: until_reset(headers, now).max(retry_after(headers, now)),
            };
        }
        if is_secondary(&error.message) {
            return Verdict::Wait {
                limit: Limit::Secondary,
                how_long: retry_after(headers, now),
            };
        }
        if error
            .message
            .starts_with("Something went wrong while executing your query")
        {
            return Verdict::Passing("GitHub says that something went wrong".to_owned());
        }
        if matches!(kind, "RESOURCE_LIMITS_EXCEEDED" | "MAX_NODE_LIMIT_EXCEEDED") {
            too_heavy = true;
        } else if kind.is_empty()
            && (error.path.is_none() || error.extensions.as_ref().is_some_and(|e| e.code.is_some()))
        {
            refused = Some(tame(&error.message));
        }
    }
    if let Some(reason) = refused {
        return Verdict::Refused(reason);
    }
    match (envelope.data, too_heavy) {
        // Partial data is kept; whoever asked splits what is missing.
        (Some(_), _) => Verdict::Usable,
        (None, true) => Verdict::TooHeavy,
        (None, false) => match envelope.errors.first() {
            Some(error) => Verdict::Refused(tame(&error.message)),
            None => Verdict::Passing("a JSON answer without data".to_owned()),
        },
    }
}

/// An answer of Kaggle's live endpoint with HTTP 200. Only what is no answer at all, or a limit (in the spelling of
/// Kaggle's other endpoints, or as an error within the protocol), is told here; the rest is the source's to read.
fn classify_kaggle_live(headers: &HeaderMap, body: &[u8], now: Timestamp) -> Verdict {
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None | Some(b'<') => Verdict::Passing(describe_garbage(body)),
        Some(_) if holds_a_limit(body) => Verdict::Wait {
            limit: Limit::Secondary,
            how_long: retry_after(headers, now),
        },
        Some(_) => Verdict::Usable,
    }
}

/// Whether an answer of the live endpoint is an error that speaks of too many requests. What a person wrote about
/// themselves cannot look so: within the profile, which is a text in the answer, every quote is escaped.
fn holds_a_limit(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    let is_error = [
        "\"iserror\":true",
        "\"iserror\": true",
        "\"error\":{",
        "\"error\": {",
    ];
    let too_many = ["too many requests", "resource_exhausted", "rate limit"];
    is_error.iter().any(|mark| text.contains(mark))
        && too_many.iter().any(|words| text.contains(words))
}

/// 403 and 429: a limit, or a definite no.
fn classify_forbidden(status: u16, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Verdict {
    let message = rest_message(body);
    let asked_to_wait = retry_after(headers, now);
    if is_secondary(&message) || asked_to_wait.is_some() {
        return Verdict::Wait {
            limit: Limit::Secondary,
            how_long: asked_to_wait,
        };
    }
    let used_up = header(headers, "x-ratelimit-remaining") == Some(0);
    if used_up || message.contains("API rate limit") {
        return Verdict::Wait {
            limit: Limit::Primary,
            how_long: until_reset(headers, now).max(retry_after(headers, now)),
        };
    }
    if status == 429 {
        return Verdict::Wait {
            limit: Limit::Secondary,
            how_long: None,
        };
    }
    Verdict::Refused(message)
}

/// Whether a message speaks of the secondary limit. "abuse" is its older wording.
fn is_secondary(message: &str) -> bool {
    message.contains("secondary rate limit") || message.contains("abuse detection")
}

/// The longest wait that a host is believed. Longer ones are mistakes or mischief: no host's documentation knows
/// one of more than a day, and later than this somebody should look anyway. Short of it a wait is kept as told.
pub(super) const LONGEST_TOLD: Duration = Duration::from_hours(30 * 24);

/// How long `retry-after` asks us to wait, up to [`LONGEST_TOLD`]. Seconds; a date is taken relative to the
/// answer's own date, or to `now` where the answer has none.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a long wait as well.
        let seconds = text.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(LONGEST_TOLD));
    }
    let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let now = server_date(headers).unwrap_or(now);
    let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    Some(wait.min(LONGEST_TOLD))
}

/// How long until `x-ratelimit-reset` (seconds since 1970), by the host's own clock where it tells it; up to
/// `LONGEST_TOLD`.
///
/// One second is added, since the header is cut to whole seconds.
pub fn until_reset(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let reset = header(headers, "x-ratelimit-reset")?;
    let now = server_date(headers).unwrap_or(now).as_second();
    let seconds = u64::try_from(reset.saturating_sub(now)).unwrap_or(0);
    Some(Duration::from_secs(seconds.saturating_add(1)).min(LONGEST_TOLD))
}

/// The answer's `date`.
fn server_date(headers: &HeaderMap) -> Option<Timestamp> {
    Some(
        jiff::fmt::rfc2822::parse(headers.get(DATE)?.to_str().ok()?)
            .ok()?
            .timestamp(),
    )
}

/// A header that holds a whole number.
pub(super) fn header(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// The message of a REST error's body, made harmless.
fn rest_message(body: &[u8]) -> String {
    let message = serde_json::from_slice::<RestError>(body)
        .unwrap_or_default()
        .message;
    if message.is_empty() {
        "no reason given".to_owned()
    } else {
        tame(&message)
    }
}

/// What an unreadable body looks like, without repeating it.
fn describe_garbage(body: &[u8]) -> String {
    let start = body.iter().position(|byte| !byte.is_ascii_whitespace());
    match start.map(|start| body[start]) {
        None => "an empty answer".to_owned(),
        Some(b'<') => "a web page in place of JSON".to_owned(),
        Some(b'{' | b'[') => format!("an answer cut after {} bytes", body.len()),
        Some(_) => "an answer that is no JSON".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    fn wait(limit: Limit, seconds: Option<u64>) -> Verdict {
        Verdict::Wait {
            limit,
            how_long: seconds.map(Duration::from_secs),
        }
    }

    type Row = (
        &'static str,
        Dialect,
        u16,
        &'static [(&'static str, &'static str)],
        &'static str,
        Verdict,
    );

    /// Every case of GitHub's documented and observed errors, one a row.
    #[test]
    #[expect(clippy::too_many_lines, reason = "a table: one row a case")]
    fn every_known_answer_is_told_apart() {
        use Dialect::{GitHubGraphQl as Graph, GitHubRest as Rest};
        const SECONDARY: &str = r#"{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.","documentation_url":"https://docs.github.com/"}"#;
        const DATE: (&str, &str) = ("date", "Sun, 01 Nov 2026 12:00:00 GMT");
        // 2026-11-01T12:30:00Z
        const RESET: (&str, &str) = ("x-ratelimit-reset", "1793536200");
        let rows: &[Row] = &[
            (
                "data",
                Graph,
                200,
                &[],
                r#"{"data":{"a":1}}"#,
                Verdict::Usable,
            ),
            (
                "primary, classic spelling",
                Graph,
                200,
                &[DATE, RESET, ("x-ratelimit-remaining", "0")],
                r#"{"data":null,"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded for user ID 1."}]}"#,
                wait(Limit::Primary, Some(1801)),
            ),
            (
                "primary, remaining not zero",
                Graph,
                200,
                &[DATE, RESET, ("x-ratelimit-remaining", "4")],
                r#"{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded for user ID 1."}]}"#,
                wait(Limit::Primary, Some(1801)),
            ),
            (
                "primary, newer spelling",
                Graph,
                200,
                &[],
                r#"{"errors":[{"type":"RATE_LIMIT","code":"graphql_rate_limit","message":"API rate limit already exceeded for user ID 1."}]}"#,
                wait(Limit::Primary, None),
            ),
            (
                "secondary, GraphQL 200",
                Graph,
                200,
                &[],
                SECONDARY,
                wait(Limit::Secondary, None),
            ),
            (
                "secondary, GraphQL 200 as an error",
                Graph,
                200,
                &[("retry-after", "30")],
                r#"{"errors":[{"message":"You have exceeded a secondary rate limit."}]}"#,
                wait(Limit::Secondary, Some(30)),
            ),
            (
                "secondary, GraphQL 403",
                Graph,
                403,
                &[("retry-after", "60"), ("x-ratelimit-remaining", "4000")],
                SECONDARY,
                wait(Limit::Secondary, Some(60)),
            ),
            (
                "secondary, REST 403 without retry-after",
                Rest,
                403,
                &[("x-ratelimit-remaining", "40")],
                SECONDARY,
                wait(Limit::Secondary, None),
            ),
            (
                "secondary, REST 429",
                Rest,
                429,
                &[],
                SECONDARY,
                wait(Limit::Secondary, None),
            ),
            (
                "429 that says nothing",
                Rest,
                429,
                &[],
                "",
                wait(Limit::Secondary, None),
            ),
            (
                "primary, REST 403",
                Rest,
                403,
                &[DATE, RESET, ("x-ratelimit-remaining", "0")],
                r#"{"message":"API rate limit exceeded for 192.0.2.1."}"#,
                wait(Limit::Primary, Some(1801)),
            ),
            (
                "forbidden for good",
                Rest,
                403,
                &[("x-ratelimit-remaining", "40")],
                r#"{"message":"Resource not accessible by personal access token"}"#,
                Verdict::Refused("Resource not accessible by personal access token".to_owned()),
            ),
            (
                "retry-after as a date",
                Rest,
                429,
                &[DATE, ("retry-after", "Sun, 01 Nov 2026 12:02:00 GMT")],
                "",
                wait(Limit::Secondary, Some(120)),
            ),
            (
                "time-out 502",
                Graph,
                502,
                &[],
                r#"{"message":"We couldn't respond to your request in time."}"#,
                Verdict::TooHeavy,
            ),
            ("time-out 504", Graph, 504, &[], "", Verdict::TooHeavy),
            (
                "time-out with retry-after",
                Graph,
                504,
                &[("retry-after", "30")],
                "",
                wait(Limit::Secondary, Some(30)),
            ),
            (
                "primary with retry-after alone",
                Graph,
                200,
                &[("retry-after", "3600")],
                r#"{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded."}]}"#,
                wait(Limit::Primary, Some(3600)),
            ),
            (
                "REST 502",
                Rest,
                502,
                &[],
                "",
                Verdict::Passing("HTTP 502".to_owned()),
            ),
            (
                "resource limit, partial",
                Graph,
                200,
                &[],
                r#"{"data":{"user":null},"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED","path":["user","contributionsCollection"],"message":"Resource limits for this query exceeded."}]}"#,
                Verdict::Usable,
            ),
            (
                "resource limit, nothing",
                Graph,
                200,
                &[],
                r#"{"data":null,"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED","message":"Resource limits for this query exceeded."}]}"#,
                Verdict::TooHeavy,
            ),
            (
                "unknown login, partial",
                Graph,
                200,
                &[],
                r#"{"data":{"b":null},"errors":[{"type":"NOT_FOUND","path":["b"],"locations":[{"line":1,"column":1}],"message":"Could not resolve to a User with the login of 'b'."}]}"#,
                Verdict::Usable,
            ),
            (
                "wrong field",
                Graph,
                200,
                &[],
                r#"{"errors":[{"path":["query","viewer","bioHtm"],"extensions":{"code":"undefinedField","typeName":"User","fieldName":"bioHtm"},"locations":[{"line":4,"column":11}],"message":"Field 'bioHtm' doesn't exist on type 'User'"}]}"#,
                Verdict::Refused("Field 'bioHtm' doesn't exist on type 'User'".to_owned()),
            ),
            (
                "something went wrong",
                Graph,
                200,
                &[],
                r#"{"errors":[{"message":"Something went wrong while executing your query. Please include `07C2:0` when reporting this issue."}]}"#,
                Verdict::Passing("GitHub says that something went wrong".to_owned()),
            ),
            (
                "bad token",
                Graph,
                401,
                &[],
                r#"{"message":"Bad credentials"}"#,
                Verdict::BadToken,
            ),
            (
                "search for a private author",
                Rest,
                422,
                &[],
                r#"{"message":"Validation Failed","errors":[]}"#,
                Verdict::Usable,
            ),
            (
                "unknown REST user",
                Rest,
                404,
                &[],
                r#"{"message":"Not Found"}"#,
                Verdict::Usable,
            ),
            (
                "renamed",
                Rest,
                301,
                &[("location", "https://api.github.com/user/7")],
                "",
                Verdict::Moved("https://api.github.com/user/7".to_owned()),
            ),
            (
                "cut",
                Graph,
                200,
                &[],
                r#"{"data":{"a"#,
                Verdict::Passing("an answer cut after 11 bytes".to_owned()),
            ),
            (
                "HTML",
                Graph,
                200,
                &[],
                "<!DOCTYPE html><title>Unicorn!</title>",
                Verdict::Passing("a web page in place of JSON".to_owned()),
            ),
            (
                "empty",
                Graph,
                200,
                &[],
                "",
                Verdict::Passing("an empty answer".to_owned()),
            ),
            (
                "no data, no errors",
                Graph,
                200,
                &[],
                "{}",
                Verdict::Passing("a JSON answer without data".to_owned()),
            ),
            (
                "REST cut",
                Rest,
                200,
                &[],
                r#"{"login":"#,
                Verdict::Passing("an answer cut after 9 bytes".to_owned()),
            ),
            (
                "500",
                Graph,
                500,
                &[],
                "",
                Verdict::Passing("HTTP 500".to_owned()),
            ),
            (
                "503 with retry-after",
                Rest,
                503,
                &[("retry-after", "5")],
                "",
                wait(Limit::Secondary, Some(5)),
            ),
            (
                "400",
                Graph,
                400,
                &[],
                r#"{"message":"Problems parsing JSON"}"#,
                Verdict::Refused("Problems parsing JSON".to_owned()),
            ),
        ];
        for (name, dialect, status, pairs, body, expected) in rows {
            let verdict = classify(
                *dialect,
                *status,
                &headers(pairs),
                body.as_bytes(),
                Timestamp::UNIX_EPOCH,
            );
            assert_eq!(verdict, *expected, "{name}");
        }
    }

    #[test]
    fn what_kaggle_says_is_told_apart() {
        use Dialect::{Kaggle, KaggleLive as Live};
        const LIMITED: &str =
            r#"{"error":{"code":429,"message":"Too many requests","status":"RESOURCE_EXHAUSTED"}}"#;
        const LIMITED_WITHIN: &str = "event: message\ndata: {\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"Too many requests\"}],\"isError\":true},\"id\":1}\n\n";
        // Somebody who writes about themselves what an error would look like.
        const BIOGRAPHY: &str = r#"data: {"result":{"content":[{"type":"text","text":"{\"bio\":\"\\\"isError\\\":true, too many requests\"}"}],"isError":false},"id":1}"#;
        let garbage = |text: &str| Verdict::Passing(text.to_owned());
        for (dialect, status, pairs, body, expected) in [
            (
                Live,
                200,
                &[][..],
                "event: message\ndata: {}\n\n",
                Verdict::Usable,
            ),
            (
                Live,
                200,
                &[],
                r#"{"jsonrpc":"2.0","id":1}"#,
                Verdict::Usable,
            ),
            (Live, 200, &[], LIMITED, wait(Limit::Secondary, None)),
            (Live, 200, &[], LIMITED_WITHIN, wait(Limit::Secondary, None)),
            (Live, 200, &[], BIOGRAPHY, Verdict::Usable),
            (Live, 200, &[], "", garbage("an empty answer")),
            (
                Live,
                200,
                &[],
                "\n<html>",
                garbage("a web page in place of JSON"),
            ),
            (Live, 404, &[], "", Verdict::Usable),
            (Live, 429, &[], LIMITED, wait(Limit::Secondary, None)),
            (
                Live,
                429,
                &[("retry-after", "7")],
                LIMITED,
                wait(Limit::Secondary, Some(7)),
            ),
            (Live, 401, &[], "", Verdict::BadToken),
            (Live, 500, &[], "", garbage("HTTP 500")),
            (Kaggle, 200, &[], "<html>", Verdict::Usable),
            (Kaggle, 404, &[], "<html>", Verdict::Usable),
            (
                Kaggle,
                403,
                &[],
                "<html>",
                Verdict::Refused("no reason given".to_owned()),
            ),
            (
                Kaggle,
                302,
                &[("location", "https://storage.example/x")],
                "",
                Verdict::Moved("https://storage.example/x".to_owned()),
            ),
        ] {
            let now = Timestamp::UNIX_EPOCH;
            let verdict = classify(dialect, status, &headers(pairs), body.as_bytes(), now);
            assert_eq!(verdict, expected, "{dialect:?} {status} {body:?}");
        }
    }

    #[test]
    fn a_wrong_local_clock_does_not_matter_when_the_host_tells_its_own() {
        let told = headers(&[
            ("date", "Thu, 01 Jan 1970 00:10:00 GMT"),
            ("x-ratelimit-reset", "630"),
        ]);
        assert_eq!(
            until_reset(&told, Timestamp::MAX),
            Some(Duration::from_secs(31))
        );
    }

    #[test]
    fn no_header_makes_us_wait_longer_than_the_longest_that_is_believed() {
        let now: Timestamp = "2026-11-01T12:00:00Z".parse().unwrap();
        let longest = LONGEST_TOLD.as_secs();
        for (told, expected) in [
            ("0", Some(0)),
            ("172800", Some(172_800)),
            ("2592000", Some(longest)),
            ("2592001", Some(longest)),
            ("1000000000000", Some(longest)),
            ("18446744073709551615", Some(longest)),
            ("18446744073709551616", Some(longest)),
            ("Fri, 01 Jan 9999 00:00:00 GMT", Some(longest)),
            ("-1", None),
            ("", None),
            ("soon", None),
        ] {
            let wait = retry_after(&headers(&[("retry-after", told)]), now);
            assert_eq!(wait, expected.map(Duration::from_secs), "{told:?}");
        }
        for told in ["9223372036854775807", "9999999999999"] {
            let wait = until_reset(&headers(&[("x-ratelimit-reset", told)]), now);
            assert_eq!(wait, Some(LONGEST_TOLD), "{told}");
        }
    }

    #[test]
    fn a_date_to_wait_for_holds_by_our_clock_where_the_host_does_not_tell_its_own() {
        let told = ("retry-after", "Sun, 01 Nov 2026 12:02:00 GMT");
        let now: Timestamp = "2026-11-01T12:00:30Z".parse().unwrap();
        for (pairs, seconds) in [
            (vec![told], 90),
            (vec![("date", "no date"), told], 90),
            (vec![("date", "Sun, 01 Nov 2026 12:01:50 GMT"), told], 10),
            (vec![("date", "Sun, 01 Nov 2026 12:03:00 GMT"), told], 0),
        ] {
            let verdict = classify(Dialect::Kaggle, 429, &headers(&pairs), b"", now);
            assert_eq!(verdict, wait(Limit::Secondary, Some(seconds)), "{pairs:?}");
        }
    }
}
