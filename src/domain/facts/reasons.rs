//! The words in which gaps are explained to people.

use super::Topic;

/// The link leads to an organisation.
pub const ORGANISATION: &str = "the account belongs to an organisation, not to a person";
/// The link leads to an app's account.
pub const BOT: &str = "the account belongs to a bot, not to a person";
/// The link leads nowhere.
pub const MISSING: &str = "GitHub knows no account of this name, now or formerly";
/// The rubric's project is not there.
pub const PROJECT_MISSING: &str = "GitHub knows no repository of this name";
/// The profile is private, or shows no contribution although there is work.
pub const HIDDEN_PROFILE: &str =
    "the account hides its activity, so reviews and years of work are unknown, not zero";
/// Private contributions are shown as a number alone.
pub const RESTRICTED: &str =
    "some contributions are to private repositories; GitHub shows only how many";
/// A list of pull requests was not read to its end.
pub const CUT_LIST: &str = "not all pages of the pull requests could be read";
/// Years and repositories were too heavy for the host.
pub const HEAVY_YEARS: &str = "GitHub could not count the activity by year in time";
/// Commits were too heavy for the host.
pub const HEAVY_COMMITS: &str = "GitHub could not count the commits in time";
/// The author cannot be searched.
pub const NOT_SEARCHABLE: &str =
    "GitHub does not let this account's pull requests be searched without a token";

/// Pull requests that carry a landing label without a commit that proves it.
#[must_use]
pub fn unproven(count: u32) -> String {
    match count {
        1 => "1 pull request is labelled as landed, but no commit proves it".to_owned(),
        _ => format!("{count} pull requests are labelled as landed, but no commit proves it"),
    }
}

/// Pull requests that GitHub counts and does not show.
#[must_use]
pub fn out_of_sight(count: u32) -> String {
    let what = if count == 1 {
        "pull request is"
    } else {
        "pull requests are"
    };
    format!("{count} {what} where this token may not look")
}

/// Pull requests whose proof could not be read.
pub fn unread_proofs(count: u32) -> String {
    format!("GitHub could not tell in time what became of {count} pull requests")
}

/// Own repositories whose history is unknown.
pub fn unknown_share(count: u32) -> String {
    let what = if count == 1 {
        "repository"
    } else {
        "repositories"
    };
    format!("GitHub could not count the commits in {count} own {what}")
}

/// Only the first page of a search was read.
pub fn first_page(seen: usize, all: u64) -> String {
    format!("without a token only {seen} of {all} merged pull requests could be read")
}

/// What REST without a token does not show.
pub const fn without_token(topic: Topic) -> &'static str {
    match topic {
        Topic::PullRequests => {
            "without a token neither the sizes of pull requests, nor those that bots landed, nor reverts can be seen"
        }
        Topic::Commits => "without a token commits in the watched projects cannot be counted",
        Topic::Reviews => "without a token reviews cannot be counted",
        Topic::Years => "without a token activity by year cannot be seen",
        Topic::OwnRepositories => {
            "without a token the applicant's share in own repositories cannot be seen"
        }
        Topic::Medals | Topic::Competitions => "GitHub tells nothing of Kaggle",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_of_one_reads_as_one() {
        assert!(unproven(1).starts_with("1 pull request is"));
        assert!(unproven(2).starts_with("2 pull requests are"));
    }
}
