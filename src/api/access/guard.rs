//! The guard: who may pass, by the table, and what everybody else is told.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::Timestamp;

use super::admission::Admission;
use super::limits::{self, Limits};
use super::table::{self, Needs};
use super::{Caller, Pass, origin, sign_in};
use crate::api::problem::{Kind, Problem};
use crate::domain::access::AccessRole;
use crate::service::Service;

/// What the guard remembers from one request to the next.
pub struct Doors {
    service: Arc<Service>,
    admission: Arc<Admission>,
    limits: Limits,
}

impl Doors {
    /// Of a server. One server has one.
    #[must_use]
    pub fn new(service: Arc<Service>) -> Self {
        let serve = &service.config.serve;
        Self {
            admission: Arc::new(Admission::new(
                service.store.clone(),
                service.public_url.clone(),
            )),
            limits: Limits::new(serve.requests_per_minute, serve.sign_ins_per_minute),
            service,
        }
    }

    /// Who may pass; `None`: nobody was asked who they are.
    async fn decide(&self, request: &Parts) -> Result<Option<(Caller, Pass)>, Refusal> {
        let (method, headers) = (&request.method, &request.headers);
        if !origin::is_for_us(headers, &self.service.public_url) {
            return Err(Refusal::Host);
        }
        let Some(path) = request.extensions.get::<MatchedPath>() else {
            return Err(Refusal::NoPath);
        };
        let path = path.as_str();
        let Some(needs) = table::needs(method, path) else {
            let methods = table::methods(path);
            if methods.is_empty() {
                tracing::error!(path, "a route is not in the table, so it answers nobody");
                return Err(Refusal::NoPath);
            }
            return Err(Refusal::Method(methods));
        };
        let Needs::Role(needed) = needs else {
            if origin::is_unsafe(method) {
                self.expect_our_page(request)?;
            }
            return Ok(None);
        };
        let caller = self.admission.of(headers, Timestamp::now()).await;
        let Some((caller, pass)) = caller.map_err(|error| Refusal::Failed(error.into()))? else {
            return Err(Refusal::Unknown);
        };
        let asked = self.limits.request(&caller.id);
        asked.map_err(Refusal::TooMany)?;
        if caller.by_session && origin::is_unsafe(method) {
            self.expect_our_page(request)?;
        }
        if caller.role < needed {
            return Err(Refusal::Role {
                has: caller.role,
                needed,
            });
        }
        Ok(Some((caller, pass)))
    }

    fn expect_our_page(&self, request: &Parts) -> Result<(), Refusal> {
        let listens_here = self.service.config.serve.listen.ip().is_loopback();
        let url = &self.service.public_url;
        if origin::is_ours(&request.headers, url, listens_here) {
            Ok(())
        } else {
            Err(Refusal::Origin)
        }
    }
}

/// Where a request comes from. Without a connection (in a test) all come from one place.
fn peer(request: &Parts) -> IpAddr {
    let peer = request.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip())
}

/// Lets those pass who may. Laid around all routes, where the matched path is known.
pub async fn guard(State(doors): State<Arc<Doors>>, request: Request, next: Next) -> Response {
    let (mut request, body) = request.into_parts();
    match doors.decide(&request).await {
        Ok(admitted) => {
            if let Some((caller, pass)) = admitted {
                request.extensions.insert(caller);
                request.extensions.insert(pass);
            }
            let signs_in = request.method == Method::POST && request.uri.path() == sign_in::PATH;
            if !signs_in {
                return next.run(Request::from_parts(request, body)).await;
            }
            let from = request.clone();
            let response = next.run(Request::from_parts(request, body)).await;
            if response.status() != StatusCode::UNAUTHORIZED {
                return response;
            }
            // Failures alone are counted: behind a proxy all share one count, and nobody may keep others out with it.
            match doors.limits.sign_in(peer(&from)) {
                Ok(()) => response,
                Err(wait) => Refusal::TooMany(wait).told(&from),
            }
        }
        Err(refusal) => refusal.told(&request),
    }
}

/// Why somebody may not pass.
#[derive(Debug)]
enum Refusal {
    /// The request was meant for another host.
    Host,
    /// There is no such path.
    NoPath,
    /// There is the path, with these methods.
    Method(Vec<Method>),
    /// The credential is missing, or not valid (any more).
    Unknown,
    /// The request does not come from our own pages.
    Origin,
    /// The role is too low.
    Role {
        /// The caller's.
        has: AccessRole,
        /// The route's.
        needed: AccessRole,
    },
    /// Too many; when there may be another.
    TooMany(Duration),
    /// The store failed.
    Failed(Problem),
}

impl Refusal {
    fn problem(&self) -> Problem {
        match self {
            Self::Host => Problem::new(
                Kind::Invalid,
                "this server answers to the names of this machine alone (127.0.0.1, localhost); set serve.public_url to \
                 the address that people type",
            ),
            Self::NoPath => Problem::new(
                Kind::NotFound,
                "there is no such path; /api/v1/docs lists those of the API",
            ),
            Self::Method(methods) => {
                let detail = format!("the path knows {}", listed(methods));
                Problem::new(Kind::Method, detail)
            }
            Self::Unknown => Problem::new(
                Kind::Unauthenticated,
                "show a token that is neither expired nor revoked, as `Authorization: Bearer plaudit_…`; `plaudit token \
                 create` makes one",
            ),
            Self::Origin => Problem::new(
                Kind::Forbidden,
                "the request does not come from this server's own pages; a program shows a token, as `Authorization: \
                 Bearer plaudit_…`",
            ),
            Self::Role { has, needed } => Problem::new(
                Kind::Forbidden,
                format!("this needs the role {needed}, and the token's is {has}"),
            ),
            Self::TooMany(wait) => {
                let seconds = limits::seconds(*wait);
                let detail = format!("too many requests; the next may come in {seconds} s");
                let mut problem = Problem::new(Kind::TooMany, detail);
                problem.retry_after = Some(seconds);
                problem
            }
            Self::Failed(problem) => problem.clone(),
        }
    }

    /// As whoever asked can read it: a program, or a person at a browser.
    fn told(self, request: &Parts) -> Response {
        let path = request.uri.path();
        let for_programs = is_for_programs(path);
        if matches!(self, Self::Unknown) && !for_programs {
            // A form that was sent cannot be sent again from here, so then there is nowhere to go on to.
            let is_read = !origin::is_unsafe(&request.method);
            let next = request.uri.path_and_query().filter(|_| is_read);
            let next = next.map(axum::http::uri::PathAndQuery::as_str);
            return Redirect::to(&sign_in::path_with(next)).into_response();
        }
        let mut response = told_as(path, &self.problem());
        if let Self::Method(methods) = &self
            && let Ok(methods) = HeaderValue::from_str(&listed(methods))
        {
            response.headers_mut().insert(header::ALLOW, methods);
        }
        response
    }
}

/// A problem as whoever asked for this path can read it.
pub(in crate::api) fn told_as(path: &str, problem: &Problem) -> Response {
    if is_for_programs(path) {
        problem.clone().into_response()
    } else {
        page(problem)
    }
}

fn listed(methods: &[Method]) -> String {
    let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
    names.join(", ")
}

/// Whether programs ask for a path, and not people.
fn is_for_programs(path: &str) -> bool {
    path == "/api"
        || path.starts_with("/api/")
        || ["/metrics", "/healthz", "/readyz"].contains(&path)
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct Page<'a> {
    title: &'a str,
    detail: Option<&'a str>,
}

/// A problem as a page.
fn page(problem: &Problem) -> Response {
    let page = Page {
        title: problem.title(),
        detail: problem.detail.as_deref(),
    };
    let text = match page.render() {
        Ok(text) => text,
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut response = (problem.status(), Html(text)).into_response();
    if let Some(seconds) = problem.retry_after {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
