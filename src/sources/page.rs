//! The applicant's own home page: which accounts on GitHub, Kaggle and ORCID it links to.
//!
//! The address comes from a stranger, so it must not make this machine ask what only this machine can reach.
//! Guards, each in a file of its own: in the room of [`crate::http`], `address` knows which addresses are public, and
//! `reach` resolves names, and the connection goes to an address that was checked and to no other; here, `fetch`
//! follows redirects by hand, each hop checked like the first; `robots` asks whether the page may be read at all;
//! `links` reads tags out of hostile text in linear time. One page is read, never what it links to.
//!
//! The way out of [`crate::http`] is not used here: it knows the hosts that the configuration names, keeps their
//! limits and may go through a proxy. A proxy would look the name up for us, so that nothing could be checked;
//! behind one that is the only way to the internet, home pages cannot be read, and say so.
//!
//! Nothing of the page is kept but the links to accounts. Whatever goes wrong is a sentence in
//! [`Lookup::Failed`]: a home page never holds an applicant back.

mod fetch;
mod links;
mod robots;

#[cfg(test)]
mod tests;

use std::time::Duration;

use encoding_rs::Encoding;
use url::Url;

use crate::domain::facts::{Lookup, PageFacts};
use crate::domain::link::{GitHubHosts, PageUrl};
use fetch::{Fetched, Fetcher};

pub use crate::http::{Reach, is_public};
pub use robots::allows;

/// What a page may cost.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// For everything: robots.txt, redirects, the page.
    pub time: Duration,
    /// The longest page, decompressed. Bytes.
    pub page_bytes: usize,
    /// How much of a robots.txt counts. Bytes. RFC 9309 asks for at least 500 KiB.
    pub robots_bytes: usize,
    /// Redirects that are followed. Count. RFC 9309 asks for five for robots.txt.
    pub redirects: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(10),
            page_bytes: 1_000_000,
            robots_bytes: 500 * 1024,
            redirects: 5,
        }
    }
}

/// What reading a page came to.
#[derive(Debug, Clone, PartialEq)]
pub struct PageRead {
    /// What it says. Absent: the host says that the page is not there.
    pub lookup: Lookup<PageFacts>,
    /// Requests that were sent. Count.
    pub requests: u32,
}

/// A page as it came.
pub struct Page {
    /// Where it lies, after redirects.
    pub url: Url,
    /// Its bytes, decompressed.
    pub body: Vec<u8>,
    /// The encoding that the host names.
    pub encoding: Option<&'static Encoding>,
}

impl Page {
    /// The accounts that it links to.
    pub fn accounts(&self, hosts: &GitHubHosts) -> Lookup<PageFacts> {
        match links::accounts(self, hosts) {
            Ok(facts) => Lookup::Found { facts },
            Err(why) => Lookup::Failed {
                reason: why.to_string(),
            },
        }
    }
}

/// Reads home pages.
pub struct Pages {
    fetcher: Fetcher,
}

impl Pages {
    /// Pages within `reach`, at most as large and slow as `bounds` allow.
    pub fn new(reach: Reach, bounds: Bounds) -> Result<Self, reqwest::Error> {
        let fetcher = Fetcher::new(reach, bounds)?;
        Ok(Self { fetcher })
    }

    /// The accounts that the page at `url` links to. Sends a request for its robots.txt and one for the page,
    /// and the same again for each redirect.
    pub async fn read(&self, url: &PageUrl, hosts: &GitHubHosts) -> PageRead {
        let (fetched, requests) = self.fetcher.fetch(url).await;
        let lookup = match fetched {
            Ok(Fetched::Page(page)) => {
                let hosts = hosts.clone();
                // Hostile text is read away from the tasks that wait for the network.
                let read = tokio::task::spawn_blocking(move || page.accounts(&hosts)).await;
                read.unwrap_or_else(|_| Lookup::Failed {
                    reason: "the page could not be read".to_owned(),
                })
            }
            Ok(Fetched::Nothing(status)) => Lookup::Absent {
                reason: format!("the host says that there is no such page (HTTP {status})"),
            },
            Err(refusal) => Lookup::Failed {
                reason: refusal.to_string(),
            },
        };
        PageRead { lookup, requests }
    }
}
