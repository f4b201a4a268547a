//! What answers leave in the audit log.

use std::fs;

use plaudit::audit::{Deed, Detail, Entry, Who};
use serde_json::json;

use super::{Api, person};
use crate::audit::{entries_of, verified};

impl Api {
    /// What was noted since so many entries, by anybody.
    async fn noted_since(&self, before: usize) -> Vec<Entry> {
        let mut entries = entries_of(&self.app.config.data_dir).await;
        entries.drain(before..).collect()
    }

    async fn noted(&self) -> usize {
        entries_of(&self.app.config.data_dir).await.len()
    }

    /// The only entry that a request leaves.
    async fn entry_of(&self, method: &str, path: &str, body: Option<serde_json::Value>) -> Entry {
        let before = self.noted().await;
        let answer = self
            .send(method, path, |request| match &body {
                Some(body) => request.json(body),
                None => request,
            })
            .await;
        assert!(answer.status < 400, "{method} {path}: {}", answer.status);
        let mut noted = self.noted_since(before).await;
        assert_eq!(noted.len(), 1, "{method} {path}: {noted:?}");
        noted.remove(0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sees_or_changes_something_is_written_down_once() {
    let api = Api::start().await;
    api.profiled("ada-1").await;
    api.profiled("bob-2").await;
    let me = api.get("/api/v1/session").await.is(200);
    let me = Who::Token(me["token"].as_str().expect("an id").to_owned());
    let adjustment = json!({"points": "+1", "reason": "Zebediah knows why"});
    let note = json!({"text": "Zebediah called from zebediah@example.org"});
    let ranking = "/api/v1/roles/doctoral-dl-radiology/ranking";
    let export = "/api/v1/roles/doctoral-dl-radiology/export?format=jsonl";
    let hook = json!({"url": "https://zebediah.example.org/hook"});
    let token = json!({"name": "Zebediah", "role": "viewer", "expires_at": "2028-01-01T00:00:00Z"});
    let ada = "/api/v1/applicants/ada-1";
    for (method, path, body, did, subjects) in [
        ("GET", ada, None, Deed::Saw, 1),
        ("HEAD", ada, None, Deed::Saw, 1),
        (
            "GET",
            "/api/v1/applicants/ada-1/history",
            None,
            Deed::Saw,
            1,
        ),
        ("GET", "/api/v1/applicants/ada-1/review", None, Deed::Saw, 1),
        ("GET", "/api/v1/jobs/ada-1", None, Deed::Saw, 1),
        ("GET", "/api/v1/applicants", None, Deed::Listed, 2),
        ("GET", "/api/v1/applicants?q=bob", None, Deed::Listed, 1),
        ("GET", ranking, None, Deed::Listed, 2),
        // From memory.
        ("GET", ranking, None, Deed::Listed, 2),
        ("GET", export, None, Deed::Exported, 2),
        ("GET", "/api/v1/refresh", None, Deed::Listed, 0),
        (
            "POST",
            "/api/v1/applicants",
            Some(person("cyd-3")),
            Deed::Enriched,
            1,
        ),
        (
            "POST",
            "/api/v1/applicants/ada-1/refresh",
            None,
            Deed::Enriched,
            1,
        ),
        (
            "POST",
            "/api/v1/applicants/ada-1/review/notes",
            Some(note),
            Deed::Noted,
            1,
        ),
        (
            "POST",
            "/api/v1/applicants/ada-1/review/adjustments",
            Some(adjustment),
            Deed::Adjusted,
            1,
        ),
        ("POST", "/api/v1/tokens", Some(token), Deed::TokenMade, 0),
        (
            "POST",
            "/api/v1/webhooks",
            Some(hook),
            Deed::WebhookChanged,
            0,
        ),
        ("DELETE", "/api/v1/applicants/bob-2", None, Deed::Erased, 1),
    ] {
        let entry = api.entry_of(method, path, body).await;
        assert_eq!(entry.did, did, "{method} {path}");
        assert_eq!(entry.who, me, "{method} {path}");
        assert_eq!(entry.subjects.len(), subjects, "{method} {path}: {entry:?}");
    }
    // About the same person always by the same name.
    let seen = api.entry_of("GET", ada, None).await;
    let asked = api.entry_of("GET", "/api/v1/jobs/ada-1", None).await;
    assert_eq!(seen.subjects, asked.subjects);
    assert_eq!(verified(&api.app.config.data_dir).await, None);
    let log = fs::read_to_string(api.app.config.data_dir.join("audit/log.jsonl")).expect("a log");
    for part in ["ada-1", "bob-2", "zebediah", "example", "http"] {
        assert!(!log.to_lowercase().contains(part), "{part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_reader_has_already_counts_and_a_refusal_does_not() {
    let api = Api::start().await;
    api.profiled("ada-1").await;
    let path = "/api/v1/applicants/ada-1";
    let tag = api.get(path).await.header("etag").to_owned();
    let before = api.noted().await;
    let again = api
        .send("GET", path, |request| request.header("if-none-match", tag))
        .await;
    again.is(304);
    assert_eq!(api.noted_since(before).await[0].did, Deed::Saw);

    let before = api.noted().await;
    api.get("/api/v1/applicants/nobody").await.is(404);
    api.get("/api/v1/applicants?limit=0").await.is(400);
    api.post(
        "/api/v1/applicants/ada-1/review/notes",
        &json!({"text": ""}),
    )
    .await
    .is(422);
    assert_eq!(api.get("/healthz").await.status, 200);
    assert_eq!(api.noted_since(before).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_sent_again_is_written_down_as_such() {
    let api = Api::start().await;
    // The log begins with an entry of its own.
    api.profiled("bob-2").await;
    for again in [false, true] {
        let before = api.noted().await;
        let answer = api
            .post_with_key("/api/v1/applicants", "one", &person("ada-1"))
            .await;
        answer.is(202);
        let noted = api.noted_since(before).await;
        assert_eq!(noted.len(), 1);
        assert_eq!(
            noted[0].about.get("again"),
            again.then_some(&Detail::Number(1))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_down_is_neither_shown_nor_done() {
    let api = Api::start().await;
    api.profiled("ada-1").await;
    let folder = api.app.config.data_dir.join("audit");
    fs::rename(folder.join("log.jsonl"), folder.join("aside")).expect("moved");
    fs::create_dir(folder.join("log.jsonl")).expect("in the way");
    let path = "/api/v1/applicants/ada-1";
    let request = api.client.request(reqwest::Method::GET, path).send().await;
    let answer = request.expect("an answer");
    assert_eq!(answer.status(), 503);
    let said = answer.text().await.expect("text");
    assert!(
        said.contains("nothing is shown or done that cannot be written down"),
        "{said}"
    );
    assert!(!said.contains("ada-1"), "{said}");
    let note = json!({"text": "unheard"});
    let notes = format!("{path}/review/notes");
    let request = api.client.post(&notes, &note).await;
    assert_eq!(request.status(), 503);
    let id = "ada-1".parse().expect("an id");
    let review = api.store().review(&id).await.expect("readable");
    assert_eq!(review.notes, []);
    // What names nobody goes on.
    assert_eq!(api.get("/healthz").await.status, 200);
    let ready = api.client.get("/readyz").await;
    assert_eq!(ready.status(), 503);
    let ready: serde_json::Value = ready.json().await.expect("JSON");
    let why = ready["checks"]["audit"].as_str().expect("a check");
    assert!(why.starts_with("the audit log cannot be written"), "{why}");
    assert_eq!(ready["checks"]["store"], "ok");

    fs::remove_dir(folder.join("log.jsonl")).expect("out of the way");
    fs::rename(folder.join("aside"), folder.join("log.jsonl")).expect("moved back");
    api.get(path).await.is(200);
    assert_eq!(api.get("/readyz").await.status, 200);
    assert_eq!(verified(&api.app.config.data_dir).await, None);
}
