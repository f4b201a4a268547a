//! Look-ups.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::blocks::Blocks;
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
    blocks: Blocks,
    /// How many upper bits of a hash choose the bucket.
    bits: u32,
    about: About,
}

impl Index {
    /// Opens an index: checks its header, its length and the blocks' checksums. The blocks are compared with them
    /// when a look-up first touches them, because that of all would take time.
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        let map = Mapped::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => IndexError::NotThere,
            // Of a folder the system says that there is no such device.
            _ if path.is_dir() => IndexError::Unreadable {
                path: path.to_owned(),
                source: io::ErrorKind::IsADirectory.into(),
            },
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
        let sound = |section: Section| {
            let bytes = &map[sections[section as usize].clone()];
            let fits = blake3::hash(bytes).as_bytes() == &header.places[section as usize].checksum;
            fits.then_some(bytes)
        };
        let checks = sections[Section::Checks as usize].clone();
        let blocks = sound(Section::Checks).and_then(|_| Blocks::new(checks));
        let blocks = blocks.ok_or_else(|| damaged("its checksums do not fit theirs"))?;
        let about = sound(Section::About)
            .ok_or_else(|| damaged("what it says of itself does not fit its checksum"))?;
        let about = serde_json::from_slice(about)
            .map_err(|_| damaged("what it says of itself is not understood"))?;
        Ok(Self {
            path: path.to_owned(),
            bits: buckets.ilog2(),
            map,
            header,
            sections,
            blocks,
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

    /// The account of this user name, compared without regard to case. Of names that differ in case alone the one
    /// that is spelled so is meant, or else the one with the highest number.
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
        let ordinal = self.whole(self.first_of(Section::Records, RECORD, id))?;
        if ordinal >= self.count(Section::Records, RECORD) {
            return Ok(None);
        }
        let person = self.whole(self.person(ordinal))?;
        Ok((person.user_id == user_id).then_some(person))
    }

    /// These bytes of a section. `None`: they are not as they were written, or lie outside of it.
    #[inline]
    fn bytes(&self, section: Section, at: usize, length: usize) -> Option<&[u8]> {
        let section = &self.sections[section as usize];
        let start = section.start.checked_add(at)?;
        let end = start.checked_add(length)?;
        if end > section.end {
            return None;
        }
        self.blocks.bytes(&self.map, start..end)
    }

    /// How many entries of this width a section has.
    fn count(&self, section: Section, width: usize) -> usize {
        self.sections[section as usize].len() / width
    }

    /// An entry of a section, by its place in it.
    #[inline]
    fn entry(&self, section: Section, place: usize, width: usize) -> Option<&[u8]> {
        self.bytes(section, place.checked_mul(width)?, width)
    }

    /// The entries of an account in a section in which each begins with the account's number.
    fn entries_of(
        &self,
        section: Section,
        width: usize,
        id: u32,
    ) -> Option<impl Iterator<Item = Option<&[u8]>>> {
        let first = self.first_of(section, width, id)?;
        let entries =
            (first..self.count(section, width)).map(move |place| self.entry(section, place, width));
        // What is damaged ends nothing: it is handed on.
        Some(entries.take_while(move |entry| {
            entry.is_none_or(|entry| u32_at(entry, 0).is_none_or(|other| other == id))
        }))
    }

    /// The place of the first entry whose number, at its beginning, is `id` or more; the entries ascend.
    fn first_of(&self, section: Section, width: usize, id: u32) -> Option<usize> {
        let (mut low, mut high) = (0, self.count(section, width));
        while low < high {
            let middle = low.midpoint(high);
            if u32_at(self.entry(section, middle, width)?, 0)? < id {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Some(low)
    }

    fn damaged(&self, why: &str) -> IndexError {
        IndexError::Damaged {
            path: self.path.clone(),
            why: why.to_owned(),
        }
    }

    /// What was found. `None` means that a block is not as it was written, or else that a number in it led
    /// outside or that no text was where one should be.
    fn whole<T>(&self, found: Option<T>) -> Result<T, IndexError> {
        found.ok_or_else(|| self.damaged("a part of it is not as it was written"))
    }

    /// The place of the account with this name. The outer `None`: damaged.
    #[expect(clippy::option_option, reason = "outside: damaged, inside: not there")]
    fn ordinal(&self, name: &[u8]) -> Option<Option<usize>> {
        let hash = name_hash(name);
        let at = bucket(hash, self.bits) * 4;
        let ends = self.bytes(Section::Buckets, at, 8)?;
        let (start, end) = (u32_at(ends, 0)? as usize, u32_at(ends, 4)? as usize);
        let prints = self.bytes(Section::Fingerprints, start, end.checked_sub(start)?)?;
        let mut other = None;
        // The higher numbers first.
        for (place, print) in (start..end).zip(prints).rev() {
            if *print != fingerprint(hash) {
                continue;
            }
            let ordinal = u32_at(self.entry(Section::Ordinals, place, 4)?, 0)? as usize;
            let found = self.name(ordinal)?;
            if found == name {
                return Some(Some(ordinal));
            }
            if other.is_none() && found.eq_ignore_ascii_case(name) {
                other = Some(ordinal);
            }
        }
        Some(other)
    }

    fn name(&self, ordinal: usize) -> Option<&[u8]> {
        let start = self.entry(Section::NameStarts, ordinal / NAMES_A_START, 8)?;
        let mut start = usize::try_from(u64_at(start, 0)?).ok()?;
        let before = ordinal % NAMES_A_START;
        let first = (ordinal - before).checked_mul(RECORD)?;
        let records = self.bytes(Section::Records, first, (before + 1) * RECORD)?;
        let (records, own) = records.split_at(before * RECORD);
        for record in records.chunks_exact(RECORD) {
            start = start.checked_add(usize::from(record[6]))?;
        }
        self.bytes(Section::Names, start, usize::from(own[6]))
    }

    fn person(&self, ordinal: usize) -> Option<Person> {
        let record = self.entry(Section::Records, ordinal, RECORD)?;
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
        for detail in self.entries_of(Section::Details, DETAIL, id)? {
            let detail = detail?;
            let mut numbers = [0; DETAIL / 4];
            for (place, number) in numbers.iter_mut().enumerate() {
                *number = u32_at(detail, place * 4)?;
            }
            let [_, kind, points, current, highest, gold, silver, bronze] = numbers;
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
        for result in self.entries_of(Section::Results, RESULT, id)? {
            let result = result?;
            let mut numbers = [0; RESULT / 4];
            for (place, number) in numbers.iter_mut().enumerate() {
                *number = u32_at(result, place * 4)?;
            }
            let [_, competition, rank, team_size, day, flags] = numbers;
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
        let competition = self.entry(Section::Competitions, place as usize, COMPETITION)?;
        let start = usize::try_from(u64_at(competition, 0)?).ok()?;
        let lengths = u32_at(competition, 12)?;
        let (slug, title) = ((lengths & 0xffff) as usize, (lengths >> 16) as usize);
        let texts = self.bytes(Section::Texts, start, slug + title)?;
        let (slug, title) = texts.split_at_checked(slug)?;
        let (slug, title) = (str::from_utf8(slug).ok()?, str::from_utf8(title).ok()?);
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
