//! The product from outside: every theme is a file, all are one binary.

mod app;
mod facts;
mod faults;
mod queries;
