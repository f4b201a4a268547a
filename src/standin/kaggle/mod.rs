//! Kaggle on loopback, in the same made-up world.
//!
//! [`dump::Dump`] is a Meta Kaggle of any size from a seed.

pub mod dump;
