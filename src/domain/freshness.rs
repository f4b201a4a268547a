//! Whether a stored profile still answers for an applicant, so that nobody is asked again.

use std::{collections::BTreeMap, time::Duration};

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    applicant::Applicant,
    facts::{Cause, GitHubFacts, Lookup},
    link::Link,
    profile::{ApplicantSummary, Snapshot},
};

/// What a profile must be so that it need not be made again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Freshness {
    /// Longest age of what the sources said. Zero: nothing is ever fresh.
    pub within: Duration,
    /// The digest of each role's rubric as it stands today; see `RubricStamp::digest`. Another rubric may
    /// watch other projects, so a profile under another digest is not fresh, and neither is one whose role
    /// is not named here.
    pub rubric_digests: BTreeMap<String, String>,
    /// Whether there is a token today: it could show what was not seen without one.
    pub with_token: bool,
    /// The day that somebody wants it judged for. `None`: the day on which it was fetched will do.
    pub as_of: Option<Date>,
}

impl Freshness {
    /// Nothing is fresh: every applicant is enriched again.
    #[must_use]
    pub fn never() -> Self {
        Self::default()
    }

    /// Whether `stored` still answers for `applicant` at `now`: young enough, complete, made from the same
    /// name, links and role, and judged by the rubric of today.
    #[must_use]
    pub fn accepts(&self, stored: &Snapshot, applicant: &Applicant, now: Timestamp) -> bool {
        let profile = &stored.profile;
        profile.applicant == ApplicantSummary::from(applicant)
            && profile.role == applicant.role
            && self.rubric_digests.get(&profile.role) == Some(&profile.rubric.digest)
            && self.judged_for_the_day(stored)
            && complete(stored, applicant, self.with_token)
            && age(oldest_word(stored), now) < self.within
    }
}

impl Freshness {
    /// Whether the profile was judged for the day that is wanted.
    fn judged_for_the_day(&self, stored: &Snapshot) -> bool {
        let judged = stored.profile.as_of;
        // A run that began before midnight judges for the day on which it began.
        let fetched = oldest_word(stored).to_zoned(TimeZone::UTC).date();
        let eve = fetched.yesterday().unwrap_or(fetched);
        self.as_of.map_or(judged >= eve, |wanted| judged == wanted)
    }
}

/// Whether every link that leads to a source has an answer in which nothing is missing that another attempt
/// may bring. A person who hides something, or is not there, is an answer.
fn complete(stored: &Snapshot, applicant: &Applicant, with_token: bool) -> bool {
    applicant.links.iter().all(|link| match link {
        Link::GitHub { .. } => stored
            .profile
            .sources
            .github
            .as_ref()
            .is_some_and(|observation| match &observation.lookup {
                Lookup::Found { facts } => github_complete(facts, with_token),
                Lookup::Absent { .. } | Lookup::Hidden { .. } => true,
                Lookup::Failed { .. } => false,
            }),
        // No source reads these links yet, so a profile cannot lack their answer.
        Link::Kaggle { .. } | Link::Orcid { .. } | Link::HomePage { .. } => true,
    })
}

/// Whether no gap could be closed by asking again.
fn github_complete(facts: &GitHubFacts, with_token: bool) -> bool {
    facts.gaps.iter().all(|gap| match gap.cause {
        Cause::Hidden | Cause::Unproven | Cause::Missing => true,
        Cause::NotAsked => !with_token,
        Cause::Failed => false,
    })
}

/// When the source that was asked first was asked; without any source, when the profile was stored.
fn oldest_word(stored: &Snapshot) -> Timestamp {
    stored
        .profile
        .sources
        .github
        .as_ref()
        .map_or(stored.stored_at, |observation| observation.fetched_at)
}

/// The distance between two times. A time to come counts like one that is past: a clock that was wrong once
/// must not keep a profile fresh for ever.
fn age(then: Timestamp, now: Timestamp) -> Duration {
    now.duration_since(then).unsigned_abs()
}
