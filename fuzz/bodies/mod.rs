//! What is held against every input that a stranger could write: one file for each target, whose `run` takes the bytes
//! and panics where plaudit does not do what it promises.
//!
//! The fuzzer's targets and the tests on a stable compiler (`tests/fuzz.rs`) run the same bodies. They reach plaudit by
//! its public doors alone. What all of them hold beyond their own properties: nothing panics, and the same bytes mean
//! the same twice.

pub mod access;
pub mod api;
pub mod dump;
pub mod github;
pub mod home_page;
pub mod kaggle;
pub mod link;
pub mod list;
pub mod rubric;
pub mod sheet;

mod answers;
mod classify;
mod facts;
mod harmless;
mod judged;
mod kaggle_page;
mod robots;
mod served;

/// What parts of an input are separated by: a byte that no text on the wire holds.
const SEPARATOR: u8 = 0x1e;

/// The parts of an input.
fn parts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == SEPARATOR)
}
