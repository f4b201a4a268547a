//! Answers of hosts as the way out classifies them: `dialect` and `status` (a byte each), then headers as lines, an
//! empty line, the body.
//!
//! - A failure is never usable: no server error, no refusal of a token, no GraphQL answer without data, none that
//!   speaks of a limit by its type.
//! - No wait is longer than a host is believed.
//! - What is told of an answer is short and harmless.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use plaudit::http::{Dialect, Verdict, classify, until_reset};
use serde_json::Value;

use super::harmless;

const DIALECTS: [Dialect; 4] = [
    Dialect::GitHubGraphQl,
    Dialect::GitHubRest,
    Dialect::Kaggle,
    Dialect::KaggleLive,
];

/// Statuses, the usual ones more than once.
const STATUSES: [u16; 20] = [
    200, 200, 200, 200, 200, 201, 204, 301, 302, 304, 400, 401, 403, 404, 410, 422, 429, 500, 502,
    503,
];

/// The longest wait that a host is believed, by `http::classify`.
const LONGEST_WAIT: Duration = Duration::from_hours(30 * 24);

/// Holds one input against plaudit.
pub(super) fn run(bytes: &[u8]) {
    let [dialect, status, rest @ ..] = bytes else {
        return;
    };
    let dialect = DIALECTS[usize::from(*dialect) % DIALECTS.len()];
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let (headers, body) = split(rest);
    let now = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000);
    let verdict = classify(dialect, status, &headers, body, now);
    assert_eq!(verdict, classify(dialect, status, &headers, body, now));
    if let Some(wait) = until_reset(&headers, now) {
        assert!(wait <= LONGEST_WAIT, "{wait:?}");
    }
    match verdict {
        Verdict::Usable => usable(dialect, status, body),
        Verdict::Wait { how_long, .. } => {
            assert!(
                how_long.is_none_or(|wait| wait <= LONGEST_WAIT),
                "{how_long:?}"
            );
        }
        Verdict::Passing(why) | Verdict::Refused(why) => harmless::tame("a reason", &why),
        Verdict::BadToken => assert_eq!(status, 401),
        Verdict::Moved(_) => assert!((300..400).contains(&status), "{status}"),
        Verdict::TooHeavy => assert_eq!(dialect, Dialect::GitHubGraphQl),
    }
}

fn usable(dialect: Dialect, status: u16, body: &[u8]) {
    assert!(
        status < 500 && ![401, 403, 429].contains(&status),
        "{status}"
    );
    assert!(
        (200..300).contains(&status) || matches!(status, 404 | 410 | 422),
        "{status}"
    );
    if dialect != Dialect::GitHubGraphQl {
        return;
    }
    // Two members of one name are for serde to refuse; which of them a `Value` keeps says nothing.
    let Ok(answer) = serde_json::from_slice::<Value>(body) else {
        panic!("what is no JSON is usable");
    };
    assert!(!answer["data"].is_null(), "no data, and usable");
    let errors = answer["errors"].as_array().into_iter().flatten();
    for error in errors {
        let kind = error["type"].as_str().unwrap_or_default();
        assert!(!kind.starts_with("RATE_LIMIT"), "a limit, and usable");
    }
}

fn split(bytes: &[u8]) -> (HeaderMap, &[u8]) {
    let (head, body) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(at) => (&bytes[..at], &bytes[at + 2..]),
        None => (&bytes[..0], bytes),
    };
    let mut headers = HeaderMap::new();
    for line in head.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    (headers, body)
}
