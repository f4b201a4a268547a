//! What is kept beside and after a score: reviews, history, judging anew, reproducing.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use plaudit::commands::session::{self, Progress};
use plaudit::domain::applicant::ApplicantId;
use plaudit::domain::review::Review;
use plaudit::domain::review::entry::signed;
use plaudit::domain::rubric::Rubric;
use plaudit::rescore::{self, Outcome, Reproduction, Whom, Why, Wish};
use plaudit::standin::{Behaviour, World, generated_list};
use plaudit::store::{Accepted, Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::app::{ROLE, Said, TestApp, said};

/// Runs the program to its end.
fn run(app: &TestApp, arguments: &[&str]) -> Said {
    said(app.program().args(arguments))
}

/// Runs the program; it must end with `code` and say each of `words` somewhere.
#[track_caller]
fn says(app: &TestApp, arguments: &[&str], code: i32, words: &[&str]) -> Said {
    let said = run(app, arguments);
    let all = format!("{}\n{}", said.out, said.err);
    assert_eq!(said.code, Some(code), "{arguments:?}: {all}");
    for word in words {
        assert!(
            all.contains(word),
            "{arguments:?}: {word:?} is missing: {all}"
        );
    }
    said
}

/// An app whose first `count` generated people were enriched.
async fn enriched(count: usize) -> TestApp {
    let app = TestApp::start(World::generated(count, 5), Behaviour::default(), &[]).await;
    let crawl = app.enrich(&generated_list(count)).await;
    assert_eq!(crawl.profiles.len(), count);
    app
}

fn id(number: usize) -> ApplicantId {
    format!("gen-{number:06}").parse().expect("an id")
}

async fn open(app: &TestApp) -> Store {
    let (store, opening) = session::open_store(&app.config).await.expect("a store");
    assert_eq!(opening.missing, 0);
    store
}

async fn note(store: &Store, id: &ApplicantId, text: &str) -> Result<(), StoreError> {
    let now = Timestamp::now();
    let edit = |review: &Review| {
        let by = signed("Dr Example", now).expect("a name");
        Ok(review.with_note(text, by).expect("a remark"))
    };
    rescore::review(store, &TestApp::rubrics(), id, now, edit)
        .await
        .map(|_| ())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_has_acknowledged_survives_any_kill() {
    let app = enriched(1).await;
    let mut random = fastrand::Rng::with_seed(3);
    let mut acknowledged = Vec::new();
    for number in 0..24 {
        let text = format!("remark {number} of its own");
        let mut child = app
            .program()
            .args(["note", "gen-000000", &text, "--by", "Dr Example"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        // Any moment: while it starts, opens the store, writes, or is done.
        tokio::time::sleep(Duration::from_millis(random.u64(5..400))).await;
        let _ = child.kill();
        let output = tokio::task::block_in_place(|| child.wait_with_output()).expect("reaped");
        if String::from_utf8_lossy(&output.stdout).contains("is kept") {
            acknowledged.push(text);
        }
    }
    let store = open(&app).await;
    let review = store.review(&id(0)).await.expect("readable");
    let kept: Vec<&str> = review.notes.iter().map(|one| one.text.as_str()).collect();
    println!(
        "{} of 24 acknowledged, {} kept",
        acknowledged.len(),
        kept.len()
    );
    for text in &acknowledged {
        assert!(kept.contains(&text.as_str()), "{text} is lost");
    }
    let profile = store
        .profile(&id(0))
        .await
        .expect("readable")
        .expect("kept");
    assert_eq!(profile.review, review);
    let verified = store.verify().await.expect("readable");
    assert_eq!(verified.damaged, Vec::<String>::new());
    store.close().await.expect("closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_people_add_remarks_while_the_sources_are_asked() {
    const PEOPLE: usize = 40;
    const REMARKS: usize = 5;
    let behaviour = Behaviour {
        latency: Duration::from_millis(10),
        ..Behaviour::default()
    };
    let app = TestApp::start(World::generated(PEOPLE, 5), behaviour, &[]).await;
    app.enrich(&generated_list(PEOPLE)).await;
    let store = open(&app).await;
    let hosts = session::hosts(&app.config).expect("hosts");
    let list = plaudit::intake::read(generated_list(PEOPLE).as_bytes(), ROLE, &hosts);
    let submissions =
        list.expect("a list")
            .applicants
            .into_iter()
            .map(|listed| plaudit::store::Submission {
                applicant: listed.applicant,
                priority: plaudit::domain::job::Priority::Interactive,
                force: true,
            });
    let freshness = plaudit::domain::freshness::Freshness::never();
    store
        .accept(submissions.collect(), Timestamp::now(), freshness)
        .await
        .expect("accepted");

    let (connections, rubrics) = (app.connect(false), TestApp::rubrics());
    let working = session::work(
        &app.config,
        &store,
        &connections,
        &rubrics,
        app.as_of,
        Progress::Silent,
        CancellationToken::new(),
    );
    let remarking = async {
        let mut overtaken = 0;
        for round in 0..REMARKS {
            for number in 0..PEOPLE {
                // Whoever is overtaken looks again and repeats it, as a person would.
                while let Err(error) = note(&store, &id(number), &format!("remark {round}")).await {
                    let again = matches!(error, StoreError::Overtaken { .. });
                    assert!(again, "{error:?}");
                    overtaken += 1;
                }
            }
        }
        overtaken
    };
    let (summary, overtaken) = tokio::join!(working, remarking);
    let summary = summary.expect("the store holds");
    println!(
        "{} enriched meanwhile; overtaken {overtaken} times",
        summary.finished
    );
    assert!(summary.remaining.is_empty());
    for number in 0..PEOPLE {
        let review = store.review(&id(number)).await.expect("readable");
        let texts: Vec<String> = review.notes.iter().map(|one| one.text.clone()).collect();
        let expected: Vec<String> = (0..REMARKS)
            .map(|round| format!("remark {round}"))
            .collect();
        assert_eq!(texts, expected, "{number}");
        let profile = store
            .profile(&id(number))
            .await
            .expect("readable")
            .expect("kept");
        assert_eq!(profile.review, review, "{number}");
    }
    store.close().await.expect("closed");
}

/// Today's rubrics after somebody has edited the one of the tests' role.
fn edited() -> Arc<BTreeMap<String, Rubric>> {
    let mut rubrics = TestApp::rubrics();
    let text = &rubrics[ROLE].text;
    let shorter = text.replacen("half_life_years = ", "half_life_years = 1", 1);
    let rubric = Rubric::parse(&shorter).expect("a rubric");
    assert_ne!(rubric.digest, rubrics[ROLE].digest);
    rubrics.insert(ROLE.to_owned(), rubric);
    Arc::new(rubrics)
}

fn all(dry_run: bool) -> Wish {
    Wish {
        whom: Whom::All,
        as_of: None,
        dry_run,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_edited_rubric_all_are_judged_anew_and_every_score_that_was_is_reproduced() {
    let app = enriched(12).await;
    let asked = app.stand_in.report().requests;
    let store = open(&app).await;
    let before = store.profiles_of_role(ROLE).await.expect("readable");
    let rubrics = edited();
    let now = Timestamp::now();

    let tried = rescore::rescore(&store, Arc::clone(&rubrics), all(true), now, || ()).await;
    assert_eq!(tried.expect("judged").replaced, 0);
    assert_eq!(
        store.profiles_of_role(ROLE).await.expect("readable"),
        before
    );

    let done = rescore::rescore(&store, Arc::clone(&rubrics), all(false), now, || ()).await;
    let done = done.expect("judged");
    assert_eq!((done.replaced, done.told.len()), (12, 12));
    for verdict in &done.told {
        let Outcome::Differs { why, .. } = &verdict.outcome else {
            panic!("{verdict:?}");
        };
        assert!(matches!(why.as_slice(), [Why::Rubric { .. }]), "{why:?}");
    }
    let again = rescore::rescore(&store, Arc::clone(&rubrics), all(false), now, || ()).await;
    assert_eq!(again.expect("judged").replaced, 0);

    let mut moved = 0;
    for old in &before {
        let id = &old.applicant.id;
        let history = store.history(id).await.expect("readable");
        assert_eq!(history.len(), 1);
        assert_eq!(history[0].profile, *old);
        let new = store.profile(id).await.expect("readable").expect("kept");
        assert_eq!((new.as_of, &new.sources), (old.as_of, &old.sources));
        assert_eq!(new.rubric.digest, rubrics[ROLE].digest);
        moved += usize::from(new.score != old.score);
        for kept in [old, &new] {
            let reproduced = rescore::reproduce(&store, id, &kept.snapshot).await;
            let reproduced = reproduced.expect("readable");
            assert_eq!(reproduced, Reproduction::Same(Box::new(kept.clone())));
        }
    }
    assert!(moved > 0, "the edit moved nobody");
    assert_eq!(app.stand_in.report().requests, asked);

    // A later day that moves no point is not kept, and one that moves some is.
    let later = Wish {
        as_of: Some("2031-11-01".parse().expect("a day")),
        ..all(false)
    };
    let next_day = Wish {
        as_of: before[0].as_of.tomorrow().ok(),
        ..all(false)
    };
    for (wish, most) in [(next_day, 11), (later, 12)] {
        let as_of = wish.as_of.expect("a day");
        let revision = rescore::rescore(&store, Arc::clone(&rubrics), wish, now, || ()).await;
        let revision = revision.expect("judged");
        assert!(revision.replaced <= most, "{as_of}: {}", revision.replaced);
        for verdict in revision.told {
            let profile = store
                .profile(&verdict.id)
                .await
                .expect("readable")
                .expect("kept");
            let differs = matches!(verdict.outcome, Outcome::Differs { .. });
            assert_eq!(profile.as_of == as_of, differs, "{verdict:?}");
        }
    }
    store.close().await.expect("closed");
}

/// The same for a command that is about the third applicant and signed.
#[track_caller]
fn signs(app: &TestApp, arguments: &[&str], code: i32, words: &[&str]) {
    let place = usize::from(arguments[0] == "evidence") + 1;
    let mut all = arguments.to_vec();
    all.insert(place, "gen-000002");
    all.extend(["--by", "Dr Example"]);
    says(app, &all, code, words);
}

type Row = BTreeMap<String, serde_json::Value>;

fn rows(app: &TestApp, arguments: &[&str]) -> Vec<Row> {
    let said = says(app, &[arguments, &["--format", "json"]].concat(), 0, &[]);
    serde_json::from_str(&said.out).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn adjustments_and_notes_stand_beside_the_computed_score_and_its_order() {
    let app = enriched(3).await;
    let ranking = || -> Vec<_> {
        let profiles = rows(&app, &["rank"]).into_iter();
        profiles
            .map(|profile| (profile["applicant"]["id"].clone(), profile["score"].clone()))
            .collect()
    };
    let before = ranking();
    let said = [
        "gen-000002 (Applicant 2): adjustment 1 is kept: +99.50 points",
        "beside it: +99.50 by people",
    ];
    signs(
        &app,
        &["adjust", "+99.5", "--reason", "a data set"],
        0,
        &said,
    );
    let sum = ["+98.50 by people"];
    signs(
        &app,
        &["adjust", "-1", "--reason", "shared account"],
        0,
        &sum,
    );
    signs(
        &app,
        &["note", "Seen at a conference"],
        0,
        &["note 3 is kept"],
    );
    assert_eq!(ranking(), before);
    for wrong in ["0", "1.005", "101", "ten"] {
        let said = ["no number of points"];
        signs(&app, &["adjust", wrong, "--reason", "y"], 2, &said);
    }
    let withdraw = ["adjust", "--withdraw", "1", "--reason", "a mistake"];
    signs(&app, &withdraw, 0, &["-1.00 by people"]);
    signs(&app, &withdraw, 2, &["withdrawn by Dr Example"]);
    assert_eq!(ranking(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_counts_until_it_is_withdrawn_and_then_stays_with_its_mark() {
    const PAPER: &str = "https://doi.example.org/10.1000/182";
    let app = enriched(3).await;
    let add = |kind: &str, url: &str, code, said: &[&str]| {
        let typed = ["evidence", "add", "--kind", kind, "--url", url];
        let more = ["--date", "2025-03-01", "--reason", "a paper"];
        signs(&app, &[&typed[..], &more].concat(), code, said);
    };
    let reviewed = || {
        let profile = run(&app, &["show", "gen-000002", "--format", "json"]).out;
        let profile: serde_json::Value = serde_json::from_str(&profile).expect("JSON");
        let components = profile["score"]["components"].as_array().expect("a list");
        let found = components.iter().find(|one| one["name"] == "reviewed");
        let found = found.expect("the component");
        (found["low"].as_f64(), found["state"].clone())
    };
    assert_eq!(reviewed(), (Some(0.0), "unknown".into()));
    let said = ["evidence 1 is kept", "reviewed: ", "until somebody says"];
    add("publication", PAPER, 0, &said);
    let (low, state) = reviewed();
    assert!(low > Some(0.0) && state == "partial", "{low:?} {state}");
    add("publication", PAPER, 2, &["entry 1 is the same evidence"]);
    add("publication", "example.org", 2, &["is no URL"]);
    add("publicaton", PAPER, 2, &["did you mean \"publication\"?"]);
    signs(&app, &["evidence", "done"], 0, &["no more to be found"]);
    assert_eq!(reviewed(), (low, "complete".into()));
    let withdraw = ["evidence", "withdraw", "1", "--reason", "another person"];
    signs(&app, &withdraw, 0, &["it stays, marked"]);
    assert_eq!(reviewed(), (Some(0.0), "complete".into()));
    signs(&app, &withdraw, 2, &["withdrawn by Dr Example"]);
    let listed = rows(&app, &["evidence", "list", "gen-000002"]);
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["url"], PAPER);
    let mark = listed[0]["withdrawn"].as_str().expect("a mark");
    assert!(mark.ends_with("by Dr Example: another person"), "{mark}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_names_snapshots_that_can_be_shown_and_reproduced() {
    let app = enriched(2).await;
    let history = || {
        let arguments = ["show", "gen-000001", "--history", "--format", "json"];
        let said = says(&app, &arguments, 0, &[]);
        serde_json::from_str::<Vec<Row>>(&said.out).expect("JSON")
    };
    // What stands beside the score makes no earlier profile, or remarks would push the scores out.
    for remark in ["a remark", "another"] {
        let note = ["note", "gen-000001", remark, "--by", "Dr Example"];
        says(&app, &note, 0, &[]);
    }
    assert_eq!(history().len(), 1);
    let done = ["evidence", "done", "gen-000001", "--by", "Dr Example"];
    says(&app, &done, 0, &[]);
    let rows = history();
    assert_eq!(rows.len(), 2);
    assert!(rows[0]["stored_at"].as_str() >= rows[1]["stored_at"].as_str());
    for row in &rows {
        let name = row["snapshot"].as_str().expect("a name");
        let (_, hex) = name.rsplit_once('/').expect("an id before it");
        let shown = run(
            &app,
            &["show", "gen-000001", "--snapshot", hex, "--format", "json"],
        );
        let profile: serde_json::Value = serde_json::from_str(&shown.out).expect("JSON");
        assert_eq!(profile["snapshot"], row["snapshot"]);
        says(
            &app,
            &["rescore", "--snapshot", name],
            0,
            &["reproduced: ", name],
        );
    }
    says(
        &app,
        &["rescore", "--snapshot", "gen-000001/0000000000000000"],
        2,
        &["is kept as"],
    );
    says(
        &app,
        &["rescore", "--snapshot", "0000000000000000"],
        2,
        &["no snapshot's name"],
    );
    says(&app, &["rescore"], 0, &["2 applicants judged", "0 differ"]);
    says(
        &app,
        &["rescore", "gen-000001", "--dry-run"],
        0,
        &["1 applicant judged", "nothing was kept"],
    );
    // Whom nobody knows by this id, but by the name, or by one that is like it.
    says(&app, &["show", "applicant 1"], 0, &["gen-000001"]);
    says(&app, &["show", "GEN-000001"], 0, &["gen-000001"]);
    says(
        &app,
        &["show", "licant 1"],
        2,
        &["did you mean gen-000001 (Applicant 1)?"],
    );
    says(
        &app,
        &["show", "gen-00001"],
        2,
        &["did you mean", "gen-000001"],
    );
    says(&app, &["show", "zzz"], 2, &["`plaudit rank` lists the ids"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_since_a_moment_is_listed() {
    let app = enriched(2).await;
    let new = says(&app, &["changes", "--format", "json"], 0, &[]);
    let rows: Vec<Row> = serde_json::from_str(&new.out).expect("JSON");
    let kinds: Vec<_> = rows.iter().map(|row| row["kind"].as_str()).collect();
    assert_eq!(kinds, [Some("new"), Some("new")]);
    says(
        &app,
        &["changes", "--since", "7d"],
        0,
        &["new, with", "2 applicants of 2"],
    );
    says(
        &app,
        &["changes", "--since", "9999-01-01"],
        0,
        &["nothing has changed since 9999-01-01"],
    );
    says(
        &app,
        &["changes", "--role", "nobodys-role"],
        0,
        &["nothing has changed", "nobodys-role"],
    );
    says(
        &app,
        &["changes", "--since", "yesterday"],
        2,
        &["such as 24h or 7d"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_given_once_and_looked_for_until_it_is_seen() {
    let app = TestApp::start(World::generated(40, 5), Behaviour::default(), &[]).await;
    let crawl = app.enrich(&generated_list(40)).await;
    // Somebody who is there.
    let (whom, _) = crawl
        .profiles
        .iter()
        .find(|(_, profile)| {
            let github = profile.sources.github.as_ref();
            github.is_some_and(|one| {
                one.lookup
                    .found()
                    .is_some_and(|facts| facts.gaps.is_empty())
            })
        })
        .expect("an account");
    let whom = whom.as_str();
    let first = says(
        &app,
        &["verify", whom],
        0,
        &["plaudit-", "public gist", "bio"],
    );
    let second = says(&app, &["verify", whom], 0, &[]);
    assert_eq!(first.out, second.out);
    let code = first.out.lines().next().expect("a code").to_owned();

    let number: usize = whom.trim_start_matches("gen-").parse().expect("a number");
    let row = generated_list(40)
        .lines()
        .nth(number + 1)
        .expect("a row")
        .to_owned();
    let list = format!("id,name,github\n{row}\n");
    assert_eq!(app.enrich(&list).await.accepted, [Accepted::Queued]);

    // Once it was seen, the profile is fresh again. What GitHub shows is another theme's; here it is put in place.
    let store = open(&app).await;
    let whom: ApplicantId = whom.parse().expect("an id");
    let revision = store
        .revise(
            Some(vec![whom.clone()]),
            Timestamp::now(),
            move |stored, _| {
                let mut profile = stored.profile.clone();
                if let Some(github) = &mut profile.sources.github
                    && let plaudit::domain::facts::Lookup::Found { facts } = &mut github.lookup
                {
                    facts.code = Some(plaudit::domain::facts::SeenCode {
                        code: code.clone(),
                        url: "https://gist.github.com/gen-example/1".to_owned(),
                        seen_at: Timestamp::now(),
                    });
                }
                (Some(profile), ())
            },
        )
        .await
        .expect("kept");
    assert_eq!(revision.replaced, 1);
    store.close().await.expect("closed");
    says(
        &app,
        &["verify", whom.as_str()],
        0,
        &["proven: ", "https://gist.github.com/gen-example/1"],
    );
    assert_eq!(app.enrich(&list).await.accepted, [Accepted::Fresh]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_profile_a_review_waits_and_without_an_account_no_code_is_given() {
    let app = TestApp::start(World::generated(1, 5), Behaviour::default(), &[]).await;
    let store = open(&app).await;
    let hosts = session::hosts(&app.config).expect("hosts");
    let list = "id,name,github,kaggle\ngen-000000,Applicant 0,https://github.com/gen-000000,\nk-1,Kim,,kim-example\n";
    let list = plaudit::intake::read(list.as_bytes(), ROLE, &hosts).expect("a list");
    let submissions = list
        .applicants
        .into_iter()
        .map(|listed| plaudit::store::Submission {
            applicant: listed.applicant,
            priority: plaudit::domain::job::Priority::Interactive,
            force: false,
        });
    let freshness = plaudit::domain::freshness::Freshness::never();
    store
        .accept(submissions.collect(), Timestamp::now(), freshness)
        .await
        .expect("accepted");
    store.close().await.expect("closed");

    says(
        &app,
        &["note", "gen-000000", "early", "--by", "Dr Example"],
        0,
        &["there is no profile yet"],
    );
    says(
        &app,
        &["verify", "k-1"],
        2,
        &["has no GitHub account on the application"],
    );
    says(
        &app,
        &["show", "gen-000000", "--history"],
        1,
        &["no history"],
    );
    let crawl = app.enrich(&generated_list(1)).await;
    assert_eq!(crawl.profiles[&id(0)].review.notes.len(), 1);

    // While another process has the store, nothing is kept and nothing lost.
    let store = open(&app).await;
    says(
        &app,
        &["note", "gen-000000", "late", "--by", "Dr Example"],
        4,
        &["in use by another plaudit"],
    );
    store.close().await.expect("closed");
    let list = says(&app, &["evidence", "list", "gen-000000"], 0, &["early"]);
    assert!(!list.out.contains("late"));
}
