//! What must be nowhere: tokens, and what is on a page but none of our business.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use clap::ValueEnum;
use plaudit::commands::session;
use plaudit::config::Config;
use plaudit::report::Format;
use plaudit::sources::github::queries;
use plaudit::standin::kaggle::{
    KaggleBehaviour, KaggleFault, KaggleWorld, NEVER_KEPT, PageShape, RequestKind,
};
use plaudit::standin::{Behaviour, Fault, TokenAccount, World, demo_list};

use crate::app::TestApp;

/// A token that no other text resembles.
const TOKEN: &str = "ghp_madeUpSecretQxZvKwJy0123456789ab7Q4Z";
/// One that no host knows.
const WRONG: &str = "ghp_madeUpSecretWrongQxZvKwJy0123457R5Y";
/// What both contain, and the last four characters, which may be told, do not.
const SECRET: &str = "SecretQxZvKwJy";
const SECRET_OF_WRONG: &str = "SecretWrongQxZvKwJy";

/// Everything that a run said and left behind.
#[derive(Default)]
struct Traces(Vec<(String, Vec<u8>)>);

impl Traces {
    fn add(&mut self, place: &str, bytes: Vec<u8>) {
        self.0.push((place.to_owned(), bytes));
    }

    fn run(&mut self, place: &str, command: &mut Command) {
        let output = tokio::task::block_in_place(|| command.output()).expect("the program");
        self.add(&format!("{place}: standard output"), output.stdout);
        self.add(&format!("{place}: standard error"), output.stderr);
    }

    /// The bytes of every file below `folder`.
    fn files(&mut self, folder: &Path) {
        for path in below(folder) {
            if path.is_file() {
                let bytes = fs::read(&path).expect("readable");
                self.add(&path.display().to_string(), bytes);
            }
        }
    }

    /// Every value of the store, which keeps them compressed.
    async fn values(&mut self, app: &TestApp) {
        self.values_of(&app.config).await;
    }

    async fn values_of(&mut self, config: &Config) {
        let (store, opening) = session::open_store(config).await.expect("a store");
        self.add("opening", format!("{opening:?}").into_bytes());
        let applicants = store.applicants().await.expect("readable");
        assert!(!applicants.is_empty(), "nothing was kept");
        for applicant in applicants {
            let snapshot = store.current(&applicant.id).await.expect("readable");
            let history = store.history(&applicant.id).await.expect("readable");
            let job = store.job(&applicant.id).await.expect("readable");
            let review = store.review(&applicant.id).await.expect("readable");
            let all = serde_json::json!([applicant, snapshot, history, job, review]);
            self.add(
                &format!("values of {}", applicant.id),
                all.to_string().into_bytes(),
            );
        }
        store.close().await.expect("closed");
    }

    /// Whether `text` stands anywhere, in any case.
    fn holds(&self, text: &str) -> bool {
        self.place_of(text).is_some()
    }

    fn place_of(&self, text: &str) -> Option<String> {
        let text = text.to_ascii_lowercase().into_bytes();
        self.0.iter().find_map(|(place, bytes)| {
            let bytes = bytes.to_ascii_lowercase();
            let at = bytes
                .windows(text.len())
                .position(|window| window == text)?;
            let around = &bytes[at.saturating_sub(200)..(at + 60).min(bytes.len())];
            Some(format!("{place}: {}", String::from_utf8_lossy(around)))
        })
    }

    #[track_caller]
    fn assert_without(&self, texts: &[&str]) {
        for text in texts {
            assert_eq!(self.place_of(text), None, "{text} must be nowhere");
        }
    }
}

fn below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = vec![folder.to_owned()];
    let mut next = 0;
    while let Some(path) = found.get(next).cloned() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("readable");
            found.extend(entries.map(|entry| entry.expect("an entry").path()));
        }
        next += 1;
    }
    found
}

fn behaviour(faults: &[Fault], probability: f64) -> Behaviour {
    Behaviour {
        faults: faults.iter().map(|fault| (*fault, probability)).collect(),
        seed: 5,
        tokens: vec![TokenAccount {
            token: TOKEN.to_owned(),
            account: "operator-example".to_owned(),
            points_per_hour: 5_000,
        }],
        latency: Duration::from_millis(1),
        ..Behaviour::default()
    }
}

/// The first rows of the demo's list.
fn list(rows: usize) -> String {
    let list = demo_list();
    let rows: Vec<_> = list.lines().take(rows + 1).collect();
    rows.join("\n") + "\n"
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_nowhere_in_output_logs_errors_and_store() {
    let every: Vec<Fault> = Fault::ALL
        .into_iter()
        .filter(|fault| !matches!(fault, Fault::HugeBody | Fault::EndlessBody))
        .collect();
    let revoked = Behaviour {
        one_time: vec![(3, Fault::TokenRevoked)],
        ..behaviour(&[], 0.0)
    };
    let both = format!("{WRONG},{TOKEN}");
    let cases = [
        ("all well", behaviour(&[], 0.0), TOKEN),
        ("faults of every kind", behaviour(&every, 0.02), &both),
        (
            "every connection breaks",
            behaviour(&[Fault::ConnectionClosed], 1.0),
            TOKEN,
        ),
        ("a wrong token", behaviour(&[], 0.0), WRONG),
        ("a token revoked on the way", revoked, TOKEN),
    ];
    for (case, behaviour, token) in cases {
        let app = TestApp::start(World::demo(), behaviour, &[]).await;
        fs::write(app.folder.path().join("list.csv"), list(8)).expect("written");
        let program = |arguments: &[&str], format: &str| {
            let mut command = app.program();
            command
                .args(arguments)
                .env("GITHUB_TOKEN", token)
                .env("PLAUDIT_LOG__FORMAT", format)
                .env("PLAUDIT_HTTP__TRIES", "3")
                .env("PLAUDIT_WORKER__ATTEMPTS", "2")
                .env("PLAUDIT_WORKER__PATIENCE", "5s");
            command
        };
        let mut traces = Traces::default();
        let enrich = ["enrich", "--from", "list.csv", "--refetch"];
        traces.run(
            "enrich",
            program(&enrich, "text").env("PLAUDIT_LOG", "trace"),
        );
        // Silence could not hold a token: the libraries below are heard.
        for library in ["hyper", "plaudit"] {
            assert!(traces.holds(library), "{case}: {library} says nothing");
        }
        traces.run(
            "enrich, JSON logs",
            program(&enrich, "json").env("PLAUDIT_LOG", "trace"),
        );
        assert!(traces.holds("\"level\":\"TRACE\""), "{case}");
        traces.run("enrich -vvv", program(&enrich, "text").arg("-vvv"));
        traces.run(
            "doctor",
            program(&["doctor"], "text").env("PLAUDIT_LOG", "trace"),
        );
        traces.run(
            "doctor, JSON",
            program(&["doctor", "--format", "json"], "json").env("PLAUDIT_LOG", "trace"),
        );
        for format in ["text", "json", "jsonl", "csv", "markdown"] {
            traces.run(
                "config",
                program(&["config", "--format", format], "text").env("PLAUDIT_LOG", "trace"),
            );
        }
        traces.run(
            "rank",
            program(&["rank", "--format", "json"], "text").env("PLAUDIT_LOG", "trace"),
        );
        // The mask is there, so the token was.
        assert!(traces.holds(&token[token.len() - 4..]), "{case}");
        traces.files(app.folder.path());
        traces.values(&app).await;
        traces.assert_without(&[SECRET, SECRET_OF_WRONG, "Bearer ghp", "Bearer Z2hw"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_the_wrong_place_is_refused_without_being_repeated() {
    let app = TestApp::start(World::generated(1, 1), Behaviour::default(), &[]).await;
    let folder = app.folder.path();
    let mut traces = Traces::default();
    for (name, text) in [
        ("key.toml", format!("[github]\ntoken = \"{TOKEN}\"\n")),
        ("tokens.toml", format!("github.tokens = [\"{TOKEN}\"]\n")),
        ("broken.toml", format!("token = {TOKEN}\n")),
        ("value.toml", format!("[worker]\nworkers = \"{TOKEN}\"\n")),
    ] {
        fs::write(folder.join(name), text).expect("written");
        traces.run(name, app.program().args(["--config", name, "config"]));
    }
    for (name, value) in [
        ("PLAUDIT_GITHUB__TOKEN", TOKEN),
        ("PLAUDIT_GITHUB__TOKENS", TOKEN),
        ("GITHUB_TOKEN", &format!("{TOKEN} {TOKEN}")),
        ("GITHUB_TOKEN", &format!("{TOKEN}\n")),
        ("GITHUB_TOKEN", &format!("{TOKEN}é")),
    ] {
        traces.run(name, app.program().env(name, value).arg("config"));
    }
    let mut elsewhere = app.program();
    elsewhere
        .env("GITHUB_API_URL", "http://192.0.2.1")
        .env("GITHUB_GRAPHQL_URL", "http://192.0.2.1/graphql");
    traces.run(
        "in the clear",
        elsewhere
            .env("GITHUB_TOKEN", TOKEN)
            .args(["enrich", "@ada"]),
    );
    assert!(traces.holds("GITHUB_TOKEN"));
    traces.assert_without(&[SECRET]);
}

/// What the made-up GitHub says of everybody by REST, and may never be kept: the planted word of each.
const OF_AN_ACCOUNT: [&str; 13] = [
    "PLANTED-AVATAR",
    "PLANTED-BIO",
    "PLANTED-BLOG",
    "PLANTED-COMPANY",
    "PLANTED-COUNTRY",
    "PLANTED-EMAIL",
    "PLANTED-GENDER",
    "PLANTED-LOCATION",
    "PLANTED-PRONOUNS",
    "PLANTED-STREAK",
    "PLANTED-ACCEPTANCE",
    "\"followers\":7654321",
    "avatars.githubusercontent.com",
];

/// Others whom GitHub names: they merged, and are numbers.
const MERGERS: [&str; 5] = [
    "maintainer-of-all-example",
    "merger-3-example",
    "friend-of-quentin-example",
    "third-on-the-rota-example",
    "landing-machine-example",
];

/// That the made-up GitHub really says what the test then looks for.
async fn assert_planted(app: &TestApp) {
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let url = app.stand_in.url();
    let user = client.get(format!("{url}/users/ada-lindqvist-example"));
    let said = user
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    for word in OF_AN_ACCOUNT {
        assert!(said.contains(word), "{word} is not said: {said}");
    }
    let ask = async |query: &str, variables: serde_json::Value| {
        let body = serde_json::json!({"query": query, "variables": variables});
        let request = client.post(format!("{url}/graphql")).bearer_auth(TOKEN);
        let answer = request.json(&body).send().await.expect("an answer");
        answer.text().await.expect("text")
    };
    let id = |login: &str| {
        let account = app.world.account_by_login(login).expect("an account");
        app.world.account_node_id(account)
    };
    let mut said = String::new();
    for login in [
        "ada",
        "lena-landau",
        "quentin-moreau",
        "qadir-aziz",
        "sven-aalto",
    ] {
        let login = if login == "ada" {
            "ada-lindqvist"
        } else {
            login
        };
        let variables = serde_json::json!({"loginA0": format!("{login}-example")});
        said += &ask(queries::CORE, variables).await;
    }
    for word in MERGERS.into_iter().chain(["PLANTED-SOCIAL"]) {
        assert!(said.contains(word), "{word} is not said");
    }
    let variables = serde_json::json!({"idA0": id("bruno-takeda-example")});
    let said = ask(queries::CODE, variables).await;
    for word in [
        "PLANTED-BIO",
        "PLANTED-GIST-TEXT",
        "PLANTED-GIST-DESCRIPTION",
    ] {
        assert!(said.contains(word), "{word} is not said: {said}");
    }
    // Nobody asks who starred; whoever did would be told.
    let asking = queries::STARS.replace("node { createdAt", "node { login createdAt");
    let own = app
        .world
        .repository_by_name("ada-lindqvist-example/joint-space");
    let own = own.expect("a repository").node_id();
    let said = ask(&asking, serde_json::json!({"ids": [own]})).await;
    assert!(said.contains("PLANTED-STARGAZER"), "{said}");
}

/// A file that the product wrote, with the cells of a workbook beside it, which are compressed.
fn written(path: &Path) -> Vec<u8> {
    use calamine::Reader as _;
    let mut bytes = fs::read(path).expect("written");
    if !bytes.starts_with(b"PK") {
        return bytes;
    }
    let mut workbook = calamine::open_workbook_auto(path).expect("a workbook");
    for (name, sheet) in workbook.worksheets() {
        bytes.extend(name.bytes());
        for cell in sheet.rows().flatten() {
            bytes.extend(format!("\n{cell}").bytes());
        }
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_none_of_our_business_is_neither_kept_nor_told() {
    for token in [TOKEN, ""] {
        let app = TestApp::start(World::demo(), behaviour(&[], 0.0), &[]).await;
        // Without a token the hour allows a few.
        let rows = if token.is_empty() { 8 } else { 100 };
        fs::write(app.folder.path().join("list.csv"), list(rows)).expect("written");
        let mut traces = Traces::default();
        let formats: Vec<String> = Format::value_variants()
            .iter()
            .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
            .collect();
        assert!(formats.len() >= 5, "{formats:?}");
        for format in &formats {
            let enrich = ["enrich", "--from", "list.csv", "--wait", "1s"];
            for arguments in [&enrich[..], &["show", "a-01"], &["rank"]] {
                let name = format!("{}.{format}", arguments[0]);
                let mut command = app.program();
                command
                    .args(arguments)
                    .args(["--format", format, "--output", &name])
                    .env("GITHUB_TOKEN", token)
                    .env("PLAUDIT_LOG", "trace");
                traces.run(&name, &mut command);
                let bytes = written(&app.folder.path().join(&name));
                let told = String::from_utf8_lossy(&bytes).contains("a-01");
                assert!(told, "{name} tells of nobody");
                traces.add(&name, bytes);
            }
        }
        let shown = ["show", "a-01", "--explain"];
        traces.run(
            "show",
            app.program().args(shown).env("PLAUDIT_LOG", "trace"),
        );
        assert!(traces.holds("Ada Lindqvist"), "nothing was shown");
        assert!(app.stand_in.report().requests > 5);
        if token.is_empty() {
            assert!(
                app.stand_in.report().rest_requests > 5,
                "the host that plants was not asked"
            );
        }
        traces.files(&app.config.data_dir);
        traces.values(&app).await;
        traces.assert_without(&["PLANTED", "7654321", "avatars.githubusercontent.com"]);
        traces.assert_without(&["Bones, joints and gradients", "social.example"]);
        traces.assert_without(&MERGERS);
        assert_planted(&app).await;
    }
}

/// A code is out in the demo, so there bios and gists are read.
#[tokio::test(flavor = "multi_thread")]
async fn the_demo_keeps_nothing_that_is_none_of_its_business() {
    let app = TestApp::start(World::demo(), behaviour(&[], 0.0), &[]).await;
    let mut traces = Traces::default();
    let demo = ["demo", "--no-progress", "--format", "json"];
    traces.run("demo", app.program().args(demo).env("PLAUDIT_LOG", "trace"));
    let folder = app.folder.path().join("data/demo");
    let data_dir = folder.to_str().expect("UTF-8");
    traces.run(
        "show",
        app.program().args(["--data-dir", data_dir, "show", "a-02"]),
    );
    assert!(traces.holds("bruno-takeda-example"), "nothing was shown");
    let pages = app.folder.path().join("reports");
    let report = ["--data-dir", data_dir, "report", "--output", "reports"];
    traces.run("report", app.program().args(report));
    assert!(pages.join("applicants/a-02.html").exists());
    let workbook = written(&pages.join("ranking.xlsx"));
    traces.add("ranking.xlsx", workbook);
    traces.files(&pages);
    traces.files(&folder);
    let mut config = app.config.clone();
    config.data_dir = folder;
    traces.values_of(&config).await;
    traces.assert_without(&[
        "PLANTED",
        "7654321",
        "For an application",
        "Notes on shards",
    ]);
    traces.assert_without(&MERGERS);
}

/// Kaggle's credentials, and what the made-up Kaggle puts where plaudit has no business.
#[tokio::test(flavor = "multi_thread")]
async fn of_kaggle_neither_credentials_nor_what_is_none_of_our_business_is_kept_or_told() {
    const GOOD: &str = "KGAT_madeUpSecretQxZvKwJy01237Q4Z";
    let unusable: Vec<_> = (1..4)
        .map(|number| (RequestKind::Profile, number, KaggleFault::ServerError))
        .collect();
    let (key, wrong) = (("KAGGLE_USERNAME", "operator"), ("KAGGLE_KEY", WRONG));
    for (case, shape, faults, credentials) in [
        (
            "a token",
            PageShape::State,
            Vec::new(),
            vec![("KAGGLE_API_TOKEN", GOOD)],
        ),
        (
            "a wrong token",
            PageShape::State,
            Vec::new(),
            vec![("KAGGLE_API_TOKEN", WRONG)],
        ),
        (
            "a wrong key, and pages",
            PageShape::State,
            unusable.clone(),
            vec![key, wrong],
        ),
        (
            "nothing, and pages of today",
            PageShape::Shell,
            unusable,
            Vec::new(),
        ),
    ] {
        let kaggle = KaggleBehaviour {
            tokens: vec![GOOD.to_owned()],
            page: shape,
            one_time: faults,
            ..KaggleBehaviour::default()
        };
        let kaggle = (KaggleWorld::demo(), kaggle);
        let app =
            TestApp::start_with_kaggle(World::demo(), Behaviour::default(), kaggle, &[]).await;
        fs::write(app.folder.path().join("list.csv"), demo_list()).expect("written");
        let program = |arguments: &[&str]| {
            let mut command = app.program();
            command
                .args(arguments)
                .envs(credentials.iter().copied())
                .env("PLAUDIT_KAGGLE__LIVE", "always")
                .env("PLAUDIT_KAGGLE__PAGE", "true")
                .env("PLAUDIT_HTTP__TRIES", "1")
                .env("PLAUDIT_LOG", "trace");
            command
        };
        let mut traces = Traces::default();
        traces.run("enrich", &mut program(&["enrich", "--from", "list.csv"]));
        traces.run("import", &mut program(&["kaggle", "import"]));
        traces.run("status", &mut program(&["kaggle", "status"]));
        traces.run(
            "again",
            &mut program(&["enrich", "--from", "list.csv", "--refetch"]),
        );
        for format in ["text", "json", "csv", "markdown"] {
            traces.run("show", &mut program(&["show", "a-12", "--format", format]));
        }
        traces.run(
            "doctor",
            &mut program(&["doctor", "--kaggle-name", "lenalandau"]),
        );
        traces.run("config", &mut program(&["config"]));
        let report = app.kaggle.report();
        assert!(report.count(RequestKind::Profile) > 10, "{case}");
        let pages = report.count(RequestKind::Page);
        assert_eq!(pages > 0, case.contains("pages"), "{case}: {pages} pages");
        assert_eq!(
            report.arrivals.iter().any(|one| one.with_credential),
            !credentials.is_empty(),
            "{case}"
        );
        traces.files(&app.config.data_dir);
        traces.values(&app).await;
        assert!(traces.holds("lenalandau"), "{case}: nothing was kept");
        traces.assert_without(&[NEVER_KEPT, SECRET, SECRET_OF_WRONG, "Bearer", "Basic b3"]);
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let app = TestApp::start(World::demo(), Behaviour::default(), &[]).await;
    let loose = |command: &mut Command| {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "umask 022; exec \"$0\" \"$@\""])
            .arg(command.get_program());
        shell
            .args(command.get_args())
            .env_clear()
            .current_dir(app.folder.path());
        shell.envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        let output = tokio::task::block_in_place(|| shell.output()).expect("the program");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    // A folder that plaudit makes, the demo's, and one that others may read already.
    loose(app.program().args(["enrich", "@ada-lindqvist-example"]));
    loose(
        app.program()
            .args(["demo", "--no-progress", "--output", "ranking.txt"]),
    );
    let shared = app.folder.path().join("shared");
    fs::create_dir(&shared).expect("made");
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o755)).expect("set");
    loose(
        app.program()
            .args(["--data-dir", "shared", "enrich", "@ada-lindqvist-example"]),
    );
    let mut files = 0;
    for path in below(&app.config.data_dir).iter().chain(&below(&shared)) {
        assert_eq!(mode(path) & 0o077, 0, "{}", path.display());
        files += usize::from(path.is_file());
    }
    assert!(files > 6, "{files}");
    assert_eq!(mode(&app.folder.path().join("ranking.txt")), 0o600);
    // What is about nobody is for everybody.
    loose(app.program().args(["schema", "--output", "schema.json"]));
    assert_eq!(mode(&app.folder.path().join("schema.json")), 0o644);
}
