//! Whether a host's robots.txt lets us read a page (RFC 9309).
//!
//! The file's grammar and its rules of precedence are those of the crate robotstxt, a port of Google's own parser.
//! Two things are ours, because the file is a stranger's: its lines are cut before they are parsed, since the crate
//! counts characters where it cuts bytes and would panic; and patterns are compared in linear time, where the
//! crate's comparison takes cubic time and memory without bound.

use robotstxt::matcher::{RobotsMatchStrategy, RobotsMatcher};
use url::Url;

/// Whom robots.txt has to name to mean us.
pub(super) const AGENT: &str = "plaudit";

/// The longest line that counts. Bytes. Longer ones are cut; no address that we ask for is as long.
const LONGEST_LINE: usize = 4_096;

/// Whether the robots.txt of a host allows its page at `url` to be read.
pub fn allows(robots: &[u8], url: &Url) -> bool {
    let text = String::from_utf8_lossy(robots);
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    let lines: Vec<&str> = text.split(['\n', '\r']).map(cut).collect();
    let text = lines.join("\n");
    let mut matcher = RobotsMatcher::<LongestMatch>::default();
    matcher.one_agent_allowed_by_robots(&text, AGENT, url.as_str())
}

/// The beginning of a line that counts.
fn cut(line: &str) -> &str {
    line.get(..line.floor_char_boundary(LONGEST_LINE))
        .unwrap_or(line)
}

/// The longest pattern that matches wins.
#[derive(Default)]
struct LongestMatch;

impl RobotsMatchStrategy for LongestMatch {
    fn match_allow(&self, path: &str, pattern: &str) -> i32 {
        priority(path, pattern)
    }

    fn match_disallow(&self, path: &str, pattern: &str) -> i32 {
        priority(path, pattern)
    }
}

/// The length of a pattern that matches, and -1 for one that does not.
fn priority(path: &str, pattern: &str) -> i32 {
    if matches(path, pattern) {
        i32::try_from(pattern.len()).unwrap_or(i32::MAX)
    } else {
        -1
    }
}

/// Whether `pattern` matches from the beginning of `path`: `*` is any text, `$` at the end is the path's end.
///
/// Each piece between stars is taken where it first appears; if anything matches, that does.
fn matches(path: &str, pattern: &str) -> bool {
    let (pattern, to_the_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let (first, rest) = pattern
        .split_once('*')
        .map_or((pattern, None), |(first, rest)| (first, Some(rest)));
    let Some(mut left) = path.strip_prefix(first) else {
        return false;
    };
    let Some(rest) = rest else {
        return !to_the_end || left.is_empty();
    };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = if to_the_end { pieces.pop() } else { None };
    for piece in pieces {
        let Some(at) = left.find(piece) else {
            return false;
        };
        left = left.get(at + piece.len()..).unwrap_or_default();
    }
    last.is_none_or(|last| left.ends_with(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(robots: &str, path: &str) -> bool {
        let url = Url::parse("https://ada.example.org/").and_then(|url| url.join(path));
        allows(robots.as_bytes(), &url.expect("a URL"))
    }

    #[test]
    fn robots_are_obeyed() {
        for (robots, path, expected) in [
            ("", "/", true),
            ("User-agent: *\nDisallow:\n", "/", true),
            ("User-agent: *\nDisallow: /\n", "/", false),
            ("\u{FEFF}User-agent: *\nDisallow: /\n", "/", false),
            (
                "user-agent: *\r\ndisallow: /private\r\n",
                "/private/me",
                false,
            ),
            ("user-agent: *\r\ndisallow: /private\r\n", "/public", true),
            ("User-agent: plaudit\nDisallow: /\n", "/", false),
            ("User-agent: Plaudit\nDisallow: /\n", "/", false),
            ("User-agent: other\nDisallow: /\n", "/", true),
            (
                "User-agent: plaudit\nAllow: /\nUser-agent: *\nDisallow: /\n",
                "/",
                true,
            ),
            ("User-agent: *\nDisallow: /\nAllow: /me\n", "/me", true),
            ("User-agent: *\nDisallow: /*.html$\n", "/me.html", false),
            ("User-agent: *\nDisallow: /*.html$\n", "/me.html?x", true),
            ("User-agent: *\nDisallow: /*/b/*/d\n", "/a/b/c/d", false),
            ("User-agent: *\nDisallow: /*?print\n", "/?print=1", false),
            ("User-agent: *\nDisallow: /caf\u{e9}\n", "/caf%C3%A9", false),
            ("<!doctype html><html><body>", "/", true),
        ] {
            assert_eq!(allowed(robots, path), expected, "{robots:?} {path}");
        }
    }

    #[test]
    fn patterns_match_as_the_standard_says() {
        for (path, pattern, expected) in [
            ("/", "/", true),
            ("/abc", "/", true),
            ("/", "/abc", false),
            ("/abab", "/*ab$", true),
            ("/aba", "/*ab$", false),
            ("/ab", "/ab*b$", false),
            ("/abb", "/ab*b$", true),
            ("/a", "/a$", true),
            ("/ab", "/a$", false),
            ("/a", "*", true),
            ("/a", "**$", true),
            ("/a", "", true),
            ("/a", "$", false),
            ("/a$b", "/a$b", true),
        ] {
            assert_eq!(matches(path, pattern), expected, "{path} {pattern}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_file_panics(robots in "(User-agent: \\*\n)?([Dd]isallow: )?[a-z/*$#: %é\u{FEFF}\r\n\u{0}-]{0,300}") {
            allowed(&robots, "/a/b?c");
        }

        #[test]
        fn a_pattern_made_of_the_path_s_pieces_matches(
            path in "/[ab/]{0,20}",
            cuts in proptest::collection::vec((0_usize..21, 0_usize..21), 0..4),
        ) {
            // Stars in place of pieces of what is there, again and again; a star may swallow stars.
            let mut pattern = path.clone();
            for (from, to) in cuts {
                let (from, to) = (from.min(to).max(1), from.max(to));
                if from < to && to <= pattern.len() {
                    pattern.replace_range(from..to, "*");
                }
            }
            proptest::prop_assert!(matches(&path, &pattern), "{} {}", path, pattern);
            let to_the_end = format!("{pattern}$");
            proptest::prop_assert!(matches(&path, &to_the_end), "{} {}", path, to_the_end);
        }
    }

    #[test]
    fn hostile_rules_neither_panic_nor_take_long() {
        let path = format!("/{}", "a".repeat(2_000));
        let stars = format!("User-agent: *\nDisallow: /{}b\n", "*a".repeat(100_000));
        assert!(allowed(&stars, &path));
        let wide = format!(
            "User-agent: *\nDisallow: /{}\nDisallow: /\n",
            "é".repeat(100_000)
        );
        assert!(!allowed(&wide, "/"), "the line after an endless one counts");
        let broken = b"User-agent: *\nDisallow: /\xff\xfe\x00\nDisallow: /me";
        let url = Url::parse("https://ada.example.org/me").expect("a URL");
        assert!(!allows(broken, &url));
    }
}
