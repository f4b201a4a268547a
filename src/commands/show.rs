//! `plaudit show`: one applicant's profile with its evidence.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use crate::{
    domain::profile::Profile,
    report::{self, Detail, Format, View},
};

/// Writes `profile`. To explain it, give each component's scale by its name, from the rubric whose digest the
/// profile bears; without that rubric an empty map, and the explanation says so.
pub fn print(
    profile: &Profile,
    explain: Option<BTreeMap<String, f64>>,
    format: Format,
    view: View,
    out: &mut dyn Write,
) -> io::Result<()> {
    let detail = explain.map_or(Detail::Summary, Detail::Explained);
    report::profile(profile, format, &detail, view, out)
}
