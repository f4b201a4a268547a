//! Bodies that fail on their way.

use std::{convert::Infallible, io, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use tokio_util::sync::CancellationToken;

/// Length of [`Fault::HugeBody`]. Bytes.
const HUGE: usize = 100_000_000;
/// How often [`Fault::EndlessBody`] drips, and for how long at most.
const DRIP: (Duration, Duration) = (Duration::from_millis(50), Duration::from_mins(1));
/// Time for what was written to leave before a body is cut.
const BEFORE_CUT: Duration = Duration::from_millis(20);

/// The first half of `full`, and then the end of the connection.
pub(super) fn cut(mut full: Vec<u8>) -> Body {
    full.truncate(full.len() / 2);
    let half = Bytes::from(full);
    Body::from_stream(stream::unfold(Some(half), |half| async move {
        if let Some(half) = half {
            return Some((Ok(half), None));
        }
        tokio::time::sleep(BEFORE_CUT).await;
        Some((Err(io::Error::from(io::ErrorKind::ConnectionAborted)), None))
    }))
}

/// [`HUGE`] bytes of a JSON string that would be valid.
pub(super) fn huge() -> Body {
    const CHUNK: usize = 64 << 10;
    let chunk = Bytes::from(vec![b'a'; CHUNK]);
    Body::from_stream(stream::unfold(0, move |sent| {
        let next = match sent {
            0 => Some(Bytes::from_static(b"{\"data\":\"")),
            _ if sent < HUGE => Some(chunk.slice(..CHUNK.min(HUGE - sent))),
            HUGE => Some(Bytes::from_static(b"\"}")),
            _ => None,
        };
        async move {
            let next = next?;
            let sent = sent + next.len();
            Some((Ok::<_, Infallible>(next), sent))
        }
    }))
}

/// A blank now and then, which JSON allows for ever.
pub(super) fn endless(stopping: CancellationToken) -> Body {
    let end = tokio::time::Instant::now() + DRIP.1;
    Body::from_stream(stream::unfold(stopping, move |stopping| async move {
        tokio::select! {
            () = tokio::time::sleep(DRIP.0) => {}
            () = stopping.cancelled() => return None,
        }
        (tokio::time::Instant::now() < end)
            .then(|| (Ok::<_, Infallible>(Bytes::from_static(b" ")), stopping))
    }))
}
