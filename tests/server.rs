//! A server within the tests' process, over a store of a [`TestApp`]'s, and a client for it.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use metrics_exporter_prometheus::PrometheusHandle;
use plaudit::api;
use plaudit::commands::session;
use plaudit::config::Config;
use plaudit::domain::access::AccessRole;
use plaudit::measures;
use plaudit::refresh::{self, Refresher};
use plaudit::service::{Parts, Service};
use plaudit::store::Store;
use plaudit::worker::Allowance;
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;

/// A running server. It ends when it is dropped.
pub(crate) struct Server {
    pub(crate) service: Arc<Service>,
    pub(crate) store: Store,
    pub(crate) url: String,
    stop: CancellationToken,
}

impl Server {
    /// Over an open store; nothing works off its queue.
    pub(crate) async fn over(store: Store, config: &Config) -> Self {
        let stop = CancellationToken::new();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let url = format!("http://{address}");
        let connections = session::connect(config, true).expect("connections");
        let rubrics = session::rubrics(config).expect("rubrics");
        let github = Arc::clone(&connections.github.pool);
        let refresher = Refresher::new(refresh::Parts {
            store: store.clone(),
            config: config.clone(),
            rubrics: rubrics.clone(),
            connections,
            allowance: Arc::new(Allowance::new(5_000.0)),
        });
        let service = Arc::new(Service::new(Parts {
            store: store.clone(),
            config: config.clone(),
            rubrics,
            hosts: session::hosts(config).expect("hosts"),
            refresher: Arc::new(refresher),
            github,
            public_url: url.parse().expect("a URL"),
            metrics: measured(),
            stop: stop.clone(),
        }));
        let router = api::router(Arc::clone(&service));
        let ended = stop.clone();
        tokio::spawn(async move {
            let app = router.into_make_service_with_connect_info::<SocketAddr>();
            let served = axum::serve(listener, app).with_graceful_shutdown(ended.cancelled_owned());
            served.await.expect("served");
        });
        Self {
            service,
            store,
            url,
            stop,
        }
    }

    /// A token of this role that is valid for an hour.
    pub(crate) async fn token(&self, role: AccessRole) -> SecretString {
        let now = Timestamp::now();
        let expires = now + SignedDuration::from_hours(1);
        let name = format!("a {role}");
        let made = api::access::tokens::make(&self.store, &name, role, now, expires).await;
        made.expect("a token").secret
    }

    /// A client that shows a token of this role.
    pub(crate) async fn client(&self, role: AccessRole) -> Client {
        self.client_with(self.token(role).await)
    }

    /// A client that shows this token.
    pub(crate) fn client_with(&self, token: SecretString) -> Client {
        Client {
            url: self.url.clone(),
            token: Some(token),
            http: http(),
        }
    }

    /// A client that shows nothing.
    pub(crate) fn stranger(&self) -> Client {
        Client {
            url: self.url.clone(),
            token: None,
            http: http(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What is counted in this process, which all servers share.
fn measured() -> PrometheusHandle {
    static MEASURED: LazyLock<PrometheusHandle> =
        LazyLock::new(|| measures::install().expect("the only one"));
    MEASURED.clone()
}

fn http() -> reqwest::Client {
    plaudit::http::install_crypto();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_mins(1))
        .build()
        .expect("a client")
}

/// A client of a [`Server`].
pub(crate) struct Client {
    url: String,
    pub(crate) token: Option<SecretString>,
    http: reqwest::Client,
}

impl Client {
    /// A request to a path.
    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token.expose_secret()),
            None => request,
        }
    }

    /// Gets a path.
    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        let request = self.request(reqwest::Method::GET, path);
        request.send().await.expect("an answer")
    }

    /// Posts JSON to a path.
    pub(crate) async fn post(&self, path: &str, body: &serde_json::Value) -> reqwest::Response {
        let request = self.request(reqwest::Method::POST, path).json(body);
        request.send().await.expect("an answer")
    }
}
