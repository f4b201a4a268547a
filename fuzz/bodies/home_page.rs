//! An applicant's home page: `encoding` (a byte: what the host says), then the page. By one value of the byte it is the
//! host's robots.txt that follows.
//!
//! - What is kept are accounts whose own profile a link leads to: each parses, plainly, to an account, and prints as it
//!   is kept.
//! - At most one a source, and nothing that a reader cannot see.

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8, UTF_16LE, WINDOWS_1252};
use plaudit::domain::facts::Lookup;
use plaudit::domain::link::{Column, GitHubHosts, Link, Reading, parse};
use plaudit::sources::page::Page;

use super::{facts, harmless, robots};

const ENCODINGS: [Option<&Encoding>; 6] = [
    None,
    None,
    Some(UTF_8),
    Some(WINDOWS_1252),
    Some(SHIFT_JIS),
    Some(UTF_16LE),
];

/// Holds one input against plaudit.
pub fn run(bytes: &[u8]) {
    let Some((encoding, body)) = bytes.split_first() else {
        return;
    };
    let Some(encoding) = ENCODINGS.get(usize::from(*encoding) % (ENCODINGS.len() + 1)) else {
        return robots::run(body);
    };
    let page = Page {
        url: "https://ada.example.org/about/me".parse().expect("a URL"),
        body: body.to_vec(),
        encoding: *encoding,
    };
    let hosts = GitHubHosts::default();
    let lookup = page.accounts(&hosts);
    assert_eq!(lookup, page.accounts(&hosts));
    facts::stored(&lookup);
    let found = match &lookup {
        Lookup::Found { facts } => facts,
        Lookup::Failed { reason } => return harmless::visible("a reason", reason),
        Lookup::Absent { .. } | Lookup::Hidden { .. } => panic!("a page that is here is absent"),
    };
    let mut sources = Vec::new();
    for link in &found.links {
        harmless::visible("an account", &link.url);
        let parsed = parse(&link.url, Column::Links, &hosts);
        let parsed = parsed.unwrap_or_else(|error| panic!("{}: {error}", link.url));
        assert!(
            !matches!(parsed.link, Link::HomePage { .. }),
            "{}",
            link.url
        );
        assert_eq!((parsed.reading, parsed.notice), (Reading::Named, None));
        assert_eq!(parsed.link.to_string(), link.url);
        let source = parsed.link.source();
        assert!(!sources.contains(&source), "two accounts on {source}");
        sources.push(source);
    }
    for unclear in &found.unclear {
        harmless::visible("what is unclear", unclear);
    }
}
