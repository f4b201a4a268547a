//! A browser that is driven: the W3C `WebDriver` protocol as JSON over HTTP, as far as the pages' tests need it, and
//! Chromium's own commands for what it has none for.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::reports::browser::FLAGS;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The key of an element in the protocol's JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running chromedriver. It ends when it is dropped, with its browsers.
pub(crate) struct Driver {
    process: Child,
    address: String,
    http: reqwest::Client,
}

impl Driver {
    pub(crate) fn start(program: &Path) -> Self {
        let mut process = Command::new(program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver");
        let told = BufReader::new(process.stdout.take().expect("its output"));
        let port = told
            .lines()
            .map(|line| line.expect("text"))
            .find_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                Some(port.trim_end_matches('.').to_owned())
            });
        plaudit::http::install_crypto();
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_mins(2))
            .build()
            .expect("a client");
        Self {
            process,
            address: format!("http://127.0.0.1:{}", port.expect("a port")),
            http,
        }
    }

    /// A browser of its own: nothing kept from before, everything but this machine asked of `proxy`.
    pub(crate) async fn browser(&self, proxy: &str, scripts: bool) -> Browser {
        let own = TempDir::new().expect("a temporary folder");
        // A browser that guesses where one might go next opens connections that no page has asked for.
        let mut prefs = json!({
            "download.default_directory": own.path().join("downloads"),
            "net.network_prediction_options": 2,
            "search.suggest_enabled": false,
            "safebrowsing.enabled": false,
            "signin.allowed": false,
        });
        if !scripts {
            prefs["profile.managed_default_content_settings.javascript"] = json!(2);
        }
        let own_flags = [
            "--headless=new".to_owned(),
            format!("--proxy-server={proxy}"),
            format!("--user-data-dir={}", own.path().join("browser").display()),
        ];
        let arguments: Vec<String> = own_flags
            .into_iter()
            .chain(FLAGS.map(ToOwned::to_owned))
            .collect();
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments, "prefs": prefs},
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let url = format!("{}/session", self.address);
        let answer = ask(self.http.post(&url).json(&wanted)).await;
        let id = answer["sessionId"].as_str().expect("a session");
        Browser {
            session: format!("{url}/{id}"),
            http: self.http.clone(),
            _own: own,
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn ask(request: reqwest::RequestBuilder) -> Value {
    tried(request).await.expect("the browser does it")
}

/// The protocol's answer, or its error.
async fn tried(request: reqwest::RequestBuilder) -> Result<Value, String> {
    let answer = request.send().await.expect("chromedriver answers");
    let mut body: Value = answer.json().await.expect("JSON");
    let value = body["value"].take();
    match value["error"].as_str() {
        Some(error) => Err(format!("{error}: {}", value["message"])),
        None => Ok(value),
    }
}

/// A browser's window.
pub(crate) struct Browser {
    session: String,
    http: reqwest::Client,
    /// What the browser keeps; it goes with it.
    _own: TempDir,
}

/// Something on a page.
pub(crate) struct Element(String);

impl Browser {
    async fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        tried(self.http.post(format!("{}{path}", self.session)).json(body)).await
    }

    async fn get(&self, path: &str) -> Value {
        ask(self.http.get(format!("{}{path}", self.session))).await
    }

    pub(crate) async fn open(&self, url: &str) {
        let opened = self.post("/url", &json!({"url": url})).await;
        opened.expect(url);
    }

    pub(crate) async fn url(&self) -> String {
        let url = self.get("/url").await;
        url.as_str().expect("a URL").to_owned()
    }

    pub(crate) async fn source(&self) -> String {
        let source = self.get("/source").await;
        source.as_str().expect("a page").to_owned()
    }

    /// The first element of a CSS selector, which may take a while to be there.
    pub(crate) async fn find(&self, selector: &str) -> Element {
        let wanted = json!({"using": "css selector", "value": selector});
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            match self.post("/element", &wanted).await {
                Ok(found) => return Element(found[ELEMENT].as_str().expect("an id").to_owned()),
                Err(why) if tokio::time::Instant::now() > deadline => {
                    panic!("{selector} is not there: {why}\n{}", self.source().await)
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Waits until the page's address holds `part`.
    pub(crate) async fn until_at(&self, part: &str) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !self.url().await.contains(part) {
            assert!(
                tokio::time::Instant::now() < deadline,
                "{part:?} is not in {}\n{}",
                self.url().await,
                self.source().await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Does something to an element. Where the page is renewed in between, to the one that takes its place.
    async fn act(&self, selector: &str, path: &str, body: &Value) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let Element(id) = self.find(selector).await;
            match self.post(&format!("/element/{id}/{path}"), body).await {
                Ok(_) => return,
                Err(why)
                    if why.starts_with("stale element reference")
                        && tokio::time::Instant::now() < deadline => {}
                Err(why) => panic!("{selector}: {why}"),
            }
        }
    }

    pub(crate) async fn click(&self, selector: &str) {
        self.act(selector, "click", &json!({})).await;
    }

    /// Types into an element, or gives a file to a field for files.
    pub(crate) async fn send_keys(&self, selector: &str, text: &str) {
        self.act(selector, "value", &json!({"text": text})).await;
    }

    pub(crate) async fn text(&self, selector: &str) -> String {
        let Element(id) = self.find(selector).await;
        let text = self.get(&format!("/element/{id}/text")).await;
        text.as_str().expect("a text").to_owned()
    }

    /// Runs a script of the test's and gives what it returns.
    pub(crate) async fn script(&self, script: &str) -> Value {
        let body = json!({"script": script, "args": []});
        self.post("/execute/sync", &body).await.expect(script)
    }

    /// Presses a key on whatever has the focus.
    pub(crate) async fn press(&self, key: char) {
        let actions = json!({"actions": [{"type": "key", "id": "keyboard", "actions": [
            {"type": "keyDown", "value": key}, {"type": "keyUp", "value": key},
        ]}]});
        self.post("/actions", &actions).await.expect("pressed");
    }

    /// A command of Chromium's own protocol.
    async fn chromium(&self, command: &str, parameters: Value) -> Value {
        let body = json!({"cmd": command, "params": parameters});
        self.post("/goog/cdp/execute", &body).await.expect(command)
    }

    /// A window of this size, also a narrower one than windows can be.
    pub(crate) async fn size(&self, width: u32, height: u32) {
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.chromium("Emulation.setDeviceMetricsOverride", metrics)
            .await;
    }

    pub(crate) async fn dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": value}]});
        self.chromium("Emulation.setEmulatedMedia", features).await;
    }

    /// A picture of the whole page.
    pub(crate) async fn picture(&self, to: &Path) {
        let wanted = json!({"format": "png", "captureBeyondViewport": true});
        let picture = self.chromium("Page.captureScreenshot", wanted).await;
        let text = picture["data"].as_str().expect("a picture");
        let bytes = BASE64_STANDARD.decode(text).expect("base64");
        std::fs::write(to, bytes).expect("written");
    }

    /// The page as it prints, in a PDF.
    pub(crate) async fn paper(&self) -> Vec<u8> {
        let wanted = json!({"page": {"width": 21.0, "height": 29.7}});
        let paper = self.post("/print", &wanted).await.expect("printed");
        let text = paper.as_str().expect("a PDF");
        BASE64_STANDARD.decode(text).expect("base64")
    }

    /// What the browser complained about since: errors of scripts, refusals of the policy, parts that are missing.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let wanted = json!({"type": "browser"});
        let log = self.post("/se/log", &wanted).await.expect("a log");
        let lines = log.as_array().expect("lines").iter();
        let severe = lines.filter(|line| line["level"] == "SEVERE" || line["level"] == "WARNING");
        severe.map(|line| line["message"].to_string()).collect()
    }

    /// Closes the window.
    pub(crate) async fn close(self) {
        let _ = self.http.delete(&self.session).send().await;
    }
}
