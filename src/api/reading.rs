//! What is read most, kept in memory: profiles as JSON, and pages that were rendered.
//!
//! # Why a read of a profile does not ask the store
//!
//! To unpack a profile takes longer than all the rest of a request, and each question to the store goes to another
//! thread and back. So what was read is kept, and the store's words about changes say what to forget: they are heard
//! before every look, and a change is acknowledged only after its word was said. Whoever was told of a change reads it.
//!
//! The one danger is a value that was read before a change and is kept after its word was heard. It is kept only
//! while the ear is held, and only if nothing has changed since before the reading; see [`Reading::profile`].

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use quick_cache::{OptionsBuilder, Weighter, sync::Cache};

use super::noting::Shown;
use crate::domain::applicant::ApplicantId;
use crate::store::{Feed, Heard, Mark, Store, StoreError};

/// Memory for profiles. Bytes; some 2,000 profiles of 34 KB.
const FOR_PROFILES: u64 = 64 << 20;

/// Memory for pages. Bytes.
const FOR_PAGES: u64 = 32 << 20;

/// What an entry takes beside its text, roughly. Bytes.
const BESIDE: usize = 128;

/// What is kept of reads. One for a store.
#[derive(Debug)]
pub struct Reading {
    profiles: Cache<ApplicantId, (Mark, Bytes), Weight>,
    pages: Cache<String, Page, Weight>,
    /// Held while something is forgotten or kept.
    ear: Mutex<Feed>,
}

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<ApplicantId, (Mark, Bytes)> for Weight {
    fn weight(&self, id: &ApplicantId, value: &(Mark, Bytes)) -> u64 {
        (id.as_str().len() + value.1.len() + BESIDE) as u64
    }
}

/// A page that was rendered from a version, and whom it names.
type Page = (u64, Bytes, Shown);

impl Weighter<String, Page> for Weight {
    fn weight(&self, key: &String, value: &Page) -> u64 {
        (key.len() + value.1.len() + BESIDE) as u64
    }
}

impl Reading {
    /// Of this store, with nothing kept yet.
    #[must_use]
    pub fn new(store: &Store) -> Self {
        // A page may be as long as all others together: one shard, so that it finds room.
        let pages = OptionsBuilder::new()
            .shards(1)
            .estimated_items_capacity(256)
            .weight_capacity(FOR_PAGES)
            .build();
        Self {
            profiles: Cache::with_weighter(2_048, FOR_PROFILES, Weight),
            pages: match pages {
                Ok(options) => Cache::with_options(
                    options,
                    Weight,
                    quick_cache::DefaultHashBuilder::default(),
                    quick_cache::sync::DefaultLifecycle::default(),
                ),
                Err(_) => Cache::with_weighter(256, FOR_PAGES, Weight),
            },
            ear: Mutex::new(store.feed()),
        }
    }

    /// An applicant's current profile as JSON, with its mark; the newest that any caller was told of. `store` is the
    /// one that this was made for.
    pub async fn profile(
        &self,
        store: &Store,
        id: &ApplicantId,
    ) -> Result<Option<(Mark, Bytes)>, StoreError> {
        drop(self.listen());
        if let Some(kept) = self.profiles.get(id) {
            return Ok(Some(kept));
        }
        let before = store.newest_change();
        let Some((mark, json)) = store.profile_json(id).await? else {
            return Ok(None);
        };
        let json = Bytes::from(json);
        // Whoever looks next must hold the ear first, and then hears of every change after this one.
        let _ear = self.listen();
        if store.newest_change() == before {
            self.profiles.insert(id.clone(), (mark, json.clone()));
        }
        Ok(Some((mark, json)))
    }

    /// A page that was rendered from this version, and whom it names; see [`Reading::keep_page`].
    #[must_use]
    pub fn page(&self, key: &str, version: u64) -> Option<(Bytes, Shown)> {
        let (kept, page, shown) = self.pages.get(key)?;
        (kept == version).then_some((page, shown))
    }

    /// Keeps a page in the place of an earlier one. The key must name everything that the page depends on beside
    /// the version: which page, its query, and whatever of the caller shows.
    pub fn keep_page(&self, key: &str, version: u64, (page, shown): (Bytes, Shown)) {
        self.pages.insert(key.to_owned(), (version, page, shown));
    }

    /// Forgets what has changed, and goes on holding the ear.
    fn listen(&self) -> MutexGuard<'_, Feed> {
        let mut ear = self.ear.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(heard) = ear.already() {
            match heard {
                Heard::Missed => self.profiles.clear(),
                Heard::Change(happened) => {
                    for id in &happened.profiles {
                        self.profiles.remove(id);
                    }
                }
            }
        }
        ear
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::example::{ROLE, filled, keep, lease, outrun};
    use crate::domain::profile::Profile;
    use crate::report::example::hostile;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    async fn read(reading: &Reading, store: &Store, id: &str) -> Option<Profile> {
        let id = id.parse().unwrap();
        let (mark, json) = reading.profile(store, &id).await.unwrap()?;
        assert_eq!(store.profile_mark(&id).await.unwrap(), Some(mark));
        Some(serde_json::from_slice(&json).unwrap())
    }

    #[tokio::test]
    async fn what_was_read_is_kept_until_it_changes() {
        let (_folder, store) = filled().await;
        let reading = Reading::new(&store);
        assert_eq!(reading.profiles.len(), 0);
        let mut profile = hostile();
        assert_eq!(
            read(&reading, &store, "mallory").await,
            Some(profile.clone())
        );
        assert_eq!(reading.profiles.len(), 1);
        let id = "mallory".parse().unwrap();
        let (_, kept) = reading.profile(&store, &id).await.unwrap().unwrap();
        let (_, again) = reading.profile(&store, &id).await.unwrap().unwrap();
        assert_eq!(kept.as_ptr(), again.as_ptr());
        assert_eq!(read(&reading, &store, "unheard-of").await, None);

        profile.notices.push("changed".to_owned());
        keep(&store, &profile).await;
        assert_eq!(read(&reading, &store, "mallory").await, Some(profile));
        store.erase(id).await.unwrap();
        assert_eq!(read(&reading, &store, "mallory").await, None);
    }

    #[tokio::test]
    async fn what_was_missed_is_forgotten_with_all_else() {
        let (_folder, store) = filled().await;
        let reading = Reading::new(&store);
        let mut profile = hostile();
        assert_eq!(
            read(&reading, &store, "mallory").await,
            Some(profile.clone())
        );
        profile.notices.push("changed".to_owned());
        keep(&store, &profile).await;
        let leased = lease(&store, &"busy".parse().unwrap(), ROLE).await;
        outrun(&store, &leased);
        assert_eq!(read(&reading, &store, "mallory").await, Some(profile));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn whoever_was_told_of_a_change_reads_it_however_many_read_meanwhile() {
        let (_folder, store) = filled().await;
        let reading = Arc::new(Reading::new(&store));
        let done = Arc::new(AtomicBool::new(false));
        let mut readers = tokio::task::JoinSet::new();
        for _ in 0..2 {
            let (reading, store, done) = (Arc::clone(&reading), store.clone(), Arc::clone(&done));
            readers.spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    read_late(&reading, &store).await;
                    tokio::task::yield_now().await;
                }
            });
        }
        let mut profile = hostile();
        for number in 0..40 {
            profile.notices = vec![number.to_string()];
            keep(&store, &profile).await;
            let read = read_late(&reading, &store).await;
            assert_eq!(read.notices, profile.notices);
        }
        done.store(true, Ordering::Relaxed);
        readers.join_all().await;
    }

    /// Without a look at the mark, which may be another one by then.
    async fn read_late(reading: &Reading, store: &Store) -> Profile {
        let id = "mallory".parse().unwrap();
        let (_, json) = reading.profile(store, &id).await.unwrap().unwrap();
        serde_json::from_slice(&json).unwrap()
    }

    #[tokio::test]
    async fn a_page_is_kept_for_its_version_alone() {
        let (_folder, store) = filled().await;
        let reading = Reading::new(&store);
        let keep = |version, text| {
            let page = (Bytes::from_static(text), Shown::default());
            reading.keep_page("ranking/a?page=1", version, page);
        };
        let kept = |key, version| reading.page(key, version).map(|(page, _)| page);
        keep(7, b"seven");
        assert_eq!(kept("ranking/a?page=1", 7).unwrap(), "seven");
        assert_eq!(kept("ranking/a?page=1", 8), None);
        assert_eq!(kept("ranking/a?page=2", 7), None);
        keep(8, b"eight");
        assert_eq!(kept("ranking/a?page=1", 8).unwrap(), "eight");
        assert_eq!(kept("ranking/a?page=1", 7), None);
    }
}
