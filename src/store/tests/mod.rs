//! The store through its public interface, on real files.

mod accepting;
mod damage;
mod dumps;
mod erasing;
mod formats;
mod keeping;
mod leasing;
mod model;
mod outbox;
mod remote;
mod reviews;
mod scale;
mod staying;
mod wreckage;

use std::{collections::BTreeMap, path::Path, time::Duration};

use jiff::{Timestamp, civil::date};
use tempfile::TempDir;

use super::*;
use crate::domain::{
    erasure::Ground,
    facts::{GitHubFacts, Lookup, Observation, Sources},
    freshness::Means,
    identity::Identity,
    link::Link,
    profile::{ApplicantSummary, Cost, Profile},
    review::Review,
    rubric::RubricStamp,
    score::{Points, Score},
};

const ROLE: &str = "phd-radiology";
const DIGEST: &str = "0123456789abcdef";
const LEASE: Duration = Duration::from_mins(1);

impl Store {
    fn engine(&self) -> &Engine {
        match &self.inner {
            Inner::Embedded(engine) => engine,
            Inner::Remote(_) => panic!("a server has the engine"),
        }
    }

    /// Erases one person, who asked for it.
    pub(crate) async fn erase(&self, id: ApplicantId) -> Result<Option<Tombstone>, StoreError> {
        let asked = Erasure {
            ground: Ground::Asked,
            reason: None,
        };
        let mut raised = self.forget(vec![id], asked, at(0)).await?;
        Ok(raised.pop().flatten())
    }
}

/// `seconds` after a made-up morning.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn id(text: &str) -> ApplicantId {
    text.parse().unwrap()
}

fn github(handle: &str) -> Link {
    serde_json::from_value(
        serde_json::json!({"source": "github", "host": "github.com", "handle": handle}),
    )
    .unwrap()
}

fn kaggle(handle: &str) -> Link {
    serde_json::from_value(serde_json::json!({"source": "kaggle", "handle": handle})).unwrap()
}

fn home_page(url: &str) -> Link {
    serde_json::from_value(serde_json::json!({"source": "home_page", "url": url})).unwrap()
}

/// An applicant whose id is also the GitHub handle.
fn applicant(name: &str) -> Applicant {
    Applicant {
        id: id(name),
        name: Some(format!("Made-up {name}")),
        email: Some(format!("{name}@example.org")),
        links: vec![github(name)],
        role: ROLE.to_owned(),
        applied_at: None,
        legal_basis: None,
        legal_basis_at: None,
    }
}

/// A complete profile of `applicant`, fetched at `fetched_at`; `requests` tells two of them apart.
fn profile(applicant: &Applicant, fetched_at: Timestamp, requests: f64) -> Profile {
    Profile {
        applicant: ApplicantSummary::from(applicant),
        role: applicant.role.clone(),
        rubric: RubricStamp {
            name: applicant.role.clone(),
            version: "1".to_owned(),
            digest: DIGEST.to_owned(),
        },
        as_of: date(2027, 1, 15),
        score: Score {
            low: Points::from_cents(1234),
            high: Points::from_cents(5678),
            components: Vec::new(),
        },
        coverage: 0.5,
        snapshot: String::new(),
        review: Review::default(),
        identity: Identity::claimed(),
        flags: Vec::new(),
        sources: Sources {
            github: Some(Observation {
                url: format!("https://github.com/{}", applicant.id),
                fetched_at,
                found_on: None,
                lookup: Lookup::Found {
                    facts: facts(applicant.id.as_str()),
                },
            }),
            ..Sources::default()
        },
        changes: Vec::new(),
        cost: Cost {
            requests,
            points: 1.0,
        },
        notices: Vec::new(),
        left_out: 0,
    }
}

fn facts(login: &str) -> GitHubFacts {
    GitHubFacts {
        login: login.to_owned(),
        account_id: format!("U_{login}"),
        renamed_from: None,
        created_at: None,
        own_repositories: 3,
        forks: Some(1),
        repositories: Vec::new(),
        projects: Vec::new(),
        merged_elsewhere: 2,
        mergers: 1,
        pull_requests: Vec::new(),
        names: Vec::new(),
        code: None,
        years: BTreeMap::new(),
        pulse: None,
        gaps: Vec::new(),
    }
}

fn submission(name: &str, priority: Priority) -> Submission {
    Submission {
        applicant: applicant(name),
        priority,
        force: false,
    }
}

/// Profiles up to an hour old are fresh.
fn hourly() -> Freshness {
    Freshness {
        within: Duration::from_hours(1),
        rubric_digests: BTreeMap::from([(ROLE.to_owned(), DIGEST.to_owned())]),
        means: Means {
            token: true,
            data_set: true,
            pages: true,
        },
        as_of: None,
    }
}

fn options() -> StoreOptions {
    StoreOptions {
        cache_bytes: 1 << 20,
        ..StoreOptions::default()
    }
}

async fn open(folder: &Path) -> (Store, Opening) {
    Store::open(folder, options()).await.unwrap()
}

/// An empty store; the folder lives as long as the first half of the pair.
async fn empty() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let (store, opening) = open(folder.path()).await;
    assert_eq!(opening, Opening::default());
    (folder, store)
}

async fn accept(
    store: &Store,
    names: &[&str],
    priority: Priority,
    now: Timestamp,
) -> Vec<Accepted> {
    let submissions = names.iter().map(|name| submission(name, priority));
    store
        .accept(submissions.collect(), now, hourly())
        .await
        .unwrap()
}

async fn take(store: &Store, now: Timestamp) -> Option<Leased> {
    store.lease("worker", now, LEASE, Lane::Any).await.unwrap()
}

/// Accepts, leases and finishes one applicant.
async fn enrich(store: &Store, name: &str, now: Timestamp, requests: f64) {
    let submission = Submission {
        force: true,
        ..submission(name, Priority::Interactive)
    };
    store
        .accept(vec![submission], now, Freshness::never())
        .await
        .unwrap();
    let leased = take(store, now).await.unwrap();
    assert_eq!(leased.applicant.id, id(name));
    let finished = store
        .finish(
            &leased.lease,
            profile(&leased.applicant, now, requests),
            now,
        )
        .await
        .unwrap();
    assert_eq!(finished, Finished::Done);
}

async fn assert_whole(store: &Store) {
    let found = store.verify().await.unwrap();
    assert_eq!(found.damaged, Vec::<String>::new());
}
