//! A store of made-up people, for tests of whoever reads profiles.

use std::time::Duration;

use jiff::Timestamp;
use tempfile::TempDir;

use crate::domain::applicant::{Applicant, ApplicantId};
use crate::domain::freshness::Freshness;
use crate::domain::job::Priority;
use crate::domain::profile::Profile;
use crate::report::example::several;
use crate::store::{Lane, Leased, Store, StoreOptions, Submission};

/// What most of the made-up people apply for.
pub(crate) const ROLE: &str = "doctoral-dl-radiology";

/// A store with [`several`] profiles; the folder lives as long as the first half of the pair.
pub(crate) async fn filled() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let opened = Store::open(folder.path(), StoreOptions::default()).await;
    let (store, _) = opened.unwrap();
    for profile in several() {
        keep(&store, &profile).await;
    }
    (folder, store)
}

/// Keeps a profile as a worker would.
pub(crate) async fn keep(store: &Store, profile: &Profile) {
    let leased = lease(store, &profile.applicant.id, &profile.role).await;
    let kept = store.finish(&leased.lease, profile.clone(), Timestamp::now());
    kept.await.unwrap();
}

/// Queues somebody's job and takes it.
pub(crate) async fn lease(store: &Store, id: &ApplicantId, role: &str) -> Leased {
    let now = Timestamp::now();
    let submission = Submission {
        applicant: Applicant {
            id: id.clone(),
            name: Some("Made Up".to_owned()),
            email: None,
            links: Vec::new(),
            role: role.to_owned(),
            applied_at: None,
            legal_basis: None,
            legal_basis_at: None,
        },
        priority: Priority::Interactive,
        force: true,
    };
    let accepted = store.accept(vec![submission], now, Freshness::never());
    accepted.await.unwrap();
    let lease = Duration::from_hours(1);
    let leased = store.lease("test", now, lease, Lane::Any).await.unwrap();
    leased.unwrap()
}

/// So many changes that nobody who listens can keep up, none of them of a profile. Blocks the thread, so that nothing
/// else of a test's runs meanwhile.
pub(crate) fn outrun(store: &Store, leased: &Leased) {
    /// More than the words that wait for a listener.
    const CHANGES: usize = 5_000;
    std::thread::scope(|scope| {
        let work = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap();
            runtime.block_on(async {
                for _ in 0..CHANGES {
                    let longer = Duration::from_hours(2);
                    let renewed = store.renew(&leased.lease, Timestamp::now(), longer);
                    renewed.await.unwrap();
                }
            });
        });
        work.join().unwrap();
    });
}
