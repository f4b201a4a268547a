//! Lists: a report of each row, in every form.

use serde_json::Value;

use super::{Answer, Api};
use crate::app::ROLE;

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_taken_in_with_a_report_of_each_row() {
    let api = Api::start().await;
    let list = "id,name,github,role\n\
        a,Ada Example,ada-example,\n\
        b,Bea Example,,\n\
        c,Cy Example,cy-example,no-such\n\
        a,Ada Example,ada-example,\n\
        d,Dan Example,dan-example,radiology-ml-engineer\n";
    let taken = api.import("/api/v1/imports", "text/csv", list).await;
    let report = taken.is(202);
    let id = report["id"].as_str().expect("an id");
    assert_eq!(taken.header("location"), format!("/api/v1/imports/{id}"));
    assert_eq!(report["state"], "accepted");
    let rows: Vec<(u64, &str, &str)> = report["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            let text = |key: &str| row[key].as_str().unwrap_or_default();
            (
                row["line"].as_u64().expect("a line"),
                text("outcome"),
                text("applicant"),
            )
        })
        .collect();
    let has_other_role = api
        .server
        .service
        .rubrics
        .contains_key("radiology-ml-engineer");
    let fifth = if has_other_role { "queued" } else { "refused" };
    assert_eq!(
        rows,
        [
            (2, "queued", "a"),
            (3, "refused", ""),
            (4, "refused", "c"),
            (5, "merged", "a"),
            (6, fifth, "d"),
        ]
    );
    assert!(
        report["rows"][1]["reason"]
            .as_str()
            .expect("a reason")
            .contains("no link")
    );
    assert!(
        report["rows"][2]["reason"]
            .as_str()
            .expect("a reason")
            .contains(ROLE)
    );
    assert_eq!(report["counts"]["rows"], 5);
    assert_eq!(report["counts"]["merged"], 1);
    assert_eq!(report["progress"]["waiting"], report["progress"]["total"]);
    // The same once more does no harm, and is another import.
    let again = api
        .import("/api/v1/imports", "application/octet-stream", list)
        .await
        .is(202);
    assert_eq!(again["rows"][0]["outcome"], "already_queued");
    let all = api.get("/api/v1/imports").await.is(200);
    let ids: Vec<&Value> = all["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(ids, [&again["id"], &report["id"]], "the newest first");
    let page = api.get("/api/v1/imports?limit=1").await.is(200);
    let next = page["next_cursor"].as_str().expect("another page");
    let page = api
        .get(&format!("/api/v1/imports?limit=1&cursor={next}"))
        .await
        .is(200);
    assert_eq!(page["items"][0]["id"], report["id"]);
    assert!(page.get("next_cursor").is_none());

    api.work().await;
    let later = api.get(&format!("/api/v1/imports/{id}")).await.is(200);
    assert_eq!(later["progress"]["done"], 1);
    assert_eq!(later["rows"], report["rows"]);
    for nowhere in ["x", "0123456789abcdef01234567", "!0123", "%00"] {
        api.get(&format!("/api/v1/imports/{nowhere}"))
            .await
            .refuses(404);
        api.get(&format!("/api/v1/imports/{nowhere}/events"))
            .await
            .refuses(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_may_come_in_many_forms_and_what_is_none_is_refused() {
    let api = Api::start().await;
    let form = |fields: &[(&str, &str)]| {
        let mut body = String::new();
        for (name, value) in fields {
            let file = if *name == "list" {
                "; filename=\"list.csv\""
            } else {
                ""
            };
            let head = format!("Content-Disposition: form-data; name=\"{name}\"{file}");
            body.extend(["--limit\r\n", &head, "\r\n\r\n", value, "\r\n"]);
        }
        format!("{body}--limit--\r\n")
    };
    let multipart = "multipart/form-data; boundary=limit";
    let path = "/api/v1/imports";
    let count = |answer: &Answer| answer.is(202)["counts"]["rows"].as_u64();
    let links = "https://github.com/ada-example\nhttps://github.com/bea-example\n";
    for (content_type, body) in [
        ("text/plain", links.to_owned()),
        (
            "text/csv; charset=utf-8",
            "github\nada-example\nbea-example".to_owned(),
        ),
        (
            "application/x-ndjson",
            "{\"github\":\"ada-example\"}\n{\"github\":\"bea-example\"}".to_owned(),
        ),
        (
            multipart,
            form(&[("list", "github\nada-example\nbea-example")]),
        ),
        (
            multipart,
            form(&[("links", links), ("list", ""), ("role", ROLE)]),
        ),
    ] {
        let taken = api.import(path, content_type, body).await;
        assert_eq!(count(&taken), Some(2), "{content_type}");
    }
    for (content_type, body, status) in [
        ("text/csv", String::new(), 422),
        ("text/csv", "shoe size,colour\n7,red".to_owned(), 422),
        ("application/octet-stream", "%PDF-1.7".to_owned(), 422),
        ("text/plain", "PK\u{3}\u{4}rubbish".to_owned(), 422),
        ("application/json", "[]".to_owned(), 415),
        ("image/png", "x".to_owned(), 415),
        ("multipart/form-data", "x".to_owned(), 400),
        (multipart, "rubbish".to_owned(), 400),
        (multipart, form(&[]), 422),
        (multipart, form(&[("links", links), ("list", links)]), 422),
        (
            multipart,
            form(&[("links", links), ("role", "no-such")]),
            422,
        ),
    ] {
        let refused = api.import(path, content_type, body.clone()).await;
        assert!(!refused.refuses(status).is_empty(), "{content_type} {body}");
    }
    let refused = api.send("POST", path, |request| request.body("x")).await;
    refused.refuses(415);
    let refused = api
        .import("/api/v1/imports?role=no-such", "text/plain", links)
        .await;
    assert!(refused.refuses(422).contains(ROLE));
    let long = vec![b'x'; api.app.config.serve.max_body_bytes + 1];
    let refused = api.import(path, "text/csv", long).await;
    refused.refuses(413);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_was_cut_off_is_seen_to_be() {
    let api = Api::start().await;
    let id = api.crowd_of_one_import().await;
    // As it is on the disk when the server dies between accepting and answering.
    let shelf = plaudit::store::Shelf::Imports;
    let record: Option<Value> = api.store().record(shelf, &id).await.expect("readable");
    let mut record = record.expect("there");
    record["state"] = "accepting".into();
    let edit = plaudit::store::Edit::new().put(shelf, &id, &record);
    assert!(api.store().edit(edit).await.expect("written"));
    let seen = api.get(&format!("/api/v1/imports/{id}")).await.is(200);
    assert_eq!(seen["state"], "accepting");
    let api = api.restarted().await;
    let seen = api.get(&format!("/api/v1/imports/{id}")).await.is(200);
    assert_eq!(seen["state"], "interrupted");
    assert_eq!(
        seen["progress"]["waiting"], 1,
        "who was accepted stays accepted"
    );
}
