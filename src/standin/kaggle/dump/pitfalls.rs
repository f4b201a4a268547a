//! What is odd in the data set, each at a rate that is known, so that a test can count it.

/// Every so many numbers one is odd.
#[derive(Debug, Clone, Copy)]
pub struct Every {
    /// One in so many. Count.
    pub of: u64,
    /// Which of them: the remainder of its number.
    pub at: u64,
}

impl Every {
    const fn new(of: u64, at: u64) -> Self {
        Self { of, at }
    }

    /// Whether the number is one of the odd.
    #[must_use]
    pub const fn hits(self, number: u64) -> bool {
        number % self.of == self.at
    }
}

// Of accounts, by number from 1.

/// The display name is blank.
pub const BLANK_NAME: Every = Every::new(89, 7);
/// The user name differs from that of the account before in case alone; the later account has the name.
pub const TWIN: Every = Every::new(499, 0);
/// No achievement row at all. That this is what opting out of the progression does is assumed.
pub const NO_ROWS: Every = Every::new(211, 9);
/// Three achievement rows instead of four.
pub const THREE_ROWS: Every = Every::new(97, 11);
/// The account had another name before, of which the data set knows nothing.
pub const RENAMED: Every = Every::new(307, 5);
/// One of Kaggle's own people: tier 5.
pub const STAFF: Every = Every::new(9_973, 1);

// Of achievement rows, by four times the account's number less one, and the category's place.

/// The row is in the file a second time, under another id.
pub const TWICE: Every = Every::new(1_009, 4);
/// A row with points that has no rank of today.
pub const NO_CURRENT_RANK: Every = Every::new(7, 3);
/// A row with points that has no rank at all.
pub const NO_RANK: Every = Every::new(11, 5);
/// Behind the row, by its place in the file, comes one of an account that is not in the data set.
pub const STRAY_ACHIEVEMENT: Every = Every::new(997, 17);

// Of teams, by number from 0.

/// A benchmark, which is nobody's work, though members may be written down. One in two has ranks, and one in
/// three with a medal's rank has the medal.
pub const BENCHMARK: Every = Every::new(83, 41);
/// The private rank is missing, the public one is there.
pub const NO_PRIVATE_RANK: Every = Every::new(151, 7);
/// No rank at all, where there is no medal.
pub const NEVER_SCORED: Every = Every::new(61, 17);
/// A medal without the date of its award.
pub const NO_AWARD_DATE: Every = Every::new(37, 5);
/// Nobody is on the team.
pub const NO_MEMBERS: Every = Every::new(401, 3);
/// The leader is an account that is not in the data set.
pub const STRAY_LEADER: Every = Every::new(409, 11);
/// There is no leader.
pub const NO_LEADER: Every = Every::new(113, 13);

// Of memberships.

/// By eight times the team's number, and the member's place: the account is not in the data set.
pub const STRAY_MEMBER: Every = Every::new(397, 5);
/// By its place in the file: behind it comes one of a team that is not in the data set.
pub const STRAY_MEMBERSHIP: Every = Every::new(499, 23);

// Of competitions that qualify for tiers, by their number among themselves.

/// It has no deadline.
pub const NO_DEADLINE: Every = Every::new(40, 0);
/// It is not in the data set, its teams are.
pub const MISSING_COMPETITION: Every = Every::new(40, 5);

// Of all competitions, by number from 0.

/// The number of teams is not told.
pub const NO_TOTAL: Every = Every::new(29, 14);
/// The slug has capital letters.
pub const MIXED_CASE_SLUG: Every = Every::new(9, 4);
/// The title means harm.
pub const HOSTILE_TITLE: Every = Every::new(15, 4);

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeSet, HashMap, HashSet},
        sync::LazyLock,
    };

    use super::{
        super::{
            Dump,
            tests::{Files, Row, USERS, date},
        },
        *,
    };

    static FILES: LazyLock<Files> = LazyLock::new(|| Files::of(&Dump::new(USERS, 11)));

    fn ids(rows: &[Row], column: &str) -> HashSet<u64> {
        rows.iter()
            .filter_map(|row| row[column].parse().ok())
            .collect()
    }

    /// How many numbers below `end`, from `start` on, are odd in this way.
    fn odd(start: u64, end: u64, every: Every) -> usize {
        (start..end).filter(|number| every.hits(*number)).count()
    }

    fn stray(rows: &[Row], column: &str, known: &HashSet<u64>) -> usize {
        rows.iter()
            .filter_map(|row| row[column].parse::<u64>().ok())
            .filter(|id| !known.contains(id))
            .count()
    }

    #[test]
    fn names_are_blank_odd_or_given_twice() {
        let files = &*FILES;
        let blank = files
            .users
            .iter()
            .filter(|row| row["DisplayName"].is_empty())
            .count();
        assert_eq!(blank, odd(1, USERS + 1, BLANK_NAME));
        for needle in [",", "\"", "\n", "日本", "=cmd|", "<script>", "\u{1b}"] {
            assert!(
                files
                    .users
                    .iter()
                    .any(|row| row["DisplayName"].contains(needle)),
                "{needle:?}"
            );
        }
        let mut names: HashMap<String, usize> = HashMap::new();
        for row in &files.users {
            *names
                .entry(row["UserName"].to_ascii_lowercase())
                .or_default() += 1;
        }
        let twice = names.values().filter(|count| **count == 2).count();
        assert_eq!(twice, odd(2, USERS + 1, TWIN));
        assert_eq!(names.len() + twice, files.users.len());
        assert!(files.users.iter().any(|row| row["PerformanceTier"] == "5"));
        for number in (1..=USERS).filter(|number| RENAMED.hits(*number)) {
            let former = Dump::former_name_of(number).unwrap();
            assert!(!names.contains_key(&former), "{former}");
        }
    }

    #[test]
    fn achievements_are_missing_doubled_stray_and_without_rank() {
        let files = &*FILES;
        let users = ids(&files.users, "Id");
        let mut rows: HashMap<u64, BTreeSet<&str>> = HashMap::new();
        let mut seen = HashSet::new();
        let mut again = 0;
        for row in &files.achievements {
            let user: u64 = row["UserId"].parse().unwrap();
            if users.contains(&user) {
                rows.entry(user)
                    .or_default()
                    .insert(&row["AchievementType"]);
                again += usize::from(!seen.insert((user, &row["AchievementType"])));
            }
        }
        assert_eq!(users.len() - rows.len(), odd(1, USERS + 1, NO_ROWS));
        let three = rows.values().filter(|kinds| kinds.len() == 3).count();
        let claimed = odd(1, USERS + 1, THREE_ROWS);
        assert!(
            three <= claimed && three + 3 > claimed,
            "{three} of {claimed}"
        );
        let claimed = odd(0, 4 * USERS, TWICE);
        assert!(
            again <= claimed && again + 3 > claimed,
            "{again} of {claimed}"
        );
        assert!(stray(&files.achievements, "UserId", &users) > 60);
        let with_points = |row: &&Row| row["Points"] != "0";
        let unranked = |column: &str| {
            let rows = files.achievements.iter().filter(with_points);
            rows.filter(|row| row[column].is_empty()).count()
        };
        assert!(unranked("CurrentRanking") > unranked("HighestRanking"));
        assert!(unranked("HighestRanking") > 0);
        assert!(
            files
                .achievements
                .iter()
                .any(|row| row["AchievementType"] == "Discussion" && row["TotalGold"] != "0")
        );
    }

    #[test]
    fn teams_are_benchmarks_stray_and_without_ranks_or_dates() {
        let files = &*FILES;
        let users = ids(&files.users, "Id");
        let competitions = ids(&files.competitions, "Id");
        let count =
            |wanted: &dyn Fn(&Row) -> bool| files.teams.iter().filter(|row| wanted(row)).count();
        let teams_end = files.teams.len() as u64;
        assert_eq!(
            count(&|row| row["IsBenchmark"] == "True"),
            odd(0, teams_end, BENCHMARK)
        );
        assert!(count(&|row| row["IsBenchmark"] == "True" && !row["Medal"].is_empty()) > 0);
        assert!(
            count(&|row| row["IsBenchmark"] == "True" && row["PrivateLeaderboardRank"].is_empty())
                > 0
        );
        assert!(
            count(&|row| row["IsBenchmark"] == "True" && !row["PrivateLeaderboardRank"].is_empty())
                > 0
        );
        let public_alone = |row: &Row| {
            row["PrivateLeaderboardRank"].is_empty() && !row["PublicLeaderboardRank"].is_empty()
        };
        assert!(count(&|row| public_alone(row) && !row["Medal"].is_empty()) > 0);
        assert!(
            count(&|row| row["PublicLeaderboardRank"].is_empty() && row["IsBenchmark"] == "False")
                > 0
        );
        assert!(count(&|row| row["MedalAwardDate"] == "07/15/2016") > 0);
        assert!(count(&|row| row["MedalAwardDate"].is_empty() && !row["Medal"].is_empty()) > 0);
        assert_eq!(
            count(&|row| row["TeamLeaderId"].is_empty()),
            odd(0, teams_end, NO_LEADER)
        );
        assert!(stray(&files.teams, "TeamLeaderId", &users) > 10);
        assert!(stray(&files.teams, "CompetitionId", &competitions) > 10);
        for needle in [",", "\"", "\n", "日本", "<img"] {
            assert!(
                files
                    .teams
                    .iter()
                    .any(|row| row["TeamName"].contains(needle)),
                "{needle:?}"
            );
        }
    }

    #[test]
    fn memberships_are_stray_and_some_teams_have_none() {
        let files = &*FILES;
        let users = ids(&files.users, "Id");
        let teams = ids(&files.teams, "Id");
        let teams_end = files.teams.len() as u64;
        assert!(stray(&files.memberships, "UserId", &users) > 10);
        assert!(stray(&files.memberships, "TeamId", &teams) > 5);
        let with_members = ids(&files.memberships, "TeamId");
        let alone = teams
            .iter()
            .filter(|team| !with_members.contains(team))
            .count();
        assert_eq!(alone, odd(0, teams_end, NO_MEMBERS));
    }

    #[test]
    fn competitions_lack_a_deadline_or_a_total_and_run_on() {
        let files = &*FILES;
        let as_of = Dump::new(USERS, 11).as_of();
        let count = |wanted: &dyn Fn(&Row) -> bool| {
            files.competitions.iter().filter(|row| wanted(row)).count()
        };
        assert_eq!(count(&|row| row["DeadlineDate"].is_empty()), 1);
        assert!(count(&|row| row["TotalTeams"].is_empty()) > 0);
        assert!(count(&|row| row["Slug"].contains(|letter: char| letter.is_ascii_uppercase())) > 0);
        assert!(count(&|row| row["Title"].contains("<script>")) > 0);
        assert_eq!(count(&|row| row["CanQualifyTiers"] == "True"), 11);
        assert!(count(&|row| date(&row["DeadlineDate"]).is_some_and(|day| day > as_of)) > 0);
    }
}
