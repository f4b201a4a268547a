//! The product from outside: every theme is a file, all are one binary.

#![expect(
    clippy::print_stdout,
    reason = "tests print the figures that they counted"
)]

mod access;
mod api;
mod app;
mod attack;
mod audit;
mod beside;
mod chaos;
mod cli;
mod deploy;
mod estimate;
mod facts;
mod faults;
mod full_disk;
mod fuzz;
mod integrity;
mod kaggle;
mod kaggle_import;
mod kaggle_kill;
mod keep;
mod kill;
mod pages;
mod privacy;
mod queries;
mod readme;
mod refresh;
mod reports;
mod rights;
mod roles;
mod schemathesis;
mod serve;
mod serve_kill;
mod server;
mod webhooks;
