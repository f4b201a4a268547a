//! Hostile texts through every door: the API, the pages' forms, lists, queries, headers, rubrics and the command line. What
//! comes in is refused or made harmless, so that every answer, every later output and the log are inert.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use plaudit::api::access::tokens;
use plaudit::commands::session;
use plaudit::domain::access::AccessRole;
use plaudit::standin::{Behaviour, World};
use reqwest::header::HeaderValue;
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::inert;
use super::texts::{MARK, TEXTS, everything_at_length};
use crate::app::{ROLE, TestApp, said};
use crate::serve::{Serving, client, until};

/// A running program, its log in a file, and a token.
struct House {
    app: TestApp,
    serving: Serving,
    token: SecretString,
    http: reqwest::Client,
}

impl House {
    async fn open(form: &str) -> Self {
        let app = TestApp::start(World::generated(2, 1), Behaviour::default(), &[]).await;
        let (store, _) = session::open_store(&app.config).await.expect("a store");
        let (now, role) = (Timestamp::now(), AccessRole::Admin);
        let end = now + SignedDuration::from_hours(1);
        let made = tokens::make(&store, "a test", role, now, end).await;
        let token = made.expect("a token").secret;
        store.close().await.expect("closed");
        let program = app.program();
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "exec \"$0\" \"$@\" 2>log"])
            .arg(program.get_program())
            .env_clear()
            .current_dir(app.folder.path());
        shell.envs(
            program
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        shell
            .env("PATH", "/usr/bin:/bin")
            .env("PLAUDIT_LOG", "trace")
            .env("PLAUDIT_LOG__FORMAT", form)
            .env("PLAUDIT_REFRESH__KAGGLE", "false")
            .env("PLAUDIT_SERVE__REQUESTS_PER_MINUTE", "100000000")
            .env("PLAUDIT_SERVE__SIGN_INS_PER_MINUTE", "10000");
        let serving = Serving::of(&mut shell);
        Self {
            app,
            serving,
            token,
            http: client(),
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method, format!("{}{path}", self.serving.url));
        request.bearer_auth(self.token.expose_secret())
    }

    /// Sends, and holds whatever is answered to be inert; the status.
    async fn send(&self, what: &str, request: RequestBuilder) -> u16 {
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        assert!(status < 500, "{what}: {status}");
        for (name, value) in answer.headers() {
            let value = String::from_utf8_lossy(value.as_bytes());
            assert!(!name.as_str().contains(MARK), "{what}: {name}");
            assert!(
                !value.contains(['\r', '\n', '\u{1b}']),
                "{what}: {name}: {value}"
            );
        }
        let kind = answer.headers().get("content-type");
        let kind = kind
            .map_or("", |kind| kind.to_str().expect("text"))
            .to_owned();
        if kind.starts_with("text/event-stream") {
            return status;
        }
        let body = answer.bytes().await.expect("a body").to_vec();
        let body = String::from_utf8(body).expect("UTF-8");
        if kind.contains("json") {
            inert::json(what, &body);
        } else if kind.starts_with("text/html") {
            inert::page(what, &body);
        } else if kind.starts_with("text/markdown") {
            inert::markdown(what, &body);
        } else if kind.starts_with("text/csv") {
            inert::csv(what, &body);
        }
        status
    }

    async fn post(&self, what: &str, path: &str, body: &Value) -> u16 {
        self.send(what, self.request(Method::POST, path).json(body))
            .await
    }
}

/// A text within an address.
fn quoted(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// What of a text a header can hold.
fn header(text: &str) -> HeaderValue {
    let bytes: Vec<u8> = text
        .bytes()
        .filter(|byte| *byte >= b' ' && *byte != 0x7f)
        .collect();
    HeaderValue::from_bytes(&bytes).expect("no control characters")
}

/// Each text in each field of an applicant.
async fn as_applicants(house: &House, tries: &str, text: &str, taken: &mut usize) {
    for field in [
        "id",
        "name",
        "email",
        "github",
        "kaggle",
        "orcid",
        "homepage",
        "links",
        "role",
        "applied_at",
        "legal_basis",
        text,
    ] {
        let value = if field == "links" {
            json!([text])
        } else {
            json!(text)
        };
        let mut body = json!({"id": "named", "github": "https://github.com/nobody-1-example"});
        body[field] = value;
        let what = format!("{tries} as {field:?}");
        *taken += usize::from(house.post(&what, "/api/v1/applicants", &body).await == 202);
    }
}

/// Each text in each cell of a list, in each form of lists, and as the list itself.
async fn as_lists(house: &House, number: usize, tries: &str, text: &str, taken: &mut usize) {
    let link = "https://github.com/nobody-2-example";
    let cell = format!("\"{}\"", text.replace('"', "\"\""));
    let named = format!("listed-{number:02}");
    let csv = format!(
        "id,name,github,legal_basis,{cell}\n{named},{cell},{link},{cell},{cell}\n{cell},x,{link},,\nx-{number},x,{cell},,\n"
    );
    let line = json!({"id": named, "name": text, "github": link, "legal_basis": text, text: text});
    for (kind, list) in [
        ("text/csv", csv),
        ("application/x-ndjson", format!("{line}\n")),
        ("text/plain", text.to_owned()),
        ("text/csv", text.to_owned()),
        ("application/x-ndjson", text.to_owned()),
    ] {
        let path = format!("/api/v1/imports?role={ROLE}");
        let request = house
            .request(Method::POST, &path)
            .header("content-type", kind)
            .body(list);
        let what = format!("{tries} in a list of {kind}");
        *taken += usize::from(house.send(&what, request).await == 202);
    }
    let file: String = text
        .chars()
        .filter(|one| !"\r\n\"".contains(*one))
        .collect();
    let form = format!(
        "--x\r\ncontent-disposition: form-data; name=\"list\"; filename=\"{file}\"\r\n\r\ngithub\n{link}\n\r\n--x\r\n\
         content-disposition: form-data; name=\"role\"\r\n\r\n{text}\r\n--x--\r\n"
    );
    let request = house.request(Method::POST, "/api/v1/imports");
    let request = request
        .header("content-type", "multipart/form-data; boundary=x")
        .body(form);
    house.send(&format!("{tries} in a form"), request).await;
}

/// Each text wherever people write something down.
async fn as_reviews(house: &House, tries: &str, text: &str, taken: &mut usize) {
    let about = "/api/v1/applicants/named";
    for (path, body) in [
        ("notes", json!({"text": text})),
        ("adjustments", json!({"points": "1", "reason": text})),
        ("adjustments", json!({"points": text, "reason": "x"})),
        (
            "evidence",
            json!({"kind": "publication", "amount": 1, "url": "https://doi.org/10.1000/182", "reason": text, "date": "2025-03-01"}),
        ),
        (
            "evidence",
            json!({"kind": "publication", "amount": 1, "url": text, "reason": "x", "date": "2025-03-01"}),
        ),
        (
            "evidence",
            json!({"kind": text, "amount": 1, "url": "https://doi.org/10.1000/183", "reason": "x", "date": "2025-03-01"}),
        ),
        ("1/withdraw", json!({"reason": text})),
    ] {
        let what = format!("{tries} in {path}");
        let status = house
            .post(&what, &format!("{about}/review/{path}"), &body)
            .await;
        *taken += usize::from(status < 300);
    }
    let end = Timestamp::now() + SignedDuration::from_hours(1);
    let token = json!({"name": text, "role": "viewer", "expires_at": end.to_string()});
    *taken += usize::from(
        house
            .post(&format!("{tries} for a token"), "/api/v1/tokens", &token)
            .await
            == 201,
    );
    let webhook = json!({"url": text});
    house
        .post(
            &format!("{tries} for a webhook"),
            "/api/v1/webhooks",
            &webhook,
        )
        .await;
    let webhook = json!({"url": format!("https://ats.example.org/{text}"), "events": []});
    house
        .post(
            &format!("{tries} behind a webhook"),
            "/api/v1/webhooks",
            &webhook,
        )
        .await;
}

/// Each text in addresses and headers.
async fn as_questions(house: &House, tries: &str, text: &str) {
    let text_in = quoted(text);
    for path in [
        "/api/v1/applicants/{}",
        "/api/v1/jobs/{}",
        "/api/v1/jobs/{}/events",
        "/api/v1/imports/{}",
        "/api/v1/applicants?cursor={}",
        "/api/v1/applicants?role={}",
        "/api/v1/applicants?{}=x",
        "/api/v1/applicants/named/snapshots/{}",
        "/api/v1/roles/{}/ranking",
        "/api/v1/roles/{}/export",
        "/api/v1/roles/doctoral-dl-radiology/ranking?q={}",
        "/api/v1/roles/doctoral-dl-radiology/ranking?what_if={}",
        "/api/v1/roles/doctoral-dl-radiology/ranking?sort={}",
        "/api/v1/roles/doctoral-dl-radiology/export?format={}",
        "/roles/{}",
        "/roles/doctoral-dl-radiology?q={}",
        "/roles/doctoral-dl-radiology?max_kaggle={}",
        "/applicants/{}",
        "/applicants/named?done={}",
        "/applicants/{}/history",
        "/compare?id={}&id=named",
        "/imports/{}",
        "/sign-in?next={}",
        "/sign-in?next=/{}",
        "/assets/{}",
        "/api/v1/docs/{}",
        "/{}",
    ] {
        let path = path.replace("{}", &text_in);
        house
            .send(
                &format!("{tries} in {path}"),
                house.request(Method::GET, &path),
            )
            .await;
    }
    for name in [
        "accept",
        "accept-encoding",
        "cookie",
        "idempotency-key",
        "if-none-match",
        "last-event-id",
        "origin",
        "referer",
        "user-agent",
        "x-forwarded-for",
        "x-request-id",
        "content-type",
    ] {
        let request = house
            .request(Method::GET, "/api/v1/applicants/named")
            .header(name, header(text));
        house
            .send(&format!("{tries} in the header {name}"), request)
            .await;
        let body = json!({"github": "https://github.com/nobody-1-example"}).to_string();
        let request = house
            .request(Method::POST, "/api/v1/applicants")
            .header(name, header(text))
            .body(body);
        house
            .send(&format!("{tries} in the header {name} of a post"), request)
            .await;
    }
    let form = format!("token={text_in}&next={text_in}");
    let request = house
        .http
        .post(format!("{}/sign-in", house.serving.url))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(form);
    house.send(&format!("{tries} to sign in"), request).await;
}

/// Bytes that are no text.
async fn no_texts(house: &House) {
    for (what, body) in [
        (
            "half a pair",
            &br#"{"name":"\ud800","github":"https://github.com/a-example"}"#[..],
        ),
        (
            "the other half",
            br#"{"name":"\udc00x","github":"https://github.com/a-example"}"#,
        ),
        (
            "no UTF-8",
            b"{\"name\":\"\xff\xfe\",\"github\":\"https://github.com/a-example\"}",
        ),
        (
            "overlong",
            b"{\"name\":\"\xc0\xaf\",\"github\":\"https://github.com/a-example\"}",
        ),
        (
            "half a pair in UTF-8",
            b"{\"name\":\"\xed\xa0\x80\",\"github\":\"https://github.com/a-example\"}",
        ),
    ] {
        let request = house.request(Method::POST, "/api/v1/applicants");
        let request = request
            .header("content-type", "application/json")
            .body(body);
        assert_eq!(house.send(what, request).await, 400, "{what}");
        let list = [
            b"name,github\n",
            body,
            b",https://github.com/nobody-1-example\n",
        ]
        .concat();
        let request = house
            .request(Method::POST, "/api/v1/imports")
            .header("content-type", "text/csv");
        house.send(what, request.body(list)).await;
    }
}

/// Whatever was taken, in every answer that shows it.
async fn is_inert_later(house: &House) {
    let mut paths = vec![
        "/".to_owned(),
        "/settings".to_owned(),
        "/refresh".to_owned(),
        "/metrics".to_owned(),
        format!("/roles/{ROLE}"),
        "/applicants/named".to_owned(),
        "/applicants/named/history".to_owned(),
        "/api/v1/applicants?limit=200".to_owned(),
        "/api/v1/applicants/named".to_owned(),
        "/api/v1/applicants/named/review".to_owned(),
        "/api/v1/imports?limit=200".to_owned(),
        "/api/v1/tokens".to_owned(),
        "/api/v1/webhooks".to_owned(),
        format!("/api/v1/roles/{ROLE}/ranking?limit=200"),
    ];
    for format in ["csv", "json", "markdown", "html"] {
        paths.push(format!("/api/v1/roles/{ROLE}/export?format={format}"));
    }
    for path in &paths {
        let status = house.send(path, house.request(Method::GET, path)).await;
        assert_eq!(status, 200, "{path}");
    }
    let metrics = house
        .request(Method::GET, "/metrics")
        .send()
        .await
        .expect("an answer");
    let metrics = metrics.text().await.expect("text");
    assert!(
        !metrics.contains(MARK) && !metrics.contains("evil"),
        "a stranger's text is a label"
    );
}

/// The same from the command line, beside the server.
fn beside(house: &House) {
    let some = TEXTS.iter().filter(|(_, text)| !text.contains('\0'));
    for (tries, text) in some.step_by(3) {
        // Whoever names a file may break its name over lines.
        let file: &str = &text.replace(['\n', '\r'], "");
        for arguments in [
            vec!["note", "named", "--text", text, "--by", text],
            vec!["show", text],
            vec!["show", "named", "--snapshot", text],
            vec!["rank", "--role", text],
            vec![
                "token",
                "create",
                "--name",
                text,
                "--role",
                "viewer",
                "--expires",
                "1h",
            ],
            vec!["webhook", "remove", text],
            vec!["role", "new", text],
            vec!["role", "check", file],
            vec!["enrich", "--from", file],
            vec!["--data-dir", file, "show", "x"],
            vec!["--config", file, "config"],
        ] {
            let run = said(house.app.program().args(&arguments));
            inert::text(&format!("{tries}: {arguments:?}"), &run.err);
            inert::text(&format!("{tries}: {arguments:?}"), &run.out);
        }
    }
}

async fn through_every_door(form: &str) {
    let house = House::open(form).await;
    let named = json!({"id": "named", "name": "Ada Example", "github": "https://github.com/nobody-1-example"});
    assert_eq!(
        house.post("somebody", "/api/v1/applicants", &named).await,
        202
    );
    let profiled = async || {
        let request = house.request(Method::GET, "/api/v1/applicants/named");
        request.send().await.expect("an answer").status().as_u16() == 200
    };
    until("a profile", profiled).await;
    let long = everything_at_length();
    let (mut taken, mut asked) = (0, 0);
    for (number, (tries, text)) in TEXTS.into_iter().chain([("all of it", &*long)]).enumerate() {
        as_applicants(&house, tries, text, &mut taken).await;
        as_lists(&house, number, tries, text, &mut taken).await;
        as_reviews(&house, tries, text, &mut taken).await;
        if text.len() < 1_000 {
            as_questions(&house, tries, text).await;
        }
        asked += 1;
    }
    no_texts(&house).await;
    // Some of it was taken, so that there is something to look at.
    println!("{taken} texts taken through the doors");
    assert!(taken > 4 * asked, "{taken} of {asked}");
    is_inert_later(&house).await;
    beside(&house);
    let log = house.app.folder.path().join("log");
    let House { serving, app, .. } = house;
    serving.end();
    let log = fs::read_to_string(log).expect("UTF-8");
    assert!(log.contains("hyper"), "the libraries below are not heard");
    inert::text(&format!("the log as {form}"), &log);
    if form == "json" {
        for line in log.lines() {
            inert::json("the log", line);
        }
    }
    drop(app);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_through_the_doors_comes_alive_nowhere_and_forges_no_line_of_the_log() {
    through_every_door("text").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_through_the_doors_forges_no_object_of_the_log() {
    through_every_door("json").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rubric_with_hostile_texts_is_refused_or_harmless() {
    let app = TestApp::start(World::generated(1, 1), Behaviour::default(), &[]).await;
    let new = [
        "role",
        "new",
        "mine",
        "--like",
        ROLE,
        "--output",
        "mine.toml",
    ];
    said(app.program().args(new)).is(0, &[]);
    let folder = app.folder.path();
    let rubric = fs::read_to_string(folder.join("mine.toml")).expect("written");
    let titles: Vec<&str> = rubric
        .lines()
        .filter(|line| line.starts_with("title = ") || line.starts_with("look_for = "))
        .collect();
    assert!(!titles.is_empty(), "{rubric}");
    for (tries, text) in TEXTS {
        let mut escaped = String::new();
        for one in text.chars() {
            let _ = write!(escaped, "\\U{:08X}", u32::from(one));
        }
        for line in titles.iter().take(1) {
            let key = line.split(" = ").next().expect("a key");
            for written in [
                format!("{key} = \"{escaped}\""),
                format!("{key} = \"{text}\""),
                format!("{text} = 1"),
            ] {
                fs::write(folder.join("mine.toml"), rubric.replace(line, &written))
                    .expect("written");
                let run =
                    said(
                        app.program()
                            .args(["role", "check", "mine.toml", "--color", "always"]),
                    );
                assert!(
                    matches!(run.code, Some(0 | 3)),
                    "{tries}: {:?} {}",
                    run.code,
                    run.err
                );
                inert::coloured(tries, &run.out);
                inert::coloured(tries, &run.err);
            }
        }
    }
}
