//! Whom to call, what waits for them, and what was given up: for the command and for the API.

use jiff::Timestamp;

use super::{BadAddress, check};
use crate::domain::webhook::{Delivery, Endpoint, WebhookEvent};
use crate::store::{Edit, Shelf, Store, StoreError};

/// Endpoints at most. Count.
pub const MOST_ENDPOINTS: usize = 20;

/// Messages that are kept after they were given up. Count; the oldest ones go first.
pub const MOST_DEAD_LETTERS: u64 = 10_000;

/// Records that are moved in one change. Count.
const BATCH: usize = 500;

/// Why an endpoint was not registered.
#[derive(Debug, thiserror::Error)]
pub enum NotAdded {
    /// Its address is not called.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// It is registered already.
    #[error("it is registered already, as {id}")]
    Known {
        /// Under this id.
        id: String,
    },
    /// There are too many.
    #[error("there are {MOST_ENDPOINTS} already; remove one first")]
    TooMany,
    /// The operating system gave no random bytes.
    #[error("the operating system gives no random bytes: {0}")]
    Random(#[from] getrandom::Error),
    /// The store refused it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An endpoint, and how it does.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// Messages that wait for it. Count.
    pub waiting: u64,
    /// What the last attempt met at one of them that is to be tried again.
    pub problem: Option<String>,
}

/// Registers an endpoint; without events it is told of all.
pub async fn add(
    store: &Store,
    url: &str,
    events: &[WebhookEvent],
    allow_private: bool,
    now: Timestamp,
) -> Result<Endpoint, NotAdded> {
    let url = String::from(check(url, allow_private)?);
    let known = endpoints(store).await?;
    if let Some(known) = known.iter().find(|known| known.url == url) {
        return Err(NotAdded::Known {
            id: known.id.clone(),
        });
    }
    if known.len() >= MOST_ENDPOINTS {
        return Err(NotAdded::TooMany);
    }
    let mut events = if events.is_empty() {
        WebhookEvent::ALL.to_vec()
    } else {
        events.to_vec()
    };
    events.sort_unstable();
    events.dedup();
    let mut id = [0; 4];
    getrandom::fill(&mut id)?;
    let endpoint = Endpoint {
        id: format!("{:08x}", u32::from_be_bytes(id)),
        url,
        events,
        created_at: now,
    };
    store
        .edit(Edit::new().put(Shelf::Endpoints, &endpoint.id, &endpoint))
        .await?;
    Ok(endpoint)
}

/// All endpoints, the oldest first.
pub async fn endpoints(store: &Store) -> Result<Vec<Endpoint>, StoreError> {
    let named: Vec<(String, Endpoint)> = store.records(Shelf::Endpoints, None, usize::MAX).await?;
    let mut endpoints: Vec<_> = named.into_iter().map(|(_, endpoint)| endpoint).collect();
    endpoints
        .sort_by(|left, right| (left.created_at, &left.id).cmp(&(right.created_at, &right.id)));
    Ok(endpoints)
}

/// The endpoint of this id.
pub async fn endpoint(store: &Store, id: &str) -> Result<Option<Endpoint>, StoreError> {
    store.record(Shelf::Endpoints, id).await
}

/// All endpoints and how they do, the oldest first.
pub async fn list(store: &Store) -> Result<Vec<Listed>, StoreError> {
    let mut listed = Vec::new();
    for endpoint in endpoints(store).await? {
        let mut one = Listed {
            endpoint,
            waiting: 0,
            problem: None,
        };
        let mut after = beginning(&one.endpoint.id);
        loop {
            let page = waiting_for(store, &one.endpoint.id, &after).await?;
            let Some((last, _)) = page.last() else { break };
            after.clone_from(last);
            one.waiting += page.len() as u64;
            let problem = page.into_iter().find_map(|(_, delivery)| delivery.problem);
            one.problem = one.problem.or(problem);
        }
        listed.push(one);
    }
    Ok(listed)
}

/// What the names of an endpoint's deliveries begin with.
fn beginning(endpoint: &str) -> String {
    format!("{endpoint}/")
}

/// Deliveries that wait for an endpoint, from behind `after`, the next one first; up to a batch.
async fn waiting_for(
    store: &Store,
    endpoint: &str,
    after: &str,
) -> Result<Vec<(String, Delivery)>, StoreError> {
    let mut page: Vec<(String, Delivery)> =
        store.records(Shelf::Deliveries, Some(after), BATCH).await?;
    let beginning = beginning(endpoint);
    page.retain(|(name, _)| name.starts_with(&beginning));
    Ok(page)
}

/// The delivery that is due first of those that wait for an endpoint, by its name.
pub(super) async fn first_waiting(
    store: &Store,
    endpoint: &str,
) -> Result<Option<(String, Delivery)>, StoreError> {
    let beginning = beginning(endpoint);
    let page = store.records(Shelf::Deliveries, Some(&beginning), 1);
    let first = page.await?.pop();
    Ok(first.filter(|(name, _): &(String, Delivery)| name.starts_with(&beginning)))
}

/// Removes an endpoint; what waits for it goes to the dead letters with this reason. Whether there was one.
///
/// From the first change on nothing more comes up for it. What many wait for takes several; after a crash in between,
/// [`sweep`] does the rest.
pub async fn remove(
    store: &Store,
    id: &str,
    why: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(endpoint) = endpoint(store, id).await? else {
        return Ok(false);
    };
    let removed = Edit::new()
        .expect(Shelf::Endpoints, id, Some(&endpoint))
        .delete(Shelf::Endpoints, id);
    let (edit, _) = buried(store, removed, id, why, now).await?;
    if !store.edit(edit).await? {
        return Ok(false);
    }
    bury(store, id, why, now).await?;
    Ok(true)
}

/// Moves all that waits for an endpoint that is gone to the dead letters.
async fn bury(store: &Store, id: &str, why: &str, now: Timestamp) -> Result<u64, StoreError> {
    let mut all = 0;
    loop {
        let (edit, moved) = buried(store, Edit::new(), id, why, now).await?;
        if moved == 0 {
            return Ok(all);
        }
        store.edit(edit).await?;
        all += moved;
    }
}

/// Adds to an edit that a batch of what waits for an endpoint is moved to the dead letters; of how many.
async fn buried(
    store: &Store,
    mut edit: Edit,
    id: &str,
    why: &str,
    now: Timestamp,
) -> Result<(Edit, u64), StoreError> {
    let page = waiting_for(store, id, &beginning(id)).await?;
    let moved = page.len() as u64;
    for (name, delivery) in page {
        let dead = given_up(delivery, why.to_owned(), now);
        edit =
            edit.delete(Shelf::Deliveries, &name)
                .put(Shelf::DeadLetters, &dead.dead_as(), &dead);
    }
    Ok((edit, moved))
}

/// A delivery that is given up, as it is kept.
pub(super) fn given_up(delivery: Delivery, problem: String, now: Timestamp) -> Delivery {
    Delivery {
        due: now,
        problem: Some(problem),
        ..delivery
    }
}

/// Moves what waits for endpoints that are gone to the dead letters: a message may have come up, or a crash have come
/// in between, while one was removed.
pub(super) async fn sweep(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let mut after: Option<String> = None;
    loop {
        let next = store
            .records(Shelf::Deliveries, after.as_deref(), 1)
            .await?;
        let Some((name, _)): Option<&(String, Delivery)> = next.first() else {
            return Ok(());
        };
        let id = name.split('/').next().unwrap_or_default();
        if endpoint(store, id).await?.is_none() {
            bury(store, id, REMOVED, now).await?;
        }
        // Behind all of this endpoint's: `0` follows `/`.
        after = Some(format!("{id}0"));
    }
}

/// What is said of a message whose endpoint somebody removed.
pub const REMOVED: &str = "its webhook was removed";

/// Drops the oldest dead letters beyond [`MOST_DEAD_LETTERS`].
pub(super) async fn trim(store: &Store) -> Result<(), StoreError> {
    let count = store.count(Shelf::DeadLetters).await?;
    let mut beyond = usize::try_from(count.saturating_sub(MOST_DEAD_LETTERS)).unwrap_or(usize::MAX);
    if beyond > 0 {
        tracing::warn!(
            dropped = beyond,
            "more than {MOST_DEAD_LETTERS} messages were given up; the oldest ones are dropped"
        );
    }
    while beyond > 0 {
        let oldest = dead_letters(store, None, beyond.min(BATCH)).await?;
        if oldest.is_empty() {
            return Ok(());
        }
        beyond -= oldest.len();
        let edit = oldest.iter().fold(Edit::new(), |edit, (name, _)| {
            edit.delete(Shelf::DeadLetters, name)
        });
        store.edit(edit).await?;
    }
    Ok(())
}

/// Up to `limit` messages that were given up, with the names of their records, the oldest first, from behind `after`.
pub async fn dead_letters(
    store: &Store,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<(String, Delivery)>, StoreError> {
    store.records(Shelf::DeadLetters, after, limit).await
}

/// What became of a wish to try a message again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retried {
    /// It is tried again now.
    Yes,
    /// There is no such message among those that were given up.
    Unknown,
    /// Its endpoint is gone.
    NoEndpoint,
}

/// Tries a message again that was given up, as if it had come up now.
pub async fn retry(store: &Store, message: &str, now: Timestamp) -> Result<Retried, StoreError> {
    let mut after: Option<String> = None;
    loop {
        let page = dead_letters(store, after.as_deref(), BATCH).await?;
        let Some((last, _)) = page.last() else {
            return Ok(Retried::Unknown);
        };
        after = Some(last.clone());
        let found = page.into_iter().find(|(_, letter)| letter.id == message);
        let Some((name, letter)) = found else {
            continue;
        };
        if endpoint(store, &letter.endpoint).await?.is_none() {
            return Ok(Retried::NoEndpoint);
        }
        let edit = revived(Edit::new(), &name, letter, now);
        return Ok(if store.edit(edit).await? {
            Retried::Yes
        } else {
            Retried::Unknown
        });
    }
}

/// Tries all messages again that were given up; how many, and how many could not because their endpoint is gone.
pub async fn retry_all(store: &Store, now: Timestamp) -> Result<(u64, u64), StoreError> {
    let known: Vec<String> = endpoints(store)
        .await?
        .into_iter()
        .map(|one| one.id)
        .collect();
    let (mut retried, mut homeless) = (0, 0);
    let mut after: Option<String> = None;
    loop {
        let page = dead_letters(store, after.as_deref(), BATCH).await?;
        let Some((last, _)) = page.last() else {
            return Ok((retried, homeless));
        };
        after = Some(last.clone());
        let mut edit = Edit::new();
        let mut moved = 0;
        for (name, letter) in page {
            if known.contains(&letter.endpoint) {
                edit = revived(edit, &name, letter, now);
                moved += 1;
            } else {
                homeless += 1;
            }
        }
        if moved > 0 && store.edit(edit).await? {
            retried += moved;
        }
    }
}

/// Adds to an edit that a message is tried again.
fn revived(edit: Edit, name: &str, letter: Delivery, now: Timestamp) -> Edit {
    let edit = edit
        .expect(Shelf::DeadLetters, name, Some(&letter))
        .delete(Shelf::DeadLetters, name);
    let delivery = Delivery {
        created_at: now,
        due: now,
        attempts: 0,
        problem: None,
        ..letter
    };
    edit.put(Shelf::Deliveries, &delivery.waiting_as(), &delivery)
}
