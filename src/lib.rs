//! plaudit.

pub mod domain;
