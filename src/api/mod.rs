//! The server's face: the HTTP API and the pages, over a [`Service`].
//!
//! Every request passes the guard in `access`, which knows each route by its row in one table; what is not in the table
//! is refused. Nothing here asks a source or judges: it queues and reads.

pub mod access;
pub mod problem;
pub mod reading;

use std::sync::Arc;

use axum::Router;

use crate::service::Service;

/// Everything that is served.
pub fn router(service: Arc<Service>) -> Router {
    Router::new().with_state(service)
}
