//! The server's face: the HTTP API and the pages, over a [`Service`].
//!
//! Every request passes the guard in `access`, which knows each route by its row in one table; what is not in the table
//! is refused. Nothing here asks a source or judges: it queues and reads.

pub mod access;
mod applicants;
mod around;
mod arriving;
mod conditional;
mod cursor;
mod events;
mod extract;
mod idempotency;
mod imports;
mod jobs;
pub mod noting;
mod openapi;
pub mod ops;
mod pages;
pub mod problem;
pub mod reading;
mod refresh;
mod review;
mod rights;
mod roles;
mod webhooks;

use std::sync::Arc;

use axum::middleware::{from_fn, from_fn_with_state};
use axum::{Extension, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use utoipa_axum::router::OpenApiRouter;

use crate::service::Service;

/// Shortest answer that is worth compressing. Bytes.
const WORTH_COMPRESSING: u16 = 1024;

/// Everything that is served.
pub fn router(service: Arc<Service>) -> Router {
    let keys = idempotency::Keys::default();
    // All that the documentation tells of: one line a room.
    let documented = OpenApiRouter::new()
        .merge(access::endpoints::routes())
        .merge(applicants::routes(&keys, &service))
        .merge(review::routes())
        .merge(rights::routes())
        .merge(imports::routes(&keys, &service))
        .merge(jobs::routes())
        .merge(roles::routes())
        .merge(refresh::routes())
        .merge(webhooks::routes())
        .merge(ops::routes());
    let (documented, document) = documented.split_for_parts();
    let all = documented.merge(openapi::routes(&document, &service));
    let all = all.merge(access::sign_in()).merge(pages::routes());

    let all = all
        .fallback(around::nowhere)
        .method_not_allowed_fallback(around::no_such_method)
        .layer(Extension(events::Live::default()))
        .layer(from_fn_with_state(Arc::clone(&service), noting::noted))
        .layer(from_fn(around::named));
    let compressed = SizeAbove::new(WORTH_COMPRESSING)
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES);
    let url = service.public_url.clone();
    let all = access::guarded(all, Arc::clone(&service))
        .layer(from_fn_with_state(service, around::in_time))
        .layer(CatchPanicLayer::custom(around::panicked))
        .layer(CompressionLayer::new().gzip(true).compress_when(compressed));
    access::with_headers(all, &url)
        .layer(from_fn(ops::count))
        .layer(from_fn(around::told))
}
