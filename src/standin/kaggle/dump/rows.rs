//! The files' columns, in the order of the real ones.

use std::io;

use super::{calendar::Day, sheet::Sheet};
use crate::domain::facts::MedalCount;

/// `Users.csv`.
pub(in crate::standin::kaggle) const USERS: [&str; 7] = [
    "Id",
    "UserName",
    "DisplayName",
    "RegisterDate",
    "PerformanceTier",
    "Country",
    "LocationSharingOptOut",
];
/// `UserAchievements.csv`.
pub(in crate::standin::kaggle) const ACHIEVEMENTS: [&str; 11] = [
    "Id",
    "UserId",
    "AchievementType",
    "Tier",
    "TierAchievementDate",
    "Points",
    "CurrentRanking",
    "HighestRanking",
    "TotalGold",
    "TotalSilver",
    "TotalBronze",
];
/// `Teams.csv`.
pub(in crate::standin::kaggle) const TEAMS: [&str; 14] = [
    "Id",
    "CompetitionId",
    "TeamLeaderId",
    "TeamName",
    "ScoreFirstSubmittedDate",
    "LastSubmissionDate",
    "PublicLeaderboardSubmissionId",
    "PrivateLeaderboardSubmissionId",
    "IsBenchmark",
    "Medal",
    "MedalAwardDate",
    "PublicLeaderboardRank",
    "PrivateLeaderboardRank",
    "WriteUpForumTopicId",
];
/// `TeamMemberships.csv`.
pub(in crate::standin::kaggle) const MEMBERSHIPS: [&str; 4] =
    ["Id", "TeamId", "UserId", "RequestDate"];
/// `Competitions.csv`, as in March 2022.
pub(in crate::standin::kaggle) const COMPETITIONS: [&str; 42] = [
    "Id",
    "Slug",
    "Title",
    "Subtitle",
    "HostSegmentTitle",
    "ForumId",
    "OrganizationId",
    "CompetitionTypeId",
    "HostName",
    "EnabledDate",
    "DeadlineDate",
    "ProhibitNewEntrantsDeadlineDate",
    "TeamMergerDeadlineDate",
    "TeamModelDeadlineDate",
    "ModelSubmissionDeadlineDate",
    "FinalLeaderboardHasBeenVerified",
    "HasKernels",
    "OnlyAllowKernelSubmissions",
    "HasLeaderboard",
    "LeaderboardPercentage",
    "LeaderboardDisplayFormat",
    "EvaluationAlgorithmAbbreviation",
    "EvaluationAlgorithmName",
    "EvaluationAlgorithmDescription",
    "EvaluationAlgorithmIsMax",
    "ValidationSetName",
    "ValidationSetValue",
    "MaxDailySubmissions",
    "NumScoredSubmissions",
    "MaxTeamSize",
    "BanTeamMergers",
    "EnableTeamModels",
    "EnableSubmissionModelHashes",
    "EnableSubmissionModelAttachments",
    "RewardType",
    "RewardQuantity",
    "NumPrizes",
    "UserRankMultiplier",
    "CanQualifyTiers",
    "TotalTeams",
    "TotalCompetitors",
    "TotalSubmissions",
];

/// A row of `Users.csv`.
#[derive(Debug)]
pub(in crate::standin::kaggle) struct UserRow<'t> {
    pub(in crate::standin::kaggle) id: u64,
    pub(in crate::standin::kaggle) user_name: &'t str,
    pub(in crate::standin::kaggle) display_name: &'t str,
    pub(in crate::standin::kaggle) registered: Day,
    pub(in crate::standin::kaggle) tier: u64,
    pub(in crate::standin::kaggle) country: &'t str,
}

impl UserRow<'_> {
    pub(in crate::standin::kaggle) fn write(&self, sheet: &mut Sheet) -> io::Result<()> {
        sheet.number(self.id);
        sheet.text(self.user_name);
        sheet.text(self.display_name);
        sheet.day(Some(self.registered));
        sheet.number(self.tier);
        sheet.text(self.country);
        sheet.truth(self.country.is_empty());
        sheet.end_row()
    }
}

/// A row of `UserAchievements.csv` without its id.
#[derive(Debug, Clone, Copy)]
pub(in crate::standin::kaggle) struct AchievementRow {
    pub(in crate::standin::kaggle) user_id: u64,
    pub(in crate::standin::kaggle) kind: &'static str,
    pub(in crate::standin::kaggle) tier: u64,
    pub(in crate::standin::kaggle) reached: Option<Day>,
    pub(in crate::standin::kaggle) points: u64,
    pub(in crate::standin::kaggle) current: Option<u64>,
    pub(in crate::standin::kaggle) highest: Option<u64>,
    pub(in crate::standin::kaggle) medals: MedalCount,
}

impl AchievementRow {
    pub(in crate::standin::kaggle) fn write(&self, id: u64, sheet: &mut Sheet) -> io::Result<()> {
        sheet.number(id);
        sheet.number(self.user_id);
        sheet.text(self.kind);
        sheet.number(self.tier);
        sheet.day(self.reached);
        sheet.number(self.points);
        sheet.maybe(self.current);
        sheet.maybe(self.highest);
        sheet.number(self.medals.gold.into());
        sheet.number(self.medals.silver.into());
        sheet.number(self.medals.bronze.into());
        sheet.end_row()
    }
}

/// A row of `Teams.csv`.
#[derive(Debug)]
pub(in crate::standin::kaggle) struct TeamRow<'t> {
    pub(in crate::standin::kaggle) id: u64,
    pub(in crate::standin::kaggle) competition: u64,
    pub(in crate::standin::kaggle) leader: Option<u64>,
    pub(in crate::standin::kaggle) name: &'t str,
    pub(in crate::standin::kaggle) first: Day,
    pub(in crate::standin::kaggle) last: Day,
    pub(in crate::standin::kaggle) benchmark: bool,
    /// 1 gold, 2 silver, 3 bronze.
    pub(in crate::standin::kaggle) medal: Option<u64>,
    pub(in crate::standin::kaggle) awarded: Option<Day>,
    pub(in crate::standin::kaggle) public_rank: Option<u64>,
    pub(in crate::standin::kaggle) private_rank: Option<u64>,
}

impl TeamRow<'_> {
    pub(in crate::standin::kaggle) fn write(&self, sheet: &mut Sheet) -> io::Result<()> {
        sheet.number(self.id);
        sheet.number(self.competition);
        sheet.maybe(self.leader);
        sheet.text(self.name);
        sheet.day(Some(self.first));
        sheet.day(Some(self.last));
        sheet.maybe(self.public_rank.map(|_| 2 * self.id + 1));
        sheet.maybe(self.private_rank.map(|_| 2 * self.id));
        sheet.truth(self.benchmark);
        sheet.maybe(self.medal);
        sheet.day(self.awarded);
        sheet.maybe(self.public_rank);
        sheet.maybe(self.private_rank);
        sheet.text("");
        sheet.end_row()
    }
}

/// A row of `TeamMemberships.csv`.
#[derive(Debug, Clone, Copy)]
pub(in crate::standin::kaggle) struct MembershipRow {
    pub(in crate::standin::kaggle) id: u64,
    pub(in crate::standin::kaggle) team: u64,
    pub(in crate::standin::kaggle) user: u64,
    pub(in crate::standin::kaggle) requested: Option<Day>,
}

impl MembershipRow {
    pub(in crate::standin::kaggle) fn write(&self, sheet: &mut Sheet) -> io::Result<()> {
        sheet.number(self.id);
        sheet.number(self.team);
        sheet.number(self.user);
        sheet.day(self.requested);
        sheet.end_row()
    }
}

/// A row of `Competitions.csv`.
#[derive(Debug)]
pub(in crate::standin::kaggle) struct CompetitionRow<'t> {
    pub(in crate::standin::kaggle) id: u64,
    pub(in crate::standin::kaggle) slug: &'t str,
    pub(in crate::standin::kaggle) title: &'t str,
    pub(in crate::standin::kaggle) subtitle: &'t str,
    pub(in crate::standin::kaggle) segment: &'static str,
    pub(in crate::standin::kaggle) enabled: Day,
    pub(in crate::standin::kaggle) deadline: Option<Day>,
    pub(in crate::standin::kaggle) qualifies: bool,
    pub(in crate::standin::kaggle) teams: Option<u64>,
}

impl CompetitionRow<'_> {
    pub(in crate::standin::kaggle) fn write(&self, sheet: &mut Sheet) -> io::Result<()> {
        sheet.number(self.id);
        sheet.text(self.slug);
        sheet.text(self.title);
        sheet.text(self.subtitle);
        sheet.text(self.segment);
        sheet.number(self.id * 40 + 7);
        sheet.text("");
        sheet.number(1);
        sheet.text("");
        sheet.moment(Some((self.enabled, 12_345)));
        sheet.moment(self.deadline.map(|deadline| (deadline, 86_340)));
        for _ in 0..4 {
            sheet.text("");
        }
        for truth in [true, true, false, true] {
            sheet.truth(truth);
        }
        sheet.number(30);
        sheet.text("0.00000");
        sheet.text("F_{Beta}");
        sheet.text("FScoreBeta");
        sheet.text(
            "Effectiveness of binary predictions (0 or 1 only), with β times as much importance to\n\"Recall\" as \
             to \"Precision\".",
        );
        sheet.truth(true);
        sheet.text("");
        sheet.text("");
        sheet.number(5);
        sheet.number(2);
        sheet.text("");
        for _ in 0..4 {
            sheet.truth(false);
        }
        sheet.text(if self.qualifies { "USD" } else { "" });
        sheet.text(if self.qualifies { "25000.0000" } else { "" });
        sheet.number(1);
        sheet.number(u64::from(self.qualifies));
        sheet.truth(self.qualifies);
        sheet.maybe(self.teams);
        sheet.maybe(self.teams.map(|teams| teams + teams / 6));
        sheet.maybe(self.teams.map(|teams| teams * 11));
        sheet.end_row()
    }
}
