//! The made-up Kaggle as a client meets it: over real HTTP on loopback, against samples of the real one.

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::{KaggleBehaviour, KaggleStandIn, KaggleWorld};

mod failing;
mod shapes;
mod storage;

static DEMO: LazyLock<Arc<KaggleWorld>> = LazyLock::new(|| Arc::new(KaggleWorld::demo()));

fn client() -> Client {
    // Another test of this process may have installed it already.
    crate::http::install_crypto();
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

async fn start(behaviour: KaggleBehaviour) -> KaggleStandIn {
    KaggleStandIn::start(Arc::clone(&DEMO), behaviour)
        .await
        .unwrap()
}

fn with_files(folder: &Path) -> KaggleBehaviour {
    KaggleBehaviour {
        folder: Some(folder.to_owned()),
        ..KaggleBehaviour::default()
    }
}

fn call(stand_in: &KaggleStandIn, name: &str) -> RequestBuilder {
    client()
        .post(format!("{}/mcp", stand_in.url()))
        .header("accept", "application/json, text/event-stream")
        .json(
            &json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": "get_user_profile", "arguments": {"request": {"userName": name}}}}),
        )
}

async fn answer(stand_in: &KaggleStandIn, name: &str) -> String {
    let response = call(stand_in, name).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "content-type"), "text/event-stream");
    response.text().await.unwrap()
}

fn get(stand_in: &KaggleStandIn, path: &str) -> RequestBuilder {
    client().get(format!("{}{path}", stand_in.url()))
}

fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

/// The envelope of an event, and the text inside.
fn opened(event: &str) -> (Value, String) {
    let data = event.strip_prefix("event: message\ndata: ").unwrap();
    let envelope: Value = serde_json::from_str(data.strip_suffix("\n\n").unwrap()).unwrap();
    let text = envelope["result"]["content"][0]["text"].as_str().unwrap();
    (envelope.clone(), text.to_owned())
}
