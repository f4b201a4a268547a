//! The columns of a list, and the headers that people write over them.

use super::{error::IntakeError, roster::Roster, row::Row, split::split_links};
use crate::domain::{
    link::{Column, GitHubHosts, parse},
    text::tame,
};

/// The names of the columns, for messages.
pub(super) const KNOWN: &str = "id, name, email, github, kaggle, orcid, homepage, links, role, applied_at, legal_basis, \
     legal_basis_at";

/// Most columns of a table. Count. A list has twelve; a spreadsheet can have 16,384.
pub(super) const MOST_COLUMNS: usize = 256;

/// Unknown columns that are told one by one. Count. A spreadsheet has up to 16,384 of them.
const TOLD: usize = 10;

/// A column that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    Name,
    Email,
    GitHub,
    Kaggle,
    Orcid,
    HomePage,
    Links,
    Role,
    AppliedAt,
    LegalBasis,
    LegalBasisAt,
}

impl Field {
    pub(super) const ALL: [Self; 12] = [
        Self::Id,
        Self::Name,
        Self::Email,
        Self::GitHub,
        Self::Kaggle,
        Self::Orcid,
        Self::HomePage,
        Self::Links,
        Self::Role,
        Self::AppliedAt,
        Self::LegalBasis,
        Self::LegalBasisAt,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::Email => "email",
            Self::GitHub => "github",
            Self::Kaggle => "kaggle",
            Self::Orcid => "orcid",
            Self::HomePage => "homepage",
            Self::Links => "links",
            Self::Role => "role",
            Self::AppliedAt => "applied_at",
            Self::LegalBasis => "legal_basis",
            Self::LegalBasisAt => "legal_basis_at",
        }
    }

    /// How a link in this column is read, if it holds links.
    pub(super) fn link_column(self) -> Option<Column> {
        match self {
            Self::GitHub => Some(Column::GitHub),
            Self::Kaggle => Some(Column::Kaggle),
            Self::Orcid => Some(Column::Orcid),
            Self::HomePage => Some(Column::HomePage),
            Self::Links => Some(Column::Links),
            _ => None,
        }
    }

    /// The column that `header` names, in any case, with any blanks, hyphens and underscores.
    pub(super) fn from_header(header: &str) -> Option<Self> {
        let folded = fold(header);
        Self::ALL
            .into_iter()
            .find(|field| fold(field.name()) == folded)
    }

    /// The column that an unknown `header` may have meant.
    pub(super) fn nearest(header: &str) -> Option<Self> {
        let folded = fold(header);
        let distance = |field: &Self| strsim::osa_distance(&fold(field.name()), &folded);
        let close = Self::ALL
            .into_iter()
            .map(|field| (distance(&field), field))
            .min_by_key(|(distance, _)| *distance)
            // Two slips in a long name are a misspelling, in a short one another word.
            .filter(|(distance, field)| *distance <= if field.name().len() > 4 { 2 } else { 1 })
            .map(|(_, field)| field);
        close.or_else(|| {
            // `GitHub URL`, `your Kaggle profile`
            Self::ALL
                .into_iter()
                .filter(|field| field.name().len() > 4)
                .find(|field| folded.contains(&fold(field.name())))
        })
    }
}

/// Longest header that is compared. Characters.
const LONGEST_HEADER: usize = 64;

/// A header's letters and digits in lower case.
fn fold(header: &str) -> String {
    header
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(LONGEST_HEADER)
        .map(|character| character.to_ascii_lowercase())
        .collect()
}

/// What the first row of a table says about the rows below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Layout {
    /// It is a header; the columns that are known, in its order.
    Columns(Vec<Option<Field>>),
    /// There is no header: every row holds links.
    Links,
}

impl Layout {
    /// Reads the first row of a table.
    pub(super) fn from_first_row(
        cells: &[&str],
        hosts: &GitHubHosts,
    ) -> Result<(Self, UnknownColumns), IntakeError> {
        if cells.len() > MOST_COLUMNS {
            return Err(IntakeError::OtherFormat {
                what: "a table of more than 256 columns",
                next: "keep the columns with the applicants",
            });
        }
        let fields: Vec<Option<Field>> = cells
            .iter()
            .map(|header| Field::from_header(header))
            .collect();
        let known: Vec<Field> = fields.iter().flatten().copied().collect();
        let found = || tame(&cells.join(", "));
        if known.is_empty() {
            let links = cells.iter().filter(|cell| !cell.trim().is_empty());
            if links.clone().count() > 0 && links.clone().all(|cell| holds_links(cell, hosts)) {
                return Ok((Self::Links, UnknownColumns::default()));
            }
            let nearest = cells.iter().find_map(|header| Field::nearest(header));
            return Err(IntakeError::NoKnownColumn {
                found: format!("{:?}", found()),
                nearest: nearest
                    .map(|field| format!(", perhaps meaning {}", field.name()))
                    .unwrap_or_default(),
            });
        }
        if !known.iter().any(|field| field.link_column().is_some()) {
            return Err(IntakeError::NoLinkColumn { found: found() });
        }
        let mut unknown = UnknownColumns::default();
        for (place, (header, field)) in cells.iter().zip(&fields).enumerate() {
            match field {
                None => unknown.add(header),
                Some(field) if fields[..place].contains(&Some(*field)) => unknown.add_twice(*field),
                Some(_) => (),
            }
        }
        Ok((Self::Columns(fields), unknown))
    }

    /// A row of the table with these cells.
    pub(super) fn row<'a>(&self, line: u64, cells: impl Iterator<Item = (usize, &'a str)>) -> Row {
        let mut row = Row::new(line);
        for (place, cell) in cells {
            match self {
                Self::Links => row.set(Field::Links, cell),
                Self::Columns(fields) => {
                    if let Some(Some(field)) = fields.get(place) {
                        row.set(*field, cell);
                    }
                }
            }
        }
        row
    }
}

/// Whether `cell` holds links, also misspelt ones, and nothing else.
fn holds_links(cell: &str, hosts: &GitHubHosts) -> bool {
    let mut links = split_links(cell).into_iter().peekable();
    links.peek().is_some()
        && links.all(|link| {
            link.contains("://")
                || link.starts_with('@')
                || (link.contains('/') && link.contains('.'))
                || parse(link, Column::Links, hosts).is_ok()
        })
}

/// The columns that are not read, each told once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct UnknownColumns {
    told: Vec<String>,
    more: bool,
    twice: Vec<Field>,
}

impl UnknownColumns {
    /// Remembers a header that is not known. A column without a header is nobody's mistake.
    pub(super) fn add(&mut self, header: &str) {
        let header = tame(header);
        if header.is_empty() || self.told.contains(&header) {
            return;
        }
        if self.told.len() < TOLD {
            self.told.push(header);
        } else {
            self.more = true;
        }
    }

    fn add_twice(&mut self, field: Field) {
        if field != Field::Links && !self.twice.contains(&field) {
            self.twice.push(field);
        }
    }

    /// Tells of them.
    pub(super) fn tell(self, roster: &mut Roster<'_>) {
        for header in self.told {
            let hint = match Field::nearest(&header) {
                Some(field) => format!("; did you mean {}?", field.name()),
                None => String::new(),
            };
            roster.notice(format!(
                "the column {header:?} is not known and was left out{hint}"
            ));
        }
        if self.more {
            roster.notice("further unknown columns were left out".to_owned());
        }
        for field in self.twice {
            roster.notice(format!(
                "there are several columns {}; in each row the first that is filled was read",
                field.name()
            ));
        }
    }
}
