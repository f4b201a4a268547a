//! The words in which gaps are explained to people.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{Category, Medal, Provenance, Teller, Tier, Topic};

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
/// Years were left out of the answer.
pub const UNTOLD_YEARS: &str = "GitHub's answer lacks the activity of some years";
/// The own repositories were left out of the answer.
pub const UNTOLD_REPOSITORIES: &str = "GitHub's answer lacks the own repositories";
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

/// Own repositories that GitHub counts and does not show.
#[must_use]
pub fn repositories_out_of_sight(count: u32) -> String {
    let what = if count == 1 {
        "own repository is"
    } else {
        "own repositories are"
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

/// Kaggle's live endpoint or page says that there is nobody.
pub const NOT_ON_KAGGLE: &str = "Kaggle knows no account of this name";
/// A teller shows that the account is there, and not its number, on which everything is keyed.
pub const ONLY_THERE: &str =
    "Kaggle shows that the account is there, and neither its number nor its medals";
/// The person has left Kaggle's progression.
pub const OPTED_OUT: &str =
    "the person has opted out of Kaggle's progression, so medals are unknown, not zero";
/// The person hides a category.
pub const HIDDEN_ON_KAGGLE: &str =
    "the person does not show this on Kaggle, so it is unknown, not zero";
/// The data set was never imported.
pub const NO_DATA_SET: &str = "which competitions the medals were won in stands in Kaggle's data set; bring it here with: plaudit kaggle import";

/// Who tells, and as of when.
pub fn told_by(from: Provenance) -> String {
    let day = day_of(from);
    match from.teller {
        Teller::DataSet => format!("Kaggle's data set of {day}"),
        Teller::Live => format!("Kaggle's live endpoint of {day}"),
        Teller::Page => format!("the Kaggle profile page of {day}"),
    }
}

/// The day, in UTC, as of which somebody tells.
fn day_of(from: Provenance) -> Date {
    from.as_of.to_zoned(TimeZone::UTC).date()
}

/// So many medals of a metal.
fn medals(count: u32, medal: Medal) -> String {
    let plural = if count == 1 { "medal" } else { "medals" };
    format!("{count} {} {plural}", medal.name())
}

/// Two tellers count medals differently.
pub fn other_count(
    category: Category,
    medal: Medal,
    (newer, count): (Provenance, u32),
    (older, before): (Provenance, u32),
) -> String {
    format!(
        "{} counts {} in {}, {} counts {before}: the newer counts",
        told_by(newer),
        medals(count, medal),
        category.name(),
        told_by(older),
    )
}

/// Two tellers name different tiers.
pub fn other_tier(
    category: Category,
    (newer, tier): (Provenance, Tier),
    (older, before): (Provenance, Tier),
) -> String {
    format!(
        "{} has the tier {} in {}, {} has {}: the newer counts",
        told_by(newer),
        tier.name(),
        category.name(),
        told_by(older),
        before.name(),
    )
}

/// A category's medals are told by another teller than the rest.
pub fn told_elsewhere(category: Category, from: Provenance) -> String {
    format!(
        "the medals in {} are those of {}",
        category.name(),
        told_by(from)
    )
}

/// The list of competitions holds more medals than the total.
pub fn more_than_total(medal: Medal, listed: u32, list: Provenance, total: u32) -> String {
    format!(
        "{} lists {} in competitions, and the total is {total}",
        told_by(list),
        medals(listed, medal),
    )
}

/// The name belonged to another account when the data set was made.
pub fn other_account(data_set: Provenance) -> String {
    format!(
        "in {} the name belongs to another account, which does not count here",
        told_by(data_set)
    )
}

/// A live teller knows nobody of a name that the data set knows.
pub fn gone_since(live: Provenance, data_set: Provenance) -> String {
    format!(
        "{} knows nobody of this name, {} does: the account was renamed or closed, and what is shown is older",
        told_by(live),
        told_by(data_set),
    )
}

/// A teller says nothing of a category.
pub fn says_nothing(category: Category, from: Provenance) -> String {
    let category = category.name();
    match from.teller {
        Teller::DataSet => format!(
            "{} has no row for {category}; perhaps the person has opted out of the progression",
            told_by(from)
        ),
        Teller::Live | Teller::Page => {
            format!("{} tells no medals in {category}", told_by(from))
        }
    }
}

/// The data set does not hold the account.
pub fn not_in_data_set(data_set: Provenance) -> String {
    format!(
        "{} does not hold the account, which has joined or was renamed since, or has opted out; so the competitions of its medals are not known",
        told_by(data_set)
    )
}

/// The data set does not name the competitions of some medals.
pub fn without_competition(count: u32, all: u32, data_set: Provenance) -> String {
    format!(
        "of {all} medals in competitions {count} are in no competition that {} names",
        told_by(data_set)
    )
}

/// Neither the data set nor the live endpoint could be asked.
pub const NOBODY_TO_ASK: &str = "there is no copy of Kaggle's data set to look in (`plaudit kaggle import` brings it), and kaggle.live is off";
/// Somebody else has the name today.
pub const ANOTHER_ACCOUNT: &str = "this Kaggle name leads to another account than before: somebody else has taken it over, and is not judged";

/// The data set does not hold the name, and the live endpoint was not to be asked.
#[must_use]
pub fn only_in_data_set_looked(as_of: Timestamp) -> String {
    format!(
        "Kaggle's data set of {} holds no user of this name, and kaggle.live is off",
        as_of.strftime("%F")
    )
}

/// The live endpoint gave nothing; the data set answers.
#[must_use]
pub fn not_asked_live(why: &str, as_of: Timestamp) -> String {
    format!(
        "Kaggle could not be asked live ({why}); what is shown is from its data set of {}",
        as_of.strftime("%F")
    )
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
