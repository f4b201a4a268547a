//! Who may: tokens, sessions, the table of routes, and the guard before them.
//!
//! Every request passes the guard ([`guarded`]), which knows each route by its row in [`table`]; what is not there is refused,
//! whoever asks. A credential is a token in `Authorization: Bearer …`, or the cookie of a session that was begun with
//! one; where both come, the token counts alone.
//!
//! Secrets are never compared. A token or a cookie is 256 random bits; the store keeps it under its digest, and it is
//! found by looking that up. How long this takes says nothing about a secret that exists, so there is no timing to hide.

mod admission;
pub mod endpoints;
mod guard;
mod headers;
mod limits;
pub mod notes;
mod origin;
mod pass;
pub mod sessions;
mod sign_in;
pub mod table;
pub mod tokens;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use url::Url;

use self::headers::Headers;
use crate::domain::access::AccessRole;
use crate::service::Service;

pub(super) use guard::told_as;
pub use guard::{Doors, guard};
pub(in crate::api) use pass::Pass;
pub use sign_in::routes as sign_in;

/// Whoever asked and was let in. A handler takes it as `Extension<Caller>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The id of the token that was shown, or that the session was begun with.
    pub id: String,
    /// The name of that token.
    pub name: String,
    /// What it may do.
    pub role: AccessRole,
    /// Whether it came by a session and not by the token itself.
    pub by_session: bool,
}

/// Lays the guard around all routes. Whatever is laid around its answer sees requests before anybody was asked who they
/// are.
pub fn guarded(router: Router<Arc<Service>>, service: Arc<Service>) -> Router {
    let doors = Arc::new(Doors::new(Arc::clone(&service)));
    router
        .layer(from_fn_with_state(doors, guard))
        .with_state(service)
}

/// Lays the headers that every answer of a server with this address carries around a router: last, so that answers to
/// a panic, or to what took too long, carry them as well.
pub fn with_headers(router: Router, public_url: &Url) -> Router {
    let headers = Arc::new(Headers::new(public_url));
    router.layer(from_fn_with_state(headers, headers::add))
}
