//! Those who make more of themselves than there is, and beside each somebody who only looks alike.
//!
//! Each of the former earns one flag and no other, and none of the latter earns any.

mod credit;
mod pull_requests;
mod repositories;
#[cfg(test)]
mod tests;
