//! Who can name whom: the accounts and pages of one application, compared as links.

use crate::domain::facts::Sources;
use crate::domain::link::{Column, GitHubHost, GitHubHosts, Link, parse};

/// Whose word it is, or whom it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    GitHub,
    Kaggle,
    Orcid,
    Page,
}

/// The accounts and pages of one application.
pub(super) struct Parties {
    hosts: GitHubHosts,
    known: Vec<Party>,
}

struct Party {
    who: Who,
    /// The link, and further ones under which the same account is or was known.
    links: Vec<Link>,
}

impl Parties {
    /// Those of the application, and those that were found on its home page.
    pub(super) fn of(links: &[String], sources: &Sources) -> Self {
        let hosts = hosts(links, sources);
        let mut parties = Self {
            hosts,
            known: Vec::new(),
        };
        for link in links {
            parties.add(link);
        }
        if let Some(github) = &sources.github {
            parties.add(&github.url);
            if let Some((base, facts)) = github
                .url
                .rsplit_once('/')
                .zip(github.lookup.found())
                .map(|((base, _), facts)| (base, facts))
            {
                parties.add(&format!("{base}/{}", facts.login));
                if let Some(former) = &facts.renamed_from {
                    parties.add(&format!("{base}/{former}"));
                }
            }
        }
        if let Some(kaggle) = &sources.kaggle {
            parties.add(&kaggle.url);
            if let Some(facts) = kaggle.lookup.found() {
                parties.add(&kaggle_url(&facts.user_name));
                if let Some(former) = &facts.renamed_from {
                    parties.add(&kaggle_url(former));
                }
            }
        }
        if let Some(page) = &sources.page {
            parties.add(&page.url);
        }
        parties
    }

    fn add(&mut self, text: &str) {
        let Some(link) = self.read(text) else {
            return;
        };
        let who = who(&link);
        match self.known.iter_mut().find(|party| party.who == who) {
            Some(party) => party.links.push(link),
            None => self.known.push(Party {
                who,
                links: vec![link],
            }),
        }
    }

    pub(super) fn read(&self, text: &str) -> Option<Link> {
        let parsed = parse(text, Column::Links, &self.hosts).ok()?;
        Some(parsed.link)
    }

    /// Whether the application leads to such an account or page.
    pub(super) fn has(&self, who: Who) -> bool {
        self.known.iter().any(|party| party.who == who)
    }

    /// Whether `link` is the application's own of its kind.
    pub(super) fn is_own(&self, link: &Link) -> bool {
        let of_kind = self.known.iter().filter(|party| party.who == who(link));
        of_kind
            .flat_map(|party| &party.links)
            .any(|known| same(known, link))
    }

    /// Whether the application's GitHub account is on the GitHub that Kaggle means.
    pub(super) fn github_is_public(&self) -> bool {
        let github = self.known.iter().find(|party| party.who == Who::GitHub);
        github.is_some_and(|party| {
            let public =
                |link: &Link| matches!(link, Link::GitHub { host, .. } if host.is_public());
            party.links.iter().any(public)
        })
    }
}

/// The GitHub hosts that the application's links and its account are on. The configuration is not needed: a link of
/// an application was let in by it already.
fn hosts(links: &[String], sources: &Sources) -> GitHubHosts {
    let mut hosts = vec![GitHubHost::default()];
    if let Some(github) = &sources.github
        && let Some((base, _)) = github.url.rsplit_once('/')
        && let Some((_, host)) = base.rsplit_once("//")
        && let Ok(host) = host.parse()
        && !hosts.contains(&host)
        && links.iter().any(|link| link.starts_with(base))
    {
        hosts.push(host);
    }
    GitHubHosts::new(hosts)
}

pub(super) fn who(link: &Link) -> Who {
    match link {
        Link::GitHub { .. } => Who::GitHub,
        Link::Kaggle { .. } => Who::Kaggle,
        Link::Orcid { .. } => Who::Orcid,
        Link::HomePage { .. } => Who::Page,
    }
}

/// Whether two links lead to the same. Of pages neither `http` or `https`, nor `www.`, nor a slash at the end, nor
/// case makes a difference.
fn same(left: &Link, right: &Link) -> bool {
    match (left, right) {
        (Link::HomePage { url: left }, Link::HomePage { url: right }) => {
            bare(left.as_str()) == bare(right.as_str())
        }
        _ => left == right,
    }
}

fn bare(url: &str) -> String {
    let lower = url.to_ascii_lowercase();
    let host = lower
        .split_once("://")
        .map_or(lower.as_str(), |(_, rest)| rest);
    let host = host.strip_prefix("www.").unwrap_or(host);
    host.trim_end_matches('/').to_owned()
}

pub(super) fn kaggle_url(user_name: &str) -> String {
    format!("https://www.kaggle.com/{user_name}")
}
