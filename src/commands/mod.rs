//! What each command does, a file each. These are the only ones that print, and they print to what they are given.
//!
//! A reader that goes away comes out as an [`std::io::Error`] of the kind `BrokenPipe`, which is no failure.

pub mod audit;
pub mod backup;
mod beside;
pub mod changes;
pub mod completions;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod enrich;
pub mod export;
pub mod failure;
pub mod forget;
pub mod kaggle;
pub mod man;
pub mod notice;
pub mod rank;
pub mod refresh;
pub mod report;
pub mod rescore;
pub mod restore;
pub mod results;
pub mod retention;
pub mod review;
pub mod role;
mod roles;
pub mod schema;
pub mod serve;
pub mod session;
pub mod show;
pub mod stand_in;
pub mod store;
pub mod token;
pub mod verify;
pub mod webhook;
