//! Keeping up: hear of changes, read what changed, make the rankings of the roles concerned anew.
//!
//! Versions: a word is handled once, all profiles that it names are read before any ranking is made, and a ranking
//! bears the number of the newest word that was handled. What is read may be newer than its word; then another word
//! is under way and makes another version.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::time::{Instant, sleep_until};

use super::{Drawn, Shared, State, draw};
use crate::domain::applicant::ApplicantId;
use crate::domain::profile::Profile;
use crate::store::{Heard, StoreError};

/// The shortest time from the beginning of one making of a ranking to that of the next.
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);

/// What a role's ranking may take of one processor: one part of so many.
const SHARE: u32 = 5;

/// From the beginning of a making that took so long to that of the next.
fn pause_after(took: Duration) -> Duration {
    SHORTEST_PAUSE.max(took.saturating_mul(SHARE))
}

/// A role's turn.
#[derive(Debug)]
struct Turn {
    /// Whether a profile has changed since the ranking was last begun.
    changed: bool,
    /// When the one under way was begun.
    under_way: Option<Instant>,
    /// When the next may begin.
    from: Instant,
}

/// Who follows.
struct Follower<'a> {
    shared: &'a Shared,
    /// The number of the newest change that was handled.
    version: u64,
    turns: BTreeMap<String, Turn>,
    drawing: FuturesUnordered<BoxFuture<'static, Option<Drawn>>>,
}

/// Reads all, then keeps up until the store is gone or the program ends.
pub(super) async fn follow(shared: &Shared) -> Result<(), StoreError> {
    // Before the first reading, so that nothing is missed in between.
    let mut feed = shared.store.feed();
    let mut follower = Follower {
        shared,
        version: 0,
        turns: BTreeMap::new(),
        drawing: FuturesUnordered::new(),
    };
    follower.read_all().await?;
    follower.begin_due();
    while !follower.drawing.is_empty() {
        if !follower.one_is_drawn().await {
            return Ok(());
        }
    }
    shared.state.send_replace(State::Followed);
    loop {
        let next = follower.next_turn();
        let heard = tokio::select! {
            heard = feed.next() => heard,
            going_on = follower.one_is_drawn(), if !follower.drawing.is_empty() => {
                if !going_on {
                    return Ok(());
                }
                follower.begin_due();
                continue;
            }
            () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                follower.begin_due();
                continue;
            }
        };
        let mut changed = BTreeSet::new();
        let mut missed = false;
        let mut words = heard;
        if words.is_none() {
            return Ok(());
        }
        while let Some(heard) = words {
            match heard {
                Heard::Missed => missed = true,
                // What the last reading of everything has seen already makes no other version.
                Heard::Change(happened) if happened.change <= follower.version => {}
                Heard::Change(happened) => {
                    changed.extend(happened.profiles.iter().cloned());
                    follower.version = happened.change;
                }
            }
            words = feed.already();
        }
        if missed {
            follower.read_all().await?;
        } else if !changed.is_empty() {
            follower.read(changed.into_iter().collect()).await?;
        }
        follower.begin_due();
    }
}

impl Follower<'_> {
    /// Reads every profile anew.
    async fn read_all(&mut self) -> Result<(), StoreError> {
        self.version = self.shared.store.newest_change();
        let ids = self.shared.store.ids().await?;
        let found = self.shared.read(ids).await?;
        let profiles = found
            .into_iter()
            .filter_map(|(id, profile)| Some((id, profile?)));
        let mut held = self.shared.held();
        held.profiles = profiles.collect();
        let mut roles: BTreeSet<String> = held.standings.keys().cloned().collect();
        roles.extend(held.profiles.values().map(|profile| profile.role.clone()));
        drop(held);
        for role in &roles {
            self.changed(role);
        }
        Ok(())
    }

    /// Reads some profiles anew.
    async fn read(&mut self, ids: Vec<ApplicantId>) -> Result<(), StoreError> {
        for (id, profile) in self.shared.read(ids).await? {
            let mut held = self.shared.held();
            let after = profile.as_ref().map(|profile| profile.role.clone());
            let before = match profile {
                Some(profile) => held.profiles.insert(id, profile),
                None => held.profiles.remove(&id),
            };
            drop(held);
            let before = before.map(|profile| profile.role.clone());
            for role in before.iter().chain(&after) {
                self.changed(role);
            }
        }
        Ok(())
    }

    fn changed(&mut self, role: &str) {
        let turn = self.turns.entry(role.to_owned()).or_insert(Turn {
            changed: false,
            under_way: None,
            from: Instant::now(),
        });
        turn.changed = true;
    }

    /// When the next ranking may begin, if one waits for that alone.
    fn next_turn(&self) -> Option<Instant> {
        let waiting = self.turns.values();
        let waiting = waiting.filter(|turn| turn.changed && turn.under_way.is_none());
        waiting.map(|turn| turn.from).min()
    }

    /// Begins every ranking that may.
    fn begin_due(&mut self) {
        let now = Instant::now();
        for (role, turn) in &mut self.turns {
            if !turn.changed || turn.under_way.is_some() || turn.from > now {
                continue;
            }
            turn.changed = false;
            turn.under_way = Some(now);
            let held = self.shared.held();
            let profiles = held.profiles.values();
            let of_role = profiles.filter(|profile| profile.role == *role);
            let of_role: Vec<Arc<Profile>> = of_role.cloned().collect();
            drop(held);
            let drawn = draw(role.clone(), self.version, of_role);
            self.drawing.push(Box::pin(drawn));
        }
    }

    /// Waits for a ranking and shows it; `false`: the program is ending.
    async fn one_is_drawn(&mut self) -> bool {
        let Some(Some(drawn)) = self.drawing.next().await else {
            return false;
        };
        if let Some(turn) = self.turns.get_mut(&drawn.role)
            && let Some(began) = turn.under_way.take()
        {
            turn.from = began + pause_after(drawn.took);
        }
        let before = {
            let mut held = self.shared.held();
            held.standings.insert(drawn.role, Arc::new(drawn.standing))
        };
        // Outside the lock: with it may go ten thousand profiles.
        drop(before);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Board;
    use crate::board::example::{ROLE, filled, keep, lease, outrun};
    use crate::report::example::several;
    use tokio_util::sync::CancellationToken;

    /// Somebody with the points of ada and zoe.
    fn named(id: &str) -> Profile {
        let mut profile = several().swap_remove(1);
        profile.applicant.id = id.parse().unwrap();
        profile
    }

    async fn ranked(board: &Board, role: &str) -> Vec<String> {
        let standing = board.standing(role).await.unwrap();
        let profiles = standing.ranking.profiles().iter();
        profiles.map(|one| one.applicant.id.to_string()).collect()
    }

    /// Waits until a role's ranking is this one.
    async fn becomes(board: &Board, role: &str, ids: &[&str]) {
        let reached = async {
            while ranked(board, role).await != ids {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let within = tokio::time::timeout(Duration::from_secs(20), reached).await;
        let now = ranked(board, role).await;
        assert!(within.is_ok(), "{now:?}, not {ids:?}");
    }

    /// Runs `test` beside a follower.
    async fn followed(board: &Board, test: impl Future<Output = ()>) {
        let stop = CancellationToken::new();
        let tested = async {
            assert_eq!(*board.shared.state.borrow(), State::Reading);
            test.await;
            assert_eq!(*board.shared.state.borrow(), State::Followed);
            stop.cancel();
        };
        let (ended, ()) = tokio::join!(Box::pin(board.follow(stop.clone())), Box::pin(tested));
        ended.unwrap();
        assert_eq!(*board.shared.state.borrow(), State::Unfollowed);
    }

    /// By the points of the examples: mallory has 17, ada and zoe have as many, nobody has none.
    const ALL: [&str; 4] = ["mallory", "ada", "zoe", "nobody"];

    #[tokio::test]
    async fn without_a_follower_everything_is_read_from_the_store() {
        let (_folder, store) = filled().await;
        let board = Board::new(store.clone());
        let first = board.standing(ROLE).await.unwrap();
        let again = board.standing(ROLE).await.unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!(ranked(&board, ROLE).await, ALL);
        let roles = board.roles().await.unwrap();
        assert_eq!((roles[ROLE], roles["another-role"]), (4, 1));
        let ada = "ada".parse().unwrap();
        let brief = board.brief(&ada).await.unwrap().unwrap();
        assert_eq!(brief.applicant.id, ada);

        store.erase(ada.clone()).await.unwrap();
        assert_eq!(ranked(&board, ROLE).await, ["mallory", "zoe", "nobody"]);
        assert!(board.standing(ROLE).await.unwrap().version > first.version);
        assert_eq!(board.brief(&ada).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_follower_shows_what_the_store_holds_and_every_change_of_it() {
        let (_folder, store) = filled().await;
        let board = Board::new(store.clone());
        followed(&board, async {
            assert_eq!(ranked(&board, ROLE).await, ALL);
            let first = board.standing(ROLE).await.unwrap();
            assert_eq!(ranked(&board, "nobody-applied").await, [""; 0]);

            // Somebody new, somebody gone, somebody who applies for something else.
            keep(&store, &named("zz-top")).await;
            store.erase("ada".parse().unwrap()).await.unwrap();
            let mut moved = named("zoe");
            moved.role = "another-role".to_owned();
            keep(&store, &moved).await;
            becomes(&board, "another-role", &["elsewhere", "zoe"]).await;
            becomes(&board, ROLE, &["mallory", "zz-top", "nobody"]).await;
            assert!(board.standing(ROLE).await.unwrap().version > first.version);
            let roles = board.roles().await.unwrap();
            assert_eq!((roles[ROLE], roles["another-role"]), (3, 2));
            let brief = board.brief(&"zoe".parse().unwrap()).await.unwrap().unwrap();
            assert_eq!(brief.role, "another-role");
            assert_eq!(board.brief(&"ada".parse().unwrap()).await.unwrap(), None);
        })
        .await;
        // What a follower has left behind is not shown: it is read from the store again.
        store.erase("mallory".parse().unwrap()).await.unwrap();
        assert_eq!(ranked(&board, ROLE).await, ["zz-top", "nobody"]);
    }

    #[tokio::test]
    async fn a_role_that_everybody_has_left_is_none_any_more() {
        let (_folder, store) = filled().await;
        let board = Board::new(store.clone());
        followed(&board, async {
            assert_eq!(ranked(&board, "another-role").await, ["elsewhere"]);
            store.erase("elsewhere".parse().unwrap()).await.unwrap();
            becomes(&board, "another-role", &[]).await;
            let roles = board.roles().await.unwrap();
            assert_eq!(roles.keys().collect::<Vec<_>>(), [ROLE]);
        })
        .await;
    }

    #[tokio::test]
    async fn a_follower_that_was_too_slow_reads_everything_anew() {
        let (_folder, store) = filled().await;
        let board = Board::new(store.clone());
        followed(&board, async {
            assert_eq!(ranked(&board, ROLE).await, ALL);
            let leased = lease(&store, &"busy".parse().unwrap(), ROLE).await;
            // The word of this one is lost before the follower, on this one thread, comes to hear it.
            let gone = "ada".parse().unwrap();
            futures::future::join(store.erase(gone), async {
                outrun(&store, &leased);
            })
            .await
            .0
            .unwrap();
            becomes(&board, ROLE, &["mallory", "zoe", "nobody"]).await;
        })
        .await;
    }

    #[test]
    fn rankings_leave_the_processors_to_others() {
        let seconds = Duration::from_secs_f64;
        assert_eq!(pause_after(Duration::ZERO), seconds(0.25));
        assert_eq!(pause_after(seconds(0.04)), seconds(0.25));
        assert_eq!(pause_after(seconds(0.4)), seconds(2.0));
        assert_eq!(pause_after(Duration::MAX), Duration::MAX);
    }
}
