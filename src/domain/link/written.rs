//! What stands on the page around and inside a link: brackets, Markdown, labels, schemes.
//!
//! Knows how people write, and nothing about GitHub or Kaggle.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::Url;

use super::{
    error::{LinkError, shown},
    parse::Column,
};
use crate::domain::text::is_invisible;

/// Layers of wrapping that are taken off; people stack two or three (`"<https://…>",`).
const LAYERS: usize = 8;

/// What was written, without its wrapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    /// An address with a host.
    Address(Address),
    /// `@x`, without the `@`.
    At(String),
    /// Something without a host: `x`, `x/y`, `0000-0002-1825-0097`.
    Word(String),
}

/// An address with a host, spelt by the URL standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// As http or https, also when git or ssh was written.
    pub(super) url: Url,
    /// Whether no scheme was written.
    pub(super) assumed: bool,
    /// Whether it is an address for git rather than for a browser.
    pub(super) git: bool,
    /// Whether the host was written with letters outside ASCII.
    pub(super) foreign: bool,
}

impl Address {
    /// The host in lower case, without the dot that a full name may end with, and with an unusual port.
    pub(super) fn host(&self) -> String {
        let host = self
            .url
            .host_str()
            .unwrap_or_default()
            .trim_end_matches('.');
        match self.url.port() {
            Some(port) if !self.git => format!("{host}:{port}"),
            _ => host.to_owned(),
        }
    }

    /// The parts of the path, decoded, without empty ones.
    pub(super) fn path(&self) -> Result<Vec<String>, LinkError> {
        decode_path(self.url.path())
    }
}

/// The parts of a path, decoded, without empty ones.
pub(super) fn decode_path(path: &str) -> Result<Vec<String>, LinkError> {
    let mut parts = Vec::new();
    for part in path.split('/') {
        let part = percent_decode_str(part)
            .decode_utf8()
            .map_err(|_| broken(path, "its percent signs do not spell text"))?;
        // A blank is often copied along and then encoded by a browser.
        let part = part.trim();
        if !part.is_empty() {
            parts.push(part.to_owned());
        }
    }
    Ok(parts)
}

fn broken(text: &str, reason: &'static str) -> LinkError {
    LinkError::Address {
        text: shown(text),
        reason,
        example: "github.com/LOGIN",
    }
}

/// `text` without blanks, quotes, brackets and the ends of sentences around it.
///
/// A closing bracket is kept when its opening one is inside, as in `Foo_(bar)` and `x[bot]`.
pub(super) fn trim(text: &str) -> &str {
    let blank = |character: char| character.is_whitespace() || is_invisible(character);
    let mut text = text;
    loop {
        let before = text.len();
        text = text.trim_matches(blank);
        text = text.trim_start_matches(|first: char| "<([{\"'`*“”„‟‘’‚«»‹›".contains(first));
        for bullet in ["-", "–", "—", "•", "·", "+"] {
            if let Some(rest) = text.strip_prefix(bullet)
                && rest.starts_with(char::is_whitespace)
            {
                text = rest;
            }
        }
        text = text.trim_end_matches(|last: char| "\"'`*“”„‟‘’‚«»‹›,;.:!?…".contains(last));
        for (open, close) in [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>')] {
            let open_ones = text.matches(open).count();
            let mut close_ones = text.matches(close).count();
            while close_ones > open_ones
                && let Some(rest) = text.strip_suffix(close)
            {
                text = rest;
                close_ones -= 1;
            }
        }
        if text.len() == before {
            return text;
        }
    }
}

/// `text` without its prefix, whatever the case of its letters.
fn strip_prefix_any_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix)
        .then(|| &text[prefix.len()..])
}

/// The target of `[text](target "title")`, also when the text is itself an image.
fn markdown_target(text: &str) -> Option<&str> {
    if !text.starts_with(['[', '!']) {
        return None;
    }
    let (_, target) = text.rsplit_once("](")?;
    let target = target.trim_start();
    Some(match target.strip_prefix('<') {
        Some(inner) => inner.split('>').next().unwrap_or(inner),
        None => target.split_whitespace().next().unwrap_or(target),
    })
}

/// The target of an HTML anchor or of a spreadsheet's link formula.
fn quoted_target(text: &str) -> Option<&str> {
    let inner = if strip_prefix_any_case(text, "<a ").is_some() {
        let at = text.to_ascii_lowercase().find("href=")?;
        &text[at + "href=".len()..]
    } else {
        strip_prefix_any_case(text, "=hyperlink(")?
    };
    let quote = inner
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''))?;
    inner[1..].split(quote).next()
}

/// The column that a label before the link stands for, and the rest: `GitHub: x`, `kaggle:x`.
fn label(text: &str) -> Option<(Column, &str)> {
    let (label, rest) = text.split_once(':')?;
    let column = match label.trim().to_ascii_lowercase().as_str() {
        "github" => Column::GitHub,
        "kaggle" => Column::Kaggle,
        "orcid" | "orcid id" => Column::Orcid,
        "homepage" | "home page" | "website" | "web" => Column::HomePage,
        "url" | "link" => Column::Links,
        _ => return None,
    };
    Some((column, rest))
}

/// Takes the wrapping off `text`, and says which column it belongs to when a label tells.
pub(super) fn unwrap(text: &str, column: Column) -> Result<(Written, Column), LinkError> {
    let mut column = column;
    let mut text = text.trim();
    for _ in 0..LAYERS {
        let before = text;
        text = if let Some(target) = markdown_target(text).or_else(|| quoted_target(text)) {
            target
        } else if let Some(rest) = strip_prefix_any_case(text, "mailto:") {
            rest
        } else if let Some((named, rest)) = label(text) {
            column = named;
            rest
        } else {
            trim(text)
        };
        if text == before {
            break;
        }
    }
    let text = trim(text);
    if text.is_empty() {
        return Err(LinkError::Empty);
    }
    if text
        .chars()
        .any(|character| is_invisible(character) && !character.is_whitespace())
    {
        return Err(LinkError::Invisible);
    }
    if text.contains(char::is_whitespace) {
        return Err(LinkError::SeveralWords { text: shown(text) });
    }
    if text.contains('\\') {
        return Err(broken(text, "it has \\ where / belongs"));
    }
    read(text).map(|written| (written, column))
}

/// Sorts unwrapped text into an address, an `@x` or a word.
fn read(text: &str) -> Result<Written, LinkError> {
    let decoded = if ["https%3a", "http%3a"]
        .iter()
        .any(|head| strip_prefix_any_case(text, head).is_some())
    {
        percent_decode_str(text)
            .decode_utf8()
            .map_err(|_| broken(text, "its percent signs do not spell text"))?
    } else {
        Cow::Borrowed(text)
    };
    let text = decoded.as_ref();
    if text.contains(|character: char| character.is_whitespace() || is_invisible(character)) {
        return Err(LinkError::Invisible);
    }
    if let Some((scheme, rest)) = scheme(text)? {
        return address(text, scheme, rest, false).map(Written::Address);
    }
    let text = text.trim_start_matches('/');
    if let Some(path) = git_address(text) {
        return address(text, Scheme::Git, &path, false).map(Written::Address);
    }
    if let Some(name) = text.strip_prefix('@') {
        return Ok(Written::At(name.to_owned()));
    }
    let host = text.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some((_, after)) = host.split_once('@') {
        return Err(if text[host.len()..].starts_with('/') {
            LinkError::UserInfo { host: shown(after) }
        } else {
            LinkError::Email
        });
    }
    if host.contains(['.', '。', '．']) {
        return address(text, Scheme::Https, text, true).map(Written::Address);
    }
    if text.is_empty() {
        return Err(LinkError::Empty);
    }
    Ok(Written::Word(text.to_owned()))
}

/// The schemes that lead to a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
    Git,
}

/// The scheme that `text` begins with, and the rest. Doubled and mistyped http schemes are understood.
fn scheme(text: &str) -> Result<Option<(Scheme, &str)>, LinkError> {
    let mut found = None;
    let mut rest = text;
    while let Some((next, after)) = web_scheme(rest) {
        found = Some(next);
        rest = after;
    }
    if let Some(scheme) = found {
        return Ok(Some((scheme, rest)));
    }
    let Some((name, after)) = text.split_once(':') else {
        return Ok(None);
    };
    let spelt = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let slashes = after.starts_with("//");
    match name.to_ascii_lowercase().as_str() {
        "git" | "ssh" | "git+https" | "git+http" | "git+ssh" if slashes => {
            Ok(Some((Scheme::Git, after.trim_start_matches('/'))))
        }
        "javascript" | "data" | "file" | "tel" | "vbscript" | "about" | "blob" | "sms"
        | "skype" => Err(LinkError::Scheme {
            scheme: name.to_ascii_lowercase(),
        }),
        _ if slashes && spelt => Err(LinkError::Scheme {
            scheme: shown(name),
        }),
        _ => Ok(None),
    }
}

/// http or https at the beginning of `text`, with at least a colon or two slashes after it.
fn web_scheme(text: &str) -> Option<(Scheme, &str)> {
    let (scheme, rest) = if let Some(rest) = strip_prefix_any_case(text, "https") {
        (Scheme::Https, rest)
    } else {
        (Scheme::Http, strip_prefix_any_case(text, "http")?)
    };
    let after = rest.trim_start_matches([':', '/']);
    let mark = &rest[..rest.len() - after.len()];
    (mark.contains(':') || mark.contains("//")).then_some((scheme, after))
}

/// `host/owner/repository` of the short form `git@host:owner/repository` that git understands.
fn git_address(text: &str) -> Option<String> {
    let (user, rest) = text.split_once('@')?;
    let (host, path) = rest.split_once(':')?;
    let shaped = user.eq_ignore_ascii_case("git") && !host.contains('/') && !path.is_empty();
    shaped.then(|| format!("{host}/{}", path.trim_start_matches('/')))
}

/// The address `rest`, which begins with its host.
fn address(text: &str, scheme: Scheme, rest: &str, assumed: bool) -> Result<Address, LinkError> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (mut authority, path) = rest.split_at(end);
    if scheme == Scheme::Git
        && let Some(host) = strip_prefix_any_case(authority, "git@")
    {
        authority = host;
    }
    if let Some((_, host)) = authority.rsplit_once('@') {
        return Err(LinkError::UserInfo { host: shown(host) });
    }
    if authority.is_empty() {
        return Err(broken(text, "it has no host"));
    }
    if authority.contains('%') {
        return Err(broken(text, "its host is hidden behind percent signs"));
    }
    let web = if scheme == Scheme::Http {
        "http"
    } else {
        "https"
    };
    let url = Url::parse(&format!("{web}://{authority}{path}"))
        .map_err(|_| broken(text, "its host is no name"))?;
    Ok(Address {
        url,
        assumed,
        git: scheme == Scheme::Git,
        foreign: !authority.is_ascii(),
    })
}
