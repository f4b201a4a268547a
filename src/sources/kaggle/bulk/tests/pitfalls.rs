//! What is odd in the data, one by one.

use std::fmt::Write;

use jiff::civil::{Date, date};

use super::super::Person;
use super::*;
use crate::domain::facts::{Category, CompetitionResult, Medal, MedalCount, Rank, Tier, Totals};

fn find(index: &Index, name: &str) -> Person {
    index.find(name).unwrap().unwrap()
}

#[test]
fn a_person_is_told_whole() {
    let index = Sheets::small().index();
    let ada = Person {
        user_id: 7,
        user_name: "Ada-Example".to_owned(),
        totals: BTreeMap::from([(
            Category::Competitions,
            Totals {
                tier: Some(Tier::Master),
                medals: Some(MedalCount {
                    gold: 1,
                    ..MedalCount::default()
                }),
                rank: Rank {
                    current: Some(55),
                    highest: Some(17),
                    out_of: None,
                    points: Some(1_200),
                },
            },
        )]),
        competitions: vec![
            CompetitionResult {
                slug: "second".to_owned(),
                title: "Second, too".to_owned(),
                rank: Some(800),
                rank_is_public: false,
                teams: Some(2_000),
                team_size: 2,
                medal: None,
                date: Some(date(2021, 9, 1)),
            },
            CompetitionResult {
                slug: "First-Prize".to_owned(),
                title: "First".to_owned(),
                rank: Some(3),
                rank_is_public: false,
                teams: Some(1_000),
                team_size: 1,
                medal: Some(Medal::Gold),
                date: Some(date(2020, 8, 9)),
            },
        ],
        unnamed: MedalCount::default(),
    };
    for name in ["Ada-Example", "ada-example", "ADA-EXAMPLE"] {
        assert_eq!(find(&index, name), ada);
    }
    assert_eq!(index.find_id(7).unwrap(), Some(ada));
    for nobody in ["", "ada", "ada-example ", "ada_example"] {
        assert_eq!(index.find(nobody).unwrap(), None, "{nobody:?}");
    }
    for nobody in [0, 8, 10, u64::from(u32::MAX), u64::MAX] {
        assert_eq!(index.find_id(nobody).unwrap(), None, "{nobody}");
    }
    let bob = find(&index, "Bob-Example");
    // Without a medal no competitions, though he was in one.
    assert!(bob.competitions.is_empty());
    let expected = Totals {
        tier: Some(Tier::Novice),
        medals: Some(MedalCount::default()),
        rank: Rank {
            points: Some(0),
            ..Rank::default()
        },
    };
    assert_eq!(
        bob.totals,
        BTreeMap::from([(Category::Notebooks, expected)])
    );
    assert_eq!(oddities(&index), []);
    let about = index.about();
    assert_eq!((about.users, about.medalists), (2, 1));
    assert_eq!(about.as_of, "2021-05-06T00:00:00Z".parse().unwrap());
    assert_eq!(about.rows["TeamMemberships.csv"], 3);
}

#[test]
fn what_a_category_does_not_say_is_unknown_and_not_zero() {
    let sheets = Sheets::small().rows(
        Table::UserAchievements,
        "1,7,Competitions,,,,,,,,\n\
         2,7,Datasets,2,,,,,0,0,0\n\
         3,7,Notebooks,9,,x,-1,0,0,1,0\n\
         4,7,Discussion,4,,12.5,,3,1,,0\n\
         5,9,Kernels,0,,0,,,0,0,0\n\
         6,9,Models,3,,5,,,1,1,1\n\
         7,8,Competitions,3,,5,,,1,1,1\n\
         8,9,Kernels,4,,7,,,9,9,9\n\
         9,1x,Kernels,4,,7,,,9,9,9\n",
    );
    let index = sheets.index();
    let totals = find(&index, "ada-example").totals;
    assert_eq!(totals[&Category::Competitions], Totals::default());
    let datasets = totals[&Category::Datasets];
    assert_eq!(datasets.tier, Some(Tier::Expert));
    assert_eq!(datasets.medals, Some(MedalCount::default()));
    assert_eq!(datasets.rank, Rank::default());
    let notebooks = totals[&Category::Notebooks];
    assert_eq!(notebooks.tier, None);
    let silver = MedalCount {
        silver: 1,
        ..MedalCount::default()
    };
    assert_eq!(notebooks.medals, Some(silver));
    assert_eq!(notebooks.rank, Rank::default());
    let discussion = totals[&Category::Discussion];
    assert_eq!(discussion.tier, Some(Tier::Grandmaster));
    assert_eq!(discussion.medals, None);
    assert_eq!(discussion.rank.points, Some(13));
    assert_eq!(discussion.rank.highest, Some(3));
    // Of two rows the first counts.
    let bob = find(&index, "bob-example").totals;
    assert_eq!(
        bob.keys().copied().collect::<Vec<_>>(),
        [Category::Notebooks]
    );
    assert_eq!(bob[&Category::Notebooks].tier, Some(Tier::Novice));
    assert_eq!(
        oddities(&index),
        [
            ("achievements given twice", 1),
            ("achievements of an unknown type", 1),
            ("achievements without their user", 1),
            ("rows left out: a key is no number", 1),
            ("values that are no number", 3),
        ]
    );
}

#[test]
fn somebody_without_a_row_has_no_totals_at_all() {
    let rows = "1,7,Competitions,3,,0,,,0,0,0\n";
    let index = Sheets::small().rows(Table::UserAchievements, rows).index();
    assert!(find(&index, "bob-example").totals.is_empty());
    assert_eq!(oddities(&index), [("users without an achievement", 1)]);
}

/// Ada's competitions, with these teams, all hers.
fn played(teams: &str) -> (Person, Vec<(String, u64)>) {
    let mut members = String::new();
    for team in teams.lines() {
        let (id, _) = team.split_once(',').unwrap();
        members += &["1,", id, ",7,\n"].concat();
    }
    let index = Sheets::small()
        .rows(Table::Teams, teams)
        .rows(Table::TeamMemberships, &members)
        .index();
    let told = oddities(&index);
    let told = told
        .into_iter()
        .map(|(words, count)| (words.to_owned(), count))
        .collect();
    (find(&index, "ada-example"), told)
}

fn told(words: &str, count: u64) -> (String, u64) {
    (words.to_owned(), count)
}

#[test]
fn without_a_private_rank_the_public_one_is_told_as_such() {
    let (ada, odd) = played(
        "1,31,,False,2,08/09/2020,12,\n\
         2,32,,False,,,0,\n",
    );
    let ranks: Vec<_> = ada
        .competitions
        .iter()
        .map(|result| (result.rank, result.rank_is_public))
        .collect();
    assert_eq!(ranks, [(None, false), (Some(12), true)]);
    assert_eq!(
        odd,
        [
            told("teams with a rank on the public leaderboard alone", 1),
            told("teams without a rank", 1),
            told("values that are no number", 1),
        ]
    );
}

#[test]
fn benchmarks_are_nobodys_teams() {
    let (ada, odd) = played(
        "1,31,,True,1,08/09/2020,1,1\n\
         2,32,,False,,,9,9\n",
    );
    assert!(ada.competitions.is_empty());
    assert_eq!(odd, [told("teams that are benchmarks", 1)]);
}

#[test]
fn a_date_that_was_filled_in_is_none_and_the_competitions_end_stands_in() {
    for (awarded, expected, words) in [
        ("08/09/2020", date(2020, 8, 9), None),
        ("08/09/2020 00:00:00", date(2020, 8, 9), None),
        (
            "07/15/2016",
            date(2020, 8, 1),
            Some("medals dated afterwards (2016-07-15)"),
        ),
        ("", date(2020, 8, 1), Some("medals without a date")),
        ("02/30/2020", date(2020, 8, 1), Some("dates that are none")),
    ] {
        let (ada, odd) = played(&format!("1,31,,False,3,{awarded},5,5\n"));
        assert_eq!(ada.competitions[0].date, Some(expected), "{awarded}");
        assert_eq!(ada.competitions[0].medal, Some(Medal::Bronze));
        let expected: Vec<_> = words.map(|words| told(words, 1)).into_iter().collect();
        assert_eq!(odd, expected, "{awarded}");
    }
}

#[test]
fn a_medal_of_a_missing_competition_counts_without_a_name() {
    let (ada, odd) = played(
        "1,99,,False,1,08/09/2020,5,5\n\
         2,98,,False,,,5,5\n\
         3,32,,False,,,5,5\n",
    );
    let gold = MedalCount {
        gold: 1,
        ..MedalCount::default()
    };
    assert_eq!(ada.unnamed, gold);
    let slugs: Vec<_> = ada
        .competitions
        .iter()
        .map(|result| result.slug.as_str())
        .collect();
    assert_eq!(slugs, ["second"]);
    assert_eq!(odd, [told("teams without their competition", 2)]);
}

#[test]
fn a_competition_that_says_little_leaves_it_unknown() {
    let competitions = "31,a,A,,,,True\n32,b,B,,soon,many,True\n";
    let index = Sheets::small()
        .rows(Table::Competitions, competitions)
        .rows(Table::Teams, "500,31,,False,4,,,1\n501,32,,False,1,,,1\n")
        .index();
    let ada = find(&index, "ada-example");
    let dates: Vec<Option<Date>> = ada.competitions.iter().map(|result| result.date).collect();
    assert_eq!(dates, [None, None]);
    assert!(ada.competitions.iter().all(|result| result.teams.is_none()));
    // A fourth medal there is not.
    let medals: Vec<_> = ada.competitions.iter().map(|result| result.medal).collect();
    assert_eq!(medals, [None, Some(Medal::Gold)]);
    assert_eq!(
        oddities(&index),
        [
            ("dates that are none", 1),
            ("medals without a date", 1),
            ("values that are no number", 2),
        ]
    );
}

#[test]
fn a_team_is_as_large_as_it_has_members_known_or_not_each_once() {
    let members = "1,500,7,\n2,500,7,\n3,500,1000,\n4,500,1001,\n5,777,7,\n6,500,,\n7,,7,\n";
    let index = Sheets::small()
        .rows(Table::TeamMemberships, members)
        .index();
    let ada = find(&index, "ada-example");
    assert_eq!(ada.competitions[0].team_size, 3);
    assert_eq!(
        oddities(&index),
        [
            ("memberships given twice", 1),
            ("memberships without their team", 1),
            ("memberships without their user", 2),
            ("rows left out: a key is no number", 2),
        ]
    );
}

#[test]
fn of_names_that_differ_in_case_alone_the_one_that_is_spelled_so_is_found_or_else_the_higher_number()
 {
    for (first, second) in [("7,Same", "9,sAME"), ("9,sAME", "7,Same")] {
        let rows = format!("{first},,01/02/2020,0,\n{second},,01/02/2020,0,\n");
        let index = Sheets::small().rows(Table::Users, &rows).index();
        for (asked, id, name) in [
            ("Same", 7, "Same"),
            ("sAME", 9, "sAME"),
            ("same", 9, "sAME"),
            ("SAME", 9, "sAME"),
        ] {
            let found = find(&index, asked);
            assert_eq!((found.user_id, found.user_name.as_str()), (id, name));
        }
        assert_eq!(index.find_id(7).unwrap().unwrap().user_name, "Same");
        assert_eq!(index.find_id(9).unwrap().unwrap().user_name, "sAME");
        let expected = ("user names that differ in case alone", 1);
        assert!(oddities(&index).contains(&expected));
    }
}

#[test]
fn of_names_that_are_spelled_the_same_the_higher_number_is_found() {
    let rows = "7,same,,01/02/2020,0,\n9,same,,01/02/2020,0,\n";
    let index = Sheets::small().rows(Table::Users, rows).index();
    assert_eq!(find(&index, "same").user_id, 9);
    assert_eq!(find(&index, "SAME").user_id, 9);
}

#[test]
fn rows_given_twice_count_once_and_the_first_wins() {
    let users =
        "9,bob-example,,05/06/2021,0,\n9,other,,05/06/2021,0,\n7,Ada-Example,,,0,\n7,late,,,0,\n";
    let ascending = "7,Ada-Example,,05/06/2021,0,\n9,bob-example,,,0,\n9,other,,,0,\n7,late,,,0,\n";
    for users in [users, ascending] {
        let index = Sheets::small()
            .rows(Table::Users, users)
            .rows(
                Table::Teams,
                "500,31,,False,1,,,1\n500,32,,False,2,,,2\n501,32,,False,,,,2\n",
            )
            .rows(
                Table::Competitions,
                "31,a,A,,,,True\n31,b,B,,,,True\n32,c,C,,,,True\n",
            )
            .index();
        assert_eq!(find(&index, "bob-example").user_id, 9);
        assert_eq!(find(&index, "ada-example").competitions[0].slug, "a");
        assert_eq!(index.find("other").unwrap(), None);
        assert_eq!(index.find("late").unwrap(), None);
        assert_eq!(
            oddities(&index),
            [
                ("competitions given twice", 1),
                ("medals without a date", 2),
                ("teams given twice", 1),
                ("users given twice", 2),
            ]
        );
    }
}

#[test]
fn numbers_may_be_scattered_over_all_32_bits_and_beyond_them_a_row_is_left_out() {
    let users = "0,zero,,01/02/2020,0,\n4294967295,last,,01/02/2020,0,\n\
                 2147483648,middle,,01/02/2020,0,\n4294967296,beyond,,01/02/2020,0,\n";
    let achievements = "1,4294967295,Datasets,5,,0,,,0,0,0\n\
                        2,0,Datasets,1,,0,,,0,0,0\n\
                        3,2147483648,Datasets,4,,1,2,3,4,5,6\n";
    let index = Sheets::small()
        .rows(Table::Users, users)
        .rows(Table::UserAchievements, achievements)
        .rows(
            Table::Teams,
            "4294967295,4294967295,,False,1,,,1\n0,0,,False,2,,,2\n",
        )
        .rows(
            Table::TeamMemberships,
            "1,4294967295,4294967295,\n2,0,4294967295,\n",
        )
        .rows(Table::Competitions, "4294967295,a,A,,,,\n0,b,B,,,,\n")
        .index();
    let last = find(&index, "last");
    assert_eq!(last.user_id, u64::from(u32::MAX));
    assert_eq!(
        index.find_id(u64::from(u32::MAX)).unwrap().as_ref(),
        Some(&last)
    );
    assert_eq!(last.totals[&Category::Datasets].tier, Some(Tier::Staff));
    assert_eq!(last.competitions.len(), 2);
    let middle = find(&index, "middle").totals[&Category::Datasets];
    assert_eq!(middle.medals.map(MedalCount::all), Some(15));
    assert_eq!(
        find(&index, "zero").totals[&Category::Datasets].tier,
        Some(Tier::Contributor)
    );
    assert_eq!(index.find("beyond").unwrap(), None);
    assert!(oddities(&index).contains(&("rows left out: a key is no number", 1)));
}

#[test]
fn a_user_whose_name_kaggle_gives_nobody_is_left_out_and_found_neither_by_it_nor_by_number() {
    let longest = "y".repeat(40);
    let bad = [
        "x".repeat(41),
        "z".repeat(256),
        "Ünï-Example".to_owned(),
        "../ada b?x#y".to_owned(),
        "\u{1b}[31mred".to_owned(),
        "-ada".to_owned(),
        "a  b".to_owned(),
        "competitions".to_owned(),
    ];
    let mut users = format!("7,,,01/02/2020,0,\n8,,,01/02/2020,0,\n10,{longest},,01/02/2020,0,\n");
    for (id, name) in (11..).zip(&bad) {
        writeln!(users, "{id},{name},,01/02/2020,0,").unwrap();
    }
    let index = Sheets::small().rows(Table::Users, &users).index();
    assert_eq!(index.about().users, 1);
    assert_eq!(find(&index, &longest).user_id, 10);
    assert_eq!(index.find("").unwrap(), None);
    for name in &bad {
        assert_eq!(index.find(name).unwrap(), None, "{name:?}");
    }
    for id in [7, 8, 11, 12, 13, 14, 15, 16, 17, 18] {
        assert_eq!(index.find_id(id).unwrap(), None, "{id}");
    }
    let told = oddities(&index);
    assert!(told.contains(&("users left out: no name", 2)));
    assert!(told.contains(&("users left out: a name that Kaggle gives nobody", 8)));
}

#[test]
fn a_competition_whose_slug_may_be_no_part_of_an_address_has_no_name() {
    let long = "x".repeat(201);
    for slug in [
        "",
        "../a b?x#y",
        "a/b",
        "..",
        ".",
        "a b",
        "é",
        "\u{1b}[31m",
        &long,
    ] {
        let competitions =
            format!("31,{slug},First,,08/01/2020,9,True\n32,good_1.2-x,Second,,,,True\n");
        let index = Sheets::small()
            .rows(Table::Competitions, &competitions)
            .index();
        let ada = find(&index, "ada-example");
        let slugs: Vec<&str> = ada
            .competitions
            .iter()
            .map(|result| result.slug.as_str())
            .collect();
        assert_eq!(slugs, ["good_1.2-x"], "{slug:?}");
        let gold = MedalCount {
            gold: 1,
            ..MedalCount::default()
        };
        assert_eq!(ada.unnamed, gold, "{slug:?}");
        assert!(oddities(&index).contains(&("competitions left out: a slug that is none", 1)));
    }
}

#[test]
fn a_title_is_made_harmless_and_a_slug_keeps_its_case() {
    let hostile = "31,MiXed-Case,\"\u{1b}[31mtwo\nlines \u{202e}\"\"x\"\"\",,,,True\n";
    let index = Sheets::small().rows(Table::Competitions, hostile).index();
    let ada = find(&index, "ada-example");
    assert_eq!(ada.competitions[0].slug, "MiXed-Case");
    assert_eq!(ada.competitions[0].title, "[31mtwo lines \"x\"");
}

#[test]
fn a_registration_after_the_import_is_left_aside_and_the_newest_of_the_rest_is_the_datas_date() {
    for late in ["12/31/2099", "12/31/9999", "11/02/2026"] {
        for rows in [
            format!("7,ada-example,,01/02/2020,0,\n9,bob,,{late},0,\n"),
            format!("7,ada-example,,{late},0,\n9,bob,,01/02/2020,0,\n"),
        ] {
            let index = Sheets::small().rows(Table::Users, &rows).index();
            let expected = "2020-01-02T00:00:00Z".parse().unwrap();
            assert_eq!(index.about().as_of, expected, "{late}");
            assert!(oddities(&index).contains(&("dates after the import", 1)));
        }
    }
}

#[test]
fn a_registration_on_the_day_of_the_import_is_a_date_of_the_data() {
    let users = "7,ada-example,,01/02/2020,0,\n9,bob,,11/01/2026,0,\n";
    let index = Sheets::small().rows(Table::Users, users).index();
    let expected = "2026-11-01T00:00:00Z".parse().unwrap();
    assert_eq!(index.about().as_of, expected);
    assert_eq!(oddities(&index), []);
}
