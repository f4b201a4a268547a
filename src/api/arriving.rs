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
