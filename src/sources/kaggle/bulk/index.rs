//! Look-ups.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::error::IndexError;
use super::fields::Day;
use super::layout::{
    COMPETITION, DETAIL, HAS_DETAILS, HAS_RESULTS, Header, MEDAL_BITS, MEDALS_UNKNOWN,
    NAMES_A_START, POINTS_UNKNOWN, RANK_IS_PUBLIC, RECORD, RESULT, SECTIONS, Section, TIER_BITS,
    UNKNOWN, bucket, fingerprint, name_hash, u32_at, u64_at,
};
use super::mapped::Mapped;
use super::{About, Person};
use crate::domain::facts::{Category, CompetitionResult, Medal, MedalCount, Rank, Tier, Totals};

/// An index, open for look-ups. It stays what it is when an import replaces the file meanwhile.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
    map: Mapped,
    header: Header,
    sections: [Range<usize>; SECTIONS],
    /// How many upper bits of a hash choose the bucket.
    bits: u32,
    about: About,
}

impl Index {
    /// Opens an index: checks its header and its length, and nothing that would take time.
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        let map = Mapped::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => IndexError::NotThere,
            _ => IndexError::Unreadable {
                path: path.to_owned(),
                source: error,
            },
        })?;
        let header = Header::decode(&map).map_err(|why| why.of(path))?;
        let damaged = |why: &str| IndexError::Damaged {
            path: path.to_owned(),
            why: why.to_owned(),
        };
        let mut sections = [const { 0..0 }; SECTIONS];
        for (section, place) in sections.iter_mut().zip(&header.places) {
            // The header has checked both against the length of what is mapped.
            let start = usize::try_from(place.offset).unwrap_or(usize::MAX);
            let length = usize::try_from(place.length).unwrap_or(usize::MAX);
            *section = start..start.saturating_add(length);
        }
        let buckets = sections[Section::Buckets as usize].len() / 4;
        let buckets = buckets.saturating_sub(1);
        if !buckets.is_power_of_two() {
            return Err(damaged("its buckets are none"));
        }
        let about = &map[sections[Section::About as usize].clone()];
        if blake3::hash(about).as_bytes() != &header.places[Section::About as usize].checksum {
            return Err(damaged("what it says of itself does not fit its checksum"));
        }
        let about = serde_json::from_slice(about)
            .map_err(|_| damaged("what it says of itself is not understood"))?;
        Ok(Self {
            path: path.to_owned(),
            bits: buckets.ilog2(),
            map,
            header,
            sections,
            about,
        })
    }

    /// Compares every section with its checksum, which reads the whole file.
    pub fn verify(&self) -> Result<(), IndexError> {
        for (section, place) in self.sections.iter().zip(&self.header.places) {
            if blake3::hash(&self.map[section.clone()]).as_bytes() != &place.checksum {
                return Err(self.damaged("a section does not fit its checksum"));
            }
        }
        Ok(())
    }

    /// What it says of itself.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The account of this user name, compared without regard to case.
    pub fn find(&self, name: &str) -> Result<Option<Person>, IndexError> {
        if name.is_empty() {
            return Ok(None);
        }
        self.whole(self.ordinal(name.as_bytes()))?
            .map(|ordinal| self.whole(self.person(ordinal)))
            .transpose()
    }

    /// The account of this number, whatever its name is.
    pub fn find_id(&self, user_id: u64) -> Result<Option<Person>, IndexError> {
        let Ok(id) = u32::try_from(user_id) else {
            return Ok(None);
        };
        let records = self.section(Section::Records);
        let ordinal = self.whole(first_of(records, RECORD, id))?;
        if ordinal * RECORD >= records.len() {
            return Ok(None);
        }
        let person = self.whole(self.person(ordinal))?;
        Ok((person.user_id == user_id).then_some(person))
    }

    fn section(&self, section: Section) -> &[u8] {
        &self.map[self.sections[section as usize].clone()]
    }

    fn damaged(&self, why: &str) -> IndexError {
        IndexError::Damaged {
            path: self.path.clone(),
            why: why.to_owned(),
        }
    }

    /// What lies within the file. `None` means that a number in it led outside, or that no text was where
    /// one should be, which never happens in the file as it was written.
    fn whole<T>(&self, found: Option<T>) -> Result<T, IndexError> {
        found.ok_or_else(|| self.damaged("a look-up was led astray"))
    }

    /// The place of the account with this name. The outer `None`: damaged.
    #[expect(clippy::option_option, reason = "outside: damaged, inside: not there")]
    fn ordinal(&self, name: &[u8]) -> Option<Option<usize>> {
        let hash = name_hash(name);
        let at = bucket(hash, self.bits) * 4;
        let buckets = self.section(Section::Buckets);
        let (start, end) = (u32_at(buckets, at)?, u32_at(buckets, at + 4)?);
        let prints = self.section(Section::Fingerprints);
        let prints = prints.get(start as usize..end as usize)?;
        for (place, print) in (start as usize..).zip(prints) {
            if *print != fingerprint(hash) {
                continue;
            }
            let ordinal = u32_at(self.section(Section::Ordinals), place * 4)? as usize;
            if self.name(ordinal)?.eq_ignore_ascii_case(name) {
                return Some(Some(ordinal));
            }
        }
        Some(None)
    }

    fn record(&self, ordinal: usize) -> Option<&[u8]> {
        let at = ordinal.checked_mul(RECORD)?;
        self.section(Section::Records).get(at..at + RECORD)
    }

    fn name(&self, ordinal: usize) -> Option<&[u8]> {
        let starts = self.section(Section::NameStarts);
        let start = u64_at(starts, ordinal / NAMES_A_START * 8)?;
        let mut start = usize::try_from(start).ok()?;
        for before in ordinal - ordinal % NAMES_A_START..ordinal {
            start = start.checked_add(usize::from(self.record(before)?[6]))?;
        }
        let length = usize::from(self.record(ordinal)?[6]);
        let end = start.checked_add(length)?;
        self.section(Section::Names).get(start..end)
    }

    fn person(&self, ordinal: usize) -> Option<Person> {
        let record = self.record(ordinal)?;
        let id = u32_at(record, 0)?;
        let tiers = u16::from_le_bytes([record[4], record[5]]);
        let flags = record[7];
        let mut totals = BTreeMap::new();
        for (place, category) in Category::ALL.into_iter().enumerate() {
            let [four, _] = (tiers >> (place * 4) & 15).to_le_bytes();
            if four != 0 {
                totals.insert(category, plain(four)?);
            }
        }
        if flags & HAS_DETAILS != 0 {
            self.details(id, &mut totals)?;
        }
        let mut person = Person {
            user_id: u64::from(id),
            user_name: str::from_utf8(self.name(ordinal)?).ok()?.to_owned(),
            totals,
            competitions: Vec::new(),
            unnamed: MedalCount::default(),
        };
        if flags & HAS_RESULTS != 0 {
            self.results(id, &mut person)?;
        }
        Some(person)
    }

    fn details(&self, id: u32, totals: &mut BTreeMap<Category, Totals>) -> Option<()> {
        let details = self.section(Section::Details);
        let first = first_of(details, DETAIL, id)?;
        for detail in details.get(first * DETAIL..)?.chunks_exact(DETAIL) {
            let mut numbers = [0; DETAIL / 4];
            for (place, number) in numbers.iter_mut().enumerate() {
                *number = u32_at(detail, place * 4)?;
            }
            let [user, kind, points, current, highest, gold, silver, bronze] = numbers;
            if user != id {
                break;
            }
            let category = Category::ALL.get((kind & 3) as usize)?;
            let totals = totals.get_mut(category)?;
            let some = |rank: u32| (rank > 0).then_some(rank);
            totals.rank = Rank {
                current: some(current),
                highest: some(highest),
                out_of: None,
                points: (points != UNKNOWN).then_some(points),
            };
            totals.medals = (kind & MEDALS_UNKNOWN == 0).then_some(MedalCount {
                gold,
                silver,
                bronze,
            });
        }
        Some(())
    }

    fn results(&self, id: u32, person: &mut Person) -> Option<()> {
        let results = self.section(Section::Results);
        let first = first_of(results, RESULT, id)?;
        for result in results.get(first * RESULT..)?.chunks_exact(RESULT) {
            let mut numbers = [0; RESULT / 4];
            for (place, number) in numbers.iter_mut().enumerate() {
                *number = u32_at(result, place * 4)?;
            }
            let [user, competition, rank, team_size, day, flags] = numbers;
            if user != id {
                break;
            }
            let medal = Medal::from_number(flags & MEDAL_BITS);
            if competition == UNKNOWN {
                person.unnamed.add(medal?);
                continue;
            }
            let (slug, title, teams) = self.competition(competition)?;
            person.competitions.push(CompetitionResult {
                slug: slug.to_owned(),
                title: title.to_owned(),
                rank: (rank > 0).then_some(rank),
                rank_is_public: flags & RANK_IS_PUBLIC != 0,
                teams: (teams > 0).then_some(teams),
                team_size,
                medal,
                date: Day::from_number(day).date(),
            });
        }
        Some(())
    }

    /// Slug, title, teams.
    fn competition(&self, place: u32) -> Option<(&str, &str, u32)> {
        let at = (place as usize).checked_mul(COMPETITION)?;
        let competition = self.section(Section::Competitions);
        let competition = competition.get(at..at + COMPETITION)?;
        let start = usize::try_from(u64_at(competition, 0)?).ok()?;
        let lengths = u32_at(competition, 12)?;
        let middle = start.checked_add((lengths & 0xffff) as usize)?;
        let end = middle.checked_add((lengths >> 16) as usize)?;
        let texts = self.section(Section::Texts);
        let slug = str::from_utf8(texts.get(start..middle)?).ok()?;
        let title = str::from_utf8(texts.get(middle..end)?).ok()?;
        Some((slug, title, u32_at(competition, 8)?))
    }
}

/// What four bits say of a category.
fn plain(four: u8) -> Option<Totals> {
    let tier = match four & TIER_BITS {
        TIER_BITS => None,
        number => Some(Tier::from_number(u32::from(number.checked_sub(1)?))?),
    };
    Some(Totals {
        tier,
        medals: Some(MedalCount::default()),
        rank: Rank {
            points: (four & POINTS_UNKNOWN == 0).then_some(0),
            ..Rank::default()
        },
    })
}

/// The place of the first entry whose number, at its beginning, is `id` or more; the entries ascend.
fn first_of(entries: &[u8], width: usize, id: u32) -> Option<usize> {
    let (mut low, mut high) = (0, entries.len() / width);
    while low < high {
        let middle = low.midpoint(high);
        if u32_at(entries, middle * width)? < id {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Some(low)
}
