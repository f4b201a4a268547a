//! What plaudit knows, and how it judges: plain values and pure functions.
//!
//! Nothing here may touch the network, the store, the clock or the environment: dates come in as
//! arguments, so that the same facts, rubric and date always give the same bytes.

pub mod access;
pub mod applicant;
pub mod changes;
pub mod erasure;
pub mod evidence;
pub mod facts;
pub mod freshness;
pub mod identity;
pub mod integrity;
pub mod job;
pub mod link;
pub mod profile;
pub mod ranking;
pub mod retention;
pub mod review;
pub mod rubric;
pub mod score;
pub mod text;
pub mod webhook;
