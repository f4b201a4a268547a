//! Finding a person in what other rooms keep: reports on lists, kept answers, messages, summaries.
//!
//! The store does not know what those records mean. It goes by what the person is known by, and rather takes a row of a
//! report too many than leave one.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    domain::{applicant::Applicant, link::Link, text::stands_in},
    store::Shelf,
};

/// What people may be found by.
#[derive(Debug, Default)]
pub(in crate::store) struct Traces {
    ids: BTreeSet<String>,
    /// In lower case.
    words: BTreeSet<String>,
}

/// What is to become of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Found {
    /// They are not in it.
    Nothing,
    /// They were, and were taken out.
    Taken,
    /// It is about them: it goes as a whole.
    Whole,
}

impl Traces {
    /// Adds what one person may be found by.
    pub(in crate::store) fn add(&mut self, applicant: &Applicant) {
        self.ids.insert(applicant.id.to_string());
        let mut word = |text: &str| {
            let text = text.trim().to_lowercase();
            // Shorter ones stand in any text.
            if text.chars().count() > 2 {
                self.words.insert(text);
            }
        };
        for text in [&applicant.name, &applicant.email].into_iter().flatten() {
            word(text);
        }
        for link in &applicant.links {
            word(&link.to_string());
            match link {
                Link::GitHub { handle, .. } | Link::Kaggle { handle } => word(handle.as_str()),
                Link::Orcid { id } => word(&id.to_string()),
                Link::HomePage { .. } => {}
            }
        }
    }

    /// Takes them out of a record.
    pub(in crate::store) fn take_from(&self, on: Shelf, record: &mut Value) -> Found {
        match on {
            Shelf::Deliveries | Shelf::DeadLetters | Shelf::Answers => {
                if self.are_in(record) {
                    Found::Whole
                } else {
                    Found::Nothing
                }
            }
            Shelf::Imports | Shelf::Refreshes => {
                if self.take_out(record) {
                    Found::Taken
                } else {
                    Found::Nothing
                }
            }
            // Secrets of users', whom to call, and what is kept instead of a person.
            Shelf::Tokens | Shelf::Sessions | Shelf::Endpoints | Shelf::Tombstones => {
                Found::Nothing
            }
        }
    }

    /// Takes out of all lists what tells of them; whether there was anything.
    fn take_out(&self, value: &mut Value) -> bool {
        match value {
            Value::Array(list) => {
                let mut taken = false;
                for one in list.iter_mut() {
                    taken |= self.take_out(one);
                }
                let before = list.len();
                list.retain(|one| !self.are_in(one));
                taken || list.len() < before
            }
            Value::Object(fields) => {
                let mut taken = false;
                for one in fields.values_mut() {
                    taken |= self.take_out(one);
                }
                taken
            }
            _ => false,
        }
    }

    fn are_in(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.are_in_text(text),
            Value::Array(list) => list.iter().any(|one| self.are_in(one)),
            Value::Object(fields) => fields
                .iter()
                .any(|(name, one)| self.ids.contains(name) || self.are_in(one)),
            _ => false,
        }
    }

    fn are_in_text(&self, text: &str) -> bool {
        if self.ids.contains(text) {
            return true;
        }
        // A body that is kept as text.
        if text.starts_with(['{', '['])
            && let Ok(inner) = serde_json::from_str::<Value>(text)
        {
            return self.are_in(&inner);
        }
        let path = text.split(['?', '#']).next().unwrap_or_default();
        if text.starts_with('/') && path.split('/').any(|part| self.ids.contains(part)) {
            return true;
        }
        let folded = text.to_lowercase();
        self.words.iter().any(|word| stands_in(word, &folded))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn traces() -> Traces {
        let applicant = json!({
            "id": "7",
            "name": "Ada Example",
            "email": "ada@example.org",
            "links": [{"source": "github", "host": "github.com", "handle": "made-up-ada"}],
            "role": "phd",
        });
        let mut traces = Traces::default();
        traces.add(&serde_json::from_value(applicant).unwrap());
        traces
    }

    #[test]
    fn a_report_loses_the_rows_of_a_person_and_keeps_the_others() {
        let mut report = json!({
            "counts": {"rows": 5},
            "rows": [
                {"line": 2, "applicant": "7", "outcome": "queued"},
                {"line": 7, "applicant": "77", "outcome": "queued"},
                {"line": 8, "outcome": "refused", "reason": "Made-Up-Ada stands in two rows"},
                {"line": 9, "outcome": "refused", "reason": "made-up-adalbert is no link"},
                {"line": 10, "outcome": "queued", "applicant": "b", "notices": ["like ada@example.org"]},
            ],
            "notices": ["Ada Example stands there twice", "7 columns"],
        });
        assert_eq!(
            traces().take_from(Shelf::Imports, &mut report),
            Found::Taken
        );
        assert_eq!(
            report,
            json!({
                "counts": {"rows": 5},
                "rows": [
                    {"line": 7, "applicant": "77", "outcome": "queued"},
                    {"line": 9, "outcome": "refused", "reason": "made-up-adalbert is no link"},
                    {"line": 10, "outcome": "queued", "applicant": "b", "notices": []},
                ],
                "notices": ["7 columns"],
            })
        );
        assert_eq!(
            traces().take_from(Shelf::Imports, &mut report),
            Found::Nothing
        );
    }

    #[test]
    fn a_kept_answer_about_a_person_goes_as_a_whole() {
        for (body, found) in [
            (r#"{"id":"7","job":"/api/v1/jobs/7"}"#, Found::Whole),
            (r#"{"location":"/api/v1/jobs/7?x=1"}"#, Found::Whole),
            (r#"{"id":"8","name":"ada example"}"#, Found::Whole),
            (r#"{"id":"17","count":7,"text":"7 of 8"}"#, Found::Nothing),
        ] {
            let mut answer = json!({"status": 202, "body": body});
            let taken = traces().take_from(Shelf::Answers, &mut answer);
            assert_eq!(taken, found, "{body}");
        }
    }
}
