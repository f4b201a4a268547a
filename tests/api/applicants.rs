//! Applicants: submitted once, paged through, read again only when changed.

use std::collections::BTreeSet;

use plaudit::domain::access::AccessRole;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use super::{Api, person};
use crate::app::ROLE;

#[tokio::test(flavor = "multi_thread")]
async fn an_applicant_goes_from_the_submission_to_the_profile() {
    let api = Api::start().await;
    let queued = api.submit("ada").await;
    let answer = queued.is(202);
    assert_eq!(queued.header("location"), "/api/v1/jobs/ada");
    assert_eq!(answer["applicant"], "ada");
    assert_eq!(answer["outcome"], "queued");
    assert_eq!(answer["job"]["state"], "ready");
    assert_eq!(answer["job"]["priority"], "interactive");
    // The same once more is the same applicant, and the same job.
    assert_eq!(api.submit("ada").await.is(202)["outcome"], "already_queued");
    let none_yet = api.get("/api/v1/applicants/ada").await;
    none_yet.refuses(404);
    assert_eq!(none_yet.json()["type"], "/problems/no-profile-yet");
    let nobody = api.get("/api/v1/applicants/nobody").await;
    nobody.refuses(404);
    assert_eq!(nobody.json()["type"], "/problems/not-found");

    api.work().await;
    let job = api.get("/api/v1/jobs/ada").await.is(200);
    assert_eq!(job["state"], "done");
    assert_eq!(job["profile"], "/api/v1/applicants/ada");
    let profile = api.get("/api/v1/applicants/ada").await;
    assert_eq!(profile.is(200)["applicant"]["name"], "Ada Example");
    // What is fresh is not asked for again, unless somebody insists.
    let fresh = api.submit("ada").await;
    assert_eq!(fresh.is(200)["outcome"], "fresh");
    assert!(!fresh.headers.contains_key("location"));
    let mut again = person("ada");
    again["refetch"] = true.into();
    assert_eq!(
        api.post("/api/v1/applicants", &again).await.is(202)["outcome"],
        "queued"
    );
    api.work().await;
    let refreshed = api
        .send("POST", "/api/v1/applicants/ada/refresh", |request| request)
        .await;
    assert_eq!(refreshed.is(202)["outcome"], "queued");
    let nobody = api
        .send("POST", "/api/v1/applicants/nobody/refresh", |request| {
            request
        })
        .await;
    nobody.refuses(404);

    let gone = api
        .send("DELETE", "/api/v1/applicants/ada", |request| request)
        .await;
    assert_eq!(gone.status, 204);
    for path in [
        "applicants/ada",
        "jobs/ada",
        "applicants/ada/history",
        "applicants/ada/review",
    ] {
        api.get(&format!("/api/v1/{path}")).await.refuses(404);
    }
    let gone = api
        .send("DELETE", "/api/v1/applicants/ada", |request| request)
        .await;
    gone.refuses(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applicant_who_cannot_be_taken_is_refused_with_the_reason() {
    let api = Api::start().await;
    for (body, said) in [
        (json!({}), "no link"),
        (json!({"name": "Ada Example"}), "no link"),
        (json!({"github": "https://example.org/"}), "github"),
        (
            json!({"id": "-x", "github": "ada-example"}),
            "no applicant id",
        ),
        (json!({"github": "ada-example", "role": "no-such"}), ROLE),
        (
            json!({"github": "ada-example", "nickname": "A"}),
            "nickname",
        ),
        (json!({"github": 7}), "invalid type"),
        (
            json!({"links": ["https://github.com/a-example", "https://github.com/b-example"]}),
            "two GitHub accounts",
        ),
        (json!([]), "an object is needed"),
        (json!("text"), "an object is needed"),
    ] {
        let refused = api.post("/api/v1/applicants", &body).await;
        let detail = refused.refuses(422);
        assert!(detail.contains(said), "{body}: {detail}");
    }
    let raw = async |content_type: &str, body: Vec<u8>| {
        let with = |request: RequestBuilder| {
            request
                .header("content-type", content_type.to_owned())
                .body(body)
        };
        api.send("POST", "/api/v1/applicants", with).await
    };
    raw("application/json", Vec::new()).await.refuses(400);
    raw("application/json", b"{".to_vec()).await.refuses(400);
    raw("application/json", vec![0xff, 0xfe]).await.refuses(400);
    raw("application/json", b"[".repeat(60_000))
        .await
        .refuses(400);
    raw("text/csv", b"id\n1".to_vec()).await.refuses(415);
    let long = format!("{{\"name\":\"{}\"}}", "x".repeat(70_000));
    raw("application/json", long.into_bytes())
        .await
        .refuses(413);
    assert!(api.store().applicants().await.expect("readable").is_empty());
    // A notice is no refusal.
    let body = json!({"github": "ada-example", "email": "no address"});
    let taken = api.post("/api/v1/applicants", &body).await.is(202);
    assert_eq!(taken["applicant"], "github:ada-example");
    assert!(
        taken["notices"][0]
            .as_str()
            .expect("a notice")
            .contains("email")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_gets_the_same_answer_also_from_the_next_server() {
    let api = Api::start().await;
    let path = "/api/v1/applicants";
    let first = api.post_with_key(path, "key-1", &person("ada")).await;
    first.is(202);
    assert_eq!(first.json()["outcome"], "queued");
    let same = api.post_with_key(path, "key-1", &person("ada")).await;
    assert_eq!((same.status, &same.body), (202, &first.body));
    assert_eq!(same.header("location"), first.header("location"));
    assert_eq!(same.header("idempotency-replayed"), "true");
    let other = api.post_with_key(path, "key-1", &person("bea")).await;
    assert!(other.refuses(422).contains("another request"));
    // Without the key it is done anew.
    assert_eq!(api.submit("ada").await.is(202)["outcome"], "already_queued");
    // What was refused did nothing, and binds nobody.
    let bad = json!({"id": "cy"});
    api.post_with_key(path, "key-2", &bad).await.refuses(422);
    api.post_with_key(path, "key-2", &person("cy"))
        .await
        .is(202);
    for bad in ["", "with blank", &"x".repeat(256)] {
        api.post_with_key(path, bad, &person("ada"))
            .await
            .refuses(400);
    }
    // For a list as well, which would be recorded twice.
    let list = "github\nada-example\n";
    let import = async |api: &Api| {
        let with = |request: RequestBuilder| {
            let request = request.header("idempotency-key", "key-3");
            request.header("content-type", "text/csv").body(list)
        };
        api.send("POST", "/api/v1/imports", with).await
    };
    let taken = import(&api).await;
    taken.is(202);

    let api = api.restarted().await;
    let kept = api.post_with_key(path, "key-1", &person("ada")).await;
    assert_eq!((kept.status, &kept.body), (202, &first.body));
    assert_eq!(import(&api).await.body, taken.body);
    assert_eq!(
        api.get("/api/v1/imports").await.is(200)["items"]
            .as_array()
            .expect("items")
            .len(),
        1
    );
    // Somebody else's key is another key.
    let other = api.server.client(AccessRole::Recruiter).await;
    let request = other
        .request(Method::POST, path)
        .header("idempotency-key", "key-1");
    let answer = request
        .json(&person("bea"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_lead_through_everybody_once() {
    let api = Api::start().await;
    api.crowd(120).await;
    for path in [
        "/api/v1/applicants?".to_owned(),
        format!("/api/v1/applicants?role={ROLE}&"),
        format!("/api/v1/roles/{ROLE}/ranking?"),
        format!("/api/v1/roles/{ROLE}/ranking?sort=name&"),
        format!("/api/v1/roles/{ROLE}/ranking?what_if=kaggle=50&"),
    ] {
        let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = api.get(&format!("{path}limit=50{cursor}")).await.is(200);
            let items = page["items"].as_array().expect("items");
            seen.extend(
                items
                    .iter()
                    .map(|item| item["id"].as_str().expect("an id").to_owned()),
            );
            pages += 1;
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!((pages, seen.len()), (3, 120), "{path}");
        let once: BTreeSet<&String> = seen.iter().collect();
        assert_eq!(once.len(), 120, "{path}");
    }
    // Fifty when nobody says; exactly as many as there are leads to no empty page.
    let page = api.get("/api/v1/applicants").await.is(200);
    assert_eq!(page["items"].as_array().expect("items").len(), 50);
    let page = api
        .get("/api/v1/applicants?q=NUMBER%2011&limit=11")
        .await
        .is(200);
    assert_eq!(page["items"].as_array().expect("items").len(), 11);
    assert!(page.get("next_cursor").is_none());
    for bad in [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=99999999999999999999",
        "limit=x",
        "limit=1&limit=2",
        "cursor=!",
        "cursor=_w",
    ] {
        api.get(&format!("/api/v1/applicants?{bad}"))
            .await
            .refuses(400);
    }
    api.get("/api/v1/applicants?role=no-such")
        .await
        .refuses(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_answer_already_is_told_so() {
    let api = Api::start().await;
    api.profiled("ada").await;
    let id = api.crowd_of_one_import().await;
    for path in [
        "applicants/ada".to_owned(),
        "applicants".to_owned(),
        "applicants/ada/history".to_owned(),
        "applicants/ada/review".to_owned(),
        "jobs/ada".to_owned(),
        "roles".to_owned(),
        format!("roles/{ROLE}/ranking"),
        "imports".to_owned(),
        format!("imports/{id}"),
        "refresh".to_owned(),
    ] {
        let path = format!("/api/v1/{path}");
        let first = api.get(&path).await;
        first.is(200);
        assert_eq!(first.header("cache-control"), "private, no-cache");
        let tag = first.header("etag").to_owned();
        let asked = async |tag: &str| {
            let tag = tag.to_owned();
            api.send("GET", &path, |request| request.header("if-none-match", tag))
                .await
        };
        let same = asked(&tag).await;
        assert_eq!((same.status, same.body.len()), (304, 0), "{path}");
        assert_eq!(same.header("etag"), tag);
        assert_eq!(asked("\"other\"").await.status, 200, "{path}");
        let head = api.send("HEAD", &path, |request| request).await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
    }
    // The tag is the profile's mark, and another one after a change.
    let mark = api
        .store()
        .profile_mark(&"ada".parse().expect("an id"))
        .await;
    let mark = mark.expect("readable").expect("there").to_string();
    let tag = api
        .get("/api/v1/applicants/ada")
        .await
        .header("etag")
        .to_owned();
    assert_eq!(tag, format!("W/\"{mark}\""));
    api.post(
        "/api/v1/applicants/ada/review/notes",
        &json!({"text": "a remark"}),
    )
    .await
    .is(200);
    let after = api.get("/api/v1/applicants/ada").await;
    assert_ne!(after.header("etag"), tag);
}
