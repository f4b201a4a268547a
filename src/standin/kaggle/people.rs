//! The demo's people on Kaggle: a made-up one for every trap that is known.
//!
//! The list of applicants that goes with them is in `standin/demo/list.rs`. Nobody in it is real.

use jiff::civil::{Date, date};

use crate::domain::facts::{Category, MedalCount, Rank, Tier, Totals};

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
