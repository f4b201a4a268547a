//! `Users`: the names, and the way from a name to its account.

use super::error::ImportError;
use super::fields::{Day, number};
use super::layout::{NAMES_A_START, Section, bucket, bucket_bits, fingerprint, name_hash};
use super::oddities::{Oddities, Oddity};
use super::part::Part;
use super::rows::Meter;
use super::tables::{Table, Tables};
use crate::domain::link::Handle;

pub(super) const COLUMNS: [&str; 3] = ["Id", "UserName", "RegisterDate"];

/// In how many turns the way from a name to its account is made, so that one turn's share stays near the
/// processor.
const TURNS: usize = 16;

/// The accounts, without their names.
pub(super) struct Users {
    /// Their numbers, ascending.
    pub(super) ids: Vec<u32>,
    /// The length of each one's name. Bytes.
    pub(super) lengths: Vec<u8>,
    /// The newest day of a registration that is not after the import.
    pub(super) newest: Day,
    pub(super) rows: u64,
    pub(super) oddities: Oddities,
}

/// The accounts in the order in which the file has them.
#[derive(Default)]
struct Names {
    ids: Vec<u32>,
    lengths: Vec<u8>,
    hashes: Vec<u32>,
    /// Where every [`NAMES_A_START`]th name begins.
    starts: Vec<u64>,
    text: Vec<u8>,
    /// The order by number, when the file has another one.
    order: Option<Vec<u32>>,
}

impl Names {
    fn push(&mut self, id: u32, name: &[u8], length: u8) {
        if self.ids.len().is_multiple_of(NAMES_A_START) {
            self.starts.push(self.text.len() as u64);
        }
        self.ids.push(id);
        self.lengths.push(length);
        self.hashes.push(name_hash(name));
        self.text.extend_from_slice(name);
    }

    /// How many accounts there are.
    fn len(&self) -> usize {
        self.order.as_ref().map_or(self.ids.len(), Vec::len)
    }

    /// The row of an account.
    #[inline]
    fn row(&self, ordinal: usize) -> usize {
        self.order
            .as_ref()
            .map_or(ordinal, |order| order[ordinal] as usize)
    }

    /// The name in a row.
    fn name(&self, row: usize) -> &[u8] {
        let first = row - row % NAMES_A_START;
        let before: usize = self.lengths[first..row]
            .iter()
            .map(|length| usize::from(*length))
            .sum();
        // It was the length of a slice.
        let start =
            usize::try_from(self.starts[row / NAMES_A_START]).unwrap_or(usize::MAX) + before;
        &self.text[start..start + usize::from(self.lengths[row])]
    }

    /// Puts the accounts in order of their numbers; of one that is given twice the first row counts.
    fn sort(&mut self, oddities: &mut Oddities) {
        let rows = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        let mut order: Vec<u32> = (0..rows).collect();
        order.sort_by_key(|row| self.ids[*row as usize]);
        let before = order.len();
        order.dedup_by_key(|row| self.ids[*row as usize]);
        oddities.add_many(Oddity::UserGivenTwice, (before - order.len()) as u64);
        self.order = Some(order);
    }
}

/// Reads the table, and writes the names and the way to them. `today` is the day of the import: nobody has
/// registered tomorrow.
pub(super) fn read(
    tables: &Tables,
    meter: &Meter<'_>,
    part: &mut Part,
    today: Day,
) -> Result<Users, ImportError> {
    let mut names = Names::default();
    let mut oddities = Oddities::default();
    let mut newest = Day::NONE;
    let mut ascending = true;
    let rows = tables.read(
        Table::Users,
        COLUMNS,
        meter,
        |rows, [id, name, registered]| {
            rows.each(|row| {
                let Some(id) = number(row.field(id)) else {
                    oddities.add(Oddity::KeyIsNoNumber);
                    return Ok(());
                };
                let name = row.text(name, COLUMNS[1])?;
                if name.is_empty() {
                    oddities.add(Oddity::UserWithoutName);
                    return Ok(());
                }
                let (Ok(_), Ok(length)) = (Handle::kaggle(&name), u8::try_from(name.len())) else {
                    oddities.add(Oddity::UserNameIsNone);
                    return Ok(());
                };
                let registered = row.field(registered);
                match Day::unchecked(registered) {
                    Some(day) if day <= newest => {}
                    _ => match Day::parse(registered) {
                        Some(day) if day > today => oddities.add(Oddity::DateInTheFuture),
                        Some(day) => newest = day,
                        None if registered.is_empty() => {}
                        None => oddities.add(Oddity::DateIsNone),
                    },
                }
                if ascending && names.ids.last().is_some_and(|last| *last >= id) {
                    if names.ids.binary_search(&id).is_ok() {
                        oddities.add(Oddity::UserGivenTwice);
                        return Ok(());
                    }
                    ascending = false;
                }
                names.push(id, name.as_bytes(), length);
                Ok(())
            })
        },
    )?;
    if u32::try_from(names.ids.len()).is_err() {
        return Err(ImportError::Broken {
            table: Table::Users,
            row: rows,
            why: "more accounts than there are numbers".to_owned(),
        });
    }
    if newest == Day::NONE {
        return Err(ImportError::NoDate);
    }
    if !ascending {
        names.sort(&mut oddities);
    }
    write_names(&names, part)?;
    write_ways(&names, &mut oddities, part)?;
    let Names {
        ids,
        lengths,
        order,
        text,
        hashes,
        starts,
    } = names;
    drop((text, hashes, starts));
    let (ids, lengths) = match order {
        None => (ids, lengths),
        Some(order) => {
            let sorted = order.iter().map(|row| ids[*row as usize]).collect();
            drop(ids);
            let lengths = order.iter().map(|row| lengths[*row as usize]).collect();
            (sorted, lengths)
        }
    };
    Ok(Users {
        ids,
        lengths,
        newest,
        rows,
        oddities,
    })
}

fn write_names(names: &Names, part: &mut Part) -> Result<(), ImportError> {
    part.section(Section::NameStarts, |part| {
        let mut start = 0_u64;
        for ordinal in 0..names.len() {
            if ordinal.is_multiple_of(NAMES_A_START) {
                part.put(&start.to_le_bytes())?;
            }
            start += u64::from(names.lengths[names.row(ordinal)]);
        }
        Ok(())
    })?;
    part.section(Section::Names, |part| match &names.order {
        None => names
            .text
            .chunks(1 << 20)
            .try_for_each(|chunk| part.put(chunk)),
        Some(order) => order
            .iter()
            .try_for_each(|row| part.put(names.name(*row as usize))),
    })
}

/// Writes for each bucket of hashes the accounts whose names fall into it.
fn write_ways(names: &Names, oddities: &mut Oddities, part: &mut Part) -> Result<(), ImportError> {
    let bits = bucket_bits(names.len());
    let buckets = 1_usize << bits;
    let mut counts = vec![0_u32; buckets];
    for ordinal in 0..names.len() {
        let row = names.row(ordinal);
        counts[bucket(names.hashes[row], bits)] += 1;
    }
    let mut prints = Vec::new();
    part.section(Section::Ordinals, |part| {
        let turn = buckets.div_ceil(TURNS);
        for first in (0..buckets).step_by(turn) {
            let share = first..(first + turn).min(buckets);
            let mut filled: Vec<u32> = Vec::with_capacity(share.len());
            let mut total = 0_u32;
            for bucket in share.clone() {
                filled.push(total);
                total += counts[bucket];
            }
            let mut placed = vec![(0_u32, 0_u8); total as usize];
            for ordinal in 0..names.len() {
                let row = names.row(ordinal);
                let hash = names.hashes[row];
                let bucket = bucket(hash, bits);
                if share.contains(&bucket) {
                    let place = &mut filled[bucket - first];
                    placed[*place as usize] = (
                        u32::try_from(ordinal).unwrap_or(u32::MAX),
                        fingerprint(hash),
                    );
                    *place += 1;
                }
            }
            let mut at = 0;
            for bucket in share {
                let end = at + counts[bucket] as usize;
                for index in at..end {
                    let (ordinal, print) = placed[index];
                    if is_outdone(names, ordinal, print, &placed[index + 1..end]) {
                        oddities.add(Oddity::UserNameInTwoCases);
                    }
                    part.put(&ordinal.to_le_bytes())?;
                    prints.push(print);
                }
                at = end;
            }
        }
        Ok(())
    })?;
    part.section(Section::Fingerprints, |part| {
        prints.chunks(1 << 20).try_for_each(|chunk| part.put(chunk))
    })?;
    part.section(Section::Buckets, |part| {
        let mut start = 0_u32;
        part.put(&start.to_le_bytes())?;
        counts.iter().try_for_each(|count| {
            start += count;
            part.put(&start.to_le_bytes())
        })
    })
}

/// Whether an account with a higher number bears the same name in any case.
fn is_outdone(names: &Names, ordinal: u32, print: u8, higher: &[(u32, u8)]) -> bool {
    higher
        .iter()
        .filter(|(_, other)| *other == print)
        .any(|(other, _)| {
            let name = names.name(names.row(ordinal as usize));
            name.eq_ignore_ascii_case(names.name(names.row(*other as usize)))
        })
}
