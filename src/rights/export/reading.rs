//! The copy as a text for people.

use serde::Serialize;
use serde_json::Value;

use super::{Export, Stage};
use crate::domain::review::{Signature, Withdrawal};
use crate::report::{Document, Part};

impl Export {
    /// The copy as a text for people, with the person's whole record. Programs read the JSON form.
    #[must_use]
    pub fn document(&self) -> Document {
        let mut document = Document {
            title: format!("What plaudit keeps about {}", self.applicant.id),
            ..Document::default()
        };
        document.say(format!(
            "A copy of all that is kept about one person, made at {}. Where a record is about many people, only the parts \
             about this one are here. The same as JSON, for programs: `plaudit export {} --format json`.",
            self.made_at.strftime("%F %T UTC"),
            self.applicant.id
        ));
        self.application(&mut document);
        self.score(&mut document);
        self.sources(&mut document);
        self.added(&mut document);
        self.told(&mut document);
        document.heading("What is not kept");
        document.list(self.not_held.iter().map(String::as_str));
        document.heading("What may be elsewhere");
        document.list(self.elsewhere.iter().map(String::as_str));
        document
    }

    fn application(&self, document: &mut Document) {
        let applicant = &self.applicant;
        document.heading("The application");
        let mut rows: Vec<Vec<Value>> = vec![
            row("id", applicant.id.as_str()),
            row("name", applicant.name.as_deref().unwrap_or("not given")),
            row(
                "e-mail address",
                applicant.email.as_deref().unwrap_or("not given"),
            ),
        ];
        rows.extend(
            applicant
                .links
                .iter()
                .map(|link| row("link", &link.to_string())),
        );
        rows.push(row("role", &applicant.role));
        rows.push(row(
            "applied at",
            applicant.applied_at.as_deref().unwrap_or("not given"),
        ));
        rows.push(row(
            "legal basis",
            applicant.legal_basis.as_deref().unwrap_or("not given"),
        ));
        let since = applicant.legal_basis_at.map(|day| day.to_string());
        rows.push(row(
            "legal basis since",
            since.as_deref().unwrap_or("not given"),
        ));
        document.rows(&["what", "value"], rows);
        match &self.job {
            None => document.say("No work on the application is under way."),
            Some(job) => {
                document.say("Work on the application is under way:");
                verbatim(document, job);
            }
        }
    }

    fn score(&self, document: &mut Document) {
        document.heading("The profile, and how its score came about");
        let Some(stored) = &self.profile else {
            document.say("There is no profile yet.");
            return;
        };
        document.say(format!(
            "Stored at {}, judged as of {} by the rubric {} (version {}, {}), whose text is below.",
            stored.stored_at.strftime("%F %T UTC"),
            stored.profile.as_of,
            stored.profile.rubric.name,
            stored.profile.rubric.version,
            stored.profile.rubric.digest
        ));
        document
            .parts
            .push(Part::Verbatim(self.explanation.join("\n")));
        document.heading("Earlier profiles");
        if self.earlier.is_empty() {
            document.say("There are none.");
        } else {
            let rows = self.earlier.iter().map(|stored| {
                let profile = &stored.profile;
                let changes = profile
                    .changes
                    .iter()
                    .map(|change| change.what.as_str().into());
                vec![
                    stored.stored_at.strftime("%F %T UTC").to_string().into(),
                    profile.as_of.to_string().into(),
                    format!("{}..{}", profile.score.low, profile.score.high).into(),
                    format!("{} {}", profile.rubric.version, profile.rubric.digest).into(),
                    changes.collect::<Vec<Value>>().into(),
                ]
            });
            let rows = rows.collect();
            document.rows(
                &["stored at", "as of", "score", "rubric", "what was new"],
                rows,
            );
            document.say("Each of them, whole, is in the JSON form.");
        }
        document.heading("The rubrics that judged");
        for (digest, text) in &self.rubrics {
            document.say(format!("The rubric of the digest {digest}:"));
            document.parts.push(Part::Verbatim(text.clone()));
        }
        if self.rubrics.is_empty() {
            document.say("Their texts are not kept.");
        }
    }

    fn sources(&self, document: &mut Document) {
        document.heading("What was read, where and when");
        let Some(stored) = &self.profile else {
            document.say("Nothing yet.");
            return;
        };
        let sources = &stored.profile.sources;
        let rows = sources.asked().into_iter().map(|one| {
            vec![
                one.source.into(),
                one.url.into(),
                one.fetched_at.strftime("%F %T UTC").to_string().into(),
                one.state.into(),
                one.reason.unwrap_or_default().into(),
            ]
        });
        let rows = rows.collect();
        document.rows(&["source", "address", "read at", "answer", "why not"], rows);
        document.say("What is kept of it, as it is kept:");
        verbatim(document, sources);
    }

    fn added(&self, document: &mut Document) {
        document.heading("What people have added");
        let review = &self.review;
        if review.is_empty() {
            document.say("Nothing.");
            return;
        }
        let signed =
            |signature: &Signature| format!("{}, {}", signature.by, signature.at.strftime("%F"));
        let withdrawn = |one: Option<&Withdrawal>| {
            one.map_or_else(String::new, |one| {
                format!("withdrawn by {}: {}", signed(&one.signature), one.reason)
            })
        };
        let mut rows: Vec<(u32, Vec<Value>)> = Vec::new();
        for one in &review.evidence {
            let what = format!(
                "evidence ({}, {}, of {}): {} {}",
                one.kind, one.amount, one.date, one.reason, one.url
            );
            let standing = withdrawn(one.withdrawn.as_ref());
            rows.push((
                one.number,
                vec![what.into(), signed(&one.signature).into(), standing.into()],
            ));
        }
        for one in &review.notes {
            let what = format!("note: {}", one.text);
            rows.push((
                one.number,
                vec![what.into(), signed(&one.signature).into(), "".into()],
            ));
        }
        for one in &review.adjustments {
            let what = format!(
                "{} points beside the score: {}",
                one.points.signed(),
                one.reason
            );
            let standing = withdrawn(one.withdrawn.as_ref());
            rows.push((
                one.number,
                vec![what.into(), signed(&one.signature).into(), standing.into()],
            ));
        }
        rows.sort_by_key(|(number, _)| *number);
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        document.rows(&["what", "by whom", "standing"], rows);
        if let Some(looked) = &review.looked_through {
            document.say(format!(
                "{} has looked for evidence to the end.",
                signed(looked)
            ));
        }
        if let Some(challenge) = &review.challenge {
            document.say(format!(
                "The code {} was given on {}, to be shown on an account.",
                challenge.code,
                challenge.given_at.strftime("%F")
            ));
        }
    }

    /// Where else the person is named, and to whom that goes.
    fn told(&self, document: &mut Document) {
        for (heading, records) in [
            ("Lists that brought the person in", &self.imports),
            ("Kept answers to requests", &self.answers),
            ("Summaries of refreshes", &self.refreshes),
        ] {
            document.heading(heading);
            if records.is_empty() {
                document.say("None.");
            }
            for record in records {
                verbatim(document, record);
            }
        }
        document.heading("Who saw, scored, changed or handed out what");
        if self.log.is_empty() {
            document.say("Nothing is written down about this person.");
        } else {
            let rows = self.log.iter().map(|entry| {
                vec![
                    entry.at.strftime("%F %T UTC").to_string().into(),
                    entry.who.to_string().into(),
                    serde_json::to_value(entry.did).unwrap_or_default(),
                    serde_json::to_string(&entry.about)
                        .unwrap_or_default()
                        .into(),
                ]
            });
            document.rows(&["when", "who", "did", "about"], rows.collect());
        }
        document.heading("To whom data goes");
        if self.recipients.is_empty() {
            document.say("To no other program.");
        } else {
            document.say(
                "These programs are told, by call, of new and changed profiles: the id, the role, the score and how many \
                 things changed. Calls that arrived are not kept.",
            );
            let rows = self.recipients.iter().map(|one| {
                let events = one.events.iter().map(|event| event.to_string().into());
                vec![
                    one.endpoint.as_str().into(),
                    one.host.as_str().into(),
                    events.collect::<Vec<Value>>().into(),
                    one.since.strftime("%F").to_string().into(),
                ]
            });
            let rows = rows.collect();
            document.rows(&["program", "where", "told of", "since"], rows);
        }
        if !self.calls.is_empty() {
            document.say("Calls about the person that have not arrived:");
            let rows = self.calls.iter().map(|one| {
                let stage = match one.stage {
                    Stage::Waiting => "waits",
                    Stage::GivenUp => "given up",
                };
                vec![
                    one.id.as_str().into(),
                    one.endpoint.as_str().into(),
                    stage.into(),
                    one.created_at.strftime("%F %T UTC").to_string().into(),
                    one.problem.as_deref().unwrap_or_default().into(),
                    one.payload.as_str().into(),
                ]
            });
            let rows = rows.collect();
            let header = [
                "message",
                "program",
                "stage",
                "since",
                "last problem",
                "body",
            ];
            document.rows(&header, rows);
        }
    }
}

fn row(what: &str, value: &str) -> Vec<Value> {
    vec![what.into(), value.into()]
}

/// A value as it is kept.
fn verbatim(document: &mut Document, value: &impl Serialize) {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    document.parts.push(Part::Verbatim(text));
}
