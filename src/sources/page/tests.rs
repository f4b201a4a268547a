//! Home pages from a stand-in on loopback, which keeps books of who connected and what was asked.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::fetch::Fetcher;
use super::{Bounds, PageRead, Pages, Reach};
use crate::domain::facts::Lookup;
use crate::domain::link::{GitHubHosts, PageUrl};
use crate::http::LookUp;

/// What the stand-in writes back to a request for a host and a path; then it hangs up.
type Answers = fn(host: &str, path: &str) -> Vec<u8>;

/// A server on loopback and its books.
struct Stand {
    address: SocketAddr,
    books: Arc<Mutex<Vec<String>>>,
}

impl Stand {
    async fn open(at: Ipv4Addr, answers: Answers) -> Self {
        let listener = TcpListener::bind((at, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let books: Arc<Mutex<Vec<String>>> = Arc::default();
        let written = Arc::clone(&books);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answers, Arc::clone(&written)));
            }
        });
        Self { address, books }
    }

    /// The requests so far, each as one text.
    fn requests(&self) -> Vec<String> {
        let books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        books.clone()
    }

    /// The first lines of the requests so far.
    fn asked(&self) -> Vec<String> {
        let first = |request: &String| request.lines().next().unwrap_or_default().to_owned();
        self.requests().iter().map(first).collect()
    }
}

/// Reads one request, writes it down (an empty one for a bare connection), and answers it.
async fn serve(mut stream: TcpStream, answers: Answers, books: Arc<Mutex<Vec<String>>>) {
    let at = {
        let mut books = books.lock().unwrap_or_else(PoisonError::into_inner);
        books.push(String::new());
        books.len() - 1
    };
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => request.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    let request = String::from_utf8_lossy(&request).to_ascii_lowercase();
    if let Some(line) = books
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_mut(at)
    {
        line.clone_from(&request);
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let host = request.lines().find_map(|line| line.strip_prefix("host: "));
    let answer = answers(host.unwrap_or_default(), path);
    let _ = stream.write_all(&answer).await;
    if answer.ends_with(ENDLESS) {
        // The client gives up; until then the answer is not over.
        let _ = stream.read(&mut buffer).await;
    }
}

/// The end of an answer that goes on for ever.
const ENDLESS: &[u8] = b"and so on ";

fn answer(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut answer =
        format!("HTTP/1.1 {status} x\r\nconnection: close\r\n{headers}\r\n").into_bytes();
    answer.extend_from_slice(body);
    answer
}

fn html(body: &str) -> Vec<u8> {
    answer(
        200,
        "content-type: text/html; charset=utf-8\r\n",
        body.as_bytes(),
    )
}

fn moved(location: &str) -> Vec<u8> {
    answer(302, &format!("location: {location}\r\n"), b"")
}

fn no_robots() -> Vec<u8> {
    answer(404, "", b"")
}

const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;
const PAGE: &str = r#"<a href="https://github.com/ada-example">code</a>"#;

fn url(text: &str) -> PageUrl {
    PageUrl::try_from(text.to_owned()).expect("a page")
}

/// Reads a page of a stand-in that serves every one of these names.
async fn read_within(bounds: Bounds, stand: &Stand, page: &str) -> PageRead {
    let names = ["ada.example.org", "www.ada.example.org"];
    let names: BTreeMap<String, SocketAddr> =
        names.map(|name| (name.to_owned(), stand.address)).into();
    let pages = Pages::new(Reach::Only { names }, bounds).expect("a client");
    pages.read(&url(page), &GitHubHosts::default()).await
}

async fn read(stand: &Stand, page: &str) -> PageRead {
    read_within(Bounds::default(), stand, page).await
}

/// The reason of a page that was not read.
fn refused(read: &PageRead) -> &str {
    match &read.lookup {
        Lookup::Failed { reason } => reason,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_page_is_read_with_two_requests_that_say_nothing_of_anybody() {
    let stand = Stand::open(LOOPBACK, |_, path| match path {
        "/robots.txt" => answer(200, "", b"User-agent: *\nDisallow: /private\n"),
        "/me" => html(PAGE),
        _ => answer(500, "", b""),
    })
    .await;
    let read = read(&stand, "http://ada.example.org/me").await;
    let facts = read.lookup.found().expect("found");
    assert_eq!(facts.links.len(), 1);
    assert_eq!(facts.links[0].url, "https://github.com/ada-example");
    assert_eq!(read.requests, 2);
    assert_eq!(
        stand.asked(),
        ["get /robots.txt http/1.1", "get /me http/1.1"]
    );
    for request in stand.requests() {
        assert!(request.contains("user-agent: plaudit/"), "{request}");
        assert!(!request.contains("cookie"), "{request}");
        assert!(!request.contains("referer"), "{request}");
    }
}

#[tokio::test]
async fn a_redirect_to_what_is_not_public_is_refused_and_nobody_is_asked() {
    let victim = Stand::open(LOOPBACK, |_, _| html(PAGE)).await;
    let stand = Stand::open(LOOPBACK, |_, path| match path {
        "/robots.txt" => no_robots(),
        "/loopback" => moved("http://127.0.0.1/"),
        "/six" => moved("http://[::1]/"),
        "/private" => moved("http://10.0.0.1/"),
        "/metadata" => moved("http://169.254.169.254/latest/meta-data/"),
        "/number" => moved("http://2130706433/"),
        "/hexadecimal" => moved("http://0x7f.1/"),
        "/public-number" => moved("http://8.8.8.8/"),
        "/localhost" => moved("http://localhost/"),
        "/local" => moved("http://printer.local/"),
        "/file" => moved("file:///etc/passwd"),
        "/user" => moved("http://ada:secret@www.ada.example.org/"),
        "/nowhere" => answer(302, "", b""),
        "/port" => moved("http://www.ada.example.org:8080/"),
        "/unknown" => moved("http://victim.example.org/"),
        _ => html(PAGE),
    })
    .await;
    for (path, expected) in [
        (
            "loopback",
            "it redirects to an address that is no public page",
        ),
        ("six", "it redirects to an address that is no public page"),
        (
            "private",
            "it redirects to an address that is no public page",
        ),
        (
            "metadata",
            "it redirects to an address that is no public page",
        ),
        (
            "number",
            "it redirects to an address that is no public page",
        ),
        (
            "hexadecimal",
            "it redirects to an address that is no public page",
        ),
        (
            "public-number",
            "it redirects to an address that is no public page",
        ),
        (
            "localhost",
            "it redirects to an address that is no public page",
        ),
        ("local", "it redirects to an address that is no public page"),
        ("file", "it redirects to an address that is no public page"),
        ("user", "it redirects to an address that is no public page"),
        ("nowhere", "it redirects more than 5 times"),
        ("port", "it lies at port 8080"),
        ("unknown", "its host is not known"),
    ] {
        let read = read(&stand, &format!("http://ada.example.org/{path}")).await;
        assert!(
            refused(&read).contains(expected),
            "{path}: {}",
            refused(&read)
        );
    }
    assert_eq!(victim.requests(), [""; 0]);
    assert!(!stand.asked().iter().any(|line| line.starts_with("get / ")));
}

/// Answers each look-up with the next of a list.
struct Told {
    answers: Mutex<VecDeque<Vec<SocketAddr>>>,
}

impl LookUp for Arc<Told> {
    async fn addresses(&self, _: String) -> io::Result<Vec<SocketAddr>> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(answers.pop_front().unwrap_or_default())
    }
}

/// Reads a page with a resolver that gives these answers, one after another; returns those not asked for too.
async fn resolved(reach: Reach, answers: &[&[SocketAddr]]) -> (PageRead, usize) {
    let answers = answers.iter().map(|answer| answer.to_vec()).collect();
    let told = Arc::new(Told {
        answers: Mutex::new(answers),
    });
    let fetcher = Fetcher::with_look_up(reach, Bounds::default(), Arc::clone(&told));
    let pages = Pages {
        fetcher: fetcher.expect("a client"),
    };
    let url = url("http://ada.example.org/");
    let read = pages.read(&url, &GitHubHosts::default()).await;
    let left = told.answers.lock().unwrap_or_else(PoisonError::into_inner);
    (read, left.len())
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_refused_without_a_connection() {
    let victim = Stand::open(LOOPBACK, |_, _| html(PAGE)).await;
    let mapped = match victim.address.ip() {
        IpAddr::V4(address) => IpAddr::V6(address.to_ipv6_mapped()),
        IpAddr::V6(_) => unreachable!("bound to IPv4"),
    };
    let mapped = SocketAddr::new(mapped, victim.address.port());
    for address in [victim.address, mapped] {
        let (read, _) = resolved(Reach::Public, &[&[address]]).await;
        assert_eq!(
            refused(&read),
            "the page is not read: its host leads to no public address"
        );
        assert_eq!(read.requests, 0);
    }
    assert_eq!(victim.requests(), [""; 0]);
}

#[tokio::test]
async fn a_name_that_changes_its_mind_gains_nothing() {
    let open = Ipv4Addr::new(127, 0, 0, 2);
    let public = Stand::open(open, |_, path| match path {
        "/robots.txt" => no_robots(),
        _ => html(PAGE),
    })
    .await;
    let victim = Stand::open(LOOPBACK, |_, _| html(PAGE)).await;
    let reach = || Reach::AsIfPublic(open.into());

    // Public for robots.txt, private for the page.
    let (read, _) = resolved(reach(), &[&[public.address], &[victim.address]]).await;
    assert_eq!(
        refused(&read),
        "the page is not read: its host leads to no public address"
    );
    assert_eq!(public.asked(), ["get /robots.txt http/1.1"]);

    // One look-up for each request, and the connection goes to what that one said: the private answers that
    // stand ready are never asked for.
    let answers = [
        &[public.address][..],
        &[victim.address, public.address],
        &[victim.address],
    ];
    let (read, left) = resolved(reach(), &answers).await;
    assert!(read.lookup.found().is_some(), "{:?}", read.lookup);
    assert_eq!((read.requests, left), (2, 1));
    assert_eq!(victim.requests(), [""; 0]);
}

#[tokio::test]
async fn robots_are_asked_first_and_at_every_host() {
    let stand = Stand::open(LOOPBACK, |host, path| match (host, path) {
        ("www.ada.example.org", "/robots.txt") => {
            answer(200, "", b"User-agent: plaudit\nDisallow: /me\n")
        }
        (_, "/robots.txt") => no_robots(),
        ("ada.example.org", "/me") => moved("http://www.ada.example.org/me"),
        _ => html(PAGE),
    })
    .await;
    let read = read(&stand, "http://ada.example.org/me").await;
    assert_eq!(
        refused(&read),
        "the page is not read: the host's robots.txt does not allow it"
    );
    assert_eq!(
        stand.asked(),
        [
            "get /robots.txt http/1.1",
            "get /me http/1.1",
            "get /robots.txt http/1.1"
        ]
    );
}

#[tokio::test]
async fn robots_that_cannot_be_read_are_a_no() {
    let failing = Stand::open(LOOPBACK, |_, _| answer(503, "", b"")).await;
    let busy = Stand::open(LOOPBACK, |_, _| answer(429, "", b"")).await;
    let leading_home = Stand::open(LOOPBACK, |_, path| match path {
        "/robots.txt" => moved("http://127.0.0.1/robots.txt"),
        _ => html(PAGE),
    })
    .await;
    for (stand, expected) in [
        (failing, "robots.txt cannot be read (HTTP 503)"),
        (busy, "robots.txt cannot be read (HTTP 429)"),
        (leading_home, "it redirects to an address"),
    ] {
        let read = read(&stand, "http://ada.example.org/").await;
        assert!(refused(&read).contains(expected), "{}", refused(&read));
        assert_eq!(stand.asked(), ["get /robots.txt http/1.1"]);
    }
}

#[tokio::test]
async fn only_the_beginning_of_an_endless_robots_counts() {
    let stand = Stand::open(LOOPBACK, |_, path| match path {
        "/robots.txt" => {
            let mut robots = b"User-agent: *\nDisallow: /private\n#".to_vec();
            robots.resize(600 * 1024, b'x');
            robots.extend_from_slice(b"\nDisallow: /\n");
            answer(200, "", &robots)
        }
        _ => html(PAGE),
    })
    .await;
    let read = read(&stand, "http://ada.example.org/").await;
    assert!(read.lookup.found().is_some(), "{:?}", read.lookup);
}

#[tokio::test]
async fn what_is_no_page_of_sensible_size_is_refused() {
    let stand = Stand::open(LOOPBACK, |_, path| match path {
        "/robots.txt" => no_robots(),
        "/long" => html(&" ".repeat(1_000_001)),
        "/just" => html(&format!("{PAGE}{}", " ".repeat(1_000_000 - PAGE.len()))),
        "/bomb" => answer(
            200,
            "content-type: text/html\r\ncontent-encoding: gzip\r\n",
            include_bytes!("../../../tests/fixtures/page/two-megabytes.html.gz"),
        ),
        "/pdf" => answer(200, "content-type: application/pdf\r\n", PAGE.as_bytes()),
        "/untyped" => answer(200, "", PAGE.as_bytes()),
        "/failing" => answer(500, "", b""),
        "/gone" => answer(410, "", b""),
        "/round" => moved("/round"),
        _ => answer(404, "", b""),
    })
    .await;
    for (path, expected) in [
        (
            "long",
            "the page is not read: it is longer than 1000000 bytes",
        ),
        (
            "bomb",
            "the page is not read: it is longer than 1000000 bytes",
        ),
        ("pdf", "the page is not read: it is no HTML"),
        ("untyped", "the page is not read: it is no HTML"),
        (
            "failing",
            "the page could not be read: the host answers with HTTP 500",
        ),
        (
            "round",
            "the page is not read: it redirects more than 5 times",
        ),
    ] {
        let read = read(&stand, &format!("http://ada.example.org/{path}")).await;
        assert_eq!(refused(&read), expected, "{path}");
    }
    let just = read(&stand, "http://ada.example.org/just").await;
    assert!(just.lookup.found().is_some(), "{:?}", just.lookup);
    for path in ["gone", "nothing"] {
        let read = read(&stand, &format!("http://ada.example.org/{path}")).await;
        assert_eq!(read.lookup.state(), "absent", "{path}");
    }
    let port = read(&stand, "http://ada.example.org:8080/").await;
    assert!(refused(&port).contains("port 8080"), "{}", refused(&port));
    assert_eq!(port.requests, 0);
}

#[tokio::test]
async fn a_page_without_end_is_given_up() {
    let stand = Stand::open(LOOPBACK, |_, path| match path {
        "/robots.txt" => no_robots(),
        _ => html(&String::from_utf8_lossy(ENDLESS)),
    })
    .await;
    let time = Duration::from_millis(300);
    let bounds = Bounds {
        time,
        ..Bounds::default()
    };
    let read = read_within(bounds, &stand, "http://ada.example.org/").await;
    assert_eq!(
        refused(&read),
        "the page is not read: it took longer than 300ms"
    );
}
