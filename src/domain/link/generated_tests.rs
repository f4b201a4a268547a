//! Properties of parsing over generated texts.

use proptest::{
    prelude::*,
    sample::{Index, select},
};

use super::*;

#[rustfmt::skip]
const BEFORE: &[&str] = &[
    "", "", "", "", " ", "<", "(", "[", "\"", "'", "- ", "[x](", "GitHub: ", "kaggle:", "mailto:",
    "@", "=HYPERLINK(\"", "<a href=\"", "\u{feff}", "\u{202e}", "![a](b)](", "“", "orcid:", "**",
];

#[rustfmt::skip]
const SCHEMES: &[&str] = &[
    "https://", "https://", "https://", "", "", "http://", "HTTPS://", "//", "https:/", "https//",
    "https:", "https://https://", "git@", "ssh://git@", "git+https://", "ftp://", "javascript:",
    "https%3A%2F%2F", "http://user:secret@", "https:\\\\",
];

#[rustfmt::skip]
const HOSTS: &[&str] = &[
    "github.com", "github.com", "github.com", "www.github.com", "GitHub.com", "m.github.com",
    "github.com.", "gist.github.com", "raw.githubusercontent.com", "api.github.com",
    "codeload.github.com", "docs.github.com", "octocat.github.io", "ghe.example.com",
    "code.example.org:8443", "github.com:443", "github.com:8080", "kaggle.com", "www.kaggle.com",
    "m.kaggle.com", "orcid.org", "www.orcid.org", "ada.example.org", "müller.example", "gıthub.com",
    "ｇithub.com", "github.com.evil.example", "githud.com", "xn--gthub-n4a.com", "xn--",
    "xn--mller-kva.example", "github.com@evil.example", "linkedin.com", "bit.ly", "localhost",
    "127.0.0.1", "[::1]", "0x7f.1", "git%68ub.com", "", ".", "..", "-", "a..b", "www.google.com",
    "eur01.safelinks.protection.outlook.com", "a.b.c.d.e.f", "x_y.example.org", "orcid.org",
    "orcid.org", "kaggle.com",
];

#[rustfmt::skip]
const PATHS: &[&str] = &[
    "/", "//", "/octocat", "/Octo-Cat", "/octo--cat-", "/ada_acme", "/octocat/repo",
    "/octocat/repo.git", ":octocat/repo.git", "/octocat.keys", "/settings", "/orgs/acme", "/apps/x",
    "/users/1/ada", "/sponsors/ada", "/users/octocat", "/repos/a/b", "/c/titanic", "/code/ada/x",
    "/datasets/ada", "/..", "/.", "/%2e%2e", "/%6f", "/%", "/%zz", "/%00", "/%0a", "/%20", "/%2F",
    "/\u{202e}x", "/a b", "/日本語", "/x[bot]", "/(a)", "/{a", "/a}", "/a)", "/a]", "/a'", "/a;",
    "/a...", "/a,", "/](", "/a>", "/\"", "/|", "/^", "/`", "/http://b.example",
    "/0000-0002-1825-0097", "/my-orcid?orcid=0000-0002-1825-0097",
    "/url?q=https://github.com/octocat", "/?url=https%3A%2F%2Fgithub.com%2Foctocat",
    "/6cad326836d38bd3a7ae", "octocat", "0000-0002-1825-0097", "/-", "/@octocat", "/~ada",
    "/0000-0002-1825-0097", "/0000-0002-1694-233x", "/0000-0002-1825-0098", "/ada",
];

#[rustfmt::skip]
const AFTER: &[&str] = &[
    "", "", "", "", "/", ".", ",", ")", "]", ">", "\"", "'", ");", ".)", "?tab=repositories", "?",
    "#", "#a)", "?a=(", "?a={b}", "?a=\"", "?a=`", "?a=b'", "?]", "?)", "#?#", "  ", "\u{200b}",
    "…", "!", "**", "\u{0}", "\t", "%", "%29", "/..", "/.", ":", "\">me</a>", "\",\"me\")",
    "?a=b@c", "/%2e", "/%2e%2e", "}",
];

/// Good links, so that enough texts parse in spite of what is put around them.
#[rustfmt::skip]
const GOOD: &[&str] = &[
    "github.com/octocat", "www.github.com/Octo-Cat/repo", "gist.github.com/octocat", "ghe.example.com/ada",
    "kaggle.com/ada", "www.kaggle.com/users/1/ada", "orcid.org/0000-0002-1825-0097", "orcid.org/0000-0002-1694-233x",
    "ada.example.org", "ada.github.io/x_(y)", "ada.example.org/x?a={b}&c=[d]", "müller.example/日本",
];

fn pick(pool: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(pool).prop_map(str::to_owned)
}

/// A text that is put together from pieces of links, mostly in their usual order, with some junk.
fn text() -> impl Strategy<Value = String> {
    let junk = prop_oneof![
        6 => Just(String::new()),
        1 => "[ -~]{0,12}",
        1 => "\\PC{0,6}",
    ];
    prop_oneof![
        8 => (pick(BEFORE), pick(SCHEMES), pick(HOSTS), pick(PATHS), pick(PATHS), pick(AFTER), junk, any::<Index>(), any::<bool>())
            .prop_map(|(before, scheme, host, path, more, after, junk, at, one)| {
                let more = if one { String::new() } else { more };
                let mut text = format!("{before}{scheme}{host}{path}{more}{after}");
                let places: Vec<usize> = text.char_indices().map(|(place, _)| place).chain([text.len()]).collect();
                text.insert_str(*at.get(&places), &junk);
                text
            }),
        4 => (pick(BEFORE), select(&["https://", "http://", "", "HTTPS://"][..]), pick(GOOD), pick(AFTER), pick(AFTER))
            .prop_map(|(before, scheme, good, after, more)| format!("{before}{scheme}{good}{after}{more}")),
        1 => "[a-zA-Z0-9_@./:?#%()\\[\\]<> -]{0,40}",
        1 => any::<String>(),
    ]
}

fn columns() -> impl Strategy<Value = Column> {
    select(vec![
        Column::GitHub,
        Column::Kaggle,
        Column::Orcid,
        Column::HomePage,
        Column::Links,
        Column::CommandLine,
    ])
}

fn own_column(link: &Link) -> Column {
    match link {
        Link::GitHub { .. } => Column::GitHub,
        Link::Kaggle { .. } => Column::Kaggle,
        Link::Orcid { .. } => Column::Orcid,
        Link::HomePage { .. } => Column::HomePage,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    #[test]
    fn parsing_never_panics_and_what_parses_prints_back_to_the_same_link(text in text(), column in columns()) {
        let hosts = GitHubHosts::new(vec![
            GitHubHost::default(),
            "ghe.example.com".parse().unwrap(),
            "code.example.org:8443".parse().unwrap(),
        ]);
        match parse(&text, column, &hosts) {
            Ok(parsed) => {
                let printed = parsed.link.to_string();
                for again in [own_column(&parsed.link), Column::Links, Column::CommandLine] {
                    let second = parse(&printed, again, &hosts);
                    prop_assert!(second.is_ok(), "{text:?} → {printed:?} is refused: {second:?}");
                    let second = second.unwrap();
                    prop_assert_eq!(&second.link, &parsed.link);
                    prop_assert_eq!(second.link.to_string(), printed.clone());
                    prop_assert_eq!(second.notice, None);
                    prop_assert_eq!(second.reading, Reading::Named);
                }
                let stored = serde_json::to_string(&parsed.link).unwrap();
                prop_assert_eq!(serde_json::from_str::<Link>(&stored).unwrap(), parsed.link);
            }
            Err(error) => {
                let message = error.to_string();
                prop_assert!(!message.contains("secret"), "{message}");
                prop_assert!(!message.chars().any(char::is_control), "{message:?}");
                prop_assert!(message.chars().count() < 600, "{message}");
            }
        }
    }
}

#[test]
fn the_generator_makes_enough_texts_that_parse() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};

    let mut runner = TestRunner::deterministic();
    let strategy = (text(), columns());
    let mut sources = std::collections::BTreeMap::new();
    for _ in 0..5_000 {
        let (text, column) = strategy.new_tree(&mut runner).unwrap().current();
        if let Ok(parsed) = parse(&text, column, &GitHubHosts::default()) {
            *sources.entry(parsed.link.source()).or_insert(0) += 1;
        }
    }
    for source in ["github", "kaggle", "orcid", "page"] {
        assert!(
            sources.get(source).is_some_and(|&seen| seen >= 50),
            "{sources:?}"
        );
    }
}
