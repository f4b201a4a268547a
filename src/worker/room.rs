//! What the pool does while the disk is full: it takes no job, keeps what it has in hand until it can be stored, and goes
//! on by itself.
//!
//! The store refuses large changes before small ones. So no job is taken well before a profile in hand has no room any
//! more, and what is under way nearly always ends in order.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Ending, Event, Worker};
use crate::store::StoreError;

/// Between two looks whether there is room again.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Looks at a disk with room before a job is taken, while something in hand is not stored yet: it goes first, so that a
/// lease that ran out meanwhile is not taken by somebody else. Count. More would wait for what has no end.
const IN_HAND_FIRST: u32 = 4;

/// Whether the pool rests, and what it has in hand.
#[derive(Debug, Default)]
pub(super) struct Pause {
    since: Mutex<Option<Instant>>,
    in_hand: AtomicUsize,
}

/// Something that cannot be stored yet, until it is dropped.
#[derive(Debug)]
pub(super) struct InHand<'a>(&'a Pause);

impl<'a> InHand<'a> {
    fn new(pause: &'a Pause) -> Self {
        pause.in_hand.fetch_add(1, Ordering::Relaxed);
        Self(pause)
    }
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.0.in_hand.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Worker {
    /// Waits until the store has room for another job's end. An error: it never will, or not within the patience.
    /// `false`: the pool ends.
    pub(super) async fn has_room(&self) -> Result<bool, StoreError> {
        let mut with_room = 0;
        loop {
            if self.stop.is_cancelled() {
                return Ok(false);
            }
            if self.store.has_room().await? {
                let waiting = self.pause.in_hand.load(Ordering::Relaxed) > 0;
                if !waiting || with_room == IN_HAND_FIRST {
                    self.go_on();
                    return Ok(true);
                }
                with_room += 1;
            } else {
                with_room = 0;
                // A pool that has nothing left to do needs no room.
                let ends = self.settings.ending != Ending::Never;
                if ends && self.store.waiting(Timestamp::now()).await?.is_empty() {
                    return Ok(true);
                }
                self.rest()?;
            }
            self.look_again().await;
        }
    }

    /// Makes a change as soon as there is room for it. What is in hand is given up only when the pool ends.
    pub(super) async fn once_there_is_room<T, F>(
        &self,
        change: impl Fn() -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut in_hand = None;
        loop {
            match change().await {
                Err(full @ StoreError::Full { .. }) => {
                    if self.stop.is_cancelled() {
                        return Err(full);
                    }
                    in_hand = Some(self.keep_in_hand().await?);
                }
                changed => {
                    drop(in_hand);
                    return changed;
                }
            }
            self.look_again().await;
        }
    }

    /// Notes that something cannot be stored for want of room. An error: it never will be, or not within the patience.
    pub(super) async fn keep_in_hand(&self) -> Result<InHand<'_>, StoreError> {
        let in_hand = InHand::new(&self.pause);
        if !self.store.has_room().await? {
            self.rest()?;
        }
        Ok(in_hand)
    }

    async fn look_again(&self) {
        tokio::select! {
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = self.stop.cancelled() => {}
        }
    }

    /// Begins to rest, unless the pool does already. An error: it has rested for longer than its patience.
    fn rest(&self) -> Result<(), StoreError> {
        let mut since = self
            .pause
            .since
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match (*since, self.settings.ending) {
            (None, _) => {
                *since = Some(Instant::now());
                let _ = self.events.send(Event::NoRoom);
                Ok(())
            }
            (Some(since), Ending::AfterPatience(patience)) if since.elapsed() > patience => {
                Err(self.store.no_room())
            }
            (Some(_), _) => Ok(()),
        }
    }

    fn go_on(&self) {
        let mut since = self
            .pause
            .since
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if since.take().is_some() {
            let _ = self.events.send(Event::RoomAgain);
        }
    }
}
