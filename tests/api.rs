//! The HTTP API, each answer held against the API's own document.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use plaudit::api::access::table::ROUTES;
use plaudit::commands::session;
use plaudit::domain::access::AccessRole;
use plaudit::domain::facts::Sources;
use plaudit::domain::profile::{Cost, Material, Profile};
use plaudit::standin::{Behaviour, World};
use plaudit::store::{Lane, Leased, Store};
use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::app::{ROLE, TestApp};
use crate::server::{Client, Server};

/// A server over an empty store, and a client whose answers must be documented.
struct Api {
    app: TestApp,
    server: Server,
    client: Client,
    secret: SecretString,
    document: Value,
}

/// What was answered.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str());
        value.expect(name).expect("text")
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{error}: {}", String::from_utf8_lossy(&self.body));
        })
    }

    /// The JSON of an answer with this status.
    #[track_caller]
    fn is(&self, status: u16) -> Value {
        let body = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{body}");
        if self.body.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// What a refusal of this status says.
    #[track_caller]
    fn refuses(&self, status: u16) -> String {
        let problem = self.is(status);
        problem["detail"].as_str().unwrap_or_default().to_owned()
    }
}

impl Api {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    async fn start_with(settings: &[(&str, &str)]) -> Self {
        let app = TestApp::start(World::generated(3, 1), Behaviour::default(), settings).await;
        Self::over(app, None).await
    }

    /// Over an app's data folder, with a token of before or a new one.
    async fn over(app: TestApp, secret: Option<SecretString>) -> Self {
        let (store, _) = session::open_store(&app.config).await.expect("a store");
        let server = Server::over(store, &app.config).await;
        let secret = match secret {
            Some(secret) => secret,
            None => server.token(AccessRole::Admin).await,
        };
        let client = server.client_with(secret.clone());
        let document = server.stranger().get("/api/v1/openapi.json").await;
        let document = document.json().await.expect("JSON");
        Self {
            app,
            server,
            client,
            secret,
            document,
        }
    }

    /// The same data folder under a new server.
    async fn restarted(self) -> Self {
        let Self {
            app,
            server,
            client,
            secret,
            ..
        } = self;
        drop((server, client));
        Self::over(app, Some(secret)).await
    }

    fn store(&self) -> &Store {
        &self.server.store
    }

    /// Sends a request, and holds the answer against the document and the form of problems.
    async fn send(
        &self,
        method: &str,
        path: &str,
        with: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Answer {
        let request = self.client.request(method.parse().expect("a method"), path);
        let response = with(request).send().await.expect("an answer");
        let answer = Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().await.expect("a body").to_vec(),
        };
        self.must_be_documented(method, path, &answer);
        answer
    }

    #[track_caller]
    fn must_be_documented(&self, method: &str, path: &str, answer: &Answer) {
        let status = answer.status;
        if status >= 400 && method != "HEAD" {
            assert_eq!(answer.header("content-type"), "application/problem+json");
            let problem = answer.json();
            assert_eq!(problem["status"], status, "{path}");
            let kind = problem["type"].as_str().expect("a type");
            assert!(kind.starts_with("/problems/"), "{kind}");
            assert!(problem["title"].is_string(), "{problem}");
        }
        let template = self.template(path);
        let Some(operation) = template.and_then(|item| item.get(as_documented(method))) else {
            assert!([404, 405].contains(&status), "{method} {path}: {status}");
            return;
        };
        let documented = operation["responses"].get(status.to_string());
        assert!(
            documented.is_some(),
            "{method} {path} answers {status}, which is not documented"
        );
    }

    /// What the document says of a path.
    fn template(&self, path: &str) -> Option<&Value> {
        let path = path.split('?').next().unwrap_or_default();
        let segments: Vec<&str> = path.split('/').collect();
        let paths = self.document["paths"].as_object().expect("paths");
        let fits = |template: &str| {
            let parts: Vec<&str> = template.split('/').collect();
            parts.len() == segments.len()
                && parts.iter().zip(&segments).all(|(part, segment)| {
                    part == segment || (part.starts_with('{') && !segment.is_empty())
                })
        };
        let found = paths.iter().find(|(template, _)| fits(template));
        found.map(|(_, item)| item)
    }

    async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, |request| request).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, |request| request.json(body)).await
    }

    async fn post_with_key(&self, path: &str, key: &str, body: &Value) -> Answer {
        let with = |request: RequestBuilder| request.header("idempotency-key", key).json(body);
        self.send("POST", path, with).await
    }

    async fn import(
        &self,
        path: &str,
        content_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let with =
            |request: RequestBuilder| request.header("content-type", content_type).body(body);
        self.send("POST", path, with).await
    }

    /// Submits a made-up person whom no source needs to be asked about.
    async fn submit(&self, id: &str) -> Answer {
        self.post("/api/v1/applicants", &person(id)).await
    }

    /// Works off one job as a worker does.
    async fn work(&self) -> Leased {
        let now = Timestamp::now();
        let (store, lease) = (self.store(), Duration::from_mins(1));
        let leased = store.lease("test", now, lease, Lane::Any).await;
        let leased = leased.expect("readable").expect("a job");
        let review = store.review(&leased.applicant.id).await.expect("readable");
        let material = Material {
            applicant: (&leased.applicant).into(),
            role: leased.applicant.role.clone(),
            sources: Sources::default(),
            review,
            cost: Cost::default(),
            notices: Vec::new(),
        };
        let rubric = &self.server.service.rubrics[&leased.applicant.role];
        store.keep_rubric(rubric).await.expect("kept");
        let before = store.profile(&leased.applicant.id).await.expect("readable");
        let today = now.to_zoned(TimeZone::UTC).date();
        let profile = Profile::judge(material, rubric, today, before.as_ref());
        store
            .finish(&leased.lease, profile, now)
            .await
            .expect("finished");
        leased
    }

    /// A made-up person with a profile.
    async fn profiled(&self, id: &str) {
        self.submit(id).await.is(202);
        self.work().await;
    }

    /// As many of them as that, under the ids `person-000` and so on.
    async fn crowd(&self, count: usize) {
        let rows = (0..count).map(|number| {
            let row = json!({
                "id": format!("person-{number:03}"),
                "name": format!("Person Number {number}"),
                "homepage": format!("https://person-{number}.example.org/"),
            });
            format!("{row}\n")
        });
        let list: String = rows.collect();
        self.import("/api/v1/imports", "application/x-ndjson", list)
            .await
            .is(202);
        for _ in 0..count {
            self.work().await;
        }
    }

    async fn events(&self, path: &str, last: Option<&str>) -> Events {
        let mut request = self.client.request(Method::GET, path);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Events {
            response,
            text: String::new(),
        }
    }
}

/// `HEAD` is as `GET`.
fn as_documented(method: &str) -> String {
    match method {
        "HEAD" => "get".to_owned(),
        method => method.to_lowercase(),
    }
}

fn person(id: &str) -> Value {
    json!({"id": id, "name": "Ada Example", "homepage": format!("https://{id}.example.org/")})
}

/// A stream of events.
struct Events {
    response: Response,
    text: String,
}

#[derive(Debug, Default, PartialEq)]
struct Happening {
    event: String,
    id: Option<String>,
    data: Value,
}

impl Events {
    /// The next event; `None`: the stream has ended.
    async fn next(&mut self) -> Option<Happening> {
        let within = Duration::from_secs(20);
        tokio::time::timeout(within, self.read())
            .await
            .expect("an event in time")
    }

    async fn read(&mut self) -> Option<Happening> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some(happening) = parsed(&block) {
                    return Some(happening);
                }
                continue;
            }
            let chunk = self.response.chunk().await.expect("readable")?;
            self.text
                .push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        }
    }
}

/// An event; `None`: a comment alone.
fn parsed(block: &str) -> Option<Happening> {
    let mut happening = Happening::default();
    for line in block.lines() {
        match line.split_once(": ") {
            Some(("event", event)) => event.clone_into(&mut happening.event),
            Some(("id", id)) => happening.id = Some(id.to_owned()),
            Some(("data", data)) => happening.data = serde_json::from_str(data).expect("JSON"),
            _ => {}
        }
    }
    (!happening.event.is_empty()).then_some(happening)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_the_table_is_documented_and_no_other() {
    let api = Api::start().await;
    let methods = ["get", "post", "put", "patch", "delete"];
    let documented: BTreeSet<(String, String)> = api.document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, item)| {
            let found = methods.iter().filter(|method| item.get(**method).is_some());
            found.map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let table: BTreeSet<(String, String)> = ROUTES
        .iter()
        .filter(|(_, path, _)| path.starts_with("/api/v1/"))
        .filter(|(_, path, _)| !path.contains("/docs") && !path.ends_with("openapi.json"))
        .map(|(method, path, _)| (method.to_string(), (*path).to_owned()))
        .collect();
    let documented: BTreeSet<_> = documented
        .into_iter()
        .filter(|(_, path)| path.starts_with("/api/v1/"))
        .collect();
    assert_eq!(documented, table);
    assert!(table.len() >= 32, "{}", table.len());
}

/// Every reference within a document, wherever it stands.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                found.push(reference.clone());
            }
            object.values().for_each(|inner| references(inner, found));
        }
        Value::Array(list) => list.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_leads_nowhere_that_it_does_not_hold() {
    let api = Api::start().await;
    let mut found = Vec::new();
    references(&api.document, &mut found);
    assert!(found.len() > 100, "{}", found.len());
    for reference in found {
        let pointer = reference.strip_prefix('#').expect("within the document");
        assert!(api.document.pointer(pointer).is_some(), "{reference}");
    }
    let schemas = &api.document["components"]["schemas"];
    assert!(schemas["Profile"]["properties"]["score"].is_object());
    assert!(schemas["Review"]["properties"]["evidence"].is_object());
    assert_eq!(api.document["openapi"], "3.1.0");
    let tags = api.document["tags"].as_array().expect("tags").iter();
    let tags: Vec<&Value> = tags.map(|tag| &tag["name"]).collect();
    // Each operation has a name of its own, and says who may.
    let mut names = BTreeSet::new();
    for (path, item) in api.document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let name = operation["operationId"].as_str().expect("a name");
            assert!(names.insert(name), "{method} {path}: {name}");
            assert!(operation["security"].is_array(), "{method} {path}");
            assert!(operation["responses"].get("500").is_some());
            assert!(tags.contains(&&operation["tags"][0]), "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documentation_opens_without_any_other_host_or_inline_script() {
    let api = Api::start().await;
    let stranger = api.server.stranger();
    let page = stranger.get("/api/v1/docs/").await;
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .expect("text");
    assert!(policy.contains("script-src 'self';"), "{policy}");
    let html = page.text().await.expect("text");
    let mut scripts = 0;
    for tag in html.split("<script").skip(1) {
        let (open, rest) = tag.split_once('>').expect("a tag");
        assert!(open.contains("src="), "{html}");
        let within = rest.split("</script").next().unwrap_or_default();
        assert_eq!(within.trim(), "", "{html}");
        scripts += 1;
    }
    assert!(scripts >= 2, "{html}");
    assert!(!html.contains("//"), "another host: {html}");
    for asset in html
        .split("src=\"")
        .skip(1)
        .chain(html.split("href=\"").skip(1))
    {
        let name = asset
            .split('"')
            .next()
            .expect("a name")
            .trim_start_matches("./");
        let answer = stranger.get(&format!("/api/v1/docs/{name}")).await;
        assert_eq!(answer.status(), 200, "{name}");
    }
    let begin = stranger.get("/api/v1/docs/swagger-initializer.js").await;
    let begin = begin.text().await.expect("text");
    assert!(begin.contains("/api/v1/openapi.json"), "{begin}");
    assert_eq!(stranger.get("/api/v1/docs/no-such").await.status(), 404);
}

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

impl Api {
    /// The id of an import of one applicant.
    async fn crowd_of_one_import(&self) -> String {
        let taken = self
            .import(
                "/api/v1/imports",
                "text/plain",
                "https://github.com/bea-example",
            )
            .await;
        taken.is(202)["id"].as_str().expect("an id").to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_add_is_signed_judged_with_and_stays_when_withdrawn() {
    let api = Api::start().await;
    api.profiled("ada").await;
    let of = |what: &str| format!("/api/v1/applicants/ada/review{what}");
    let evidence = json!({
        "kind": "industry", "amount": 3, "url": "https://example.org/cv", "reason": "an imaging firm", "date": "2025-01-01",
    });
    let added = api.post(&of("/evidence"), &evidence).await.is(200);
    assert!(
        added["after"]["low"].as_f64() > added["before"]["low"].as_f64(),
        "{added}"
    );
    let number = added["review"]["evidence"][0]["number"]
        .as_u64()
        .expect("a number");
    assert!(added["review"]["evidence"][0]["signature"]["by"].is_string());
    api.post(&of("/evidence"), &evidence).await.refuses(409);
    api.post(&of("/notes"), &json!({"text": "a strong talk"}))
        .await
        .is(200);
    let adjusted = api
        .post(
            &of("/adjustments"),
            &json!({"points": "+2.5", "reason": "the very subject"}),
        )
        .await
        .is(200);
    assert_eq!(adjusted["adjusted_by"], 2.5);
    assert_eq!(adjusted["before"], adjusted["after"]);
    let review = api.get(&of("")).await.is(200);
    assert_eq!(review, adjusted["review"]);

    let why = json!({"reason": "somebody else of the same name"});
    let withdrawn = api
        .post(&of(&format!("/{number}/withdraw")), &why)
        .await
        .is(200);
    assert_eq!(withdrawn["after"]["low"], added["before"]["low"]);
    assert_eq!(
        withdrawn["review"]["evidence"][0]["withdrawn"]["reason"],
        why["reason"]
    );
    api.post(&of(&format!("/{number}/withdraw")), &why)
        .await
        .refuses(409);
    let note = adjusted["review"]["notes"][0]["number"]
        .as_u64()
        .expect("a number");
    api.post(&of(&format!("/{note}/withdraw")), &why)
        .await
        .refuses(409);
    let points = adjusted["review"]["adjustments"][0]["number"]
        .as_u64()
        .expect("a number");
    api.post(&of(&format!("/{points}/withdraw")), &why)
        .await
        .is(200);
    for nowhere in [
        "/99/withdraw",
        "/x/withdraw",
        "/-1/withdraw",
        "/99999999999/withdraw",
    ] {
        api.post(&of(nowhere), &why).await.refuses(404);
    }
    for (what, body, said) in [
        ("/notes", json!({"text": " "}), "empty"),
        ("/notes", json!({"text": "x".repeat(201)}), "201 characters"),
        ("/notes", json!({}), "missing field"),
        (
            "/adjustments",
            json!({"points": "lots", "reason": "x"}),
            "no number of points",
        ),
        (
            "/adjustments",
            json!({"points": 2, "reason": "x"}),
            "invalid type",
        ),
        (
            "/evidence",
            json!({"kind": "luck", "url": "https://example.org", "reason": "x", "date": "2025-01-01"}),
            "luck",
        ),
        (
            "/evidence",
            json!({"kind": "industry", "url": "ftp://example.org", "reason": "x", "date": "2025-01-01"}),
            "no URL",
        ),
        (
            "/evidence",
            json!({"kind": "industry", "url": "https://example.org", "reason": "x", "date": "2999-01-01"}),
            "future",
        ),
        (
            "/evidence",
            json!({"kind": "industry", "url": "https://example.org", "reason": "x", "date": "soon"}),
            "body",
        ),
        (
            "/evidence",
            json!({"kind": "industry", "url": "https://example.org", "reason": "x", "date": "2025-01-01", "amount": -1}),
            "body",
        ),
    ] {
        let detail = api.post(&of(what), &body).await.refuses(422);
        assert!(detail.contains(said), "{body}: {detail}");
    }
    api.post(
        "/api/v1/applicants/nobody/review/notes",
        &json!({"text": "x"}),
    )
    .await
    .refuses(404);

    // Each change that counts is a profile of its own.
    let history = api.get("/api/v1/applicants/ada/history").await.is(200);
    let rows = history["items"].as_array().expect("rows");
    assert!(rows.len() >= 3, "{history}");
    for row in rows {
        let name = row["snapshot"].as_str().expect("a name");
        let short = name.strip_prefix("ada/").expect("the applicant's");
        let kept = api
            .get(&format!("/api/v1/applicants/ada/snapshots/{short}"))
            .await
            .is(200);
        assert_eq!(kept["snapshot"], name);
    }
    api.get("/api/v1/applicants/ada/snapshots/0123456789abcdef")
        .await
        .refuses(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_taken_in_with_a_report_of_each_row() {
    let api = Api::start().await;
    let list = "id,name,github,role\n\
        a,Ada Example,ada-example,\n\
        b,Bea Example,,\n\
        c,Cy Example,cy-example,no-such\n\
        a,Ada Example,ada-example,\n\
        d,Dan Example,dan-example,radiology-ml-engineer\n";
    let taken = api.import("/api/v1/imports", "text/csv", list).await;
    let report = taken.is(202);
    let id = report["id"].as_str().expect("an id");
    assert_eq!(taken.header("location"), format!("/api/v1/imports/{id}"));
    assert_eq!(report["state"], "accepted");
    let rows: Vec<(u64, &str, &str)> = report["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap_or_default();
            (
                row["line"].as_u64().expect("a line"),
                text("outcome"),
                text("applicant"),
            )
        })
        .collect();
    let has_other_role = api
        .server
        .service
        .rubrics
        .contains_key("radiology-ml-engineer");
    let last = if has_other_role { "queued" } else { "refused" };
    assert_eq!(
        rows,
        [
            (2, "queued", "a"),
            (3, "refused", ""),
            (4, "refused", "c"),
            (5, "merged", "a"),
            (6, last, "d"),
        ]
    );
    assert!(
        report["rows"][1]["reason"]
            .as_str()
            .expect("a reason")
            .contains("no link")
    );
    assert!(
        report["rows"][2]["reason"]
            .as_str()
            .expect("a reason")
            .contains(ROLE)
    );
    assert_eq!(report["counts"]["rows"], 5);
    assert_eq!(report["counts"]["merged"], 1);
    assert_eq!(report["progress"]["waiting"], report["progress"]["total"]);
    // The same once more does no harm, and is another import.
    let again = api
        .import("/api/v1/imports", "application/octet-stream", list)
        .await
        .is(202);
    assert_eq!(again["rows"][0]["outcome"], "already_queued");
    let all = api.get("/api/v1/imports").await.is(200);
    let ids: Vec<&Value> = all["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(ids, [&again["id"], &report["id"]], "the newest first");
    let page = api.get("/api/v1/imports?limit=1").await.is(200);
    let next = page["next_cursor"].as_str().expect("another page");
    let page = api
        .get(&format!("/api/v1/imports?limit=1&cursor={next}"))
        .await
        .is(200);
    assert_eq!(page["items"][0]["id"], report["id"]);
    assert!(page.get("next_cursor").is_none());

    api.work().await;
    let later = api.get(&format!("/api/v1/imports/{id}")).await.is(200);
    assert_eq!(later["progress"]["done"], 1);
    assert_eq!(later["rows"], report["rows"]);
    for nowhere in ["x", "0123456789abcdef01234567", "!0123", "%00"] {
        api.get(&format!("/api/v1/imports/{nowhere}"))
            .await
            .refuses(404);
        api.get(&format!("/api/v1/imports/{nowhere}/events"))
            .await
            .refuses(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_may_come_in_many_forms_and_what_is_none_is_refused() {
    let api = Api::start().await;
    let form = |fields: &[(&str, &str)]| {
        let mut body = String::new();
        for (name, value) in fields {
            let file = if *name == "list" {
                "; filename=\"list.csv\""
            } else {
                ""
            };
            body.push_str(&format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n"));
        }
        format!("{body}--limit--\r\n")
    };
    let multipart = "multipart/form-data; boundary=limit";
    let path = "/api/v1/imports";
    let count = |answer: &Answer| answer.is(202)["counts"]["rows"].as_u64();
    let links = "https://github.com/ada-example\nhttps://github.com/bea-example\n";
    for (content_type, body) in [
        ("text/plain", links.to_owned()),
        (
            "text/csv; charset=utf-8",
            "github\nada-example\nbea-example".to_owned(),
        ),
        (
            "application/x-ndjson",
            "{\"github\":\"ada-example\"}\n{\"github\":\"bea-example\"}".to_owned(),
        ),
        (
            multipart,
            form(&[("list", "github\nada-example\nbea-example")]),
        ),
        (
            multipart,
            form(&[("links", links), ("list", ""), ("role", ROLE)]),
        ),
    ] {
        let taken = api.import(path, content_type, body).await;
        assert_eq!(count(&taken), Some(2), "{content_type}");
    }
    for (content_type, body, status) in [
        ("text/csv", String::new(), 422),
        ("text/csv", "shoe size,colour\n7,red".to_owned(), 422),
        ("application/octet-stream", "%PDF-1.7".to_owned(), 422),
        ("text/plain", "PK\u{3}\u{4}rubbish".to_owned(), 422),
        ("application/json", "[]".to_owned(), 415),
        ("image/png", "x".to_owned(), 415),
        ("multipart/form-data", "x".to_owned(), 400),
        (multipart, "rubbish".to_owned(), 400),
        (multipart, form(&[]), 422),
        (multipart, form(&[("links", links), ("list", links)]), 422),
        (
            multipart,
            form(&[("links", links), ("role", "no-such")]),
            422,
        ),
    ] {
        let refused = api.import(path, content_type, body.clone()).await;
        assert!(!refused.refuses(status).is_empty(), "{content_type} {body}");
    }
    let refused = api.send("POST", path, |request| request.body("x")).await;
    refused.refuses(415);
    let refused = api
        .import("/api/v1/imports?role=no-such", "text/plain", links)
        .await;
    assert!(refused.refuses(422).contains(ROLE));
    let long = vec![b'x'; api.app.config.serve.max_body_bytes + 1];
    let refused = api.import(path, "text/csv", long).await;
    refused.refuses(413);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_was_cut_off_is_seen_to_be() {
    let api = Api::start().await;
    let id = api.crowd_of_one_import().await;
    // As it is on the disk when the server dies between accepting and answering.
    let shelf = plaudit::store::Shelf::Imports;
    let record: Option<Value> = api.store().record(shelf, &id).await.expect("readable");
    let mut record = record.expect("there");
    record["state"] = "accepting".into();
    let edit = plaudit::store::Edit::new().put(shelf, &id, &record);
    assert!(api.store().edit(edit).await.expect("written"));
    let seen = api.get(&format!("/api/v1/imports/{id}")).await.is(200);
    assert_eq!(seen["state"], "accepting");
    let api = api.restarted().await;
    let seen = api.get(&format!("/api/v1/imports/{id}")).await.is(200);
    assert_eq!(seen["state"], "interrupted");
    assert_eq!(
        seen["progress"]["waiting"], 1,
        "who was accepted stays accepted"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_followed_until_it_is_done_and_after_a_break() {
    let api = Api::start().await;
    api.submit("ada").await.is(202);
    let mut events = api.events("/api/v1/jobs/ada/events", None).await;
    let first = events.next().await.expect("an event");
    assert_eq!(
        (first.event.as_str(), &first.data["state"]),
        ("job", &json!("ready"))
    );
    assert_eq!(first.data, api.get("/api/v1/jobs/ada").await.is(200));
    let last = first.id.expect("an id");
    // Somebody else's job is no news.
    api.submit("bea").await.is(202);
    let leased = api.work().await;
    assert_eq!(leased.applicant.id.as_str(), "ada");
    let mut told = Vec::new();
    while let Some(happening) = events.next().await {
        told.push(happening);
    }
    let end = told.pop().expect("an end");
    assert_eq!(end.event, "end");
    let done = told.pop().expect("the last state");
    assert_eq!(done.data["state"], "done");
    assert_eq!(done.data["profile"], "/api/v1/applicants/ada");

    // After a break: what has changed since is told, and what has not is not.
    let mut events = api.events("/api/v1/jobs/ada/events", Some(&last)).await;
    let again = events.next().await.expect("an event");
    assert_eq!(again.data["state"], "done");
    let last = again.id.expect("an id");
    let mut events = api.events("/api/v1/jobs/ada/events", Some(&last)).await;
    assert_eq!(events.next().await.expect("an end").event, "end");
    assert_eq!(events.next().await, None);
    api.get("/api/v1/jobs/nobody/events").await.refuses(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_followed_until_nobody_waits_any_more() {
    let api = Api::start().await;
    let links = (0..3).map(|number| format!("https://person-{number}.example.org/\n"));
    let links: String = links.collect();
    let taken = api
        .import("/api/v1/imports", "text/plain", links)
        .await
        .is(202);
    let path = format!(
        "/api/v1/imports/{}/events",
        taken["id"].as_str().expect("an id")
    );
    let mut events = api.events(&path, None).await;
    let first = events.next().await.expect("an event");
    assert_eq!(first.event, "progress");
    assert_eq!(first.data, taken["progress"]);
    for _ in 0..3 {
        api.work().await;
    }
    let (mut done, mut last) = (0, Happening::default());
    while let Some(happening) = events.next().await {
        if happening.event == "progress" {
            let now = happening.data["done"].as_u64().expect("a count");
            assert!(now >= done, "{now} after {done}");
            done = now;
        }
        last = happening;
    }
    assert_eq!((done, last.event.as_str()), (3, "end"));
}

#[tokio::test(flavor = "multi_thread")]
async fn live_progress_ends_with_the_server() {
    let api = Api::start().await;
    api.submit("ada").await.is(202);
    let mut events = api.events("/api/v1/jobs/ada/events", None).await;
    events.next().await.expect("an event");
    api.server.service.stop.cancel();
    assert_eq!(events.next().await.expect("an end").event, "end");
    assert_eq!(events.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ranking_is_filtered_sorted_imagined_and_downloaded() {
    let api = Api::start().await;
    for id in ["ada", "bea", "cy"] {
        api.profiled(id).await;
    }
    let evidence = json!({"kind": "industry", "amount": 5, "url": "https://example.org/cv", "reason": "a firm", "date": "2025-01-01"});
    api.post("/api/v1/applicants/cy/review/evidence", &evidence)
        .await
        .is(200);
    let roles = api.get("/api/v1/roles").await.is(200);
    let ours = roles["items"]
        .as_array()
        .expect("items")
        .iter()
        .find(|role| role["name"] == ROLE);
    assert_eq!(ours.expect("ours")["applicants"], 3);
    let ranking = format!("/api/v1/roles/{ROLE}/ranking");
    let ids = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().expect("items").iter();
        items
            .map(|row| row["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    let page = api.get(&ranking).await.is(200);
    assert_eq!(ids(&page), ["cy", "ada", "bea"]);
    assert_eq!(page["items"][0]["rank"], 1);
    for key in [
        "best",
        "worst",
        "likely_best",
        "likely_worst",
        "tie",
        "name",
        "score",
        "coverage",
        "flags",
        "identity",
    ] {
        assert!(page["items"][0].get(key).is_some(), "{key}");
    }
    for (query, expected) in [
        ("q=ADA", &["cy", "ada", "bea"][..]),
        ("q=be", &["bea"]),
        ("sort=id", &["ada", "bea", "cy"]),
        ("sort=coverage", &["cy", "ada", "bea"]),
        ("identity=claimed", &["cy", "ada", "bea"]),
        ("identity=proven", &[]),
        ("flagged=true", &[]),
        ("state=complete", &[]),
        ("limit=1", &["cy"]),
    ] {
        let page = api.get(&format!("{ranking}?{query}")).await.is(200);
        assert_eq!(ids(&page), expected, "{query}");
    }
    let imagined = api
        .get(&format!("{ranking}?what_if=reviewed=0"))
        .await
        .is(200);
    assert_eq!(ids(&imagined), ["ada", "bea", "cy"]);
    assert_eq!(imagined["items"][2]["was"], 1);
    assert!(imagined["what_if"].is_string());
    for (query, status) in [
        ("sort=luck", 400),
        ("flagged=perhaps", 400),
        ("what_if=kaggle", 400),
        ("what_if=kaggle=NaN", 400),
        ("what_if=kaggle=1,kaggle=2", 400),
        ("cursor=YWJj", 400),
        ("what_if=luck=5", 422),
        ("what_if=kaggle=101", 422),
        ("what_if=kaggle=-1", 422),
    ] {
        api.get(&format!("{ranking}?{query}")).await.refuses(status);
    }
    for (format, media_type, ending, word) in [
        ("csv", "text/csv; charset=utf-8", "csv", "ada"),
        ("json", "application/json", "json", "\"ada\""),
        ("jsonl", "application/x-ndjson", "jsonl", "\"ada\""),
        ("markdown", "text/markdown; charset=utf-8", "md", "ada"),
        ("html", "text/html; charset=utf-8", "html", "<html"),
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
            "PK",
        ),
    ] {
        let file = api
            .get(&format!("/api/v1/roles/{ROLE}/export?format={format}"))
            .await;
        assert_eq!(file.status, 200, "{format}");
        assert_eq!(file.header("content-type"), media_type);
        let disposition = format!("attachment; filename=\"{ROLE}.{ending}\"");
        assert_eq!(file.header("content-disposition"), disposition);
        assert!(
            String::from_utf8_lossy(&file.body).contains(word),
            "{format}"
        );
    }
    api.get(&format!("/api/v1/roles/{ROLE}/export?format=text"))
        .await
        .refuses(400);
    for nowhere in ["no-such", "..", "%00", "a%2Fb"] {
        api.get(&format!("/api/v1/roles/{nowhere}/ranking"))
            .await
            .refuses(404);
        api.get(&format!("/api/v1/roles/{nowhere}/export"))
            .await
            .refuses(404);
    }
}

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

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_is_given_up_and_live_progress_is_not() {
    let api = Api::start_with(&[("PLAUDIT_SERVE__REQUEST_TIMEOUT", "1s")]).await;
    api.submit("ada").await.is(202);
    let mut events = api.events("/api/v1/jobs/ada/events", None).await;
    assert_eq!(
        events.next().await.expect("an event").data["state"],
        "ready"
    );
    // A body whose end never comes.
    let begun = stream::iter([Ok::<_, std::io::Error>("id,github\n")]);
    let body = reqwest::Body::wrap_stream(begun.chain(stream::pending()));
    let given_up = api.import("/api/v1/imports", "text/csv", body).await;
    given_up.refuses(503);
    assert_eq!(given_up.json()["type"], "/problems/timeout");
    api.work().await;
    loop {
        let happening = events.next().await.expect("an event");
        assert_eq!(happening.event, "job");
        if happening.data["state"] == "done" {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_follow_at_once_and_whoever_goes_makes_room() {
    let api = Api::start().await;
    api.submit("ada").await.is(202);
    let path = "/api/v1/jobs/ada/events";
    let mut following = Vec::new();
    for _ in 0..256 {
        following.push(api.events(path, None).await);
    }
    let refused = api.get(path).await;
    refused.refuses(503);
    assert_eq!(refused.json()["type"], "/problems/busy");
    assert_eq!(refused.header("retry-after"), "5");
    following.pop();
    // The server notices that a reader has gone when it next writes, or the connection ends.
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let request = api.client.request(Method::GET, path);
        if request.send().await.expect("an answer").status() == 200 {
            break;
        }
        assert!(Instant::now() < deadline, "no room was made");
    }
}
