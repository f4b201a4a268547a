//! The official live endpoint: one person's tiers and medal totals of this moment.
//!
//! It speaks the Model Context Protocol: JSON-RPC by POST, the answer as server-sent events, and in it the profile
//! as a text that is JSON again. What goes wrong there comes as HTTP 200.
//!
//! **Who is absent.** How an unknown name is answered was not seen. Only a text that says that something was "not
//! found", and does not speak of the tool or the method, makes a person absent; any other error is a failure that
//! may pass, since a medal winner who is taken for nobody is the worse mistake.

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::events::messages;
use super::{Connection, LiveProfile, profile};
use crate::domain::link::Handle;
use crate::domain::text::tame;
use crate::http::{Dialect, Outgoing, Resource, Spent};
use crate::sources::{SourceError, place_of};

/// Our number for the one question in a request.
const ID: u64 = 1;

/// What an answer of the endpoint means.
#[derive(Debug, PartialEq)]
pub(super) enum Reply {
    /// A profile. The name in it may be another than was asked for: the account was renamed.
    Profile(Box<LiveProfile>),
    /// There is no such person.
    Nobody,
    /// An error of the tool, in its own words, made harmless.
    Error(String),
    /// Something else, in our words.
    Unusable(String),
}

/// A message of JSON-RPC, as far as it is read.
#[derive(Debug, Deserialize)]
struct Message {
    #[serde(default)]
    id: Option<serde_json::Value>,
    #[serde(default)]
    result: Option<ToolResult>,
    #[serde(default)]
    error: Option<RpcError>,
}

/// What a tool returned.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToolResult {
    #[serde(default)]
    content: Vec<Content>,
    #[serde(default)]
    is_error: Option<bool>,
}

/// A piece of what a tool returned.
#[derive(Debug, Deserialize)]
struct Content {
    #[serde(default)]
    text: Option<String>,
}

/// An error of the protocol itself.
#[derive(Debug, Deserialize)]
struct RpcError {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: String,
}

/// Asks for one person. `None`: there is no such person.
pub(super) async fn ask(
    connection: &Connection,
    handle: &Handle,
) -> (Result<Option<LiveProfile>, SourceError>, Spent) {
    let (answer, spent) = connection.send(question(&connection.url, handle)).await;
    let profile = match answer {
        Ok(answer) if answer.status == 200 => match read(&answer.body, handle) {
            Reply::Profile(profile) => Ok(Some(*profile)),
            Reply::Nobody => Ok(None),
            Reply::Error(why) => Err(SourceError::Again(format!(
                "Kaggle's live endpoint gives no profile: it says {why:?}"
            ))),
            Reply::Unusable(why) => Err(SourceError::Again(format!(
                "Kaggle's live endpoint gives no profile: {why}"
            ))),
        },
        // 404 here is the endpoint's absence, never a person's.
        Ok(answer) => Err(SourceError::Failed(format!(
            "Kaggle's live endpoint is not where it was (HTTP {})",
            answer.status
        ))),
        Err(error) => Err(error.into()),
    };
    (profile, spent)
}

/// The request that asks for one person.
pub(super) fn question(kaggle: &Url, handle: &Handle) -> Outgoing {
    let mut url = kaggle.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push("mcp");
    }
    let body = json!({
        "jsonrpc": "2.0",
        "id": ID,
        "method": "tools/call",
        "params": {
            "name": "get_user_profile",
            "arguments": { "request": { "userName": handle.as_str() } },
        },
    });
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(
        ACCEPT,
        HeaderValue::from_static("application/json, text/event-stream"),
    );
    Outgoing {
        method: reqwest::Method::POST,
        url,
        headers,
        body: Bytes::from(body.to_string()),
        dialect: Dialect::KaggleLive,
        resource: Resource::Kaggle,
        expected_cost: 1,
        can_split: false,
    }
}

/// What a body means.
pub(super) fn read(body: &[u8], asked: &Handle) -> Reply {
    let Ok(text) = std::str::from_utf8(body) else {
        return Reply::Unusable("the answer is no UTF-8".to_owned());
    };
    let mut unreadable = None;
    for message in messages(text) {
        match serde_json::from_str::<Message>(&message) {
            Ok(message) => {
                if let Some(reply) = message.reply(asked) {
                    return reply;
                }
            }
            Err(error) => unreadable = Some(place_of(&error)),
        }
    }
    Reply::Unusable(match unreadable {
        Some(place) => format!("the answer has another shape: {place}"),
        None => "the answer holds no message for us".to_owned(),
    })
}

impl Message {
    /// What it means; `None` for messages that are not the answer, such as notices of progress.
    fn reply(self, asked: &Handle) -> Option<Reply> {
        if let Some(error) = self.error {
            let said = tame(&error.message);
            return Some(Reply::Unusable(format!("error {}: {said}", error.code)));
        }
        let result = self.result?;
        if self.id != Some(ID.into()) {
            return None;
        }
        let text = result.content.into_iter().find_map(|content| content.text);
        let text = text.unwrap_or_default();
        if result.is_error == Some(true) {
            return Some(if says_not_found(&text, asked) {
                Reply::Nobody
            } else {
                Reply::Error(tame(&text))
            });
        }
        Some(match profile::read(&text) {
            Ok(profile) => Reply::Profile(Box::new(profile)),
            Err(error) => Reply::Unusable(error.to_string()),
        })
    }
}

/// Whether an error's text says that the person is not there.
fn says_not_found(text: &str, asked: &Handle) -> bool {
    // Somebody may be called `notfound-guy`, or `toolmaker`.
    let lower = text.to_ascii_lowercase().replace(&asked.folded(), "");
    let not_found = ["not found", "not_found", "notfound"];
    let about_the_endpoint = ["tool", "method", "endpoint", "handler"];
    not_found.iter().any(|words| lower.contains(words))
        && !about_the_endpoint.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use crate::domain::facts::{Category, MedalCount, Tier};

    use super::*;

    fn medals(gold: u32, silver: u32, bronze: u32) -> MedalCount {
        MedalCount {
            gold,
            silver,
            bronze,
        }
    }

    fn somebody() -> Handle {
        Handle::kaggle("somebody").unwrap()
    }

    #[test]
    fn the_name_of_whom_was_asked_for_decides_nothing() {
        for (name, text, absent) in [
            ("somebody", "User somebody not found", true),
            ("toolmaker", "User toolmaker not found", true),
            (
                "notfound-guy",
                "An error occurred while loading notfound-guy: deadline exceeded",
                false,
            ),
            ("notfound-guy", "NotFound-Guy was not found", true),
            ("somebody", "Tool not found: get_user_profile", false),
        ] {
            let handle = Handle::kaggle(name).unwrap();
            assert_eq!(says_not_found(text, &handle), absent, "{text}");
        }
    }

    fn sample(body: &[u8]) -> LiveProfile {
        match read(body, &somebody()) {
            Reply::Profile(profile) => *profile,
            other => panic!("no profile: {other:?}"),
        }
    }

    #[test]
    fn the_contributors_left_out_counts_are_zero() {
        let profile = sample(include_bytes!(
            "../../../tests/fixtures/kaggle/mcp-get_user_profile-contributor.sse"
        ));
        assert_eq!(profile.user_id, Some(10_000_001));
        assert_eq!(profile.user_name, "sample-person");
        assert_eq!(profile.github, None);
        assert_eq!((profile.opted_out, profile.hidden), (Some(false), vec![]));
        let shown = [
            Category::Competitions,
            Category::Datasets,
            Category::Notebooks,
        ];
        assert_eq!(profile.totals.keys().copied().collect::<Vec<_>>(), shown);
        for (category, totals) in profile.totals {
            assert_eq!(totals.medals, Some(medals(0, 0, 0)), "{category:?}");
            assert_eq!(totals.tier, Some(Tier::Contributor), "{category:?}");
            assert_eq!(totals.rank.current, None, "{category:?}");
        }
    }

    #[test]
    fn the_masters_counts_are_read() {
        let profile = sample(include_bytes!(
            "../../../tests/fixtures/kaggle/mcp-get_user_profile-master.sse"
        ));
        assert_eq!(profile.github.as_deref(), Some("second-sample"));
        let competitions = profile.totals[&Category::Competitions];
        assert_eq!(competitions.medals, Some(medals(3, 4, 3)));
        assert_eq!(competitions.tier, Some(Tier::Master));
        let rank = competitions.rank;
        assert_eq!(
            (rank.current, rank.highest, rank.out_of),
            (Some(63), Some(47), Some(200_955))
        );
        let notebooks = profile.totals[&Category::Notebooks];
        assert_eq!(
            (notebooks.medals, notebooks.tier),
            (Some(medals(0, 0, 5)), Some(Tier::Expert))
        );
    }

    #[test]
    fn the_samples_person_opted_out_is_unknown() {
        let text = include_str!("../../../tests/fixtures/kaggle/mcp-get_user_profile-master.sse");
        let word = r"\u0022progression_opt_out\u0022: ";
        let opted_out = text.replace(&format!("{word}false"), &format!("{word}true"));
        assert_ne!(opted_out, text);
        let profile = sample(opted_out.as_bytes());
        assert_eq!(profile.opted_out, Some(true));
        assert!(
            profile
                .totals
                .values()
                .all(|totals| totals.medals.is_none())
        );
    }

    #[test]
    fn an_error_is_a_person_s_absence_only_if_it_says_so() {
        let error = |text: &str| {
            json!({"jsonrpc": "2.0", "id": 1, "result": {"isError": true,
                   "content": [{"type": "text", "text": text}]}})
        };
        let rpc = |message: &str| json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -32_602, "message": message}});
        let unusable = |why: &str| Reply::Unusable(why.to_owned());
        let said = |text: &str| Reply::Error(text.to_owned());
        let generic = "An error occurred invoking 'get_user_profile'.";
        for (body, expected) in [
            (error("User not found"), Reply::Nobody),
            (error("NotFound: no user of this name"), Reply::Nobody),
            (error(r#"{"code":404,"status":"NOT_FOUND"}"#), Reply::Nobody),
            (error(generic), said(generic)),
            (error("Tool not found"), said("Tool not found")),
            (error(""), said("")),
            (
                rpc("User not found"),
                unusable("error -32602: User not found"),
            ),
            (
                json!({"jsonrpc": "2.0", "id": 2, "result": {}}),
                unusable("the answer holds no message for us"),
            ),
            (
                json!({"jsonrpc": "2.0", "id": 1, "result": {}}),
                unusable("the profile has another shape: cut off at line 1, column 0"),
            ),
            (
                json!({"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": "{}"}]}}),
                unusable("the profile names no user"),
            ),
            (json!([]), unusable("the answer holds no message for us")),
        ] {
            assert_eq!(
                read(body.to_string().as_bytes(), &somebody()),
                expected,
                "{body}"
            );
        }
    }

    #[test]
    fn what_is_no_answer_at_all_is_no_absence() {
        for body in [
            &b""[..],
            b"<!doctype html>",
            b"data: {\"jsonrpc\":\"2.0\",\"id\":1,\"resu",
            b"\xff\xfe",
            b"null",
        ] {
            assert!(
                matches!(read(body, &somebody()), Reply::Unusable(_)),
                "{body:?}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_answer_panics(body in "(data: )?[{}\\[\\]\":a-z0-9,\r\n\u{FEFF}-]{0,200}") {
            // Whatever it is, a person's absence it is not.
            proptest::prop_assert_ne!(read(body.as_bytes(), &somebody()), Reply::Nobody);
        }
    }

    #[test]
    fn notices_on_the_way_are_passed_over() {
        let answer = json!({"jsonrpc": "2.0", "id": 1, "result": {"content": [
            {"type": "text", "text": "{\"user_name\": \"ada-example\"}"}]}});
        let body = format!(
            "data: {{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{{}}}}\n\ndata: {answer}\n\n"
        );
        assert_eq!(sample(body.as_bytes()).user_name, "ada-example");
    }

    #[test]
    fn the_question_is_what_was_read_about() {
        let url = "https://www.kaggle.com".parse().expect("a URL");
        let handle = Handle::kaggle("ada-example").expect("a name");
        let question = question(&url, &handle);
        assert_eq!(question.url.as_str(), "https://www.kaggle.com/mcp");
        let body: serde_json::Value = serde_json::from_slice(&question.body).expect("JSON");
        assert_eq!(
            body["params"],
            json!({"name": "get_user_profile", "arguments": {"request": {"userName": "ada-example"}}})
        );
    }
}
