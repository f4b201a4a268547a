//! `plaudit token` from outside, and where a secret must not be.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::*;

async fn app() -> TestApp {
    TestApp::start(World::demo(), Behaviour::default(), &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_listed_and_revoked_from_the_command_line() {
    let app = app().await;
    let run = |arguments: &[&str]| said(app.program().args(["token"]).args(arguments));

    run(&["list"]).is(2, &["nothing is kept in"]);

    let made = run(&[
        "create",
        "--name",
        "Dr Example",
        "--role",
        "recruiter",
        "--expires",
        "90d",
        "--format",
        "json",
    ]);
    made.is(0, &["shown this once"]);
    let row: Value = serde_json::from_str(&made.out).expect("JSON");
    let row = &row[0];
    let secret = row["token"].as_str().expect("a token");
    let id = row["id"].as_str().expect("an id");
    assert!(secret.starts_with("plaudit_"), "{secret}");
    assert!(
        !made.err.contains(secret),
        "the secret is on standard error"
    );
    assert_eq!(row["role"], "recruiter");

    let (store, _) = session::open_store(&app.config).await.expect("a store");
    let found = tokens::find(&store, &secret.into(), Timestamp::now()).await;
    assert_eq!(found.expect("readable").expect("valid").id, id);
    store.close().await.expect("closed");

    let text = run(&[
        "create",
        "--name",
        "ats",
        "--role",
        "viewer",
        "--expires",
        "1h",
    ]);
    text.is(0, &["shown this once"]);
    assert!(text.out.contains("plaudit_"), "{}", text.out);

    let listed = run(&["list"]);
    listed.is(0, &[]);
    assert!(listed.out.contains("Dr Example"), "{}", listed.out);
    assert!(listed.out.contains("valid"), "{}", listed.out);
    assert!(!listed.out.contains("plaudit_"), "{}", listed.out);

    // One digit is wrong.
    let last = if id.ends_with('0') { "1" } else { "0" };
    let near = format!("{}{last}", &id[..7]);
    let hint = format!("did you mean {id} (Dr Example)?");
    run(&["revoke", &near]).is(2, &["there is no token with the id", &hint]);
    run(&["revoke", "dr example"]).is(2, &[&hint]);
    run(&["revoke", "zzzzzzzzzzzzzzzz"]).is(2, &["hint: `plaudit token list` shows the ids"]);
    let given = run(&["revoke", secret]);
    given.is(2, &["this is a token and not its id"]);
    assert!(!given.err.contains(secret), "{}", given.err);

    let revoked = run(&["revoke", id]);
    revoked.is(0, &[]);
    assert!(
        revoked.out.contains("(Dr Example) is revoked"),
        "{}",
        revoked.out
    );
    run(&["revoke", id]).is(0, &["it was revoked before"]);
    let listed = run(&["list", "--format", "csv"]);
    assert!(listed.out.contains(",recruiter,revoked,"), "{}", listed.out);
    let revoked = run(&["revoke", id, "--format", "json"]);
    let row: Value = serde_json::from_str(&revoked.out).expect("JSON");
    assert_eq!(row[0]["id"], id);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_token_is_refused_with_a_hint() {
    let app = app().await;
    for (name, expires, words) in [
        ("", "90d", ["the name is empty", "hint: say whose it is"]),
        (
            "\u{202e}",
            "90d",
            ["the name is empty", "hint: say whose it is"],
        ),
        (&"x".repeat(81), "90d", ["the name is too long", "1 to 80"]),
        ("a", "59s", ["end too soon", "--expires 90d"]),
        ("a", "1099d", ["end too late", "--expires 90d"]),
    ] {
        let mut command = app.program();
        command.args([
            "token",
            "create",
            "--role",
            "admin",
            "--name",
            name,
            "--expires",
            expires,
        ]);
        said(&mut command).is(2, &words);
    }
}

/// Where a log is written to.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("a log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("readable");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

// One thread, so that the log of this test is this test's.
#[tokio::test]
async fn secrets_are_neither_in_the_store_nor_in_the_log() {
    let log = Log::default();
    let writer = log.clone();
    let everything = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _here = tracing::subscriber::set_default(everything);

    let app = app().await;
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    let server = Server::over(store, &app.config).await;
    let doors = layer(stand_ins(), Arc::clone(&server.service));
    let holder = credentials::holder(&server.store, AccessRole::Admin).await;
    let secret = holder.secret.expose_secret();
    let filled = format!("token={secret}");
    let answer = ask(&doors, form("/sign-in", &filled, &[])).await;
    let cookie = header_of(answer.headers(), "set-cookie").to_owned();
    let pair = cookie.split(';').next().expect("a cookie");
    let session = pair.split_once('=').expect("a value").1;
    let wrong = ask(
        &doors,
        form("/sign-in", "token=plaudit_mistypedSecret", &[]),
    )
    .await;
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    for shown in [
        ("authorization", holder.bearer()),
        ("authorization", "Bearer plaudit_mistypedSecret".to_owned()),
        ("cookie", pair.to_owned()),
    ] {
        get(&doors, "/", &[(shown.0, &shown.1)]).await;
    }
    credentials::revoke(&server.store, &holder).await;

    let mut kept = Vec::new();
    for shelf in [Shelf::Tokens, Shelf::Sessions] {
        kept.extend(records(&server, shelf).await);
    }
    assert!(!kept.is_empty());
    let kept = format!("{kept:?}");
    let log = String::from_utf8(log.0.lock().expect("a log").clone()).expect("UTF-8");
    assert!(
        log.contains("somebody signed in"),
        "nothing was logged: {log}"
    );
    for secret in [secret, session, "mistypedSecret"] {
        assert!(!kept.contains(secret), "in a record: {kept}");
        assert!(!log.contains(secret), "in the log: {log}");
    }
    assert!(
        !log.contains(&holder.token.name),
        "a name is in the log: {log}"
    );
    let digest = tokens::digest(secret);
    let mut found_digest = false;
    for path in files(&app.config.data_dir) {
        let bytes = fs::read(&path).expect("readable");
        let holds = |text: &str| {
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        };
        for secret in [secret, session] {
            assert!(!holds(secret), "a secret is in {}", path.display());
        }
        found_digest |= holds(&digest);
    }
    // Keys are not compressed: this proves that a secret would have been found.
    assert!(found_digest, "the look into the files sees nothing");
}
