//! Who may: tokens, sessions, the table of routes, and the guard before them.

pub mod table;
pub mod tokens;

use crate::domain::access::AccessRole;

/// Who asks: what the guard has found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The token's id.
    pub id: String,
    /// The token's name; reviews are signed with it.
    pub name: String,
    /// What the token may do.
    pub role: AccessRole,
    /// Whether a browser asks, by a session.
    pub by_session: bool,
}

/// The name of the cookie of whoever has signed in.
pub const SESSION_COOKIE: &str = "plaudit_session";
