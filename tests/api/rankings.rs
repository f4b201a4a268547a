//! Rankings and downloads.

use serde_json::{Value, json};

use super::Api;
use crate::app::ROLE;

#[tokio::test(flavor = "multi_thread")]
async fn a_ranking_is_filtered_sorted_imagined_and_downloaded() {
    let api = Api::start().await;
    for id in ["ada", "bea", "cy"] {
        api.profiled(id).await;
    }
    let evidence = json!({"kind": "industry", "amount": 5, "url": "https://example.org/cv", "reason": "a firm", "date": "2025-01-01"});
    api.post("/api/v1/applicants/cy/review/evidence", &evidence)
        .await
        .is(200);
    let roles = api.get("/api/v1/roles").await.is(200);
    let ours = roles["items"]
        .as_array()
        .expect("items")
        .iter()
        .find(|role| role["name"] == ROLE);
    assert_eq!(ours.expect("ours")["applicants"], 3);
    let ranking = format!("/api/v1/roles/{ROLE}/ranking");
    let ids = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().expect("items").iter();
        items
            .map(|row| row["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    let page = api.get(&ranking).await.is(200);
    assert_eq!(ids(&page), ["cy", "ada", "bea"]);
    assert_eq!(page["items"][0]["rank"], 1);
    for key in [
        "best",
        "worst",
        "likely_best",
        "likely_worst",
        "tie",
        "name",
        "score",
        "coverage",
        "flags",
        "identity",
    ] {
        assert!(page["items"][0].get(key).is_some(), "{key}");
    }
    for (query, expected) in [
        ("q=ADA", &["cy", "ada", "bea"][..]),
        ("q=be", &["bea"]),
        ("sort=id", &["ada", "bea", "cy"]),
        ("sort=coverage", &["cy", "ada", "bea"]),
        ("identity=claimed", &["cy", "ada", "bea"]),
        ("identity=proven", &[]),
        ("flagged=true", &[]),
        ("state=complete", &[]),
        ("limit=1", &["cy"]),
    ] {
        let page = api.get(&format!("{ranking}?{query}")).await.is(200);
        assert_eq!(ids(&page), expected, "{query}");
    }
    let imagined = api
        .get(&format!("{ranking}?what_if=reviewed=0"))
        .await
        .is(200);
    assert_eq!(ids(&imagined), ["ada", "bea", "cy"]);
    assert_eq!(imagined["items"][2]["was"], 1);
    assert!(imagined["what_if"].is_string());
    for (query, status) in [
        ("sort=luck", 400),
        ("flagged=perhaps", 400),
        ("what_if=kaggle", 400),
        ("what_if=kaggle=NaN", 400),
        ("what_if=kaggle=1,kaggle=2", 400),
        ("cursor=YWJj", 400),
        ("what_if=luck=5", 422),
        ("what_if=kaggle=101", 422),
        ("what_if=kaggle=-1", 422),
    ] {
        api.get(&format!("{ranking}?{query}")).await.refuses(status);
    }
    for nowhere in ["no-such", "..", "%00", "a%2Fb"] {
        api.get(&format!("/api/v1/roles/{nowhere}/ranking"))
            .await
            .refuses(404);
        api.get(&format!("/api/v1/roles/{nowhere}/export"))
            .await
            .refuses(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ranking_is_downloaded_in_every_form() {
    let api = Api::start().await;
    api.profiled("ada").await;
    for (format, media_type, ending, word) in [
        ("csv", "text/csv; charset=utf-8", "csv", "ada"),
        ("json", "application/json", "json", "\"ada\""),
        ("jsonl", "application/x-ndjson", "jsonl", "\"ada\""),
        ("markdown", "text/markdown; charset=utf-8", "md", "ada"),
        ("html", "text/html; charset=utf-8", "html", "<html"),
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
            "PK",
        ),
    ] {
        let file = api
            .get(&format!("/api/v1/roles/{ROLE}/export?format={format}"))
            .await;
        assert_eq!(file.status, 200, "{format}");
        assert_eq!(file.header("content-type"), media_type);
        let disposition = format!("attachment; filename=\"{ROLE}.{ending}\"");
        assert_eq!(file.header("content-disposition"), disposition);
        assert!(
            String::from_utf8_lossy(&file.body).contains(word),
            "{format}"
        );
    }
    api.get(&format!("/api/v1/roles/{ROLE}/export?format=text"))
        .await
        .refuses(400);
}
