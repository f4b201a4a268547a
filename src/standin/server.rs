//! The stand-in on the wire: one address on loopback, every request booked, answered after the latency.

use std::{
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::{Duration, Instant},
};

use apollo_compiler::response::JsonMap;
use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, time::MissedTickBehavior};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    bodies::{cut, endless, huge},
    doors::{Connection, serve},
    faults::{Behaviour, Fault, Report},
    graphql::Engine,
    limits::{Announced, Caller, Ledger, Resource, Standing, TURN, Verdict},
    resolvers::Meter,
    rest::Asked,
    world::World,
};

/// Longest request body. GitHub's queries are far shorter.
const LONGEST_BODY: usize = 4 << 20;

const TIMED_OUT: &str = "We couldn't respond to your request in time. Sorry about that. Please try resubmitting \
    your request and contact us if the problem persists.";
const SECONDARY: &str =
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";

/// A running stand-in. It ends with [`StandIn::stop`], or when it is dropped.
#[derive(Debug)]
pub struct StandIn {
    address: SocketAddr,
    shared: Arc<Shared>,
    tasks: TaskTracker,
}

impl StandIn {
    /// Serves `world` on a free port of 127.0.0.1.
    pub async fn start(world: Arc<World>, behaviour: Behaviour) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            world: RwLock::new(world),
            base: format!("http://{address}"),
            engine: Engine::new()?,
            latency: behaviour.latency,
            query_time_limit: behaviour.query_time_limit,
            ledger: Mutex::new(Ledger::new(behaviour)),
            stopping: CancellationToken::new(),
        });
        let router: Router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        let tasks = serve(listener, router, shared.stopping.clone());
        tasks.spawn(take_turns(Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            tasks,
        })
    }

    /// Where it listens: the base of REST, and `/graphql` under it. Without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The books so far.
    #[must_use]
    pub fn report(&self) -> Report {
        self.shared.ledger().report().clone()
    }

    /// Revokes a token: it is refused from now on.
    pub fn revoke(&self, token: &str) {
        self.shared.ledger().revoke(token);
    }

    /// Whether a token is one that it knows and has not revoked.
    #[must_use]
    pub fn trusts(&self, token: &str) -> bool {
        matches!(self.shared.ledger().caller(Some(token)), Caller::Account(_))
    }

    /// Takes note that the client was killed just now. What it was told to wait within the grace before counts as unheard.
    pub fn client_was_killed(&self) {
        self.shared.ledger().client_was_killed(Instant::now());
    }

    /// Goes on with another world: what has happened since. Questions under way are answered from the one before.
    pub fn replace(&self, world: Arc<World>) {
        let place = self.shared.world.write();
        *place.unwrap_or_else(PoisonError::into_inner) = world;
    }

    /// Stops, and waits until its tasks have ended.
    pub async fn stop(self) {
        self.shared.stopping.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.shared.stopping.cancel();
    }
}

/// Serves `world` until `shutdown` is done, for a process of its own. `ready` is told the address first;
/// the books are the result, and can be read from outside under `/_standin/report`.
pub async fn serve_until(
    world: Arc<World>,
    behaviour: Behaviour,
    ready: impl FnOnce(&str),
    shutdown: impl Future<Output = ()>,
) -> io::Result<Report> {
    let stand_in = StandIn::start(world, behaviour).await?;
    ready(&stand_in.url());
    shutdown.await;
    let report = stand_in.report();
    stand_in.stop().await;
    Ok(report)
}

/// Takes a turn as often as the machine lets it: see [`limits`](super::limits).
async fn take_turns(shared: Arc<Shared>) {
    let mut turn = tokio::time::interval(TURN);
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while shared
        .stopping
        .run_until_cancelled(turn.tick())
        .await
        .is_some()
    {
        shared.ledger().turn();
    }
}

/// What all requests share.
struct Shared {
    world: RwLock<Arc<World>>,
    base: String,
    engine: Engine,
    latency: Duration,
    query_time_limit: Option<u64>,
    ledger: Mutex<Ledger>,
    stopping: CancellationToken,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn world(&self) -> Arc<World> {
        Arc::clone(&self.world.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request in flight; it leaves the books when its future ends, also when the client is gone.
struct InFlight<'s> {
    shared: &'s Shared,
    caller: Caller,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.shared.ledger().leave(&self.caller);
    }
}

/// An answer, decided and not yet written.
enum Draft {
    /// It can be written as it is.
    Ready(Written),
    /// A limit: how long is known only when it is written. The flag says that use brought it about.
    Limit(Fault, bool),
}

/// Status, body, and budget of an answer.
struct Written {
    status: StatusCode,
    body: Vec<u8>,
    standing: Option<Standing>,
    link: Option<String>,
    location: Option<String>,
    /// How the body fails on its way.
    fault: Option<Fault>,
}

impl Written {
    fn json(status: StatusCode, body: &Value, standing: Option<Standing>) -> Self {
        Self::bytes(status, body.to_string().into_bytes(), standing)
    }

    fn bytes(status: StatusCode, body: Vec<u8>, standing: Option<Standing>) -> Self {
        Self {
            status,
            body,
            standing,
            link: None,
            location: None,
            fault: None,
        }
    }
}

/// A request's number, resource, caller and time, which every step of its answer needs.
struct Visit {
    resource: Resource,
    caller: Caller,
    arrived: Instant,
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    let arrived = Instant::now();
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    if path == "/_standin/report" {
        let report = serde_json::to_vec(shared.ledger().report()).unwrap_or_default();
        let mut response = Response::new(Body::from(report));
        set(response.headers_mut(), header::CONTENT_TYPE, JSON);
        return response;
    }
    let resource = match path.as_str() {
        "/graphql" | "/api/graphql" => Resource::Graphql,
        "/search/issues" => Resource::Search,
        "/rate_limit" => Resource::Free,
        _ => Resource::Core,
    };
    let token = token(&parts.headers);
    let (caller, verdict) = {
        let mut ledger = shared.ledger();
        let caller = ledger.caller(token);
        let verdict = ledger.arrive(&caller, token, resource, arrived);
        (caller, verdict)
    };
    // From here on the request is in the books, so that it has to leave them whatever happens.
    let in_flight = InFlight {
        shared: &shared,
        caller: caller.clone(),
    };
    let visit = Visit {
        resource,
        caller,
        arrived,
    };
    let Ok(body) = axum::body::to_bytes(body, LONGEST_BODY).await else {
        return written(
            &shared,
            &visit,
            Written::json(
                StatusCode::PAYLOAD_TOO_LARGE,
                &json!({"message": "Request too large"}),
                None,
            ),
        );
    };
    let draft = decide(
        &shared,
        &visit,
        verdict,
        &parts.method,
        &path,
        parts.uri.query().unwrap_or_default(),
        &body,
    );
    let due = tokio::time::Instant::from_std(visit.arrived + shared.latency);
    tokio::select! {
        () = tokio::time::sleep_until(due) => {}
        () = shared.stopping.cancelled() => {}
    }
    let response = match draft {
        Draft::Ready(ready) => {
            if ready.fault == Some(Fault::ConnectionClosed) {
                connection.close();
            }
            written(&shared, &visit, ready)
        }
        Draft::Limit(fault, by_use) => {
            let announced = shared
                .ledger()
                .announce(&visit.caller, resource, fault, by_use);
            limit(&shared, &visit, fault, announced)
        }
    };
    drop(in_flight);
    response
}

/// The token of `authorization: bearer …` or, as REST also takes it, `token …`.
fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
    known.then(|| token.trim())
}

fn decide(
    shared: &Shared,
    visit: &Visit,
    verdict: Verdict,
    method: &Method,
    path: &str,
    query: &str,
    body: &[u8],
) -> Draft {
    let graphql = visit.resource == Resource::Graphql;
    if visit.caller == Caller::Refused || (graphql && visit.caller == Caller::Anonymous) {
        return Draft::Ready(unauthorised());
    }
    let fault = match verdict {
        Verdict::StillWaiting(fault) => return Draft::Limit(fault, false),
        Verdict::Fails(fault) if fault.tells_to_wait() => return Draft::Limit(fault, false),
        Verdict::Fails(Fault::TokenRevoked) => return Draft::Ready(unauthorised()),
        Verdict::Fails(fault) => Some(fault),
        Verdict::Serve => None,
    };
    let draft = if graphql {
        decide_graphql(shared, visit, fault, method, body)
    } else {
        decide_rest(shared, visit, fault, method, path, query)
    };
    match draft {
        Draft::Ready(mut ready) => {
            ready.fault = ready.fault.or(fault);
            Draft::Ready(ready)
        }
        limit @ Draft::Limit(..) => limit,
    }
}

fn decide_rest(
    shared: &Shared,
    visit: &Visit,
    fault: Option<Fault>,
    method: &Method,
    path: &str,
    query: &str,
) -> Draft {
    let points = u64::from(visit.resource != Resource::Free);
    let charged = shared
        .ledger()
        .charge(&visit.caller, visit.resource, points);
    let Ok(standing) = charged else {
        shared.ledger().strike(Fault::PrimaryLimit);
        return Draft::Limit(Fault::PrimaryLimit, true);
    };
    if let Some(failure) = failure(fault, standing) {
        return Draft::Ready(failure);
    }
    if visit.resource == Resource::Free {
        return Draft::Ready(budgets(shared, visit));
    }
    if method != Method::GET {
        return Draft::Ready(Written::json(
            StatusCode::NOT_FOUND,
            &json!({"message": "Not Found"}),
            Some(standing),
        ));
    }
    let answer = Asked {
        world: &shared.world(),
        base: &shared.base,
        path,
        query,
        trusted: visit.caller != Caller::Anonymous,
    }
    .answer();
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Draft::Ready(Written {
        link: answer.link,
        location: answer.location,
        ..Written::json(status, &answer.body, Some(standing))
    })
}

fn decide_graphql(
    shared: &Shared,
    visit: &Visit,
    fault: Option<Fault>,
    method: &Method,
    body: &[u8],
) -> Draft {
    /// A GraphQL request's body; the product sends one operation a document.
    #[derive(serde::Deserialize)]
    struct Sent {
        query: String,
        variables: Option<JsonMap>,
    }
    let bad = |status, message: &str| {
        Draft::Ready(Written::json(
            status,
            &json!({"message": message, "documentation_url": "https://docs.github.com/graphql"}),
            None,
        ))
    };
    if method != Method::POST {
        return bad(StatusCode::NOT_FOUND, "Not Found");
    }
    let Ok(sent) = serde_json::from_slice::<Sent>(body) else {
        return bad(StatusCode::BAD_REQUEST, "Problems parsing JSON");
    };
    let checked = shared
        .engine
        .query(&sent.query, &sent.variables.unwrap_or_default());
    let cost = checked.as_ref().map(|query| query.cost).unwrap_or_default();
    let charged = shared
        .ledger()
        .charge(&visit.caller, visit.resource, cost.points());
    let Ok(standing) = charged else {
        shared.ledger().strike(Fault::PrimaryLimit);
        return Draft::Limit(Fault::PrimaryLimit, true);
    };
    if let Some(failure) = failure(fault, standing) {
        return Draft::Ready(failure);
    }
    let query = match checked {
        Ok(query) => query,
        Err(errors) => {
            return Draft::Ready(Written::json(
                StatusCode::OK,
                &json!({ "errors": errors }),
                Some(standing),
            ));
        }
    };
    if shared
        .query_time_limit
        .is_some_and(|most| cost.history_walks > most)
    {
        shared.ledger().strike(Fault::BadGateway);
        return Draft::Ready(timed_out(StatusCode::BAD_GATEWAY, standing));
    }
    let meter = Meter {
        cost: cost.points(),
        limit: standing.limit,
        remaining: standing.remaining,
        reset_at: i64::try_from(standing.reset)
            .ok()
            .and_then(|second| jiff::Timestamp::from_second(second).ok())
            .unwrap_or(jiff::Timestamp::MAX)
            .to_string(),
        node_count: cost.nodes,
    };
    let viewer = match &visit.caller {
        Caller::Account(account) => account,
        Caller::Anonymous | Caller::Refused => "",
    };
    let mut answer = shared
        .engine
        .execute(&query, &shared.world(), &meter, viewer);
    if fault == Some(Fault::ResourceLimits) {
        let mut ledger = shared.ledger();
        answer.exceed_resources(|| ledger.toss());
    }
    let body = serde_json::to_vec(&answer).unwrap_or_default();
    Draft::Ready(Written::bytes(StatusCode::OK, body, Some(standing)))
}

/// The answers of those faults that need no true one.
fn failure(fault: Option<Fault>, standing: Standing) -> Option<Written> {
    Some(match fault? {
        Fault::BadGateway => timed_out(StatusCode::BAD_GATEWAY, standing),
        Fault::GatewayTimeout => timed_out(StatusCode::GATEWAY_TIMEOUT, standing),
        Fault::ServerError => Written::json(
            StatusCode::INTERNAL_SERVER_ERROR,
            &json!({"message": "Server Error"}),
            Some(standing),
        ),
        Fault::SomethingWentWrong => Written::json(
            StatusCode::OK,
            &json!({"errors": [{"message": "Something went wrong while executing your query. Please include \
                `07C2:2A3B:4C5D6E:7F8091:6720A1B2` when reporting this issue."}]}),
            Some(standing),
        ),
        Fault::Html => Written::bytes(
            StatusCode::OK,
            b"<!DOCTYPE html>\n<html><head><title>Unicorn! &middot; GitHub</title></head>\
            <body><p>This page is taking too long to load.</p></body></html>\n"
                .to_vec(),
            Some(standing),
        ),
        Fault::EmptyBody => Written::bytes(StatusCode::OK, Vec::new(), Some(standing)),
        _ => return None,
    })
}

fn timed_out(status: StatusCode, standing: Standing) -> Written {
    Written::json(
        status,
        &json!({"message": TIMED_OUT, "documentation_url": "https://docs.github.com"}),
        Some(standing),
    )
}

fn unauthorised() -> Written {
    Written::json(
        StatusCode::UNAUTHORIZED,
        &json!({"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest", "status": "401"}),
        None,
    )
}

/// `GET /rate_limit`, which costs nothing.
fn budgets(shared: &Shared, visit: &Visit) -> Written {
    let mut ledger = shared.ledger();
    let mut rate = |resource: Resource| {
        let standing = ledger.standing(&visit.caller, resource);
        json!({"limit": standing.limit, "used": standing.used, "remaining": standing.remaining,
            "reset": standing.reset, "resource": resource.name()})
    };
    let core = rate(Resource::Core);
    let body = json!({
        "resources": {"core": core, "search": rate(Resource::Search), "graphql": rate(Resource::Graphql)},
        "rate": core,
    });
    let standing = ledger.standing(&visit.caller, Resource::Core);
    Written::json(StatusCode::OK, &body, Some(standing))
}

/// A limit's answer, in the spelling of its fault.
fn limit(shared: &Shared, visit: &Visit, fault: Fault, announced: Announced) -> Response {
    let graphql = visit.resource == Resource::Graphql;
    let mut standing = announced.standing;
    let who = match visit.caller {
        Caller::Anonymous => {
            "127.0.0.1. (But here's the good news: Authenticated requests get a higher rate limit.)"
        }
        Caller::Account(_) | Caller::Refused => "user ID 1.",
    };
    let (status, body) = match fault {
        Fault::PrimaryLimit if graphql => (
            StatusCode::OK,
            json!({"data": null, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded for user ID 1."}]}),
        ),
        Fault::PrimaryLimitNewer if graphql => {
            // Seen: the header still promises some points.
            standing.remaining = standing.limit.min(4);
            standing.used = standing.limit - standing.remaining;
            (
                StatusCode::OK,
                json!({"errors": [{"type": "RATE_LIMIT", "code": "graphql_rate_limit",
                    "message": "API rate limit already exceeded for user ID 1."}]}),
            )
        }
        Fault::PrimaryLimit | Fault::PrimaryLimitNewer => (
            StatusCode::FORBIDDEN,
            json!({"message": format!("API rate limit exceeded for {who}"),
                "documentation_url": "https://docs.github.com/rest/overview/resources-in-the-rest-api#rate-limiting"}),
        ),
        _ => {
            let status = match fault {
                Fault::SecondaryLimitOk if graphql => StatusCode::OK,
                Fault::SecondaryLimitTooMany => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::FORBIDDEN,
            };
            (
                status,
                json!({"message": SECONDARY,
                    "documentation_url": "https://docs.github.com/graphql/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"}),
            )
        }
    };
    let mut response = written(shared, visit, Written::json(status, &body, Some(standing)));
    if fault.is_secondary() && fault != Fault::SecondaryLimitSilent {
        set(
            response.headers_mut(),
            header::RETRY_AFTER,
            announced.retry_after,
        );
    }
    response
}

const JSON: &str = "application/json; charset=utf-8";

/// The response, with GitHub's headers and, when the body is to fail on its way, a body that does.
fn written(shared: &Shared, visit: &Visit, written: Written) -> Response {
    let length = written.body.len();
    let body = match written.fault {
        Some(Fault::Cut | Fault::CutChunked) => cut(written.body),
        Some(Fault::HugeBody) => huge(),
        Some(Fault::EndlessBody) => endless(shared.stopping.clone()),
        _ => Body::from(written.body),
    };
    let mut response = Response::new(body);
    *response.status_mut() = written.status;
    let headers = response.headers_mut();
    if written.fault == Some(Fault::Cut) {
        set(headers, header::CONTENT_LENGTH, length);
    }
    let html = written.fault == Some(Fault::Html);
    set(
        headers,
        header::CONTENT_TYPE,
        if html {
            "text/html; charset=utf-8"
        } else {
            JSON
        },
    );
    set(headers, header::SERVER, "github.com");
    set(
        headers,
        HeaderName::from_static("x-github-media-type"),
        if visit.resource == Resource::Graphql {
            "github.v4; format=json"
        } else {
            "github.v3; format=json"
        },
    );
    let request = visit.arrived.elapsed().subsec_nanos();
    set(
        headers,
        HeaderName::from_static("x-github-request-id"),
        format_args!("57D1:{:04X}:{request:06X}", visit.resource as u8),
    );
    if let Some(standing) = written.standing {
        for (name, value) in [
            ("x-ratelimit-limit", standing.limit),
            ("x-ratelimit-remaining", standing.remaining),
            ("x-ratelimit-used", standing.used),
            ("x-ratelimit-reset", standing.reset),
        ] {
            set(headers, HeaderName::from_static(name), value);
        }
        set(
            headers,
            HeaderName::from_static("x-ratelimit-resource"),
            visit.resource.name(),
        );
    }
    if let Some(link) = written.link {
        set(headers, header::LINK, link);
    }
    if let Some(location) = written.location {
        set(headers, header::LOCATION, location);
    }
    response
}

/// Sets a header; a value that HTTP can not carry is left out.
fn set(headers: &mut HeaderMap, name: HeaderName, value: impl std::fmt::Display) {
    if let Ok(value) = HeaderValue::try_from(value.to_string()) {
        headers.insert(name, value);
    }
}
