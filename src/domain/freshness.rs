//! Whether a stored profile still answers for an applicant, so that nobody is asked again.

use std::{collections::BTreeMap, time::Duration};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{
    applicant::Applicant,
    facts::{Asked, Cause, Gap, Sources},
    link::Link,
    profile::{ApplicantSummary, Snapshot},
};

/// What a profile must be so that it need not be made again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freshness {
    /// Longest age of what the sources said. Zero: nothing is ever fresh.
    pub within: Duration,
    /// The digest of each role's rubric as it stands today; see `RubricStamp::digest`. Another rubric may
    /// watch other projects, so a profile under another digest is not fresh, and neither is one whose role
    /// is not named here.
    pub rubric_digests: BTreeMap<String, String>,
    /// What could be asked today.
    pub means: Means,
    /// The day that somebody wants it judged for. `None`: the day on which it was fetched will do.
    pub as_of: Option<Date>,
}

/// What plaudit has to ask with. What was not seen for want of it could be seen when it is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Means {
    /// A token for GitHub.
    pub token: bool,
    /// A copy of Kaggle's data set.
    pub data_set: bool,
    /// Leave to read home pages.
    pub pages: bool,
}

impl Freshness {
    /// Nothing is fresh: every applicant is enriched again.
    #[must_use]
    pub fn never() -> Self {
        Self::default()
    }

    /// Whether `stored` still answers for `applicant` at `now`: young enough, complete, made from the same
    /// name, links and role, judged by the rubric of today, and without a code that is still to be looked for.
    #[must_use]
    pub fn accepts(&self, stored: &Snapshot, applicant: &Applicant, now: Timestamp) -> bool {
        let profile = &stored.profile;
        profile.applicant == ApplicantSummary::from(applicant)
            && profile.role == applicant.role
            && self.rubric_digests.get(&profile.role) == Some(&profile.rubric.digest)
            && self.judged_for_the_day(stored)
            && !profile.review.awaits_code(&profile.sources)
            && complete(&stored.profile.sources, applicant, self.means)
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
#[must_use]
pub fn complete(sources: &Sources, applicant: &Applicant, means: Means) -> bool {
    if sources.asked().iter().any(Asked::failed) {
        return false;
    }
    let asked = applicant.links.iter().all(|link| match link {
        Link::GitHub { .. } => sources.github.is_some(),
        Link::Kaggle { .. } => sources.kaggle.is_some(),
        Link::HomePage { .. } => sources.page.is_some() || !means.pages,
        // No source reads these, so a profile cannot lack their answer.
        Link::Orcid { .. } => true,
    });
    let github = sources.github.as_ref().and_then(|one| one.lookup.found());
    let kaggle = sources.kaggle.as_ref().and_then(|one| one.lookup.found());
    asked
        && github.is_none_or(|facts| closed(&facts.gaps, means.token))
        && kaggle.is_none_or(|facts| closed(&facts.gaps, means.data_set))
}

/// Whether no gap could be closed by asking again; `equipped`: with the means that were wanting.
fn closed(gaps: &[Gap], equipped: bool) -> bool {
    gaps.iter().all(|gap| match gap.cause {
        Cause::Hidden | Cause::Unproven | Cause::Missing => true,
        Cause::NotAsked => !equipped,
        Cause::Failed => false,
    })
}

/// When the source that was asked first was asked; without any source, when the profile was stored.
#[must_use]
pub fn oldest_word(stored: &Snapshot) -> Timestamp {
    let asked = stored.profile.sources.asked();
    let words = asked.iter().map(|one| one.fetched_at);
    words.min().unwrap_or(stored.stored_at)
}

/// The distance between two times. A time to come counts like one that is past: a clock that was wrong once
/// must not keep a profile fresh for ever.
#[must_use]
pub fn age(then: Timestamp, now: Timestamp) -> Duration {
    now.duration_since(then).unsigned_abs()
}
