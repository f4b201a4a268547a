//! The made-up Kaggle on the wire: one address on loopback for Kaggle, its storage, and every home page.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::Response,
};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    answers::{Answer, answer_of, failure, too_many},
    books::{Books, KaggleReport, Verdict, whole_seconds},
    credentials::{Credential, credential},
    faults::{KaggleBehaviour, KaggleFault, RequestKind},
    sending::{Sent, send},
    storage::{Links, Storage},
    world::KaggleWorld,
};
use crate::standin::doors::{Connection, serve};

/// Longest request body. Calls of the endpoint are far shorter.
const LONGEST_BODY: usize = 1 << 16;

/// A running stand-in. It ends with [`KaggleStandIn::stop`], or when it is dropped.
#[derive(Debug)]
pub struct KaggleStandIn {
    address: SocketAddr,
    shared: Arc<Shared>,
    tasks: TaskTracker,
}

impl KaggleStandIn {
    /// Serves `world` on a free port of 127.0.0.1.
    pub async fn start(world: Arc<KaggleWorld>, behaviour: KaggleBehaviour) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let books = Mutex::new(Books::new(&behaviour));
        let storage = behaviour
            .folder
            .clone()
            .map(|folder| Arc::new(Mutex::new(Storage::new(folder, behaviour.as_zip))));
        let shared = Arc::new(Shared {
            world,
            base: format!("http://{address}"),
            books,
            storage,
            links: Mutex::new(Links::new(behaviour.link_uses, behaviour.link_lives)),
            behaviour,
            stopping: CancellationToken::new(),
        });
        let router: Router = Router::new()
            .fallback(respond)
            .with_state(Arc::clone(&shared));
        let tasks = serve(listener, router, shared.stopping.clone());
        Ok(Self {
            address,
            shared,
            tasks,
        })
    }

    /// Where it listens, for Kaggle and for every home page. Without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        self.shared.base.clone()
    }

    /// The address, for a client that leads made-up hosts to it.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The books so far.
    #[must_use]
    pub fn report(&self) -> KaggleReport {
        self.shared.books().report().clone()
    }

    /// Stops, and waits until its tasks have ended.
    pub async fn stop(self) {
        self.shared.stopping.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for KaggleStandIn {
    fn drop(&mut self) {
        self.shared.stopping.cancel();
    }
}

/// What all requests share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) world: Arc<KaggleWorld>,
    pub(super) base: String,
    pub(super) behaviour: KaggleBehaviour,
    pub(super) storage: Option<Arc<Mutex<Storage>>>,
    pub(super) stopping: CancellationToken,
    links: Mutex<Links>,
    books: Mutex<Books>,
}

impl Shared {
    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn links(&self) -> MutexGuard<'_, Links> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request in flight; it leaves the books when its body is sent, also when the client is gone.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) shared: Arc<Shared>,
    kind: RequestKind,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.shared.books().leave(self.kind);
    }
}

/// A request, and what is known of it before its answer.
pub(super) struct Asked {
    pub(super) kind: RequestKind,
    pub(super) parts: Parts,
    pub(super) host: String,
    pub(super) body: Vec<u8>,
}

async fn respond(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    let arrived = Instant::now();
    let (parts, body) = request.into_parts();
    let host = host(&parts.headers, &shared.base);
    let kind = kind(&host, parts.uri.path());
    let credential = credential(&parts.headers, &shared.behaviour);
    let verdict = shared
        .books()
        .arrive(kind, credential != Credential::None, arrived);
    // From here on the request is in the books, so that it has to leave them whatever happens.
    let in_flight = InFlight {
        shared: Arc::clone(&shared),
        kind,
    };
    let body = axum::body::to_bytes(body, LONGEST_BODY)
        .await
        .map(Vec::from)
        .unwrap_or_default();
    let due = tokio::time::Instant::from_std(arrived + shared.behaviour.latency);
    tokio::select! {
        () = tokio::time::sleep_until(due) => {}
        () = shared.stopping.cancelled() => {}
    }
    let fault = match verdict {
        Verdict::StillWaiting(left) => {
            return finish(too_many(Some(whole_seconds(left))), None, in_flight);
        }
        Verdict::Fails(fault) if fault.tells_to_wait() => {
            let announced = (fault == KaggleFault::TooManyRequests)
                .then(|| shared.books().tell_to_wait(Instant::now()));
            return finish(too_many(announced), None, in_flight);
        }
        Verdict::Fails(fault) => Some(fault),
        Verdict::Serve => None,
    };
    if fault == Some(KaggleFault::ConnectionClosed) {
        connection.close();
    }
    if let Some(answer) = fault.and_then(|fault| failure(fault, kind)) {
        return finish(answer, None, in_flight);
    }
    if kind.is_kaggle() && credential == Credential::Wrong {
        return finish(Answer::unauthorised(), fault, in_flight);
    }
    let asked = Asked {
        kind,
        parts,
        host,
        body,
    };
    let answer = answer_of(&shared, asked, fault).await;
    finish(answer, fault, in_flight)
}

fn finish(answer: Answer, fault: Option<KaggleFault>, in_flight: InFlight) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status;
    for (name, value) in answer.headers {
        response.headers_mut().append(name, value);
    }
    let Sent { body, length } = send(answer.content, fault, in_flight);
    if let Some(length) = length {
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, length.into());
    }
    // Its body goes with a length of its own.
    if answer.status != StatusCode::NOT_MODIFIED {
        *response.body_mut() = body;
    }
    response
}

/// The host that is asked, in lower case and without a port.
fn host(headers: &HeaderMap, base: &str) -> String {
    let given = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or(base);
    let name = given.rsplit_once(':').map_or(given, |(name, _)| name);
    name.to_ascii_lowercase()
}

/// Whether the host is Kaggle's, or this machine's, on which Kaggle is the one that is meant.
fn is_kaggle(host: &str) -> bool {
    matches!(
        host,
        "127.0.0.1" | "localhost" | "kaggle.com" | "www.kaggle.com"
    )
}

fn kind(host: &str, path: &str) -> RequestKind {
    if path == "/robots.txt" {
        RequestKind::Robots
    } else if !is_kaggle(host) {
        RequestKind::HomePage
    } else if path == "/mcp" {
        RequestKind::Profile
    } else if path.starts_with("/api/v1/datasets/download/") {
        RequestKind::Download
    } else if path.starts_with("/storage/") {
        RequestKind::Storage
    } else {
        RequestKind::Page
    }
}
