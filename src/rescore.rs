//! Judging what is kept: by the rubrics of today, with what people have added, or once more as it was.
//!
//! Nobody is asked. The facts of a profile belong to the day for which it was judged, so that day stays unless
//! somebody names another one: what differs then is the rubric's doing alone, and doing it again changes nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::{Timestamp, civil::Date};

use crate::domain::applicant::ApplicantId;
use crate::domain::profile::{Profile, Snapshot};
use crate::domain::review::Review;
use crate::domain::rubric::{Rubric, RubricStamp};
use crate::domain::score::{Points, Score};
use crate::store::{Revision, Store, StoreError};

/// What to judge, and how.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Whose profiles.
    pub whom: Whom,
    /// The day as of which to judge; `None`: for each profile the day that it was judged for.
    pub as_of: Option<Date>,
    /// Keep nothing.
    pub dry_run: bool,
}

/// Whose profiles to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// Everybody's.
    All,
    /// Those of a role.
    Role(String),
    /// Those of these applicants.
    Ids(Vec<ApplicantId>),
}

/// Why a profile differs from the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// By another rubric, or another text of the same.
    Rubric {
        /// The one before.
        from: RubricStamp,
        /// The one of today.
        to: RubricStamp,
    },
    /// With something that people have added.
    Review,
    /// As of another day.
    Day {
        /// The one before.
        from: Date,
        /// The one of now.
        to: Date,
    },
    /// By another plaudit: nothing else differs.
    Program,
}

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rubric { from, to } if from.version == to.version => {
                write!(
                    formatter,
                    "rubric {} edited ({} to {})",
                    to.version, from.digest, to.digest
                )
            }
            Self::Rubric { from, to } => {
                write!(formatter, "rubric {} to {}", from.version, to.version)
            }
            Self::Review => formatter.write_str("reviewed meanwhile"),
            Self::Day { from, to } => write!(formatter, "as of {to}, was {from}"),
            Self::Program => formatter.write_str("another version of plaudit"),
        }
    }
}

/// What became of one profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Whose.
    pub id: ApplicantId,
    /// Which role's rubric was asked for.
    pub role: String,
    /// Proven and possible points before.
    pub before: (Points, Points),
    /// What came of it.
    pub outcome: Outcome,
    /// Whether every source answered.
    pub complete: bool,
}

/// What came of judging a profile anew.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The same.
    Same,
    /// Something else, with the points and the reasons.
    Differs {
        /// Proven and possible points now.
        after: (Points, Points),
        /// Why, at least one reason.
        why: Vec<Why>,
    },
    /// No rubric judges the role any more; the profile is left.
    NoRubric,
}

fn ends(score: &Score) -> (Points, Points) {
    (score.low, score.high)
}

/// Judges a kept profile by today's rubric; the new profile, if it is to take the kept one's place.
#[must_use]
pub fn judge(
    kept: &Profile,
    review: Review,
    rubric: Option<&Rubric>,
    as_of: Option<Date>,
) -> (Option<Profile>, Verdict) {
    let verdict = |outcome| Verdict {
        id: kept.applicant.id.clone(),
        role: kept.role.clone(),
        before: ends(&kept.score),
        outcome,
        complete: kept.is_complete(),
    };
    let Some(rubric) = rubric else {
        return (None, verdict(Outcome::NoRubric));
    };
    let after = kept.rejudge(rubric, as_of.unwrap_or(kept.as_of), review);
    let why = differences(kept, &after);
    if why.is_empty() {
        return (None, verdict(Outcome::Same));
    }
    let outcome = Outcome::Differs {
        after: ends(&after.score),
        why,
    };
    (Some(after), verdict(outcome))
}

/// Why `after` is worth keeping beside `before`. A later day that moves no point is no reason: it would fill the
/// history with what nobody can tell apart.
fn differences(before: &Profile, after: &Profile) -> Vec<Why> {
    let mut why = Vec::new();
    if before.rubric.digest != after.rubric.digest {
        why.push(Why::Rubric {
            from: before.rubric.clone(),
            to: after.rubric.clone(),
        });
    }
    if before.review != after.review {
        why.push(Why::Review);
    }
    let judged = |profile: &Profile| (profile.identity.clone(), profile.flags.clone());
    let moved = points(&before.score) != points(&after.score) || judged(before) != judged(after);
    if before.as_of != after.as_of {
        if moved {
            why.push(Why::Day {
                from: before.as_of,
                to: after.as_of,
            });
        }
    } else if why.is_empty() && (moved || before.snapshot != after.snapshot) {
        why.push(Why::Program);
    }
    why
}

/// Every number of points in a score, to the cent.
fn points(score: &Score) -> Vec<(&str, Points)> {
    let components = score.components.iter();
    components
        .flat_map(|component| {
            let ends = [
                (component.name.as_str(), component.low),
                (component.name.as_str(), component.high),
            ];
            let evidence = component.evidence.iter();
            let evidence = evidence.map(|one| (one.url.as_str(), one.points));
            ends.into_iter().chain(evidence)
        })
        .collect()
}

/// Judges what is kept by today's rubrics and keeps what differs. `tick` is called once a profile.
pub async fn rescore(
    store: &Store,
    rubrics: Arc<BTreeMap<String, Rubric>>,
    wish: Wish,
    now: Timestamp,
    tick: impl Fn() + Send + Sync + 'static,
) -> Result<Revision<Verdict>, StoreError> {
    let Wish {
        whom,
        as_of,
        dry_run,
    } = wish;
    let ids = match whom {
        Whom::All => None,
        Whom::Role(role) => Some(store.ids_of_role(&role).await?),
        Whom::Ids(ids) => Some(ids),
    };
    if !dry_run {
        for rubric in rubrics.values() {
            store.keep_rubric(rubric).await?;
        }
    }
    let look = move |stored: &Snapshot, review: Review| {
        tick();
        let kept = &stored.profile;
        let (after, verdict) = judge(kept, review, rubrics.get(&kept.role), as_of);
        (after.filter(|_| !dry_run), verdict)
    };
    store.revise(ids, now, look).await
}

/// A review that was kept, and what it did.
#[derive(Debug, Clone, PartialEq)]
pub struct Reviewed {
    /// The review as it is now.
    pub review: Review,
    /// The profile before; `None`: there is none yet.
    pub before: Option<Profile>,
    /// The profile as judged with the review; `None`: there is none yet, or no rubric judges its role any more.
    pub after: Option<Profile>,
}

/// Changes what people have added about an applicant, and judges the kept facts with it where it counts: as of the
/// profile's own day, and by the rubric that judged, so that nothing else moves the score. (Where its text is not kept,
/// by today's.) Both are kept in one change, on the disk when this returns. An `edit` that gives the same
/// revision back keeps nothing.
pub async fn review<E: From<StoreError>>(
    store: &Store,
    rubrics: &BTreeMap<String, Rubric>,
    id: &ApplicantId,
    now: Timestamp,
    edit: impl FnOnce(&Review) -> Result<Review, E>,
) -> Result<Reviewed, E> {
    let old = store.review(id).await?;
    let review = edit(&old)?;
    let kept = store.kept(id).await?;
    let (mark, before) = kept.map(|kept| (kept.mark, kept.stored.profile)).unzip();
    if review.revision == old.revision {
        return Ok(Reviewed {
            review,
            after: before.clone(),
            before,
        });
    }
    let mut after = None;
    if let Some(before) = &before {
        after = match before.beside(&review) {
            Some(after) => Some(after),
            None => counted(store, rubrics, before, &review).await?,
        };
    }
    store
        .keep_review(id, review.clone(), mark, after.clone(), now)
        .await?;
    Ok(Reviewed {
        review,
        before,
        after,
    })
}

/// A kept profile, judged with what people have added; `None` when no rubric judges its role any more.
async fn counted(
    store: &Store,
    rubrics: &BTreeMap<String, Rubric>,
    before: &Profile,
    review: &Review,
) -> Result<Option<Profile>, StoreError> {
    let text = store.rubric_text(&before.rubric.digest).await?;
    let judge = |rubric: &Rubric| before.rejudge(rubric, before.as_of, review.clone());
    if let Some(rubric) = text.and_then(|text| Rubric::parse(&text).ok()) {
        return Ok(Some(judge(&rubric)));
    }
    let Some(rubric) = rubrics.get(&before.role) else {
        return Ok(None);
    };
    store.keep_rubric(rubric).await?;
    Ok(Some(judge(rubric)))
}

/// What judging a kept profile once more gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Reproduction {
    /// The same score, byte for byte.
    Same(Box<Profile>),
    /// Another score: the one that is kept, and the one of now.
    Differs {
        /// The kept profile.
        kept: Box<Profile>,
        /// What judging it gives now.
        now: Box<Profile>,
    },
    /// The score is the same, but the snapshot's name is not: the formula of then had another version.
    OtherFormula {
        /// The kept profile.
        kept: Box<Profile>,
        /// What judging it gives now.
        now: Box<Profile>,
    },
    /// The text of the rubric that judged is not kept: an earlier version of plaudit stored the profile.
    NoText(RubricStamp),
    /// The text is kept, but this version of plaudit cannot read it.
    Unreadable(RubricStamp, String),
    /// No kept profile bears the name.
    NoSnapshot,
}

/// The profile of this snapshot among the current and the earlier ones of an applicant. Either the whole name or
/// the part behind the `/` names it.
pub async fn find_snapshot(
    store: &Store,
    id: &ApplicantId,
    name: &str,
) -> Result<Option<Snapshot>, StoreError> {
    let whole = if name.contains('/') {
        name.to_owned()
    } else {
        format!("{id}/{name}")
    };
    let current = store.current(id).await?;
    let bears = |stored: &Snapshot| stored.profile.snapshot == whole;
    if let Some(current) = current.filter(bears) {
        return Ok(Some(current));
    }
    Ok(store.history(id).await?.into_iter().find(bears))
}

/// Judges a kept profile once more: its facts and its review, by the rubric's text of then, as of the day of then.
pub async fn reproduce(
    store: &Store,
    id: &ApplicantId,
    name: &str,
) -> Result<Reproduction, StoreError> {
    let Some(kept) = find_snapshot(store, id, name).await? else {
        return Ok(Reproduction::NoSnapshot);
    };
    let kept = kept.profile;
    let Some(text) = store.rubric_text(&kept.rubric.digest).await? else {
        return Ok(Reproduction::NoText(kept.rubric));
    };
    Ok(match Rubric::parse(&text) {
        Ok(rubric) => compare(kept, &rubric),
        Err(error) => Reproduction::Unreadable(kept.rubric, error.to_string()),
    })
}

fn compare(kept: Profile, rubric: &Rubric) -> Reproduction {
    let now = kept.rejudge(rubric, kept.as_of, kept.review.clone());
    let same = json(&kept.score) == json(&now.score);
    let named = kept.snapshot == now.snapshot;
    let (kept, now) = (Box::new(kept), Box::new(now));
    match (same, named) {
        (true, true) => Reproduction::Same(kept),
        (_, false) => Reproduction::OtherFormula { kept, now },
        (false, true) => Reproduction::Differs { kept, now },
    }
}

/// The score's bytes, as they are printed and kept.
fn json(score: &Score) -> Option<Vec<u8>> {
    // Numbers and texts alone, which have a JSON form.
    serde_json::to_vec(score).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::facts::Sources;
    use crate::domain::profile::{ApplicantSummary, Cost, Material};
    use crate::domain::review::entry::signed;

    fn rubric() -> Rubric {
        Rubric::embedded("doctoral-dl-radiology").unwrap()
    }

    /// Of somebody of whom nothing is known but what a person has looked up.
    fn kept(review: Review) -> Profile {
        let material = Material {
            applicant: ApplicantSummary {
                id: "a-01".parse().unwrap(),
                name: None,
                links: Vec::new(),
            },
            role: rubric().name,
            sources: Sources::default(),
            review,
            cost: Cost::default(),
            notices: Vec::new(),
        };
        Profile::judge(material, &rubric(), date(2026, 11, 1), None)
    }

    fn found(happened: Date) -> Review {
        let typed = crate::domain::review::entry::Typed {
            kind: "industry",
            amount: 3,
            url: "https://example.org/cv",
            reason: "an imaging firm",
            date: happened,
        };
        let by = signed("Dr Example", "2026-11-01T12:00:00Z".parse().unwrap()).unwrap();
        Review::default()
            .with_evidence(typed, &rubric().reviewed, by)
            .unwrap()
    }

    fn why(kept: &Profile, review: Review, rubric: &Rubric, as_of: Option<Date>) -> Vec<String> {
        let (after, verdict) = judge(kept, review, Some(rubric), as_of);
        match verdict.outcome {
            Outcome::Differs { why, .. } => {
                assert!(after.is_some());
                why.iter().map(ToString::to_string).collect()
            }
            Outcome::Same | Outcome::NoRubric => {
                assert_eq!(after, None);
                Vec::new()
            }
        }
    }

    #[test]
    fn only_what_differs_is_kept_and_the_reason_is_named() {
        let review = found(date(2020, 1, 1));
        let kept = kept(review.clone());
        let none: [&str; 0] = [];
        assert_eq!(why(&kept, review.clone(), &rubric(), None), none);

        // Another day counts when it moves a hundredth: ten years do, one day does not.
        let tomorrow = Some(date(2026, 11, 2));
        assert_eq!(why(&kept, review.clone(), &rubric(), tomorrow), none);
        let later = why(&kept, review.clone(), &rubric(), Some(date(2036, 11, 1)));
        assert_eq!(later, ["as of 2036-11-01, was 2026-11-01"]);

        let edited = Rubric::parse(&format!("{}\n# a remark\n", rubric().text)).unwrap();
        let said = why(&kept, review.clone(), &edited, None);
        assert!(said[0].contains("edited"), "{said:?}");
        assert_eq!(
            why(&kept, Review::default(), &rubric(), None),
            ["reviewed meanwhile"]
        );

        let older = Profile {
            snapshot: "a-01/0123456789abcdef".to_owned(),
            ..kept.clone()
        };
        let said = why(&older, review.clone(), &rubric(), None);
        assert_eq!(said, ["another version of plaudit"]);
        let (after, verdict) = judge(&kept, review, None, None);
        assert_eq!((after, verdict.outcome), (None, Outcome::NoRubric));
    }

    #[test]
    fn a_score_that_was_tampered_with_is_not_taken_for_reproduced() {
        let kept = kept(found(date(2020, 1, 1)));
        let same = compare(kept.clone(), &rubric());
        assert_eq!(same, Reproduction::Same(Box::new(kept.clone())));

        let mut tampered = kept.clone();
        let component = tampered.score.components.last_mut().unwrap();
        component.evidence[0].points = Points::from_cents(component.low.cents() + 1);
        assert!(matches!(
            compare(tampered, &rubric()),
            Reproduction::Differs { .. }
        ));

        let renamed = Profile {
            snapshot: "a-01/0123456789abcdef".to_owned(),
            ..kept
        };
        assert!(matches!(
            compare(renamed, &rubric()),
            Reproduction::OtherFormula { .. }
        ));
    }
}
