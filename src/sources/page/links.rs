//! The accounts that a page links to.
//!
//! The page is a stranger's and may be made to hurt, so that only its tags are read (see [`html`]).

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use html5ever::tokenizer::{StartTag, Tag, TagToken, Token, TokenSink, TokenSinkResult};
use url::Url;

use super::Page;
use crate::domain::facts::{FoundLink, PageFacts};
use crate::domain::link::{Column, GitHubHosts, Link, Reading, parse};
use crate::sources::html::{self, LONGEST_TAG, attribute};

/// The longest text without a blank, a quote or a bracket that is kept. Bytes. An image in base64 is such a text,
/// often of several hundred thousand bytes; a link that counts is shorter than half of this.
const LONGEST_RUN: usize = 4 << 10;

/// Where a page's own words about its encoding have to stand. Bytes. From the HTML standard.
const PRESCAN: usize = 1_024;

/// Why the page cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    /// A tag without end.
    #[error("the page is not read: a tag on it is longer than {LONGEST_TAG} bytes")]
    EndlessTag,
}

/// What the tags of a page say, as they say it.
#[derive(Default)]
struct Found {
    /// From `base`.
    base: Option<String>,
    /// From `meta`.
    charset: Option<String>,
    /// From `a` and `link`: where to, and whether `rel` holds `me`.
    links: Vec<(String, bool)>,
}

/// Takes tags from the tokenizer.
#[derive(Default)]
struct Collector {
    found: RefCell<Found>,
    /// Tokens so far, by which a tag without end is known. Count.
    tokens: Cell<usize>,
}

/// The accounts that a page links to.
pub(super) fn accounts(page: &Page, hosts: &GitHubHosts) -> Result<PageFacts, Unreadable> {
    let found = collect(&decode(page))?;
    let base = found.base.and_then(|base| page.url.join(base.trim()).ok());
    let base = base.unwrap_or_else(|| page.url.clone());
    // Each account once, in the page's order, and whether any link to it holds `me`.
    let mut accounts: Vec<(Link, bool)> = Vec::new();
    let mut places: HashMap<Link, usize> = HashMap::new();
    for (href, rel_me) in found.links {
        let Some(link) = account(&base, &href, hosts) else {
            continue;
        };
        let place = *places.entry(link.clone()).or_insert(accounts.len());
        if let Some((_, known_rel_me)) = accounts.get_mut(place) {
            *known_rel_me |= rel_me;
        } else {
            accounts.push((link, rel_me));
        }
    }
    // By the place of the source among an applicant's links.
    let mut sources: BTreeMap<u8, Vec<(Link, bool)>> = BTreeMap::new();
    for account in accounts {
        sources.entry(account.0.rank()).or_default().push(account);
    }
    let mut facts = PageFacts::default();
    for accounts in sources.into_values() {
        let mut own = accounts.iter().filter(|(_, rel_me)| *rel_me);
        let chosen = match (own.next(), own.next()) {
            (Some(own), None) => Some(own),
            (None, _) if accounts.len() == 1 => accounts.first(),
            _ => None,
        };
        match (chosen, accounts.first()) {
            (Some((link, rel_me)), _) => facts.links.push(FoundLink {
                url: link.to_string(),
                rel_me: *rel_me,
            }),
            // The others' names are nobody's business here.
            (None, Some((link, _))) => facts.unclear.push(format!(
                "the page links to {} accounts on {}, and none of them alone with rel=\"me\"",
                accounts.len(),
                link.source_name()
            )),
            (None, None) => {}
        }
    }
    Ok(facts)
}

/// The account whose own profile a link leads to.
fn account(base: &Url, href: &str, hosts: &GitHubHosts) -> Option<Link> {
    let url = base.join(href.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let parsed = parse(url.as_str(), Column::Links, hosts).ok()?;
    let is_account = !matches!(parsed.link, Link::HomePage { .. });
    (is_account && parsed.reading == Reading::Named).then_some(parsed.link)
}

/// The text of a page: by its byte order mark, else by its host's word, else by its own, else UTF-8 if it is that.
fn decode(page: &Page) -> Cow<'_, str> {
    let encoding = page.encoding.or_else(|| own_encoding(&page.body));
    let encoding = encoding.unwrap_or_else(|| {
        let is_utf8 = std::str::from_utf8(&page.body).is_ok();
        if is_utf8 { UTF_8 } else { WINDOWS_1252 }
    });
    encoding.decode(&page.body).0
}

/// The encoding that a page names in its first tags. One that is not written like ASCII cannot be true there, and
/// by the standard means UTF-8.
fn own_encoding(body: &[u8]) -> Option<&'static Encoding> {
    let start = body.get(..PRESCAN).unwrap_or(body);
    let start = WINDOWS_1252.decode_without_bom_handling(start).0;
    let label = collect(&start).ok()?.charset?;
    let encoding = Encoding::for_label(label.as_bytes())?;
    Some(if encoding.is_ascii_compatible() {
        encoding
    } else {
        UTF_8
    })
}

/// What the tags in a text say.
fn collect(text: &str) -> Result<Found, Unreadable> {
    let text = without_long_runs(text);
    let collector = Collector::default();
    let tokenized = html::tokenize(&text, collector, |collector| collector.tokens.get());
    let collector = tokenized.map_err(|_| Unreadable::EndlessTag)?;
    Ok(collector.found.take())
}

/// `text` without what is too long to be of interest and stands without a blank, a quote or a bracket in it.
fn without_long_runs(text: &str) -> String {
    let ends = |character: char| character.is_ascii_whitespace() || "\"'<>".contains(character);
    text.split_inclusive(ends)
        .map(|run| {
            let end = run
                .strip_suffix(ends)
                .map_or("", |before| run.get(before.len()..).unwrap_or_default());
            if run.len() > LONGEST_RUN { end } else { run }
        })
        .collect()
}

impl TokenSink for Collector {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        if !matches!(token, Token::ParseError(_)) {
            self.tokens.set(self.tokens.get() + 1);
        }
        match token {
            TagToken(tag) if tag.kind == StartTag => self.take(&tag),
            _ => TokenSinkResult::Continue,
        }
    }
}

impl Collector {
    fn take(&self, tag: &Tag) -> TokenSinkResult<()> {
        let mut found = self.found.borrow_mut();
        match &*tag.name {
            "a" | "link" => {
                if let Some(href) = attribute(tag, "href") {
                    let rel = attribute(tag, "rel").unwrap_or_default();
                    let me = |word: &str| word.eq_ignore_ascii_case("me");
                    found
                        .links
                        .push((href, rel.split_ascii_whitespace().any(me)));
                }
            }
            "base" if found.base.is_none() => found.base = attribute(tag, "href"),
            "meta" if found.charset.is_none() => {
                let in_content = || {
                    let content = attribute(tag, "content")?.to_ascii_lowercase();
                    let (_, label) = content.split_once("charset=")?;
                    Some(label.trim_matches(['"', '\'', ' ']).to_owned())
                };
                found.charset = attribute(tag, "charset").or_else(in_content);
            }
            _ => {}
        }
        html::after(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: impl Into<Vec<u8>>) -> Page {
        Page {
            url: Url::parse("https://ada.example.org/about/me").expect("a URL"),
            body: body.into(),
            encoding: None,
        }
    }

    fn read(body: impl Into<Vec<u8>>) -> PageFacts {
        accounts(&page(body), &GitHubHosts::default()).expect("read")
    }

    fn links(body: &str) -> Vec<(String, bool)> {
        let facts = read(body);
        facts
            .links
            .into_iter()
            .map(|link| (link.url, link.rel_me))
            .collect()
    }

    const ADA: &str = "https://github.com/ada-example";

    #[test]
    fn only_accounts_are_taken_and_each_once() {
        let page = r#"
            <link rel="me" href="https://www.kaggle.com/ada-example/competitions">
            <a href=" HTTPS://GitHub.com/Ada-Example ">code</a> <a href="https://github.com/ada-example">again</a>
            <a href="https://github.com/ada-example/project">project</a>
            <a href="https://github.com/keras-team/keras">what I work on</a>
            <a href="https://orcid.org/0000-0002-1825-0097">ORCID</a>
            <a href="https://twitter.com/ada_example">elsewhere</a> <a href="mailto:ada@example.org">mail</a>
            <a href="javascript:alert(1)">x</a> <a href="//">x</a> <a>x</a> <a href>x</a>
            <a href="https://github.com/features">x</a> <a href="https://other.example.org/">x</a>"#;
        let facts = read(page);
        let urls: Vec<_> = facts.links.iter().map(|link| link.url.as_str()).collect();
        assert_eq!(
            urls,
            [
                "https://github.com/Ada-Example",
                "https://www.kaggle.com/ada-example",
                "https://orcid.org/0000-0002-1825-0097"
            ]
        );
        assert_eq!(facts.unclear, [""; 0]);
    }

    #[test]
    fn of_several_accounts_the_one_with_rel_me_is_the_owner_s() {
        let other = r#"<a href="https://github.com/theme-author-example">theme</a>"#;
        let mine = |rel: &str| format!(r#"{other}<a rel="{rel}" href="{ADA}">me</a>"#);
        for (body, expected) in [
            (
                other.to_owned(),
                vec![("https://github.com/theme-author-example".to_owned(), false)],
            ),
            (mine("noopener ME"), vec![(ADA.to_owned(), true)]),
            (mine("menu"), vec![]),
            (
                mine("me") + r#"<a href="https://github.com/third-example" rel=me>x</a>"#,
                vec![],
            ),
        ] {
            assert_eq!(links(&body), expected, "{body}");
        }
        let facts = read(mine("menu"));
        assert_eq!(
            facts.unclear,
            ["the page links to 2 accounts on GitHub, and none of them alone with rel=\"me\""]
        );
    }

    #[test]
    fn what_is_no_tag_is_no_link() {
        for body in [
            format!("<!-- <a href=\"{ADA}\">x</a> -->"),
            format!("<script>'<a href=\"{ADA}\">x</a>'</script>"),
            format!("<style><a href=\"{ADA}\">x</a></style>"),
            format!("<textarea><a href=\"{ADA}\">x</a></textarea>"),
            format!("<title><a href=\"{ADA}\">x</a></title>"),
            format!("<plaintext><a href=\"{ADA}\">x</a>"),
            format!("&lt;a href=\"{ADA}\"&gt;"),
            format!("<p title='<a href=\"{ADA}\">'>"),
            format!("<area href=\"{ADA}\">"),
        ] {
            assert_eq!(links(&body), [], "{body}");
        }
        let after = format!("<svg><title/><style/></svg><a href=\"{ADA}\">x</a>");
        assert_eq!(links(&after).len(), 1);
    }

    #[test]
    fn addresses_are_read_from_where_the_page_lies() {
        for (body, count) in [
            (r#"<a href="//github.com/ada-example">x</a>"#, 1),
            (r#"<a href="/ada-example">x</a>"#, 0),
            (
                r#"<base href="https://github.com/"><a href="/ada-example">x</a>"#,
                1,
            ),
            (
                r#"<base href="https://github.com/"><base href="/"><a href="ada-example">x</a>"#,
                1,
            ),
            (r#"<a href="https://github.com/ada&#45;example">x</a>"#, 1),
        ] {
            assert_eq!(links(body).len(), count, "{body}");
        }
    }

    #[test]
    fn every_encoding_is_read() {
        let body = format!("<a href=\"{ADA}\">caf\u{e9}</a>");
        let utf16: Vec<u8> = std::iter::once(0xFEFF)
            .chain(body.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let latin: Vec<u8> = WINDOWS_1252.encode(&body).0.into_owned();
        let meta = b"<meta charset=utf-16le>".to_vec();
        for bytes in [utf16, latin, [meta, body.into_bytes()].concat()] {
            assert_eq!(read(bytes.clone()).links.len(), 1, "{bytes:?}");
        }
        let japanese = encoding_rs::SHIFT_JIS
            .encode("<meta http-equiv=Content-Type content='text/html; charset=Shift_JIS'>表")
            .0;
        assert_eq!(
            decode(&page(japanese.into_owned())).chars().last(),
            Some('表')
        );
        let told = Page {
            encoding: Some(encoding_rs::EUC_JP),
            ..page(
                encoding_rs::EUC_JP
                    .encode("<meta charset=utf-8>表")
                    .0
                    .into_owned(),
            )
        };
        assert_eq!(decode(&told).chars().last(), Some('表'));
    }

    proptest::proptest! {
        #[test]
        fn no_page_panics_and_a_chunk_s_end_is_nowhere_special(
            start in "[<>a-z\"'=/ &#;!é\u{0}-]{0,300}",
            filler in 3_500_usize..4_500,
        ) {
            let _ = accounts(&page(start), &GitHubHosts::default());
            let shifted = format!("{}<a href=\"{ADA}\">", " ".repeat(filler));
            proptest::prop_assert_eq!(links(&shifted).len(), 1);
        }
    }

    #[test]
    fn hostile_pages_neither_panic_nor_overflow_nor_take_long() {
        let link = format!("<a href=\"{ADA}\">x</a>");
        let attributes = |count: usize| {
            let names: Vec<String> = (0..count).map(|n| format!(" a{n}")).collect();
            names.concat()
        };
        let misnested: Vec<String> = (0..20_000).map(|n| format!("<b a{n}><i><p>x")).collect();
        for (what, body) in [
            ("nested", "<div>".repeat(100_000)),
            ("nested links", format!("<a href=\"{ADA}\">").repeat(20_000)),
            ("misnested", misnested.concat()),
            ("tables", "<table><tr><td>".repeat(50_000)),
            ("end tags", "</p></a></br>".repeat(50_000)),
            ("NUL", "\0<\0a\0".repeat(50_000) + ">"),
            ("attributes", format!("<p{}>", attributes(8_000))),
            (
                "an image",
                format!(
                    "<img src=\"data:image/png;base64,{}\">",
                    "A".repeat(500_000)
                ),
            ),
            ("entities", "&#x41;&nbsp;&notit;&".repeat(20_000)),
        ] {
            let facts = read(
                body.into_bytes()
                    .into_iter()
                    .chain(link.bytes())
                    .collect::<Vec<_>>(),
            );
            assert_eq!(facts.links.len(), 1, "{what}");
        }
        for (what, body) in [
            ("attributes", format!("<p{}", attributes(40_000))),
            ("comment", format!("<!--{}", " x".repeat(100_000))),
            // Each quote is an error of its own, which is no end of the tag.
            ("errors", format!("<p{}", " aa ab \"x".repeat(20_000))),
        ] {
            let read = accounts(&page(body), &GitHubHosts::default());
            assert_eq!(read, Err(Unreadable::EndlessTag), "{what}");
        }
        let mut broken = b"\xff\xfe<\x80a \xc3href=".to_vec();
        broken.extend((0..=255_u8).cycle().take(100_000));
        let _ = accounts(&page(broken), &GitHubHosts::default());
    }
}
