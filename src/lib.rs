//! plaudit.

pub mod cli;
pub mod commands;
pub mod config;
pub mod domain;
pub mod report;
