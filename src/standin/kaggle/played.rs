//! The competitions of the demo, and the teams of its people in them.

use jiff::civil::{Date, date};

use crate::domain::facts::Medal;

/// An id of nobody in the data set.
const STRANGER: u64 = 9_999_001;
const ADA: u64 = 2_000_101;
const LENA: u64 = 2_000_103;
const VERA: u64 = 2_000_104;
const YUKI: u64 = 2_000_105;
const XENIA: u64 = 2_000_106;
const CARLOS: u64 = 2_000_109;
const EVA: u64 = 2_000_110;
const GUSTAV: u64 = 2_000_111;
const INES: u64 = 2_000_777;
const FELIX: u64 = 211_112;

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
    let mut teams = teams_of_the_best();
    teams.extend(teams_of_others());
    teams.extend(odd_teams());
    teams
}

fn teams_of_the_best() -> Vec<Team> {
    let strangers = [YUKI, 9_999_002, 9_999_003, 9_999_004, 9_999_005];
    vec![
        team(1, 4_001, &[YUKI, ADA, STRANGER], 3).won(Medal::Gold, date(2026, 9, 8)),
        team(2, 4_002, &[YUKI, STRANGER], 2).won(Medal::Gold, date(2025, 11, 10)),
        Team {
            awarded: None,
            ..team(3, 4_003, &strangers, 9).won(Medal::Gold, date(2024, 2, 20))
        },
        team(4, 4_004, &[YUKI], 6).won(Medal::Gold, date(2023, 7, 9)),
        team(5, 4_005, &[YUKI], 8).won(Medal::Gold, date(2022, 1, 25)),
        Team {
            name: "=2+5+cmd|'/C calc'!A0, \"we\"\n<script>\u{1b}[31m",
            ..team(6, 4_006, &[YUKI, GUSTAV], 31).won(Medal::Silver, date(2025, 4, 12))
        },
        team(7, 4_002, &[ADA], 44).won(Medal::Silver, date(2025, 11, 10)),
        team(8, 4_003, &[ADA], 118).won(Medal::Silver, date(2024, 2, 20)),
        team(9, 4_004, &[ADA], 77).won(Medal::Bronze, date(2023, 7, 9)),
        team(10, 3_136, &[ADA], 4_020),
    ]
}

fn teams_of_others() -> Vec<Team> {
    vec![
        team(11, 4_001, &[VERA], 80).won(Medal::Silver, date(2026, 9, 8)),
        Team {
            private_rank: None,
            ..team(12, 4_004, &[VERA], 95).won(Medal::Bronze, date(2023, 7, 9))
        },
        Team {
            private_rank: None,
            public_rank: None,
            ..team(13, 4_005, &[VERA], 0)
        },
        team(14, 4_003, &[XENIA], 230).won(Medal::Bronze, date(2024, 2, 20)),
        team(15, 4_002, &[XENIA], 91).won(Medal::Bronze, date(2025, 11, 10)),
        team(16, 4_002, &[CARLOS], 30).won(Medal::Silver, date(2025, 11, 10)),
        team(17, 4_003, &[CARLOS], 199).won(Medal::Bronze, date(2024, 2, 20)),
        team(18, 4_002, &[EVA], 88).won(Medal::Bronze, date(2025, 11, 10)),
        team(19, 4_004, &[EVA], 99).won(Medal::Bronze, date(2023, 7, 9)),
        team(24, 4_001, &[GUSTAV], 61).won(Medal::Silver, date(2026, 9, 8)),
        team(25, 4_001, &[INES], 160).won(Medal::Bronze, date(2026, 9, 8)),
        team(26, 3_136, &[LENA], 901),
    ]
}

/// Those from before 2016, one without a date, a benchmark, and a team that nobody is on.
fn odd_teams() -> Vec<Team> {
    let backfilled = date(2016, 7, 15);
    vec![
        team(20, 2_501, &[FELIX], 2).won(Medal::Gold, backfilled),
        team(21, 2_502, &[FELIX], 12).won(Medal::Silver, backfilled),
        team(22, 2_503, &[FELIX], 14).won(Medal::Silver, backfilled),
        Team {
            awarded: None,
            ..team(23, 4_005, &[FELIX], 30).won(Medal::Bronze, backfilled)
        },
        // Nobody's work, though somebody is written down and it has a medal.
        Team {
            benchmark: true,
            name: "Simple Baseline",
            ..team(27, 4_005, &[ADA], 1).won(Medal::Gold, date(2022, 1, 25))
        },
        team(28, 4_001, &[], 700),
    ]
}

fn team(number: u64, competition: u64, members: &[u64], rank: u32) -> Team {
    Team {
        id: 7_000_000 + number,
        competition,
        name: "made up",
        members: members.to_vec(),
        private_rank: Some(rank),
        public_rank: Some(rank + 1),
        medal: None,
        awarded: None,
        benchmark: false,
    }
}

impl Team {
    fn won(self, medal: Medal, awarded: Date) -> Self {
        Self {
            medal: Some(medal),
            awarded: Some(awarded),
            ..self
        }
    }
}
