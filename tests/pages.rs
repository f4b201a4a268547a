//! The pages, asked as a browser asks, and in a browser.

pub(crate) mod webdriver;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use plaudit::commands::session;
use plaudit::domain::access::AccessRole;
use plaudit::domain::job::Priority;
use plaudit::enrich::Enricher;
use plaudit::intake;
use plaudit::standin::{Behaviour, World, demo_list};
use plaudit::store::{Store, Submission};
use plaudit::worker::{self, Ending, Worker};
use reqwest::{Method, RequestBuilder};
use scraper::{ElementRef, Html, Selector};
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::installed;
use crate::app::{ROLE, TestApp};
use crate::reports::browser::Doorkeeper;
use crate::server::{Client, Server};
use webdriver::{Browser, Driver};

/// A server with a pool of workers beside it, over the demo's people.
struct House {
    app: TestApp,
    server: Server,
    store: Store,
    pool: Mutex<Option<(CancellationToken, JoinHandle<()>)>>,
}

impl House {
    async fn open(latency: Duration) -> Self {
        let behaviour = Behaviour {
            latency,
            ..Behaviour::default()
        };
        let app = TestApp::start(World::demo(), behaviour, &[]).await;
        app.import().await;
        let (store, _) = session::open_store(&app.config).await.expect("a store");
        let server = Server::over(store.clone(), &app.config).await;
        let house = Self {
            app,
            server,
            store,
            pool: Mutex::new(None),
        };
        house.work();
        house
    }

    /// Works off the queue until the house rests or is closed.
    fn work(&self) {
        let stop = CancellationToken::new();
        let connections = self.app.connect(false);
        let rubrics = TestApp::rubrics();
        let enricher = Enricher::new(rubrics.into_values(), &connections, Some(self.app.as_of));
        let settings = worker::Settings {
            workers: 4,
            ending: Ending::Never,
            refresh_workers: 4,
            ..session::pool_settings(&self.app.config)
        };
        let (events, mut heard) = mpsc::unbounded_channel();
        let pool = Worker::new(self.store.clone(), enricher, settings, stop.clone(), events);
        let task = tokio::spawn(async move {
            // What the pool tells is for somebody else.
            let (ran, ()) =
                tokio::join!(pool.run(), async { while heard.recv().await.is_some() {} });
            ran.expect("the store holds");
            drop(connections);
        });
        *self.pool.lock().expect("no panic") = Some((stop, task));
    }

    /// Nothing is worked on from here on.
    async fn rest(&self) {
        let pool = self.pool.lock().expect("no panic").take();
        let (stop, task) = pool.expect("it works");
        stop.cancel();
        task.await.expect("the pool ends");
    }

    /// The demo's people, all of them with a profile.
    async fn filled(latency: Duration) -> Self {
        let house = Self::open(latency).await;
        let hosts = session::hosts(&house.app.config).expect("hosts");
        let list = intake::read(demo_list().as_bytes(), ROLE, &hosts).expect("a list");
        let submissions = list.applicants.into_iter().map(|listed| Submission {
            applicant: listed.applicant,
            priority: Priority::Interactive,
            force: false,
        });
        let freshness = session::freshness(&house.app.config, &TestApp::rubrics(), None);
        let accepted = house
            .store
            .accept(submissions.collect(), Timestamp::now(), freshness);
        accepted.await.expect("accepted");
        house.until_quiet().await;
        house
    }

    /// Waits until the queue is empty.
    async fn until_quiet(&self) {
        let mut feed = self.store.feed();
        let quiet = async {
            while !self
                .store
                .waiting(Timestamp::now())
                .await
                .expect("readable")
                .is_empty()
            {
                feed.next().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(2), quiet)
            .await
            .expect("the queue empties");
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some((stop, _)) = self.pool.get_mut().expect("no panic") {
            stop.cancel();
        }
    }
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).expect("a selector")
}

fn all<'a>(page: &'a Html, of: &str) -> Vec<ElementRef<'a>> {
    page.select(&selector(of)).collect()
}

fn text_of(element: ElementRef<'_>) -> String {
    let words: Vec<&str> = element.text().flat_map(str::split_whitespace).collect();
    words.join(" ")
}

async fn page(client: &Client, path: &str) -> Html {
    let answer = client.get(path).await;
    assert_eq!(answer.status().as_u16(), 200, "{path}");
    let kind = &answer.headers()["content-type"];
    assert_eq!(kind, "text/html; charset=utf-8", "{path}");
    Html::parse_document(&answer.text().await.expect("a text"))
}

/// What every page must be: one heading, landmarks, no id twice, a label for every field, nothing inline.
fn assert_sound(path: &str, page: &Html) {
    assert!(page.errors.is_empty(), "{path}: {:?}", page.errors);
    for (landmark, count) in [("h1", 1), ("main", 1), ("body > header", 1), ("title", 1)] {
        assert!(
            all(page, landmark).len() >= count,
            "{path} has no {landmark}"
        );
    }
    assert_eq!(all(page, "h1").len(), 1, "{path}");
    assert_eq!(all(page, "main").len(), 1, "{path}");
    let mut ids = BTreeSet::new();
    for element in all(page, "[id]") {
        let id = element.attr("id").expect("an id");
        assert!(ids.insert(id), "{path} has the id {id:?} twice");
    }
    for element in all(page, "[aria-labelledby], [aria-describedby], [for]") {
        for name in ["aria-labelledby", "aria-describedby", "for"] {
            for id in element.attr(name).unwrap_or_default().split_whitespace() {
                assert!(ids.contains(id), "{path}: {name} names {id:?}");
            }
        }
    }
    for field in all(page, "input:not([type=hidden]), select, textarea") {
        let id = field.attr("id").unwrap_or_default();
        let labelled = field
            .attr("aria-label")
            .is_some_and(|label| !label.is_empty())
            || all(page, "label")
                .iter()
                .any(|label| label.attr("for") == Some(id));
        assert!(labelled, "{path}: {}", field.html());
    }
    for button in all(page, "button, a[href]") {
        let named = !text_of(button).is_empty() || button.attr("aria-label").is_some();
        assert!(named, "{path}: {}", button.html());
    }
    assert_eq!(all(page, "[style], style").len(), 0, "{path}");
    let inline = all(page, "script");
    for script in &inline {
        let from = script.attr("src").unwrap_or_default();
        assert!(from.starts_with("/assets/"), "{path}: {}", script.html());
        assert_eq!(text_of(*script), "", "{path}");
    }
    for element in all(page, "*") {
        for (name, _) in element.value().attrs() {
            assert!(!name.starts_with("on"), "{path}: {}", element.html());
        }
    }
}

/// Somebody in the filled house.
const SOMEBODY: &str = "a-01";

/// Every page that is there to be read in a filled house.
fn pages(lists: &str) -> Vec<String> {
    vec![
        "/".to_owned(),
        format!("/imports/{lists}"),
        format!("/roles/{ROLE}"),
        format!("/roles/{ROLE}?state=partial&sort=name&known=10"),
        format!("/roles/{ROLE}?max_kaggle=80"),
        format!("/roles/{ROLE}?q=nobody-at-all"),
        "/roles/research-software-engineer".to_owned(),
        format!("/applicants/{SOMEBODY}"),
        format!("/applicants/{SOMEBODY}/history"),
        format!("/compare?id={SOMEBODY}&id=a-21"),
        "/refresh".to_owned(),
    ]
}

/// A form as a browser sends it.
fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
}

/// A form with a file, `file`, and texts, as a browser sends it.
fn with_file(request: RequestBuilder, file: &str, fields: &[(&str, &str)]) -> RequestBuilder {
    let mut body = format!(
        "--made-up\r\ncontent-disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\ncontent-type: text/csv\r\n\r\n{file}\r\n"
    );
    for (name, value) in fields {
        let part = format!(
            "--made-up\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.push_str(&part);
    }
    body.push_str("--made-up--\r\n");
    request
        .header("content-type", "multipart/form-data; boundary=made-up")
        .body(body)
}

async fn brought_in(house: &House, list: &str) -> String {
    let recruiter = house.server.client(AccessRole::Recruiter).await;
    let request = recruiter.request(Method::POST, "/imports");
    let sent = with_file(request, "", &[("links", list), ("role", ROLE)]);
    let answer = sent.send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 303);
    let to = answer.headers()["location"].to_str().expect("a path");
    to.strip_prefix("/imports/").expect("a list").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_sound_and_offers_what_the_reader_may_do_and_no_more() {
    let house = House::filled(Duration::ZERO).await;
    let list = brought_in(&house, "https://github.com/octo-example\nnot a link\n").await;
    house.until_quiet().await;
    for role in AccessRole::ALL {
        let client = house.server.client(role).await;
        let mut wanted = pages(&list);
        if role == AccessRole::Admin {
            wanted.push("/settings".to_owned());
        }
        for path in &wanted {
            let page = page(&client, path).await;
            assert_sound(path, &page);
            let posts: Vec<&str> = all(&page, "form[method=post]")
                .iter()
                .filter_map(|form| form.attr("action"))
                .collect();
            let expected = match (role, path.as_str()) {
                (AccessRole::Viewer, _) => 0,
                (AccessRole::Admin, "/refresh") | (_, "/") => 1,
                (AccessRole::Admin, "/settings") => 2,
                (_, path) if path == format!("/applicants/{SOMEBODY}") => 4,
                _ => 0,
            };
            // A token for each form that revokes one.
            assert!(
                posts.len() >= expected && (expected > 0 || posts.is_empty()),
                "{role} at {path}: {posts:?}"
            );
        }
        let settings = client.get("/settings").await.status().as_u16();
        let expected = if role == AccessRole::Admin { 200 } else { 403 };
        assert_eq!(settings, expected, "{role}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_titles_of_strangers_are_text_and_nothing_else() {
    let house = House::filled(Duration::ZERO).await;
    let evil = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>";
    let quoted = evil.replace('"', "\"\"");
    let list = format!(
        "id,name,github\nevil-1,\"{quoted}\",https://github.com/octo-example\nevil-2,\"{quoted}\",nonsense\n"
    );
    let id = brought_in(&house, &list).await;
    house.until_quiet().await;
    let client = house.server.client(AccessRole::Admin).await;
    for path in [
        format!("/imports/{id}"),
        format!("/roles/{ROLE}"),
        format!("/roles/{ROLE}?q=%3Cscript%3Ealert%283%29%3C%2Fscript%3E"),
        "/applicants/evil-1".to_owned(),
        "/applicants/evil-1/history".to_owned(),
        "/applicants/a-01?done=%3Cscript%3E".to_owned(),
        format!("/compare?id=evil-1&id={SOMEBODY}"),
    ] {
        let page = page(&client, &path).await;
        assert_sound(&path, &page);
        assert_eq!(
            all(&page, "img, iframe, object, script:not([src])").len(),
            0,
            "{path}"
        );
    }
    let profile = page(&client, "/applicants/evil-1").await;
    let title = text_of(all(&profile, "h1")[0]);
    assert!(title.contains("<script>"), "{title}: it is shown as text");
    for missing in [
        "/applicants/%3Cscript%3E",
        "/roles/%3Cscript%3E",
        "/compare?id=%3Cscript%3E&id=a-01",
        "/imports/%3Cscript%3E",
    ] {
        let answer = client.get(missing).await;
        assert_eq!(answer.status().as_u16(), 404, "{missing}");
        let page = Html::parse_document(&answer.text().await.expect("a text"));
        assert_sound(missing, &page);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_recruiter_writes_down_stands_in_the_profile_with_the_tokens_name() {
    let house = House::filled(Duration::ZERO).await;
    let recruiter = house.server.client(AccessRole::Recruiter).await;
    let send = async |path: &str, fields: &[(&str, &str)]| {
        let path = format!("/applicants/{SOMEBODY}/{path}");
        let request = form(recruiter.request(Method::POST, &path), fields);
        request.send().await.expect("an answer")
    };
    let kind = TestApp::rubrics()[ROLE]
        .reviewed
        .kinds
        .keys()
        .next()
        .expect("a kind")
        .clone();
    let evidence = [
        ("kind", kind.as_str()),
        ("amount", "1"),
        ("url", "https://example.org/paper"),
        ("date", "2025-03-01"),
        ("reason", "A made-up paper"),
    ];
    let note = [("text", "A <b>good</b> talk")];
    let adjustment = [("points", "+2.5"), ("reason", "The thesis")];
    for (path, fields, word) in [
        ("notes", &note[..], "note"),
        ("adjustments", &adjustment[..], "adjustment"),
        ("evidence", &evidence[..], "evidence"),
    ] {
        let answer = send(path, fields).await;
        assert_eq!(answer.status().as_u16(), 303, "{path}");
        let to = answer.headers()["location"]
            .to_str()
            .expect("a path")
            .to_owned();
        assert_eq!(to, format!("/applicants/{SOMEBODY}?done={word}"));
        let profile = page(&recruiter, &to).await;
        assert_eq!(all(&profile, "p.done[role=status]").len(), 1, "{to}");
    }
    let profile = page(&recruiter, &format!("/applicants/{SOMEBODY}")).await;
    let people = text_of(all(&profile, "main")[0]);
    for words in [
        "A <b>good</b> talk",
        "The thesis",
        "A made-up paper",
        "a recruiter",
    ] {
        assert!(people.contains(words), "{words}");
    }
    let entries = all(&profile, "select[name=number] option");
    assert_eq!(entries.len(), 2, "what can be withdrawn");
    let number = entries[0].attr("value").expect("a number").to_owned();
    let gone = send("withdraw", &[("number", &number), ("reason", "A slip")]).await;
    assert_eq!(gone.status().as_u16(), 303);
    // What cannot be kept is said, and changes nothing.
    for (path, fields) in [
        ("notes", vec![("text", "  ")]),
        ("adjustments", vec![("points", "many"), ("reason", "x")]),
        ("withdraw", vec![("number", "99"), ("reason", "x")]),
    ] {
        let answer = send(path, &fields).await;
        assert!(answer.status().is_client_error(), "{path}");
        let page = Html::parse_document(&answer.text().await.expect("a text"));
        assert_sound(path, &page);
    }
    let asked = send("refresh", &[]).await;
    assert_eq!(asked.status().as_u16(), 303);
    house.until_quiet().await;
    let viewer = house.server.client(AccessRole::Viewer).await;
    let notes = format!("/applicants/{SOMEBODY}/notes");
    let refused = form(viewer.request(Method::POST, &notes), &[("text", "x")]);
    assert_eq!(
        refused.send().await.expect("an answer").status().as_u16(),
        403
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_and_admits_until_it_is_revoked() {
    let house = House::open(Duration::ZERO).await;
    let admin = house.server.client(AccessRole::Admin).await;
    let wanted = [
        ("name", "Dr <i>Example</i>"),
        ("role", "viewer"),
        ("days", "7"),
    ];
    let made = form(admin.request(Method::POST, "/settings/tokens"), &wanted);
    let answer = made.send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let made = Html::parse_document(&answer.text().await.expect("a text"));
    assert_sound("/settings/tokens", &made);
    let secret = all(&made, "#secret")[0]
        .attr("value")
        .expect("a secret")
        .to_owned();
    assert!(secret.starts_with("plaudit_"), "what it is");
    let mut holder = house.server.stranger();
    holder.token = Some(secret.clone().into());
    assert_eq!(holder.get("/").await.status().as_u16(), 200);
    let settings = admin.get("/settings").await.text().await.expect("a text");
    assert!(!settings.contains(&secret), "a secret is shown once");
    let settings = Html::parse_document(&settings);
    let row = all(&settings, "tbody tr")
        .into_iter()
        .find(|row| text_of(*row).contains("Dr <i>Example</i>"))
        .expect("its row");
    let form = row.select(&selector("form")).next().expect("a form");
    let revoke = form.attr("action").expect("a path").to_owned();
    let gone = admin
        .request(Method::POST, &revoke)
        .send()
        .await
        .expect("an answer");
    assert_eq!(gone.status().as_u16(), 303);
    assert_eq!(holder.get("/api/v1/session").await.status().as_u16(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_a_list_or_with_two_is_refused_in_words() {
    let house = House::open(Duration::ZERO).await;
    let client = house.server.client(AccessRole::Recruiter).await;
    let link = "https://github.com/octo-example";
    for (file, links, role, word) in [
        ("", " \n ", ROLE, "neither"),
        (link, link, ROLE, "one of them"),
        ("", link, "no-such-role", "no-such-role"),
    ] {
        let request = client.request(Method::POST, "/imports");
        let sent = with_file(request, file, &[("links", links), ("role", role)]);
        let answer = sent.send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 422, "{word}");
        let page = Html::parse_document(&answer.text().await.expect("a text"));
        assert_sound("/imports", &page);
        assert!(text_of(all(&page, "main")[0]).contains(word), "{word}");
    }
    let empty = page(&client, "/").await;
    assert_sound("/", &empty);
    assert_eq!(
        all(&empty, ".welcome").len(),
        1,
        "nothing is said of how to begin"
    );
}

/// The folder for pictures, and for lists that are brought in.
fn pictures() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/pages");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The first twenty of the demo's people, and a row that cannot be read.
fn twenty() -> String {
    let list = demo_list();
    let mut lines: Vec<&str> = list.lines().take(22).collect();
    lines.push("a-99,,not-an-address,,");
    lines.join("\n")
}

/// Nothing sticks out of the window, at the width that it has.
async fn assert_fits(browser: &Browser, what: &str) {
    let told = browser
        .script(
            "const all = document.documentElement, out = [];
            for (const one of document.querySelectorAll('body *')) {
                const box = one.getBoundingClientRect();
                if (box.right > innerWidth + 1 && box.width > 0 && !one.closest('.skip, .hidden, svg svg, thead'))
                    out.push(one.tagName + '.' + one.getAttribute('class'));
            }
            return [innerWidth, all.scrollWidth, out.slice(0, 5).join(' ')];",
        )
        .await;
    let (width, wide) = (told[0].as_u64(), told[1].as_u64());
    assert!(wide <= width, "{what}: {told}");
    assert_eq!(told[2], json!(""), "{what}: {told}");
}

/// Pictures of a page as it is for a desk and for a hand, by day and by night.
async fn look(browser: &Browser, name: &str) {
    for (width, height) in [(1280, 900), (390, 844)] {
        browser.size(width, height).await;
        for dark in [false, true] {
            browser.dark(dark).await;
            let night = if dark { "-dark" } else { "" };
            let file = pictures().join(format!("{name}-{width}{night}.png"));
            browser.picture(&file).await;
        }
        assert_fits(browser, &format!("{name} at {width}")).await;
    }
    browser.dark(false).await;
    browser.size(1280, 900).await;
}

/// The driver of browsers; `None`, said on one line: there is none.
pub(crate) fn driver() -> Option<Driver> {
    installed(&crate::reports::browser::BROWSERS)?;
    Some(Driver::start(&installed(&["chromedriver"])?))
}

async fn sign_in(browser: &Browser, house: &House, role: AccessRole) {
    let token = house.server.token(role).await;
    browser.open(&format!("{}/", house.server.url)).await;
    browser.until_at("/sign-in").await;
    browser.send_keys("#token", token.expose_secret()).await;
    browser.click("button[type=submit]").await;
    browser.find("body.app").await;
}

async fn bring_in(browser: &Browser, house: &House) {
    // Nothing is worked on while pictures are taken, so that they always show the same.
    house.rest().await;
    // A list is dropped; what a person drops, a script hands over here.
    let list = pictures().join("list of twenty.csv");
    std::fs::write(&list, twenty()).expect("written");
    browser
        .script(
            "const transfer = new DataTransfer();
            transfer.items.add(new File(['x'], 'dropped.csv', {type: 'text/csv'}));
            document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true}));",
        )
        .await;
    assert!(browser.text("[data-chosen]").await.contains("dropped.csv"));
    browser
        .script("document.querySelector('#file').value = ''")
        .await;
    browser
        .send_keys("#file", list.to_str().expect("UTF-8"))
        .await;
    assert!(
        browser
            .text("[data-chosen]")
            .await
            .contains("list of twenty.csv")
    );
    browser.click("form[data-drop] button[type=submit]").await;
    browser.until_at("/imports/").await;

    // It is on its way, and the page follows by itself.
    browser.find("#live[data-live]").await;
    look(browser, "3-progress").await;
    browser.script("window.same = true").await;
    house.work();
    browser.find("#live .button.primary").await;
    assert_eq!(
        browser.script("return window.same").await,
        json!(true),
        "it was not loaded anew"
    );
    assert!(browser.text("#live .figure").await.starts_with("20 "));
    look(browser, "4-done").await;
}

async fn rank(browser: &Browser, url: &str) {
    // The ranking, filtered, and by other weights.
    browser.click("#live .button.primary").await;
    browser.until_at("/roles/").await;
    browser.find("table.ranking").await;
    look(browser, "5-ranking").await;
    browser.send_keys("#q", "a-0").await;
    browser.click(".asking button[type=submit]").await;
    browser.until_at("q=a-0").await;
    browser.open(&format!("{url}/roles/{ROLE}")).await;
    browser.click(".what-if summary").await;
    browser.script("window.same = true").await;
    browser.send_keys("#max_kaggle", "\u{e010}").await;
    browser.find("#whatif").await;
    browser.until_at("max_kaggle=100").await;
    assert_eq!(
        browser.script("return window.same").await,
        json!(true),
        "it was not loaded anew"
    );
    look(browser, "6-what-if").await;
}

async fn read(browser: &Browser, house: &House) {
    let url = &house.server.url;
    // A profile, with a note.
    browser.open(&format!("{url}/roles/{ROLE}")).await;
    browser.click(".ranking tbody tr:first-child .who a").await;
    browser.until_at("/applicants/").await;
    browser.find(".hero").await;
    look(browser, "7-profile").await;
    let of_a_profile = browser.url().await;
    browser.click(".forms details summary").await;
    browser
        .send_keys("#note-text", "A good talk, said the group")
        .await;
    browser.click(".forms details button").await;
    browser.find("p.done").await;
    browser.find("#people").await;
    house.rest().await;
    browser.click(".doings form button").await;
    browser.find("#live[data-live]").await;
    look(browser, "8-looked-at-again").await;
    house.work();
    // When the new look is over, the page comes anew without it.
    house.until_quiet().await;
    browser.find("main:not(:has(#live))").await;
    browser.open(&format!("{of_a_profile}/history")).await;
    look(browser, "9-history").await;
}

async fn compare_and_take_home(browser: &Browser, url: &str) {
    // Three beside each other, by the keyboard.
    browser.open(&format!("{url}/roles/{ROLE}")).await;
    for row in 1..=3 {
        let one = format!(".ranking tbody tr:nth-child({row}) .choose input");
        browser.send_keys(&one, " ").await;
    }
    assert_eq!(browser.text("[data-ticked]").await, "3 ticked.");
    browser.send_keys("#compare button", "\u{e007}").await;
    browser.until_at("/compare?").await;
    browser.find("table.compare").await;
    look(browser, "10-compare").await;

    // To take home.
    browser.open(&format!("{url}/roles/{ROLE}")).await;
    for format in ["csv", "xlsx"] {
        let size = browser
            .script(&format!(
                "const link = document.querySelector('.actions a[href$=\"={format}\"]');
                const request = new XMLHttpRequest();
                request.open('GET', link.href, false);
                request.overrideMimeType('text/plain; charset=x-user-defined');
                request.send();
                return [request.status, request.responseText.length];"
            ))
            .await;
        assert_eq!(size[0], json!(200), "{format}");
        assert!(size[1].as_u64() > Some(1_000), "{format}: {size}");
    }
    let pdf = browser.paper().await;
    std::fs::write(pictures().join("ranking.pdf"), &pdf).expect("written");
    assert!(pdf.starts_with(b"%PDF"), "what is printed");
}

async fn look_at_the_rest(browser: &Browser, url: &str) {
    // The keyboard reaches the content first.
    browser.open(&format!("{url}/roles/{ROLE}")).await;
    browser.press('\u{e004}').await;
    assert_eq!(
        browser
            .script("return document.activeElement.className")
            .await,
        json!("skip")
    );
    browser.open(&format!("{url}/refresh")).await;
    look(browser, "11-refresh").await;
    browser.open(&format!("{url}/applicants/no-such")).await;
    look(browser, "12-sorry").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_signs_in_drops_a_list_watches_it_ranks_reads_compares_and_takes_it_home() {
    let Some(driver) = driver() else { return };
    let doorkeeper = Doorkeeper::start();
    let house = House::open(Duration::from_millis(40)).await;
    let browser = driver.browser(&doorkeeper.address.to_string(), true).await;
    let url = &house.server.url;

    // Signing in, first with a token that is none.
    browser.open(&format!("{url}/sign-in")).await;
    look(&browser, "1-sign-in").await;
    browser.send_keys("#token", "plaudit_wrong").await;
    browser.click("button[type=submit]").await;
    browser.find("#problem").await;
    sign_in(&browser, &house, AccessRole::Recruiter).await;
    look(&browser, "2-empty").await;

    bring_in(&browser, &house).await;
    rank(&browser, url).await;
    read(&browser, &house).await;
    compare_and_take_home(&browser, url).await;
    look_at_the_rest(&browser, url).await;

    let complaints = browser.complaints().await;
    let known = |line: &String| {
        line.contains("/sign-in") && line.contains("401") || line.contains("/applicants/no-such")
            // Not every browser knows every feature that the header switches off.
            || line.contains("Permissions-Policy")
    };
    let complaints: Vec<String> = complaints.into_iter().filter(|line| !known(line)).collect();
    assert_eq!(complaints, Vec::<String>::new());
    browser.open(&format!("{url}/")).await;
    look(&browser, "13-start").await;
    browser.click("form[action='/sign-out'] button").await;
    browser.until_at("/sign-in").await;
    browser.open(&format!("{url}/roles/{ROLE}")).await;
    browser.until_at("/sign-in").await;
    browser.close().await;
    assert_eq!(
        doorkeeper.take(),
        Vec::<String>::new(),
        "a page asked somebody"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_makes_and_revokes_a_token_and_a_link_signs_in_with_it() {
    let Some(driver) = driver() else { return };
    let doorkeeper = Doorkeeper::start();
    let house = House::open(Duration::ZERO).await;
    let proxy = doorkeeper.address.to_string();
    let browser = driver.browser(&proxy, true).await;
    let url = &house.server.url;
    sign_in(&browser, &house, AccessRole::Admin).await;
    browser.open(&format!("{url}/settings")).await;
    browser.send_keys("#token-name", "Dr Example").await;
    browser.click("section form button").await;
    browser.find("#secret").await;
    let secret = browser
        .script("return document.querySelector('#secret').value")
        .await;
    let secret = secret.as_str().expect("a secret").to_owned();
    look(&browser, "14-token").await;
    browser.open(&format!("{url}/settings")).await;
    look(&browser, "15-settings").await;

    // With the token behind the #, as it is handed over.
    let other = driver.browser(&proxy, true).await;
    other.open(&format!("{url}/sign-in#{secret}")).await;
    assert!(
        !other.url().await.contains(&secret),
        "it stays in the address"
    );
    other.click("button[type=submit]").await;
    other.find("body.app").await;
    browser.click("tbody tr:first-child button.danger").await;
    browser.find("p.done").await;
    other.open(&format!("{url}/refresh")).await;
    other.until_at("/sign-in").await;
    browser.close().await;
    other.close().await;
    assert_eq!(
        doorkeeper.take(),
        Vec::<String>::new(),
        "a page asked somebody"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_scripts_off_forms_and_links_do_all_of_it() {
    let Some(driver) = driver() else { return };
    let doorkeeper = Doorkeeper::start();
    let house = House::open(Duration::from_millis(20)).await;
    let browser = driver.browser(&doorkeeper.address.to_string(), false).await;
    let url = &house.server.url;
    sign_in(&browser, &house, AccessRole::Recruiter).await;
    let list = pictures().join("list without scripts.csv");
    std::fs::write(&list, twenty()).expect("written");
    browser
        .send_keys("#file", list.to_str().expect("UTF-8"))
        .await;
    browser.click("form[data-drop] button[type=submit]").await;
    browser.until_at("/imports/").await;
    // The page loads itself anew until all is done.
    browser.find("#live .button.primary").await;
    browser.size(390, 844).await;
    browser
        .picture(&pictures().join("16-no-script-390.png"))
        .await;
    browser.click("#live .button.primary").await;
    browser.until_at("/roles/").await;
    browser.send_keys("#q", "a-0").await;
    browser.click(".asking button[type=submit]").await;
    browser.until_at("q=a-0").await;
    for row in 1..=2 {
        browser
            .click(&format!(".ranking tbody tr:nth-child({row}) .choose input"))
            .await;
    }
    browser.click("#compare button").await;
    browser.until_at("/compare?").await;
    browser.click("thead th a").await;
    browser.until_at("/applicants/").await;
    browser.click(".forms details summary").await;
    browser.send_keys("#note-text", "Without a script").await;
    browser.click(".forms details button").await;
    browser.find("p.done").await;
    browser
        .picture(&pictures().join("17-no-script-profile-390.png"))
        .await;
    browser.open(&format!("{url}/")).await;
    browser.click("form[action='/sign-out'] button").await;
    browser.until_at("/sign-in").await;
    browser.close().await;
    assert_eq!(
        doorkeeper.take(),
        Vec::<String>::new(),
        "a page asked somebody"
    );
}
