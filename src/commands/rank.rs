//! `plaudit rank`: the applicants for a role, best first.

use std::io::{self, Write};

use crate::{
    domain::profile::Profile,
    report::{self, Format, Ranking, View},
};

/// Writes the ranking of those among `profiles` who applied for `role`.
pub fn print(
    profiles: Vec<Profile>,
    role: &str,
    limit: Option<usize>,
    format: Format,
    view: View,
    out: &mut dyn Write,
) -> io::Result<()> {
    report::ranking(&Ranking::new(role, profiles, limit), format, view, out)
}
