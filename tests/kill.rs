//! Pulling the plug: `kill -9` in the middle of a crawl, again and again.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::Duration;

use plaudit::commands::session;
use plaudit::domain::applicant::ApplicantId;
use plaudit::domain::profile::Profile;
use plaudit::standin::{Behaviour, World, generated_list};

use crate::app::{ROLE, TestApp, comparable, github};

const APPLICANTS: usize = 300;
const KILLS: u32 = 50;

/// The settings that make a crawl slow enough to be killed in its middle.
fn slowly(command: &mut Command) -> &mut Command {
    command
        .env("PLAUDIT_GITHUB__IN_FLIGHT", "2")
        .env("PLAUDIT_GITHUB__BATCH", "4")
        .env("PLAUDIT_WORKER__WORKERS", "16")
}

async fn profiles(app: &TestApp) -> BTreeMap<ApplicantId, Profile> {
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    let profiles = store.profiles_of_role(ROLE).await.expect("readable");
    store.close().await.expect("closed");
    let count = profiles.len();
    let by_id: BTreeMap<_, _> = profiles
        .into_iter()
        .map(|profile| (profile.applicant.id.clone(), profile))
        .collect();
    assert_eq!(by_id.len(), count, "no applicant twice");
    by_id
}

#[tokio::test(flavor = "multi_thread")]
async fn after_fifty_kills_every_profile_equals_that_of_an_uninterrupted_run() {
    let latency = Duration::from_millis(40);
    let behaviour = || Behaviour {
        latency,
        ..Behaviour::default()
    };
    let app = TestApp::start(World::generated(APPLICANTS, 9), behaviour(), &[]).await;
    let list = app.folder.path().join("list.csv");
    std::fs::write(&list, generated_list(APPLICANTS)).expect("written");
    let as_of = app.as_of.to_string();
    let arguments = [
        "enrich",
        "--as-of",
        &as_of,
        "--no-progress",
        "--format",
        "jsonl",
    ];

    let mut random = fastrand::Rng::with_seed(17);
    let (mut kills, mut crawls, mut accepted) = (0, 1, false);
    while kills < KILLS {
        let mut command = app.program();
        slowly(&mut command)
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if !accepted {
            command.arg("--from").arg(&list).arg("--refetch");
        }
        let mut child = command.spawn().expect("the program");
        // Any moment: while it starts, accepts, asks, stores.
        tokio::time::sleep(Duration::from_millis(random.u64(30..1_300))).await;
        if child.try_wait().expect("a child").is_some() {
            // Done before the plug was pulled: all of them once more.
            (crawls, accepted) = (crawls + 1, false);
            continue;
        }
        child.kill().expect("killed");
        child.wait().expect("reaped");
        kills += 1;
        if !accepted {
            let (store, _) = session::open_store(&app.config).await.expect("a store");
            let queued = store
                .waiting(jiff::Timestamp::now())
                .await
                .expect("readable");
            accepted = queued.ready + queued.deferred + queued.leased > 0;
            store.close().await.expect("closed");
        }
    }
    let done_before = profiles(&app).await.len();
    let final_run = app
        .program()
        .args(arguments)
        .arg("--from")
        .arg(&list)
        .output()
        .expect("a run");
    assert!(
        final_run.status.success(),
        "{}",
        String::from_utf8_lossy(&final_run.stderr)
    );
    let killed = profiles(&app).await;
    println!(
        "{kills} kills over {crawls} crawls; {done_before} of {APPLICANTS} profiles before the last run"
    );
    assert!(done_before > 0, "no kill struck in the middle");
    assert_eq!(killed.len(), APPLICANTS);

    let calm = TestApp::start(World::generated(APPLICANTS, 9), Behaviour::default(), &[]).await;
    let uninterrupted = calm.enrich(&generated_list(APPLICANTS)).await.profiles;
    for (id, profile) in &killed {
        let other = &uninterrupted[id];
        assert!(
            comparable(github(profile)) == comparable(github(other)),
            "{id}"
        );
        assert_eq!(profile.score.low, other.score.low, "{id}");
        assert_eq!(profile.score.high, other.score.high, "{id}");
    }
}
