//! What is to be told of the whole, such as that a refresh is over.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::webhook::{Delivery, Endpoint, Message, WebhookEvent};
use crate::refresh::retention::Retention;
use crate::refresh::{Summary, Trigger};
use crate::store::{Edit, Shelf, Store, StoreError};

/// Keeps a delivery for each endpoint that wants to hear of `event`; on the disk when this returns.
pub async fn announce<T: Serialize + Sync>(
    store: &Store,
    event: WebhookEvent,
    data: &T,
    now: Timestamp,
) -> Result<(), StoreError> {
    let edit = announcement(store, Edit::new(), event, data, now).await?;
    store.edit(edit).await?;
    Ok(())
}

/// Adds the deliveries to an edit that makes `event` true, so that after a crash there is both or neither.
pub async fn announcement<T: Serialize + Sync>(
    store: &Store,
    mut edit: Edit,
    event: WebhookEvent,
    data: &T,
    now: Timestamp,
) -> Result<Edit, StoreError> {
    let message = match Message::new(event, now, data) {
        Ok(message) => message,
        Err(error) => {
            // What we tell has a JSON form; what it is about must not fail because of it.
            tracing::error!(%error, %event, "a message has no JSON form");
            return Ok(edit);
        }
    };
    let endpoints: Vec<(String, Endpoint)> =
        store.records(Shelf::Endpoints, None, usize::MAX).await?;
    for (_, endpoint) in endpoints.iter().filter(|(_, one)| one.wants(event)) {
        let delivery = Delivery::new(endpoint, &message, now, "");
        edit = edit.put(Shelf::Deliveries, &delivery.waiting_as(), &delivery);
    }
    Ok(edit)
}

/// What `refresh.finished` tells of a refresh: counts, and nobody.
#[must_use]
pub fn of_refresh(summary: &Summary) -> impl Serialize + Sync + use<> {
    AboutRefresh {
        trigger: summary.trigger,
        began: summary.began,
        ended: summary.ended,
        applicants: summary.applicants,
        checked: summary.checked,
        unchanged: summary.unchanged,
        fetched: summary.fetched,
        changed: summary.changed.len(),
        failed: summary.failed.len(),
        requests: summary.requests,
        points: summary.points,
        retention: summary.retention.clone(),
    }
}

#[derive(Serialize)]
struct AboutRefresh {
    trigger: Trigger,
    began: Timestamp,
    ended: Timestamp,
    applicants: u64,
    checked: u64,
    unchanged: u64,
    fetched: u64,
    changed: usize,
    failed: usize,
    requests: f64,
    points: f64,
    retention: Vec<Retention>,
}
