//! The stand-in as a client meets it: over real HTTP on loopback.

use std::{
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use super::{Behaviour, DEMO_TOKEN, Fault, StandIn, TokenAccount, World};

static DEMO: LazyLock<Arc<World>> = LazyLock::new(|| Arc::new(World::demo()));

const CORE: &str = include_str!("../sources/github/queries/core.graphql");
const WATCHED: &str = include_str!("../sources/github/queries/watched.graphql");
const DEPTH: &str = include_str!("../sources/github/queries/depth.graphql");
const PAGE: &str = include_str!("../sources/github/queries/page.graphql");
const PROOF: &str = include_str!("../sources/github/queries/proof.graphql");
const AUTHORS: &str = include_str!("../sources/github/queries/authors.graphql");
const STARS: &str = include_str!("../sources/github/queries/stars.graphql");
const CODE: &str = include_str!("../sources/github/queries/code.graphql");
const DOCTOR: &str = include_str!("../sources/github/queries/doctor.graphql");

fn client() -> Client {
    // Another test of this process may have installed it already.
    crate::http::install_crypto();
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

async fn start(behaviour: Behaviour) -> StandIn {
    StandIn::start(Arc::clone(&DEMO), behaviour).await.unwrap()
}

fn scripted(fault: Fault) -> Behaviour {
    Behaviour {
        one_time: vec![(1, fault)],
        ..Behaviour::default()
    }
}

async fn send(
    stand_in: &StandIn,
    query: &str,
    variables: &Value,
) -> Result<Response, reqwest::Error> {
    client()
        .post(format!("{}/graphql", stand_in.url()))
        .bearer_auth(DEMO_TOKEN)
        .json(&json!({"query": query, "variables": variables}))
        .send()
        .await
}

async fn ask(stand_in: &StandIn, query: &str, variables: &Value) -> Value {
    send(stand_in, query, variables)
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

async fn core(stand_in: &StandIn, login: &str) -> Value {
    ask(stand_in, CORE, &json!({ "loginA0": login })).await
}

fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn every_query_of_the_product_runs_for_every_demo_applicant() {
    let stand_in = start(Behaviour::default()).await;
    for account in DEMO.accounts() {
        let login = &*DEMO.account(account).login;
        if !login.ends_with("-example") {
            continue;
        }
        let answer = core(&stand_in, login).await;
        assert!(answer["errors"].is_null(), "{login}: {answer}");
        let applicant = &answer["data"]["A0"];
        assert_eq!(applicant["login"], login);
        if applicant["__typename"] == "Organization" {
            continue;
        }
        let id = &applicant["id"];
        let own: Vec<&Value> = applicant["own"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|own| &own["id"])
            .collect();
        let closed: Vec<&Value> = applicant["closed"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|closed| &closed["id"])
            .take(25)
            .collect();
        for (query, variables) in [
            (
                WATCHED,
                json!({"idA0": id, "ownerP0": "google", "nameP0": "jax"}),
            ),
            (DEPTH, json!({"idA0": id, "repositoriesA0": own})),
            (PROOF, json!({ "ids": closed })),
            (
                AUTHORS,
                json!({"idA0": id, "ownerA0": "google", "nameA0": "jax"}),
            ),
            (
                STARS,
                json!({"ids": own.iter().take(3).collect::<Vec<_>>()}),
            ),
            (CODE, json!({ "idA0": id })),
        ] {
            let answer = ask(&stand_in, query, &variables).await;
            assert!(answer["errors"].is_null(), "{login}: {answer}");
            assert!(answer["data"].is_object(), "{login}: {answer}");
        }
    }
    stand_in.stop().await;
}

#[tokio::test]
async fn answers_tell_what_the_world_holds() {
    let stand_in = start(Behaviour::default()).await;
    let answer = core(&stand_in, "ada-lindqvist-example").await;
    let ada = &answer["data"]["A0"];
    let count = |list: &str| ada[list]["nodes"].as_array().map(Vec::len);
    assert_eq!((count("merged"), count("labelled")), (Some(10), Some(6)));
    assert_eq!(
        ada["activity"]["contributionYears"],
        json!([2026, 2025, 2024, 2023, 2022])
    );
    assert_eq!(
        ada["own"]["nodes"][0]["nameWithOwner"],
        "ada-lindqvist-example/joint-space"
    );
    let watched = json!({"idA0": ada["id"], "ownerP0": "PyTorch", "nameP0": "pytorch"});
    let answer = ask(&stand_in, WATCHED, &watched).await;
    let mine = &answer["data"]["P0"]["defaultBranchRef"]["target"]["A0"];
    assert_eq!(
        mine,
        &json!({"totalCount": 7, "nodes": [{"authoredDate": "2026-09-03T12:00:00Z", "committedDate": "2026-09-03T12:00:00Z"}]})
    );
    let proof = json!({"ids": [ada["labelled"]["nodes"][0]["id"]]});
    let answer = ask(&stand_in, PROOF, &proof).await;
    let closer = &answer["data"]["nodes"][0]["closed"]["nodes"][0]["closer"];
    assert_eq!(closer["author"]["user"]["id"], ada["id"]);
    assert_eq!(closer["oid"].as_str().unwrap().len(), 40);
    let answer = ask(
        &stand_in,
        DEPTH,
        &json!({"idA0": ada["id"], "repositoriesA0": [ada["own"]["nodes"][0]["id"]]}),
    )
    .await;
    let target = &answer["data"]["ownA0"][0]["defaultBranchRef"]["target"];
    assert_eq!(
        (&target["all"]["totalCount"], &target["mine"]["totalCount"]),
        (&json!(410), &json!(388))
    );
    let years = DEPTH.replace("2000", "2026");
    let answer = ask(
        &stand_in,
        &years,
        &json!({"idA0": ada["id"], "repositoriesA0": []}),
    )
    .await;
    assert_eq!(
        answer["data"]["A0"]["y2026"]["totalCommitContributions"],
        310
    );
    // A bot that pressed the button has a login and, being no user, no id.
    let sven = core(&stand_in, "sven-aalto-example").await;
    let by_bot = sven["data"]["A0"]["merged"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|merged| merged["mergedBy"]["login"] == "landing-machine-example[bot]")
        .unwrap();
    assert!(by_bot["mergedBy"].get("id").is_none());
    stand_in.stop().await;
}

#[tokio::test]
async fn two_thousand_pull_requests_come_page_by_page_each_once() {
    let stand_in = start(Behaviour::default()).await;
    let answer = core(&stand_in, "lena-landau-example").await;
    let lena = &answer["data"]["A0"];
    let mut page = lena["merged"].clone();
    let mut urls = Vec::new();
    loop {
        let nodes = page["nodes"].as_array().unwrap();
        urls.extend(
            nodes
                .iter()
                .map(|node| node["url"].as_str().unwrap().to_owned()),
        );
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        let variables = json!({"idA0": lena["id"], "cursorA0": page["pageInfo"]["endCursor"], "statesA0": ["MERGED"], "labelsA0": null});
        page = ask(&stand_in, PAGE, &variables).await["data"]["A0"]["page"].clone();
    }
    assert_eq!(urls.len(), 2_000);
    urls.sort();
    urls.dedup();
    assert_eq!(urls.len(), 2_000);
    assert_eq!(stand_in.report().requests, 20);
    stand_in.stop().await;
}

#[tokio::test]
async fn several_applicants_share_a_query_and_unknown_ones_leave_the_rest_alone() {
    let stand_in = start(Behaviour::default()).await;
    let query = CORE
        .lines()
        .flat_map(|line| {
            let copies = if line.contains("A0") && !line.starts_with('#') {
                3
            } else {
                1
            };
            (0..copies).map(|copy| line.replace("A0", &format!("A{copy}")))
        })
        .collect::<Vec<_>>()
        .join("\n");
    let logins = json!({"loginA0": "ada-lindqvist-example", "loginA1": "hanna-oldname-example", "loginA2": "imaging-lab-example"});
    let answer = ask(&stand_in, &query, &logins).await;
    assert_eq!(answer["data"]["A0"]["login"], "ada-lindqvist-example");
    assert_eq!(answer["data"]["A2"]["__typename"], "Organization");
    assert!(answer["data"]["A1"].is_null());
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1);
    assert_eq!(
        (&errors[0]["type"], &errors[0]["path"]),
        (&json!("NOT_FOUND"), &json!(["A1"]))
    );
    // A batch with ids that lead nowhere keeps the others, too.
    let answer = ask(
        &stand_in,
        PROOF,
        &json!({"ids": ["PR_kwDO00000000", "PR_gone"]}),
    )
    .await;
    assert!(answer["data"]["nodes"][0].is_object() && answer["data"]["nodes"][1].is_null());
    assert_eq!(answer["errors"][0]["path"], json!(["nodes", 1]));
    stand_in.stop().await;
}

#[tokio::test]
async fn wrong_queries_fail_as_at_github() {
    let stand_in = start(Behaviour::default()).await;
    let field = ask(&stand_in, "{ viewer { login bioHtm } }", &json!({})).await;
    let error = &field["errors"][0];
    assert!(field.get("data").is_none() && error.get("type").is_none());
    assert_eq!(
        error["extensions"],
        json!({"code": "undefinedField", "typeName": "User", "fieldName": "bioHtm"})
    );
    assert_eq!(
        error["message"],
        "Field 'bioHtm' doesn't exist on type 'User'"
    );
    assert_eq!(error["locations"][0], json!({"line": 1, "column": 18}));

    let unbounded =
        "{ node(id: \"U_kgDO00000000\") { ... on User { pullRequests { nodes { id } } } } }";
    let answer = ask(&stand_in, unbounded, &json!({})).await;
    assert_eq!(answer["errors"][0]["type"], "MISSING_PAGINATION_BOUNDARIES");
    let missing = ask(&stand_in, CORE, &json!({})).await;
    assert!(
        missing["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("loginA0")
    );
    let doctor = ask(&stand_in, DOCTOR, &json!({})).await;
    assert_eq!(doctor["errors"].as_array().unwrap().len(), 1, "{doctor}");
    assert_eq!(doctor["errors"][0]["path"], json!(["nobody"]));
    assert_eq!(
        doctor["data"]["viewer"]["login"],
        "plaudit-operator-example"
    );
    stand_in.stop().await;
}

#[tokio::test]
async fn points_and_headers_agree() {
    let stand_in = start(Behaviour::default()).await;
    let ids: Vec<String> = (0..50).map(|id| format!("PR_kwDO{id:08x}")).collect();
    let response = send(&stand_in, PROOF, &json!({ "ids": ids }))
        .await
        .unwrap();
    for (name, value) in [
        ("x-ratelimit-limit", "5000"),
        ("x-ratelimit-remaining", "4998"),
        ("x-ratelimit-used", "2"),
        ("x-ratelimit-resource", "graphql"),
        ("content-type", "application/json; charset=utf-8"),
        ("x-github-media-type", "github.v4; format=json"),
    ] {
        assert_eq!(header(&response, name), value, "{name}");
    }
    assert!(!header(&response, "x-github-request-id").is_empty());
    assert!(!header(&response, "date").is_empty());
    let reset: i64 = header(&response, "x-ratelimit-reset").parse().unwrap();
    let answer: Value = response.json().await.unwrap();
    let told = &answer["data"]["rateLimit"];
    assert_eq!(
        (&told["cost"], &told["remaining"]),
        (&json!(2), &json!(4_998))
    );
    let reset = jiff::Timestamp::from_second(reset).unwrap().to_string();
    assert_eq!(told["resetAt"], reset);
    assert_eq!(stand_in.report().points, 2);
    stand_in.stop().await;
}

#[tokio::test]
async fn a_used_up_budget_is_refused_until_it_is_renewed() {
    let stand_in = start(Behaviour {
        tokens: vec![TokenAccount {
            token: DEMO_TOKEN.to_owned(),
            account: "small-example".to_owned(),
            points_per_hour: 2,
        }],
        ..Behaviour::default()
    })
    .await;
    for _ in 0..2 {
        assert!(core(&stand_in, "tala-empty-example").await["errors"].is_null());
    }
    let response = send(&stand_in, CORE, &json!({"loginA0": "x"}))
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "x-ratelimit-remaining"), "0");
    let answer: Value = response.json().await.unwrap();
    assert_eq!(answer["errors"][0]["type"], "RATE_LIMITED");
    assert!(answer["data"].is_null());
    let report = stand_in.report();
    assert_eq!((report.points, report.faults[&Fault::PrimaryLimit]), (2, 1));
    stand_in.stop().await;
}

#[tokio::test]
async fn strangers_use_rest_alone_and_sixty_times() {
    let stand_in = start(Behaviour::default()).await;
    let client = client();
    let get = |path: &str| client.get(format!("{}{path}", stand_in.url())).send();
    let response = client
        .post(format!("{}/graphql", stand_in.url()))
        .json(&json!({"query": CORE}))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let moved = get("/users/hanna-oldname-example").await.unwrap();
    assert_eq!(moved.status(), StatusCode::MOVED_PERMANENTLY);
    assert!(header(&moved, "location").starts_with(&format!("{}/user/", stand_in.url())));
    for left in (0..59).rev() {
        let response = get("/users/ada-lindqvist-example").await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, "x-ratelimit-remaining"), left.to_string());
    }
    let response = get("/users/ada-lindqvist-example").await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(header(&response, "x-ratelimit-remaining"), "0");
    let body: Value = response.json().await.unwrap();
    assert!(
        body["message"]
            .as_str()
            .unwrap()
            .starts_with("API rate limit exceeded for 127.0.0.1")
    );
    let search = get("/search/issues?q=author:ada-lindqvist-example+is:pr")
        .await
        .unwrap();
    assert_eq!(
        (search.status(), header(&search, "x-ratelimit-limit")),
        (StatusCode::OK, "10")
    );
    assert_eq!(header(&search, "x-ratelimit-resource"), "search");
    let budgets: Value = get("/rate_limit").await.unwrap().json().await.unwrap();
    assert_eq!(
        budgets["rate"]["remaining"], 0,
        "asking for the budgets is free"
    );
    assert_eq!(stand_in.report().sent_while_told_to_wait, 0);
    stand_in.stop().await;
}

#[tokio::test]
async fn a_token_sees_its_budgets_without_being_charged() {
    let stand_in = start(Behaviour::default()).await;
    core(&stand_in, "tala-empty-example").await;
    let request = client()
        .get(format!("{}/rate_limit", stand_in.url()))
        .bearer_auth(DEMO_TOKEN);
    let budgets: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(budgets["resources"]["graphql"]["remaining"], 4_999);
    assert_eq!(budgets["rate"]["remaining"], 5_000);
    assert!(serde_json::from_value::<octocrab::models::RateLimit>(budgets).is_ok());
    stand_in.stop().await;
}

/// Status, whether `retry-after` is sent, and a word of the body of each fault that leaves one whole.
#[tokio::test]
async fn faults_have_the_shapes_that_were_seen() {
    for (fault, status, retry_after, word) in [
        (Fault::PrimaryLimit, 200, false, "RATE_LIMITED"),
        (Fault::PrimaryLimitNewer, 200, false, "graphql_rate_limit"),
        (Fault::SecondaryLimit, 403, true, "secondary rate limit"),
        (Fault::SecondaryLimitOk, 200, true, "secondary rate limit"),
        (
            Fault::SecondaryLimitTooMany,
            429,
            true,
            "secondary rate limit",
        ),
        (
            Fault::SecondaryLimitSilent,
            403,
            false,
            "secondary rate limit",
        ),
        (Fault::BadGateway, 502, false, "in time"),
        (Fault::GatewayTimeout, 504, false, "in time"),
        (
            Fault::SomethingWentWrong,
            200,
            false,
            "Something went wrong",
        ),
        (Fault::ServerError, 500, false, "Server Error"),
        (Fault::TokenRevoked, 401, false, "Bad credentials"),
        (Fault::Html, 200, false, "<!DOCTYPE html>"),
        (Fault::EmptyBody, 200, false, ""),
    ] {
        let stand_in = start(scripted(fault)).await;
        let response = send(
            &stand_in,
            CORE,
            &json!({"loginA0": "ada-lindqvist-example"}),
        )
        .await
        .unwrap();
        assert_eq!(response.status().as_u16(), status, "{fault:?}");
        assert_eq!(
            header(&response, "retry-after") == "1",
            retry_after,
            "{fault:?}"
        );
        let text = response.text().await.unwrap();
        assert!(text.contains(word), "{fault:?}: {text}");
        assert_eq!(text.is_empty(), word.is_empty(), "{fault:?}");
        let report = stand_in.report();
        assert_eq!(report.faults[&fault], 1);
        let deducted = !fault.tells_to_wait() && fault != Fault::TokenRevoked;
        assert_eq!(report.points, u64::from(deducted), "{fault:?}");
        stand_in.stop().await;
    }
}

#[tokio::test]
async fn rest_fails_in_its_own_shapes() {
    for (fault, status, word) in [
        (Fault::PrimaryLimitNewer, 403, "API rate limit exceeded"),
        (Fault::SecondaryLimitOk, 403, "secondary rate limit"),
        (Fault::SecondaryLimitTooMany, 429, "secondary rate limit"),
        (Fault::ResourceLimits, 200, "ada-lindqvist-example"),
        (Fault::TokenRevoked, 401, "Bad credentials"),
    ] {
        let stand_in = start(scripted(fault)).await;
        let url = format!("{}/users/ada-lindqvist-example", stand_in.url());
        let response = client()
            .get(url)
            .bearer_auth(DEMO_TOKEN)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), status, "{fault:?}");
        assert!(response.text().await.unwrap().contains(word), "{fault:?}");
        stand_in.stop().await;
    }
}

#[tokio::test]
async fn a_resource_limit_keeps_some_and_names_what_went() {
    let stand_in = start(scripted(Fault::ResourceLimits)).await;
    let answer = core(&stand_in, "ada-lindqvist-example").await;
    assert!(answer["data"]["A0"].is_null());
    assert!(answer["data"]["rateLimit"].is_object());
    let error = &answer["errors"][0];
    assert_eq!(error["type"], "RESOURCE_LIMITS_EXCEEDED");
    assert_eq!(error["path"][0], "A0");
    assert_eq!(
        error["path"].as_array().unwrap().len(),
        2,
        "the field that was too much"
    );
    stand_in.stop().await;
}

#[tokio::test]
async fn bodies_fail_on_their_way() {
    for fault in [Fault::Cut, Fault::CutChunked] {
        let stand_in = start(scripted(fault)).await;
        let response = send(
            &stand_in,
            CORE,
            &json!({"loginA0": "ada-lindqvist-example"}),
        )
        .await
        .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.content_length().is_some(), fault == Fault::Cut);
        assert!(response.bytes().await.is_err(), "{fault:?}");
        stand_in.stop().await;
    }
    let stand_in = start(scripted(Fault::ConnectionClosed)).await;
    assert!(
        send(&stand_in, CORE, &json!({"loginA0": "x"}))
            .await
            .is_err()
    );
    assert!(
        core(&stand_in, "ada-lindqvist-example").await["errors"].is_null(),
        "and then it goes on"
    );
    stand_in.stop().await;

    let stand_in = start(scripted(Fault::HugeBody)).await;
    let mut response = send(&stand_in, CORE, &json!({"loginA0": "x"}))
        .await
        .unwrap();
    let mut length = 0;
    while let Some(chunk) = response.chunk().await.unwrap() {
        length += chunk.len();
    }
    assert_eq!(length, 100_000_002);
    stand_in.stop().await;

    let stand_in = start(scripted(Fault::EndlessBody)).await;
    let mut response = send(&stand_in, CORE, &json!({"loginA0": "x"}))
        .await
        .unwrap();
    for _ in 0..3 {
        assert_eq!(&response.chunk().await.unwrap().unwrap()[..], b" ");
    }
    // Stopping does not wait for a body that never ends.
    let begun = Instant::now();
    stand_in.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_revoked_token_stays_revoked() {
    let stand_in = start(Behaviour {
        one_time: vec![(2, Fault::TokenRevoked)],
        ..Behaviour::default()
    })
    .await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let response = send(&stand_in, CORE, &json!({"loginA0": "tala-empty-example"}))
            .await
            .unwrap();
        statuses.push(response.status().as_u16());
    }
    assert_eq!(statuses, [200, 401, 401]);
    stand_in.stop().await;
}

#[tokio::test]
async fn during_a_wait_the_limit_is_repeated() {
    let stand_in = start(Behaviour {
        wait: Duration::from_secs(30),
        ..scripted(Fault::SecondaryLimitTooMany)
    })
    .await;
    for expected in ["30", "30"] {
        let response = send(&stand_in, CORE, &json!({"loginA0": "x"}))
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(header(&response, "retry-after"), expected);
    }
    let report = stand_in.report();
    assert_eq!(
        report.faults[&Fault::SecondaryLimitTooMany],
        1,
        "said twice, struck once"
    );
    stand_in.stop().await;
}

#[tokio::test]
async fn slow_queries_time_out_by_rule_and_cost_their_points() {
    let stand_in = start(Behaviour {
        query_time_limit: Some(5),
        ..Behaviour::default()
    })
    .await;
    let repositories = |count: u32| {
        let ids: Vec<String> = (0..count).map(|id| format!("R_kgDO{id:08x}")).collect();
        json!({"idA0": "U_kgDO00000000", "repositoriesA0": ids})
    };
    for (count, status) in [(2, 200), (3, 502)] {
        let response = send(&stand_in, DEPTH, &repositories(count)).await.unwrap();
        assert_eq!(response.status().as_u16(), status);
    }
    assert_eq!(stand_in.report().points, 2);
    stand_in.stop().await;
}

#[tokio::test]
async fn latency_is_a_timer_and_answers_do_not_queue() {
    let stand_in = start(Behaviour {
        latency: Duration::from_millis(300),
        most_in_flight: Some(20),
        ..Behaviour::default()
    })
    .await;
    let begun = Instant::now();
    let variables = json!({"loginA0": "tala-empty-example"});
    let answers =
        futures::future::join_all((0..20).map(|_| send(&stand_in, CORE, &variables))).await;
    let took = begun.elapsed();
    assert!(
        answers
            .iter()
            .all(|answer| answer.as_ref().unwrap().status() == StatusCode::OK)
    );
    assert!(
        took >= Duration::from_millis(300) && took < Duration::from_secs(3),
        "{took:?}"
    );
    let peak = stand_in.report().in_flight_peak;
    assert!((2..=20).contains(&peak), "{peak}");
    stand_in.stop().await;
}

#[tokio::test]
async fn too_many_in_flight_meet_the_secondary_limit() {
    let stand_in = start(Behaviour {
        latency: Duration::from_millis(200),
        most_in_flight: Some(3),
        ..Behaviour::default()
    })
    .await;
    let variables = json!({"loginA0": "tala-empty-example"});
    let answers =
        futures::future::join_all((0..12).map(|_| send(&stand_in, CORE, &variables))).await;
    let refused = answers
        .iter()
        .filter(|answer| answer.as_ref().unwrap().status() == StatusCode::FORBIDDEN)
        .count();
    assert!((1..=9).contains(&refused), "{refused}");
    stand_in.stop().await;
}

#[tokio::test]
async fn a_process_of_its_own_tells_its_books() {
    let (address, told) = tokio::sync::oneshot::channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let ready = move |url: &str| address.send(url.to_owned()).unwrap();
    let shutdown = async { stopped.await.unwrap() };
    let serving = super::serve_until(Arc::clone(&DEMO), Behaviour::default(), ready, shutdown);
    let asking = async {
        let url = told.await.unwrap();
        let client = client();
        client
            .get(format!("{url}/users/ada-lindqvist-example"))
            .send()
            .await
            .unwrap();
        let report: super::Report = client
            .get(format!("{url}/_standin/report"))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        stop.send(()).unwrap();
        report
    };
    let (served, asked) = tokio::join!(serving, asking);
    let served = served.unwrap();
    assert_eq!(served, asked);
    assert_eq!(
        (
            served.requests,
            served.rest_requests,
            served.graphql_requests
        ),
        (1, 1, 0)
    );
}
