//! For whoever operates the server: whether it lives, whether it takes work, and what it counts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use metrics::{counter, gauge, histogram};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::{Kind, Problem, ProblemBody};
use crate::measures;
use crate::service::Service;
use crate::store::{Shelf, StoreError};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .routes(routes!(told))
}

/// Whether the process lives. Nothing is looked at.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operating",
    responses((status = 200, description = "It lives", body = String, content_type = "text/plain"))
)]
async fn healthz() -> &'static str {
    "ok"
}

/// Whether the server takes work.
#[derive(Debug, Serialize, ToSchema)]
struct Ready {
    /// `ready`.
    status: &'static str,
    /// What was looked at, and what was found: `ok`.
    checks: BTreeMap<&'static str, String>,
}

/// Why the server takes no work: a problem that also says what was looked at.
#[derive(Debug, Serialize, ToSchema)]
struct NotReady {
    #[serde(flatten)]
    problem: ProblemBody,
    /// What was looked at, and what was found: `ok`, or why not.
    checks: BTreeMap<&'static str, String>,
}

/// Whether the server takes work: the store takes changes, what is done can be written down, and the server is not about to
/// end.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operating",
    responses(
        (status = 200, description = "It takes work", body = Ready),
        (
            status = 503,
            description = "It takes none, and why",
            body = NotReady,
            content_type = "application/problem+json"
        ),
    )
)]
async fn readyz(State(service): State<Arc<Service>>) -> Response {
    let store = match service.store.takes_changes().await {
        Ok(()) => Ok(()),
        Err(StoreError::Full { .. }) => {
            Err("the disk is full; make room, and work goes on by itself".to_owned())
        }
        // The words may name the data folder, which is nobody's business out there; they are in the log.
        Err(error) => {
            tracing::error!(%error, "the store takes no changes");
            Err("the store has failed; the log says how".to_owned())
        }
    };
    let ending = if service.stop.is_cancelled() {
        Err("the server is ending".to_owned())
    } else {
        Ok(())
    };
    let audit = service.audit.ready().await.map_err(|error| {
        tracing::error!(%error, "nothing can be written into the audit log");
        "the audit log cannot be written, and nothing is shown or done without; the log says why"
            .to_owned()
    });
    answer([("store", store), ("audit", audit), ("server", ending)])
}

fn answer<const CHECKS: usize>(checks: [(&'static str, Result<(), String>); CHECKS]) -> Response {
    let failed: Vec<String> = checks
        .iter()
        .filter_map(|(_, found)| found.clone().err())
        .collect();
    let checks = checks
        .into_iter()
        .map(|(name, found)| (name, found.err().unwrap_or_else(|| "ok".to_owned())))
        .collect();
    if failed.is_empty() {
        let status = "ready";
        return Json(Ready { status, checks }).into_response();
    }
    let problem = Problem::new(Kind::Unavailable, failed.join("; "));
    let problem = ProblemBody {
        kind: "/problems/unavailable".to_owned(),
        title: "The server takes no work".to_owned(),
        status: problem.status().as_u16(),
        detail: problem.detail,
    };
    let mut response = (
        StatusCode::SERVICE_UNAVAILABLE,
        Json(NotReady { problem, checks }),
    )
        .into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    response
}

/// What is counted, in the text form of Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operating",
    responses((status = 200, description = "The values", body = String, content_type = "text/plain"))
)]
async fn told(State(service): State<Arc<Service>>) -> Result<Response, Problem> {
    look(&service).await?;
    let text = service.metrics.render();
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

/// Reads what is not counted as it happens, but stands in the store.
async fn look(service: &Service) -> Result<(), StoreError> {
    let (store, now) = (&service.store, Timestamp::now());
    gauge!(measures::BUILD_INFO.name, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    let waiting = store.waiting(now).await?;
    for (state, count) in [
        ("ready", waiting.ready),
        ("deferred", waiting.deferred),
        ("leased", waiting.leased),
    ] {
        gauge!(measures::QUEUE_JOBS.name, "state" => state).set(number(count));
    }
    let oldest = store.oldest_job().await?;
    let age = oldest.map_or(0.0, |since| now.duration_since(since).as_secs_f64());
    gauge!(measures::QUEUE_OLDEST_AGE.name).set(age.max(0.0));
    for role in service.rubrics.keys() {
        let count = store.ids_of_role(role).await?.len();
        gauge!(measures::PROFILES.name, "role" => role.clone()).set(number(count as u64));
    }
    for account in service.github.accounts() {
        let report = account.report();
        if let Some(left) = report.points_left {
            let left = u64::try_from(left).unwrap_or(0);
            gauge!(measures::POINTS_LEFT.name, "token" => report.tail).set(number(left));
        }
    }
    let takes_changes = store.has_room().await.unwrap_or(false);
    gauge!(measures::TAKES_CHANGES.name).set(number(u64::from(takes_changes)));
    let deliveries = store.count(Shelf::Deliveries).await?;
    gauge!(measures::WEBHOOK_WAITING.name).set(number(deliveries));
    let dead = store.count(Shelf::DeadLetters).await?;
    gauge!(measures::DEAD_LETTERS.name).set(number(dead));
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no count comes near 2^53, and Prometheus knows nothing else"
)]
fn number(count: u64) -> f64 {
    count as f64
}

/// Counts a request and how long it took; to be laid around all routes.
pub async fn count(request: Request, next: Next) -> Response {
    let method = match *request.method() {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        // A stranger must not be able to make up series.
        _ => "other",
    };
    let path = request.extensions().get::<MatchedPath>();
    let path = path.map_or_else(|| "other".to_owned(), |path| path.as_str().to_owned());
    let began = Instant::now();
    let response = next.run(request).await;
    let took = began.elapsed().as_secs_f64();
    let status = response.status().as_u16().to_string();
    histogram!(measures::HTTP_DURATION.name, "method" => method, "path" => path.clone())
        .record(took);
    counter!(
        measures::HTTP_REQUESTS.name,
        "method" => method, "path" => path, "status" => status
    )
    .increment(1);
    response
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use metrics_exporter_prometheus::PrometheusBuilder;
    use tower::ServiceExt;

    use super::*;

    async fn said(response: Response) -> (u16, serde_json::Value) {
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 10_000).await;
        (status, serde_json::from_slice(&body.unwrap()).unwrap())
    }

    #[tokio::test]
    async fn requests_are_counted_by_route_and_strangers_make_up_no_series() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let _counted_here = metrics::set_default_local_recorder(&recorder);
        let router = Router::new()
            .route("/things/{id}", get(async || "a thing"))
            .layer(axum::middleware::from_fn(count));
        for (method, path) in [
            ("GET", "/things/1"),
            ("GET", "/things/2"),
            ("GET", "/nothing?secret=1"),
            ("BREW", "/things/1"),
        ] {
            let request = Request::builder().method(method).uri(path);
            let request = request.body(Body::empty()).unwrap();
            router.clone().oneshot(request).await.unwrap();
        }
        let told = recorder.handle().render();
        for line in [
            r#"plaudit_http_requests_total{method="GET",path="/things/{id}",status="200"} 2"#,
            r#"plaudit_http_requests_total{method="GET",path="other",status="404"} 1"#,
            r#"plaudit_http_requests_total{method="other",path="/things/{id}",status="405"} 1"#,
            r#"plaudit_http_request_duration_seconds_count{method="GET",path="/things/{id}"} 2"#,
        ] {
            assert!(told.lines().any(|one| one == line), "{line} in {told}");
        }
        assert!(!told.contains("secret") && !told.contains("BREW"), "{told}");
    }

    #[tokio::test]
    async fn a_server_that_takes_no_work_says_why() {
        let good = answer([("store", Ok(())), ("server", Ok(()))]);
        let checks = serde_json::json!({"store": "ok", "server": "ok"});
        let ready = serde_json::json!({"status": "ready", "checks": checks});
        assert_eq!(said(good).await, (200, ready));

        let bad = answer([
            ("store", Err("the disk is full".to_owned())),
            ("server", Ok(())),
        ]);
        assert_eq!(bad.headers()["content-type"], "application/problem+json");
        let problem = serde_json::json!({
            "type": "/problems/unavailable",
            "title": "The server takes no work",
            "status": 503,
            "detail": "the disk is full",
            "checks": {"store": "the disk is full", "server": "ok"},
        });
        assert_eq!(said(bad).await, (503, problem));
    }
}
