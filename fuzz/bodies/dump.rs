//! Kaggle's data set: the five tables as CSV, separated, in the order of `Table::ALL`; or an archive that holds them.
//! A table that is left empty is a good one.
//!
//! - What is refused leaves no index behind.
//! - An index that was made is whole, and the same tables make the same bytes.
//! - Rows in are rows read: a CSV has as many rows as the index says it read.
//! - Whoever is found by number is found by name, is harmless, and has no medal that no row could have given.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use plaudit::sources::kaggle::bulk::{Index, Person, Table, Tables, build};

use super::{harmless, parts};

/// A good table each, in the order of `Table::ALL`: made-up people alone.
const GOOD: [&str; 5] = [
    "Id,UserName,RegisterDate\n7,Ada-Example,03/04/2019\n9,bob-example,05/06/2021\n",
    "UserId,AchievementType,Tier,Points,CurrentRanking,HighestRanking,TotalGold,TotalSilver,TotalBronze\n\
     7,Competitions,3,1200,55,17,1,0,0\n9,Scripts,0,0,,,0,0,0\n",
    "Id,CompetitionId,IsBenchmark,Medal,MedalAwardDate,PublicLeaderboardRank,PrivateLeaderboardRank\n\
     500,31,False,1,08/09/2020,12,3\n501,32,False,,,900,800\n",
    "TeamId,UserId\n500,7\n501,7\n501,9\n",
    "Id,Slug,Title,DeadlineDate,TotalTeams,CanQualifyTiers\n\
     31,first-prize,First,08/01/2020 23:59:00,1000,True\n32,second,\"Second, too\",09/01/2021 23:59:00,2000,True\n",
];

/// Holds one input against plaudit.
pub fn run(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let is_archive = bytes.starts_with(b"PK");
    if is_archive {
        fs::write(folder.join("meta-kaggle.zip"), bytes).expect("written");
    } else {
        let given = parts(bytes).chain(std::iter::repeat(&[][..]));
        for ((table, good), given) in Table::ALL.into_iter().zip(GOOD).zip(given) {
            let text = if given.is_empty() {
                good.as_bytes()
            } else {
                given
            };
            fs::write(folder.join(table.file()), text).expect("written");
        }
    }
    let now: Timestamp = "2026-11-01T06:00:00Z".parse().expect("a time");
    let made = |name: &str| {
        let target = folder.join(name);
        let tables = Tables::in_folder(folder)?;
        build(&tables, &target, now, &|_| {}).map(|about| (target, about))
    };
    let (target, about) = match made("index") {
        Ok(made) => made,
        Err(error) => {
            harmless::visible("a refusal", &error.to_string());
            assert!(!folder.join("index").exists(), "refused, and an index");
            return;
        }
    };
    let index = Index::open(&target).expect("an index");
    index.verify().expect("whole");
    assert_eq!(index.about(), &about);
    let (again, _) = made("again").expect("as before");
    let bytes = |path: &Path| fs::read(path).expect("readable");
    assert!(
        bytes(&target) == bytes(&again),
        "the same tables, another index"
    );
    if !is_archive {
        all_rows(folder, &index);
    }
    for id in 0..64 {
        if let Some(person) = index.find_id(id).expect("readable") {
            sound(&index, &person);
        }
    }
    assert_eq!(index.find("nobody of this name").expect("readable"), None);
}

/// Where no field is quoted and lines end in the usual way, each line below the header is a row.
fn all_rows(folder: &Path, index: &Index) {
    for table in Table::ALL {
        let text = fs::read(folder.join(table.file())).expect("readable");
        if text.contains(&b'"') || text.contains(&b'\r') {
            continue;
        }
        let lines = text.split(|byte| *byte == b'\n');
        let rows = lines.filter(|line| !line.is_empty()).count() - 1;
        assert_eq!(index.about().rows[table.file()], rows as u64, "{table}");
    }
}

fn sound(index: &Index, person: &Person) {
    let name = &person.user_name;
    harmless::visible("a user name", name);
    let named = index.find(name).expect("readable");
    let named = named.unwrap_or_else(|| panic!("{name:?} is found by number alone"));
    // Of two that differ in case alone, or of one name, another may be meant.
    assert!(named.user_name.eq_ignore_ascii_case(name), "{name:?}");
    for result in &person.competitions {
        harmless::tame("a title", &result.title);
        harmless::tame("a name", &result.slug);
    }
}
