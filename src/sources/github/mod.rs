//! GitHub: an applicant's landed work, own repositories and activity.
//!
//! With a token everything is asked by GraphQL, in queries that applicants share (`loader`); without one a
//! REST mode sees less and says what it could not see (`rest`). The order of an enrichment stands in
//! `crawl`; what counts as landed in `landing`; what was only read about, and a first connected user
//! should check, in [`assumptions`].
//!
//! A refresh asks first whether anything has changed at all ([`probe`]).
//!
//! Never asked for: e-mail addresses, avatars, locations, followers, names. The biography and the gists are read
//! while a code is out that should stand there ([`GitHub::look_for_code`]), and nothing of them is kept.

mod assemble;
pub mod assumptions;
mod crawl;
mod doctor;
mod estimate;
mod landing;
mod loader;
mod look;
mod names;
mod pace;
pub mod probe;
pub mod queries;
mod rest;
mod stars;
mod transport;
mod wire;

use std::sync::Arc;

use url::Url;

use crate::domain::facts::{GitHubFacts, Lookup};
use crate::domain::rubric::WatchedProject;
use crate::http::{Pool, WayOut};

pub use crawl::GitHub;
pub use doctor::examine;
pub use estimate::Estimate;

/// Where GitHub is, and how many applicants share a query.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The GraphQL endpoint.
    pub graphql_url: Url,
    /// The REST API's base.
    pub api_url: Url,
    /// Applicants that share a query at most.
    pub batch: usize,
}

/// What a rubric wants to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Interest {
    /// The watched projects.
    pub watched: Vec<WatchedProject>,
    /// Own repositories that are looked at in depth.
    pub repositories: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Fetched {
    /// What GitHub says.
    pub lookup: Lookup<GitHubFacts>,
    /// What a person should know.
    pub notices: Vec<String>,
}

/// The parts that every [`GitHub`] shares: one way out, one pool of tokens.
#[derive(Clone)]
pub struct Connection {
    /// The way out.
    pub way_out: Arc<WayOut>,
    /// The tokens.
    pub pool: Arc<Pool>,
    /// Where GitHub is.
    pub settings: Settings,
}
