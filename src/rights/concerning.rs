//! What of a record concerns one person, and nobody else: pure.
//!
//! Reports of lists, kept answers and summaries hold many people. A copy for one of them must hold nothing of the
//! others, so whatever is not plainly about the one is left out.

use serde_json::{Map, Value};

use crate::domain::applicant::{Applicant, ApplicantId};
use crate::domain::text::stands_in;

/// A person, by all that a record may call them.
#[derive(Debug, Clone)]
pub(super) struct Whom {
    id: String,
    /// Links and e-mail address, in lower case. An id is another one in another case.
    called: Vec<String>,
}

impl Whom {
    pub(super) fn new(applicant: &Applicant) -> Self {
        let links = applicant.links.iter().map(ToString::to_string);
        let known = links.chain(applicant.email.clone());
        Self {
            id: applicant.id.to_string(),
            called: known.map(|one| one.to_lowercase()).collect(),
        }
    }

    /// Whether a text speaks of the person. A word that may be an id is one: `a-1` is not about `a-10`.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let folded = text.to_lowercase();
        if text.parse::<ApplicantId>().is_ok() {
            return text == self.id || self.called.contains(&folded);
        }
        stands_in(&self.id, text) || self.called.iter().any(|known| stands_in(known, &folded))
    }

    /// The parts of a value that concern the person; `None`: there are none.
    pub(super) fn parts_of(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => None,
            Value::String(text) => self.is_in(text).then(|| value.clone()),
            Value::Array(list) => {
                let kept: Vec<Value> = list.iter().filter_map(|one| self.parts_of(one)).collect();
                (!kept.is_empty()).then(|| kept.into())
            }
            Value::Object(object) => self.parts_of_object(object),
        }
    }

    fn parts_of_object(&self, object: &Map<String, Value>) -> Option<Value> {
        let named = |key: &str| object.get(key).and_then(Value::as_str);
        // A row about somebody: whole, or not at all.
        if let Some(whose) = named("applicant") {
            return (whose == self.id).then(|| object.clone().into());
        }
        if named("id") == Some(&self.id) {
            return Some(object.clone().into());
        }
        let concerns = object
            .iter()
            .any(|(key, value)| *key == self.id || self.parts_of(value).is_some());
        concerns.then(|| {
            let kept = object.iter().filter_map(|(key, value)| {
                let part = match value {
                    _ if *key == self.id => Some(value.clone()),
                    Value::Array(_) | Value::Object(_) => self.parts_of(value),
                    // How the record as a whole stands.
                    other => Some(other.clone()),
                };
                part.map(|part| (key.clone(), part))
            });
            kept.collect::<Map<_, _>>().into()
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ada() -> Whom {
        let applicant = serde_json::from_value(json!({
            "id": "a-1",
            "name": "Ada Example",
            "email": "Ada@example.org",
            "links": [{"source": "github", "host": "github.com", "handle": "made-up-ada"}],
            "role": "phd",
        }));
        Whom::new(&applicant.unwrap())
    }

    #[test]
    fn a_text_is_about_somebody_when_it_names_them_and_no_longer_name() {
        for (text, expected) in [
            ("a-1", true),
            ("a-10", false),
            ("A-1", false),
            ("the id A-1 stays", false),
            ("a-1.b", false),
            ("the id a-1 stays, not x", true),
            ("rows 3 and 5; the id a-1.", true),
            ("rows a-10 and a-11", false),
            ("https://github.com/made-up-ada", true),
            ("https://github.com/Made-Up-Ada/repo was left out", true),
            ("https://github.com/made-up-adam", false),
            ("/api/v1/jobs/a-1", true),
            ("mail to ada@example.org", true),
            ("", false),
        ] {
            assert_eq!(ada().is_in(text), expected, "{text:?}");
        }
    }

    #[test]
    fn of_many_peoples_record_only_ones_own_rows_are_kept() {
        let record = json!({
            "state": "accepted",
            "rows": [
                {"line": 2, "applicant": "a-1", "outcome": "queued", "notices": ["misread"]},
                {"line": 3, "applicant": "a-10", "outcome": "queued", "notices": ["like a-1 above"]},
                {"line": 4, "outcome": "refused", "reason": "another account than https://github.com/made-up-ada"},
            ],
            "ids": ["a-1", "a-10"],
            "notices": ["somebody else's"],
            "counts": {"rows": 3},
        });
        let kept = ada().parts_of(&record).unwrap();
        assert_eq!(
            kept,
            json!({
                "state": "accepted",
                "rows": [
                    {"line": 2, "applicant": "a-1", "outcome": "queued", "notices": ["misread"]},
                    {"line": 4, "outcome": "refused", "reason": "another account than https://github.com/made-up-ada"},
                ],
                "ids": ["a-1"],
            })
        );
        let others = json!({"changed": [{"id": "a-10", "what": ["x"]}], "failed": []});
        assert_eq!(ada().parts_of(&others), None);
        let summary =
            json!({"changed": [{"id": "a-10"}, {"id": "a-1", "low": [1.0, 2.0]}], "points": 3.0});
        assert_eq!(
            ada().parts_of(&summary).unwrap(),
            json!({"changed": [{"id": "a-1", "low": [1.0, 2.0]}], "points": 3.0})
        );
    }
}
