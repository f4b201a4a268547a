//! The files as somebody reads them who knows nothing of how they were made.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
    path::Path,
};

use jiff::civil::Date;

use super::{Dump, KnownPerson, Written, pitfalls};
use crate::domain::{
    facts::{Category, CompetitionResult, Medal, MedalCount, Rank, Tier, Totals},
    text::tame,
};

pub(super) const USERS: u64 = 20_000;

pub(super) type Row = HashMap<String, String>;

/// The files of a data set, read whole.
pub(super) struct Files {
    pub(super) users: Vec<Row>,
    pub(super) achievements: Vec<Row>,
    pub(super) teams: Vec<Row>,
    pub(super) memberships: Vec<Row>,
    pub(super) competitions: Vec<Row>,
    written: Written,
}

impl Files {
    pub(super) fn of(dump: &Dump) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let written = dump.write(folder.path()).unwrap();
        let rows = |name: &str| -> Vec<Row> {
            csv::Reader::from_path(folder.path().join(name))
                .unwrap()
                .deserialize()
                .collect::<Result<_, _>>()
                .unwrap()
        };
        Self {
            users: rows("Users.csv"),
            achievements: rows("UserAchievements.csv"),
            teams: rows("Teams.csv"),
            memberships: rows("TeamMemberships.csv"),
            competitions: rows("Competitions.csv"),
            written,
        }
    }
}

pub(super) fn date(text: &str) -> Option<Date> {
    let day = text.split(' ').next().unwrap();
    (!day.is_empty()).then(|| Date::strptime("%m/%d/%Y", day).unwrap())
}

fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let written = |seed| {
        let folder = tempfile::tempdir().unwrap();
        let told = Dump::new(2_000, seed).write(folder.path()).unwrap();
        let files = bytes(folder.path());
        for (name, file) in &told {
            assert_eq!(file.bytes, files[*name].len() as u64, "{name}");
        }
        assert_eq!(told.len(), files.len());
        files
    };
    let first = written(5);
    assert!(first == written(5));
    for (name, other) in written(6) {
        assert!(first[&name] != other, "{name}");
    }
    let mut all = blake3::Hasher::new();
    for file in first.values() {
        all.update(file);
    }
    // Known from one run; another machine must find the same.
    assert_eq!(&all.finalize().to_hex()[..16], "28a1cd0ceb7d16e3");
}

#[test]
fn the_proportions_are_those_of_the_real_one() {
    let files = Files::of(&Dump::new(USERS, 11));
    for (name, rows) in [
        ("Users.csv", files.users.len()),
        ("UserAchievements.csv", files.achievements.len()),
        ("Teams.csv", files.teams.len()),
        ("TeamMemberships.csv", files.memberships.len()),
        ("Competitions.csv", files.competitions.len()),
    ] {
        assert_eq!(files.written[name].rows, rows as u64, "{name}");
    }
    let by_thousand_users = |rows: &[Row]| rows.len() as u64 * 1_000 / USERS;
    assert_eq!(files.users.len() as u64, USERS);
    assert!((3_950..4_050).contains(&by_thousand_users(&files.achievements)));
    assert!((340..360).contains(&by_thousand_users(&files.teams)));
    assert!((390..450).contains(&by_thousand_users(&files.memberships)));

    let plain = |row: &&Row| {
        row["Points"] == "0"
            && row["CurrentRanking"].is_empty()
            && ["TotalGold", "TotalSilver", "TotalBronze"]
                .iter()
                .all(|metal| row[*metal] == "0")
    };
    let plain = files.achievements.iter().filter(plain).count();
    let plain = plain * 1_000 / files.achievements.len();
    assert!((970..990).contains(&plain), "{plain}");

    let mut sizes: HashMap<&str, usize> = HashMap::new();
    for row in &files.memberships {
        *sizes.entry(row["TeamId"].as_str()).or_default() += 1;
    }
    let alone = sizes.values().filter(|size| **size == 1).count() * 1_000 / sizes.len();
    assert!((860..900).contains(&alone), "{alone}");
    assert!(sizes.values().any(|size| *size > 5));

    let numbers = |rows: &[Row]| {
        rows.iter()
            .map(|row| row["Id"].parse::<u64>().unwrap())
            .collect::<Vec<_>>()
    };
    assert!(numbers(&files.users).is_sorted());
    let holes = numbers(&files.users)
        .windows(2)
        .filter(|pair| pair[1] > pair[0] + 1)
        .count();
    assert_eq!(holes as u64, USERS / 40);
    let unsorted = |rows: &[Row], column: &str| {
        let keys: Vec<u64> = rows
            .iter()
            .filter_map(|row| row[column].parse().ok())
            .collect();
        !keys.is_sorted()
    };
    assert!(unsorted(&files.achievements, "UserId"));
    assert!(unsorted(&files.teams, "Id"));
    assert!(unsorted(&files.memberships, "UserId"));
    assert!(unsorted(&files.memberships, "TeamId"));
}

#[test]
fn medals_are_heavy_tailed() {
    let mut golds: Vec<u32> = Dump::new(200_000, 11)
        .truth()
        .people
        .values()
        .filter(|person| !person.competitions.is_empty())
        .map(|person| person.totals.get(&Category::Competitions))
        .map(|totals| {
            totals
                .and_then(|totals| totals.medals)
                .map_or(0, MedalCount::all)
        })
        .collect();
    golds.sort_unstable_by_key(|gold| Reverse(*gold));
    // Most medalists have one medal, and a few have several.
    assert!(golds.len() > 300, "{}", golds.len());
    assert_eq!(golds[golds.len() / 2], 1);
    assert!(golds[0] >= 4, "{:?}", &golds[..10]);
}

#[test]
fn no_past_date_is_newer_than_the_data_sets_own() {
    let dump = Dump::new(USERS, 3);
    let files = Files::of(&dump);
    let newest =
        |rows: &[Row], column: &str| rows.iter().filter_map(|row| date(&row[column])).max();
    assert_eq!(newest(&files.users, "RegisterDate"), Some(dump.as_of()));
    for (rows, column) in [
        (&files.achievements, "TierAchievementDate"),
        (&files.teams, "ScoreFirstSubmittedDate"),
        (&files.teams, "LastSubmissionDate"),
        (&files.teams, "MedalAwardDate"),
        (&files.memberships, "RequestDate"),
        (&files.competitions, "EnabledDate"),
    ] {
        let newest = newest(rows, column);
        assert!(
            newest.is_some() && newest <= Some(dump.as_of()),
            "{column}: {newest:?}"
        );
    }
}

/// What the files say, joined by ids, as simply as can be.
fn joined(files: &Files) -> BTreeMap<u64, KnownPerson> {
    let number = |row: &Row, column: &str| row[column].parse::<u32>().ok();
    let id = |row: &Row, column: &str| row[column].parse::<u64>().unwrap();
    let medals = |row: &Row| MedalCount {
        gold: number(row, "TotalGold").unwrap(),
        silver: number(row, "TotalSilver").unwrap(),
        bronze: number(row, "TotalBronze").unwrap(),
    };
    let mut people: BTreeMap<u64, KnownPerson> = files
        .users
        .iter()
        .map(|row| {
            let person = KnownPerson {
                user_id: id(row, "Id"),
                user_name: row["UserName"].clone(),
                totals: BTreeMap::new(),
                competitions: Vec::new(),
                unnamed: MedalCount::default(),
            };
            (person.user_id, person)
        })
        .collect();
    for row in &files.achievements {
        let category = match row["AchievementType"].as_str() {
            "Competitions" => Category::Competitions,
            "Scripts" => Category::Notebooks,
            "Discussion" => Category::Discussion,
            "Datasets" => Category::Datasets,
            other => panic!("{other}"),
        };
        if let Some(person) = people.get_mut(&id(row, "UserId")) {
            let totals = Totals {
                tier: number(row, "Tier").and_then(Tier::from_number),
                medals: Some(medals(row)),
                rank: Rank {
                    current: number(row, "CurrentRanking"),
                    highest: number(row, "HighestRanking"),
                    out_of: None,
                    points: number(row, "Points"),
                },
            };
            person.totals.insert(category, totals);
        }
    }
    let teams: HashMap<u64, &Row> = files.teams.iter().map(|row| (id(row, "Id"), row)).collect();
    let competitions: HashMap<u64, &Row> = files
        .competitions
        .iter()
        .map(|row| (id(row, "Id"), row))
        .collect();
    let mut sizes: HashMap<u64, u32> = HashMap::new();
    for row in &files.memberships {
        *sizes.entry(id(row, "TeamId")).or_default() += 1;
    }
    let mut medalists = HashSet::new();
    for row in &files.memberships {
        let Some(team) = teams.get(&id(row, "TeamId")) else {
            continue;
        };
        let Some(person) = people.get_mut(&id(row, "UserId")) else {
            continue;
        };
        if team["IsBenchmark"] == "True" {
            continue;
        }
        let medal = number(team, "Medal").and_then(Medal::from_number);
        if medal.is_some() {
            medalists.insert(person.user_id);
        }
        let Some(competition) = competitions.get(&id(team, "CompetitionId")) else {
            if let Some(medal) = medal {
                person.unnamed.add(medal);
            }
            continue;
        };
        let (private, public) = (
            number(team, "PrivateLeaderboardRank"),
            number(team, "PublicLeaderboardRank"),
        );
        person.competitions.push(CompetitionResult {
            slug: competition["Slug"].clone(),
            title: tame(&competition["Title"]),
            rank: private.or(public),
            rank_is_public: private.is_none() && public.is_some(),
            teams: number(competition, "TotalTeams"),
            team_size: sizes[&id(team, "Id")],
            medal,
            date: date(&team["MedalAwardDate"])
                .filter(|day| *day != jiff::civil::date(2016, 7, 15))
                .or_else(|| date(&competition["DeadlineDate"])),
        });
    }
    for person in people.values_mut() {
        if !medalists.contains(&person.user_id) {
            person.competitions.clear();
        }
        person
            .competitions
            .sort_by_key(|result| (Reverse(result.date), result.slug.clone()));
    }
    people
}

#[test]
fn the_files_say_what_the_world_knows() {
    let dump = Dump::new(USERS, 29);
    let truth = dump.truth();
    let people = joined(&Files::of(&dump));
    assert_eq!(truth.people.len() + truth.shadowed.len(), people.len());
    for person in truth.people.values().chain(&truth.shadowed) {
        assert_eq!(Some(person), people.get(&person.user_id));
    }
    let mut latest: HashMap<String, u64> = HashMap::new();
    for person in people.values() {
        // They come in the order of their ids.
        latest.insert(person.user_name.to_ascii_lowercase(), person.user_id);
    }
    for (name, person) in &truth.people {
        assert_eq!(latest.get(name), Some(&person.user_id), "{name}");
    }
    let has = |wanted: &dyn Fn(&KnownPerson) -> bool| {
        truth
            .people
            .values()
            .filter(|person| wanted(person))
            .count()
    };
    let result = |wanted: fn(&CompetitionResult) -> bool| {
        has(&|person| person.competitions.iter().any(wanted))
    };
    assert!(has(&|person| person.totals.is_empty()) > 80);
    assert!(has(&|person| person.unnamed.all() > 0) > 0);
    assert!(result(|result| result.rank_is_public && result.medal.is_some()) > 0);
    assert!(result(|result| result.rank.is_none()) > 0);
    assert!(result(|result| result.date.is_none()) > 0);
    assert!(result(|result| result.teams.is_none()) > 0);
    assert!(result(|result| result.team_size > 1) > 0);
    assert!(!truth.shadowed.is_empty() && !truth.renamed.is_empty());
}

#[test]
fn the_medals_of_the_totals_are_those_that_the_teams_won() {
    let dump = Dump::new(USERS, 29);
    let mut medalists = 0;
    for person in dump.truth().people.values() {
        let mut won = person.unnamed;
        for medal in person.competitions.iter().filter_map(|result| result.medal) {
            won.add(medal);
        }
        medalists += usize::from(won.all() > 0);
        if let Some(totals) = person.totals.get(&Category::Competitions) {
            assert_eq!(totals.medals, Some(won), "{}", person.user_name);
        }
    }
    assert!(medalists > 300, "{medalists}");
}

#[test]
fn a_name_leads_to_its_account_and_of_twins_to_the_later() {
    let dump = Dump::new(2_000, 1);
    for number in 1..=2_000 {
        let name = dump.user_name(number).to_ascii_uppercase();
        let twin = pitfalls::TWIN.hits(number + 1);
        assert_eq!(dump.find(&name), Some(number + u64::from(twin)), "{name}");
    }
    for wrong in ["", "1", "nobody", "nobody12", "ada99999999"] {
        assert_eq!(dump.find(wrong), None, "{wrong:?}");
    }
}
