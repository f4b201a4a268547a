//! Finding a person in what other rooms keep: reports on lists, kept answers, messages, summaries.
//!
//! The store does not know what those records mean. It goes by what the person is known by, and rather takes a row of a
//! report too many than leave one. But what somebody who stays is known by as well is nobody's trace, a name or a handle
//! is looked for in sentences alone, and never in plaudit's own words: people choose how they are called.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    domain::{
        applicant::Applicant,
        erasure::{identifiers, of_email, of_link},
        link::Link,
        text::stands_in,
    },
    store::Shelf,
};

/// Fields whose words are plaudit's, in whatever record.
const OUR_WORDS: [&str; 9] = [
    "outcome", "type", "event", "state", "status", "kind", "role", "source", "format",
];

/// What people may be found by.
#[derive(Debug, Default)]
pub(in crate::store) struct Traces {
    ids: BTreeSet<String>,
    /// Links and addresses, in lower case: nobody else's, wherever they stand.
    addresses: BTreeSet<String>,
    /// Names and handles, in lower case: words that a sentence may hold for another reason.
    names: BTreeSet<String>,
}

/// What somebody is known by to a reader: links, address and name.
pub(in crate::store) fn known_by(applicant: &Applicant) -> impl Iterator<Item = String> {
    identifiers(applicant)
        .into_iter()
        .skip_while(|one| one.starts_with("id:"))
        .chain(applicant.name.as_deref().map(of_name))
}

fn of_name(name: &str) -> String {
    format!("name:{}", name.trim().to_lowercase())
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
    /// Adds what one person may be found by, but for what others, who stay, are known by as well.
    pub(in crate::store) fn add(&mut self, applicant: &Applicant, of_others: &BTreeSet<String>) {
        self.ids.insert(applicant.id.to_string());
        let keep = |texts: &mut BTreeSet<String>, text: &str| {
            let text = text.trim().to_lowercase();
            // Shorter ones stand in any text.
            if text.chars().count() > 2 {
                texts.insert(text);
            }
        };
        if let Some(name) = &applicant.name
            && !of_others.contains(&of_name(name))
        {
            keep(&mut self.names, name);
        }
        if let Some(email) = &applicant.email
            && !of_others.contains(&of_email(email))
        {
            keep(&mut self.addresses, email);
        }
        for link in &applicant.links {
            if of_others.contains(&of_link(link)) {
                continue;
            }
            keep(&mut self.addresses, &link.to_string());
            match link {
                Link::GitHub { handle, .. } | Link::Kaggle { handle } => {
                    keep(&mut self.names, handle.as_str());
                }
                Link::Orcid { id } => keep(&mut self.addresses, &id.to_string()),
                Link::HomePage { .. } => {}
            }
        }
    }

    /// Takes them out of a record.
    pub(in crate::store) fn take_from(&self, on: Shelf, record: &mut Value) -> Found {
        match on {
            Shelf::Deliveries | Shelf::DeadLetters | Shelf::Answers => {
                // Messages hold ids and paths, and no names.
                let names = on == Shelf::Answers;
                if self.are_in(record, names) {
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
                list.retain(|one| !self.are_in(one, true));
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

    fn are_in(&self, value: &Value, names: bool) -> bool {
        match value {
            Value::String(text) => self.are_in_text(text, names),
            Value::Array(list) => list.iter().any(|one| self.are_in(one, names)),
            Value::Object(fields) => fields.iter().any(|(field, one)| {
                self.ids.contains(field)
                    || !OUR_WORDS.contains(&field.as_str()) && self.are_in(one, names)
            }),
            _ => false,
        }
    }

    fn are_in_text(&self, text: &str, names: bool) -> bool {
        if self.ids.contains(text) {
            return true;
        }
        // A body that is kept as text.
        if text.starts_with(['{', '['])
            && let Ok(inner) = serde_json::from_str::<Value>(text)
        {
            return self.are_in(&inner, names);
        }
        let path = text.split(['?', '#']).next().unwrap_or_default();
        if text.starts_with('/') && path.split('/').any(|part| self.ids.contains(part)) {
            return true;
        }
        let folded = text.to_lowercase();
        let mut addresses = self.addresses.iter();
        if addresses.any(|address| stands_in(address, &folded)) {
            return true;
        }
        // The words of an address are its own.
        let words = folded.split(' ').filter(|word| !word.contains("://"));
        let sentence = words.collect::<Vec<_>>().join(" ");
        names && self.names.iter().any(|name| stands_in(name, &sentence))
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
        traces.add(
            &serde_json::from_value(applicant).unwrap(),
            &BTreeSet::new(),
        );
        traces
    }

    #[test]
    fn whoever_is_called_by_one_of_our_words_takes_nothing_of_others_along() {
        for (id, name, handle) in [
            ("queued", "Queued", "refused"),
            ("profile", "profile.ready", "https"),
            ("example.org", "https", "example"),
        ] {
            let applicant = json!({
                "id": id,
                "name": name,
                "links": [{"source": "github", "host": "github.com", "handle": handle}],
                "role": "phd",
            });
            let mut traces = Traces::default();
            traces.add(
                &serde_json::from_value(applicant).unwrap(),
                &BTreeSet::new(),
            );
            let mut report = json!({"rows": [
                {"line": 2, "applicant": "b", "outcome": "queued"},
                {"line": 3, "outcome": "refused", "reason": "see https://example.org/hooks"},
            ]});
            let taken = traces.take_from(Shelf::Imports, &mut report);
            assert_eq!(taken, Found::Nothing, "{name}: {report}");
            let payload = json!({"type": "profile.ready", "data": {"applicant": "b"}}).to_string();
            let mut message = json!({
                "url": "https://hooks.example.org/a",
                "event": "profile.ready",
                "payload": payload,
            });
            for shelf in [Shelf::Deliveries, Shelf::DeadLetters] {
                let taken = traces.take_from(shelf, &mut message);
                assert_eq!(taken, Found::Nothing, "{name}");
            }
        }
    }

    #[test]
    fn what_somebody_who_stays_is_known_by_as_well_is_no_trace() {
        let applicant = |id: &str, handle: &str| -> Applicant {
            let applicant = json!({
                "id": id,
                "name": "Ada Example",
                "email": "office@example.org",
                "links": [{"source": "github", "host": "github.com", "handle": handle}],
                "role": "phd",
            });
            serde_json::from_value(applicant).unwrap()
        };
        let stays = known_by(&applicant("b", "made-up-bob")).collect();
        let mut traces = Traces::default();
        traces.add(&applicant("7", "made-up-ada"), &stays);
        let mut report = json!({"notices": [
            "Ada Example", "office@example.org", "see made-up-ada", "7",
        ]});
        assert_eq!(traces.take_from(Shelf::Imports, &mut report), Found::Taken);
        assert_eq!(
            report,
            json!({"notices": ["Ada Example", "office@example.org"]})
        );
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
