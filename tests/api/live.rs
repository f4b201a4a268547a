//! Live progress.

use std::time::{Duration, Instant};

use futures::{StreamExt as _, stream};
use reqwest::Method;
use serde_json::json;

use super::{Api, Happening};

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
    given_up.refuses(408);
    assert_eq!(given_up.json()["type"], "/problems/slow-request");
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
