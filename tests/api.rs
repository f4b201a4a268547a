//! The HTTP API, each answer held against the API's own document.

mod applicants;
mod document;
mod lists;
mod live;
mod noted;
mod odd;
mod rankings;
mod reviews;

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use plaudit::commands::session;
use plaudit::domain::access::AccessRole;
use plaudit::domain::facts::Sources;
use plaudit::domain::profile::{Cost, Material, Profile};
use plaudit::standin::{Behaviour, World};
use plaudit::store::{Lane, Leased, Store};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, Response};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::app::TestApp;
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
