//! Slow, big and crooked: what a client may send to the running program, and what it then answers to others.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use plaudit::api::access::tokens;
use plaudit::commands::session;
use plaudit::domain::access::AccessRole;
use plaudit::standin::{Behaviour, World};
use secrecy::{ExposeSecret, SecretString};

use crate::app::{TestApp, installed, said};
use crate::serve::{Serving, client};
use crate::webhooks::{Receiver, fine};

/// How long an answer may take. Far longer than it does.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running program that gives a request two seconds, and a token.
struct House {
    serving: Serving,
    token: SecretString,
    _app: TestApp,
}

impl House {
    async fn open() -> Self {
        Self::with(&[]).await
    }

    /// With settings of its own.
    async fn with(more: &[(&str, &str)]) -> Self {
        let app = TestApp::start(World::generated(1, 1), Behaviour::default(), &[]).await;
        let (store, _) = session::open_store(&app.config).await.expect("a store");
        let (now, role) = (Timestamp::now(), AccessRole::Admin);
        let end = now + SignedDuration::from_hours(1);
        let made = tokens::make(&store, "a test", role, now, end).await;
        let token = made.expect("a token").secret;
        store.close().await.expect("closed");
        let mut settings = vec![
            ("PLAUDIT_SERVE__REQUEST_TIMEOUT", "2s"),
            ("PLAUDIT_SERVE__MAX_BODY_BYTES", "8388608"),
            ("PLAUDIT_SERVE__REQUESTS_PER_MINUTE", "1000000"),
            ("PLAUDIT_LOG", "off"),
        ];
        settings.extend(more);
        let serving = Serving::start(&app, &settings);
        Self {
            serving,
            token,
            _app: app,
        }
    }

    fn address(&self) -> &str {
        self.serving
            .url
            .strip_prefix("http://")
            .expect("an address")
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        stream
    }

    /// Sends bytes, and reads until the server closes.
    fn all_of(&self, sent: &[u8]) -> String {
        let mut stream = self.connect();
        // A server that has refused already takes no more.
        let _ = stream.write_all(sent);
        let mut read = Vec::new();
        let _ = stream.read_to_end(&mut read);
        String::from_utf8_lossy(&read).into_owned()
    }

    /// A request's beginning, with the token.
    fn head(&self, line: &str, headers: &str) -> String {
        let token = self.token.expose_secret();
        format!(
            "{line} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n{headers}",
            self.address()
        )
    }

    /// That it goes on answering.
    async fn lives(&self, after: &str) {
        let request = client().get(format!("{}/api/v1/applicants", self.serving.url));
        let answer = request.bearer_auth(self.token.expose_secret()).send().await;
        let status = answer
            .unwrap_or_else(|error| panic!("after {after}: {error}"))
            .status();
        assert_eq!(status.as_u16(), 200, "after {after}");
    }

    async fn post(&self, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> u16 {
        let request = client().post(format!("{}{path}", self.serving.url));
        let request = request
            .bearer_auth(self.token.expose_secret())
            .header("content-type", kind);
        let answer = request.body(body).send().await.expect("an answer");
        let status = answer.status().as_u16();
        assert!(
            answer.text().await.expect("a text").len() < 1 << 20,
            "a long answer"
        );
        status
    }
}

/// The status of each answer in what a connection gave.
fn statuses(read: &str) -> Vec<&str> {
    read.match_indices("HTTP/1.1 ")
        .map(|(at, _)| &read[at + 9..at + 12])
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_arrives_too_slowly_is_a_408_and_the_connection_ends() {
    let house = House::open().await;
    for headers in ["Content-Length: 100000", "Transfer-Encoding: chunked"] {
        for (path, kind) in [
            ("/api/v1/applicants", "application/json"),
            ("/api/v1/imports", "text/csv"),
            ("/api/v1/imports", "multipart/form-data; boundary=x"),
        ] {
            let head = house.head(
                &format!("POST {path}"),
                &format!("Content-Type: {kind}\r\n{headers}\r\n\r\n"),
            );
            // As long as a chunk that does not end, either way.
            let read = house.all_of(format!("{head}fff\r\nid,").as_bytes());
            assert_eq!(statuses(&read), ["408"], "{path} {kind} {headers}: {read}");
            assert!(read.contains("/problems/slow-request"), "{read}");
            assert!(read.to_lowercase().contains("connection: close"), "{read}");
        }
    }
    house.lives("slow bodies").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_send_a_body_is_refused_before_it_is_read() {
    let house = House::open().await;
    let read = house.all_of(
        format!("POST /api/v1/imports HTTP/1.1\r\nHost: {}\r\nContent-Type: text/csv\r\nContent-Length: 8000000\r\n\r\nid,", house.address())
            .as_bytes(),
    );
    assert_eq!(statuses(&read), ["401"], "{read}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_end_two_readers_would_see_in_two_places_is_refused() {
    let house = House::open().await;
    let hidden = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", house.address());
    for (what, headers, body) in [
        (
            "two lengths",
            "Content-Length: 3\r\nContent-Length: 5\r\n",
            "abc",
        ),
        ("two lengths in one", "Content-Length: 3, 5\r\n", "abc"),
        ("a length with a sign", "Content-Length: +3\r\n", "abc"),
        ("a length in hexadecimal", "Content-Length: 0x3\r\n", "abc"),
        ("no length", "Content-Length: abc\r\n", "abc"),
        (
            "an endless length",
            "Content-Length: 99999999999999999999\r\n",
            "abc",
        ),
        (
            "chunks that are not the last coding",
            "Transfer-Encoding: chunked, gzip\r\n",
            "0\r\n\r\n",
        ),
        (
            "a coding that nobody knows",
            "Transfer-Encoding: xchunked\r\n",
            "0\r\n\r\n",
        ),
        (
            "a blank before the colon",
            "Transfer-Encoding : chunked\r\n",
            "0\r\n\r\n",
        ),
        ("a header over two lines", "X-Long: a\r\n b\r\n", ""),
        ("a header without a name", ": x\r\n", ""),
        ("a header with a zero", "X-Zero: a\0b\r\n", ""),
        (
            "a header with a carriage return alone",
            "X-Return: a\rb\r\n",
            "",
        ),
        (
            "a chunk whose length is none",
            "Transfer-Encoding: chunked\r\n",
            "xyz\r\n",
        ),
        (
            "a chunk whose length does not end",
            "Transfer-Encoding: chunked\r\n",
            "fffffffffffffffffffff\r\n",
        ),
    ] {
        let head = house.head(
            "POST /api/v1/applicants",
            "Content-Type: application/json\r\n",
        );
        let read = house.all_of(format!("{head}{headers}\r\n{body}{hidden}").as_bytes());
        let all = statuses(&read);
        assert!(all.is_empty() || all == ["400"], "{what}: {read}");
    }
    // A length beside chunks: the chunks count, as the standard says, and a proxy that counts otherwise is at fault. What
    // follows them is the next request, and no part of this one.
    let head = house.head(
        "POST /api/v1/applicants",
        "Content-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    let read = house.all_of(format!("{head}2\r\n{{}}\r\n0\r\n\r\n").as_bytes());
    let all = statuses(&read);
    assert!(all == ["422"] || all == ["400"] || all.is_empty(), "{read}");
    house.lives("crooked requests").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_and_long_headers_long_addresses_and_no_http_are_refused_and_the_next_is_answered() {
    let house = House::open().await;
    let mut many = String::new();
    for number in 0..1_000 {
        let _ = writeln!(many, "X-{number}: x\r");
    }
    let long = "x".repeat(100_000);
    for (what, sent) in [
        (
            "many headers",
            house.head("GET /api/v1/applicants", &format!("{many}\r\n")),
        ),
        (
            "a long header",
            house.head("GET /api/v1/applicants", &format!("X-Long: {long}\r\n\r\n")),
        ),
        (
            "a long address",
            house.head(&format!("GET /api/v1/applicants?q={long}"), "\r\n"),
        ),
        ("a long method", house.head(&format!("{long} /"), "\r\n")),
        ("no HTTP", "\u{16}\u{3}\u{1}\0\0".to_owned()),
        (
            "another protocol",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        ),
        (
            "no host",
            "GET /api/v1/applicants HTTP/1.1\r\n\r\n".to_owned(),
        ),
        (
            "another host",
            "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".to_owned(),
        ),
        (
            "an address in full",
            "GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                .to_owned(),
        ),
        (
            "a tunnel",
            "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                .to_owned(),
        ),
    ] {
        let read = house.all_of(sent.as_bytes());
        let all = statuses(&read);
        let refused = all.iter().all(|status| status.starts_with('4'));
        assert!(refused && all.len() <= 1, "{what}: {all:?}");
    }
    house.lives("long headers").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_one_behind_the_other_are_answered_each_in_turn() {
    let house = House::open().await;
    let one = house.head("GET /api/v1/jobs/nobody", "\r\n");
    let last = house.head("GET /api/v1/session", "Connection: close\r\n\r\n");
    let read = house.all_of(format!("{}{last}", one.repeat(200)).as_bytes());
    let all = statuses(&read);
    assert_eq!(all.len(), 201, "{all:?}");
    assert!(all[..200].iter().all(|status| *status == "404"), "{all:?}");
    assert_eq!(all[200], "200");
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_and_readers_who_do_not_read_keep_nobody_out() {
    let house = House::open().await;
    let idle: Vec<TcpStream> = (0..300).map(|_| house.connect()).collect();
    let greedy: Vec<TcpStream> = (0..50)
        .map(|_| {
            let mut stream = house.connect();
            let asks = house.head("GET /api/v1/openapi.json", "\r\n").repeat(20);
            stream.write_all(asks.as_bytes()).expect("sent");
            stream
        })
        .collect();
    house.lives("idle connections").await;
    drop((idle, greedy));
    house.lives("they went").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_long_is_refused_whether_it_says_so_or_not_and_none_is_unpacked() {
    let house = House::open().await;
    let long = vec![b' '; 9 << 20];
    assert_eq!(
        house
            .post("/api/v1/imports", "text/csv", long.clone())
            .await,
        413
    );
    let chunks = long
        .chunks(1 << 16)
        .map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()));
    let chunks: Vec<_> = chunks.collect();
    let untold = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
    assert_eq!(house.post("/api/v1/imports", "text/csv", untold).await, 413);
    assert_eq!(
        house
            .post(
                "/api/v1/applicants",
                "application/json",
                vec![b' '; 200 << 10]
            )
            .await,
        413
    );
    // A thousandfold of it, had it been unpacked.
    let bomb = zstd::encode_all(&vec![b' '; 64 << 20][..], 3).expect("packed");
    for coding in ["gzip", "br", "zstd", "deflate"] {
        let request = client().post(format!("{}/api/v1/applicants", house.serving.url));
        let request = request.bearer_auth(house.token.expose_secret());
        let request = request
            .header("content-type", "application/json")
            .header("content-encoding", coding);
        let answer = request.body(bomb.clone()).send().await.expect("an answer");
        let status = answer.status().as_u16();
        assert!(matches!(status, 400 | 413 | 415), "{coding}: {status}");
    }
    house.lives("long bodies").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_nested_or_repeated_without_end_overflows_nothing() {
    let house = House::open().await;
    let deep = 30_000;
    for (what, body) in [
        ("brackets", "[".repeat(deep)),
        ("braces", "{\"a\":".repeat(deep / 3)),
        (
            "an id of brackets",
            format!("{{\"id\":{}", "[".repeat(deep)),
        ),
        (
            "many keys",
            format!("{{{}\"github\":1}}", "\"a\":1,".repeat(8_000)),
        ),
        ("a long number", format!("{{\"id\":{}}}", "9".repeat(deep))),
        ("a long exponent", "{\"id\":1e999999999999}".to_owned()),
    ] {
        let status = house
            .post("/api/v1/applicants", "application/json", body)
            .await;
        assert!(matches!(status, 400 | 422), "{what}: {status}");
    }
    let many = 1_000_000;
    for (what, kind, list) in [
        (
            "brackets in a line",
            "application/x-ndjson",
            format!("{}\n", "[".repeat(many)),
        ),
        (
            "objects in a line",
            "application/x-ndjson",
            "{\"a\":".repeat(many),
        ),
        (
            "a key a million times",
            "application/x-ndjson",
            format!("{{{}\"github\":\"x\"}}\n", "\"a\":1,".repeat(many)),
        ),
        (
            "a million columns",
            "text/csv",
            format!("github{}\nx\n", ",a".repeat(many)),
        ),
        (
            "a million cells",
            "text/csv",
            format!("github\nx{}\n", ",a".repeat(many)),
        ),
        (
            "a million rows",
            "text/csv",
            format!("github\n{}", "\n".repeat(many)),
        ),
        (
            "a million quotes",
            "text/csv",
            format!("github\n{}", "\"".repeat(many)),
        ),
        (
            "a million links in a cell",
            "text/csv",
            format!("links\n{}\n", "a.example ".repeat(many / 2)),
        ),
    ] {
        let status = house.post("/api/v1/imports", kind, list).await;
        assert!(
            matches!(status, 202 | 400 | 422 | 408 | 503),
            "{what}: {status}"
        );
        house.lives(what).await;
    }
}

/// Answers everybody who asks with the same bytes.
fn host_that_answers(answer: Vec<u8>) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    // It ends with the tests' process.
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut asked = [0; 16_384];
            let _ = stream.read(&mut asked);
            let _ = stream.write_all(&answer);
        }
    });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_swells_when_it_is_unpacked_is_given_up_at_the_limit() {
    let Some(gzip) = installed(&["gzip"]) else {
        return;
    };
    let app = TestApp::start(World::generated(1, 1), Behaviour::default(), &[]).await;
    let zeros = app.folder.path().join("zeros");
    fs::File::create(&zeros)
        .expect("made")
        .set_len(256 << 20)
        .expect("a hole");
    let packed = Command::new(gzip)
        .arg("-c")
        .arg(&zeros)
        .output()
        .expect("packed")
        .stdout;
    assert!(packed.len() < 1 << 20, "{}", packed.len());
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        packed.len()
    );
    let url = host_that_answers([head.as_bytes(), &packed].concat());
    let mut command = app.program();
    command
        .args(["enrich", "@ada-lindqvist-example", "--wait", "1s", "-vvv"])
        .env("GITHUB_API_URL", &url)
        .env("GITHUB_GRAPHQL_URL", format!("{url}/graphql"))
        .env("PLAUDIT_HTTP__MAX_BODY_BYTES", "2097152")
        .env("PLAUDIT_HTTP__TRIES", "1")
        .env("PLAUDIT_WORKER__ATTEMPTS", "1");
    let run = said(&mut command);
    assert_eq!(run.code, Some(1), "{}", run.err);
    let told = format!("{}{}", run.out, run.err);
    assert!(
        told.contains("an answer of more than 2097152 bytes"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_rubrics_that_are_nested_without_end_are_refused_in_words() {
    let app = TestApp::start(World::generated(1, 1), Behaviour::default(), &[]).await;
    let deep = 100_000;
    for (what, text) in [
        ("lists", format!("a = {}", "[".repeat(deep))),
        ("tables", format!("a = {}", "{a=".repeat(deep))),
        ("a path of keys", format!("{}a = 1", "a.".repeat(deep))),
        ("a path of sections", format!("[{}a]", "a.".repeat(deep))),
        ("sections", "[[a]]\n".repeat(deep)),
        (
            "keys",
            (0..deep).fold(String::new(), |mut text, number| {
                let _ = writeln!(text, "k{number} = 1");
                text
            }),
        ),
        (
            "a long text",
            format!("name = \"{}\"", "x".repeat(10 * deep)),
        ),
    ] {
        fs::write(app.folder.path().join("deep.toml"), &text).expect("written");
        for arguments in [
            ["role", "check", "deep.toml"],
            ["--config", "deep.toml", "config"],
        ] {
            let run = said(app.program().args(arguments));
            // A number, and not the signal of a stack that was too small.
            assert_eq!(run.code, Some(3), "{what} {arguments:?}: {}", run.err);
            assert!(
                run.err.starts_with("error: ") && run.err.len() < 100_000,
                "{what}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_goes_by_no_proxy_which_would_look_its_name_up_in_our_place() {
    let proxy = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    proxy.set_nonblocking(true).expect("set");
    let address = format!("http://{}", proxy.local_addr().expect("an address"));
    let inbox = Receiver::start(fine).await;
    let mut settings = vec![("PLAUDIT_WEBHOOKS__ALLOW_PRIVATE", "true")];
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        settings.push((name, &address));
    }
    let house = House::with(&settings).await;
    let hook = serde_json::json!({"url": inbox.url}).to_string();
    let kind = "application/json";
    assert_eq!(house.post("/api/v1/webhooks", kind, hook).await, 201);
    // Nobody needs to be asked about this one.
    let person = serde_json::json!({"id": "ada", "homepage": "https://ada.example.org/"});
    let taken = house
        .post("/api/v1/applicants", kind, person.to_string())
        .await;
    assert_eq!(taken, 202);
    inbox.have(1).await;
    let asked = proxy.accept().map(|_| ()).map_err(|error| error.kind());
    assert_eq!(
        asked,
        Err(std::io::ErrorKind::WouldBlock),
        "the proxy was asked"
    );
}
