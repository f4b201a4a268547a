//! How it fails, and what the books tell.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{
    super::{KaggleBehaviour, KaggleFault, KaggleReport, RequestKind},
    answer, call, client, get, header, opened, start,
    storage::address,
    with_files,
};

fn scripted(kind: RequestKind, fault: KaggleFault) -> KaggleBehaviour {
    KaggleBehaviour {
        one_time: vec![(kind, 1, fault)],
        ..KaggleBehaviour::default()
    }
}

#[tokio::test]
async fn each_fault_of_the_endpoint_has_its_shape() {
    use KaggleFault as Fault;
    for (fault, status, content_type) in [
        (
            Fault::TooManyRequests,
            429,
            "application/json; charset=utf-8",
        ),
        (
            Fault::TooManyRequestsSilent,
            429,
            "application/json; charset=utf-8",
        ),
        (Fault::ServerError, 500, "application/json; charset=utf-8"),
        (Fault::BadGateway, 502, "text/html; charset=utf-8"),
        (Fault::Html, 200, "text/html; charset=utf-8"),
        (Fault::EmptyBody, 200, "text/event-stream"),
        (Fault::SlowBody, 200, "text/event-stream"),
    ] {
        let stand_in = start(scripted(RequestKind::Profile, fault)).await;
        let response = call(&stand_in, "adalindqvist").send().await.unwrap();
        assert_eq!(response.status(), status, "{fault:?}");
        assert_eq!(header(&response, "content-type"), content_type, "{fault:?}");
        let retry_after = header(&response, "retry-after").to_owned();
        let body = response.text().await.unwrap();
        let expected = if fault == Fault::TooManyRequests {
            "1"
        } else {
            ""
        };
        assert_eq!(retry_after, expected, "{fault:?}");
        match fault {
            Fault::TooManyRequests | Fault::TooManyRequestsSilent => assert_eq!(
                serde_json::from_str::<Value>(&body).unwrap(),
                json!({"error": {"code": 429, "message": "Too many requests", "status": "RESOURCE_EXHAUSTED"}})
            ),
            Fault::EmptyBody => assert_eq!(body, ""),
            Fault::SlowBody => assert!(opened(&body).1.contains("adalindqvist")),
            _ => assert!(!body.contains("adalindqvist")),
        }
        assert_eq!(stand_in.report().faults[&fault], 1);
        stand_in.stop().await;
    }
}

#[tokio::test]
async fn bodies_and_connections_break_off() {
    let cut = start(scripted(RequestKind::Profile, KaggleFault::Cut)).await;
    let response = call(&cut, "adalindqvist").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.bytes().await.is_err());
    assert!(opened(&answer(&cut, "adalindqvist").await).1.len() > 100);
    cut.stop().await;

    let closed = start(scripted(RequestKind::Page, KaggleFault::ConnectionClosed)).await;
    let error = get(&closed, "/adalindqvist").send().await.unwrap_err();
    assert!(!error.is_status(), "{error}");
    closed.stop().await;

    let endless = start(scripted(RequestKind::Profile, KaggleFault::EndlessBody)).await;
    let mut response = call(&endless, "adalindqvist").send().await.unwrap();
    assert_eq!(header(&response, "content-length"), "");
    for _ in 0..3 {
        assert_eq!(response.chunk().await.unwrap().unwrap(), " ");
    }
    drop(response);
    endless.stop().await;
}

#[tokio::test]
async fn impatience_is_booked_and_the_storage_does_not_mind() {
    let folder = tempfile::tempdir().unwrap();
    let stand_in = start(KaggleBehaviour {
        one_time: vec![(RequestKind::Profile, 1, KaggleFault::TooManyRequests)],
        wait: Duration::from_mins(1),
        ..with_files(folder.path())
    })
    .await;
    let to = address(&stand_in, "/Users.csv").await;
    let told = call(&stand_in, "adalindqvist").send().await.unwrap();
    assert_eq!(header(&told, "retry-after"), "60");
    let early = get(&stand_in, "/adalindqvist").send().await.unwrap();
    assert_eq!(early.status(), StatusCode::TOO_MANY_REQUESTS);
    let left: u64 = header(&early, "retry-after").parse().unwrap();
    assert!((1..=60).contains(&left), "{left}");
    let stored = client().get(&to).send().await.unwrap();
    assert_eq!(stored.status(), StatusCode::OK);
    let report = stand_in.report();
    assert_eq!(report.sent_while_told_to_wait, 1);
    assert_eq!(report.faults[&KaggleFault::TooManyRequests], 1);
    assert_eq!(report.at_once, 1);
    assert_eq!(report.arrivals.len(), 4);
    let read: KaggleReport =
        serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    assert_eq!(read, report);
    stand_in.stop().await;
}

#[tokio::test]
async fn requests_at_once_and_the_gap_between_them_are_in_the_books() {
    let stand_in = start(KaggleBehaviour {
        latency: Duration::from_secs(1),
        ..KaggleBehaviour::default()
    })
    .await;
    let ask = || call(&stand_in, "adalindqvist").send();
    let (one, two, three) = tokio::join!(ask(), ask(), ask());
    for response in [one, two, three] {
        assert_eq!(response.unwrap().status(), StatusCode::OK);
    }
    let report = stand_in.report();
    assert_eq!(report.at_once, 3);
    assert_eq!(report.count(RequestKind::Profile), 3);
    assert!(report.least_gap().is_some());
    stand_in.stop().await;
}
