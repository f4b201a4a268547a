//! Tokens and sessions: what somebody learns who has none, and when they end.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use plaudit::api::access::table::{Needs, ROUTES};
use plaudit::api::access::{sessions, tokens};
use plaudit::commands::session;
use plaudit::domain::access::{AccessRole, ApiToken};
use plaudit::standin::{Behaviour, World};
use plaudit::store::{Lane, Shelf, Store};
use reqwest::{Method, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::app::{ROLE, TestApp};
use crate::server::Server;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A session that is not over before the test is.
const LONG: Duration = Duration::from_mins(30);

/// How long something may take to be told.
const PATIENCE: Duration = Duration::from_mins(1);

async fn server() -> (TestApp, Server) {
    let settings = [
        ("PLAUDIT_SERVE__SIGN_INS_PER_MINUTE", "10000"),
        ("PLAUDIT_SERVE__REQUESTS_PER_MINUTE", "1000000"),
    ];
    let app = TestApp::start(World::generated(1, 1), Behaviour::default(), &settings).await;
    let (store, _) = session::open_store(&app.config).await.expect("a store");
    let server = Server::over(store, &app.config).await;
    (app, server)
}

async fn made(store: &Store, role: AccessRole, at: Timestamp) -> (ApiToken, SecretString) {
    let made = tokens::make(store, "somebody", role, at, at + HOUR).await;
    let made = made.expect("a token");
    (made.token, made.secret)
}

/// Everything that an answer says, but for when.
async fn said(answer: Response) -> String {
    let mut headers = answer.headers().clone();
    headers.remove("date");
    let status = answer.status();
    format!(
        "{status} {headers:?} {}",
        answer.text().await.expect("a text")
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_malformed_revoked_and_expired_tokens_are_refused_in_the_same_words() {
    let (_app, server) = server().await;
    let store = &server.store;
    let now = Timestamp::now();
    let (_, valid) = made(store, AccessRole::Admin, now).await;
    let (revoked, of_revoked) = made(store, AccessRole::Admin, now).await;
    let ended = tokens::revoke(store, &revoked.id, now).await;
    assert!(ended.expect("a store").is_some());
    let (_, expired) = made(store, AccessRole::Admin, now - HOUR - HOUR).await;
    let valid = valid.expose_secret().to_owned();
    let (all_but_one, last) = valid.split_at(valid.len() - 1);
    let other = if last == "A" { "B" } else { "A" };
    let answers = [
        ("revoked", of_revoked.expose_secret().to_owned()),
        ("expired", expired.expose_secret().to_owned()),
        ("none", String::new()),
        ("no token", "x".to_owned()),
        ("a long one", "x".repeat(10_000)),
        ("all but the last character", all_but_one.to_owned()),
        ("another last character", format!("{all_but_one}{other}")),
        ("one more character", format!("{valid}A")),
        ("in other letters", valid.to_uppercase()),
        ("its digest", tokens::digest(&valid)),
    ];
    for path in ["/api/v1/session", "/api/v1/tokens", "/metrics"] {
        let stranger = server.stranger();
        let without = said(
            stranger
                .request(Method::GET, path)
                .send()
                .await
                .expect("an answer"),
        )
        .await;
        assert!(without.starts_with("401"), "{without}");
        for (what, shown) in &answers {
            let request = stranger.request(Method::GET, path).bearer_auth(shown);
            let told = said(request.send().await.expect("an answer")).await;
            assert_eq!(told, without, "{what} at {path}");
        }
    }
    for (what, shown) in &answers {
        let request = stranger_signs_in(&server, shown, None);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 401, "{what}");
        let page = answer.text().await.expect("a text");
        assert!(
            page.contains("it is mistyped, expired or revoked"),
            "{what}: {page}"
        );
    }
    // What is kept and looked up by is the digest, so that how long a look takes tells nothing of a secret.
    let kept: Vec<(String, ApiToken)> = store
        .records(Shelf::Tokens, None, usize::MAX)
        .await
        .expect("readable");
    let name = tokens::digest(&valid);
    assert!(kept.iter().any(|(known, _)| *known == name));
    assert!(!serde_json::to_string(&kept).expect("JSON").contains(&valid));
}

fn stranger_signs_in(
    server: &Server,
    token: &str,
    cookie: Option<&str>,
) -> reqwest::RequestBuilder {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("token", token)
        .finish();
    let request = server.stranger().request(Method::POST, "/sign-in");
    let request = request
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(body);
    match cookie {
        Some(cookie) => request.header("cookie", cookie),
        None => request,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_that_somebody_else_has_set_is_no_session_after_signing_in() {
    let (_app, server) = server().await;
    let (_, secret) = made(&server.store, AccessRole::Admin, Timestamp::now()).await;
    let planted = "plaudit_session=planted-by-somebody-else-and-known-to-them0";
    let answer = stranger_signs_in(&server, secret.expose_secret(), Some(planted))
        .send()
        .await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status().as_u16(), 303);
    let cookie = answer.headers()["set-cookie"]
        .to_str()
        .expect("text")
        .to_owned();
    assert!(!cookie.contains("planted"), "{cookie}");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    let ask = |cookie: String| {
        let request = server.stranger().request(Method::GET, "/api/v1/session");
        request.header("cookie", cookie).send()
    };
    let stranger = ask(planted.to_owned()).await.expect("an answer");
    assert_eq!(stranger.status().as_u16(), 401);
    let (own, _) = cookie.split_once(';').expect("attributes");
    assert_eq!(
        ask(own.to_owned())
            .await
            .expect("an answer")
            .status()
            .as_u16(),
        200
    );
    // Nor one that comes beside it under the same name.
    let both = ask(format!("{planted}; {own}")).await.expect("an answer");
    assert_eq!(both.status().as_u16(), 401);
}

async fn session_of(
    store: &Store,
    secret: &SecretString,
    token: &ApiToken,
    length: Duration,
) -> String {
    let digest = tokens::digest(secret.expose_secret());
    let begun = sessions::begin(store, &digest, token, Timestamp::now(), length, None).await;
    format!(
        "plaudit_session={}",
        begun.expect("a session").secret.expose_secret()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_that_changes_anything_takes_a_sessions_word_from_another_site() {
    let (_app, server) = server().await;
    let (token, secret) = made(&server.store, AccessRole::Admin, Timestamp::now()).await;
    let cookie = session_of(&server.store, &secret, &token, LONG).await;
    let mut asked = 0;
    for (method, path, _) in ROUTES.iter().filter(|row| row.0 != Method::GET) {
        let path = path.replace("{id}", "0a1b2c3d").replace("{number}", "1");
        for told in [
            &[][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[
                ("origin", "https://evil.example"),
                ("sec-fetch-site", "cross-site"),
            ],
        ] {
            // As a form of another site sends it, which needs no leave of ours.
            let mut request = server
                .stranger()
                .request(method.clone(), &path)
                .header("cookie", &cookie)
                .header("content-type", "text/plain");
            for (name, value) in told {
                request = request.header(*name, *value);
            }
            let answer = request.body("{}").send().await.expect("an answer");
            assert_eq!(answer.status().as_u16(), 403, "{method} {path} {told:?}");
            asked += 1;
        }
    }
    assert!(asked > 100, "{asked}");
    // Nobody was signed out, made or revoked.
    let kept: Vec<(String, ApiToken)> = server
        .store
        .records(Shelf::Tokens, None, usize::MAX)
        .await
        .expect("readable");
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].1.revoked_at, None);
    assert_eq!(
        server.store.count(Shelf::Sessions).await.expect("readable"),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_about_people_is_in_no_shared_cache_in_no_frame_and_read_by_no_other_site() {
    let (_app, server) = server().await;
    let recruiter = server.client(AccessRole::Recruiter).await;
    let person =
        json!({"id": "ada", "name": "Ada Example", "homepage": "https://ada.example.org/"});
    assert_eq!(
        recruiter
            .post("/api/v1/applicants", &person)
            .await
            .status()
            .as_u16(),
        202
    );
    let mut asked = 0;
    for (method, path, needs) in ROUTES {
        let Needs::Role(role) = needs else { continue };
        if *method != Method::GET {
            continue;
        }
        let path = path
            .replace("{id}", "ada")
            .replace("{role}", ROLE)
            .replace("{snapshot}", "none");
        let client = server.client(*role).await;
        let request = client
            .request(Method::GET, &path)
            .header("origin", "https://evil.example")
            .header("if-none-match", "*");
        let answer = request.send().await.expect("an answer");
        let headers = answer.headers();
        let header = |name: &str| {
            headers
                .get(name)
                .map_or("", |value| value.to_str().expect("text"))
        };
        let kept = header("cache-control");
        let private = kept.contains("no-store") || kept.contains("private");
        assert!(private && !kept.contains("public"), "{path}: {kept:?}");
        let policy = header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(
            policy.contains("base-uri 'none'") && policy.contains("form-action 'self'"),
            "{path}"
        );
        let shared = headers
            .keys()
            .find(|name| name.as_str().starts_with("access-control-"));
        assert_eq!(shared, None, "{path}");
        let asks = client
            .request(Method::OPTIONS, &path)
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "authorization");
        let asks = asks.send().await.expect("an answer");
        assert_eq!(asks.status().as_u16(), 405, "{path}");
        let shared = asks
            .headers()
            .keys()
            .find(|name| name.as_str().starts_with("access-control-"));
        assert_eq!(shared, None, "{path}");
        asked += 1;
    }
    assert!(asked > 20, "{asked}");
}

/// Reads a stream of events until it ends; what it told.
async fn read_to_the_end(mut stream: Response) -> String {
    let mut told = String::new();
    let reading = async {
        while let Some(chunk) = stream.chunk().await.expect("readable") {
            told.push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        }
    };
    tokio::time::timeout(PATIENCE, reading)
        .await
        .expect("it ends");
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_events_ends_with_the_token_or_the_session_that_opened_it() {
    let (_app, server) = server().await;
    let recruiter = server.client(AccessRole::Recruiter).await;
    let person = json!({"id": "ada", "homepage": "https://ada.example.org/"});
    assert_eq!(
        recruiter
            .post("/api/v1/applicants", &person)
            .await
            .status()
            .as_u16(),
        202
    );
    let path = "/api/v1/jobs/ada/events";
    let store = &server.store;
    let now = Timestamp::now();
    let follow = async |cookie: Option<&str>, token: Option<&SecretString>| {
        let request = server.stranger().request(Method::GET, path);
        let request = match (cookie, token) {
            (Some(cookie), _) => request.header("cookie", cookie),
            (_, Some(token)) => request.bearer_auth(token.expose_secret()),
            _ => request,
        };
        let mut answer = request.send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200);
        let first = answer.chunk().await.expect("readable").expect("an event");
        assert!(first.starts_with(b"event: job"), "{first:?}");
        answer
    };
    let (kept, secret_of_kept) = made(store, AccessRole::Viewer, now).await;
    let (ended, secret_of_ended) = made(store, AccessRole::Viewer, now).await;
    let session_kept = session_of(store, &secret_of_kept, &kept, LONG).await;
    let session_left = session_of(store, &secret_of_kept, &kept, LONG).await;
    let session_ended = session_of(store, &secret_of_ended, &ended, LONG).await;
    let session_short = session_of(store, &secret_of_kept, &kept, Duration::from_secs(15)).await;

    let mut goes_on = follow(Some(&session_kept), None).await;
    let left = follow(Some(&session_left), None).await;
    let of_session = follow(Some(&session_ended), None).await;
    let of_token = follow(None, Some(&secret_of_ended)).await;
    let short = follow(Some(&session_short), None).await;

    let revoked = tokens::revoke(store, &ended.id, Timestamp::now()).await;
    assert!(revoked.expect("a store").is_some());
    let (_, left_with) = session_left.split_once('=').expect("a value");
    sessions::end(store, &left_with.to_owned().into())
        .await
        .expect("a store");
    for (what, stream) in [
        ("a revoked token", of_token),
        ("the session of a revoked token", of_session),
        ("a session that was left", left),
        ("a session whose time has passed", short),
    ] {
        let told = read_to_the_end(stream).await;
        assert!(
            told.contains("event: end") && !told.contains("event: job"),
            "{what}: {told}"
        );
    }
    // Nobody else's has ended with them.
    let leased = store
        .lease("a test", Timestamp::now(), PATIENCE, Lane::Any)
        .await;
    assert!(leased.expect("readable").is_some());
    let news = goes_on.chunk().await.expect("readable").expect("an event");
    assert!(news.starts_with(b"event: job"), "{news:?}");
}
