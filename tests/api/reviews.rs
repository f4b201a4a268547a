//! What people add about an applicant.

use serde_json::json;

use super::Api;

#[tokio::test(flavor = "multi_thread")]
async fn what_people_add_is_signed_judged_with_and_stays_when_withdrawn() {
    let api = Api::start().await;
    api.profiled("ada").await;
    let of = |what: &str| format!("/api/v1/applicants/ada/review{what}");
    let evidence = json!({
        "kind": "industry", "amount": 3, "url": "https://example.org/cv", "reason": "an imaging firm", "date": "2025-01-01",
    });
    let added = api.post(&of("/evidence"), &evidence).await.is(200);
    assert!(
        added["after"]["low"].as_f64() > added["before"]["low"].as_f64(),
        "{added}"
    );
    let number = added["review"]["evidence"][0]["number"]
        .as_u64()
        .expect("a number");
    assert!(added["review"]["evidence"][0]["signature"]["by"].is_string());
    api.post(&of("/evidence"), &evidence).await.refuses(409);
    api.post(&of("/notes"), &json!({"text": "a strong talk"}))
        .await
        .is(200);
    let adjusted = api
        .post(
            &of("/adjustments"),
            &json!({"points": "+2.5", "reason": "the very subject"}),
        )
        .await
        .is(200);
    assert_eq!(adjusted["adjusted_by"], 2.5);
    assert_eq!(adjusted["before"], adjusted["after"]);
    let review = api.get(&of("")).await.is(200);
    assert_eq!(review, adjusted["review"]);

    let why = json!({"reason": "somebody else of the same name"});
    let withdrawn = api
        .post(&of(&format!("/{number}/withdraw")), &why)
        .await
        .is(200);
    assert_eq!(withdrawn["after"]["low"], added["before"]["low"]);
    assert_eq!(
        withdrawn["review"]["evidence"][0]["withdrawn"]["reason"],
        why["reason"]
    );
    api.post(&of(&format!("/{number}/withdraw")), &why)
        .await
        .refuses(409);
    let note = adjusted["review"]["notes"][0]["number"]
        .as_u64()
        .expect("a number");
    api.post(&of(&format!("/{note}/withdraw")), &why)
        .await
        .refuses(409);
    let points = adjusted["review"]["adjustments"][0]["number"]
        .as_u64()
        .expect("a number");
    api.post(&of(&format!("/{points}/withdraw")), &why)
        .await
        .is(200);
    for nowhere in [
        "/99/withdraw",
        "/x/withdraw",
        "/-1/withdraw",
        "/99999999999/withdraw",
    ] {
        api.post(&of(nowhere), &why).await.refuses(404);
    }
    // Each change that counts is a profile of its own.
    let history = api.get("/api/v1/applicants/ada/history").await.is(200);
    let rows = history["items"].as_array().expect("rows");
    assert!(rows.len() >= 3, "{history}");
    for row in rows {
        let name = row["snapshot"].as_str().expect("a name");
        let short = name.strip_prefix("ada/").expect("the applicant's");
        let kept = api
            .get(&format!("/api/v1/applicants/ada/snapshots/{short}"))
            .await
            .is(200);
        assert_eq!(kept["snapshot"], name);
    }
    api.get("/api/v1/applicants/ada/snapshots/0123456789abcdef")
        .await
        .refuses(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_added_is_refused_with_the_reason() {
    let api = Api::start().await;
    api.profiled("ada").await;
    let of = |what: &str| format!("/api/v1/applicants/ada/review{what}");
    for (what, body, said) in [
        ("/notes", json!({"text": " "}), "empty"),
        ("/notes", json!({"text": "x".repeat(201)}), "201 characters"),
        ("/notes", json!({}), "missing field"),
        (
            "/adjustments",
            json!({"points": "lots", "reason": "x"}),
            "no number of points",
        ),
        (
            "/adjustments",
            json!({"points": 2, "reason": "x"}),
            "invalid type",
        ),
        (
            "/evidence",
            json!({"kind": "luck", "url": "https://example.org", "reason": "x", "date": "2025-01-01"}),
            "luck",
        ),
        (
            "/evidence",
            json!({"kind": "industry", "url": "ftp://example.org", "reason": "x", "date": "2025-01-01"}),
            "no URL",
        ),
        (
            "/evidence",
            json!({"kind": "industry", "url": "https://example.org", "reason": "x", "date": "2999-01-01"}),
            "future",
        ),
        (
            "/evidence",
            json!({"kind": "industry", "url": "https://example.org", "reason": "x", "date": "soon"}),
            "body",
        ),
        (
            "/evidence",
            json!({"kind": "industry", "url": "https://example.org", "reason": "x", "date": "2025-01-01", "amount": -1}),
            "body",
        ),
    ] {
        let detail = api.post(&of(what), &body).await.refuses(422);
        assert!(detail.contains(said), "{body}: {detail}");
    }
    api.post(
        "/api/v1/applicants/nobody/review/notes",
        &json!({"text": "x"}),
    )
    .await
    .refuses(404);
    let review = api.get(&of("")).await.is(200);
    assert_eq!(review["revision"], 0);
}
