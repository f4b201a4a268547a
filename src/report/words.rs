//! Plain words for everything that a profile names: good enough to hand to the person whom it is about.
//!
//! A name without words here is shown as it is, so that a rubric with new lines still reads.

mod behind;

use std::borrow::Cow;

use jiff::Timestamp;

use super::terminal::clean;
use crate::domain::{
    facts::{Asked, Cause, Gap, Topic},
    identity::IdentityLevel,
    integrity::FlagKind,
    profile::Profile,
    ranking::Tie,
    score::{Component, ComponentState},
};

pub(super) use behind::{Factor, factors, half_life, thousands};

/// A component's heading.
pub(super) fn component(name: &str) -> Cow<'_, str> {
    Cow::Borrowed(match name {
        "open_source" => "Contributions to open source",
        "kaggle" => "Medals on Kaggle",
        "own_code" => "Own code",
        "sustained" => "Sustained work",
        "reviewed" => "Looked up by a person",
        other => return Cow::Owned(spoken(other)),
    })
}

/// What a component looks at; nothing for one that is not known.
pub(super) fn looks_at(name: &str) -> &'static str {
    match name {
        "open_source" => {
            "Work that other people's projects have taken in: pull requests that landed, further commits in the projects that the rubric watches, and reviews. Work in a watched project counts most; elsewhere it counts by the project's stars."
        }
        "kaggle" => {
            "Medals on Kaggle. A medal counts by its colour and category, less when it was won in a larger team, and less the longer ago it was won."
        }
        "own_code" => {
            "Public repositories of the applicant's own; forks never count. A repository counts by the applicant's share of its commits, by how many they are, by its stars, by its language, and less the longer nobody has pushed to it."
        }
        "sustained" => {
            "Public work on GitHub, year by year. A year counts in full from a number of contributions on that the rubric sets, and in proportion below it."
        }
        "reviewed" => {
            "What no source tells and a person has looked up, each entry with an address, a reason and a name: publications, years in industry."
        }
        _ => "",
    }
}

/// A line of the rubric.
pub(super) fn kind(kind: &str) -> Cow<'_, str> {
    Cow::Borrowed(match kind {
        "open_source.landed" => "Pull request that landed in a watched project",
        "open_source.elsewhere" => "Pull request that landed in another project",
        "open_source.commits" => "Commits in a watched project beyond pull requests",
        "open_source.reviews" => "Reviews of other people's pull requests",
        "kaggle.medal" => "Medal in a competition",
        "kaggle.total" => "Medals known as a number alone",
        "own_code.repository" => "Own repository",
        "sustained.year" => "A year of public work",
        "reviewed.found" => "Looked up by a person",
        other => return Cow::Owned(spoken(other)),
    })
}

/// A factor of a value.
pub(super) fn factor(name: &str) -> Cow<'_, str> {
    Cow::Borrowed(match name {
        "weight" => "weight",
        "size" => "size",
        "recency" => "age",
        "project" => "project",
        "stars" => "stars",
        "self_merged" => "merged by whom",
        "count" => "count",
        "mean_value" => "mean value",
        "share" => "own share",
        "commits" => "own commits",
        "language" => "language",
        "activity" => "activity",
        "category" => "category",
        "team" => "team",
        "undated" => "date and team unknown",
        "amount" => "amount",
        other => return Cow::Owned(spoken(other.strip_prefix("flag_").unwrap_or(other))),
    })
}

/// A flag's heading.
pub(super) fn flag(kind: FlagKind) -> &'static str {
    match kind {
        FlagKind::CopiedRepositories => "Repositories that may be copies",
        FlagKind::BackdatedCommits => "Commits with dates that do not fit",
        FlagKind::TrivialSeries => "Many tiny pull requests",
        FlagKind::FriendlyMergers => "Merged by the same one or two accounts",
        FlagKind::StarBurst => "Stars that came all at once",
        FlagKind::BorrowedCommits => "Commits credited by an e-mail address alone",
        FlagKind::CoAuthorPadding => "Commits of which others are the first author",
    }
}

/// What an honest person may have done to earn a flag: said beside each, for whoever reads it.
pub(super) const fn also(kind: FlagKind) -> &'static str {
    match kind {
        FlagKind::CopiedRepositories => {
            "work brought over from another host with its history, course material, or forks kept at hand for reading."
        }
        FlagKind::BackdatedCommits => {
            "a long-lived branch that was rebased, history imported from another system, or a clock that was wrong."
        }
        FlagKind::TrivialSeries => {
            "a tidy person who mends documentation wherever it is wrong, or a class that was taught by doing so."
        }
        FlagKind::FriendlyMergers => {
            "a small project with one or two maintainers, as most projects are, or work for a laboratory's own."
        }
        FlagKind::StarBurst => {
            "stars that somebody else bought, or a course whose students all made an account for it."
        }
        FlagKind::BorrowedCommits => {
            "work from before the account was made, under an e-mail address that the person has added since."
        }
        FlagKind::CoAuthorPadding => {
            "pair programming, mentoring, or a team that names everybody who took part."
        }
    }
}

/// What a flag does to the points.
pub(super) fn flag_weighs(factor: f64) -> String {
    if factor < 1.0 {
        format!(
            "The rubric multiplies the evidence that it is about by {}.",
            super::explain::number(factor)
        )
    } else {
        "It changes no points.".to_owned()
    }
}

/// What an identity level means.
pub(super) fn identity(level: IdentityLevel) -> &'static str {
    match level {
        IdentityLevel::Claimed => "stated in the application, and not confirmed by anything else",
        IdentityLevel::Linked => {
            "each account names, or is named by, another one of the application's"
        }
        IdentityLevel::Proven => "the accounts show the code that was given to the applicant",
    }
}

/// How a level is raised; nothing for the highest one.
pub(super) fn identity_raised(level: IdentityLevel) -> &'static str {
    match level {
        IdentityLevel::Claimed | IdentityLevel::Linked => {
            "To prove it, `plaudit verify ID` gives a code that the applicant puts on an account; it is looked for when \
             the sources are asked next."
        }
        IdentityLevel::Proven => "",
    }
}

/// What a mark beside a rank means; nothing for a clear order.
pub(super) fn tie(tie: Tie) -> &'static str {
    match tie {
        Tie::None => "",
        Tie::Close => "cannot be told for sure from the one above",
        Tie::Exact => "has the same points as the one above; the id alone decides the order",
    }
}

/// The mark itself.
pub(super) const fn tie_mark(tie: Tie) -> &'static str {
    match tie {
        Tie::None => "",
        Tie::Close => "~",
        Tie::Exact => "=",
    }
}

/// A source's name.
pub(super) fn source(name: &str) -> &'static str {
    match name {
        "github" => "GitHub",
        "kaggle" => "Kaggle",
        _ => "Home page",
    }
}

/// How a look-up ended.
pub(super) fn lookup(state: &str) -> &'static str {
    match state {
        "found" => "it answered",
        "absent" => "it says that there is nobody",
        "hidden" => "the person does not show it",
        _ => "it gave no usable answer",
    }
}

/// Who can close a gap, and how.
fn closed_by(topic: Topic, cause: Cause) -> &'static str {
    match cause {
        Cause::Hidden => "Only the applicant can show it. It is the applicant's right not to.",
        Cause::Unproven => "A person can look at it and add what holds: plaudit evidence add.",
        Cause::Missing if matches!(topic, Topic::Medals | Topic::Competitions) => {
            "Bring a newer copy of Kaggle's data set (plaudit kaggle import), or ask again later."
        }
        Cause::Missing => "The rubric names something that is not there; correct the rubric.",
        Cause::Failed => "Ask again later: plaudit enrich.",
        Cause::NotAsked => {
            "Give plaudit the means (a token for GitHub, Kaggle's data set by plaudit kaggle import) and ask again."
        }
    }
}

/// What is unknown of a component, and how to close it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unknown {
    /// Why, made harmless.
    pub(super) why: String,
    /// How to close it.
    pub(super) close: String,
}

/// What is unknown of `component`, if anything.
pub(super) fn unknown(component: &Component, profile: &Profile) -> Option<Unknown> {
    if component.state == ComponentState::Complete {
        return None;
    }
    let topics: &[Topic] = match component.name.as_str() {
        "open_source" => &[Topic::PullRequests, Topic::Commits, Topic::Reviews],
        "own_code" => &[Topic::OwnRepositories],
        "sustained" => &[Topic::Years],
        "kaggle" => &[Topic::Medals, Topic::Competitions],
        _ => &[],
    };
    let mut ways: Vec<&str> = Vec::new();
    for gap in gaps(profile) {
        let way = closed_by(gap.topic, gap.cause);
        if topics.contains(&gap.topic) && !ways.contains(&way) {
            ways.push(way);
        }
    }
    if ways.is_empty() {
        ways.push(way_to_source(component, profile));
    }
    Some(Unknown {
        why: clean(component.reason.trim_end_matches('.')).into_owned(),
        close: ways.join(" "),
    })
}

fn gaps(profile: &Profile) -> impl Iterator<Item = &Gap> {
    let github = profile.sources.github.as_ref();
    let kaggle = profile.sources.kaggle.as_ref();
    let github = github.and_then(|one| one.lookup.found());
    let kaggle = kaggle.and_then(|one| one.lookup.found());
    let of_github = github.into_iter().flat_map(|facts| &facts.gaps);
    of_github.chain(kaggle.into_iter().flat_map(|facts| &facts.gaps))
}

/// How a component is closed of which the whole source is missing.
fn way_to_source(component: &Component, profile: &Profile) -> &'static str {
    let source = match component.name.as_str() {
        "reviewed" => {
            return "A person looks, adds what is there (plaudit evidence add ID …), and says when all was looked through (plaudit evidence done ID --by NAME).";
        }
        "kaggle" => "kaggle",
        _ => "github",
    };
    let asked = profile.sources.asked();
    match asked.iter().find(|one| one.source == source) {
        None => "Ask the applicant for the link, or whether there is none.",
        Some(Asked {
            state: "failed", ..
        }) => closed_by(Topic::PullRequests, Cause::Failed),
        Some(Asked {
            state: "hidden", ..
        }) => closed_by(Topic::PullRequests, Cause::Hidden),
        Some(_) => "Ask the applicant whether the link is right.",
    }
}

/// What plaudit never looks at; for whoever is judged and whoever judges.
pub(super) const NEVER: &str = "plaudit never looks at, keeps or scores: photographs, place, country, nationality, gender, age, followers, streaks, e-mail addresses found anywhere, the applicant's rate of accepted work, and anything that is not public. No model judges anybody: every number follows from the rubric by arithmetic that this report shows.";

/// How the order is made, and who decides.
pub(super) const ORDER: &str = "The order is by what is proven, then by what is possible, then by the id. It decides nothing: a person does.";

/// What a rank's range is.
pub(super) const RANGE: &str = "The range beside a rank is the best and the worst rank over 200 draws in which the weights of the rubric move by up to 20 % and everything unknown takes any value that it may have. Where ranges overlap widely, the order says little. A rank outside of its own range is no error: of those ranked below, much is not known yet that would lift them.";

/// A day.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%F").to_string()
}

/// `co_publication` as people write it.
fn spoken(name: &str) -> String {
    clean(name).replace(['_', '.'], " ")
}
