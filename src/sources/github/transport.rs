//! octocrab on our own way out.
//!
//! octocrab builds the requests and owns the models; everything below it is [`WayOut`]. Three of its parts
//! are left out on purpose: its retry (ignores `retry-after` and goes round any limiter), its cache (keyed
//! by URI alone, so it mixes GraphQL bodies and tokens) and its `graphql()` (drops the errors' `type`, the
//! partial data and the headers). Its errors are boxed, so what the way out decided travels in the
//! response's extensions instead.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};
use reqwest::header::{CONTENT_LENGTH, USER_AGENT};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use url::Url;

use crate::http::{Answer, Dialect, HttpError, Outgoing, Place, Pool, Resource, Spent, WayOut};
use crate::sources::place_of;

/// What the way out has to know of a request beside the request.
#[derive(Debug, Clone)]
struct Terms {
    dialect: Dialect,
    resource: Resource,
    expected_cost: u32,
    can_split: bool,
    /// Shared because what travels with a request must be able to be cloned; there is one holder.
    place: Option<Arc<Place>>,
}

/// What the way out decided.
#[derive(Debug, Clone)]
struct Decided {
    answer: Result<Answer, HttpError>,
    spent: Spent,
}

/// The innermost service below octocrab.
#[derive(Clone)]
struct Exit {
    way_out: Arc<WayOut>,
    pool: Arc<Pool>,
}

impl tower::Service<http::Request<OctoBody>> for Exit {
    type Response = http::Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<OctoBody>) -> Self::Future {
        let exit = self.clone();
        Box::pin(async move { Ok(exit.pass(request).await) })
    }
}

impl Exit {
    async fn pass(&self, request: http::Request<OctoBody>) -> http::Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let decided = self.decide(parts, body).await;
        let body = decided
            .answer
            .as_ref()
            .map(|answer| answer.body.clone())
            .unwrap_or_default();
        let mut response = http::Response::new(Full::new(body));
        response.extensions_mut().insert(decided);
        response
    }

    async fn decide(&self, mut parts: http::request::Parts, body: OctoBody) -> Decided {
        let host = parts.uri.host().unwrap_or_default().to_owned();
        let refused = |why: &str| Decided {
            answer: Err(HttpError::Refused {
                host: host.clone(),
                status: 0,
                why: why.to_owned(),
            }),
            spent: Spent::default(),
        };
        let Some(terms) = parts.extensions.remove::<Terms>() else {
            return refused("a request without terms");
        };
        let Ok(url) = Url::parse(&parts.uri.to_string()) else {
            return refused("the address is no URL");
        };
        let Ok(body) = body.collect().await else {
            return refused("the request has no body");
        };
        let mut headers = parts.headers.clone();
        // These are reqwest's to set.
        headers.remove(CONTENT_LENGTH);
        headers.remove(USER_AGENT);
        let outgoing = Outgoing {
            method: parts.method.clone(),
            url,
            headers,
            body: body.to_bytes(),
            dialect: terms.dialect,
            resource: terms.resource,
            expected_cost: terms.expected_cost,
            can_split: terms.can_split,
        };
        let place = terms.place.and_then(Arc::into_inner);
        let (answer, spent) = self.way_out.send(outgoing, &self.pool, place).await;
        Decided { answer, spent }
    }
}

/// GitHub's two APIs, asked through octocrab.
pub(super) struct Transport {
    octocrab: Octocrab,
    way_out: Arc<WayOut>,
    graphql_url: Url,
    api_url: Url,
}

/// A GraphQL answer: the data by alias, and the errors beside it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Reply {
    #[serde(default)]
    data: Option<HashMap<String, Box<RawValue>>>,
    #[serde(default)]
    errors: Vec<WireError>,
}

/// One of a GraphQL answer's errors.
#[derive(Debug, Deserialize)]
struct WireError {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    path: Vec<serde_json::Value>,
    #[serde(default)]
    message: String,
}

/// What an alias of a reply holds.
#[derive(Debug)]
pub(super) enum Part<T> {
    /// The value, whole.
    Whole(T),
    /// null: there is no such thing.
    Nothing,
    /// The host gave up within it; ask for less.
    TooHeavy,
    /// Something else went wrong within it.
    Broken(String),
}

impl Reply {
    /// What stands under `alias`.
    pub(super) fn part<T: DeserializeOwned>(&self, alias: &str) -> Part<T> {
        let at_alias = |error: &&WireError| {
            error.path.first().and_then(serde_json::Value::as_str) == Some(alias)
        };
        let mut broken = None;
        for error in self.errors.iter().filter(at_alias) {
            match error.kind.as_deref() {
                Some("NOT_FOUND") => {}
                // Something deep inside is out of this token's sight: it is null there, the rest is good.
                Some("FORBIDDEN") if error.path.len() > 1 => {}
                Some("RESOURCE_LIMITS_EXCEEDED" | "MAX_NODE_LIMIT_EXCEEDED") => {
                    return Part::TooHeavy;
                }
                _ => broken = Some(crate::domain::text::tame(&error.message)),
            }
        }
        if let Some(message) = broken {
            return Part::Broken(message);
        }
        let raw = self.data.as_ref().and_then(|data| data.get(alias));
        match raw.map(|raw| serde_json::from_str::<Option<T>>(raw.get())) {
            Some(Ok(Some(value))) => Part::Whole(value),
            Some(Ok(None)) => Part::Nothing,
            None => Part::Broken(format!("the answer lacks {alias}")),
            Some(Err(error)) => {
                Part::Broken(format!("{alias} has another shape: {}", place_of(&error)))
            }
        }
    }
}

impl Reply {
    /// What stands in each place of the list under `alias`, which has `count` of them.
    pub(super) fn parts<T: DeserializeOwned>(&self, alias: &str, count: usize) -> Vec<Part<T>> {
        let raw = self.data.as_ref().and_then(|data| data.get(alias));
        let listed = raw.and_then(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok());
        let listed = listed.unwrap_or_default();
        let mut failed: HashMap<usize, Part<T>> = HashMap::new();
        for error in &self.errors {
            let (Some(list), place) = (error.path.first(), error.path.get(1)) else {
                continue;
            };
            if list.as_str() != Some(alias) {
                continue;
            }
            let place = place.and_then(serde_json::Value::as_u64);
            let place = place.and_then(|place| usize::try_from(place).ok());
            let places = place.map_or(0..count, |place| place..place.saturating_add(1));
            for place in places {
                let part = match error.kind.as_deref() {
                    Some("NOT_FOUND") => continue,
                    Some("FORBIDDEN") if error.path.len() > 2 => continue,
                    Some("RESOURCE_LIMITS_EXCEEDED" | "MAX_NODE_LIMIT_EXCEEDED") => Part::TooHeavy,
                    _ => Part::Broken(crate::domain::text::tame(&error.message)),
                };
                failed.insert(place, part);
            }
        }
        let part = |place: usize| match listed.get(place) {
            None => Part::Broken(format!("the answer lacks a part of {alias}")),
            Some(raw) => match serde_json::from_str::<Option<T>>(raw.get()) {
                Ok(Some(value)) => Part::Whole(value),
                Ok(None) => Part::Nothing,
                Err(error) => {
                    Part::Broken(format!("{alias} has another shape: {}", place_of(&error)))
                }
            },
        };
        (0..count)
            .map(|place| failed.remove(&place).unwrap_or_else(|| part(place)))
            .collect()
    }
}

impl Transport {
    /// octocrab over `way_out`. Must be called within a tokio runtime: octocrab keeps a queue.
    pub(super) fn new(
        way_out: Arc<WayOut>,
        pool: Arc<Pool>,
        graphql_url: Url,
        api_url: Url,
    ) -> Self {
        let builder = OctocrabBuilder::new_empty()
            .with_service(Exit {
                way_out: Arc::clone(&way_out),
                pool,
            })
            .with_auth(AuthState::None);
        let Ok(octocrab) = builder.build();
        Self {
            octocrab,
            way_out,
            graphql_url,
            api_url,
        }
    }

    /// Waits until a GraphQL query may go out, as far as the number in flight is concerned.
    pub(super) async fn turn(&self) -> Option<Place> {
        let host = self.graphql_url.host_str().unwrap_or_default();
        self.way_out.place(host).await
    }

    /// Asks a GraphQL query, from the place of a [`Transport::turn`] if there was one. With `can_split`, a
    /// time-out comes back at once, to be asked in parts.
    pub(super) async fn graphql(
        &self,
        query: &str,
        variables: serde_json::Value,
        expected_points: u32,
        can_split: bool,
        place: Option<Place>,
    ) -> (Result<Reply, HttpError>, Spent) {
        let payload = serde_json::json!({ "query": query, "variables": variables });
        let terms = Terms {
            dialect: Dialect::GitHubGraphQl,
            resource: Resource::GraphQl,
            expected_cost: expected_points,
            can_split,
            place: place.map(Arc::new),
        };
        let url = self.graphql_url.clone();
        let (answer, spent) = self
            .send(http::Method::POST, &url, Some(&payload), terms)
            .await;
        let reply = answer.and_then(|answer| {
            serde_json::from_slice(&answer.body).map_err(|error| HttpError::Unusable {
                host: url.host_str().unwrap_or_default().to_owned(),
                tries: 1,
                why: format!("the answer has another shape: {}", place_of(&error)),
            })
        });
        (reply, spent)
    }

    /// Asks a REST path below the API's URL.
    pub(super) async fn get(
        &self,
        segments: &[&str],
        query: &[(&str, &str)],
        resource: Resource,
    ) -> (Result<Answer, HttpError>, Spent) {
        let mut url = self.api_url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let terms = Terms {
            dialect: Dialect::GitHubRest,
            resource,
            expected_cost: 1,
            can_split: false,
            place: None,
        };
        self.send(http::Method::GET, &url, None::<&()>, terms).await
    }

    async fn send<B: serde::Serialize>(
        &self,
        method: http::Method,
        url: &Url,
        body: Option<&B>,
        terms: Terms,
    ) -> (Result<Answer, HttpError>, Spent) {
        let failed = |why: String| {
            let host = url.host_str().unwrap_or_default().to_owned();
            (
                Err(HttpError::Refused {
                    host,
                    status: 0,
                    why,
                }),
                Spent::default(),
            )
        };
        // What octocrab's `_post` and `_get` do, with our terms added in between.
        let builder = http::Request::builder()
            .method(method)
            .uri(url.as_str())
            .extension(terms);
        let request = match self.octocrab.build_request(builder, body) {
            Ok(request) => request,
            Err(error) => return failed(error.to_string()),
        };
        match self.octocrab.execute(request).await {
            Ok(response) => match response.extensions().get::<Decided>() {
                Some(decided) => (decided.answer.clone(), decided.spent),
                None => failed("the answer came round the way out".to_owned()),
            },
            Err(error) => failed(error.to_string()),
        }
    }
}
