//! GitHub on loopback: a small world of made-up people, served over real HTTP.
//!
//! `plaudit demo`, the tests and the benchmark use it. It executes the *real* query text against GitHub's
//! published schema, so a wrong field fails as it would at GitHub; it charges points by the published
//! formula, sends the real headers, and can be told to fail in every way that is known of the real host.
//! It also counts whether a client kept away while it was told to wait.
//!
//! Nothing of the product may depend on this room except the command that shows it, and this room knows
//! neither store nor score: only the facts' types, because a world states the truth about its people in
//! them ([`World::truth`]). It listens on 127.0.0.1 alone, and nobody in it is real.

mod bodies;
pub mod cost;
mod demo;
mod doors;
mod faults;
mod generated;
mod graphql;
pub mod kaggle;
mod limits;
mod resolvers;
mod rest;
mod scene;
mod server;
pub mod stars;
mod truth;
#[cfg(test)]
mod wire_tests;
pub mod world;

pub use demo::{DEMO_CODE, DEMO_CODE_APPLICANT, demo_list, demo_reviews};
pub use faults::{Behaviour, DEMO_TOKEN, Early, Fault, Report, TokenAccount, UnknownFault};
pub use generated::generated_list;
pub use server::{StandIn, serve_until};
pub use world::World;
