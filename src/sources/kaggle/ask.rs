//! Asking Kaggle for one person: the data set on this machine, the live endpoint, and the page where it is allowed.
//!
//! What each of them answers comes together in `settle`, which is pure. Whose word counts for which fact stands
//! in `merge`.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;

use super::Connection;
use super::bulk::{Index, IndexError, Person};
use super::{LiveProfile, live, merge, page};
use crate::config::KaggleLive;
use crate::domain::facts::{KaggleFacts, Lookup, Provenance, Teller, reasons};
use crate::domain::link::Handle;
use crate::sources::SourceError;

/// Whom to ask, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// When the live endpoint is asked.
    pub live: KaggleLive,
    /// Whether the profile page may be read.
    pub page: bool,
    /// Whether a person waits for these very applicants, rather than for a list.
    pub on_demand: bool,
}

impl Policy {
    /// Whether whoever it is, is asked for live. `None`: those whose name the data set does not hold.
    pub(super) fn asks_whoever(self) -> Option<bool> {
        match self.live {
            KaggleLive::Always => Some(true),
            KaggleLive::Never => Some(false),
            KaggleLive::Auto => self.on_demand.then_some(true),
        }
    }
}

/// Kaggle, ready to be asked.
pub struct Kaggle {
    connection: Connection,
    /// The data set; `None` when it was not imported.
    index: RwLock<Option<Arc<Index>>>,
    policy: Policy,
    /// Why nobody is asked live any more in this run: the host cannot be reached.
    out_of_reach: Mutex<Option<String>>,
    /// One is asked for at a time, so that who comes next knows what became of the one before.
    turn: tokio::sync::Mutex<()>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Fetched {
    /// What Kaggle says.
    pub lookup: Lookup<KaggleFacts>,
    /// What a person should know.
    pub notices: Vec<String>,
}

/// What the data set holds of the person asked for.
#[derive(Debug, Clone, PartialEq)]
enum InDataSet {
    /// There is no data set on this machine.
    NoDataSet,
    /// Nobody of this name, nor of the number known from before.
    Nobody,
    /// Somebody of this name.
    Named(Person),
    /// The account known by its number, under another name.
    Renamed(Person),
    /// The name, and it is somebody else's than before; the account that it led to then is not there.
    Taken,
}

/// What a live teller answered.
#[derive(Debug, Clone, PartialEq)]
enum Live {
    /// Nobody was asked.
    NotAsked,
    /// A profile, by whom and when.
    Told(Box<LiveProfile>, Provenance),
    /// There is no such user, says who and when.
    Nobody(Provenance),
    /// The host asks us to come back.
    Later(SourceError),
    /// No usable answer.
    Failed(String),
}

impl InDataSet {
    /// The number of the account that was found.
    fn user_id(&self) -> Option<u64> {
        match self {
            Self::Named(person) | Self::Renamed(person) => Some(person.user_id),
            Self::NoDataSet | Self::Nobody | Self::Taken => None,
        }
    }
}

impl Live {
    /// Whether this tells of somebody else than the account whose number is known.
    fn is_about_another(&self, known: Option<u64>) -> bool {
        match (self, known) {
            (Self::Told(profile, _), Some(known)) => {
                profile.user_id.is_some_and(|number| number != known)
            }
            _ => false,
        }
    }
}

impl Kaggle {
    /// Over `connection`, with the data set if it is there.
    pub fn new(connection: Connection, index: Option<Index>, policy: Policy) -> Self {
        Self {
            connection,
            index: RwLock::new(index.map(Arc::new)),
            policy,
            out_of_reach: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// The data set, if it is on this machine.
    pub fn index(&self) -> Option<Arc<Index>> {
        self.index
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Answers from a newer data set from here on.
    pub fn renew(&self, index: Index) {
        let place = self.index.write();
        *place.unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(index));
    }

    /// What the data set says of `handle`, without a request; see [`Kaggle::fetch`] for `known`. `None`: there is no data
    /// set, or it cannot be read.
    pub async fn known(&self, handle: &Handle, known: Option<u64>) -> Option<Lookup<KaggleFacts>> {
        let index = self.index()?;
        let as_of = Some(index.about().as_of);
        let found = look_up(index, handle, known).await.ok()?;
        let taken = found == InDataSet::Taken;
        let settled = settle(handle, taken, &found, as_of, Live::NotAsked).ok()?;
        Some(settled.lookup)
    }

    /// The way to Kaggle.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Everything that is to be known of `handle`. `known` is the number of the account that it led to before.
    /// The second part is the number of requests that were sent.
    pub async fn fetch(
        &self,
        handle: &Handle,
        known: Option<u64>,
    ) -> (Result<Fetched, SourceError>, u32) {
        // One and the same data set to the end, whatever comes meanwhile.
        let index = self.index();
        let mut found = match &index {
            None => InDataSet::NoDataSet,
            Some(index) => match look_up(Arc::clone(index), handle, known).await {
                Ok(found) => found,
                Err(error) => return (Ok(unreadable(&error)), 0),
            },
        };
        let mut taken = found == InDataSet::Taken;
        let held = matches!(found, InDataSet::Named(_));
        let asks = self.policy.asks_whoever().unwrap_or(!held);
        let (mut live, mut requests) = if asks {
            self.ask_live(handle).await
        } else {
            (Live::NotAsked, 0)
        };
        if live.is_about_another(known) {
            (live, taken) = (Live::NotAsked, true);
        }
        // Renamed since the application: live the account answers to its new name, and perhaps somebody else to
        // the old one.
        if let InDataSet::Renamed(person) = &found
            && asks
            && (taken || matches!(live, Live::Nobody(_)))
            && let Ok(renamed) = Handle::kaggle(&person.user_name)
        {
            let (again, further) = self.ask_live(&renamed).await;
            requests += further;
            if !again.is_about_another(known) {
                live = again;
            }
        }
        // Whoever answers live may be in the data set under an older name.
        if let Live::Told(profile, _) = &live
            && profile.user_id.is_some()
            && profile.user_id != found.user_id()
        {
            match look_up_number(index.clone(), profile.user_id).await {
                Ok(Some(person)) => found = InDataSet::Renamed(person),
                Ok(None) => {}
                Err(error) => return (Ok(unreadable(&error)), requests),
            }
        }
        let as_of = index.as_ref().map(|index| index.about().as_of);
        (settle(handle, taken, &found, as_of, live), requests)
    }

    /// Asks the live endpoint, and the page where that is allowed and the endpoint gave nothing usable.
    async fn ask_live(&self, handle: &Handle) -> (Live, u32) {
        let _turn = self.turn.lock().await;
        if let Some(why) = self.out_of_reach().clone() {
            return (Live::Failed(why), 0);
        }
        let (answer, spent) = live::ask(&self.connection, handle).await;
        let told = self.read(answer, handle, Teller::Live);
        let mut requests = spent.requests;
        if !self.policy.page || !matches!(told, Live::Failed(_)) || self.out_of_reach().is_some() {
            return (told, requests);
        }
        let (answer, spent) = page::ask(&self.connection, handle).await;
        requests += spent.requests;
        (self.read(answer, handle, Teller::Page), requests)
    }

    fn read(
        &self,
        answer: Result<Option<LiveProfile>, SourceError>,
        asked: &Handle,
        teller: Teller,
    ) -> Live {
        let from = Provenance {
            teller,
            as_of: Timestamp::now(),
        };
        match answer {
            Ok(Some(mut profile)) => {
                // The name becomes a part of addresses: what is no name has none there.
                if Handle::kaggle(&profile.user_name).is_err() {
                    asked.as_str().clone_into(&mut profile.user_name);
                }
                Live::Told(Box::new(profile), from)
            }
            Ok(None) => Live::Nobody(from),
            Err(error @ SourceError::RateLimited { .. }) => Live::Later(error),
            // For GitHub a host out of reach stops everything; here the others still answer.
            Err(SourceError::Stop(why)) => {
                *self.out_of_reach() = Some(why.clone());
                Live::Failed(why)
            }
            Err(error) => Live::Failed(error.to_string()),
        }
    }

    fn out_of_reach(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.out_of_reach
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whom the data set holds under this name, or under the number of the account that the name led to before.
async fn look_up(
    index: Arc<Index>,
    handle: &Handle,
    known: Option<u64>,
) -> Result<InDataSet, IndexError> {
    let name = handle.as_str().to_owned();
    off_the_async_threads(move || {
        let named = index.find(&name)?;
        let Some(known) = known else {
            return Ok(named.map_or(InDataSet::Nobody, InDataSet::Named));
        };
        // The account counts that the link led to before, whatever it is called today.
        Ok(match (index.find_id(known)?, named) {
            (Some(person), _) if person.user_name.eq_ignore_ascii_case(&name) => {
                InDataSet::Named(person)
            }
            (Some(person), _) => InDataSet::Renamed(person),
            (None, Some(_)) => InDataSet::Taken,
            (None, None) => InDataSet::Nobody,
        })
    })
    .await
}

async fn look_up_number(
    index: Option<Arc<Index>>,
    number: Option<u64>,
) -> Result<Option<Person>, IndexError> {
    let (Some(index), Some(number)) = (index, number) else {
        return Ok(None);
    };
    off_the_async_threads(move || index.find_id(number)).await
}

/// Look-ups are quick, but a page of the index that is not in memory waits for the disk.
async fn off_the_async_threads<T: Send + 'static>(
    look_up: impl FnOnce() -> Result<T, IndexError> + Send + 'static,
) -> Result<T, IndexError> {
    match tokio::task::spawn_blocking(look_up).await {
        Ok(found) => found,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}

/// The index is there and cannot be read.
fn unreadable(error: &IndexError) -> Fetched {
    let reason = format!("{error}; `plaudit kaggle import` makes it anew");
    Fetched {
        lookup: Lookup::Failed { reason },
        notices: Vec::new(),
    }
}

/// What all answers together mean; `taken`: the name is somebody else's than before. `Err` only when it is worth to
/// come back for an answer that nobody else gives.
fn settle(
    handle: &Handle,
    taken: bool,
    in_data_set: &InDataSet,
    as_of: Option<Timestamp>,
    live: Live,
) -> Result<Fetched, SourceError> {
    let data_set = match (in_data_set, as_of) {
        (InDataSet::Named(person) | InDataSet::Renamed(person), Some(as_of)) => {
            merge::DataSet::Holds { person, as_of }
        }
        (InDataSet::Nobody | InDataSet::Taken, Some(as_of)) => merge::DataSet::Lacks { as_of },
        _ => merge::DataSet::NotAtHand,
    };
    let word = match &live {
        Live::Told(profile, from) => merge::Live::Tells {
            profile,
            from: *from,
        },
        Live::Nobody(from) => merge::Live::Nobody { from: *from },
        Live::NotAsked | Live::Later(_) | Live::Failed(_) => merge::Live::NotAsked,
    };
    let Some(facts) = merge::merge(handle, data_set, word) else {
        let lookup = if taken {
            // A failure, so that what was known of the right account is kept.
            Lookup::Failed {
                reason: reasons::ANOTHER_ACCOUNT.to_owned(),
            }
        } else {
            nobody(data_set, live)?
        };
        return Ok(Fetched {
            lookup,
            notices: Vec::new(),
        });
    };
    let mut notices = Vec::new();
    let why = match live {
        Live::Later(error) => Some(error.to_string()),
        Live::Failed(why) => Some(why),
        Live::NotAsked | Live::Told(..) | Live::Nobody(_) => None,
    };
    if let (Some(why), Some(as_of)) = (why, as_of) {
        notices.push(reasons::not_asked_live(&why, as_of));
    }
    if taken {
        notices.push(reasons::ANOTHER_ACCOUNT.to_owned());
    }
    Ok(Fetched {
        lookup: Lookup::Found { facts },
        notices,
    })
}

/// Nobody told enough about the person to keep anything.
fn nobody(data_set: merge::DataSet<'_>, live: Live) -> Result<Lookup<KaggleFacts>, SourceError> {
    Ok(match (live, data_set) {
        (Live::Later(error), _) => return Err(error),
        (Live::Failed(reason), _) => Lookup::Failed { reason },
        (Live::Told(..), _) => Lookup::Hidden {
            reason: reasons::ONLY_THERE.to_owned(),
        },
        (Live::Nobody(_), _) => Lookup::Absent {
            reason: reasons::NOT_ON_KAGGLE.to_owned(),
        },
        (Live::NotAsked, merge::DataSet::Lacks { as_of }) => Lookup::Absent {
            reason: reasons::only_in_data_set_looked(as_of),
        },
        (Live::NotAsked, _) => Lookup::Failed {
            reason: reasons::NOBODY_TO_ASK.to_owned(),
        },
    })
}

#[cfg(test)]
mod tests;
