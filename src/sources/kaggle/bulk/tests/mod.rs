//! From tables to answers.

mod damage;
mod folder;
mod pitfalls;
mod refusals;
mod splitting;
mod world;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tempfile::TempDir;

use super::{About, ImportError, Index, Table, Tables, build};

/// A small data set, and where it is.
struct Sheets {
    folder: TempDir,
    tables: BTreeMap<Table, Vec<u8>>,
}

impl Sheets {
    /// Two users, one of whom has won gold, alone, in one of two competitions.
    fn small() -> Self {
        let tables = [
            (
                Table::Users,
                "Id,UserName,DisplayName,RegisterDate,PerformanceTier,Country\n\
                 7,Ada-Example,\"Ada, \"\"the first\"\"\",03/04/2019,3,\n\
                 9,bob-example,,05/06/2021,0,Norway\n",
            ),
            (
                Table::UserAchievements,
                "Id,UserId,AchievementType,Tier,TierAchievementDate,Points,CurrentRanking,\
                 HighestRanking,TotalGold,TotalSilver,TotalBronze\n\
                 1,7,Competitions,3,07/15/2016,1200,55,17,1,0,0\n\
                 2,9,Scripts,0,,0,,,0,0,0\n",
            ),
            (
                Table::Teams,
                "Id,CompetitionId,TeamName,IsBenchmark,Medal,MedalAwardDate,\
                 PublicLeaderboardRank,PrivateLeaderboardRank\n\
                 500,31,\"two\nlines\",False,1,08/09/2020,12,3\n\
                 501,32,,False,,,900,800\n",
            ),
            (
                Table::TeamMemberships,
                "Id,TeamId,UserId,RequestDate\n1,500,7,\n2,501,7,\n3,501,9,\n",
            ),
            (
                Table::Competitions,
                "Id,Slug,Title,Subtitle,DeadlineDate,TotalTeams,CanQualifyTiers\n\
                 31,First-Prize,First,\"a\n\"\"b\"\"\",08/01/2020 23:59:00,1000,True\n\
                 32,second,\"Second, too\",,09/01/2021 23:59:00,2000,True\n",
            ),
        ];
        Self {
            folder: tempfile::tempdir().unwrap(),
            tables: tables
                .map(|(table, text)| (table, text.as_bytes().to_vec()))
                .into(),
        }
    }

    /// The same with other rows under a table's header.
    fn rows(mut self, table: Table, rows: &str) -> Self {
        let text = self.tables.get_mut(&table).unwrap();
        let header = text.iter().position(|byte| *byte == b'\n').unwrap();
        text.truncate(header + 1);
        text.extend_from_slice(rows.as_bytes());
        self
    }

    /// The same with another file.
    fn bytes(mut self, table: Table, bytes: impl Into<Vec<u8>>) -> Self {
        self.tables.insert(table, bytes.into());
        self
    }

    fn write(&self) {
        for (table, text) in &self.tables {
            fs::write(self.folder.path().join(table.file()), text).unwrap();
        }
    }

    fn target(&self) -> PathBuf {
        self.folder.path().join("index")
    }

    fn import(&self) -> Result<About, ImportError> {
        self.write();
        import(self.folder.path(), &self.target())
    }

    /// Imported and opened, and every checksum compared.
    fn index(&self) -> Index {
        let about = self.import().unwrap();
        let index = Index::open(&self.target()).unwrap();
        index.verify().unwrap();
        assert_eq!(index.about(), &about);
        index
    }
}

/// When the tests import.
fn today() -> Timestamp {
    "2026-11-01T06:00:00Z".parse().unwrap()
}

fn import(folder: &Path, target: &Path) -> Result<About, ImportError> {
    build(&Tables::in_folder(folder)?, target, today(), &|_| {})
}

/// What is odd in it and how often.
fn oddities(index: &Index) -> Vec<(&str, u64)> {
    let told = &index.about().oddities;
    told.iter()
        .map(|(words, count)| (words.as_str(), *count))
        .collect()
}

fn files_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
