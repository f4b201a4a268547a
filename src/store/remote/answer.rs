//! What the owner answers: each ask, put to its own store.

use serde::Serialize;
use serde_json::{Value, value::RawValue};

use super::ask::{Ask, Reply};
use crate::store::{
    Store, StoreError,
    error::Fault,
    revision,
    table::{self, Table},
};

/// Things in one part of a list. Count; of profiles some 5 MB.
const PART: usize = 250;

/// The frames to send for an ask, the last one at the end. What is the owner's to answer is put to `owner`.
pub(super) async fn answer(
    store: &Store,
    ask: Ask,
    owner: impl AsyncFn(Value) -> Result<Value, StoreError>,
) -> Vec<Reply> {
    match Box::pin(frames(store, ask, owner)).await {
        Ok(frames) => frames,
        Err(error) => vec![Reply::Refused(Fault::from(error))],
    }
}

async fn frames(
    store: &Store,
    ask: Ask,
    owner: impl AsyncFn(Value) -> Result<Value, StoreError>,
) -> Result<Vec<Reply>, StoreError> {
    match ask {
        Ask::Accept {
            submissions,
            now,
            freshness,
        } => whole(store, &store.accept(submissions, now, freshness).await?),
        Ask::Requeue { ids, priority, now } => {
            parts(store, &store.ask_again(ids, priority, now).await?)
        }
        Ask::OldestJob => whole(store, &store.oldest_job().await?),
        Ask::Waiting { now } => whole(store, &store.waiting(now).await?),
        Ask::Jobs => parts(store, &store.jobs().await?),
        Ask::Job { id } => whole(store, &store.job(&id).await?),
        Ask::Applicant { id } => whole(store, &store.applicant(&id).await?),
        Ask::Applicants => parts(store, &store.applicants().await?),
        Ask::Find { text } => parts(store, &store.find(&text).await?),
        Ask::Current { id } => {
            // As it lies there: nobody needs it read here.
            let key = table::of_applicant(&id);
            let current = store
                .run(move |engine| engine.get::<Box<RawValue>>(Table::Profiles, &key))
                .await?;
            whole(store, &current)
        }
        Ask::Kept { id } => whole(store, &store.kept(&id).await?),
        Ask::Review { id } => whole(store, &store.review(&id).await?),
        Ask::KeepReview {
            id,
            review,
            before,
            after,
            now,
        } => {
            let after = after.map(|profile| *profile);
            store.keep_review(&id, *review, before, after, now).await?;
            whole(store, &())
        }
        Ask::KeepRubric { digest, text } => {
            store.keep_rubric_text(digest, text).await?;
            whole(store, &())
        }
        Ask::RubricText { digest } => whole(store, &store.rubric_text(&digest).await?),
        Ask::History { id } => parts(store, &store.history(&id).await?),
        Ask::ProfilesPage { role, after, limit } => {
            let page = store.profiles_page(&role, after.as_ref(), limit).await?;
            parts(store, &page)
        }
        Ask::Ids => parts(store, &store.ids().await?),
        Ask::Roles => whole(store, &store.roles().await?),
        Ask::IdsOfRole { role } => parts(store, &store.ids_of_role(&role).await?),
        Ask::ProfileMark { id } => whole(store, &store.profile_mark(&id).await?),
        Ask::ProfileJson { id } => whole(store, &store.profile_json(&id).await?),
        Ask::Forget { ids, why, now } => parts(store, &store.forget(ids, why, now).await?),
        Ask::Tombstones => parts(store, &store.tombstones().await?),
        Ask::Barring { applicants } => parts(store, &store.barring(applicants).await?),
        Ask::TombstoneOf { text } => whole(store, &store.tombstone_of(&text).await?),
        Ask::Lift { text } => whole(store, &store.lift(&text).await?),
        Ask::WriteAnew => {
            store.write_anew().await?;
            whole(store, &())
        }
        Ask::Record { on, name } => whole(store, &store.record::<Box<RawValue>>(on, &name).await?),
        Ask::Records { on, after, limit } => {
            let records = store
                .records::<Box<RawValue>>(on, after.as_deref(), limit)
                .await?;
            parts(store, &records)
        }
        Ask::Count { on } => whole(store, &store.count(on).await?),
        Ask::TakesChanges => {
            store.takes_changes().await?;
            whole(store, &())
        }
        Ask::Edit { edit } => whole(store, &store.edit(edit).await?),
        Ask::PutMeta { key, value } => {
            store.put_meta(&key, &value).await?;
            whole(store, &())
        }
        Ask::GetMeta { key } => whole(store, &store.get_meta::<Box<RawValue>>(&key).await?),
        Ask::BackUp { to, now } => whole(store, &store.back_up(to, now).await?),
        Ask::Verify => whole(store, &store.verify().await?),
        Ask::WaitForChange { after, at_most } => {
            whole(store, &store.wait_for_change(after, at_most).await?)
        }
        Ask::Judgeable { ids } => {
            let judgeable = store
                .run(move |engine| revision::judgeable(engine, &ids))
                .await?;
            parts(store, &judgeable)
        }
        Ask::Replace { rejudged, now } => {
            let replaced = store
                .run(move |engine| revision::replace_all(engine, rejudged, now))
                .await?;
            whole(store, &replaced)
        }
        Ask::Owner { wish } => whole(store, &owner(wish).await?),
    }
}

/// An answer in one frame.
fn whole<T: Serialize>(store: &Store, value: &T) -> Result<Vec<Reply>, StoreError> {
    Ok(vec![Reply::Done(raw(store, value)?)])
}

/// A list, in parts.
fn parts<T: Serialize>(store: &Store, list: &[T]) -> Result<Vec<Reply>, StoreError> {
    let mut frames = list
        .chunks(PART)
        .map(|part| Ok(Reply::Part(raw(store, &part)?)))
        .collect::<Result<Vec<_>, StoreError>>()?;
    frames.push(Reply::Done(raw(store, &())?));
    Ok(frames)
}

fn raw<T: Serialize>(store: &Store, value: &T) -> Result<Box<RawValue>, StoreError> {
    serde_json::value::to_raw_value(value).map_err(|error| {
        Fault::Failed(format!("an answer has no JSON form: {error}")).at(store.folder())
    })
}
