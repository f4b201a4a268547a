//! What others are to be told of a profile, planned in the same change in which it is kept: after a crash there is both
//! or neither.

use jiff::Timestamp;

use crate::domain::{
    profile::Profile,
    webhook::{Delivery, Endpoint, Message, WebhookEvent},
};

use super::{
    draft::Draft,
    error::Fault,
    records::{self, Shelf},
    table::{self, Table},
};

/// What is to be told of `profile`, which takes the place of one with the snapshot `before`; `None` there: of none.
/// The same snapshot again is nothing new.
pub(super) fn message(
    before: Option<&str>,
    profile: &Profile,
    now: Timestamp,
) -> Result<Option<Message>, Fault> {
    let event = match before {
        None => WebhookEvent::ProfileReady,
        // Profiles that were kept before snapshots had names all bear the empty one.
        Some(before) if before == profile.snapshot && !before.is_empty() => return Ok(None),
        Some(_) => WebhookEvent::ProfileChanged,
    };
    let message = Message::of_profile(event, now, profile);
    message
        .map(Some)
        .map_err(|error| Fault::Failed(format!("a message has no JSON form: {error}")))
}

/// Everybody who is to be called.
pub(super) fn endpoints(draft: &Draft<'_>) -> Result<Vec<Endpoint>, Fault> {
    let named = records::all_in(draft, Shelf::Endpoints)?;
    Ok(named.into_iter().map(|(_, endpoint)| endpoint).collect())
}

/// Plans a delivery to each of `endpoints` that wants to hear it.
pub(super) fn put(
    draft: &mut Draft<'_>,
    endpoints: &[Endpoint],
    message: &Message,
    now: Timestamp,
) -> Result<(), Fault> {
    let change = draft.ledger.commits.to_string();
    for endpoint in endpoints.iter().filter(|one| one.wants(message.event)) {
        let delivery = Delivery::new(endpoint, message, now, &change);
        let key = table::record(Shelf::Deliveries, &delivery.waiting_as());
        draft.put(Table::Records, key, &delivery)?;
    }
    Ok(())
}

/// Plans all that is to be told of a profile that is about to be kept.
pub(super) fn tell(
    draft: &mut Draft<'_>,
    before: Option<&str>,
    profile: &Profile,
    now: Timestamp,
) -> Result<(), Fault> {
    let endpoints = endpoints(draft)?;
    if endpoints.is_empty() {
        return Ok(());
    }
    match message(before, profile, now)? {
        Some(message) => put(draft, &endpoints, &message, now),
        None => Ok(()),
    }
}
