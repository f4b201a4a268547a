//! A way out that an input answers in place of a host.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use plaudit::http::{Answers, Limits, Resource, Settings, Silence, Told, WayOut};

/// An answer as it stands in an input: the body; or `#STATUS NAME: VALUE; NAME: VALUE`, a line end, the body.
#[derive(Debug, Clone, Default)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answered {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let plain = |bytes: &[u8]| Self {
            status: 200,
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(bytes),
        };
        let Some(marked) = bytes.strip_prefix(b"#") else {
            return plain(bytes);
        };
        let end = marked.iter().position(|byte| *byte == b'\n');
        let (line, body) = match end {
            Some(end) => (&marked[..end], &marked[end + 1..]),
            None => (marked, &b""[..]),
        };
        let line = String::from_utf8_lossy(line);
        let (status, headers) = line.split_once(' ').unwrap_or((&line, ""));
        let Some(status) = status
            .parse()
            .ok()
            .filter(|status| (100..600).contains(status))
        else {
            return plain(bytes);
        };
        let headers = headers.split(';').filter_map(|header| {
            let (name, value) = header.split_once(':')?;
            let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
            Some((name, HeaderValue::from_str(value.trim()).ok()?))
        });
        Self {
            status,
            headers: headers.collect(),
            body: Bytes::copy_from_slice(body),
        }
    }
}

/// A way out without a network.
pub(super) fn way_out(answers: Box<Answers>) -> Arc<WayOut> {
    let settings = Settings {
        connect_timeout: Duration::from_secs(1),
        request_timeout: Duration::from_secs(1),
        inline_wait: Duration::from_secs(10),
        tries: 2,
        first_backoff: Duration::from_millis(1),
        max_body_bytes: 1 << 20,
        max_redirects: 3,
        in_flight: 8,
    };
    Arc::new(WayOut::answered_by(settings, answers))
}

/// Budgets that hold nobody up.
pub(super) fn limits(host: &'static str, resources: &[Resource]) -> Limits {
    let wide = |resource: &Resource| (*resource, 1_000_000_000, Duration::from_secs(1));
    Limits {
        host,
        budgets: resources.iter().map(wide).collect(),
        query_seconds_per_minute: 4_000_000,
        silence: Silence {
            first: Duration::from_mins(1),
            told: Told::Trusted,
            rest: None,
        },
    }
}

/// Runs to the end in a time of its own, in which every wait is over at once.
pub(super) fn run<T>(work: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(work)
}
