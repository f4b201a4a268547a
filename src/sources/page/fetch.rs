//! One page over the network, with every guard on every hop.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use encoding_rs::Encoding;
use reqwest::Response;
use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};

use super::{Bounds, Page, robots};
use crate::domain::link::PageUrl;
use crate::http::{Guard, LookUp, OutOfReach, Reach, System};

/// Why a page was not read, in words for the recruiter. None of them repeats the address: where a redirect leads
/// may be private.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// The host is not on the public internet.
    #[error("the page is not read: {0}")]
    OutOfReach(#[from] OutOfReach),
    /// A redirect leads to what may not be asked.
    #[error(
        "the page is not read: it redirects to an address that is no public page (no http or https, a number in place of a host, a name that never leaves a local network, or a password before the host)"
    )]
    Redirect,
    /// A port of its own.
    #[error(
        "the page is not read: it lies at port {0}, and only the usual ports of http and https are asked"
    )]
    Port(u16),
    /// Redirects without end.
    #[error("the page is not read: it redirects more than {0} times")]
    TooManyRedirects(usize),
    /// robots.txt says no.
    #[error("the page is not read: the host's robots.txt does not allow it")]
    Robots,
    /// robots.txt could not be read, which the standard takes for a no.
    #[error(
        "the page is not read: the host's robots.txt cannot be read ({0}), which counts as a no"
    )]
    RobotsUnread(String),
    /// Something else than HTML.
    #[error("the page is not read: it is no HTML")]
    NotHtml,
    /// Too long.
    #[error("the page is not read: it is longer than {0} bytes")]
    TooLong(usize),
    /// Too slow.
    #[error("the page is not read: it took longer than {0:?}")]
    TooSlow(Duration),
    /// The host answers with a failure.
    #[error("the page could not be read: the host answers with HTTP {0}")]
    Status(u16),
    /// No connection, or a broken one.
    #[error("the page could not be read: {0}")]
    Connection(&'static str),
}

/// What the host gave.
pub(super) enum Fetched {
    /// A page.
    Page(Page),
    /// There is no such page, says the host with this status.
    Nothing(u16),
}

/// A client that reaches nothing but its reach.
pub(super) struct Fetcher {
    client: reqwest::Client,
    reach: Reach,
    bounds: Bounds,
}

/// One reading: what it has asked so far.
struct Walk<'a> {
    fetcher: &'a Fetcher,
    requests: &'a AtomicU32,
    /// By origin, what its robots.txt says.
    robots: BTreeMap<String, Vec<u8>>,
}

impl Fetcher {
    pub(super) fn new(reach: Reach, bounds: Bounds) -> Result<Self, reqwest::Error> {
        Self::with_look_up(reach, bounds, System)
    }

    /// No proxy, which would look names up in our place; no cookies; no referrer; no redirect that we have not
    /// looked at; no connection kept, so that each request is made to addresses that were checked for it.
    pub(super) fn with_look_up<L: LookUp>(
        reach: Reach,
        bounds: Bounds,
        look_up: L,
    ) -> Result<Self, reqwest::Error> {
        // A second installation fails, and the first one is as good.
        crate::http::install_crypto();
        let guard = Guard {
            reach: reach.clone(),
            look_up: Arc::new(look_up),
        };
        let client = reqwest::Client::builder()
            .user_agent(concat!("plaudit/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .referer(false)
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .timeout(bounds.time)
            .dns_resolver(Arc::new(guard))
            .build()?;
        Ok(Self {
            client,
            reach,
            bounds,
        })
    }

    /// The page at `url`, and how many requests were sent.
    pub(super) async fn fetch(&self, url: &PageUrl) -> (Result<Fetched, Refusal>, u32) {
        let requests = AtomicU32::new(0);
        let mut walk = Walk {
            fetcher: self,
            requests: &requests,
            robots: BTreeMap::new(),
        };
        let fetched = tokio::time::timeout(self.bounds.time, walk.page(url)).await;
        let fetched = fetched.unwrap_or(Err(Refusal::TooSlow(self.bounds.time)));
        (fetched, requests.into_inner())
    }
}

impl Walk<'_> {
    async fn page(&mut self, url: &PageUrl) -> Result<Fetched, Refusal> {
        let bounds = self.fetcher.bounds;
        let mut url = url.clone();
        for _ in 0..=bounds.redirects {
            self.ask_robots(&url).await?;
            let response = self
                .get(&url, "text/html, application/xhtml+xml;q=0.9")
                .await?;
            match response.status().as_u16() {
                301 | 302 | 303 | 307 | 308 => url = next(&url, &response)?,
                status @ (404 | 410) => return Ok(Fetched::Nothing(status)),
                200..=299 => {
                    let encoding = html_encoding(&response)?;
                    let (body, whole) = self.take(response, bounds.page_bytes).await?;
                    if !whole {
                        return Err(Refusal::TooLong(bounds.page_bytes));
                    }
                    let url = url.as_url().clone();
                    return Ok(Fetched::Page(Page {
                        url,
                        body,
                        encoding,
                    }));
                }
                status => return Err(Refusal::Status(status)),
            }
        }
        Err(Refusal::TooManyRedirects(bounds.redirects))
    }

    /// Refuses what the robots.txt of the page's host forbids. Each host is asked once.
    async fn ask_robots(&mut self, url: &PageUrl) -> Result<(), Refusal> {
        let origin = url.as_url().origin().ascii_serialization();
        if !self.robots.contains_key(&origin) {
            let robots = self.read_robots(url).await?;
            self.robots.insert(origin.clone(), robots);
        }
        let robots = self.robots.get(&origin).map(Vec::as_slice);
        let robots = robots.unwrap_or_default().to_vec();
        let url = url.as_url().clone();
        // A hostile file is judged away from the tasks that wait for the network.
        let allowed = tokio::task::spawn_blocking(move || robots::allows(&robots, &url)).await;
        if allowed.unwrap_or(false) {
            Ok(())
        } else {
            Err(Refusal::Robots)
        }
    }

    /// The robots.txt of a page's host; empty where the host has none. By RFC 9309 a host that answers 4xx has none,
    /// and one that cannot answer forbids everything. 429 is read as the latter: who is asked to slow down is not
    /// invited.
    async fn read_robots(&self, page: &PageUrl) -> Result<Vec<u8>, Refusal> {
        let bounds = self.fetcher.bounds;
        let mut url = page.as_url().clone();
        url.set_path("/robots.txt");
        url.set_query(None);
        let mut url = PageUrl::try_from(String::from(url)).map_err(|_| Refusal::Redirect)?;
        for _ in 0..=bounds.redirects {
            let response = self.get(&url, "text/plain").await?;
            match response.status().as_u16() {
                301 | 302 | 303 | 307 | 308 => url = next(&url, &response)?,
                200..=299 => return Ok(self.take(response, bounds.robots_bytes).await?.0),
                status @ (429 | 500..) => {
                    return Err(Refusal::RobotsUnread(format!("HTTP {status}")));
                }
                _ => return Ok(Vec::new()),
            }
        }
        Err(Refusal::RobotsUnread("it redirects without end".to_owned()))
    }

    /// One request. What is at the other end of the connection is looked at once more before anything is read.
    async fn get(&self, url: &PageUrl, accept: &'static str) -> Result<Response, Refusal> {
        if let Some(port) = url.as_url().port() {
            return Err(Refusal::Port(port));
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        let request = self.fetcher.client.get(url.as_url().clone());
        let response = match request.header(ACCEPT, accept).send().await {
            Ok(response) => response,
            Err(error) => {
                if error.is_connect() {
                    self.requests.fetch_sub(1, Ordering::Relaxed);
                }
                return Err(self.refusal(&error));
            }
        };
        match response.remote_addr() {
            Some(address) if self.fetcher.reach.allows(address) => Ok(response),
            _ => Err(OutOfReach::NotPublic.into()),
        }
    }

    /// The first `limit` bytes of a body, decompressed, and whether that is all of it.
    async fn take(&self, mut response: Response, limit: usize) -> Result<(Vec<u8>, bool), Refusal> {
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let left = limit - body.len();
                    body.extend_from_slice(chunk.get(..left).unwrap_or(&chunk));
                    if chunk.len() > left {
                        return Ok((body, false));
                    }
                }
                Ok(None) => return Ok((body, true)),
                Err(error) => return Err(self.refusal(&error)),
            }
        }
    }

    /// What a failed request means.
    fn refusal(&self, error: &reqwest::Error) -> Refusal {
        let mut cause = error.source();
        while let Some(error) = cause {
            if let Some(out_of_reach) = error.downcast_ref::<OutOfReach>() {
                return out_of_reach.clone().into();
            }
            cause = error.source();
        }
        if error.is_timeout() {
            return Refusal::TooSlow(self.fetcher.bounds.time);
        }
        Refusal::Connection(describe(error))
    }
}

/// Where a redirect leads, if it may be followed: the rules for a home page on an application hold for each hop.
fn next(from: &PageUrl, response: &Response) -> Result<PageUrl, Refusal> {
    let location = response.headers().get(LOCATION);
    let location = location.and_then(|location| std::str::from_utf8(location.as_bytes()).ok());
    let to = from
        .as_url()
        .join(location.unwrap_or_default())
        .map_err(|_| Refusal::Redirect)?;
    PageUrl::try_from(String::from(to)).map_err(|_| Refusal::Redirect)
}

/// The encoding that the host names for its page, which has to be HTML.
fn html_encoding(response: &Response) -> Result<Option<&'static Encoding>, Refusal> {
    let told = response.headers().get(CONTENT_TYPE);
    let told = told.and_then(|told| told.to_str().ok()).unwrap_or_default();
    let (kind, parameters) = told.split_once(';').unwrap_or((told, ""));
    let kind = kind.trim().to_ascii_lowercase();
    if !matches!(kind.as_str(), "text/html" | "application/xhtml+xml") {
        return Err(Refusal::NotHtml);
    }
    let label = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches('"'))
    });
    Ok(label.and_then(|label| Encoding::for_label(label.as_bytes())))
}

/// What a transport failure was, without the address.
fn describe(error: &reqwest::Error) -> &'static str {
    if error.is_connect() {
        "no connection to its host"
    } else {
        "the connection broke"
    }
}
