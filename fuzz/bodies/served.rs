//! A server without a network: requests go straight to its routes, and nothing works off its queue.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt as _;
use jiff::{SignedDuration, Timestamp};
use metrics_exporter_prometheus::PrometheusBuilder;
use plaudit::api;
use plaudit::api::access::tokens;
use plaudit::commands::session;
use plaudit::config::{Config, Overrides};
use plaudit::domain::access::{AccessRole, Session};
use plaudit::refresh::{self, Refresher};
use plaudit::service::{Parts, Service};
use plaudit::store::{Edit, Shelf, Store, StoreOptions};
use plaudit::worker::Allowance;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// Requests after which the server begins anew, so that what they leave does not pile up. Count.
const REQUESTS: u32 = 5_000;

/// A server, and what its callers show.
pub(super) struct Server {
    runtime: Runtime,
    router: Router,
    requests: u32,
    /// What is shown, by the word that stands for it in an input.
    pub(super) secrets: BTreeMap<&'static str, String>,
    _folder: TempDir,
}

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

thread_local! {
    static SERVER: std::cell::RefCell<Option<Server>> = const { std::cell::RefCell::new(None) };
}

/// Hands the server of this thread to `work`.
pub(super) fn with<T>(work: impl FnOnce(&mut Server) -> T) -> T {
    SERVER.with_borrow_mut(|place| {
        if place
            .as_ref()
            .is_none_or(|server| server.requests >= REQUESTS)
        {
            *place = None;
            *place = Some(Server::start());
        }
        let server = place.as_mut().expect("just made");
        server.requests += 1;
        work(server)
    })
}

impl Server {
    fn start() -> Self {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().build().expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let config = config(&folder);
        let (router, secrets) = runtime.block_on(async {
            let opened = Store::open(&config.data_dir, StoreOptions::default()).await;
            let (store, _) = opened.expect("a store");
            let secrets = secrets(&store).await;
            (router(store, config), secrets)
        });
        Self {
            runtime,
            router,
            requests: 0,
            secrets,
            _folder: folder,
        }
    }

    /// Sends a request. Of a stream that goes on nothing is read.
    pub(super) fn send(&self, request: Request<Body>) -> Answer {
        let router = self.router.clone();
        self.runtime.block_on(async {
            let Ok(response) = router.oneshot(request).await;
            read(response).await
        })
    }
}

async fn read(response: Response<Body>) -> Answer {
    let (parts, body) = response.into_parts();
    let kind = parts.headers.get(http::header::CONTENT_TYPE);
    let goes_on = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    let body = if goes_on {
        Vec::new()
    } else {
        let body = body.collect().await.expect("a whole answer");
        body.to_bytes().to_vec()
    };
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body,
    }
}

fn config(folder: &TempDir) -> Config {
    let home = folder.path().to_str().expect("UTF-8");
    let data = folder.path().join("data");
    let environment = [
        ("HOME", home),
        ("PLAUDIT_DATA_DIR", data.to_str().expect("UTF-8")),
        // Nobody listens there.
        ("GITHUB_API_URL", "http://127.0.0.1:9"),
        ("GITHUB_GRAPHQL_URL", "http://127.0.0.1:9/graphql"),
        ("PLAUDIT_KAGGLE__URL", "http://127.0.0.1:9"),
        ("PLAUDIT_HOMEPAGE__FOLLOW", "false"),
        ("PLAUDIT_SERVE__REQUESTS_PER_MINUTE", "1000000"),
        ("PLAUDIT_SERVE__SIGN_INS_PER_MINUTE", "10000"),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Config::load(&Overrides::default(), &environment.into()).expect("settings")
}

fn router(store: Store, config: Config) -> Router {
    let stop = CancellationToken::new();
    let connections = session::connect(&config, true).expect("connections");
    let rubrics = session::rubrics(&config).expect("rubrics");
    let github = Arc::clone(&connections.github.pool);
    let refresher = Refresher::new(refresh::Parts {
        store: store.clone(),
        config: config.clone(),
        rubrics: rubrics.clone(),
        connections,
        allowance: Arc::new(Allowance::new(5_000.0)),
    });
    api::router(Arc::new(Service::new(Parts {
        store,
        rubrics,
        hosts: session::hosts(&config).expect("hosts"),
        config,
        refresher: Arc::new(refresher),
        github,
        public_url: "http://127.0.0.1:8080".parse().expect("a URL"),
        // Not installed: what is counted goes nowhere.
        metrics: PrometheusBuilder::new().build_recorder().handle(),
        stop,
    })))
}

/// A token of each role, one that was revoked, and a session of each of two kinds: one that lasts and one that is over.
async fn secrets(store: &Store) -> BTreeMap<&'static str, String> {
    let now = Timestamp::now();
    let end = now + SignedDuration::from_hours(24);
    let mut secrets = BTreeMap::new();
    let names = [
        ("{viewer}", AccessRole::Viewer),
        ("{recruiter}", AccessRole::Recruiter),
        ("{admin}", AccessRole::Admin),
        ("{revoked}", AccessRole::Admin),
    ];
    for (name, role) in names {
        let made = tokens::make(store, "a fuzzer's", role, now, end);
        let made = made.await.expect("a token");
        let secret = made.secret.expose_secret().to_owned();
        if name == "{revoked}" {
            let revoked = tokens::revoke(store, &made.token.id, now).await;
            assert!(revoked.expect("revoked").is_some());
        }
        if name == "{viewer}" {
            for (name, expires_at) in [("{session}", end), ("{over}", now)] {
                let token = tokens::digest(&secret);
                begin(
                    store,
                    name,
                    Session {
                        token,
                        created_at: now,
                        expires_at,
                    },
                )
                .await;
                secrets.insert(name, name.trim_matches(['{', '}']).to_owned());
            }
        }
        secrets.insert(name, secret);
    }
    secrets
}

/// Keeps a session whose cookie is the word itself.
async fn begin(store: &Store, name: &str, session: Session) {
    let digest = tokens::digest(name.trim_matches(['{', '}']));
    let edit = Edit::new().put(Shelf::Sessions, &digest, &session);
    assert!(store.edit(edit).await.expect("kept"));
}
