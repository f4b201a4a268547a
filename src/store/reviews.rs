//! What people have added, kept beside the profile that was judged with it.

use jiff::Timestamp;

use crate::domain::{applicant::ApplicantId, profile::Profile, review::Review};

use super::{
    Mark,
    draft::Draft,
    engine::Engine,
    error::Fault,
    profiles,
    table::{self, Table},
};

/// What people have added about an applicant so far.
pub(super) fn of(draft: &Draft<'_>, id: &ApplicantId) -> Result<Review, Fault> {
    let review = draft.get(Table::Reviews, &table::of_applicant(id))?;
    Ok(review.unwrap_or_default())
}

/// Keeps a review, and the profile judged with it, in one change; see `Store::keep_review`.
pub(super) fn keep(
    engine: &Engine,
    id: &ApplicantId,
    review: &Review,
    before: Option<Mark>,
    after: Option<Profile>,
    now: Timestamp,
) -> Result<(), Fault> {
    let ((), number) = engine.change(|draft| {
        let key = table::of_applicant(id);
        let known = draft.engine().tree(Table::Applicants).contains_key(&key)?;
        let next = of(draft, id)?.revision + 1;
        // Changes wait for each other, so that what holds here holds when the change is made.
        let overtaken = !known || review.revision != next || profiles::mark(engine, id)? != before;
        if overtaken {
            return Err(Fault::Overtaken(id.clone()));
        }
        draft.put(Table::Reviews, key, review)?;
        if let Some(profile) = after {
            if profile.applicant.id != *id || profile.review != *review {
                return Err(Fault::Failed(format!(
                    "the profile of {id} was not judged with the review that is to be kept"
                )));
            }
            profiles::keep(draft, profile, now)?;
        }
        Ok(())
    })?;
    engine.make_durable(number)
}
