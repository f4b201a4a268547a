//! Profiles, pages and home pages beside samples of the real ones.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{
    super::{
        DEMO_KAGGLE_KEY, DEMO_KAGGLE_TOKEN, HOSTS, KaggleBehaviour, NEVER_KEPT, PageShape,
        RequestKind,
    },
    DEMO, answer, call, client, get, header, opened, start,
};

const CONTRIBUTOR: &str =
    include_str!("../../../../tests/fixtures/kaggle/mcp-get_user_profile-contributor.sse");
const MASTER: &str =
    include_str!("../../../../tests/fixtures/kaggle/mcp-get_user_profile-master.sse");
const STATE_PAGE: &str =
    include_str!("../../../../tests/fixtures/kaggle/profile-page-2018-2022.html");
const SHELL_PAGE: &str = include_str!("../../../../tests/fixtures/kaggle/profile-page-2024.html");

/// The names of the fields of indented JSON, by their indent, in order.
fn fields(text: &str, indent: usize) -> Vec<&str> {
    let start = format!("{}\"", " ".repeat(indent));
    text.lines()
        .filter_map(|line| line.strip_prefix(&*start))
        .filter_map(|line| line.split('"').next())
        .collect()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[tokio::test]
async fn a_profile_has_the_fields_of_the_samples_in_their_order() {
    let stand_in = start(KaggleBehaviour::default()).await;
    for (name, sample) in [("dmitriorlov", CONTRIBUTOR), ("adalindqvist", MASTER)] {
        let event = answer(&stand_in, name).await;
        let ((envelope, text), (real_envelope, real)) = (opened(&event), opened(sample));
        assert_eq!(keys(&envelope), keys(&real_envelope));
        assert_eq!(keys(&envelope["result"]), keys(&real_envelope["result"]));
        assert_eq!(envelope["result"]["isError"], false);
        assert_eq!(envelope["id"], 1);
        // The same letters up to the first value, which is a number of one's own.
        let head = |event: &str| event.split(": 1").next().unwrap().to_owned();
        assert_eq!(
            head(&event).split("user_id").next(),
            head(sample).split("user_id").next()
        );
        assert!(event.contains("\\u0022") && !event.contains("\\\""));
        assert!(event.is_ascii());

        let left_out = ["total_competitions", "total_active_competitions"];
        let of_sample: Vec<&str> = fields(&real, 2)
            .into_iter()
            .filter(|field| name == "adalindqvist" || !left_out.contains(field))
            .collect();
        assert_eq!(fields(&text, 2), of_sample, "{name}");
        for indent in [8, 10] {
            let badge = |text: &str| {
                let from = text.find("\"badges\"").unwrap();
                fields(&text[from..], indent)
                    .into_iter()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            assert_eq!(badge(&text), badge(&real));
        }
        let (told, real): (Value, Value) = (
            serde_json::from_str(&text).unwrap(),
            serde_json::from_str(&real).unwrap(),
        );
        for field in keys(&real) {
            let same_kind =
                std::mem::discriminant(&told[field]) == std::mem::discriminant(&real[field]);
            assert!(same_kind || left_out.contains(&field), "{field}");
        }
        let kinds = |of: &Value| {
            let summaries = of["achievement_summaries"].as_array().unwrap().clone();
            summaries
                .into_iter()
                .map(|one| one["summary_type"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(kinds(&told), kinds(&real));
        assert_eq!(
            keys(&told["achievement_summaries"][0])
                .difference(&keys(&real["achievement_summaries"][0]))
                .count(),
            0
        );
    }
    stand_in.stop().await;
}

#[tokio::test]
async fn zeros_are_left_out_and_what_must_not_be_kept_is_there() {
    let stand_in = start(KaggleBehaviour::default()).await;
    let told = |event: &str| serde_json::from_str::<Value>(&opened(event).1).unwrap();
    let dmitri = told(&answer(&stand_in, "DmitriOrlov").await);
    for summary in dmitri["achievement_summaries"].as_array().unwrap() {
        assert_eq!(
            keys(summary),
            BTreeSet::from(["tier", "summary_type", "rank_out_of"])
        );
    }
    let ada = told(&answer(&stand_in, "adalindqvist").await);
    let medals = &ada["achievement_summaries"][0];
    assert_eq!(medals["total_gold_medals"], 1);
    assert_eq!(medals["total_silver_medals"], 2);
    assert_eq!(medals["total_bronze_medals"], 1);
    assert_eq!(medals["rank_current"], 812);
    assert_eq!(
        ada["achievement_summaries"][1]["total_gold_medals"],
        Value::Null
    );
    assert_eq!(ada["git_hub_user_name"], "ada-lindqvist-example");
    for field in [
        "country",
        "region",
        "city",
        "bio",
        "occupation",
        "organization",
        "user_avatar_url",
        "twitter_user_name",
        "tagline",
        "pronouns",
        "linked_in_url",
    ] {
        assert!(ada[field].as_str().unwrap().contains(NEVER_KEPT), "{field}");
    }
    let zac = told(&answer(&stand_in, "zacopal").await);
    assert_eq!(zac["progression_opt_out"], true);
    assert_eq!(zac["achievement_summaries"], json!([]));
    let brigitte = told(&answer(&stand_in, "brigittefalk").await);
    assert_eq!(
        brigitte["visibility_settings"]["hidden_achievement_types"],
        json!(["USER_ACHIEVEMENT_TYPE_NOTEBOOKS"])
    );
    let gustav = told(&answer(&stand_in, "gustavhall").await);
    assert!(
        gustav["display_name"]
            .as_str()
            .unwrap()
            .contains("\u{1b}[31m<script>")
    );
    let carlos = told(&answer(&stand_in, "carlosold").await);
    assert_eq!(carlos["user_name"], "CarlosNova");
    let names = stand_in.report().names;
    assert_eq!((names.len(), names[0].as_str()), (6, "DmitriOrlov"));
    stand_in.stop().await;
}

#[tokio::test]
async fn nobody_is_an_error_with_status_200_and_other_calls_are_told_apart() {
    let stand_in = start(KaggleBehaviour::default()).await;
    let (envelope, text) = opened(&answer(&stand_in, "nobody-at-all").await);
    assert_eq!(envelope["result"]["isError"], true);
    assert!(text.contains("nobody-at-all"));
    let url = format!("{}/mcp", stand_in.url());
    let send = |body: &'static str| client().post(&url).body(body).send();
    let response = send("{").await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let response = send(r#"{"id":7,"method":"tools/list"}"#).await.unwrap();
    assert!(response.text().await.unwrap().contains("-32601"));
    let body = r#"{"id":7,"method":"tools/call","params":{"name":"x"}}"#;
    let (envelope, _) = opened(&send(body).await.unwrap().text().await.unwrap());
    assert_eq!(
        (&envelope["id"], &envelope["result"]["isError"]),
        (&json!(7), &json!(true))
    );
    let response = client()
        .post(&url)
        .header("accept", "application/json")
        .body(body);
    assert_eq!(
        response.send().await.unwrap().status(),
        StatusCode::NOT_ACCEPTABLE
    );
    let response = get(&stand_in, "/mcp").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    stand_in.stop().await;
}

#[tokio::test]
async fn a_known_credential_or_none_is_answered_and_a_wrong_one_refused() {
    let stand_in = start(KaggleBehaviour::default()).await;
    let ask = || call(&stand_in, "adalindqvist");
    let (user, key) = DEMO_KAGGLE_KEY;
    for (request, status) in [
        (ask(), 200),
        (ask().bearer_auth(DEMO_KAGGLE_TOKEN), 200),
        (ask().basic_auth(user, Some(key)), 200),
        (ask().bearer_auth("wrong"), 401),
        (ask().basic_auth(user, Some("wrong")), 401),
        (ask().header("authorization", "wrong"), 401),
    ] {
        assert_eq!(request.send().await.unwrap().status(), status);
    }
    let arrivals = stand_in.report().arrivals;
    let with = arrivals
        .iter()
        .filter(|arrival| arrival.with_credential)
        .count();
    assert_eq!((arrivals.len(), with), (6, 5));
    stand_in.stop().await;
}

#[tokio::test]
async fn both_generations_of_pages_have_the_shape_of_the_samples() {
    let state = |page: &str| -> Value {
        let from = page.find("Kaggle.State.push(").unwrap() + "Kaggle.State.push(".len();
        let mut values = serde_json::Deserializer::from_str(&page[from..]).into_iter();
        values.next().unwrap().unwrap()
    };
    let stand_in = start(KaggleBehaviour {
        page: PageShape::State,
        ..KaggleBehaviour::default()
    })
    .await;
    let response = get(&stand_in, "/adalindqvist").send().await.unwrap();
    assert_eq!(
        header(&response, "content-type"),
        "text/html; charset=utf-8"
    );
    let page = response.text().await.unwrap();
    let (told, real) = (state(&page), state(STATE_PAGE));
    let mut known = keys(&real);
    known.insert("datasetsSummary");
    assert_eq!(keys(&told), known);
    for summary in ["competitionsSummary", "scriptsSummary"] {
        assert_eq!(keys(&told[summary]), keys(&real[summary]));
        assert_eq!(told[summary]["summaryType"], real[summary]["summaryType"]);
    }
    assert_eq!(told["competitionsSummary"]["totalSilverMedals"], 2);
    assert_eq!(told["performanceTier"], "master");
    // What goes around the profile is the same to the letter, but for the person.
    let around = |page: &str, name: &str| {
        let (head, rest) = page.split_once("Kaggle.State.push(").unwrap();
        let (_, tail) = rest.rsplit_once(");performance && ").unwrap();
        (head.replace(name, ""), tail.trim().to_owned())
    };
    let real = STATE_PAGE
        .replace("Third Sample", "Ada Lindqvist")
        .replace("Grandmaster", "Master");
    assert_eq!(around(&page, "adalindqvist"), around(&real, "third-sample"));
    let hostile = get(&stand_in, "/gustavhall")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(hostile.matches("<script").count(), 1);
    assert_eq!(state(&hostile)["userName"], "gustavhall");
    let response = get(&stand_in, "/nobody").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(!response.text().await.unwrap().contains("\"profile\""));
    stand_in.stop().await;

    let stand_in = start(KaggleBehaviour::default()).await;
    let page = get(&stand_in, "/adalindqvist")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let real = SHELL_PAGE
        .replace("Third Sample", "Ada Lindqvist")
        .replace("third-sample", "adalindqvist")
        .replace("Grandmaster", "Master");
    assert_eq!(page, real);
    assert_eq!(stand_in.report().count(RequestKind::Page), 1);
    stand_in.stop().await;
}

#[tokio::test]
async fn home_pages_are_told_apart_by_their_host() {
    let stand_in = start(KaggleBehaviour::default()).await;
    let ask = async |host: &str, path: &str| {
        let request = get(&stand_in, path).header("host", host);
        request.send().await.unwrap()
    };
    let wilma = ask("Wilma-Kron.example:443", "/").await;
    assert_eq!(wilma.status(), StatusCode::OK);
    let page = wilma.text().await.unwrap();
    assert!(page.contains("rel=\"me\" href=\"https://www.kaggle.com/wilmakron\""));
    assert!(page.contains("me\" href=\"https://github.com/wilma-kron-example\""));
    let olaf = ask("olaf-vance.example", "/").await.text().await.unwrap();
    assert_eq!(olaf.matches("https://github.com/").count(), 3);
    assert!(!olaf.contains("rel="));
    let moved = ask("moved-home.example", "/").await;
    assert_eq!(moved.status(), StatusCode::MOVED_PERMANENTLY);
    assert_eq!(header(&moved, "location"), "https://wilma-kron.example/");
    let long = ask("long-home.example", "/").await.bytes().await.unwrap();
    assert!(long.len() > 1 << 20, "{}", long.len());
    let slow = ask("slow-home.example", "/").await.text().await.unwrap();
    assert!(slow.contains("slow-home-example"));
    let robots = ask("forbidden-home.example", "/robots.txt").await;
    assert_eq!(robots.text().await.unwrap(), "User-agent: *\nDisallow: /\n");
    let robots = ask("slow-home.example", "/robots.txt").await;
    assert_eq!(robots.status(), StatusCode::NOT_FOUND);
    let robots = ask("www.kaggle.com", "/robots.txt").await;
    assert_eq!(robots.status(), StatusCode::OK);
    let paper = ask("paper-home.example", "/").await;
    assert_eq!(header(&paper, "content-type"), "application/pdf");
    assert_eq!(ask("gone-home.example", "/").await.status(), 410);
    assert_eq!(ask("unknown.example", "/").await.status(), 404);
    assert_eq!(ask("wilma-kron.example", "/cv").await.status(), 404);
    for host in HOSTS {
        assert!(DEMO.home_page(host).is_some(), "{host}");
    }
    let report = stand_in.report();
    assert_eq!(
        (report.count(RequestKind::HomePage), report.at_once),
        (9, 0)
    );
    assert_eq!(report.count(RequestKind::Robots), 3);
    stand_in.stop().await;
}
