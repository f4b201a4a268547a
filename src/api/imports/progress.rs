//! How far a list is.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::record::ImportRecord;
use crate::api::problem::Problem;
use crate::domain::applicant::ApplicantId;
use crate::domain::job::{Job, JobState};
use crate::service::Service;
use crate::store::{Store, StoreError};

/// How far a list is. Counts of applicants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ImportProgress)]
pub(crate) struct Progress {
    /// All of the list's.
    pub(crate) total: u64,
    /// Those who have a profile, and no job any more.
    pub(crate) done: u64,
    /// Of these, those whom a source gave no answer about.
    pub(crate) failed: u64,
    /// Those with a job: ready, put off, or in work.
    pub(crate) waiting: u64,
    /// Those with neither a job nor a profile: they were removed, or the taking in was cut off before them.
    pub(crate) missing: u64,
    /// Until when all who wait are put off, at the earliest; none while somebody's turn may come now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) deferred_until: Option<Timestamp>,
    /// What the job that was put off the least says happened last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

impl Progress {
    /// Whether nobody waits any more.
    pub(crate) fn is_over(&self) -> bool {
        self.waiting == 0
    }
}

/// Where one applicant of a list stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    Waiting,
    Deferred(Timestamp, Option<String>),
    Done,
    Failed,
    Missing,
}

/// Where all applicants of a list stand.
#[derive(Debug)]
pub(super) struct Standings(HashMap<ApplicantId, Standing>);

impl Standings {
    /// Looks at all of them.
    pub(super) async fn of(store: &Store, ids: &[ApplicantId]) -> Result<Self, StoreError> {
        let jobs = store.jobs().await?.into_iter();
        let jobs: HashMap<ApplicantId, Job> =
            jobs.map(|job| (job.applicant.clone(), job)).collect();
        let mut standings = HashMap::with_capacity(ids.len());
        for id in ids {
            let standing = match jobs.get(id) {
                Some(job) => waiting(job.clone()),
                None => without_job(store, id).await?,
            };
            standings.insert(id.clone(), standing);
        }
        Ok(Self(standings))
    }

    /// Whether somebody is of the list.
    pub(super) fn knows(&self, id: &ApplicantId) -> bool {
        self.0.contains_key(id)
    }

    /// Looks at some of them anew.
    pub(super) async fn look_again(
        &mut self,
        store: &Store,
        ids: impl IntoIterator<Item = ApplicantId>,
    ) -> Result<(), StoreError> {
        for id in ids {
            let standing = match store.job(&id).await? {
                Some(job) => waiting(job),
                None => without_job(store, &id).await?,
            };
            self.0.insert(id, standing);
        }
        Ok(())
    }

    /// All of them, counted.
    pub(super) fn counted(&self) -> Progress {
        let mut progress = Progress::default();
        let mut ready = false;
        for standing in self.0.values() {
            progress.total += 1;
            match standing {
                Standing::Waiting => {
                    progress.waiting += 1;
                    ready = true;
                }
                Standing::Deferred(until, note) => {
                    progress.waiting += 1;
                    if progress.deferred_until.is_none_or(|first| *until < first) {
                        progress.deferred_until = Some(*until);
                        progress.note.clone_from(note);
                    }
                }
                Standing::Done => progress.done += 1,
                Standing::Failed => {
                    progress.done += 1;
                    progress.failed += 1;
                }
                Standing::Missing => progress.missing += 1,
            }
        }
        if ready {
            progress.deferred_until = None;
            progress.note = None;
        }
        progress
    }
}

fn waiting(job: Job) -> Standing {
    match job.state {
        JobState::Deferred { until } => Standing::Deferred(until, job.note),
        JobState::Ready | JobState::Leased { .. } => Standing::Waiting,
    }
}

async fn without_job(store: &Store, id: &ApplicantId) -> Result<Standing, StoreError> {
    Ok(match store.profile(id).await? {
        Some(profile) if profile.is_complete() => Standing::Done,
        Some(_) => Standing::Failed,
        None => Standing::Missing,
    })
}

/// How far a list is.
pub(crate) async fn progress(
    service: &Service,
    record: &ImportRecord,
) -> Result<Progress, Problem> {
    let standings = Standings::of(&service.store, &record.ids).await?;
    Ok(standings.counted())
}
