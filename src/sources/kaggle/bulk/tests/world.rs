//! The truth of a generated world, for everybody in it, and a real file.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::super::Person;
use super::*;
use crate::domain::facts::MedalCount;
use crate::domain::text::tame;
use crate::standin::kaggle::dump::{Dump, KnownPerson};

fn known(person: Person) -> KnownPerson {
    let Person {
        user_id,
        user_name,
        totals,
        competitions,
        unnamed,
    } = person;
    KnownPerson {
        user_id,
        user_name,
        totals,
        competitions,
        unnamed,
    }
}

#[test]
fn everybody_of_a_world_of_50_000_is_found_as_they_are() {
    let dump = Dump::new(50_000, 3);
    let folder = tempfile::tempdir().unwrap();
    dump.write(folder.path()).unwrap();
    let target = folder.path().join("index");
    import(folder.path(), &target).unwrap();
    let index = Index::open(&target).unwrap();
    index.verify().unwrap();

    let truth = dump.truth();
    // Of those whose name another one has in another case, the ones that are found by their own spelling.
    let spelled = |person: &&KnownPerson| {
        let other = &truth.people[&person.user_name.to_ascii_lowercase()];
        other.user_name != person.user_name
    };
    let twins: BTreeMap<&str, &KnownPerson> = truth
        .shadowed
        .iter()
        .filter(spelled)
        .map(|person| (person.user_name.as_str(), person))
        .collect();
    assert!(!twins.is_empty());
    for (name, person) in &truth.people {
        let id = person.user_id;
        let upper = name.to_ascii_uppercase();
        for asked in [&person.user_name, name, &upper] {
            // Whoever is spelled so is meant.
            let found = index.find(asked).unwrap().map(known);
            let expected = twins.get(asked.as_str()).copied().unwrap_or(person);
            assert_eq!(found.as_ref(), Some(expected), "{asked}");
        }
        let found = index.find_id(id).unwrap().map(known);
        assert_eq!(found.as_ref(), Some(person), "{name}");
        assert_eq!(index.find(&format!("{name}-nobody")).unwrap(), None);
    }
    for person in &truth.shadowed {
        let found = index.find_id(person.user_id).unwrap().map(known);
        assert_eq!(found.as_ref(), Some(person));
    }
    for (spelling, person) in twins {
        let found = index.find(spelling).unwrap().map(known);
        assert_eq!(found.as_ref(), Some(person), "{spelling}");
    }
    for former in truth.renamed.keys() {
        assert_eq!(index.find(former).unwrap(), None, "{former}");
    }

    let about = index.about();
    let everybody = || truth.people.values().chain(&truth.shadowed);
    let medalists = everybody().filter(|person| {
        person.unnamed != MedalCount::default()
            || person
                .competitions
                .iter()
                .any(|result| result.medal.is_some())
    });
    assert_eq!(about.users, everybody().count() as u64);
    assert_eq!(about.medalists, medalists.count() as u64);
    let midnight = truth.as_of.to_datetime(Time::midnight());
    let midnight = midnight.to_zoned(TimeZone::UTC).unwrap();
    assert_eq!(about.as_of, midnight.timestamp());
    // Every pitfall of the world was met.
    for words in [
        "achievements given twice",
        "achievements without their user",
        "medals dated afterwards (2016-07-15)",
        "medals without a date",
        "memberships without their team",
        "memberships without their user",
        "teams that are benchmarks",
        "teams with a rank on the public leaderboard alone",
        "teams without a rank",
        "teams without their competition",
        "user names that differ in case alone",
        "users without an achievement",
    ] {
        assert!(about.oddities.contains_key(words), "{words}");
    }
    assert_eq!(about.oddities.len(), 12, "{:?}", about.oddities);
}

/// The file with its rows in the opposite order.
fn reverse(path: &Path) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_path(path)
        .unwrap();
    let mut rows: Vec<csv::ByteRecord> = reader.byte_records().map(Result::unwrap).collect();
    rows[1..].reverse();
    let mut writer = csv::Writer::from_path(path).unwrap();
    for row in rows {
        writer.write_byte_record(&row).unwrap();
    }
    writer.flush().unwrap();
}

#[test]
fn the_same_rows_give_the_same_bytes_in_whatever_order_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    Dump::new(3_000, 5).write(folder.path()).unwrap();
    let imported = |name: &str| {
        let target = folder.path().join(name);
        // Quoting differs between the two writers, and with it the files' sizes.
        let tables = Tables::in_folder(folder.path())
            .unwrap()
            .told_by_host(Vec::new());
        build(&tables, &target, today(), &|_| {}).unwrap();
        fs::read(target).unwrap()
    };
    let first = imported("first");
    assert!(first == imported("again"));
    for table in Table::ALL {
        reverse(&folder.path().join(table.file()));
    }
    assert!(first == imported("reversed"));
}

#[test]
fn the_real_competitions_of_2022_keep_every_slug_in_its_case() {
    // Kaggle's own file of March 2022. Only `HostName` was emptied, because a host may be a person.
    let packed =
        include_bytes!("../../../../../tests/fixtures/kaggle/Competitions-2022-03.csv.zst");
    let real = zstd::decode_all(packed.as_slice()).unwrap();
    let mut reader = csv::Reader::from_reader(real.as_slice());
    let header = reader.headers().unwrap().clone();
    let column = |name| header.iter().position(|column| column == name).unwrap();
    let (id, slug, title) = (column("Id"), column("Slug"), column("Title"));
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let qualify = rows
        .iter()
        .filter(|row| &row[column("CanQualifyTiers")] == "True");
    assert_eq!((rows.len(), qualify.count()), (5_212, 322));
    assert!(
        rows.iter()
            .any(|row| row[column("Subtitle")].contains('\n'))
    );
    assert!(rows.iter().all(|row| row[column("HostName")].is_empty()));

    // A team of Ada's in every one of them, one with a medal.
    let (mut teams, mut members) = (String::new(), String::new());
    for (number, row) in rows.iter().enumerate() {
        let medal = if number == 0 { "3" } else { "" };
        writeln!(teams, "{number},{},,False,{medal},,,1", &row[id]).unwrap();
        writeln!(members, "{number},{number},7,").unwrap();
    }
    let sheets = Sheets::small()
        .bytes(Table::Competitions, real.clone())
        .rows(Table::Teams, &teams)
        .rows(Table::TeamMemberships, &members);
    let index = sheets.index();
    assert_eq!(index.about().rows["Competitions.csv"], 5_212);
    assert_eq!(index.about().competitions, 5_212);
    assert_eq!(index.about().qualifying, 322);
    let ada = index.find("ada-example").unwrap().unwrap();
    let found: BTreeMap<&str, &str> = ada
        .competitions
        .iter()
        .map(|result| (result.slug.as_str(), result.title.as_str()))
        .collect();
    assert_eq!((ada.competitions.len(), found.len()), (5_212, 5_212));
    for row in &rows {
        assert_eq!(
            found.get(&row[slug]),
            Some(&tame(&row[title]).as_str()),
            "{row:?}"
        );
    }
    assert!(found.contains_key("Eurovision2010"));
    let ended: Vec<_> = ada.competitions.iter().map(|result| result.date).collect();
    assert!(ended.is_sorted_by(|newer, older| newer >= older));
}
