//! From the cells of one row to one applicant.

use std::borrow::Cow;
use std::fmt;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    LONGEST_CELL,
    columns::Field,
    error::RowError,
    split::{MOST_LINKS, split_links},
};
use crate::domain::{
    applicant::{Applicant, ApplicantId},
    link::{Column, GitHubHosts, Link, LinkError, Reading, parse},
    text::tame,
};

/// Longest e-mail address. Bytes. From RFC 5321's limit on a path.
const LONGEST_EMAIL: usize = 254;

/// Words that people write into a cell to say that there is nothing.
const NOTHING: [&str; 10] = [
    "none",
    "null",
    "nil",
    "nan",
    "na",
    "no",
    "not available",
    "unknown",
    "tbd",
    "tba",
];

/// A row of a list: where it stands, and the text of each known column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) line: u64,
    cells: [String; Field::ALL.len()],
    too_long: bool,
}

impl Row {
    pub(super) fn new(line: u64) -> Self {
        Self {
            line,
            cells: std::array::from_fn(|_| String::new()),
            too_long: false,
        }
    }

    /// Fills a cell. Several columns `links` add up; of other columns the first that is filled counts.
    pub(super) fn set(&mut self, field: Field, text: &str) {
        let cell = &mut self.cells[field as usize];
        if cell.trim().is_empty() {
            text.clone_into(cell);
        } else if field == Field::Links && cell.len() + text.len() <= LONGEST_CELL {
            cell.push('\n');
            cell.push_str(text);
        } else if field == Field::Links {
            self.too_long = true;
        }
    }

    /// A cell's text; a dash or `n/a` is an empty cell.
    fn cell(&self, field: Field) -> &str {
        let text = self.cells[field as usize].trim();
        let letters = text.chars().any(char::is_alphanumeric);
        if letters && !text.eq_ignore_ascii_case("n/a") {
            text
        } else {
            ""
        }
    }

    fn tame_cell(&self, field: Field) -> Option<String> {
        Some(tame(self.cell(field))).filter(|text| !text.is_empty())
    }
}

/// An applicant as one row, or several rows of one person, give it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) line: u64,
    pub(super) applicant: Applicant,
    /// Whether the list gave the id. Else it was made from the first link.
    pub(super) own_id: bool,
    /// The applicant's links, at most one a source, with how directly each was named.
    pub(super) links: Vec<(Link, Reading)>,
    pub(super) notices: Vec<String>,
}

impl Entry {
    /// Brings the links into the applicant, in the order of their sources.
    pub(super) fn sort_links(&mut self) {
        self.links.sort_by_key(|(link, _)| link.rank());
        self.applicant.links = self.links.iter().map(|(link, _)| link.clone()).collect();
    }
}

/// The applicant that `row` describes.
pub(super) fn entry(row: &Row, role: &str, hosts: &GitHubHosts) -> Result<Entry, RowError> {
    if row.too_long {
        return Err(RowError::CellTooLong);
    }
    let mut notices = Vec::new();
    let mut written = Vec::new();
    for field in Field::ALL {
        let Some(column) = field.link_column() else {
            continue;
        };
        let cell = row.cell(field);
        if NOTHING
            .iter()
            .any(|nothing| cell.eq_ignore_ascii_case(nothing))
        {
            notices.push(format!(
                "{}: {:?} was read as an empty cell",
                field.name(),
                tame(cell)
            ));
        } else if field == Field::Links {
            written.extend(split_links(cell).into_iter().map(|link| (column, link)));
        } else if !cell.is_empty() {
            written.push((column, cell));
        }
    }
    entry_of_links(row, &written, notices, role, hosts)
}

/// The applicant that `row` describes, with these links.
pub(super) fn entry_of_links(
    row: &Row,
    written: &[(Column, &str)],
    mut notices: Vec<String>,
    role: &str,
    hosts: &GitHubHosts,
) -> Result<Entry, RowError> {
    if written.len() > MOST_LINKS {
        notices.push(format!(
            "more than {MOST_LINKS} links; the rest was left out"
        ));
    }
    let links = read_links(
        &written[..written.len().min(MOST_LINKS)],
        hosts,
        &mut notices,
    )?;
    let Some((first, _)) = links.iter().min_by_key(|(link, _)| link.rank()) else {
        return Err(RowError::NoLink);
    };
    let id = row.cell(Field::Id);
    let own_id = !id.is_empty();
    let id = if own_id {
        id.parse()?
    } else {
        ApplicantId::from_link(first)
    };
    let applicant = Applicant {
        id,
        name: row.tame_cell(Field::Name),
        email: email(row.cell(Field::Email), &mut notices),
        links: Vec::new(),
        role: read_role(row.cell(Field::Role), role)?,
        applied_at: time(row, Field::AppliedAt, &mut notices).map(|time| time.to_string()),
        legal_basis: row.tame_cell(Field::LegalBasis),
        legal_basis_at: time(row, Field::LegalBasisAt, &mut notices).map(Time::day),
    };
    let mut entry = Entry {
        line: row.line,
        applicant,
        own_id,
        links,
        notices,
    };
    entry.sort_links();
    Ok(entry)
}

/// Parses a row's links and keeps one a source.
///
/// A link in `github` or `kaggle` that cannot be read refuses the row: without it the profile would
/// silently lack the source that the applicant named. One in `orcid`, `homepage` or `links` is told and left
/// out, as long as another link remains.
fn read_links(
    written: &[(Column, &str)],
    hosts: &GitHubHosts,
    notices: &mut Vec<String>,
) -> Result<Vec<(Link, Reading)>, RowError> {
    let mut links: Vec<(Link, Reading)> = Vec::new();
    let mut refused: Option<(Column, LinkError)> = None;
    for (column, text) in written {
        match parse(text, *column, hosts) {
            Ok(parsed) => {
                if let Some(notice) = parsed.notice {
                    notices.push(notice);
                }
                add_link(&mut links, (parsed.link, parsed.reading), notices).map_err(|clash| {
                    RowError::TwoAccounts {
                        source_name: clash.source_name,
                        first: clash.first,
                        second: clash.second,
                    }
                })?;
            }
            Err(reason) if matches!(column, Column::GitHub | Column::Kaggle) => {
                return Err(RowError::Link {
                    column: column.name(),
                    reason,
                });
            }
            Err(reason) => {
                notices.push(format!("{}: left out: {reason}", column.name()));
                refused.get_or_insert((*column, reason));
            }
        }
    }
    match refused {
        Some((column, reason)) if links.is_empty() => Err(RowError::Link {
            column: column.name(),
            reason,
        }),
        _ => Ok(links),
    }
}

/// Two named accounts of one source for one applicant.
pub(super) struct Clash {
    pub(super) source_name: &'static str,
    pub(super) first: String,
    pub(super) second: String,
}

/// Adds a link to those of one applicant, at most one a source; two named accounts of one source contradict
/// each other and are given back.
///
/// A link that names an account goes before one that shows what an account owns; of several home pages the
/// first is kept.
pub(super) fn add_link(
    links: &mut Vec<(Link, Reading)>,
    (link, reading): (Link, Reading),
    notices: &mut Vec<String>,
) -> Result<(), Clash> {
    let Some((known, how)) = links
        .iter_mut()
        .find(|(known, _)| known.source() == link.source())
    else {
        links.push((link, reading));
        return Ok(());
    };
    if *known == link {
        if reading == Reading::Named {
            *how = Reading::Named;
        }
        return Ok(());
    }
    let is_page = matches!(link, Link::HomePage { .. });
    let left_out = match (*how, reading) {
        (Reading::Named, Reading::Named) if !is_page => {
            return Err(Clash {
                source_name: link.source_name(),
                first: known.to_string(),
                second: link.to_string(),
            });
        }
        (Reading::Owner, Reading::Named) => {
            *how = reading;
            std::mem::replace(known, link)
        }
        _ => link,
    };
    notices.push(format!("{left_out} was left out, because {known} is read"));
    Ok(())
}

/// The role that a cell names, or `role`.
fn read_role(cell: &str, role: &str) -> Result<String, RowError> {
    if cell.is_empty() {
        return Ok(role.to_owned());
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let good = cell.len() <= 64 && cell.bytes().all(allowed) && !cell.starts_with(['-', '.']);
    if good {
        Ok(cell.to_owned())
    } else {
        Err(RowError::Role(tame(cell)))
    }
}

/// The e-mail address in a cell, if it looks like one. A notice does not repeat it.
fn email(cell: &str, notices: &mut Vec<String>) -> Option<String> {
    if cell.is_empty() {
        return None;
    }
    let inner = match (cell.rfind('<'), cell.strip_suffix('>')) {
        (Some(open), Some(closed)) => &closed[open + 1..],
        _ => cell,
    };
    let address = match inner.get(..7) {
        Some(head) if head.eq_ignore_ascii_case("mailto:") => &inner[7..],
        _ => inner,
    };
    if looks_like_email(address) {
        return Some(address.to_owned());
    }
    notices.push("email: it does not look like an e-mail address and was left out".to_owned());
    None
}

fn looks_like_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let plain = |character: char| {
        !character.is_whitespace()
            && !character.is_control()
            && !"<>()[],;:\\\"@".contains(character)
    };
    let domain_plain = |character: char| character.is_alphanumeric() || ".-".contains(character);
    text.len() <= LONGEST_EMAIL
        && (1..=64).contains(&local.len())
        && local.chars().all(plain)
        && tame(local) == local
        && domain.contains('.')
        && domain.chars().all(domain_plain)
        && domain.split('.').all(|label| !label.is_empty())
}

/// A moment, or the day alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Time {
    Moment(Timestamp),
    Day(Date),
}

impl Time {
    /// The day (UTC).
    fn day(self) -> Date {
        match self {
            Self::Moment(moment) => moment.to_zoned(TimeZone::UTC).date(),
            Self::Day(day) => day,
        }
    }
}

impl fmt::Display for Time {
    /// As RFC 3339 spells it, in UTC.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Moment(moment) => moment.fmt(formatter),
            Self::Day(day) => day.fmt(formatter),
        }
    }
}

/// The time in a cell.
///
/// A time without a zone (as spreadsheets have it) is read as its day, because the moment is not known.
fn time(row: &Row, field: Field, notices: &mut Vec<String>) -> Option<Time> {
    let cell = row.cell(field);
    if cell.is_empty() {
        return None;
    }
    let text: Cow<'_, str> = match cell.as_bytes().get(10) {
        Some(b' ') => Cow::Owned(cell.replacen(' ', "T", 1)),
        _ => Cow::Borrowed(cell),
    };
    // Only the spelling with hyphens: 01022026 could be two days.
    let is_iso = text.as_bytes().get(4) == Some(&b'-') && text.as_bytes().get(7) == Some(&b'-');
    let known = is_iso.then(|| match text.parse::<Timestamp>() {
        Ok(moment) => Some(Time::Moment(moment)),
        Err(_) => text.parse::<Date>().ok().map(Time::Day),
    });
    if let Some(known) = known.flatten() {
        return Some(known);
    }
    notices.push(format!(
        "{}: {:?} is no date and was left out; write it as 2026-01-31 or 2026-01-31T12:00:00Z",
        field.name(),
        tame(cell)
    ));
    None
}
