//! What the accounts and the home page say about each other.

use super::Proof;
use super::parties::{Parties, Who, kaggle_url, who};
use crate::domain::facts::Sources;
use crate::domain::link::Link;

/// One names another.
pub(super) struct Say {
    pub(super) by: Who,
    pub(super) of: Who,
    /// Both, in words.
    names: (String, String),
    /// Where it can be seen.
    pub(super) url: String,
    /// Whether it links the two. A plain link on a home page does not.
    pub(super) counts: bool,
    /// Whether the application names the one that is named.
    on_application: bool,
}

/// All that is said.
pub(super) struct Words {
    pub(super) says: Vec<Say>,
    /// What speaks against it, and whom that touches.
    pub(super) conflicts: Vec<(Vec<Who>, Proof)>,
}

impl Words {
    fn conflict(&mut self, touched: &[Who], what: String, url: &str) {
        let url = url.to_owned();
        self.conflicts.push((touched.to_vec(), Proof { what, url }));
    }
}

/// What the sources say about each other.
pub(super) fn all(parties: &Parties, sources: &Sources) -> Words {
    let mut words = Words {
        says: Vec::new(),
        conflicts: Vec::new(),
    };
    kaggle_says(parties, sources, &mut words);
    github_says(parties, sources, &mut words);
    page_says(parties, sources, &mut words);
    words
}

/// Kaggle shows the name of an account on github.com.
fn kaggle_says(parties: &Parties, sources: &Sources, words: &mut Words) {
    let Some(facts) = sources.kaggle.as_ref().and_then(|one| one.lookup.found()) else {
        return;
    };
    let Some(named) = facts.github.as_deref() else {
        return;
    };
    let url = kaggle_url(&facts.user_name);
    let link = parties
        .read(named)
        .filter(|link| who(link) == Who::GitHub)
        .or_else(|| parties.read(&format!("https://github.com/{named}")));
    let Some(link) = link.filter(|_| parties.github_is_public()) else {
        return;
    };
    let me = format!("the Kaggle account {}", facts.user_name);
    if parties.is_own(&link) {
        words.says.push(Say {
            by: Who::Kaggle,
            of: Who::GitHub,
            names: (me, name_of(&link)),
            url,
            counts: true,
            on_application: true,
        });
    } else {
        let what = format!(
            "{me} names {}, which is not the application's",
            name_of(&link)
        );
        words.conflict(&[Who::GitHub, Who::Kaggle], what, &url);
    }
}

/// GitHub shows a web site and social accounts.
fn github_says(parties: &Parties, sources: &Sources, words: &mut Words) {
    let Some(observation) = &sources.github else {
        return;
    };
    let Some(facts) = observation.lookup.found() else {
        return;
    };
    let me = format!("the GitHub account {}", facts.login);
    let base = observation.url.rsplit_once('/');
    let url = base.map_or(observation.url.clone(), |(base, _)| {
        format!("{base}/{}", facts.login)
    });
    let mut links: Vec<Link> = facts
        .names
        .iter()
        .filter_map(|named| parties.read(named))
        .filter(|link| who(link) != Who::GitHub)
        .collect();
    links.sort_by_key(|link| (who(link), link.to_string()));
    links.dedup();
    for link in links {
        let of = who(&link);
        let name = name_of(&link);
        if parties.is_own(&link) {
            let told = words
                .says
                .iter()
                .any(|one| one.by == Who::GitHub && one.of == of);
            if !told {
                words.says.push(Say {
                    by: Who::GitHub,
                    of,
                    names: (me.clone(), name),
                    url: url.clone(),
                    counts: true,
                    on_application: true,
                });
            }
        } else if parties.has(of) && of == Who::Kaggle {
            let what = format!("{me} names {name}, which is not the application's");
            words.conflict(&[Who::GitHub, of], what, &url);
        }
    }
}

/// A home page links to accounts.
fn page_says(parties: &Parties, sources: &Sources, words: &mut Words) {
    let found_on = |who: Who| match who {
        Who::GitHub => sources.github.as_ref()?.found_on.as_deref(),
        Who::Kaggle => sources.kaggle.as_ref()?.found_on.as_deref(),
        Who::Orcid | Who::Page => None,
    };
    let page = sources.page.as_ref();
    let links = page.and_then(|one| Some((one, one.lookup.found()?)));
    let found = links.iter().flat_map(|(one, facts)| {
        let links = facts.links.iter();
        links.filter_map(|link| Some((one.url.as_str(), parties.read(&link.url)?, link.rel_me)))
    });
    let mut found: Vec<(&str, Link, bool)> = found.collect();
    // Where the page itself is no longer at hand, what was found on it still says so.
    for (who, url) in [
        (Who::GitHub, sources.github.as_ref().map(|one| &one.url)),
        (Who::Kaggle, sources.kaggle.as_ref().map(|one| &one.url)),
    ] {
        if links.is_none()
            && let Some((page, link)) = found_on(who).zip(url.and_then(|url| parties.read(url)))
        {
            found.push((page, link, false));
        }
    }
    found.sort_by_key(|(_, link, rel_me)| (who(link), !rel_me, link.to_string()));
    for (page, link, rel_me) in found {
        let of = who(&link);
        let (me, name) = (format!("the home page {page}"), name_of(&link));
        if parties.is_own(&link) {
            words.says.push(Say {
                by: Who::Page,
                of,
                names: (me, name),
                url: page.to_owned(),
                counts: rel_me,
                on_application: found_on(of).is_none(),
            });
        } else if parties.has(of) && matches!(of, Who::GitHub | Who::Kaggle) {
            let what = format!("{me} names {name}, which is not the application's");
            words.conflict(&[of], what, page);
        }
    }
}

/// Whether the other one says the same may be hidden, or need a token to see.
const ONE_WAY: &str = "the other way round nothing was seen";

/// Two who name each other are one proof.
pub(super) fn proofs(says: &[Say]) -> Vec<Proof> {
    let back = |one: &Say| {
        says.iter()
            .find(|other| one.counts && other.counts && (other.by, other.of) == (one.of, one.by))
    };
    let mut proofs = Vec::new();
    for one in says {
        let (by, of) = &one.names;
        let what = match back(one) {
            Some(_) if one.by > one.of => continue,
            Some(other) => format!("{by} and {of} each name the other (see also {})", other.url),
            None if !one.counts => {
                let stranger = if one.on_application {
                    ""
                } else {
                    ", which the application does not"
                };
                format!("{by} names {of}{stranger}; by a plain link, which links nothing")
            }
            None if !one.on_application => {
                format!("{by} names {of} as its owner's (rel=me); the application does not name it")
            }
            None if one.by == Who::Page => {
                format!("{by} names {of} as its owner's (rel=me); {ONE_WAY}")
            }
            None => format!("{by} names {of}; {ONE_WAY}"),
        };
        proofs.push(Proof {
            what,
            url: one.url.clone(),
        });
    }
    proofs
}

/// The account in words.
fn name_of(link: &Link) -> String {
    match link {
        Link::GitHub { host, handle } if host.is_public() => format!("the GitHub account {handle}"),
        Link::GitHub { host, handle } => format!("the GitHub account {handle} on {host}"),
        Link::Kaggle { handle } => format!("the Kaggle account {handle}"),
        Link::Orcid { id } => format!("the ORCID record {id}"),
        Link::HomePage { url } => format!("the home page {url}"),
    }
}
