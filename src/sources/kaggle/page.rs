//! The profile page, where the configuration allows it.
//!
//! Kaggle's terms of use prohibit reading its pages by program, so nobody is asked here unless a person has
//! switched it on (`kaggle.page`), which is for whoever calls to check.
//!
//! Two generations: pages of 2018–2022 carry the profile's JSON in the script after the component's place; those
//! of today are a shell whose `og:` tags tell that the person is there and nothing else that has a place in the
//! facts (the tier in the title names no category).

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use html5ever::tokenizer::{
    CharacterTokens, EndTag, StartTag, Tag, TagToken, Token, TokenSink, TokenSinkResult,
};
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use scraper::{Html, Selector};
use url::Url;

use super::profile::Wire;
use super::{Connection, LiveProfile};
use crate::domain::link::Handle;
use crate::http::{Dialect, Outgoing, Resource, Spent};
use crate::sources::html::{self, LONGEST_TAG, attribute};
use crate::sources::{SourceError, place_of};

/// The longest page that is parsed. Bytes. A profile of 2022 with all its highlights has some 100 KB.
const LONGEST: usize = 4 << 20;

/// What opens the state of a component.
const STATE: &str = "Kaggle.State.push(";

/// Why a page is no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum NoProfile {
    /// It does not say that it is a profile: another page, or another generation.
    #[error("the page does not say that it is a profile")]
    OtherPage,
    /// It has the place for a profile, and what is there cannot be read.
    #[error("the state of the page cannot be read: {0}")]
    State(String),
    /// It is too long to be one.
    #[error("the page is longer than {LONGEST} bytes")]
    TooLong,
    /// A tag without end.
    #[error("a tag on the page is longer than {LONGEST_TAG} bytes")]
    EndlessTag,
}

/// Asks for one person's page. `None`: there is no such person.
pub(super) async fn ask(
    connection: &Connection,
    handle: &Handle,
) -> (Result<Option<LiveProfile>, SourceError>, Spent) {
    let mut url = connection.url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push(handle.as_str());
    }
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("text/html"));
    let request = Outgoing {
        method: reqwest::Method::GET,
        url,
        headers,
        body: bytes::Bytes::new(),
        dialect: Dialect::Kaggle,
        resource: Resource::Kaggle,
        expected_cost: 1,
        can_split: false,
    };
    let (answer, spent) = connection.send(request).await;
    let profile = match answer {
        Ok(answer) if matches!(answer.status, 404 | 410) => Ok(None),
        Ok(answer) => read(&answer.body).map(Some).map_err(|error| {
            SourceError::Failed(format!("Kaggle's page gives no profile: {error}"))
        }),
        Err(error) => Err(error.into()),
    };
    (profile, spent)
}

/// The profile that a page shows.
fn read(body: &[u8]) -> Result<LiveProfile, NoProfile> {
    if body.len() > LONGEST {
        return Err(NoProfile::TooLong);
    }
    let text = String::from_utf8_lossy(body);
    let tokenized = html::tokenize(&text, Outline::default(), |outline| outline.tokens.get());
    let outline = tokenized.map_err(|_| NoProfile::EndlessTag)?;
    let page = Html::parse_document(&outline.text.take());
    if meta(&page, "og:type").as_deref() != Some("profile") {
        return Err(NoProfile::OtherPage);
    }
    match state(&page) {
        Some(state) => from_state(&state),
        None => from_shell(&page),
    }
}

/// What is looked at of a page, one behind the other: its `meta` tags, its scripts, and the places of its components. A
/// tree of a page that nests its tags may grow with the square of its length, and a tree of this cannot.
#[derive(Default)]
struct Outline {
    text: RefCell<String>,
    is_in_script: Cell<bool>,
    /// Tokens so far. Count.
    tokens: Cell<usize>,
}

impl TokenSink for Outline {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        if !matches!(token, Token::ParseError(_)) {
            self.tokens.set(self.tokens.get() + 1);
        }
        match token {
            TagToken(tag) if tag.kind == StartTag => return self.begin(&tag),
            TagToken(tag)
                if tag.kind == EndTag
                    && &*tag.name == "script"
                    && self.is_in_script.replace(false) =>
            {
                self.text.borrow_mut().push_str("</script>");
            }
            // A script's text is what it is, and ends where the tokenizer said.
            CharacterTokens(text) if self.is_in_script.get() => {
                self.text.borrow_mut().push_str(&text);
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Outline {
    fn begin(&self, tag: &Tag) -> TokenSinkResult<()> {
        let mut text = self.text.borrow_mut();
        match &*tag.name {
            "meta" => {
                if let (Some(property), Some(content)) =
                    (attribute(tag, "property"), attribute(tag, "content"))
                {
                    text.push_str("<meta property=\"");
                    text.push_str(&escaped(&property));
                    text.push_str("\" content=\"");
                    text.push_str(&escaped(&content));
                    text.push_str("\">");
                }
            }
            "script" if !tag.self_closing => {
                text.push_str("<script>");
                self.is_in_script.set(true);
            }
            _ => {
                if let Some(component) = attribute(tag, "data-component-name") {
                    text.push_str("<div data-component-name=\"");
                    text.push_str(&escaped(&component));
                    text.push_str("\"></div>");
                }
            }
        }
        html::after(tag)
    }
}

/// A text as an attribute holds it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;")
}

/// The script after the place of the profile's component, if there is one.
fn state(page: &Html) -> Option<String> {
    let places =
        Selector::parse(r#"[data-component-name="ProfileContainerReact"], script"#).ok()?;
    page.select(&places)
        .skip_while(|element| element.value().name() == "script")
        .filter(|element| element.value().name() == "script")
        .map(|script| script.text().collect::<String>())
        .find(|script| script.contains(STATE))
}

/// The profile in the first state that a script pushes. Where its JSON ends is for the JSON to say: strings in
/// it may hold what looks like the end of the script's statement.
fn from_state(script: &str) -> Result<LiveProfile, NoProfile> {
    let start = script
        .find(STATE)
        .map_or(script.len(), |at| at + STATE.len());
    let json = script.get(start..).unwrap_or_default();
    match serde_json::Deserializer::from_str(json)
        .into_iter::<Wire>()
        .next()
    {
        Some(Ok(wire)) => wire
            .into_profile()
            .map_err(|error| NoProfile::State(error.to_string())),
        Some(Err(error)) => Err(NoProfile::State(place_of(&error))),
        None => Err(NoProfile::State("it is empty".to_owned())),
    }
}

/// What the tags of a shell tell: that the person is there, and under which name.
fn from_shell(page: &Html) -> Result<LiveProfile, NoProfile> {
    let from_url = || {
        let url = Url::parse(&meta(page, "og:url")?).ok()?;
        Some(url.path_segments()?.next()?.to_owned())
    };
    let name = meta(page, "og:username").or_else(from_url);
    let name = name.and_then(|name| Handle::kaggle(name.trim()).ok());
    let name = name.ok_or(NoProfile::OtherPage)?;
    Ok(LiveProfile {
        user_id: None,
        user_name: name.into(),
        github: None,
        totals: BTreeMap::new(),
        opted_out: None,
        hidden: Vec::new(),
    })
}

/// The content of a page's `meta` tag.
fn meta(page: &Html, property: &str) -> Option<String> {
    let metas = Selector::parse("meta[property][content]").ok()?;
    page.select(&metas)
        .find(|meta| meta.attr("property") == Some(property))
        .and_then(|meta| meta.attr("content"))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use crate::domain::facts::{Category, MedalCount, Tier};

    use super::*;

    const OLD: &str = include_str!("../../../tests/fixtures/kaggle/profile-page-2018-2022.html");
    const NEW: &str = include_str!("../../../tests/fixtures/kaggle/profile-page-2024.html");

    #[test]
    fn a_page_of_2018_to_2022_tells_all() {
        let profile = read(OLD.as_bytes()).expect("a profile");
        assert_eq!(profile.user_id, Some(10_000_003));
        assert_eq!(profile.user_name, "third-sample");
        assert_eq!(profile.github.as_deref(), Some("third-sample"));
        let medals = |category| {
            let totals = &profile.totals[&category];
            let MedalCount {
                gold,
                silver,
                bronze,
            } = totals.medals.expect("known");
            (totals.tier, [gold, silver, bronze])
        };
        let competitions = (Some(Tier::Grandmaster), [14, 12, 8]);
        assert_eq!(medals(Category::Competitions), competitions);
        // Zeros are written out on this generation's pages, so they are known.
        assert_eq!(
            medals(Category::Notebooks),
            (Some(Tier::Contributor), [0, 0, 0])
        );
        assert_eq!(
            medals(Category::Discussion),
            (Some(Tier::Contributor), [1, 1, 20])
        );
        assert!(!profile.totals.contains_key(&Category::Datasets));
        let rank = profile.totals[&Category::Competitions].rank;
        assert_eq!(
            (rank.current, rank.highest, rank.out_of),
            (Some(38), Some(2), Some(46_863))
        );
        assert_eq!(profile.opted_out, None);
    }

    #[test]
    fn the_shell_of_today_tells_that_the_person_is_there() {
        let profile = read(NEW.as_bytes()).expect("a profile");
        assert_eq!(profile.user_name, "third-sample");
        assert_eq!((profile.user_id, profile.totals.len()), (None, 0));
        let without_name = NEW.replace("og:username", "og:other");
        assert_eq!(
            read(without_name.as_bytes()).expect("a profile").user_name,
            "third-sample"
        );
    }

    #[test]
    fn text_that_looks_like_the_end_of_the_script_ends_nothing() {
        let hostile = OLD.replace(
            r#""bio": """#,
            r#""bio": "x\"});Kaggle.State.push({\"userId\": 1})""#,
        );
        assert_ne!(hostile, OLD);
        assert_eq!(read(hostile.as_bytes()), read(OLD.as_bytes()));
    }

    #[test]
    fn a_state_of_another_component_before_is_passed_over() {
        let other = "<body><script>Kaggle.State.push({\"userName\": \"somebody-else\"});</script>";
        let page = OLD.replace("<body>", other);
        assert_ne!(page, OLD);
        assert_eq!(read(page.as_bytes()), read(OLD.as_bytes()));
    }

    #[test]
    fn a_page_of_nested_tags_is_read_in_linear_time() {
        let begin = "<meta property=\"og:type\" content=\"profile\">";
        let mut nested = String::new();
        for number in 0..100_000 {
            let _ = write!(nested, "<b a{number}>");
        }
        let page = format!("{begin}{nested}{}", "<p>x".repeat(200_000));
        assert_eq!(read(page.as_bytes()), Err(NoProfile::OtherPage));
        let endless = format!("{begin}<a {}", "x=1 ".repeat(LONGEST_TAG));
        assert_eq!(read(endless.as_bytes()), Err(NoProfile::EndlessTag));
    }

    #[test]
    fn what_is_no_profile_is_neither_a_person_nor_nobody() {
        let article = NEW.replace("content=\"profile\"", "content=\"article\"");
        let reserved = NEW.replace("third-sample", "competitions");
        let cut = OLD.split("\"rankHighest\"").next().unwrap_or_default();
        for (page, expected) in [
            ("", NoProfile::OtherPage),
            ("<h1>Checking your browser</h1>", NoProfile::OtherPage),
            (&article, NoProfile::OtherPage),
            (&reserved, NoProfile::OtherPage),
            (cut, NoProfile::State("cut off".to_owned())),
            (&"x".repeat(LONGEST + 1), NoProfile::TooLong),
        ] {
            match (read(page.as_bytes()), expected) {
                (Err(NoProfile::State(why)), NoProfile::State(expected)) => {
                    assert!(why.starts_with(&expected), "{why}");
                }
                (read, expected) => assert_eq!(read, Err(expected)),
            }
        }
    }
}
