//! Whether a request's body is still on its way: who sends slowly is told so, and not that the server is slow.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use hyper::body::{Frame, SizeHint};

/// Knows whether somebody waits for the rest of a body.
#[derive(Debug, Clone, Default)]
pub(super) struct Awaited(Arc<AtomicBool>);

impl Awaited {
    /// Whether what was last asked of the body has not come yet.
    pub(super) fn is_awaited(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The same request, whose body is watched.
pub(super) fn watched(request: Request) -> (Request, Awaited) {
    let awaited = Awaited::default();
    let watched = awaited.clone();
    let request = request.map(|body| Body::new(Arriving { body, watched }));
    (request, awaited)
}

/// A body that notes when it is waited for.
struct Arriving {
    body: Body,
    watched: Awaited,
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        let Awaited(awaited) = &self.watched;
        awaited.store(polled.is_pending(), Ordering::Relaxed);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::to_bytes;
    use futures::{FutureExt as _, StreamExt as _, stream};

    use super::*;

    #[tokio::test]
    async fn a_body_is_awaited_while_somebody_waits_for_it_and_only_then() {
        let (request, awaited) = watched(Request::new(Body::from("x")));
        assert!(!awaited.is_awaited());
        let bytes = to_bytes(request.into_body(), 10).await.unwrap();
        assert_eq!(bytes, "x");
        assert!(!awaited.is_awaited(), "all of it has come");

        let never = stream::pending::<Result<Bytes, Infallible>>();
        let (request, awaited) = watched(Request::new(Body::from_stream(never)));
        assert!(!awaited.is_awaited(), "nobody has asked for it");
        let mut chunks = request.into_body().into_data_stream();
        assert!(chunks.next().now_or_never().is_none());
        assert!(awaited.is_awaited());
    }
}
