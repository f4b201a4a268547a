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
/// the next start does the rest.
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

/// Drops the oldest dead letters beyond `most`.
pub(super) async fn trim(store: &Store, most: u64) -> Result<(), StoreError> {
    let count = store.count(Shelf::DeadLetters).await?;
    let mut beyond = usize::try_from(count.saturating_sub(most)).unwrap_or(usize::MAX);
    if beyond > 0 {
        tracing::warn!(
            dropped = beyond,
            "more than {most} messages were given up; the oldest ones are dropped"
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::webhook::Message;
    use crate::store::StoreOptions;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(folder.path(), StoreOptions::default())
            .await
            .unwrap();
        (folder, store)
    }

    /// Keeps so many messages for an endpoint.
    async fn fill(store: &Store, endpoint: &Endpoint, count: i64) {
        let message = Message::new(WebhookEvent::RefreshFinished, at(0), &"made up").unwrap();
        let edit = (0..count).fold(Edit::new(), |edit, number| {
            let delivery = Delivery::new(endpoint, &message, at(number), "");
            edit.put(Shelf::Deliveries, &delivery.waiting_as(), &delivery)
        });
        store.edit(edit).await.unwrap();
    }

    #[tokio::test]
    async fn an_address_is_registered_once_and_not_without_end() {
        let (_folder, store) = store().await;
        let url = "https://ats.example.org/plaudit";
        let first = add(&store, url, &[], false, at(0)).await.unwrap();
        assert_eq!(first.events, WebhookEvent::ALL);
        let again = add(&store, "https://ATS.example.org/plaudit", &[], false, at(1)).await;
        assert!(matches!(again, Err(NotAdded::Known { id }) if id == first.id));
        for number in 1..MOST_ENDPOINTS {
            let url = format!("{url}/{number}");
            add(&store, &url, &[], false, at(2)).await.unwrap();
        }
        let more = add(&store, "https://other.example.org", &[], false, at(3)).await;
        assert!(matches!(more, Err(NotAdded::TooMany)), "{more:?}");
    }

    #[tokio::test]
    async fn all_that_waits_for_a_removed_endpoint_is_given_up_and_nobody_elses() {
        let (_folder, store) = store().await;
        let one = add(&store, "https://one.example.org", &[], false, at(0))
            .await
            .unwrap();
        let two = add(&store, "https://two.example.org", &[], false, at(0))
            .await
            .unwrap();
        // More than is moved at once.
        let many = i64::try_from(BATCH).unwrap() + 3;
        fill(&store, &one, many).await;
        fill(&store, &two, 2).await;
        let waiting = list(&store).await.unwrap();
        let waiting: Vec<_> = waiting.iter().map(|one| one.waiting).collect();
        assert_eq!(waiting.iter().sum::<u64>(), many.unsigned_abs() + 2);
        assert!(remove(&store, &one.id, "why", at(9)).await.unwrap());
        assert!(
            !remove(&store, &one.id, "why", at(9)).await.unwrap(),
            "twice"
        );
        let dead = dead_letters(&store, None, usize::MAX).await.unwrap();
        assert_eq!(dead.len(), usize::try_from(many).unwrap());
        let good = |letter: &Delivery| {
            letter.endpoint == one.id && letter.problem.as_deref() == Some("why")
        };
        assert!(dead.iter().all(|(_, letter)| good(letter)));
        assert_eq!(store.count(Shelf::Deliveries).await.unwrap(), 2);
        // Their endpoint is gone: they stay where they are.
        assert_eq!(
            retry_all(&store, at(10)).await.unwrap(),
            (0, many.unsigned_abs())
        );
        let id = &dead[0].1.id;
        assert_eq!(
            retry(&store, id, at(10)).await.unwrap(),
            Retried::NoEndpoint
        );
        assert_eq!(
            retry(&store, "msg_0", at(10)).await.unwrap(),
            Retried::Unknown
        );
    }

    #[tokio::test]
    async fn messages_that_are_tried_again_begin_anew() {
        let (_folder, store) = store().await;
        let one = add(&store, "https://one.example.org", &[], false, at(0))
            .await
            .unwrap();
        let message = Message::new(WebhookEvent::RefreshFinished, at(0), &"made up").unwrap();
        let delivery = Delivery {
            attempts: 30,
            ..Delivery::new(&one, &message, at(0), "")
        };
        let dead = given_up(delivery.clone(), "HTTP 500".to_owned(), at(5));
        let edit = Edit::new().put(Shelf::DeadLetters, &dead.dead_as(), &dead);
        store.edit(edit).await.unwrap();
        assert_eq!(retry(&store, &dead.id, at(7)).await.unwrap(), Retried::Yes);
        assert_eq!(
            retry(&store, &dead.id, at(7)).await.unwrap(),
            Retried::Unknown
        );
        let (_, again) = first_waiting(&store, &one.id).await.unwrap().unwrap();
        let expected = Delivery {
            created_at: at(7),
            due: at(7),
            attempts: 0,
            problem: None,
            ..delivery
        };
        assert_eq!(again, expected);
    }

    #[tokio::test]
    async fn messages_whose_endpoint_is_gone_are_swept_up() {
        let (_folder, store) = store().await;
        let known = add(&store, "https://one.example.org", &[], false, at(0))
            .await
            .unwrap();
        for id in ["00000000", "0a1b2c3d", "ffffffff"] {
            let gone = Endpoint {
                id: id.to_owned(),
                ..known.clone()
            };
            fill(&store, &gone, 2).await;
        }
        fill(&store, &known, 3).await;
        sweep(&store, at(9)).await.unwrap();
        assert_eq!(store.count(Shelf::Deliveries).await.unwrap(), 3);
        assert_eq!(store.count(Shelf::DeadLetters).await.unwrap(), 6);
    }

    #[tokio::test]
    async fn of_too_many_dead_letters_the_oldest_go() {
        let (_folder, store) = store().await;
        let gone = Endpoint {
            id: "0a1b2c3d".to_owned(),
            url: "https://one.example.org".to_owned(),
            events: WebhookEvent::ALL.to_vec(),
            created_at: at(0),
        };
        for second in 0..7 {
            fill(&store, &gone, 1).await;
            sweep(&store, at(second)).await.unwrap();
        }
        trim(&store, 7).await.unwrap();
        assert_eq!(store.count(Shelf::DeadLetters).await.unwrap(), 7);
        trim(&store, 3).await.unwrap();
        let left = dead_letters(&store, None, usize::MAX).await.unwrap();
        let left: Vec<_> = left.into_iter().map(|(_, letter)| letter.due).collect();
        assert_eq!(left, [at(4), at(5), at(6)]);
    }
}
