//! Home pages: any web page that is not a profile on a site.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::{
    error::{LinkError, shown},
    parse::LONGEST_LINK,
    written::trim,
};

/// What a good home page looks like, for messages.
const EXAMPLE: &str = "ada.example.org";

/// The address of a home page: http or https, a host with a name in the public name space, no name or
/// password before the host, no fragment.
///
/// A host that is a number (`127.0.0.1`), has no dot (`localhost`) or ends in a name that never leaves a
/// house network (`.local`) is refused: no applicant's page lies there, and a list must not make plaudit
/// ask machines behind the recruiter's firewall. The sender checks the address again after look-up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PageUrl(Url);

impl PageUrl {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// As a URL.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// The page at `url`, spelt so that it reads back as itself.
    pub(super) fn new(mut url: Url) -> Result<Self, LinkError> {
        // The URL standard's spelling can bring a closing bracket to the end that a reader of text takes
        // for the sentence's; taking it away may bring the next one, so until nothing changes.
        loop {
            url.set_fragment(None);
            let whole = trim(url.as_str());
            if whole == url.as_str() {
                break;
            }
            url = Url::parse(whole).map_err(|_| broken(whole, "it cannot be read"))?;
        }
        check(&url)?;
        if url.as_str().len() > LONGEST_LINK {
            return Err(LinkError::TooLong {
                bytes: url.as_str().len(),
            });
        }
        Ok(Self(url))
    }
}

fn broken(text: &str, reason: &'static str) -> LinkError {
    LinkError::Address {
        text: shown(text),
        reason,
        example: EXAMPLE,
    }
}

fn check(url: &Url) -> Result<(), LinkError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(LinkError::Scheme {
            scheme: shown(url.scheme()),
        });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(LinkError::UserInfo {
            host: shown(url.host_str().unwrap_or_default()),
        });
    }
    let Some(Host::Domain(host)) = url.host() else {
        return Err(broken(url.as_str(), "its host is a number, not a name"));
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    let labels: Vec<&str> = host.split('.').collect();
    if labels.len() < 2 {
        return Err(broken(url.as_str(), "its host has no dot"));
    }
    if labels
        .iter()
        .any(|label| label.is_empty() || label.len() > 63)
        || host.len() > 253
    {
        return Err(broken(url.as_str(), "its host is no name"));
    }
    let last = labels.last().copied().unwrap_or_default();
    if matches!(
        last,
        "localhost" | "local" | "internal" | "lan" | "home" | "arpa"
    ) {
        return Err(broken(
            url.as_str(),
            "its host is not on the public internet",
        ));
    }
    if !last.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return Err(broken(url.as_str(), "its host is no name"));
    }
    Ok(())
}

impl TryFrom<String> for PageUrl {
    type Error = LinkError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let url = Url::parse(&text).map_err(|_| broken(&text, "it cannot be read"))?;
        Self::new(url)
    }
}

impl From<PageUrl> for String {
    fn from(page: PageUrl) -> Self {
        page.0.into()
    }
}

impl fmt::Display for PageUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Sites where many people have an account and whose pages plaudit does not read, by the end of the host.
const NOT_READ: &[(&str, &str)] = &[
    ("linkedin.com", "LinkedIn"),
    ("xing.com", "XING"),
    ("x.com", "X"),
    ("twitter.com", "X"),
    ("facebook.com", "Facebook"),
    ("fb.com", "Facebook"),
    ("fb.me", "Facebook"),
    ("instagram.com", "Instagram"),
    ("threads.net", "Threads"),
    ("threads.com", "Threads"),
    ("tiktok.com", "TikTok"),
    ("bsky.app", "Bluesky"),
    ("youtube.com", "YouTube"),
    ("youtu.be", "YouTube"),
    ("reddit.com", "Reddit"),
    ("discord.com", "Discord"),
    ("discord.gg", "Discord"),
    ("t.me", "Telegram"),
    ("wa.me", "WhatsApp"),
    ("gitlab.com", "GitLab"),
    ("bitbucket.org", "Bitbucket"),
    ("codeberg.org", "Codeberg"),
    ("sourceforge.net", "SourceForge"),
    ("huggingface.co", "Hugging Face"),
    ("stackoverflow.com", "Stack Overflow"),
    ("stackexchange.com", "Stack Exchange"),
    ("leetcode.com", "LeetCode"),
    ("hackerrank.com", "HackerRank"),
    ("researchgate.net", "ResearchGate"),
    ("academia.edu", "Academia.edu"),
    ("scholar.google.com", "Google Scholar"),
    ("drive.google.com", "Google Drive"),
    ("docs.google.com", "Google Docs"),
    ("dropbox.com", "Dropbox"),
    ("onedrive.live.com", "OneDrive"),
    ("doi.org", "DOI"),
    ("arxiv.org", "arXiv"),
    ("github.dev", "github.dev"),
    ("githubusercontent.com", "githubusercontent.com"),
    ("kaggleusercontent.com", "kaggleusercontent.com"),
];

/// Services that stand a short address before a long one.
const SHORTENERS: &[&str] = &[
    "bit.ly",
    "t.co",
    "lnkd.in",
    "tinyurl.com",
    "goo.gl",
    "ow.ly",
    "is.gd",
    "cutt.ly",
    "rb.gy",
    "git.io",
    "buff.ly",
    "shorturl.at",
];

/// Whether `host` is `site` or lies below it.
fn lies_below(host: &str, site: &str) -> bool {
    host.strip_suffix(site)
        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// Refuses the sites that are nobody's own home page.
pub(super) fn refuse_sites(host: &str) -> Result<(), LinkError> {
    if let Some(site) = SHORTENERS.iter().find(|site| lies_below(host, site)) {
        return Err(LinkError::Shortened { site });
    }
    if let Some((_, site)) = NOT_READ.iter().find(|(end, _)| lies_below(host, end)) {
        return Err(LinkError::NotRead { site });
    }
    // Google Scholar has a host for each country: scholar.google.de.
    if host.starts_with("scholar.google.") {
        return Err(LinkError::NotRead {
            site: "Google Scholar",
        });
    }
    Ok(())
}

/// The address inside a wrapper that mail programs and search engines put around links, if `url` is one.
pub(super) fn wrapped(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    let keys: &[&str] = if lies_below(host, "safelinks.protection.outlook.com") {
        &["url"]
    } else if matches!(host, "google.com" | "www.google.com") && url.path() == "/url" {
        &["q", "url"]
    } else if lies_below(host, "linkedin.com") && url.path().starts_with("/redir") {
        &["url"]
    } else {
        return None;
    };
    url.query_pairs()
        .find(|(key, _)| keys.contains(&key.as_ref()))
        .map(|(_, inner)| inner.into_owned())
}
