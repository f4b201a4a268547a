//! Mistakes, bad luck and pulled plugs: what the program says, its exit code, and that nothing is lost.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use plaudit::commands::session;
use plaudit::domain::text::is_invisible;
use plaudit::standin::{Behaviour, DEMO_TOKEN, Fault, World, demo_list, generated_list};
use plaudit::store::Waiting;
use rustix::process::{Pid, Signal, kill_process};

use crate::app::{ROLE, Said, TestApp, comparable, github, login, program_in, said, tokens};

/// The program in this test's home, with arguments.
fn plaudit(app: &TestApp, arguments: &[&str]) -> Command {
    let mut command = app.program();
    command.args(arguments);
    command
}

async fn quiet_host() -> TestApp {
    TestApp::start(World::generated(3, 1), Behaviour::default(), &[]).await
}

async fn waiting(app: &TestApp) -> Waiting {
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    let waiting = store.waiting(Timestamp::now()).await.expect("readable");
    store.close().await.expect("closed");
    waiting
}

async fn queued(app: &TestApp) -> u64 {
    let waiting = waiting(app).await;
    waiting.ready + waiting.deferred + waiting.leased
}

/// Runs the program until the host has seen `requests` more requests, then sends it a signal.
async fn stopped(app: &TestApp, command: &mut Command, requests: u64, signal: Signal) -> Said {
    let before = app.stand_in.report().requests;
    let mut child = spawn(command);
    let process = Pid::from_raw(i32::try_from(child.id()).expect("an id")).expect("an id");
    while app.stand_in.report().requests < before + requests {
        assert_eq!(child.try_wait().expect("a child"), None, "it ended early");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    kill_process(process, signal).expect("running");
    let output = tokio::task::block_in_place(|| child.wait_with_output()).expect("its end");
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Arguments, exit code, and words of standard error.
type Case = (Vec<&'static str>, i32, &'static [&'static str]);

#[test]
#[expect(clippy::too_many_lines, reason = "a table: one row a case")]
fn a_mistake_is_answered_with_what_why_and_what_next() {
    let home = tempfile::tempdir().expect("a folder");
    let file =
        |name: &str, bytes: &[u8]| fs::write(home.path().join(name), bytes).expect("written");
    file("empty.csv", b"");
    file("header.csv", b"id,name,github\n");
    file("binary.csv", &[0, 159, 146, 150, 0, 1, 2, 3]);
    file("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    file("columns.csv", b"name,age\nAda,30\n");
    file("nearly.csv", b"name,githup\nAda,x\n");
    file("linkless.csv", b"name,github\nAda,\n");
    file("key.toml", b"[worker]\nworkesr = 3\n");
    file("value.toml", b"[worker]\nworkers = 0\n");
    file("broken.toml", b"[worker\nworkers = 1\n");
    file(
        "token.toml",
        b"[github]\ntoken = \"ghp_madeUpMadeUpMadeUp\"\n",
    );
    file("a-file", b"");
    let enrich = |name: &'static str| vec!["enrich", "--from", name];
    let config = |name: &'static str| vec!["--config", name, "config"];
    let cases: Vec<Case> = vec![
        // 2: what was typed or given cannot be used.
        (vec![], 2, &["First:  plaudit demo", "Usage: plaudit"]),
        (
            vec!["enrch"],
            2,
            &["error: unrecognized subcommand 'enrch'", "'enrich'"],
        ),
        (
            vec!["enrich", "--form", "x"],
            2,
            &["error: unexpected argument '--form'", "'--from'"],
        ),
        (
            vec!["rank", "--format", "jsom"],
            2,
            &["error: invalid value 'jsom'", "'json'"],
        ),
        (vec!["rank", "--limit", "0"], 2, &["error:", "at least 1"]),
        (
            vec!["enrich", "--wait", "soon"],
            2,
            &["error:", "a number and a unit"],
        ),
        (
            vec!["enrich", "--as-of", "2026-13-01"],
            2,
            &["error:", "--as-of"],
        ),
        (vec!["show"], 2, &["error:", "<ID>"]),
        (
            enrich("empty.csv"),
            2,
            &["error: the list is empty", "hint:"],
        ),
        (
            enrich("header.csv"),
            2,
            &["error: the list has a header and no applicants", "hint:"],
        ),
        (
            enrich("binary.csv"),
            2,
            &["error: the list is a binary file", "hint:"],
        ),
        (enrich("picture.csv"), 2, &["error: the list is", "hint:"]),
        (
            enrich("columns.csv"),
            2,
            &["error: the list has no column with links", "hint:"],
        ),
        (enrich("nearly.csv"), 2, &["error:", "github", "hint:"]),
        (
            enrich("linkless.csv"),
            2,
            &[
                "error: no applicant could be read",
                "line 2: no link",
                "hint:",
            ],
        ),
        (
            vec!["enrich", "gitlab.com/ada"],
            2,
            &["error: no applicant could be read", "GitLab", "hint:"],
        ),
        (
            vec!["enrich", "https://github.com/topics"],
            2,
            &["error:", "\"topics\" is a page of github.com's own"],
        ),
        (
            vec!["enrich", "https://githüb.com/ada"],
            2,
            &["error: no applicant could be read", "hint:"],
        ),
        (
            vec!["enrich", "ada"],
            2,
            &["error:", "write github.com/ada"],
        ),
        (
            vec!["enrich", "--from", "empty.csv", "@ada"],
            2,
            &["error: links and --from", "hint:"],
        ),
        (
            vec!["enrich", "--role", "juggler", "@ada"],
            2,
            &[
                "error: there is no rubric for the role \"juggler\"",
                "hint: the roles are: data-scientist, doctoral-dl-radiology",
            ],
        ),
        (
            vec!["rank"],
            2,
            &["error: nothing is kept in", "hint: begin with"],
        ),
        (
            vec!["show", "a-1"],
            2,
            &["error: nothing is kept in", "hint: begin with"],
        ),
        (
            vec!["enrich"],
            2,
            &["error: nothing is kept in", "hint: begin with"],
        ),
        (
            vec!["demo", "--faults", "cutt"],
            2,
            &["error: \"cutt\" is no fault. Did you mean cut?", "hint:"],
        ),
        // 3: the configuration.
        (
            config("key.toml"),
            3,
            &[
                "error: key.toml: worker.workesr is no setting",
                "hint: did you mean `worker.workers`?",
            ],
        ),
        (
            config("value.toml"),
            3,
            &[
                "error: value.toml: worker.workers must be a whole number from 1 to 1024; it is 0",
                "hint:",
            ],
        ),
        (
            config("broken.toml"),
            3,
            &[
                "error: broken.toml is not valid TOML: line 1: invalid table header; expected",
                "hint:",
            ],
        ),
        (
            config("none.toml"),
            3,
            &[
                "error: cannot read the configuration file none.toml",
                "caused by: No such file",
                "hint: check the path",
            ],
        ),
        (
            config("token.toml"),
            3,
            &[
                "error: token.toml: github.token looks like a secret",
                "hint: put the token into the environment variable GITHUB_TOKEN",
            ],
        ),
        // 4: the store, a file or the disk.
        (
            enrich("none.csv"),
            4,
            &[
                "error: the list none.csv cannot be read",
                "caused by: No such file",
                "hint:",
            ],
        ),
        (
            vec!["--data-dir", "a-file", "enrich", "@ada"],
            4,
            &[
                "error: cannot write to the data folder",
                "a-file",
                "hint: a file stands where the folder should be",
            ],
        ),
        (
            vec!["--data-dir", "a-file/below", "enrich", "@ada"],
            4,
            &[
                "error: cannot write to the data folder",
                "hint: a file stands where the folder should be",
            ],
        ),
        (
            vec!["--output", "none/x", "config"],
            4,
            &[
                "error: cannot write to none/x",
                "caused by: No such file",
                "hint:",
            ],
        ),
    ];
    for (arguments, code, words) in cases {
        let output = program_in(home.path())
            .args(&arguments)
            .output()
            .expect("the program");
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {err}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        for word in words {
            assert!(
                err.contains(word),
                "{arguments:?}: {word:?} is missing: {err}"
            );
        }
        assert!(!err.contains("madeUp"), "{arguments:?}: {err}");
    }
    let of_environment = [
        (
            "PLAUDIT_WORKER__WORKER",
            "8",
            "error: environment: PLAUDIT_WORKER__WORKER is no setting\nhint: did you mean `PLAUDIT_WORKER__WORKERS`?",
        ),
        (
            "PLAUDIT_WORKER__WORKERS",
            "many",
            "worker.workers must be a whole number from 1 to 1024; it is \"many\"",
        ),
        (
            "PLAUDIT_LOG",
            "plaudit=loud",
            "error: PLAUDIT_LOG is no tracing filter",
        ),
        ("GITHUB_API_URL", "http://192.0.2.7", "GITHUB_API_URL"),
    ];
    for (name, value, words) in of_environment {
        let output = program_in(home.path())
            .env(name, value)
            .arg("config")
            .output()
            .expect("the program");
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(3), "{name}: {err}");
        assert!(err.contains(words), "{name}: {err}");
    }
    // No mistake made a data folder.
    assert!(!home.path().join(".local").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_rows_are_told_with_their_line_and_the_rest_goes_on() {
    let app = quiet_host().await;
    let list = "id,name,github\n\
        a,Ada,https://github.com/nobody-1-example\n\
        b,Ben,\n\
        c,Cy,https://gitlab.com/cy\n\
        d,Dee,https://github.com/nobody-1-example\n\
        e,Eve,https://github.com/nobody-2-example,too,many\n";
    fs::write(app.folder.path().join("list.csv"), list).expect("written");
    let run = said(&mut plaudit(&app, &["enrich", "--from", "list.csv"]));
    run.is(
        1,
        &[
            "line 3: no link",
            "line 4: github: plaudit does not read GitLab",
            "line 5 are the same person and were merged; the id a stays, not d",
            "line 6: 5 cells where the header has 3",
            "1 applicant accepted",
        ],
    );
    assert!(
        run.out.contains("1  a (Ada)"),
        "a list is ranked, also of one: {}",
        run.out
    );
    // Again: nothing is asked twice.
    let before = app.stand_in.report().requests;
    said(&mut plaudit(&app, &["enrich", "--from", "list.csv"]))
        .is(1, &["0 applicants accepted, 1 applicant still fresh"]);
    assert_eq!(app.stand_in.report().requests, before);
    said(&mut plaudit(&app, &["enrich"])).is(0, &["nothing is queued"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_crawl_of_ten_thousand_rows_tells_what_remains_and_the_next_goes_on() {
    let behaviour = Behaviour {
        latency: Duration::from_millis(20),
        ..Behaviour::default()
    };
    let app = TestApp::start(World::generated(10, 1), behaviour, &[]).await;
    let mut rows = "github\n".to_owned();
    for number in 0..10_000 {
        writeln!(rows, "https://github.com/nobody-{number}-example").expect("room");
    }
    fs::write(app.folder.path().join("list.csv"), rows).expect("written");
    let mut command = plaudit(&app, &["enrich", "--from", "list.csv", "--no-progress"]);
    command.env("PLAUDIT_WORKER__GRACE", "2s");
    let run = stopped(&app, &mut command, 30, Signal::INT).await;
    run.is(
        130,
        &[
            "10000 applicants accepted",
            "stopping: work under way is finished or given back",
            "applicants kept in the queue; nothing is lost",
            "hint: `plaudit enrich` goes on",
        ],
    );
    let first = waiting(&app).await;
    assert_eq!((first.leased, first.deferred), (0, 0));
    assert!((1..10_000).contains(&first.ready), "{first:?}");
    assert!(
        run.err
            .contains(&format!("{} applicants kept", first.ready)),
        "{}",
        run.err
    );

    let mut command = plaudit(&app, &["enrich", "--no-progress"]);
    command.env("PLAUDIT_WORKER__GRACE", "2s");
    stopped(&app, &mut command, 30, Signal::TERM)
        .await
        .is(130, &["nothing is lost"]);
    let second = waiting(&app).await;
    assert!(second.ready < first.ready, "{second:?}");
    let run = said(&mut plaudit(&app, &["rank", "--format", "jsonl"]));
    run.is(1, &[&format!("note: {} more are queued", second.ready)]);
    assert_eq!(run.out.lines().count() as u64, 10_000 - second.ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_sigterm_a_plain_enrich_completes_with_the_worlds_truth() {
    const APPLICANTS: usize = 80;
    let behaviour = Behaviour {
        latency: Duration::from_millis(20),
        ..Behaviour::default()
    };
    let app = TestApp::start(World::generated(APPLICANTS, 4), behaviour, &[]).await;
    fs::write(
        app.folder.path().join("list.csv"),
        generated_list(APPLICANTS),
    )
    .expect("written");
    let as_of = app.as_of.to_string();
    let first = ["enrich", "--from", "list.csv", "--as-of", &as_of];
    let mut command = plaudit(&app, &first);
    command
        .env("PLAUDIT_WORKER__GRACE", "0s")
        .env("PLAUDIT_GITHUB__IN_FLIGHT", "2");
    stopped(&app, &mut command, 12, Signal::TERM)
        .await
        .is(130, &["nothing is lost"]);
    assert!(queued(&app).await > 0);
    said(&mut plaudit(&app, &["enrich", "--as-of", &as_of])).is(0, &[]);
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    let profiles = store.profiles_of_role(ROLE).await.expect("readable");
    store.close().await.expect("closed");
    assert_eq!(profiles.len(), APPLICANTS);
    for profile in &profiles {
        let truth = comparable(&app.truth(login(profile)));
        assert_eq!(comparable(github(profile)), truth, "{}", login(profile));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_in_use_is_told_and_the_other_process_is_left_alone() {
    let app = quiet_host().await;
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    for arguments in [
        vec!["rank"],
        vec!["show", "x"],
        vec!["enrich", "@nobody-example"],
    ] {
        said(&mut plaudit(&app, &arguments)).is(
            4,
            &[
                "is in use by another plaudit",
                "hint: wait for it to end, or choose another folder with --data-dir",
            ],
        );
    }
    let doctor = said(&mut plaudit(&app, &["doctor", "--offline"]));
    assert_eq!(doctor.code, Some(1));
    assert!(
        doctor.out.contains("in use by another plaudit"),
        "{}",
        doctor.out
    );
    store.close().await.expect("closed");
    assert_eq!(app.stand_in.report().requests, 0);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_what_was_accepted_goes_on_when_there_is_room() {
    let app = TestApp::start(World::generated(400, 2), Behaviour::default(), &[]).await;
    fs::write(app.folder.path().join("list.csv"), generated_list(400)).expect("written");
    let program = app.program();
    // Ignored, the signal leaves the refused write to return an error, as a full disk does. 512-byte blocks.
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 1800; exec \"$0\" \"$@\""])
        .arg(program.get_program())
        .args(["enrich", "--from", "list.csv"])
        .env_clear()
        .envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(app.folder.path());
    said(&mut limited).is(
        4,
        &[
            "error: no room left for the data folder",
            "nothing that was acknowledged is lost",
            "hint: free some space, then run the same command again",
        ],
    );
    said(&mut plaudit(&app, &["enrich", "--from", "list.csv"])).is(0, &[]);
    let run = said(&mut plaudit(&app, &["rank", "--format", "jsonl"]));
    assert_eq!(run.is(0, &[]).out.lines().count(), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_store_is_told_and_left_as_it_is() {
    let app = quiet_host().await;
    said(&mut plaudit(&app, &["enrich", "@nobody-example"])).is(0, &[]);
    let folder = app.config.data_dir.clone();
    for entry in fs::read_dir(folder.join("engine.1")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        if name == "db" || name.starts_with("snap.") {
            fs::remove_file(path).expect("removed");
        }
    }
    for arguments in [vec!["rank"], vec!["enrich", "@somebody-example"]] {
        said(&mut plaudit(&app, &arguments)).is(
            4,
            &[
                "error: the store in",
                "is damaged",
                "hint: restore it with `plaudit restore FILE` from a dump that you keep elsewhere, or move the folder away",
            ],
        );
    }
    fs::rename(&folder, folder.with_extension("away")).expect("moved");
    said(&mut plaudit(&app, &["enrich", "@somebody-example"])).is(0, &[]);
}

/// The URL of a port that nobody listens at.
fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    format!("http://{}", listener.local_addr().expect("an address"))
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_and_a_token_the_hours_budget_is_not_used_up_by_tries_in_vain() {
    let app = quiet_host().await;
    fs::write(app.folder.path().join("list.csv"), generated_list(40)).expect("written");
    let mut command = plaudit(&app, &["enrich", "--from", "list.csv", "--wait", "1s"]);
    let run = said(
        command
            .env("GITHUB_API_URL", closed_port())
            .env("GITHUB_GRAPHQL_URL", closed_port())
            .env_remove("GITHUB_TOKEN"),
    );
    run.is(
        1,
        &[
            "error: 127.0.0.1 cannot be reached after",
            "40 applicants kept in the queue; nothing is lost",
            "hint: check the network",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_it_soon_says_so_and_keeps_the_applicants() {
    let app = TestApp::start(World::generated(120, 3), Behaviour::default(), &[]).await;
    fs::write(app.folder.path().join("list.csv"), generated_list(120)).expect("written");
    let url = closed_port();
    let mut command = plaudit(&app, &["enrich", "--quiet", "--from", "list.csv"]);
    command
        .env("GITHUB_API_URL", &url)
        .env("GITHUB_GRAPHQL_URL", format!("{url}/graphql"));
    let began = Instant::now();
    let run = said(&mut command);
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    run.is(
        1,
        &[
            "error: 127.0.0.1 cannot be reached after 6 tries: no connection",
            "120 applicants kept in the queue; nothing is lost",
            "hint: check the network (a proxy is read from HTTPS_PROXY)",
        ],
    );
    assert_eq!(run.out, "");
    let doctor = said(
        plaudit(&app, &["doctor"])
            .env("GITHUB_API_URL", &url)
            .env("GITHUB_GRAPHQL_URL", format!("{url}/graphql")),
    );
    assert_eq!(doctor.code, Some(1), "{}{}", doctor.out, doctor.err);
    assert_eq!(queued(&app).await, 120);
    said(&mut plaudit(&app, &["enrich"])).is(0, &["120 applicants in"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_token_is_told_by_its_last_four_characters_and_the_next_takes_over() {
    let app = quiet_host().await;
    let bad = "ghp_madeUpAndWrong0000000000000000w7Xq";
    let run =
        said(plaudit(&app, &["enrich", "@nobody-example", "--quiet"]).env("GITHUB_TOKEN", bad));
    run.is(
        1,
        &[
            "error: 127.0.0.1 refuses every token (…w7Xq)",
            "1 applicant kept in the queue; nothing is lost",
            "hint: put a valid token into GITHUB_TOKEN, check it with `plaudit doctor`",
        ],
    );
    said(&mut plaudit(&app, &["show", "@nobody-example"]))
        .is(1, &["has no profile yet", "hint: `plaudit enrich` goes on"]);
    let both = format!("{bad},{DEMO_TOKEN}");
    let run = said(plaudit(&app, &["enrich"]).env("GITHUB_TOKEN", &both));
    run.is(
        0,
        &["1 applicant in", "warning: GitHub refused the token …w7Xq"],
    );
    let doctor = said(plaudit(&app, &["doctor"]).env("GITHUB_TOKEN", &both));
    assert!(doctor.out.contains("…w7Xq: refused"), "{}", doctor.out);
    assert_eq!(doctor.code, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_revoked_half_way_leaves_the_work_to_the_next_or_to_a_person() {
    for count in [2, 1] {
        let (accounts, joined) = tokens(count);
        let behaviour = Behaviour {
            tokens: accounts,
            one_time: vec![(6, Fault::TokenRevoked)],
            latency: Duration::from_millis(5),
            ..Behaviour::default()
        };
        let app = TestApp::start(World::generated(40, 3), behaviour, &[]).await;
        fs::write(app.folder.path().join("list.csv"), generated_list(40)).expect("written");
        let mut command = plaudit(&app, &["enrich", "--from", "list.csv"]);
        command
            .env("GITHUB_TOKEN", &joined)
            .env("PLAUDIT_GITHUB__IN_FLIGHT", "2");
        let run = said(&mut command);
        if count == 2 {
            run.is(
                0,
                &["40 applicants in", "warning: GitHub refused the token …000"],
            );
            assert_eq!(queued(&app).await, 0);
        } else {
            run.is(
                1,
                &[
                    "error: 127.0.0.1 refuses every token (…0000)",
                    "kept in the queue; nothing is lost",
                    "hint: put a valid token",
                ],
            );
            let left = queued(&app).await;
            assert!(
                left > 0 && run.err.contains(&format!("{left} applicant")),
                "{}",
                run.err
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_limit_ends_the_run_with_the_time_and_a_short_one_is_waited_for() {
    let limits = [
        Fault::PrimaryLimit,
        Fault::PrimaryLimitNewer,
        Fault::SecondaryLimit,
        Fault::SecondaryLimitOk,
        Fault::SecondaryLimitTooMany,
        Fault::SecondaryLimitSilent,
    ];
    for limit in limits {
        let behaviour = Behaviour {
            faults: vec![(limit, 1.0)],
            wait: Duration::from_mins(30),
            ..Behaviour::default()
        };
        let app = TestApp::start(World::generated(3, 1), behaviour, &[]).await;
        let mut command = plaudit(&app, &["enrich", "@nobody-example", "--wait", "1s"]);
        command
            .env("PLAUDIT_HTTP__INLINE_WAIT", "500ms")
            .env("PLAUDIT_GITHUB__SECONDARY_WAIT", "5s");
        let began = Instant::now();
        let run = said(&mut command);
        run.is(
            1,
            &[
                "1 applicant kept in the queue until 20",
                "127.0.0.1 asks us to wait (",
                "`--wait 1h`",
            ],
        );
        assert!(began.elapsed() < Duration::from_secs(10), "{limit:?}");
        assert_eq!(
            app.stand_in.report().sent_while_told_to_wait,
            0,
            "{limit:?}"
        );
        said(&mut plaudit(&app, &["show", "@nobody-example"]))
            .is(1, &["has no profile yet: 127.0.0.1 asks us to wait until"]);
        assert_eq!(waiting(&app).await.deferred, 1);

        let behaviour = Behaviour {
            one_time: vec![(1, limit)],
            ..Behaviour::default()
        };
        let app = TestApp::start(World::generated(3, 1), behaviour, &[]).await;
        let mut command = plaudit(&app, &["enrich", "@nobody-example", "--wait", "20s"]);
        command.env("PLAUDIT_HTTP__INLINE_WAIT", "500ms");
        said(&mut command).is(0, &["1 applicant in"]);
        assert_eq!(
            app.stand_in.report().sent_while_told_to_wait,
            0,
            "{limit:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_a_host_asked_for_binds_the_next_run_too() {
    for (limit, token) in [
        (Fault::PrimaryLimit, DEMO_TOKEN),
        (Fault::PrimaryLimitNewer, DEMO_TOKEN),
        (Fault::SecondaryLimitOk, DEMO_TOKEN),
        (Fault::SecondaryLimitTooMany, ""),
        (Fault::PrimaryLimit, ""),
    ] {
        let behaviour = Behaviour {
            faults: vec![(limit, 1.0)],
            wait: Duration::from_mins(30),
            ..Behaviour::default()
        };
        let app = TestApp::start(World::generated(3, 1), behaviour, &[]).await;
        for applicant in ["@nobody-1-example", "@nobody-2-example"] {
            let mut command = plaudit(&app, &["enrich", applicant, "--wait", "1s"]);
            let run = said(command.env("GITHUB_TOKEN", token));
            run.is(
                1,
                &["kept in the queue until 20", "127.0.0.1 asks us to wait ("],
            );
        }
        assert_eq!(app.stand_in.report().requests, 1, "{limit:?}");
        // Another account was told nothing.
        let other = if token.is_empty() { DEMO_TOKEN } else { "" };
        let mut command = plaudit(&app, &["enrich", "@nobody-3-example", "--wait", "1s"]);
        said(command.env("GITHUB_TOKEN", other)).is(1, &[]);
        assert_eq!(app.stand_in.report().requests, 2, "{limit:?}");
        assert_eq!(
            app.stand_in.report().sent_while_told_to_wait,
            0,
            "{limit:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_whose_every_answer_is_useless_ends_in_profiles_that_say_why() {
    let cases = [
        (Fault::Cut, "the answer was cut off"),
        (Fault::CutChunked, "the answer was cut off"),
        (Fault::Html, "a web page in place of JSON"),
        (Fault::EmptyBody, "an empty answer"),
        (Fault::HugeBody, "an answer of more than 4194304 bytes"),
        (Fault::EndlessBody, "the answer took too long"),
        (Fault::ConnectionClosed, "the connection broke"),
        (Fault::ServerError, "HTTP 500"),
        (
            Fault::SomethingWentWrong,
            "GitHub says that something went wrong",
        ),
        (Fault::BadGateway, "GitHub could not answer in time"),
        (Fault::GatewayTimeout, "GitHub could not answer in time"),
    ];
    let good = quiet_host().await;
    for (fault, why) in cases {
        let behaviour = Behaviour {
            faults: vec![(fault, 1.0)],
            ..Behaviour::default()
        };
        let app = TestApp::start(World::generated(3, 1), behaviour, &[]).await;
        let list = "id,github\na,@nobody-1-example\nb,@nobody-2-example\n";
        fs::write(app.folder.path().join("list.csv"), list).expect("written");
        let mut command = plaudit(&app, &["enrich", "--from", "list.csv", "--format", "json"]);
        command
            .env("PLAUDIT_HTTP__TRIES", "2")
            .env("PLAUDIT_WORKER__ATTEMPTS", "2")
            .env("PLAUDIT_HTTP__MAX_BODY_BYTES", "4194304")
            .env("PLAUDIT_GITHUB__REQUEST_TIMEOUT", "1s");
        let began = Instant::now();
        let run = said(&mut command);
        assert!(began.elapsed() < Duration::from_secs(30), "{fault:?}");
        run.is(
            1,
            &["warning: for 2 applicants a source failed; `plaudit show ID` says why"],
        );
        let profiles: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
        assert_eq!(profiles.as_array().map(Vec::len), Some(2));
        let shown = said(&mut plaudit(&app, &["show", "a"]));
        assert_eq!(shown.code, Some(1), "{fault:?}");
        assert!(shown.out.contains(why), "{fault:?}: {}", shown.out);
        // The same list again, once the host is well.
        let url = good.stand_in.url();
        let mut command = plaudit(&app, &["enrich", "--from", "list.csv"]);
        command
            .env("GITHUB_API_URL", &url)
            .env("GITHUB_GRAPHQL_URL", format!("{url}/graphql"));
        said(&mut command).is(0, &["2 applicants accepted"]);
    }
}

fn spawn(command: &mut Command) -> Child {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_is_no_failure_and_stops_no_work() {
    let app = quiet_host().await;
    fs::write(app.folder.path().join("list.csv"), demo_list()).expect("written");
    let demo = TestApp::start(World::demo(), Behaviour::default(), &[]).await;
    let url = demo.stand_in.url();
    // Both readers gone, while the crawl has hardly begun.
    let mut command = plaudit(&app, &["enrich", "--from", "list.csv", "--format", "json"]);
    command
        .env("GITHUB_API_URL", &url)
        .env("GITHUB_GRAPHQL_URL", format!("{url}/graphql"));
    let mut child = spawn(&mut command);
    drop((child.stdout.take(), child.stderr.take()));
    let status = tokio::task::block_in_place(|| child.wait()).expect("its end");
    assert_eq!(status.code(), Some(0));
    assert_eq!(queued(&app).await, 0);
    for arguments in [
        vec!["rank"],
        vec!["rank", "--format", "json"],
        vec!["show", "a-13", "--explain"],
        vec!["config"],
        vec!["schema"],
        vec!["man"],
        vec!["completions", "bash"],
        vec!["doctor", "--offline"],
    ] {
        let mut child = spawn(&mut plaudit(&app, &arguments));
        drop(child.stdout.take());
        let output = tokio::task::block_in_place(|| child.wait_with_output()).expect("its end");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}

/// No character that a terminal obeys or that hides or turns text.
#[track_caller]
fn assert_visible(text: &str) {
    let hidden = text.chars().find(|one| *one != '\n' && is_invisible(*one));
    assert_eq!(hidden, None);
}

#[track_caller]
fn assert_csv(text: &str) -> usize {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut rows = 0;
    for row in reader.records() {
        for cell in &row.expect("as many cells as above") {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell}"
            );
        }
        rows += 1;
    }
    rows
}

/// No tag that a browser would obey: each `<` is escaped, or opens the URL of a link.
#[track_caller]
fn assert_markdown(text: &str) {
    for (place, _) in text.match_indices('<') {
        let (before, after) = text.split_at(place);
        assert!(
            before.ends_with('\\') || after.starts_with("<https://"),
            "{}",
            after.chars().take(60).collect::<String>()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_parses_and_strangers_texts_are_inert_in_it() {
    let app = TestApp::start(World::demo(), Behaviour::default(), &[]).await;
    fs::write(app.folder.path().join("list.csv"), demo_list()).expect("written");
    let first = said(&mut plaudit(
        &app,
        &["enrich", "--from", "list.csv", "--format", "json"],
    ));
    // One row of the list names a bot.
    first.is(1, &["is a bot or an app, not a person"]);
    let count = serde_json::from_str::<serde_json::Value>(&first.out).expect("JSON");
    let count = count.as_array().expect("a ranking").len();
    assert_visible(&first.err);
    let commands = [
        vec!["rank"],
        vec!["show", "a-21"],
        vec!["show", "a-21", "--explain"],
        vec!["show", "a-13", "--explain"],
        vec!["config"],
        vec!["doctor", "--offline"],
        vec!["enrich", "--from", "list.csv"],
        vec!["enrich", "--from", "list.csv", "--dry-run"],
    ];
    for arguments in commands {
        for format in ["text", "json", "jsonl", "csv", "markdown"] {
            let run = said(plaudit(&app, &arguments).args(["--format", format]));
            let refused = arguments == ["enrich", "--from", "list.csv"];
            assert_eq!(
                run.code,
                Some(i32::from(refused)),
                "{arguments:?} {format}: {}",
                run.err
            );
            assert!(!run.out.is_empty(), "{arguments:?} {format}");
            assert_visible(&run.out);
            match format {
                "json" => {
                    serde_json::from_str::<serde_json::Value>(&run.out).expect("JSON");
                }
                "jsonl" => {
                    for line in run.out.lines() {
                        serde_json::from_str::<serde_json::Value>(line).expect("JSON");
                    }
                    if arguments == ["rank"] {
                        assert_eq!(run.out.lines().count(), count);
                    }
                }
                "csv" => {
                    let rows = assert_csv(&run.out);
                    if arguments == ["rank"] {
                        assert_eq!(rows, count + 1);
                    }
                }
                "markdown" => assert_markdown(&run.out),
                _ => assert!(!run.out.contains('\u{1b}')),
            }
        }
    }
    // The hostile one is among them, so that the checks above had something to find.
    assert!(first.out.contains("calc"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ranking_of_nobody_is_still_json() {
    let behaviour = Behaviour {
        faults: vec![(Fault::PrimaryLimit, 1.0)],
        wait: Duration::from_mins(30),
        ..Behaviour::default()
    };
    let app = TestApp::start(World::generated(3, 1), behaviour, &[]).await;
    let run = said(&mut plaudit(
        &app,
        &[
            "enrich",
            "@nobody-example",
            "--format",
            "json",
            "--wait",
            "1s",
        ],
    ));
    assert_eq!(run.is(1, &[]).out.trim(), "[]");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applicant_is_found_by_id_by_login_and_by_link() {
    let app = quiet_host().await;
    let list = "id,name,github,kaggle\n\
        a-1,Ada,https://github.com/Nobody-1-Example,\n\
        a-2,Ben,https://github.com/twin-example,\n\
        a-3,Cy,,https://www.kaggle.com/twin-example\n";
    fs::write(app.folder.path().join("list.csv"), list).expect("written");
    said(&mut plaudit(&app, &["enrich", "--from", "list.csv"])).is(0, &[]);
    for text in [
        "a-1",
        "nobody-1-example",
        "Nobody-1-Example",
        "@nobody-1-example",
        "github.com/nobody-1-example",
        "https://github.com/nobody-1-example/",
    ] {
        let run = said(&mut plaudit(&app, &["show", text]));
        assert!(
            run.is(0, &[]).out.starts_with("a-1  Ada\n"),
            "{text}: {}",
            run.out
        );
    }
    said(&mut plaudit(&app, &["show", "twin-example"])).is(
        2,
        &[
            "error: \"twin-example\" may be a-2 or a-3",
            "hint: give the id",
        ],
    );
    for text in ["a-9", "gitlab.com/x", "\u{1b}[31m"] {
        let run = said(&mut plaudit(&app, &["show", text]));
        run.is(
            2,
            &[
                "error: there is no applicant",
                "hint: `plaudit rank` lists the ids",
            ],
        );
        assert_visible(&run.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn results_go_to_the_file_and_a_failure_leaves_the_earlier_file_alone() {
    let app = quiet_host().await;
    said(&mut plaudit(
        &app,
        &["enrich", "@nobody-example", "--quiet"],
    ))
    .is(0, &[]);
    let path = app.folder.path().join("ranking.csv");
    let arguments = ["rank", "--format", "csv", "--output", "ranking.csv"];
    let run = said(&mut plaudit(&app, &arguments));
    assert_eq!((run.is(0, &[]).out.as_str(), run.err.as_str()), ("", ""));
    let whole = fs::read_to_string(&path).expect("written");
    assert_eq!(assert_csv(&whole), 2);
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    said(&mut plaudit(&app, &arguments)).is(4, &["is in use"]);
    store.close().await.expect("closed");
    assert_eq!(fs::read_to_string(&path).expect("there"), whole);
    let left: Vec<_> = names(app.folder.path());
    assert_eq!(left, ["data", "ranking.csv"]);
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_leaves_results_and_errors_and_colours_are_for_those_who_want_them() {
    let app = quiet_host().await;
    fs::write(
        app.folder.path().join("list.csv"),
        "github\n@nobody-1-example\ngitlab.com/x\n",
    )
    .expect("written");
    let loud = said(&mut plaudit(&app, &["enrich", "--from", "list.csv"]));
    assert!(!loud.err.is_empty());
    let quiet = said(&mut plaudit(
        &app,
        &["enrich", "--from", "list.csv", "--quiet"],
    ));
    // The row because of which it ends with 1, and nothing else.
    quiet.is(1, &["line 3: github: plaudit does not read GitLab"]);
    assert_eq!(quiet.err.lines().count(), 1, "{}", quiet.err);
    assert_eq!(quiet.out, loud.out);
    said(&mut plaudit(&app, &["show", "nobody", "--quiet"])).is(2, &["error:", "hint:"]);

    let plain = said(&mut plaudit(&app, &["rank"]));
    assert!(!plain.out.contains('\u{1b}'));
    let always = said(&mut plaudit(&app, &["rank", "--color", "always"]));
    assert!(always.out.contains('\u{1b}'));
    let no_color = said(plaudit(&app, &["rank"]).env("NO_COLOR", "1"));
    assert_eq!(no_color.out, plain.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_asks_nothing_and_keeps_nothing() {
    let app = quiet_host().await;
    fs::write(app.folder.path().join("list.csv"), generated_list(200)).expect("written");
    for token in [DEMO_TOKEN, ""] {
        let mut command = plaudit(
            &app,
            &[
                "enrich",
                "--from",
                "list.csv",
                "--dry-run",
                "--format",
                "json",
            ],
        );
        let run = said(command.env("GITHUB_TOKEN", token));
        run.is(0, &["nothing was asked and nothing was kept"]);
        let rows: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
        assert_eq!(rows[0]["applicants"], 200);
        assert!(
            rows[0]["requests"].as_u64().expect("a whole number") > 0,
            "{rows}"
        );
    }
    assert_eq!(app.stand_in.report().requests, 0);
    assert_eq!(names(app.folder.path()), ["list.csv"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_an_hour_that_is_used_up_is_told_with_the_way_out() {
    let app = TestApp::start(World::demo(), Behaviour::default(), &[]).await;
    fs::write(app.folder.path().join("list.csv"), demo_list()).expect("written");
    let mut command = plaudit(&app, &["enrich", "--from", "list.csv", "--wait", "1s"]);
    command.env_remove("GITHUB_TOKEN");
    // A shorter hour than GitHub's: its searches, ten a minute, would take two minutes to use that up.
    command.env("PLAUDIT_GITHUB__REQUESTS_PER_HOUR_WITHOUT_TOKEN", "8");
    let run = said(&mut command);
    run.is(
        1,
        &[
            "note: without a token GitHub answers 60 requests an hour",
            "hint: put a token without any scope into GITHUB_TOKEN",
            "kept in the queue until 20",
            "hint: `plaudit enrich` goes on; `--wait 1h`",
        ],
    );
    assert_eq!(app.stand_in.report().sent_while_told_to_wait, 0);
    let left = queued(&app).await;
    assert!(left > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_enough_for_an_applicant_that_was_seen_without_one() {
    let app = TestApp::start(World::demo(), Behaviour::default(), &[]).await;
    let arguments = ["enrich", "@ada-lindqvist-example"];
    said(plaudit(&app, &arguments).env_remove("GITHUB_TOKEN")).is(0, &["note: without a token"]);
    said(&mut plaudit(&app, &arguments)).is(0, &["1 applicant accepted"]);
}
