//! The product from outside: every theme is a file, all are one binary.

#![expect(
    clippy::print_stdout,
    reason = "tests print the figures that they counted"
)]

mod app;
mod cli;
mod deploy;
mod estimate;
mod facts;
mod faults;
mod integrity;
mod kaggle;
mod kaggle_import;
mod kaggle_kill;
mod keep;
mod kill;
mod privacy;
mod queries;
mod readme;
mod reports;
mod roles;
#[expect(dead_code, reason = "what the themes of the server need")]
mod server;
mod webhooks;
