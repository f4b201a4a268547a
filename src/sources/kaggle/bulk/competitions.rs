//! `Competitions`: names, titles, ends and sizes.

use super::error::ImportError;
use super::fields::{Day, is_true, number};
use super::ids::Directory;
use super::layout::Section;
use super::oddities::{Oddities, Oddity};
use super::part::Part;
use super::rows::Meter;
use super::tables::{Table, Tables};
use crate::domain::text::tame;

pub(super) const COLUMNS: [&str; 6] = [
    "Id",
    "Slug",
    "Title",
    "DeadlineDate",
    "TotalTeams",
    "CanQualifyTiers",
];

/// Longest slug. Bytes; the longest of 2022 has 74.
const LONGEST_SLUG: usize = 200;

/// A competition.
pub(super) struct Competition {
    id: u32,
    slug: String,
    title: String,
    /// The day on which it ended.
    pub(super) deadline: Day,
    /// Teams in it. Count; 0 when the table does not say.
    teams: u32,
    /// Whether its medals count for tiers; others give none.
    pub(super) qualifies: bool,
}

/// The competitions, by number.
pub(super) struct Competitions {
    pub(super) list: Vec<Competition>,
    directory: Directory,
    /// For each its place in the order of slugs.
    pub(super) by_slug: Vec<u32>,
    pub(super) rows: u64,
}

impl Competitions {
    /// Those that give medals. Count.
    pub(super) fn qualifying(&self) -> u64 {
        self.list.iter().filter(|one| one.qualifies).count() as u64
    }

    /// The place of the competition with this number.
    #[inline]
    pub(super) fn find(&self, id: u32) -> Option<u32> {
        self.directory.find(id, |index| self.list[index].id)
    }
}

/// Reads the table.
pub(super) fn read(
    tables: &Tables,
    meter: &Meter<'_>,
    oddities: &mut Oddities,
) -> Result<Competitions, ImportError> {
    let mut list: Vec<Competition> = Vec::new();
    let rows = tables.read(Table::Competitions, COLUMNS, meter, |rows, columns| {
        let [id, slug, title, deadline, teams, qualifies] = columns;
        rows.each(|row| {
            let Some(id) = number(row.field(id)) else {
                oddities.add(Oddity::KeyIsNoNumber);
                return Ok(());
            };
            let slug = row.text(slug, COLUMNS[1])?;
            if !is_slug(&slug) {
                oddities.add(Oddity::CompetitionWithoutSlug);
                return Ok(());
            }
            let (deadline, teams) = (row.field(deadline), row.field(teams));
            let parsed = Day::parse(deadline);
            if parsed.is_none() && !deadline.is_empty() {
                oddities.add(Oddity::DateIsNone);
            }
            let count = number(teams);
            if count.is_none() && !teams.is_empty() {
                oddities.add(Oddity::ValueIsNone);
            }
            list.push(Competition {
                id,
                slug: slug.into_owned(),
                title: tame(&row.text(title, COLUMNS[2])?),
                deadline: parsed.unwrap_or_default(),
                teams: count.unwrap_or(0),
                qualifies: is_true(row.field(qualifies)),
            });
            Ok(())
        })
    })?;
    // Stable: of one that is given twice the first row counts.
    list.sort_by_key(|competition| competition.id);
    let before = list.len();
    list.dedup_by_key(|competition| competition.id);
    oddities.add_many(Oddity::CompetitionGivenTwice, (before - list.len()) as u64);
    let directory = Directory::new(list.len(), |index| list[index].id);
    let mut order: Vec<usize> = (0..list.len()).collect();
    order.sort_by(|a, b| list[*a].slug.cmp(&list[*b].slug));
    let mut by_slug = vec![0; list.len()];
    for (place, index) in (0_u32..).zip(order) {
        by_slug[index] = place;
    }
    Ok(Competitions {
        list,
        directory,
        by_slug,
        rows,
    })
}

/// Whether a text may be a competition's part of an address: letters, digits and `_.-`, and no way out of the
/// folder.
fn is_slug(text: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let length = 1..=LONGEST_SLUG;
    length.contains(&text.len()) && text.bytes().all(good) && !matches!(text, "." | "..")
}

/// Writes names, titles and sizes.
pub(super) fn write(competitions: &Competitions, part: &mut Part) -> Result<(), ImportError> {
    part.section(Section::Competitions, |part| {
        let mut start = 0_u64;
        for competition in &competitions.list {
            // The slug was measured, the title shortened to 200 characters.
            let length = |text: &str| u16::try_from(text.len()).unwrap_or(u16::MAX);
            let (slug, title) = (length(&competition.slug), length(&competition.title));
            part.put(&start.to_le_bytes())?;
            part.put(&competition.teams.to_le_bytes())?;
            part.put(&slug.to_le_bytes())?;
            part.put(&title.to_le_bytes())?;
            start += u64::from(slug) + u64::from(title);
        }
        Ok(())
    })?;
    part.section(Section::Texts, |part| {
        for competition in &competitions.list {
            part.put(competition.slug.as_bytes())?;
            part.put(competition.title.as_bytes())?;
        }
        Ok(())
    })
}
