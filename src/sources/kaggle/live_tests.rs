//! The two live tellers over real HTTP.

use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;

use super::stand_in_tests::{Asked, bare, event, serve};
use super::{LiveProfile, live, page};
use crate::domain::link::Handle;
use crate::http::Spent;
use crate::sources::SourceError;

const MASTER: &[u8] =
    include_bytes!("../../../tests/fixtures/kaggle/mcp-get_user_profile-master.sse");
const OLD_PAGE: &str = include_str!("../../../tests/fixtures/kaggle/profile-page-2018-2022.html");
const NEW_PAGE: &str = include_str!("../../../tests/fixtures/kaggle/profile-page-2024.html");

fn answer(asked: &Asked) -> Response {
    if asked.path != "/mcp" {
        return match asked.path.as_str() {
            "/third-sample" => Html(OLD_PAGE).into_response(),
            "/shell-sample" => Html(NEW_PAGE).into_response(),
            "/busy-sample" => bare(429),
            "/other-sample" => Html("<h1>Welcome</h1>").into_response(),
            "/renamed-sample" => (
                axum::http::StatusCode::MOVED_PERMANENTLY,
                [("location", "/third-sample")],
            )
                .into_response(),
            _ => bare(404),
        };
    }
    let accepts = asked
        .headers
        .get("accept")
        .and_then(|value| value.to_str().ok());
    if asked.method != "POST" || accepts != Some("application/json, text/event-stream") {
        return bare(406);
    }
    let question: Value = serde_json::from_slice(&asked.body).expect("JSON");
    match question["params"]["arguments"]["request"]["userName"].as_str() {
        Some("second-sample") => ([("content-type", "text/event-stream")], MASTER).into_response(),
        Some("busy-sample") => bare(429),
        Some("slow-sample") => event(
            r#"{"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[{"type":"text","text":"Too many requests"}]}}"#,
        ),
        Some("broken-sample") => event("{"),
        Some("moved-sample") => bare(404),
        _ => event(
            r#"{"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[{"type":"text","text":"User not found"}]}}"#,
        ),
    }
}

async fn asked(name: &str) -> (Result<Option<LiveProfile>, SourceError>, Spent) {
    let folder = tempfile::tempdir().expect("a folder");
    let connection = serve(answer, folder.path()).await;
    live::ask(&connection, &Handle::kaggle(name).expect("a name")).await
}

async fn page_of(name: &str) -> Result<Option<LiveProfile>, SourceError> {
    let folder = tempfile::tempdir().expect("a folder");
    let connection = serve(answer, folder.path()).await;
    page::ask(&connection, &Handle::kaggle(name).expect("a name"))
        .await
        .0
}

#[tokio::test]
async fn the_live_endpoint_answers_with_one_request() {
    let (profile, spent) = asked("second-sample").await;
    let profile = profile.expect("an answer").expect("somebody");
    assert_eq!(profile.user_id, Some(10_000_002));
    assert_eq!(spent.requests, 1);
    assert_eq!(asked("nobody-sample").await.0, Ok(None));
}

#[tokio::test]
async fn what_goes_wrong_at_the_live_endpoint_is_nobody_s_absence() {
    for (name, expected) in [
        ("busy-sample", "asks us to wait"),
        // The same, told within an answer: the gate closes as for a 429.
        ("slow-sample", "asks us to wait"),
        ("broken-sample", "the answer has another shape: cut off"),
        ("moved-sample", "is not where it was (HTTP 404)"),
    ] {
        let error = asked(name).await.0.expect_err(name);
        assert!(error.to_string().contains(expected), "{name}: {error}");
        let waits = matches!(error, SourceError::RateLimited { .. });
        assert_eq!(
            waits,
            matches!(name, "busy-sample" | "slow-sample"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn pages_of_both_generations_are_read_and_404_is_nobody() {
    let old = page_of("third-sample").await.expect("an answer");
    assert_eq!(old.expect("somebody").user_id, Some(10_000_003));
    let renamed = page_of("renamed-sample").await.expect("an answer");
    assert_eq!(renamed.expect("somebody").user_name, "third-sample");
    let new = page_of("shell-sample").await.expect("an answer");
    assert_eq!(new.expect("somebody").user_id, None);
    assert_eq!(page_of("nobody-sample").await, Ok(None));
    let other = page_of("other-sample").await;
    assert!(matches!(other, Err(SourceError::Failed(_))), "{other:?}");
    let busy = page_of("busy-sample").await;
    assert!(
        matches!(busy, Err(SourceError::RateLimited { .. })),
        "{busy:?}"
    );
}
