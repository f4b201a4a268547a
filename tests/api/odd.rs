//! Whatever else is sent.

use plaudit::domain::access::AccessRole;
use reqwest::RequestBuilder;
use reqwest::header::HeaderName;
use secrecy::ExposeSecret;

use super::{Api, person};

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_sent_is_answered_with_a_problem_and_never_with_a_failure() {
    let api = Api::start().await;
    for id in [
        "%00",
        "%1F",
        "%FF%FE",
        "%E2%80%AE",
        "-x",
        ".x",
        &"x".repeat(65),
        "a%2Fb",
        "%20",
        "%25",
    ] {
        for path in [
            "applicants/{id}",
            "applicants/{id}/history",
            "applicants/{id}/review",
            "jobs/{id}",
            "jobs/{id}/events",
            "applicants/{id}/snapshots/0123456789abcdef",
        ] {
            let path = format!("/api/v1/{}", path.replace("{id}", id));
            api.get(&path).await.refuses(404);
        }
        api.send("DELETE", &format!("/api/v1/applicants/{id}"), |request| {
            request
        })
        .await
        .refuses(404);
    }
    for path in [
        "/api/v1/applicants",
        "/api/v1/jobs/ada",
        "/api/v1/roles",
        "/api/v1/refresh",
        "/api/v1/imports",
    ] {
        for method in ["PUT", "PATCH", "TRACE", "OPTIONS", "BREW"] {
            let refused = api.send(method, path, |request| request).await;
            refused.refuses(405);
            assert!(refused.header("allow").contains("GET"), "{method} {path}");
        }
    }
    for path in [
        "/api/v1",
        "/api/v1/",
        "/api/v2/applicants",
        "/api/v1/applicants/",
        "/api/v1/applicants/a/b/c",
    ] {
        api.get(path).await.refuses(404);
    }
    // Bytes that are no UTF-8 in headers are nobody's business, or no key.
    let odd = reqwest::header::HeaderValue::from_bytes(b"\xff\xfe").expect("bytes");
    let key = HeaderName::from_static("idempotency-key");
    let with = |request: RequestBuilder| request.header(key, odd.clone()).json(&person("ada"));
    api.send("POST", "/api/v1/applicants", with)
        .await
        .refuses(400);
    for header in ["if-none-match", "accept", "x-anything", "last-event-id"] {
        let with = |request: RequestBuilder| request.header(header, odd.clone());
        api.send("GET", "/api/v1/roles", with).await.is(200);
    }
    let with = |request: RequestBuilder| request.header("content-type", odd.clone()).body("{}");
    api.send("POST", "/api/v1/applicants", with)
        .await
        .refuses(415);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_answers_are_compressed_for_whoever_takes_it_and_live_progress_is_not() {
    let api = Api::start().await;
    api.submit("ada").await.is(202);
    let token = api.server.token(AccessRole::Viewer).await;
    let plain = reqwest::Client::builder().no_proxy().no_gzip().no_brotli();
    let plain = plain.build().expect("a client");
    let compressed = async |path: &str| {
        let request = plain.get(format!("{}{path}", api.server.url));
        let request = request.bearer_auth(token.expose_secret());
        let response = request.header("accept-encoding", "gzip").send().await;
        let response = response.expect("an answer");
        assert_eq!(response.status(), 200);
        response.headers().contains_key("content-encoding")
    };
    assert!(compressed("/api/v1/openapi.json").await);
    assert!(!compressed("/api/v1/jobs/ada").await);
    assert!(!compressed("/api/v1/jobs/ada/events").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_is_asked_for_and_told_of() {
    let api = Api::start().await;
    let status = api.get("/api/v1/refresh").await.is(200);
    assert!(status.is_object());
    let begun = api.send("POST", "/api/v1/refresh", |request| request).await;
    begun.is(202);
}
