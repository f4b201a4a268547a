//! Lists of applicants as text: CSV with any separator, JSON Lines, plain links.
//!
//! - Nobody is named twice, and everybody has a link, at most one a source.
//! - Every row is accounted for under a place of its own: accepted, merged with an earlier one, or refused with a
//!   reason.
//! - No text that is kept or told holds what a reader cannot see.

use std::collections::{BTreeSet, HashSet};

use plaudit::domain::link::GitHubHosts;
use plaudit::intake::{self, Counted, List};

use super::harmless;

/// What may separate cells.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// Holds one input against plaudit.
pub fn run(bytes: &[u8]) {
    // Workbooks have a body of their own.
    if bytes.starts_with(b"PK\x03\x04") {
        return;
    }
    if let Some(list) = read(bytes) {
        sound(&list);
        all_rows(bytes, &list);
    }
}

/// The list in the bytes, read twice.
pub(super) fn read(bytes: &[u8]) -> Option<List> {
    let hosts = GitHubHosts::default();
    let list = intake::read(bytes, "reference", &hosts);
    assert_eq!(list, intake::read(bytes, "reference", &hosts));
    match list {
        Ok(list) => Some(list),
        Err(error) => {
            harmless::visible("a refusal", &error.to_string());
            None
        }
    }
}

/// What holds of every list.
pub(super) fn sound(list: &List) {
    let mut ids = HashSet::new();
    for listed in &list.applicants {
        let applicant = &listed.applicant;
        let id = applicant.id.as_str();
        assert!(ids.insert(id), "{id} twice");
        assert!(!applicant.links.is_empty(), "{id} has no link");
        let sources: HashSet<&str> = applicant
            .links
            .iter()
            .map(plaudit::domain::link::Link::source)
            .collect();
        assert_eq!(sources.len(), applicant.links.len(), "{id}");
        for link in &applicant.links {
            harmless::visible("a link", &link.to_string());
        }
        for text in [&applicant.name, &applicant.legal_basis]
            .into_iter()
            .flatten()
        {
            harmless::tame("a cell", text);
        }
        for text in [&applicant.email, &applicant.applied_at]
            .into_iter()
            .flatten()
        {
            harmless::visible("a cell", text);
        }
        harmless::tame("a role", &applicant.role);
        for notice in &listed.notices {
            harmless::visible("a notice", notice);
        }
    }
    for row in &list.refused {
        harmless::visible("a refusal", &row.reason.to_string());
    }
    for notice in &list.notices {
        harmless::visible("a notice", notice);
    }
    let count = list.applicants.len() + list.refused.len() + list.merged.len();
    assert_eq!(places(list).len(), count, "two rows have one place");
    for (_, id) in &list.merged {
        assert!(ids.contains(id.as_str()), "merged with nobody");
    }
}

/// The place of each row.
fn places(list: &List) -> BTreeSet<u64> {
    let accepted = list.applicants.iter().map(|listed| listed.line);
    let refused = list.refused.iter().map(|row| row.line);
    let merged = list.merged.iter().map(|(line, _)| *line);
    accepted.chain(refused).chain(merged).collect()
}

/// No row is lost, as far as it can be told from outside which lines are rows.
fn all_rows(bytes: &[u8], list: &List) {
    assert_eq!(list.counted, Counted::Line);
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let places = places(list);
    if text.trim_start().starts_with('{') {
        let filled = (1..).zip(text.split('\n'));
        let filled = filled.filter(|(_, line)| !line.trim().is_empty());
        let lines: BTreeSet<u64> = filled.map(|(number, _)| number).collect();
        assert_eq!(places, lines, "lines of JSON");
        return;
    }
    if text.contains('"') {
        quoted_rows(text, places.len());
        return;
    }
    // A line that holds nothing but separators is a row by one of them and blank by another.
    let nothing = |character: char| character.is_whitespace() || ",;".contains(character);
    let normal = text.replace("\r\n", "\n");
    let lines = (1_u64..).zip(normal.split(['\n', '\r']));
    let lines: Vec<(u64, &str)> = lines
        .filter(|(_, line)| !line.trim_matches(nothing).is_empty())
        .collect();
    let first = places.first().copied().unwrap_or(u64::MAX);
    let is_remark = |line: &str| line.trim_start().starts_with('#');
    let above = lines.iter().filter(|(number, _)| *number < first);
    let headers = above.filter(|(_, line)| !is_remark(line)).count();
    let is_named = text
        .get(..4)
        .is_some_and(|head| head.eq_ignore_ascii_case("sep="));
    assert!(
        headers <= 1 + usize::from(is_named),
        "a row above the first is lost"
    );
    for (number, line) in lines {
        // In a list of plain links a remark may stand anywhere.
        let counts = number >= first && !is_remark(line);
        assert!(!counts || places.contains(&number), "line {number} is lost");
    }
}

/// As many rows as some separator makes of a text with quotes, its header and remarks apart.
fn quoted_rows(text: &str, rows: usize) {
    let filled = text
        .split(['\n', '\r'])
        .filter(|line| !line.trim().is_empty());
    let plain = filled.clone().count();
    let remarks = filled
        .filter(|line| line.trim_start().starts_with('#'))
        .count();
    let fits = (plain.saturating_sub(remarks)..=plain).contains(&rows);
    let table = |separator: &u8| {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(*separator)
            .from_reader(text.as_bytes());
        let records = reader.records().filter_map(Result::ok);
        let filled: Vec<_> = records
            .filter(|record| record.iter().any(|cell| !cell.trim().is_empty()))
            .collect();
        let remarks = filled
            .iter()
            .filter(|record| {
                record
                    .get(0)
                    .is_some_and(|cell| cell.trim_start().starts_with('#'))
            })
            .count();
        // The header, and the line that names the separator.
        let least = filled.len().saturating_sub(2 + remarks);
        (least..filled.len()).contains(&rows)
    };
    assert!(
        fits || SEPARATORS.iter().any(table),
        "{rows} rows of another number"
    );
}
