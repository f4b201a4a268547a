//! Five tables become one file.
//!
//! Two threads: one reads `UserAchievements`, which is more than half of everything; the other `Users`, then
//! `Competitions`, `Teams` and `TeamMemberships`. What is finished is written at once and its memory given
//! back. Nothing here looks at a clock or draws a lot: same files, same bytes.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::About;
use super::achievements::{self, Achievements};
use super::competitions::{self, Competitions};
use super::error::ImportError;
use super::fields::Day;
use super::layout::{HAS_DETAILS, HAS_RESULTS, Section};
use super::oddities::{Oddities, Oddity};
use super::part::{Part, unwritable};
use super::rows::Meter;
use super::tables::{Table, Tables};
use super::teams::{self, Results};
use super::users::{self, Users};

/// Makes the index `target` from the tables and says what it says of itself. `watch` is told the bytes read
/// so far, which never fall and end at [`Tables::bytes`].
///
/// The index that is there is replaced in one step, when the new one is whole and on the disk; whatever ends
/// an import before leaves it alone.
pub fn build(
    tables: &Tables,
    target: &Path,
    built_at: Timestamp,
    watch: &(dyn Fn(u64) + Sync),
) -> Result<About, ImportError> {
    let mut part = Part::begin(target)?;
    let meter = Meter::new(watch);
    let (achievements, second) = thread::scope(|scope| {
        let first =
            scope.spawn(|| achievements::read(tables, &meter).inspect_err(|_| meter.stop()));
        let second = everybody(tables, built_at, &meter, &mut part).inspect_err(|_| meter.stop());
        (first.join(), second)
    });
    let achievements = achievements.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let (achievements, second) = match (achievements, second) {
        (Ok(achievements), Ok(second)) => (achievements, second),
        // The half that was only stopped has no reason to tell.
        (Err(ImportError::Stopped) | Ok(_), Err(error)) | (Err(error), _) => return Err(error),
    };
    let about = join(tables, built_at, achievements, second, &mut part)?;
    part.finish()?;
    Ok(about)
}

/// What the second thread brings.
struct Everybody {
    users: Users,
    competitions: Competitions,
    results: Results,
    oddities: Oddities,
}

fn everybody(
    tables: &Tables,
    built_at: Timestamp,
    meter: &Meter<'_>,
    part: &mut Part,
) -> Result<Everybody, ImportError> {
    let today = Day::of(built_at.to_zoned(TimeZone::UTC).date()).unwrap_or_default();
    let users = users::read(tables, meter, part, today)?;
    // Most of the file is written: it goes to the disk while the rest is read.
    let file = part.file()?;
    let mut oddities = Oddities::default();
    let (competitions, results) = thread::scope(|scope| {
        let settled = scope.spawn(move || file.sync_data());
        let read = competitions::read(tables, meter, &mut oddities).and_then(|competitions| {
            let results = teams::read(tables, meter, &users.ids, &competitions, &mut oddities)?;
            Ok((competitions, results))
        });
        let settled = settled
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        settled.map_err(|error| unwritable(part.path(), error))?;
        read
    })?;
    Ok(Everybody {
        users,
        competitions,
        results,
        oddities,
    })
}

/// Writes what needs both halves.
fn join(
    tables: &Tables,
    built_at: Timestamp,
    mut achievements: Achievements,
    everybody: Everybody,
    part: &mut Part,
) -> Result<About, ImportError> {
    let Everybody {
        users,
        competitions,
        results,
        mut oddities,
    } = everybody;
    oddities.join(&users.oddities);
    oddities.join(&achievements.oddities);
    part.section(Section::Records, |part| {
        records(&users, &mut achievements, &results, &mut oddities, part)
    })?;
    part.section(Section::Details, |part| {
        let mut ids = users.ids.iter().peekable();
        for detail in &achievements.details {
            // Both ascend.
            while ids.next_if(|id| **id < detail[0]).is_some() {}
            if ids.peek() == Some(&&detail[0]) {
                for number in detail {
                    part.put(&number.to_le_bytes())?;
                }
            }
        }
        Ok(())
    })?;
    part.section(Section::Results, |part| {
        for played in &results.played {
            let (competition, rank) = (played.competition, played.rank);
            let day = played.day.number();
            for number in [
                played.user,
                competition,
                rank,
                played.size,
                day,
                played.flags,
            ] {
                part.put(&number.to_le_bytes())?;
            }
        }
        Ok(())
    })?;
    competitions::write(&competitions, part)?;

    let midnight = |date: jiff::civil::Date| {
        let midnight = date.to_datetime(Time::midnight());
        midnight.to_zoned(TimeZone::UTC).ok()
    };
    let newest = users.newest.date().and_then(midnight);
    let as_of = newest.ok_or(ImportError::NoDate)?.timestamp();
    let rows = [
        (Table::Users, users.rows),
        (Table::UserAchievements, achievements.rows),
        (Table::Teams, results.team_rows),
        (Table::TeamMemberships, results.membership_rows),
        (Table::Competitions, competitions.rows),
    ];
    let about = About {
        as_of,
        built_at,
        users: users.ids.len() as u64,
        medalists: results.medalists,
        competitions: competitions.list.len() as u64,
        qualifying: competitions.qualifying(),
        rows: rows
            .into_iter()
            .map(|(table, rows)| (table.file().to_owned(), rows))
            .collect::<BTreeMap<_, _>>(),
        oddities: oddities.told(),
        files: tables.files().to_vec(),
    };
    part.section(Section::About, |part| {
        let told = serde_json::to_vec(&about);
        let told = told.map_err(|error| unwritable(part.path(), error.into()))?;
        part.put(&told)
    })?;
    Ok(about)
}

fn records(
    users: &Users,
    achievements: &mut Achievements,
    results: &Results,
    oddities: &mut Oddities,
    part: &mut Part,
) -> Result<(), ImportError> {
    let mut details = achievements.details.iter().peekable();
    let mut played = results.played.iter().peekable();
    for (id, length) in users.ids.iter().zip(&users.lengths) {
        let tiers = achievements.tiers.take(*id);
        if tiers == 0 {
            oddities.add(Oddity::UserWithoutAchievements);
        }
        let mut flags = 0;
        while let Some(detail) = details.next_if(|detail| detail[0] <= *id) {
            if detail[0] == *id {
                flags |= HAS_DETAILS;
            }
        }
        while let Some(played) = played.next_if(|played| played.user <= *id) {
            if played.user == *id {
                flags |= HAS_RESULTS;
            }
        }
        let [i0, i1, i2, i3] = id.to_le_bytes();
        let [t0, t1] = tiers.to_le_bytes();
        part.put(&[i0, i1, i2, i3, t0, t1, *length, flags])?;
    }
    oddities.add_many(Oddity::AchievementWithoutUser, achievements.tiers.left());
    Ok(())
}
