//! The accounts: names in every form, and what they reached.

use std::fmt::Write;

use jiff::civil::Date;

use super::{
    AS_OF, BACKFILLED, Dump,
    calendar::Day,
    dice::{Quantiles, draw, toss},
    pitfalls::{BLANK_NAME, NO_CURRENT_RANK, NO_RANK, NO_ROWS, RENAMED, STAFF, THREE_ROWS, TWIN},
    rows::{AchievementRow, UserRow},
    streams,
};
use crate::domain::facts::{Category, MedalCount};

/// The data set's names of the categories, in the order of an account's rows.
pub(super) const KINDS: [(&str, Category); 4] = [
    ("Competitions", Category::Competitions),
    ("Scripts", Category::Notebooks),
    ("Discussion", Category::Discussion),
    ("Datasets", Category::Datasets),
];

const GIVEN: [&str; 24] = [
    "Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Farid", "Grace", "Hanna", "Ines", "Jonas", "Kofi",
    "Lena", "Marek", "Nadia", "Otto", "Priya", "Quentin", "Rosa", "Sven", "Tala", "Umar", "Vera",
    "Wilma", "Yuki",
];
const FAMILY: [&str; 24] = [
    "Aalto", "Brandt", "Conti", "Duarte", "Eriksen", "Feldt", "Gallo", "Haddad", "Ivanova",
    "Jansen", "Kron", "Landau", "Mensah", "Nowak", "Okafor", "Petrov", "Quist", "Raman", "Szabo",
    "Takeda", "Ueda", "Vance", "Weiss", "Zeman",
];
/// Most people do not tell theirs.
const COUNTRIES: [&str; 12] = [
    "",
    "",
    "",
    "",
    "",
    "",
    "Norway",
    "Portugal",
    "Japan",
    "Côte d'Ivoire",
    "Korea, Republic of",
    "Brazil",
];

/// Days of registration: few in the early years.
const REGISTERED: &Quantiles = &[
    (0, 96),
    (100, 2_300),
    (1_000, 3_400),
    (3_000, 4_500),
    (10_000, AS_OF.0),
];
/// Points of somebody who has some.
const POINTS: &Quantiles = &[
    (0, 1),
    (5_000, 60),
    (9_000, 2_500),
    (9_900, 25_000),
    (10_000, 200_000),
];
/// Bronze medals of somebody with points in notebooks, discussion or data sets; silver and gold are fewer.
const BRONZE: &Quantiles = &[
    (0, 0),
    (4_000, 0),
    (8_000, 3),
    (9_500, 20),
    (9_950, 120),
    (10_000, 600),
];
/// Rows with points among those without a competition's medal. In 1,000.
const WITH_POINTS: u64 = 13;

impl Dump {
    /// The id of the account `number`, from 1. Some ids belong to nobody.
    pub(super) fn user_id(number: u64) -> u64 {
        number + number / 40
    }

    /// An id that belongs to nobody.
    pub(super) fn stray_user(&self, toss: u64) -> u64 {
        41 * (1 + toss % (self.users / 40)) - 1
    }

    /// The user name of the account `number`, put into `name`.
    pub(super) fn name_user(&self, number: u64, name: &mut String) {
        name.clear();
        if TWIN.hits(number) && number > 1 {
            self.name_user(number - 1, name);
            name.make_ascii_uppercase();
            return;
        }
        let toss = toss(self.seed, streams::NAME, number);
        let (given, family) = (pick(&GIVEN, toss), pick(&FAMILY, toss / 64));
        let between = match number % 17 {
            5 => "-",
            4 => "_",
            _ => "",
        };
        let _ = write!(name, "{given}{between}{family}{number}");
        if number % 7 != 2 {
            name.make_ascii_lowercase();
        }
    }

    fn name_display(&self, number: u64, name: &mut String) {
        name.clear();
        if BLANK_NAME.hits(number) {
            return;
        }
        let toss = toss(self.seed, streams::NAME, number);
        let (given, family) = (pick(&GIVEN, toss), pick(&FAMILY, toss / 64));
        let _ = match number % 53 {
            3 => write!(name, "{family}, {given}"),
            11 => write!(name, "{given} \"Ace\" {family}"),
            19 => write!(name, "{given}\n{family}"),
            23 => write!(name, "Åsa {family} 日本語 🩻"),
            31 => write!(name, "=cmd|'/C calc'!A0 {given}"),
            37 => write!(name, "<script>alert('{given}')</script>"),
            43 => write!(name, "\u{1b}[31m{given}\u{202E} {family}"),
            _ => write!(name, "{given} {family}"),
        };
    }

    /// The name that the account had before, if it was renamed.
    pub(super) fn former_name_of(number: u64) -> Option<String> {
        RENAMED.hits(number).then(|| format!("formerly{number}"))
    }

    pub(super) fn user<'t>(
        &self,
        number: u64,
        user_name: &'t mut String,
        display_name: &'t mut String,
    ) -> UserRow<'t> {
        self.name_user(number, user_name);
        self.name_display(number, display_name);
        UserRow {
            id: Self::user_id(number),
            user_name,
            display_name,
            registered: self.registered(number),
            tier: (0..4)
                .filter_map(|kind| self.achievement(number, kind))
                .map(|row| row.tier)
                .max()
                .unwrap_or_default(),
            country: pick(&COUNTRIES, toss(self.seed, streams::COUNTRY, number)),
        }
    }

    fn registered(&self, number: u64) -> Day {
        if number == self.users {
            return AS_OF;
        }
        Day(draw(number * 10_000 / self.users, REGISTERED))
    }

    /// The row of the account `number` in one of four categories, by its place; some have none.
    pub(super) fn achievement(&self, number: u64, kind: u64) -> Option<AchievementRow> {
        if NO_ROWS.hits(number) || (THREE_ROWS.hits(number) && kind == number / 97 % 4) {
            return None;
        }
        let place = usize::try_from(kind).unwrap_or_default();
        let (name, category) = *KINDS.get(place)?;
        let row = 4 * (number - 1) + kind;
        let chance = toss(self.seed, streams::ACHIEVEMENT, row);
        let medals = match category {
            Category::Competitions => self.competition_medals(number),
            _ if chance % 1_000 < WITH_POINTS => {
                let bronze = draw(chance / 1_000, BRONZE);
                MedalCount {
                    gold: small(bronze * (chance >> 40 & 7) / 30),
                    silver: small(bronze * (chance >> 43 & 7) / 15),
                    bronze: small(bronze),
                }
            }
            _ => MedalCount::default(),
        };
        let has_points = chance % 1_000 < WITH_POINTS || medals.all() > 0;
        let tier = if STAFF.hits(number) {
            5
        } else {
            tier(category, medals).unwrap_or(u64::from(has_points || chance >> 20 & 15 < 7))
        };
        let highest = 1 + (chance >> 24) % 40_000;
        let registered = self.registered(number);
        Some(AchievementRow {
            user_id: Self::user_id(number),
            kind: name,
            tier,
            reached: match tier {
                0 => None,
                _ if registered < BACKFILLED => Some(BACKFILLED),
                _ => Some(Day((registered.0 + (chance >> 32) % 400).min(AS_OF.0))),
            },
            points: if has_points {
                draw(chance >> 11, POINTS)
            } else {
                0
            },
            current: (has_points && !NO_RANK.hits(row) && !NO_CURRENT_RANK.hits(row))
                .then(|| highest + (chance >> 44) % 9_000),
            highest: (has_points && !NO_RANK.hits(row)).then_some(highest),
            medals,
        })
    }

    /// The medals that the account's teams won.
    fn competition_medals(&self, number: u64) -> MedalCount {
        let mut medals = MedalCount::default();
        let activity = self.people.place_of(number - 1);
        for (team, seat, medal) in self.contests.medal_seats(activity) {
            if self.is_seated(team, seat) {
                medals.add(medal);
            }
        }
        medals
    }

    /// The account that had the name before it was renamed.
    pub(in crate::standin::kaggle) fn find_former(&self, name: &str) -> Option<u64> {
        let number: u64 = name
            .to_ascii_lowercase()
            .strip_prefix("formerly")?
            .parse()
            .ok()?;
        let renamed = (1..=self.users).contains(&number) && RENAMED.hits(number);
        renamed.then_some(number)
    }

    /// The display name of the account `number`, and when it was registered.
    pub(in crate::standin::kaggle) fn shown_as(&self, number: u64) -> (String, Date) {
        let mut name = String::new();
        self.name_display(number, &mut name);
        (name, self.registered(number).date())
    }

    /// The number of the account that today has the name, compared without regard to case; of twins the later.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<u64> {
        let digits = name.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        let number: u64 = digits.parse().ok()?;
        let known = (1..=self.users).contains(&number);
        let mut own = String::new();
        if known {
            self.name_user(number, &mut own);
        }
        if !own.eq_ignore_ascii_case(name) {
            return None;
        }
        let twin = number + 1;
        Some(if TWIN.hits(twin) && twin <= self.users {
            twin
        } else {
            number
        })
    }
}

/// The tier that a category's medals alone bring, from expert on.
fn tier(category: Category, medals: MedalCount) -> Option<u64> {
    let at_least = |gold, silver, bronze| {
        // A better medal counts where a lesser one is asked for.
        medals.gold >= gold
            && medals.gold + medals.silver >= gold + silver
            && medals.all() >= gold + silver + bronze
    };
    let (expert, master, grandmaster) = match category {
        Category::Competitions => ((0, 0, 2), (1, 2, 0), (5, 0, 0)),
        Category::Datasets => ((0, 0, 3), (1, 4, 0), (5, 5, 0)),
        Category::Notebooks => ((0, 0, 5), (0, 10, 0), (15, 0, 0)),
        Category::Discussion => ((0, 0, 50), (0, 50, 150), (50, 0, 450)),
    };
    [(4, grandmaster), (3, master), (2, expert)]
        .into_iter()
        .find_map(|(tier, (gold, silver, bronze))| at_least(gold, silver, bronze).then_some(tier))
}

fn pick(list: &[&'static str], toss: u64) -> &'static str {
    let length = list.len() as u64;
    usize::try_from(toss % length.max(1))
        .ok()
        .and_then(|place| list.get(place))
        .copied()
        .unwrap_or_default()
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
