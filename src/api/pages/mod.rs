//! The pages for people, over the same [`Service`] as the API.
//!
//! Every page is whole without a script; the one script makes some of it live. Text of strangers reaches a page through
//! templates that escape it. What a form does, the API does as well, by the same function.

mod assets;
mod compare;
mod frame;
mod history;
mod import;
mod profile;
mod refresh;
mod review;
mod rights;
mod role;
mod settings;
mod sorry;
mod start;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::routing::{get, post};

use crate::service::Service;

/// The routes of the pages and of what they are made of.
pub(super) fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/assets/{name}", get(assets::serve))
        .route("/", get(start::page))
        .route(
            "/imports",
            // A list is longer than what is taken by itself; the handler counts.
            post(start::take).layer(DefaultBodyLimit::disable()),
        )
        .route("/imports/{id}", get(import::page))
        .route("/roles/{role}", get(role::page))
        .route("/applicants/{id}", get(profile::page))
        .route("/applicants/{id}/history", get(history::page))
        .route(
            "/applicants/{id}/forget",
            get(rights::ask).post(rights::forget),
        )
        .route("/applicants/{id}/refresh", post(review::refresh))
        .route("/applicants/{id}/notes", post(review::note))
        .route(
            "/applicants/{id}/looked-through",
            post(review::look_through),
        )
        .route("/applicants/{id}/adjustments", post(review::adjust))
        .route("/applicants/{id}/evidence", post(review::evidence))
        .route("/applicants/{id}/withdraw", post(review::withdraw))
        .route("/privacy", get(rights::privacy))
        .route("/compare", get(compare::page))
        .route("/refresh", get(refresh::page).post(refresh::start))
        .route("/settings", get(settings::page))
        .route("/settings/tokens", post(settings::make))
        .route("/settings/tokens/{id}/revoke", post(settings::revoke))
        .layer(from_fn(sorry::in_words))
}
