//! The demo's people on Kaggle: a made-up one for every trap that is known.
//!
//! The list of applicants that goes with them is in `standin/demo/list.rs`. Nobody in it is real.

use jiff::civil::{Date, date};

use crate::domain::facts::{Category, Medal, MedalCount, Rank, Tier, Totals};

/// Somebody with an account.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) id: u64,
    pub(super) user_name: &'static str,
    /// The name before, which only the live endpoint still answers. That it does is assumed.
    pub(super) former_name: Option<&'static str>,
    pub(super) display_name: &'static str,
    pub(super) joined: Date,
    /// The GitHub account named on Kaggle; empty when none.
    pub(super) github: &'static str,
    pub(super) website: &'static str,
    /// What the data set has a row of.
    pub(super) totals: Vec<(Category, Totals)>,
    /// Whether the data set has the account.
    pub(super) in_data_set: bool,
    /// Bronze medals in competitions that came after the data set. Count.
    pub(super) newer_bronze: u32,
    pub(super) opted_out: bool,
    pub(super) hidden: Vec<Category>,
}

/// A competition.
#[derive(Debug, Clone)]
pub(super) struct Competition {
    pub(super) id: u64,
    pub(super) slug: &'static str,
    pub(super) title: &'static str,
    pub(super) deadline: Option<Date>,
    pub(super) teams: Option<u32>,
    pub(super) qualifies: bool,
    /// Whether the data set has it.
    pub(super) in_data_set: bool,
}

/// A team.
#[derive(Debug, Clone)]
pub(super) struct Team {
    pub(super) id: u64,
    pub(super) competition: u64,
    pub(super) name: &'static str,
    /// The ids of its members; some are of nobody in the data set.
    pub(super) members: Vec<u64>,
    pub(super) private_rank: Option<u32>,
    pub(super) public_rank: Option<u32>,
    pub(super) medal: Option<Medal>,
    /// The date of the award as the data set has it.
    pub(super) awarded: Option<Date>,
    pub(super) benchmark: bool,
}

/// An id of nobody in the data set.
const STRANGER: u64 = 9_999_001;

/// Everybody.
pub(super) fn people() -> Vec<Person> {
    let mut people = vec![
        Person {
            github: "ada-lindqvist-example",
            totals: vec![
                (
                    Category::Competitions,
                    ranked(Tier::Master, [1, 2, 1], 812, 640),
                ),
                (
                    Category::Notebooks,
                    ranked(Tier::Expert, [0, 1, 6], 2_140, 1_900),
                ),
                (Category::Discussion, medals(Tier::Expert, [2, 5, 61])),
                (Category::Datasets, medals(Tier::Contributor, [0, 0, 0])),
            ],
            ..person(2_000_101, "adalindqvist", "Ada Lindqvist")
        },
        // No medals anywhere: the endpoint leaves the zeros out.
        Person {
            github: "dmitri-orlov-example",
            totals: everywhere(Tier::Contributor),
            ..person(2_000_102, "dmitriorlov", "Dmitri Orlov")
        },
        // Names no GitHub account.
        Person {
            totals: vec![
                (Category::Competitions, medals(Tier::Contributor, [0, 0, 0])),
                (
                    Category::Notebooks,
                    ranked(Tier::Master, [2, 11, 9], 310, 290),
                ),
                (Category::Discussion, medals(Tier::Novice, [0, 0, 0])),
                (Category::Datasets, medals(Tier::Expert, [0, 0, 4])),
            ],
            ..person(2_000_103, "lenalandau", "Lena Landau")
        },
        // On Kaggle alone; one medal's private rank is missing, and one of the four rows.
        Person {
            totals: vec![
                (
                    Category::Competitions,
                    ranked(Tier::Expert, [0, 1, 1], 4_410, 3_007),
                ),
                (Category::Notebooks, medals(Tier::Contributor, [0, 0, 2])),
                (Category::Datasets, medals(Tier::Novice, [0, 0, 0])),
            ],
            ..person(2_000_104, "veralindgren", "Vera Lindgren")
        },
        // A grandmaster by teams of two to five.
        Person {
            github: "yuki-ueda-example",
            website: "https://yuki-ueda.example/",
            totals: vec![
                (
                    Category::Competitions,
                    ranked(Tier::Grandmaster, [5, 1, 0], 41, 17),
                ),
                (Category::Notebooks, medals(Tier::Expert, [0, 2, 7])),
                (Category::Discussion, medals(Tier::Master, [8, 61, 140])),
                (Category::Datasets, medals(Tier::Contributor, [0, 0, 1])),
            ],
            ..person(2_000_105, "yukiueda", "Yuki Ueda")
        },
        // Names another GitHub account than the application.
        Person {
            github: "xavier-quist-example",
            totals: vec![
                (
                    Category::Competitions,
                    ranked(Tier::Expert, [0, 0, 2], 5_120, 4_800),
                ),
                (Category::Notebooks, medals(Tier::Contributor, [0, 0, 0])),
                (Category::Discussion, medals(Tier::Contributor, [0, 0, 0])),
                (Category::Datasets, medals(Tier::Contributor, [0, 0, 0])),
            ],
            ..person(2_000_106, "xeniaquist", "Xenia Quist")
        },
    ];
    people.extend(unseen());
    people.extend(odd());
    people
}

/// Those of whom one teller or both see only a part.
fn unseen() -> Vec<Person> {
    vec![
        Person {
            opted_out: true,
            ..person(2_000_107, "zacopal", "Zac Opal")
        },
        Person {
            hidden: vec![Category::Notebooks],
            totals: everywhere(Tier::Contributor),
            ..person(2_000_108, "brigittefalk", "Brigitte Falk")
        },
        Person {
            former_name: Some("carlosold"),
            totals: vec![
                (
                    Category::Competitions,
                    ranked(Tier::Expert, [0, 1, 1], 3_900, 3_900),
                ),
                (Category::Notebooks, medals(Tier::Novice, [0, 0, 0])),
                (Category::Discussion, medals(Tier::Novice, [0, 0, 0])),
                (Category::Datasets, medals(Tier::Novice, [0, 0, 0])),
            ],
            ..person(2_000_109, "CarlosNova", "Carlos Nova")
        },
        Person {
            joined: date(2026, 10, 31),
            in_data_set: false,
            totals: vec![(Category::Competitions, medals(Tier::Novice, [0, 0, 0]))],
            ..person(2_000_900, "daisymill", "Daisy Mill")
        },
        Person {
            newer_bronze: 1,
            totals: vec![
                (
                    Category::Competitions,
                    ranked(Tier::Expert, [0, 0, 2], 6_000, 5_500),
                ),
                (Category::Notebooks, medals(Tier::Contributor, [0, 0, 0])),
                (Category::Discussion, medals(Tier::Contributor, [0, 0, 0])),
                (Category::Datasets, medals(Tier::Contributor, [0, 0, 0])),
            ],
            ..person(2_000_110, "evamoore", "Eva Moore")
        },
    ]
}

/// Those whose records are odd.
fn odd() -> Vec<Person> {
    vec![
        // Medals from before 2016, when their dates were filled in, and one whose competition is missing.
        Person {
            joined: date(2011, 5, 6),
            totals: vec![
                (
                    Category::Competitions,
                    ranked(Tier::Master, [1, 2, 1], 9_001, 12),
                ),
                (Category::Discussion, medals(Tier::Contributor, [0, 0, 3])),
                (Category::Notebooks, medals(Tier::Novice, [0, 0, 0])),
                (Category::Datasets, medals(Tier::Novice, [0, 0, 0])),
            ],
            ..person(211_112, "felixolden", "Felix Olden")
        },
        Person {
            website: "javascript:alert(1)",
            totals: vec![
                (
                    Category::Competitions,
                    ranked(Tier::Expert, [0, 2, 0], 2_222, 2_200),
                ),
                (Category::Notebooks, medals(Tier::Contributor, [0, 0, 0])),
                (Category::Discussion, medals(Tier::Contributor, [0, 0, 0])),
                (Category::Datasets, medals(Tier::Contributor, [0, 0, 0])),
            ],
            ..person(
                2_000_111,
                "gustavhall",
                "=cmd|'/C calc'!A0 \u{1b}[31m<script>alert(1)</script>\u{202E},\n\"Gustav\"",
            )
        },
        Person {
            github: "wilma-kron-example",
            website: "https://wilma-kron.example/",
            totals: vec![
                (Category::Competitions, medals(Tier::Contributor, [0, 0, 0])),
                (
                    Category::Notebooks,
                    ranked(Tier::Expert, [0, 1, 8], 1_777, 1_700),
                ),
                (Category::Discussion, medals(Tier::Contributor, [0, 0, 0])),
                (Category::Datasets, medals(Tier::Contributor, [0, 0, 1])),
            ],
            ..person(2_000_112, "wilmakron", "Wilma Kron")
        },
        // Two names that differ in case alone: the later account has the name.
        Person {
            totals: everywhere(Tier::Novice),
            ..person(2_000_113, "InesDuarte", "")
        },
        Person {
            totals: vec![
                (Category::Competitions, medals(Tier::Contributor, [0, 0, 1])),
                (Category::Notebooks, medals(Tier::Contributor, [0, 0, 0])),
                (Category::Discussion, medals(Tier::Contributor, [0, 0, 0])),
                (Category::Datasets, medals(Tier::Contributor, [0, 0, 0])),
            ],
            ..person(2_000_777, "inesduarte", "Ines Duarte")
        },
    ]
}

/// Every competition.
pub(super) fn competitions() -> Vec<Competition> {
    let plain = |id, slug, title, deadline, teams| Competition {
        id,
        slug,
        title,
        deadline: Some(deadline),
        teams: Some(teams),
        qualifies: true,
        in_data_set: true,
    };
    vec![
        plain(
            4_001,
            "knee-mri-example",
            "Knee MRI Segmentation",
            date(2026, 8, 31),
            1_640,
        ),
        plain(
            4_002,
            "whale-songs-example",
            "Whale Songs",
            date(2025, 11, 3),
            903,
        ),
        plain(
            4_003,
            "Store-Sales-Example",
            "Store Sales III",
            date(2024, 2, 12),
            2_410,
        ),
        plain(
            4_004,
            "sea-ice-example",
            "Sea Ice from Orbit",
            date(2023, 6, 30),
            412,
        ),
        plain(
            4_005,
            "leaf-diseases-example",
            "Leaf Diseases",
            date(2022, 1, 17),
            88,
        ),
        plain(
            2_501,
            "EventPictures2013",
            "Event Pictures 2013",
            date(2013, 2, 20),
            223,
        ),
        Competition {
            deadline: None,
            teams: None,
            ..plain(
                2_502,
                "no-end-example",
                "A Contest without End",
                date(2014, 1, 1),
                0,
            )
        },
        Competition {
            in_data_set: false,
            ..plain(
                2_503,
                "withdrawn-example",
                "Withdrawn",
                date(2015, 3, 3),
                150,
            )
        },
        plain(
            4_006,
            "hostile-example",
            "<img src=x onerror=alert(1)> \u{1b}[2J\u{202E}=HYPERLINK(\"https://evil.example\")\nsecond line",
            date(2025, 4, 4),
            510,
        ),
        Competition {
            qualifies: false,
            ..plain(
                3_136,
                "beginners-example",
                "Who Floats? For Beginners",
                date(2030, 1, 1),
                15_200,
            )
        },
    ]
}

/// Every team. The medals are those of the people's totals.
pub(super) fn teams() -> Vec<Team> {
    let [ada, lena, vera, yuki] = [2_000_101, 2_000_103, 2_000_104, 2_000_105];
    let [xenia, carlos, eva, felix, gustav, ines] = [
        2_000_106, 2_000_109, 2_000_110, 211_112, 2_000_111, 2_000_777,
    ];
    let backfilled = Some(date(2016, 7, 15));
    let mut teams = vec![
        team(
            1,
            4_001,
            &[yuki, ada, STRANGER],
            3,
            Some(Medal::Gold),
            Some(date(2026, 9, 8)),
        ),
        team(
            2,
            4_002,
            &[yuki, STRANGER],
            2,
            Some(Medal::Gold),
            Some(date(2025, 11, 10)),
        ),
        team(
            3,
            4_003,
            &[yuki, 9_999_002, 9_999_003, 9_999_004, 9_999_005],
            9,
            Some(Medal::Gold),
            None,
        ),
        team(
            4,
            4_004,
            &[yuki],
            6,
            Some(Medal::Gold),
            Some(date(2023, 7, 9)),
        ),
        team(
            5,
            4_005,
            &[yuki],
            8,
            Some(Medal::Gold),
            Some(date(2022, 1, 25)),
        ),
        team(
            6,
            4_006,
            &[yuki, gustav],
            31,
            Some(Medal::Silver),
            Some(date(2025, 4, 12)),
        ),
        team(
            7,
            4_002,
            &[ada],
            44,
            Some(Medal::Silver),
            Some(date(2025, 11, 10)),
        ),
        team(
            8,
            4_003,
            &[ada],
            118,
            Some(Medal::Silver),
            Some(date(2024, 2, 20)),
        ),
        team(
            9,
            4_004,
            &[ada],
            77,
            Some(Medal::Bronze),
            Some(date(2023, 7, 9)),
        ),
        team(10, 3_136, &[ada], 4_020, None, None),
        team(
            11,
            4_001,
            &[vera],
            80,
            Some(Medal::Silver),
            Some(date(2026, 9, 8)),
        ),
        Team {
            private_rank: None,
            ..team(
                12,
                4_004,
                &[vera],
                95,
                Some(Medal::Bronze),
                Some(date(2023, 7, 9)),
            )
        },
        Team {
            private_rank: None,
            public_rank: None,
            ..team(13, 4_005, &[vera], 0, None, None)
        },
        team(
            14,
            4_003,
            &[xenia],
            230,
            Some(Medal::Bronze),
            Some(date(2024, 2, 20)),
        ),
        team(
            15,
            4_002,
            &[xenia],
            91,
            Some(Medal::Bronze),
            Some(date(2025, 11, 10)),
        ),
        team(
            16,
            4_002,
            &[carlos],
            30,
            Some(Medal::Silver),
            Some(date(2025, 11, 10)),
        ),
        team(
            17,
            4_003,
            &[carlos],
            199,
            Some(Medal::Bronze),
            Some(date(2024, 2, 20)),
        ),
        team(
            18,
            4_002,
            &[eva],
            88,
            Some(Medal::Bronze),
            Some(date(2025, 11, 10)),
        ),
        team(
            19,
            4_004,
            &[eva],
            99,
            Some(Medal::Bronze),
            Some(date(2023, 7, 9)),
        ),
        team(20, 2_501, &[felix], 2, Some(Medal::Gold), backfilled),
        team(21, 2_502, &[felix], 12, Some(Medal::Silver), backfilled),
        team(22, 2_503, &[felix], 14, Some(Medal::Silver), backfilled),
        Team {
            awarded: None,
            ..team(23, 4_005, &[felix], 30, Some(Medal::Bronze), None)
        },
        team(
            24,
            4_001,
            &[gustav],
            61,
            Some(Medal::Silver),
            Some(date(2026, 9, 8)),
        ),
        team(
            25,
            4_001,
            &[ines],
            160,
            Some(Medal::Bronze),
            Some(date(2026, 9, 8)),
        ),
        team(26, 3_136, &[lena], 901, None, None),
        // Nobody's work, though somebody is written down and it has a medal.
        Team {
            benchmark: true,
            name: "Simple Baseline",
            ..team(
                27,
                4_005,
                &[ada],
                1,
                Some(Medal::Gold),
                Some(date(2022, 1, 25)),
            )
        },
        team(28, 4_001, &[], 700, None, None),
    ];
    teams[5].name = "=2+5+cmd|'/C calc'!A0, \"we\"\n<script>\u{1b}[31m";
    teams
}

fn person(id: u64, user_name: &'static str, display_name: &'static str) -> Person {
    Person {
        id,
        user_name,
        former_name: None,
        display_name,
        joined: date(2019, 3, 14),
        github: "",
        website: "",
        totals: Vec::new(),
        in_data_set: true,
        newer_bronze: 0,
        opted_out: false,
        hidden: Vec::new(),
    }
}

fn medals(tier: Tier, [gold, silver, bronze]: [u32; 3]) -> Totals {
    Totals {
        tier: Some(tier),
        medals: Some(MedalCount {
            gold,
            silver,
            bronze,
        }),
        rank: Rank {
            points: Some(0),
            ..Rank::default()
        },
    }
}

fn ranked(tier: Tier, counts: [u32; 3], current: u32, highest: u32) -> Totals {
    Totals {
        rank: Rank {
            current: Some(current),
            highest: Some(highest),
            out_of: None,
            points: Some(200_000 / current),
        },
        ..medals(tier, counts)
    }
}

fn everywhere(tier: Tier) -> Vec<(Category, Totals)> {
    Category::ALL
        .into_iter()
        .map(|category| (category, medals(tier, [0, 0, 0])))
        .collect()
}

fn team(
    number: u64,
    competition: u64,
    members: &[u64],
    rank: u32,
    medal: Option<Medal>,
    awarded: Option<Date>,
) -> Team {
    Team {
        id: 7_000_000 + number,
        competition,
        name: "made up",
        members: members.to_vec(),
        private_rank: Some(rank),
        public_rank: Some(rank + 1),
        medal,
        awarded,
        benchmark: false,
    }
}
