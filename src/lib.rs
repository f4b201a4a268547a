//! plaudit.

pub mod domain;
pub mod standin;
