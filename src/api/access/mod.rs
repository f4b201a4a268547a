//! Who may: tokens, sessions, the table of routes, and the guard before them.

pub mod table;
pub mod tokens;
