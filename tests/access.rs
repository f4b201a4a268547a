//! Who may: every route of the table with every kind of credential, and what stands around it.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use axum::routing::{MethodFilter, on};
use axum::{Extension, Router};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use plaudit::api;
use plaudit::api::access::table::{self, Needs, ROUTES};
use plaudit::api::access::{self, Caller, endpoints, sessions, tokens};
use plaudit::commands::session;
use plaudit::domain::access::{AccessRole, ApiToken};
use plaudit::service::Service;
use plaudit::standin::{Behaviour, World};
use plaudit::store::Shelf;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::app::{ROLE, TestApp, said};
use crate::server::Server;

mod credentials;
mod matrix;
mod tokens_command;

use credentials::{HOUR, Holder, holder};

/// A server and, around it, the doors alone: each route of the table answers by itself, but for those of this room.
struct House {
    server: Server,
    doors: Router,
    _app: TestApp,
}

impl House {
    async fn new(extra: &[(&str, &str)]) -> Self {
        let app = TestApp::start(World::demo(), Behaviour::default(), extra).await;
        let (store, _) = session::open_store(&app.config).await.expect("a store");
        let server = Server::over(store, &app.config).await;
        let doors = layer(stand_ins(), Arc::clone(&server.service));
        Self {
            server,
            doors,
            _app: app,
        }
    }

    /// The same behind a proxy that people reach at this address.
    fn at(&self, public_url: &str) -> Router {
        let service = Service {
            public_url: public_url.parse().expect("a URL"),
            ..Service::clone(&self.server.service)
        };
        layer(stand_ins(), Arc::new(service))
    }

    async fn holder(&self, role: AccessRole) -> Holder {
        holder(&self.server.store, role).await
    }
}

/// The guard and the headers around routes, as the server lays them.
fn layer(router: Router<Arc<Service>>, service: Arc<Service>) -> Router {
    let url = service.public_url.clone();
    access::with_headers(access::guarded(router, service), &url)
}

/// The routes of the table without what is behind them. Each says who came in.
fn stand_ins() -> Router<Arc<Service>> {
    let (own, _) = endpoints::routes().split_for_parts();
    let own = own.merge(access::sign_in());
    let is_own = |path: &str| {
        ["/api/v1/session", "/api/v1/tokens", "/sign-"]
            .iter()
            .any(|beginning| path.starts_with(beginning))
    };
    ROUTES
        .iter()
        .filter(|(_, path, _)| !is_own(path))
        .fold(own, |router, (method, path, _)| {
            let method = MethodFilter::try_from(method.clone()).expect("a method");
            router.route(path, on(method, who))
        })
}

async fn who(caller: Option<Extension<Caller>>) -> String {
    caller.map_or_else(String::new, |caller| format!("{:?}", caller.0))
}

/// A request as it reaches the router, from this machine.
fn request(method: &Method, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "127.0.0.1:8080");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).expect("a request");
    came_from(&mut request, [127, 0, 0, 1].into());
    request
}

fn came_from(request: &mut Request<Body>, address: IpAddr) {
    let peer = ConnectInfo(SocketAddr::from((address, 50_000)));
    request.extensions_mut().insert(peer);
}

/// A form as a browser sends it from one of our pages.
fn form(path: &str, body: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = request(&Method::POST, path, headers);
    let kind = "application/x-www-form-urlencoded"
        .parse()
        .expect("a value");
    request.headers_mut().insert(header::CONTENT_TYPE, kind);
    let ours = "same-origin".parse().expect("a value");
    request.headers_mut().insert("sec-fetch-site", ours);
    *request.body_mut() = Body::from(body.to_owned());
    request
}

async fn ask(router: &Router, request: Request<Body>) -> Response<Body> {
    let asked = router.clone().oneshot(request).await;
    asked.expect("routers do not fail")
}

async fn get(router: &Router, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
    ask(router, request(&Method::GET, path, headers)).await
}

async fn text(response: Response<Body>) -> String {
    let body = response.into_body().collect().await.expect("a body");
    String::from_utf8(body.to_bytes().to_vec()).expect("UTF-8")
}

async fn body(response: Response<Body>) -> Value {
    serde_json::from_str(&text(response).await).expect("JSON")
}

fn header_of<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    let value = headers.get(name);
    value.map_or("", |value| value.to_str().expect("text"))
}

/// The problem of this status and kind.
async fn problem(response: Response<Body>, status: StatusCode, kind: &str) -> Value {
    assert_eq!(response.status(), status);
    let said = header_of(response.headers(), "content-type").to_owned();
    assert_eq!(said, "application/problem+json");
    let problem = body(response).await;
    assert_eq!(problem["type"], format!("/problems/{kind}"));
    assert_eq!(problem["status"], status.as_u16());
    problem
}

#[tokio::test]
async fn signing_in_and_out_is_a_round_trip() {
    let house = House::new(&[]).await;
    let holder = house.holder(AccessRole::Recruiter).await;

    // A stranger who wants to see a page is sent to sign in, and on to that page.
    let sent = get(&house.doors, "/compare?ids=a,b", &[]).await;
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    let to = header_of(sent.headers(), "location").to_owned();
    assert_eq!(to, "/sign-in?next=%2Fcompare%3Fids%3Da%2Cb");
    let page = get(&house.doors, &to, &[]).await;
    assert_eq!(page.status(), StatusCode::OK);
    let page = text(page).await;
    assert!(
        page.contains("name=\"next\" value=\"/compare?ids=a,b\""),
        "{page}"
    );
    assert!(page.contains("type=\"password\""), "{page}");

    let secret = holder.secret.expose_secret();
    let filled = format!("token=%20{secret}%0A&next=%2Fcompare%3Fids%3Da%2Cb");
    let signed_in = ask(&house.doors, form("/sign-in", &filled, &[])).await;
    assert_eq!(signed_in.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        header_of(signed_in.headers(), "location"),
        "/compare?ids=a,b"
    );
    let cookie = header_of(signed_in.headers(), "set-cookie").to_owned();
    let (pair, attributes) = cookie.split_once("; ").expect("attributes");
    // The token ends in an hour, before the session's twelve.
    assert!(
        attributes == "HttpOnly; SameSite=Strict; Path=/; Max-Age=3600"
            || attributes == "HttpOnly; SameSite=Strict; Path=/; Max-Age=3599",
        "{attributes}"
    );
    let (name, value) = pair.split_once('=').expect("a value");
    assert_eq!((name, value.len()), ("plaudit_session", 43));

    let shown = [("cookie", pair)];
    let came = get(&house.doors, "/compare", &shown).await;
    assert_eq!(came.status(), StatusCode::OK);
    let who = body(get(&house.doors, "/api/v1/session", &shown).await).await;
    let expected = json!({
        "token": holder.token.id, "name": holder.token.name, "role": "recruiter", "by_session": true,
    });
    assert_eq!(who, expected);

    let out = ask(&house.doors, form("/sign-out", "", &shown)).await;
    assert_eq!(out.status(), StatusCode::SEE_OTHER);
    assert_eq!(header_of(out.headers(), "location"), "/sign-in");
    let cookie = header_of(out.headers(), "set-cookie");
    assert!(cookie.starts_with("plaudit_session=; "), "{cookie}");
    assert!(cookie.contains("Max-Age=0"), "{cookie}");
    let gone = get(&house.doors, "/api/v1/session", &shown).await;
    problem(gone, StatusCode::UNAUTHORIZED, "unauthenticated").await;
    let left: Vec<(String, Value)> = records(&house.server, Shelf::Sessions).await;
    assert_eq!(left, []);
}

async fn records(server: &Server, shelf: Shelf) -> Vec<(String, Value)> {
    let records = server.store.records(shelf, None, usize::MAX).await;
    records.expect("readable")
}

#[tokio::test]
async fn a_token_that_does_not_admit_gets_the_page_again_with_a_sentence() {
    let house = House::new(&[("PLAUDIT_SERVE__SIGN_INS_PER_MINUTE", "100")]).await;
    let store = &house.server.store;
    let expired = credentials::expired(store, AccessRole::Admin).await;
    let revoked = credentials::revoked(store, AccessRole::Admin).await;
    for token in [
        "",
        "plaudit_nothing",
        expired.secret.expose_secret(),
        revoked.secret.expose_secret(),
    ] {
        let filled = format!("token={token}&next=/compare");
        let answer = ask(&house.doors, form("/sign-in", &filled, &[])).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{token}");
        assert_eq!(header_of(answer.headers(), "set-cookie"), "");
        let page = text(answer).await;
        assert!(page.contains("This token does not admit"), "{page}");
        assert!(page.contains("value=\"/compare\""), "{page}");
        assert!(
            token.is_empty() || !page.contains(token),
            "the token is echoed"
        );
    }
    assert_eq!(records(&house.server, Shelf::Sessions).await, []);
    // No form at all.
    let mut empty = form("/sign-in", "", &[]);
    empty.headers_mut().remove(header::CONTENT_TYPE);
    let answer = ask(&house.doors, empty).await;
    assert!(answer.status().is_client_error(), "{}", answer.status());
}

#[tokio::test]
async fn nobody_is_led_to_another_site_by_signing_in() {
    let house = House::new(&[("PLAUDIT_SERVE__SIGN_INS_PER_MINUTE", "100")]).await;
    let holder = house.holder(AccessRole::Viewer).await;
    let secret = holder.secret.expose_secret();
    for next in [
        "//evil.example",
        "https://evil.example",
        "%2F%5Cevil.example",
        "%2F%09%2Fevil.example",
    ] {
        let filled = format!("token={secret}&next={next}");
        let answer = ask(&house.doors, form("/sign-in", &filled, &[])).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(header_of(answer.headers(), "location"), "/", "{next}");
        let page = text(get(&house.doors, &format!("/sign-in?next={next}"), &[]).await).await;
        assert!(!page.contains("evil"), "{page}");
    }
}

#[tokio::test]
async fn behind_tls_the_cookie_is_bound_to_the_host_and_tls_is_insisted_on() {
    let house = House::new(&[]).await;
    let doors = house.at("https://plaudit.example.org");
    let holder = house.holder(AccessRole::Viewer).await;
    let filled = format!("token={}", holder.secret.expose_secret());
    let answer = ask(&doors, form("/sign-in", &filled, &[])).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let cookie = header_of(answer.headers(), "set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-plaudit_session="), "{cookie}");
    assert!(cookie.contains("; Secure"), "{cookie}");
    assert!(cookie.contains("; Path=/;"), "{cookie}");
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert_eq!(
        header_of(answer.headers(), "strict-transport-security"),
        "max-age=31536000"
    );
    let (pair, _) = cookie.split_once("; ").expect("attributes");
    let came = get(&doors, "/", &[("cookie", pair)]).await;
    assert_eq!(came.status(), StatusCode::OK);
    // A cookie of the plain name may have come over plain http.
    let plain = pair.replace("__Host-", "");
    let came = get(&doors, "/", &[("cookie", &plain)]).await;
    assert_eq!(came.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before() {
    let house = House::new(&[]).await;
    let holder = house.holder(AccessRole::Viewer).await;
    let old = credentials::session_of(&house.server.store, &holder).await;
    let old = credentials::cookie(&old);
    let shown = [("cookie", old.as_str())];
    let filled = format!("token={}", holder.secret.expose_secret());
    let answer = ask(&house.doors, form("/sign-in", &filled, &shown)).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let came = get(&house.doors, "/", &shown).await;
    assert_eq!(came.status(), StatusCode::SEE_OTHER);
    assert_eq!(records(&house.server, Shelf::Sessions).await.len(), 1);
}

#[tokio::test]
async fn other_sites_cannot_make_a_browser_act() {
    let house = House::new(&[("PLAUDIT_SERVE__SIGN_INS_PER_MINUTE", "100")]).await;
    let holder = house.holder(AccessRole::Admin).await;
    let begun = credentials::session_of(&house.server.store, &holder).await;
    let cookie = credentials::cookie(&begun);
    let url = house
        .server
        .service
        .public_url
        .origin()
        .ascii_serialization();
    let cases: [(&[(&str, &str)], bool); 9] = [
        (&[], false),
        (&[("sec-fetch-site", "cross-site")], false),
        (&[("sec-fetch-site", "same-site")], false),
        (&[("sec-fetch-site", "none")], false),
        (&[("origin", "https://evil.example")], false),
        (&[("origin", "null")], false),
        (&[("sec-fetch-site", "same-origin")], true),
        (&[("origin", &url)], true),
        // Under another name of this machine.
        (&[("origin", "http://127.0.0.1:8080")], true),
    ];
    for (told, allowed) in cases {
        let headers = [&[("cookie", cookie.as_str())], told].concat();
        for (method, path) in [
            (Method::POST, "/imports"),
            (Method::POST, "/api/v1/refresh"),
            (Method::DELETE, "/api/v1/applicants/a"),
            (Method::POST, "/sign-in"),
        ] {
            let answer = ask(&house.doors, request(&method, path, &headers)).await;
            let refused = answer.status() == StatusCode::FORBIDDEN;
            assert_eq!(
                refused,
                !allowed,
                "{method} {path} {told:?} {}",
                answer.status()
            );
        }
        // To read is no act, and a link from elsewhere may lead here.
        let answer = get(&house.doors, "/", &headers).await;
        assert_eq!(answer.status(), StatusCode::OK, "{told:?}");
    }
    // Still there: no attempt to sign out came through.
    let out = request(&Method::POST, "/sign-out", &[("cookie", &cookie)]);
    assert_eq!(ask(&house.doors, out).await.status(), StatusCode::FORBIDDEN);
    let came = get(&house.doors, "/", &[("cookie", &cookie)]).await;
    assert_eq!(came.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_name_that_was_pointed_at_this_machine_is_not_answered() {
    let house = House::new(&[]).await;
    let holder = house.holder(AccessRole::Admin).await;
    let bearer = holder.bearer();
    for path in ["/", "/sign-in", "/healthz", "/api/v1/session", "/nowhere"] {
        let mut rebound = request(&Method::GET, path, &[("authorization", &bearer)]);
        let host = "evil.example:8080".parse().expect("a value");
        rebound.headers_mut().insert(header::HOST, host);
        let answer = ask(&house.doors, rebound).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
        for host in ["localhost:1", "127.0.0.1", "[::1]:8080"] {
            let mut meant = request(&Method::GET, "/healthz", &[]);
            meant
                .headers_mut()
                .insert(header::HOST, host.parse().expect("a value"));
            assert_eq!(
                ask(&house.doors, meant).await.status(),
                StatusCode::OK,
                "{host}"
            );
        }
    }
    // Behind a proxy the proxy knows the names.
    let doors = house.at("https://plaudit.example.org");
    let mut inside = request(&Method::GET, "/healthz", &[]);
    inside
        .headers_mut()
        .insert(header::HOST, "10.0.0.7:8080".parse().expect("a value"));
    assert_eq!(ask(&doors, inside).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_when_to_come_back() {
    // A tenth at once: one.
    let house = House::new(&[("PLAUDIT_SERVE__REQUESTS_PER_MINUTE", "10")]).await;
    let one = house.holder(AccessRole::Viewer).await;
    let other = house.holder(AccessRole::Viewer).await;
    let bearer = one.bearer();
    let first = get(
        &house.doors,
        "/api/v1/session",
        &[("authorization", &bearer)],
    )
    .await;
    assert_eq!(first.status(), StatusCode::OK);
    let second = get(
        &house.doors,
        "/api/v1/session",
        &[("authorization", &bearer)],
    )
    .await;
    let after: u64 = header_of(second.headers(), "retry-after")
        .parse()
        .expect("seconds");
    assert!((1..=6).contains(&after), "{after}");
    problem(second, StatusCode::TOO_MANY_REQUESTS, "too-many-requests").await;
    // The session of a token counts with it.
    let begun = credentials::session_of(&house.server.store, &one).await;
    let cookie = credentials::cookie(&begun);
    let page = get(&house.doors, "/", &[("cookie", &cookie)]).await;
    assert_eq!(page.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_ne!(header_of(page.headers(), "retry-after"), "");
    assert!(
        text(page).await.starts_with("<!doctype html>"),
        "people get a page"
    );
    let bearer = other.bearer();
    let others = get(
        &house.doors,
        "/api/v1/session",
        &[("authorization", &bearer)],
    )
    .await;
    assert_eq!(others.status(), StatusCode::OK);
    // What needs no token is not counted.
    for _ in 0..20 {
        assert_eq!(
            get(&house.doors, "/healthz", &[]).await.status(),
            StatusCode::OK
        );
    }
}

#[tokio::test]
async fn attempts_to_sign_in_are_counted_by_address() {
    let house = House::new(&[("PLAUDIT_SERVE__SIGN_INS_PER_MINUTE", "2")]).await;
    let attempt = |address: [u8; 4]| {
        let mut attempt = form("/sign-in", "token=plaudit_guess", &[]);
        came_from(&mut attempt, address.into());
        ask(&house.doors, attempt)
    };
    for _ in 0..2 {
        let answer = attempt([192, 0, 2, 1]).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    }
    let answer = attempt([192, 0, 2, 1]).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    let after: u64 = header_of(answer.headers(), "retry-after")
        .parse()
        .expect("seconds");
    assert!((1..=30).contains(&after), "{after}");
    let answer = attempt([192, 0, 2, 2]).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    // Behind a proxy all come from one address: whoever has a token must not be kept out by those who guess.
    let holder = house.holder(AccessRole::Viewer).await;
    let body = format!("token={}", holder.secret.expose_secret());
    let mut right = form("/sign-in", &body, &[]);
    came_from(&mut right, [192, 0, 2, 1].into());
    let answer = ask(&house.doors, right).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    // To look at the page is no attempt.
    assert_eq!(
        get(&house.doors, "/sign-in", &[]).await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let house = House::new(&[]).await;
    let holder = house.holder(AccessRole::Viewer).await;
    let bearer = holder.bearer();
    for (method, path, status) in [
        (Method::GET, "/healthz", 200),
        (Method::GET, "/sign-in", 200),
        (Method::GET, "/", 303),
        (Method::GET, "/nowhere", 404),
        (Method::GET, "/api/v1/nowhere", 404),
        (Method::PATCH, "/api/v1/tokens", 405),
        (Method::GET, "/api/v1/tokens", 401),
    ] {
        let answer = ask(&house.doors, request(&method, path, &[])).await;
        assert_eq!(answer.status().as_u16(), status, "{method} {path}");
        let headers = answer.headers();
        let policy = header_of(headers, "content-security-policy");
        assert_eq!(
            policy,
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("strict-transport-security", ""),
        ] {
            assert_eq!(header_of(headers, name), value, "{path} {name}");
        }
        assert!(header_of(headers, "permissions-policy").contains("camera=()"));
    }
    let docs = get(&house.doors, "/api/v1/docs/index.css", &[]).await;
    let policy = header_of(docs.headers(), "content-security-policy");
    assert!(
        policy.contains("style-src 'self' 'unsafe-inline';"),
        "{policy}"
    );
    assert!(policy.contains("script-src 'self';"), "{policy}");
    // What a handler says of caching stays.
    let kept = Router::new().route(
        "/assets/{name}",
        axum::routing::get(|| async { ([("cache-control", "max-age=60")], "") }),
    );
    let kept = layer(kept, Arc::clone(&house.server.service));
    let kept = get(&kept, "/assets/app.css", &[("authorization", &bearer)]).await;
    assert_eq!(header_of(kept.headers(), "cache-control"), "max-age=60");
}

#[tokio::test]
async fn what_is_not_there_is_told_to_programs_and_people_in_their_own_way() {
    let house = House::new(&[]).await;
    let nowhere = get(&house.doors, "/api/v1/nowhere", &[]).await;
    problem(nowhere, StatusCode::NOT_FOUND, "not-found").await;
    let nowhere = get(&house.doors, "/nowhere", &[]).await;
    assert_eq!(nowhere.status(), StatusCode::NOT_FOUND);
    assert!(text(nowhere).await.starts_with("<!doctype html>"));
    let patch = request(&Method::PATCH, "/api/v1/applicants/a", &[]);
    let patched = ask(&house.doors, patch).await;
    assert_eq!(header_of(patched.headers(), "allow"), "GET, DELETE, HEAD");
    problem(patched, StatusCode::METHOD_NOT_ALLOWED, "method").await;
    let missing = get(&house.doors, "/api/v1/tokens", &[]).await;
    let challenge = header_of(missing.headers(), "www-authenticate").to_owned();
    assert_eq!(challenge, "Bearer realm=\"plaudit\"");
    let head = request(&Method::HEAD, "/api/v1/tokens", &[]);
    assert_eq!(
        ask(&house.doors, head).await.status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_route_that_is_not_in_the_table_answers_nobody() {
    let house = House::new(&[]).await;
    let holder = house.holder(AccessRole::Admin).await;
    let bearer = holder.bearer();
    let more = stand_ins()
        .route(
            "/api/v1/forgotten",
            axum::routing::get(|| async { "secret" }),
        )
        .route(
            "/api/v1/roles/{role}",
            axum::routing::get(|| async { "secret" }),
        );
    let more = layer(more, Arc::clone(&house.server.service));
    for path in ["/api/v1/forgotten", "/api/v1/roles/any"] {
        let answer = get(&more, path, &[("authorization", &bearer)]).await;
        problem(answer, StatusCode::NOT_FOUND, "not-found").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_fails_on_the_very_next_request_and_so_do_its_sessions() {
    let house = House::new(&[]).await;
    let store = &house.server.store;
    let holder = house.holder(AccessRole::Viewer).await;
    let kept = house.holder(AccessRole::Viewer).await;
    let bearer = holder.bearer();
    let begun = credentials::session_of(store, &holder).await;
    let cookie = credentials::cookie(&begun);
    // Asked often, so that it is remembered.
    for _ in 0..10 {
        for shown in [("authorization", &bearer), ("cookie", &cookie)] {
            let answer = get(&house.doors, "/api/v1/session", &[(shown.0, shown.1)]).await;
            assert_eq!(answer.status(), StatusCode::OK);
        }
    }
    // Others ask meanwhile: what they have read just before must not be remembered for longer.
    let asking = async {
        for _ in 0..500 {
            let _ = get(
                &house.doors,
                "/api/v1/session",
                &[("authorization", &bearer)],
            )
            .await;
        }
    };
    let revoking = async {
        // By another clone of the store than the server's.
        let revoked = tokens::revoke(&store.clone(), &holder.token.id, Timestamp::now()).await;
        assert!(revoked.expect("revoked").is_some());
        for shown in [("authorization", &bearer), ("cookie", &cookie)] {
            let answer = get(&house.doors, "/api/v1/session", &[(shown.0, shown.1)]).await;
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        }
    };
    tokio::join!(asking, revoking);
    for shown in [("authorization", &bearer), ("cookie", &cookie)] {
        let answer = get(&house.doors, "/api/v1/session", &[(shown.0, shown.1)]).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    }
    let answer = get(
        &house.doors,
        "/api/v1/session",
        &[("authorization", &kept.bearer())],
    )
    .await;
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn tokens_are_made_listed_and_revoked_over_the_api() {
    let house = House::new(&[]).await;
    let admin = house.holder(AccessRole::Admin).await;
    let bearer = admin.bearer();
    let shown = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let post = |wanted: &Value| {
        let mut post = request(&Method::POST, "/api/v1/tokens", &shown);
        *post.body_mut() = Body::from(wanted.to_string());
        ask(&house.doors, post)
    };
    let expires_at = (Timestamp::now() + HOUR).to_string();
    let made = post(&json!({"name": "ats", "role": "viewer", "expires_at": expires_at})).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let made = body(made).await;
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    let id = made["token"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(made["token"]["state"], "valid");
    let of_new = format!("Bearer {secret}");
    let who = body(
        get(
            &house.doors,
            "/api/v1/session",
            &[("authorization", &of_new)],
        )
        .await,
    )
    .await;
    assert_eq!(who["role"], "viewer");

    let listed = text(get(&house.doors, "/api/v1/tokens", &shown).await).await;
    assert!(listed.contains(&id), "{listed}");
    assert!(!listed.contains(&secret), "the secret is listed");
    assert!(
        !listed.contains(&tokens::digest(&secret)),
        "the digest is listed"
    );

    for (wanted, status, words) in [
        (
            json!({"name": " ", "role": "viewer", "expires_at": expires_at}),
            422,
            "the name is empty",
        ),
        (
            json!({"name": "a", "role": "owner", "expires_at": expires_at}),
            422,
            "owner",
        ),
        (
            json!({"name": "a", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"}),
            422,
            "end too soon",
        ),
        (
            json!({"name": "a", "role": "viewer", "expires_at": "2990-01-01T00:00:00Z"}),
            422,
            "end too late",
        ),
        (json!({"name": "a", "role": "viewer"}), 422, "expires_at"),
    ] {
        let answer = post(&wanted).await;
        assert_eq!(answer.status().as_u16(), status, "{wanted}");
        let detail = body(answer).await["detail"].to_string();
        assert!(detail.contains(words), "{detail}");
    }

    let path = format!("/api/v1/tokens/{id}");
    for _ in 0..2 {
        let revoked = ask(&house.doors, request(&Method::DELETE, &path, &shown)).await;
        assert_eq!(revoked.status(), StatusCode::NO_CONTENT);
    }
    let gone = get(
        &house.doors,
        "/api/v1/session",
        &[("authorization", &of_new)],
    )
    .await;
    problem(gone, StatusCode::UNAUTHORIZED, "unauthenticated").await;
    let unknown = request(&Method::DELETE, "/api/v1/tokens/ffffffff", &shown);
    problem(
        ask(&house.doors, unknown).await,
        StatusCode::NOT_FOUND,
        "not-found",
    )
    .await;
}
