//! What could only be read about Kaggle and not tried: one list, which `plaudit doctor` holds against the live host
//! as far as a few requests can.
//!
//! Marks of the origins as in [`crate::sources::examination`].

use super::bulk::Table;
use crate::sources::examination::Assumption;

/// All of them.
pub const ASSUMPTIONS: &[Assumption] = &[
    Assumption {
        name: "live-anonymous",
        claim: "the live endpoint answers get_user_profile without a token",
        origin: "seen",
    },
    Assumption {
        name: "live-shape",
        claim: "POST /mcp answers tools/call as server-sent events with JSON text in result.content[0].text",
        origin: "seen",
    },
    Assumption {
        name: "live-error",
        claim: "what goes wrong at the live endpoint is HTTP 200 with isError: true",
        origin: "seen",
    },
    Assumption {
        name: "live-nobody",
        claim: "the error for an unknown user name says \"not found\"",
        origin: "inferred",
    },
    Assumption {
        name: "zeros-left-out",
        claim: "a count of 0 is left out of a live profile, and progression_opt_out: false and visibility_settings: {} are not",
        origin: "seen",
    },
    Assumption {
        name: "no-summary",
        claim: "a category without a summary (discussion, since 2025) says nothing about its medals",
        origin: "inferred",
    },
    Assumption {
        name: "hidden-words",
        claim: "hidden_achievement_types holds USER_ACHIEVEMENT_TYPE_ words, hidden_sections words that name a category or a part of the profile without medals",
        origin: "inferred",
    },
    Assumption {
        name: "opted-out-live",
        claim: "who has opted out of the progression is shown with progression_opt_out: true and without counts",
        origin: "inferred",
    },
    Assumption {
        name: "opted-out-rows",
        claim: "who has opted out of the progression has no row in UserAchievements.csv",
        origin: "inferred",
    },
    Assumption {
        name: "renamed-live",
        claim: "the live endpoint answers a former user name with today's profile, or not at all",
        origin: "inferred",
    },
    Assumption {
        name: "renamed-rows",
        claim: "a renamed account keeps its Id, and its former name is not in Users.csv",
        origin: "inferred",
    },
    Assumption {
        name: "page-generations",
        claim: "a profile page has og:type profile, and its state in Kaggle.State.push or none",
        origin: "seen",
    },
    Assumption {
        name: "page-nobody",
        claim: "the page of an unknown user name is HTTP 404",
        origin: "seen",
    },
    Assumption {
        name: "download-redirect",
        claim: "the data set's files are downloaded without a token, by a redirect to storage on another host",
        origin: "seen",
    },
    Assumption {
        name: "download-range",
        claim: "storage answers a Range with HTTP 206 and those bytes",
        origin: "seen",
    },
    Assumption {
        name: "download-hash",
        claim: "storage tells the file's MD5 in X-Goog-Hash",
        origin: "seen",
    },
    Assumption {
        name: "download-format",
        claim: "one file comes as CSV or as a zip with that file in it",
        origin: "seen",
    },
    Assumption {
        name: "headers-users",
        claim: "Users.csv has Id, UserName, RegisterDate",
        origin: "seen",
    },
    Assumption {
        name: "headers-achievements",
        claim: "UserAchievements.csv has UserId, AchievementType, Tier, Points, CurrentRanking, HighestRanking, TotalGold, TotalSilver, TotalBronze",
        origin: "seen",
    },
    Assumption {
        name: "headers-teams",
        claim: "Teams.csv has Id, CompetitionId, IsBenchmark, Medal, MedalAwardDate, PublicLeaderboardRank, PrivateLeaderboardRank",
        origin: "seen",
    },
    Assumption {
        name: "headers-memberships",
        claim: "TeamMemberships.csv has TeamId, UserId",
        origin: "seen",
    },
    Assumption {
        name: "headers-competitions",
        claim: "Competitions.csv has Id, Slug, Title, DeadlineDate, TotalTeams, CanQualifyTiers",
        origin: "seen",
    },
    Assumption {
        name: "back-filled-date",
        claim: "the date 2016-07-15 stands for one that was not recorded",
        origin: "seen",
    },
];

/// The assumption about each table's columns.
pub(super) const TABLES: [(&str, Table); 5] = [
    ("headers-users", Table::Users),
    ("headers-achievements", Table::UserAchievements),
    ("headers-teams", Table::Teams),
    ("headers-memberships", Table::TeamMemberships),
    ("headers-competitions", Table::Competitions),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_s_claim_names_the_columns_that_are_checked() {
        for (name, table) in TABLES {
            let found = ASSUMPTIONS
                .iter()
                .find(|assumption| assumption.name == name);
            let claim = found.map(|assumption| assumption.claim);
            assert_eq!(
                claim,
                Some(format!("{table} has {}", table.columns().join(", ")).as_str())
            );
        }
    }

    #[test]
    fn every_name_is_there_once() {
        let mut names: Vec<_> = ASSUMPTIONS
            .iter()
            .map(|assumption| assumption.name)
            .collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ASSUMPTIONS.len());
    }
}
