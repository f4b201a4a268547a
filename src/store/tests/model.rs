//! Random histories of the queue, compared step by step with a model of a few lines.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// One step. Numbers are taken modulo what there is.
#[derive(Debug, Clone)]
enum Step {
    Accept {
        who: u8,
        interactive: bool,
    },
    Lease,
    Finish {
        lease: u8,
    },
    Defer {
        lease: u8,
        seconds: u8,
        attempt: bool,
    },
    GiveBack {
        lease: u8,
    },
    Renew {
        lease: u8,
    },
    Wait {
        seconds: u8,
    },
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (any::<u8>(), any::<bool>())
            .prop_map(|(who, interactive)| Step::Accept { who, interactive }),
        6 => Just(Step::Lease),
        3 => any::<u8>().prop_map(|lease| Step::Finish { lease }),
        3 => (any::<u8>(), any::<u8>(), any::<bool>())
            .prop_map(|(lease, seconds, attempt)| Step::Defer { lease, seconds, attempt }),
        2 => any::<u8>().prop_map(|lease| Step::GiveBack { lease }),
        2 => any::<u8>().prop_map(|lease| Step::Renew { lease }),
        3 => any::<u8>().prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::Reopen),
    ]
}

#[derive(Debug, Clone, PartialEq)]
enum State {
    Ready,
    Deferred(i64),
    Leased(u64, i64),
}

#[derive(Debug, Clone)]
struct ModelJob {
    priority: Priority,
    sequence: u64,
    attempts: u32,
    state: State,
}

#[derive(Debug, Default)]
struct Model {
    now: i64,
    sequence: u64,
    jobs: BTreeMap<String, ModelJob>,
    /// Profiles stored, by applicant. Count.
    profiles: BTreeMap<String, usize>,
    leases: Vec<Lease>,
}

impl Model {
    fn accept(&mut self, name: &str, priority: Priority) -> Accepted {
        let fresh = self.profiles.contains_key(name);
        let sequence = self.sequence + 1;
        match self.jobs.get_mut(name) {
            Some(job) if priority < job.priority => {
                job.priority = priority;
                job.sequence = sequence;
                self.sequence = sequence;
                Accepted::Lifted
            }
            Some(_) => Accepted::AlreadyQueued,
            None if fresh => Accepted::Fresh,
            None => {
                let job = ModelJob {
                    priority,
                    sequence,
                    attempts: 0,
                    state: State::Ready,
                };
                self.jobs.insert(name.to_owned(), job);
                self.sequence = sequence;
                Accepted::Queued
            }
        }
    }

    /// Whose job is next, after waking what is due.
    fn next(&mut self) -> Option<String> {
        for job in self.jobs.values_mut() {
            if let State::Deferred(until) | State::Leased(_, until) = job.state
                && until <= self.now
            {
                job.state = State::Ready;
            }
        }
        self.jobs
            .iter()
            .filter(|(_, job)| job.state == State::Ready)
            .min_by_key(|(_, job)| (job.priority, job.sequence))
            .map(|(name, _)| name.clone())
    }

    fn holds(&mut self, lease: &Lease) -> Option<&mut ModelJob> {
        self.jobs
            .get_mut(lease.applicant.as_str())
            .filter(|job| matches!(job.state, State::Leased(epoch, _) if epoch == lease.epoch))
    }

    fn lease(&self, number: u8) -> Option<Lease> {
        let place = usize::from(number).checked_rem(self.leases.len())?;
        Some(self.leases[place].clone())
    }
}

fn lost<T>(answer: Result<T, StoreError>) -> bool {
    match answer {
        Ok(_) => false,
        Err(StoreError::LeaseLost { .. }) => true,
        Err(other) => panic!("{other}"),
    }
}

async fn run(steps: Vec<Step>) {
    let (folder, mut store) = empty().await;
    let mut model = Model::default();
    for step in steps {
        let now = at(model.now);
        match step {
            Step::Accept { who, interactive } => {
                let name = format!("a{}", who % 6);
                let priority = if interactive {
                    Priority::Interactive
                } else {
                    Priority::Refresh
                };
                let answer = accept(&store, &[&name], priority, now).await;
                assert_eq!(answer, [model.accept(&name, priority)]);
            }
            Step::Lease => lease(&store, &mut model).await,
            Step::Finish { lease } => {
                let Some(lease) = model.lease(lease) else {
                    continue;
                };
                let name = lease.applicant.to_string();
                let made = profile(&applicant(&name), now, 1.0);
                let answer = store.finish(&lease, made, now).await;
                let held = model.holds(&lease).is_some();
                assert_eq!(lost(answer), !held);
                if held {
                    model.jobs.remove(&name);
                    *model.profiles.entry(name).or_default() += 1;
                }
            }
            Step::Defer {
                lease,
                seconds,
                attempt,
            } => {
                let Some(lease) = model.lease(lease) else {
                    continue;
                };
                let until = model.now + i64::from(seconds);
                let answer = store
                    .defer(&lease, (at(until), at(model.now)), "later", attempt)
                    .await;
                let held = model.holds(&lease).map(|job| {
                    job.state = State::Deferred(until);
                    job.attempts += u32::from(attempt);
                });
                assert_eq!(lost(answer), held.is_none());
            }
            Step::GiveBack { lease } => {
                let Some(lease) = model.lease(lease) else {
                    continue;
                };
                let answer = store.give_back(&lease).await;
                let held = model.holds(&lease).map(|job| job.state = State::Ready);
                assert_eq!(lost(answer), held.is_none());
            }
            Step::Renew { lease } => {
                let Some(lease) = model.lease(lease) else {
                    continue;
                };
                let answer = store.renew(&lease, now, LEASE).await;
                let until = model.now + 60;
                let held = model
                    .holds(&lease)
                    .map(|job| job.state = State::Leased(lease.epoch, until));
                assert_eq!(lost(answer), held.is_none());
            }
            Step::Wait { seconds } => model.now += i64::from(seconds),
            Step::Reopen => {
                store.close().await.unwrap();
                let (opened, opening) = open(folder.path()).await;
                assert_eq!((opening.missing, opening.recovered.len()), (0, 0));
                store = opened;
                for job in model.jobs.values_mut() {
                    if matches!(job.state, State::Leased(..)) {
                        job.state = State::Ready;
                    }
                }
            }
        }
        compare(&store, &model).await;
    }
    assert_whole(&store).await;
    for (name, count) in model.profiles {
        assert!(store.profile(&id(&name)).await.unwrap().is_some());
        let history = store.history(&id(&name)).await.unwrap();
        assert_eq!(history.len(), (count - 1).min(options().history));
    }
}

async fn lease(store: &Store, model: &mut Model) {
    let leased = take(store, at(model.now)).await;
    let next = model.next();
    let taken = leased
        .as_ref()
        .map(|leased| leased.applicant.id.to_string());
    assert_eq!(taken, next);
    if let (Some(leased), Some(name)) = (leased, next) {
        let newest = model.leases.iter().map(|lease| lease.epoch).max();
        assert!(newest < Some(leased.lease.epoch));
        let job = model.jobs.get_mut(&name).unwrap();
        assert_eq!(leased.job.attempts, job.attempts);
        assert_eq!(leased.job.priority, job.priority);
        job.state = State::Leased(leased.lease.epoch, model.now + 60);
        model.leases.push(leased.lease);
    }
}

async fn compare(store: &Store, model: &Model) {
    let waiting = store.waiting(at(model.now)).await.unwrap();
    let due = |until: i64| until <= model.now;
    let count = |which: &dyn Fn(&State) -> bool| {
        model.jobs.values().filter(|job| which(&job.state)).count() as u64
    };
    let later = |state: &State| match state {
        State::Deferred(until) | State::Leased(_, until) if !due(*until) => Some(*until),
        _ => None,
    };
    assert_eq!(waiting.ready, count(&|state| later(state).is_none()));
    assert_eq!(
        waiting.deferred,
        count(&|state| matches!(state, State::Deferred(until) if !due(*until)))
    );
    assert_eq!(
        waiting.leased,
        count(&|state| matches!(state, State::Leased(_, until) if !due(*until)))
    );
    let earliest = model
        .jobs
        .values()
        .filter_map(|job| later(&job.state))
        .min();
    assert_eq!(waiting.earliest, earliest.map(at));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_history_of_the_queue_goes_as_the_model_says(
        steps in proptest::collection::vec(step(), 1..60)
    ) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(run(steps));
    }
}
