//! One refresh, from the first look to the summary.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::Duration;

use futures::StreamExt;
use jiff::Timestamp;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::due::{Fate, Rules};
use super::retention::{self, Standing};
use super::summary::{self, Before, Outcome};
use super::{Changed, Failed, Progress, Refresher, Summary, Trigger, kaggle};
use crate::audit::{Act, Deed, Who};
use crate::domain::applicant::ApplicantId;
use crate::domain::freshness::Means;
use crate::domain::job::Priority;
use crate::domain::profile::Cost;
use crate::measures;
use crate::sources::SourceError;
use crate::sources::github::Estimate;
use crate::sources::github::probe::{Question, Seen, Whom, questions};
use crate::store::{Accepted, Feed, Heard, StoreError, dump};

/// Profiles that are read at the same time. Count.
const AT_ONCE: usize = 8;

/// What is wanted of a run.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// Why it runs.
    pub trigger: Trigger,
    /// Leave out profiles that are younger; `None`: as the settings say.
    pub older_than: Option<Duration>,
    /// How long limits are waited out, and jobs that a pool beside works off.
    pub patience: Duration,
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    /// What it tells of itself.
    pub summary: Summary,
    /// Those who were due and were not looked at, or whose job is not done. Count.
    pub left: u64,
}

/// What a run is expected to take, as far as that is known before anybody is asked.
#[derive(Debug, Clone)]
pub struct Foreseen {
    /// Profiles that are old enough to be looked at. Count.
    pub due: usize,
    /// Those of them whom a probe asks about. Count.
    pub probed: usize,
    /// What the probe takes.
    pub probe: Estimate,
    /// Those of whom everything is asked in any case. Count.
    pub fetched: usize,
    /// What that takes.
    pub fetch: Estimate,
    /// The roles whose applicants would be warned of or erased first, and how all others stand.
    pub retention: Vec<Standing>,
}

/// Somebody whom a probe asks about.
struct Candidate {
    id: ApplicantId,
    pulse: Option<String>,
}

/// What the first look at every profile came to.
#[derive(Default)]
struct Look {
    /// Those to ask about, each with whom.
    probe: Vec<(Whom, Candidate)>,
    /// Those to ask everything of.
    fetch: Vec<ApplicantId>,
    /// Those who are left as they are, without any question.
    kept: u64,
    /// Those who have a job that a person waits for.
    others: u64,
    failed: Vec<Failed>,
    applicants: u64,
}

/// A run under way.
struct Run<'a> {
    refresher: &'a Refresher,
    wish: Wish,
    stop: &'a CancellationToken,
    /// Those whose job is to be waited for, and what was known of them before.
    pending: BTreeMap<ApplicantId, Before>,
    done: Vec<(ApplicantId, Before)>,
    feed: Feed,
    summary: Summary,
    /// Those who are due and were not looked at. Count.
    unasked: u64,
}

impl Refresher {
    /// One refresh. `pool` works off the jobs once they are in the queue, and the run ends with it; without one they are
    /// waited for. A run that `stop` ends leaves no summary behind, so that it counts as missed; the jobs stay.
    pub async fn run(
        &self,
        wish: Wish,
        pool: Option<impl Future<Output = ()>>,
        stop: &CancellationToken,
    ) -> Result<Ran, StoreError> {
        let began = self.clock.now();
        self.state()
            .running
            .get_or_insert_with(|| Progress::begun(began));
        let run = Run {
            refresher: self,
            wish,
            stop,
            pending: BTreeMap::new(),
            done: Vec::new(),
            feed: self.parts.store.feed(),
            summary: Summary::begun(wish.trigger, began),
            unasked: 0,
        };
        // Also when the future is dropped.
        let _ends = Ends(self);
        run.go(pool).await
    }

    /// What a run would take; nobody is asked, and nothing is queued.
    pub async fn foresee(&self, older_than: Option<Duration>) -> Result<Foreseen, StoreError> {
        let look = self.look(older_than, Timestamp::now()).await?;
        let parts = &self.parts;
        let retention = retention::standing(&parts.store, &parts.config, Timestamp::now()).await?;
        let github = &self.parts.config.github;
        let probed = look.probe.len();
        let questions = questions(look.probe.into_iter().map(|(whom, _)| whom).collect());
        let points = questions.iter().map(|question| question.points).sum();
        let rubrics = self.parts.rubrics.values();
        let projects = rubrics.map(|rubric| rubric.watched.len()).max();
        Ok(Foreseen {
            retention,
            due: probed + look.fetch.len(),
            probed,
            probe: Estimate::of_probe(questions.len(), points, github),
            fetched: look.fetch.len(),
            fetch: if self.prober.can_ask() {
                Estimate::with_token(look.fetch.len(), projects.unwrap_or(0), github)
            } else {
                Estimate::without_token(look.fetch.len(), github)
            },
        })
    }

    /// What is to be done with each profile.
    async fn look(&self, older_than: Option<Duration>, now: Timestamp) -> Result<Look, StoreError> {
        let store = &self.parts.store;
        let settings = &self.parts.config.refresh;
        let rules = Rules {
            now,
            older_than: older_than.unwrap_or(settings.older_than),
            full_after: settings.full_after,
            means: Means {
                token: self.prober.can_ask(),
                data_set: self.parts.connections.kaggle.index().is_some(),
                pages: self.parts.connections.pages.is_some(),
            },
            rubrics: &self.parts.rubrics,
        };
        let jobs: BTreeMap<ApplicantId, Priority> = store
            .jobs()
            .await?
            .into_iter()
            .map(|job| (job.applicant, job.priority))
            .collect();
        let ids = store.ids().await?;
        let mut look = Look {
            applicants: u64::try_from(ids.len()).unwrap_or(u64::MAX),
            ..Look::default()
        };
        let fates = futures::stream::iter(ids)
            .map(|id| {
                let (rules, job) = (&rules, jobs.get(&id).copied());
                async move {
                    let fate = self.fate(rules, &id, job).await?;
                    Ok::<_, StoreError>((id, job, fate))
                }
            })
            .buffered(AT_ONCE);
        let mut fates = std::pin::pin!(fates);
        while let Some(decided) = fates.next().await {
            let (id, job, fate) = decided?;
            match (job, fate) {
                (_, None | Some(Fate::Young)) => {}
                (Some(Priority::Interactive), _) => look.others += 1,
                // Left over by a run that did not come to its end.
                (Some(Priority::Refresh), _) | (None, Some(Fate::Fetch)) => look.fetch.push(id),
                (None, Some(Fate::Keep)) => look.kept += 1,
                (None, Some(Fate::Probe(whom, pulse))) => {
                    look.probe.push((whom, Candidate { id, pulse }));
                }
                (None, Some(Fate::NoRubric)) => look.failed.push(Failed {
                    id: id.to_string(),
                    why: "there is no rubric for the role any more".to_owned(),
                }),
            }
        }
        Ok(look)
    }

    /// What is to be done with a profile; `None`: it is gone.
    async fn fate(
        &self,
        rules: &Rules<'_>,
        id: &ApplicantId,
        job: Option<Priority>,
    ) -> Result<Option<Fate>, StoreError> {
        let store = &self.parts.store;
        let Some(stored) = store.current(id).await? else {
            return Ok(None);
        };
        let Some(applicant) = store.applicant(id).await? else {
            return Ok(None);
        };
        let mut fate = rules.fate(&applicant, &stored);
        if job.is_none() && matches!(fate, Fate::Probe(..) | Fate::Keep) {
            let connections = &self.parts.connections;
            if kaggle::differs(connections, &stored.profile).await {
                fate = Fate::Fetch;
            }
        }
        Ok(Some(fate))
    }

    pub(super) fn show(&self, change: impl FnOnce(&mut Progress)) {
        if let Some(progress) = &mut self.state().running {
            change(progress);
        }
    }
}

/// Frees the way for the next run.
struct Ends<'a>(&'a Refresher);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.running = None;
        state.wanted = None;
    }
}

impl Run<'_> {
    async fn go(mut self, pool: Option<impl Future<Output = ()>>) -> Result<Ran, StoreError> {
        let store = self.refresher.parts.store.clone();
        let config = &self.refresher.parts.config;
        self.summary.retention = retention::carry_out(
            &store,
            config,
            self.refresher.audit.as_ref(),
            self.refresher.clock.now(),
        )
        .await?;
        self.renew_kaggle().await;
        let look = self
            .refresher
            .look(self.wish.older_than, self.summary.began);
        let look = look.await?;
        self.summary.applicants = look.applicants;
        self.summary.failed = look.failed;
        self.summary.checked = look.kept + count(self.summary.failed.len());
        if look.others > 0 {
            self.notice(format!(
                "{} left out, because somebody waits for them already",
                people(look.others)
            ));
        }
        if look.kept > 0 && !self.refresher.prober.can_ask() {
            self.notice(
                "without a token GitHub cannot be asked whether anything has changed: only profiles older than \
                 refresh.full_after are made anew"
                    .to_owned(),
            );
        }
        self.refresher.show(|progress| {
            progress.to_check = look.kept + count(look.probe.len() + look.fetch.len());
            progress.checked = look.kept;
        });
        self.fetch(look.fetch).await?;
        self.probe(look.probe).await?;
        self.follow(pool).await?;
        self.take_stock().await?;
        self.back_up().await;
        self.summary.ended = self.refresher.clock.now();
        // Shares of requests add up to whole ones, but for the last bits.
        let cents = |number: f64| (number * 100.0).round() / 100.0;
        self.summary.requests = cents(self.summary.requests);
        self.summary.points = cents(self.summary.points);
        if self.stop.is_cancelled() {
            self.notice("the refresh was stopped before its end".to_owned());
        } else {
            summary::keep(&store, &self.summary).await?;
        }
        summary::count(&self.summary);
        Ok(Ran {
            left: self.unasked + count(self.pending.len()),
            summary: self.summary,
        })
    }

    /// Writes a dump, where the settings want one. One that fails is told of, and stops nothing else.
    async fn back_up(&mut self) {
        let settings = &self.refresher.parts.config.backup;
        if !settings.enabled || self.stop.is_cancelled() {
            return;
        }
        self.refresher
            .show(|progress| "writing a dump".clone_into(&mut progress.doing));
        let (keep, folder) = (settings.keep, self.refresher.parts.config.dumps.clone());
        let now = self.refresher.clock.now();
        let dumped = match self.refresher.parts.store.back_up(None, now).await {
            Ok(dumped) => dumped,
            Err(error) => {
                tracing::warn!(%error, "no dump could be written");
                self.notice(format!("no dump was written: {error}"));
                return;
            }
        };
        let act = Act::new(Who::Schedule, Deed::BackedUp).with("count", dumped.applicants);
        super::note(self.refresher.audit.as_ref(), act, "a dump").await;
        tracing::info!(dump = %dumped.file.display(), values = dumped.records, bytes = dumped.bytes, "a dump was written");
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        metrics::gauge!(measures::BACKUP_TIME.name).set(now.as_millisecond() as f64 / 1e3);
        self.summary.dump = Some(format!(
            "{}: {} applicant{}, {} values, {} bytes",
            dumped.file.display(),
            dumped.applicants,
            if dumped.applicants == 1 { "" } else { "s" },
            dumped.records,
            dumped.bytes
        ));
        let removed = spawn_blocking(move || dump::remove_old(&folder, keep)).await;
        if let Ok(Err(error)) = removed {
            self.notice(format!("old dumps could not be removed: {error}"));
        }
    }

    fn unasked(&mut self, left: usize, why: &str) {
        self.unasked += count(left);
        self.notice(format!("{} not looked at: {why}", people(count(left))));
    }

    fn notice(&mut self, notice: String) {
        self.summary.notices.push(notice);
    }

    async fn renew_kaggle(&mut self) {
        let parts = &self.refresher.parts;
        if !parts.config.refresh.kaggle || parts.connections.kaggle.index().is_none() {
            return;
        }
        self.refresher
            .show(|progress| "asking Kaggle for a newer data set".clone_into(&mut progress.doing));
        let patience = parts.config.worker.patience;
        let renewed = kaggle::renew(&parts.connections.kaggle, &parts.config, patience);
        let renewed = tokio::select! {
            renewed = renewed => renewed,
            () = self.stop.cancelled() => None,
        };
        match renewed {
            Some(Ok(told)) => self.summary.kaggle = Some(told),
            Some(Err(why)) => {
                tracing::warn!(why, "Kaggle's data set stays as it was");
                self.summary.kaggle = Some("the data set stays as it was".to_owned());
                self.notice(why);
            }
            None => {}
        }
    }

    /// Puts applicants into the queue, and into the number of those that are waited for.
    async fn fetch(&mut self, ids: Vec<ApplicantId>) -> Result<(), StoreError> {
        let parts = &self.refresher.parts;
        let mut befores = BTreeMap::new();
        for id in &ids {
            if let Some(stored) = parts.store.current(id).await? {
                befores.insert(id.clone(), Before::of(&stored));
            }
        }
        let now = Timestamp::now();
        let accepted = parts
            .store
            .ask_again(ids.clone(), Priority::Refresh, now)
            .await?;
        for (id, accepted) in ids.into_iter().zip(accepted) {
            let ours = matches!(accepted, Some(Accepted::Queued | Accepted::AlreadyQueued));
            if let (true, Some(before)) = (ours, befores.remove(&id)) {
                self.pending.insert(id, before);
                self.summary.checked += 1;
                self.refresher.show(|progress| {
                    progress.to_fetch += 1;
                    progress.checked += 1;
                });
            }
        }
        Ok(())
    }

    /// Asks of many at once whether anything has changed, and puts those who have into the queue at once, so that what was
    /// found out is not lost.
    async fn probe(&mut self, all: Vec<(Whom, Candidate)>) -> Result<(), StoreError> {
        self.refresher
            .show(|progress| "asking GitHub who has changed".clone_into(&mut progress.doing));
        let mut left: Vec<(Whom, Candidate)> = all;
        let mut until = self.refresher.clock.now();
        until = until
            .checked_add(self.wish.patience)
            .unwrap_or(Timestamp::MAX);
        while !left.is_empty() && !self.stop.is_cancelled() {
            let Some(rest) = self.ask(left).await? else {
                return Ok(());
            };
            let (why, back) = (rest.why, rest.until);
            left = rest.left;
            if back > until {
                self.unasked(left.len(), &why);
                return Ok(());
            }
            self.refresher
                .show(|progress| progress.doing = format!("waiting until {back:.0}: {why}"));
            tokio::select! {
                () = self.refresher.clock.wait_until(Some(back)) => {}
                () = self.stop.cancelled() => {}
            }
        }
        if !left.is_empty() {
            self.unasked(left.len(), "the refresh was stopped");
        }
        Ok(())
    }

    /// One round of questions. `Some`: not all were answered.
    async fn ask(&mut self, all: Vec<(Whom, Candidate)>) -> Result<Option<Rest>, StoreError> {
        let refresher = self.refresher;
        // Questions keep the accounts before the logins, and within these the order.
        let (accounts, logins): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|(whom, _)| matches!(whom, Whom::Account(_)));
        let mut candidates = accounts.into_iter().chain(logins);
        let asked: Vec<(Question, Vec<(Whom, Candidate)>)> = {
            let all: Vec<_> = candidates.by_ref().collect();
            let questions = questions(all.iter().map(|(whom, _)| whom.clone()).collect());
            let mut all = all.into_iter();
            let with = |question: Question| {
                let these = all.by_ref().take(question.whom.len()).collect();
                (question, these)
            };
            questions.into_iter().map(with).collect()
        };
        let halt = self.stop.child_token();
        let answers = futures::stream::iter(asked)
            .map(|(question, these)| {
                let halt = &halt;
                async move { (refresher.answers(&question, halt).await, these) }
            })
            .buffer_unordered(refresher.prober.in_flight());
        let mut answers = std::pin::pin!(answers);
        let mut rest: Option<Rest> = None;
        while let Some(((seen, cost), these)) = answers.next().await {
            self.summary.requests += cost.requests;
            self.summary.points += cost.points;
            let mut changed = Vec::new();
            for (seen, (whom, candidate)) in seen.into_iter().zip(these) {
                match seen {
                    Ok(seen) if has_changed(&seen, candidate.pulse.as_ref()) => {
                        changed.push(candidate.id);
                    }
                    Ok(_) => {
                        self.summary.checked += 1;
                        refresher.show(|progress| progress.checked += 1);
                    }
                    Err(SourceError::RateLimited { host, until, why }) => {
                        let rest = rest.get_or_insert_with(|| Rest {
                            left: Vec::new(),
                            why: format!("{host} asks us to wait ({why})"),
                            until,
                        });
                        rest.left.push((whom, candidate));
                        rest.until = rest.until.max(until);
                    }
                    Err(SourceError::Stop(why)) => {
                        // It would be the same for all the others.
                        halt.cancel();
                        let before = rest.take().map(|rest| rest.left).unwrap_or_default();
                        let rest = rest.insert(Rest {
                            left: before,
                            why,
                            until: Timestamp::MAX,
                        });
                        rest.left.push((whom, candidate));
                    }
                    Err(
                        error @ (SourceError::Again(_)
                        | SourceError::Failed(_)
                        | SourceError::Leaderless),
                    ) => {
                        self.summary.checked += 1;
                        self.summary.failed.push(Failed {
                            id: candidate.id.to_string(),
                            why: error.to_string(),
                        });
                        refresher.show(|progress| progress.checked += 1);
                    }
                }
            }
            self.fetch(changed).await?;
        }
        Ok(rest)
    }

    /// Waits until the pool ends, or without one until the jobs are done or nobody wants to wait any more.
    async fn follow(&mut self, pool: Option<impl Future<Output = ()>>) -> Result<(), StoreError> {
        self.refresher.show(|progress| {
            "asking everything of those who have changed".clone_into(&mut progress.doing);
        });
        if let Some(pool) = pool {
            self.follow_own(pool).await
        } else {
            self.follow_beside().await
        }
    }

    async fn follow_own(&mut self, pool: impl Future<Output = ()>) -> Result<(), StoreError> {
        let mut pool = std::pin::pin!(pool);
        loop {
            tokio::select! {
                biased;
                () = &mut pool => break,
                heard = self.hear() => heard?,
            }
        }
        self.look_again().await
    }

    async fn follow_beside(&mut self) -> Result<(), StoreError> {
        let stop = self.stop;
        let patience = tokio::time::sleep(self.wish.patience);
        let mut patience = std::pin::pin!(patience);
        self.look_again().await?;
        while !self.pending.is_empty() {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                heard = self.hear() => heard?,
                () = &mut patience => break,
            }
        }
        Ok(())
    }

    /// Takes in the next word of the store's.
    async fn hear(&mut self) -> Result<(), StoreError> {
        match self.feed.next().await {
            Some(Heard::Change(happened)) => {
                let ours = |id: &&ApplicantId| self.pending.contains_key(*id);
                let ours: BTreeSet<ApplicantId> =
                    happened.jobs.iter().filter(ours).cloned().collect();
                for id in ours {
                    self.look_at(&id).await?;
                }
                Ok(())
            }
            Some(Heard::Missed) => self.look_again().await,
            // The store ends with everything else; the pool, the patience or the stop ends this.
            None => std::future::pending().await,
        }
    }

    async fn look_again(&mut self) -> Result<(), StoreError> {
        let ids: Vec<_> = self.pending.keys().cloned().collect();
        for id in ids {
            self.look_at(&id).await?;
        }
        Ok(())
    }

    /// Whether somebody's job is done.
    async fn look_at(&mut self, id: &ApplicantId) -> Result<(), StoreError> {
        if self.refresher.parts.store.job(id).await?.is_none()
            && let Some(before) = self.pending.remove(id)
        {
            self.done.push((id.clone(), before));
            self.refresher.show(|progress| progress.fetched += 1);
        }
        Ok(())
    }

    /// What became of those whose job is done.
    async fn take_stock(&mut self) -> Result<(), StoreError> {
        let store = &self.refresher.parts.store;
        for (id, before) in std::mem::take(&mut self.done) {
            // Whoever was forgotten meanwhile is nobody's business.
            let Some(stored) = store.current(&id).await? else {
                self.summary.checked = self.summary.checked.saturating_sub(1);
                continue;
            };
            self.summary.fetched += 1;
            self.summary.requests += stored.profile.cost.requests;
            self.summary.points += stored.profile.cost.points;
            match before.outcome(&stored.profile) {
                Outcome::Same => {}
                Outcome::Changed(what) => self.summary.changed.push(Changed {
                    low: (before.low, summary::low(&stored.profile)),
                    id: id.to_string(),
                    what,
                }),
                Outcome::Failed(why) => self.summary.failed.push(Failed {
                    id: id.to_string(),
                    why,
                }),
            }
        }
        let waiting = count(self.pending.len());
        let settled = count(self.summary.changed.len() + self.summary.failed.len()) + waiting;
        self.summary.unchanged = self.summary.checked.saturating_sub(settled);
        if waiting > 0 {
            self.notice(format!(
                "{} not done yet and still in the queue",
                people(waiting)
            ));
        }
        self.summary
            .changed
            .sort_by(|left, right| left.id.cmp(&right.id));
        self.summary
            .failed
            .sort_by(|left, right| left.id.cmp(&right.id));
        Ok(())
    }
}

/// Those who were asked about in vain.
struct Rest {
    left: Vec<(Whom, Candidate)>,
    why: String,
    /// When to come back.
    until: Timestamp,
}

impl Refresher {
    /// Asks a question as soon as the allowance lets it.
    async fn answers(
        &self,
        question: &Question,
        stop: &CancellationToken,
    ) -> (Vec<Result<Seen, SourceError>>, Cost) {
        let allowance = &self.parts.allowance;
        let all = |error: SourceError| {
            let answers = question.whom.iter().map(|_| Err(error.clone())).collect();
            (answers, Cost::default())
        };
        let set_aside = allowance.set_aside(question.points, Timestamp::now());
        let set_aside = match set_aside {
            Ok(set_aside) => set_aside,
            Err(until) => {
                return all(SourceError::RateLimited {
                    host: "refresh.leave_to_recruiters".to_owned(),
                    until,
                    why: "what a refresh may spend in an hour is used up".to_owned(),
                });
            }
        };
        let asked = tokio::select! {
            biased;
            () = stop.cancelled() => return all(SourceError::RateLimited {
                host: "plaudit".to_owned(),
                until: Timestamp::MAX,
                why: "it was stopped".to_owned(),
            }),
            asked = self.prober.ask(question) => asked,
        };
        allowance.spend(asked.1.points, Timestamp::now());
        drop(set_aside);
        asked
    }
}

/// Whether what was seen is other than what is known.
fn has_changed(seen: &Seen, pulse: Option<&String>) -> bool {
    match seen {
        Seen::Pulse(now) => Some(now) != pulse,
        Seen::Gone | Seen::Person => true,
        Seen::Nobody => false,
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// A number of applicants, for people.
fn people(count: u64) -> String {
    match count {
        1 => "1 applicant is".to_owned(),
        count => format!("{count} applicants are"),
    }
}
