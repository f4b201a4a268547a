//! What is said over the socket.

use std::{path::PathBuf, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use crate::domain::{
    applicant::{Applicant, ApplicantId},
    erasure::Erasure,
    freshness::Freshness,
    job::Priority,
    profile::Profile,
    review::Review,
};
use crate::store::{Edit, Mark, Shelf, Submission, error::Fault, revision::Rejudged};

/// This program's version: both ends must have the same one, since what they say may differ between two.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The first frame in each direction. Its form never changes, so that any two versions can tell each other apart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Hello {
    /// The version of whoever sends it.
    pub(super) plaudit: String,
    /// The number of the newest change; from the owner alone.
    #[serde(default)]
    pub(super) change: u64,
}

/// What the owner is asked: the store's own functions, each with what it is given.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::store) enum Ask {
    Accept {
        submissions: Vec<Submission>,
        now: Timestamp,
        freshness: Freshness,
    },
    Requeue {
        ids: Vec<ApplicantId>,
        priority: Priority,
        now: Timestamp,
    },
    Waiting {
        now: Timestamp,
    },
    OldestJob,
    Jobs,
    Job {
        id: ApplicantId,
    },
    Applicant {
        id: ApplicantId,
    },
    Applicants,
    Find {
        text: String,
    },
    Current {
        id: ApplicantId,
    },
    Kept {
        id: ApplicantId,
    },
    Review {
        id: ApplicantId,
    },
    KeepReview {
        id: ApplicantId,
        review: Box<Review>,
        before: Option<Mark>,
        after: Option<Box<Profile>>,
        now: Timestamp,
    },
    KeepRubric {
        digest: String,
        text: String,
    },
    RubricText {
        digest: String,
    },
    History {
        id: ApplicantId,
    },
    ProfilesPage {
        role: String,
        after: Option<ApplicantId>,
        limit: usize,
    },
    Ids,
    Roles,
    IdsOfRole {
        role: String,
    },
    ProfileMark {
        id: ApplicantId,
    },
    ProfileJson {
        id: ApplicantId,
    },
    Forget {
        ids: Vec<ApplicantId>,
        why: Erasure,
        now: Timestamp,
    },
    Tombstones,
    Barring {
        applicants: Vec<Applicant>,
    },
    TombstoneOf {
        text: String,
    },
    Lift {
        text: String,
    },
    WriteAnew,
    Record {
        on: Shelf,
        name: String,
    },
    Records {
        on: Shelf,
        after: Option<String>,
        limit: usize,
    },
    Count {
        on: Shelf,
    },
    TakesChanges,
    Edit {
        edit: Edit,
    },
    PutMeta {
        key: String,
        value: Value,
    },
    GetMeta {
        key: String,
    },
    BackUp {
        to: Option<PathBuf>,
        now: Timestamp,
    },
    Verify,
    WaitForChange {
        after: u64,
        at_most: Duration,
    },
    /// Of each of these who has one: the profile and what people have added. The first half of `Store::revise`.
    Judgeable {
        ids: Vec<ApplicantId>,
    },
    /// The second half of `Store::revise`.
    Replace {
        rejudged: Vec<Rejudged>,
        now: Timestamp,
    },
    /// Something that is not the store's but its owner's to answer.
    Owner {
        wish: Value,
    },
}

/// What comes back: any number of parts of a list, then one of the others.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    /// Some more of a list.
    Part(Box<RawValue>),
    /// The answer; of a list that came in parts, nothing.
    Done(Box<RawValue>),
    /// What the store refused.
    Refused(Fault),
}
