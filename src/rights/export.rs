//! All that is kept about a person, for that person.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

mod reading;

use super::concerning::Whom;
use crate::audit::{Audit, AuditError, Entry};
use crate::domain::applicant::{Applicant, ApplicantId};
use crate::domain::job::Job;
use crate::domain::profile::{Profile, Snapshot};
use crate::domain::review::Review;
use crate::domain::rubric::Rubric;
use crate::domain::webhook::{Delivery, Endpoint, WebhookEvent};
use crate::report::{self, Detail, Format, View};
use crate::store::{Shelf, Store, StoreError};

/// The version of the export's form.
const FORM: u32 = 1;

/// What is not kept of anybody, so that no copy holds it.
const NOT_HELD: [&str; 8] = [
    "photographs and avatars",
    "place, country, nationality, gender and age",
    "followers, and whom the person follows",
    "e-mail addresses found anywhere (the one of the application is kept, and is part of this copy)",
    "anything that is not public, and anything behind a link that the application did not name and the person's own home \
     page does not clearly name either",
    "streaks, and the rate of accepted work",
    "the text of code, comments and pages: of what was read only the figures, titles and addresses above",
    "answers of models: none is asked",
];

/// What is outside of the store, and so not part of a copy that is made from it.
const ELSEWHERE: [&str; 4] = [
    "reports and exports that somebody has written into files: whoever wrote them has them",
    "what other programs made of a call that they were sent; calls that arrived are not kept",
    "copies of the store (backups): they hold what stood here when they were made",
    "Kaggle's own published data set, of which a copy may be on this machine: it holds what Kaggle publishes of every \
     account there, and what was taken from it for this person is under `profile.profile.sources.kaggle`",
];

/// All that is kept about a person.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Export {
    /// The version of this form. Rises when a key changes its meaning or goes.
    pub form: u32,
    /// When the copy was made.
    #[schemars(with = "String")]
    pub made_at: Timestamp,
    /// The application: id, name, e-mail address, links, role, day of the application, legal basis.
    pub applicant: Applicant,
    /// How the work on the application stands; `null`: nothing is to be done.
    #[schemars(with = "Option<Value>")]
    pub job: Option<Job>,
    /// The profile that holds today, and when it was stored; `null`: there is none yet.
    #[schemars(with = "Option<Kept>")]
    pub profile: Option<Snapshot>,
    /// How the score of that profile came about, line by line, in words and numbers.
    pub explanation: Vec<String>,
    /// The profiles before it, the newest first.
    #[schemars(with = "Vec<Kept>")]
    pub earlier: Vec<Snapshot>,
    /// What people have added: evidence, notes, adjustments, also withdrawn ones; the code that was given.
    pub review: Review,
    /// The rubrics that judged, by digest: what was looked for, and what it counted. TOML.
    pub rubrics: BTreeMap<String, String>,
    /// Reports of lists that brought the person in: those of their rows that are about the person.
    pub imports: Vec<Value>,
    /// Answers to requests that are kept for a while under an `Idempotency-Key`: the parts about the person.
    pub answers: Vec<Value>,
    /// Summaries of refreshes: the parts about the person.
    pub refreshes: Vec<Value>,
    /// Calls about the person to other programs that have not arrived (yet).
    pub calls: Vec<Call>,
    /// The programs that are told of new and changed profiles: to these, calls about the person go or went.
    pub recipients: Vec<Recipient>,
    /// The entries about the person in the audit log, the oldest first: who saw, scored, changed or handed out what, and
    /// when. `plaudit audit` and docs/audit.md say what they mean.
    #[schemars(with = "Vec<Value>")]
    pub log: Vec<Entry>,
    /// What is not kept of anybody.
    pub not_held: Vec<String>,
    /// What may be elsewhere.
    pub elsewhere: Vec<String>,
}

/// A profile and when it was stored.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "the schema alone")]
struct Kept {
    /// When it was stored.
    #[schemars(with = "String")]
    stored_at: Timestamp,
    /// The profile, as `plaudit schema` describes it.
    profile: Profile,
}

/// A call about the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Call {
    /// Whether it waits or was given up.
    pub stage: Stage,
    /// The message's name.
    pub id: String,
    /// Which program: a recipient's name.
    pub endpoint: String,
    /// What it is about.
    pub event: WebhookEvent,
    /// Its body, as it is sent.
    pub payload: String,
    /// When it came up.
    #[schemars(with = "String")]
    pub created_at: Timestamp,
    /// Attempts so far. Count.
    pub attempts: u32,
    /// What the last attempt met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It is to be made.
    Waiting,
    /// It was given up.
    GivenUp,
}

/// A program that is told of profiles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Recipient {
    /// Its name here.
    pub endpoint: String,
    /// Where it is: scheme and host. The rest of its address may be secret.
    pub host: String,
    /// What it is told of.
    pub events: Vec<WebhookEvent>,
    /// Since when.
    #[schemars(with = "String")]
    pub since: Timestamp,
}

impl Export {
    /// The JSON Schema (draft 2020-12) of an export.
    #[must_use]
    pub fn schema() -> Schema {
        let mut schema = schema_for!(Self);
        schema.insert("title".to_owned(), "plaudit export".into());
        schema.insert(
            "description".to_owned(),
            "All that plaudit keeps about one person. Where a record is about many people, only the parts about this one \
             are here."
                .into(),
        );
        schema
    }

    /// All that is kept about `applicant`. Reads whole shelves: some seconds with a hundred thousand people.
    pub async fn of(
        store: &Store,
        applicant: Applicant,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let id = applicant.id.clone();
        let whom = Whom::new(&applicant);
        let profile = store.current(&id).await?;
        let earlier = store.history(&id).await?;
        let mut rubrics = BTreeMap::new();
        for stored in profile.iter().chain(&earlier) {
            let digest = &stored.profile.rubric.digest;
            if !rubrics.contains_key(digest)
                && let Some(text) = store.rubric_text(digest).await?
            {
                rubrics.insert(digest.clone(), text);
            }
        }
        let explanation = profile
            .as_ref()
            .map(|stored| explained(&stored.profile, &rubrics))
            .unwrap_or_default();
        Ok(Self {
            form: FORM,
            made_at: now,
            job: store.job(&id).await?,
            review: store.review(&id).await?,
            imports: imports(store, &whom).await?,
            answers: answers(store, &whom).await?,
            refreshes: refreshes(store, &whom).await?,
            calls: calls(store, &id).await?,
            recipients: recipients(store).await?,
            log: Vec::new(),
            applicant,
            profile,
            explanation,
            earlier,
            rubrics,
            not_held: NOT_HELD.map(str::to_owned).to_vec(),
            elsewhere: ELSEWHERE.map(str::to_owned).to_vec(),
        })
    }
}

impl Export {
    /// With what the audit log has about the person.
    pub async fn with_log(mut self, audit: &Audit) -> Result<Self, AuditError> {
        let found: Arc<Mutex<Vec<Entry>>> = Arc::default();
        let kept = Arc::clone(&found);
        let told = audit
            .entries::<io::Error>(None, Some(&self.applicant.id), move |entry, _| {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push(entry);
                Ok(())
            })
            .await?;
        // What is only put into memory gives no error.
        debug_assert!(told.is_ok());
        self.log = std::mem::take(&mut found.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(self)
    }
}

/// How a score came about, line by line.
fn explained(profile: &Profile, rubrics: &BTreeMap<String, String>) -> Vec<String> {
    let text = rubrics.get(&profile.rubric.digest);
    // A text that an older plaudit took for a rubric may be none by today's rules.
    let rubric = text.and_then(|text| Rubric::parse(text).ok());
    let detail = Detail::Explained(rubric.map(Box::new));
    let mut out = Vec::new();
    // Memory takes everything.
    let _ = report::profile(profile, Format::Text, &detail, View::default(), &mut out);
    let text = String::from_utf8_lossy(&out);
    text.lines().map(str::to_owned).collect()
}

/// What tells of lists. Each has a brief record under its id, and one beside it under `!` and the id.
async fn imports(store: &Store, whom: &Whom) -> Result<Vec<Value>, StoreError> {
    let records: Vec<(String, Value)> = store.records(Shelf::Imports, None, usize::MAX).await?;
    let briefs: BTreeMap<&str, &Value> = records
        .iter()
        .map(|(name, brief)| (name.as_str(), brief))
        .collect();
    let about = |(name, beside): &(String, Value)| {
        let parts = whom.parts_of(beside)?;
        let brief = name.strip_prefix('!').and_then(|id| briefs.get(id));
        Some(match brief {
            Some(brief) => json!({
                "import": brief.get("id"),
                "at": brief.get("at"),
                "by": brief.get("by"),
                "counted": brief.get("counted"),
                "notices": brief.get("notices").and_then(|all| whom.parts_of(all)),
                "about": parts,
            }),
            None => json!({"import": name, "about": parts}),
        })
    };
    Ok(records.iter().filter_map(about).collect())
}

/// Answers under an `Idempotency-Key`: their bodies are JSON in a text.
async fn answers(store: &Store, whom: &Whom) -> Result<Vec<Value>, StoreError> {
    let records: Vec<(String, Value)> = store.records(Shelf::Answers, None, usize::MAX).await?;
    let about = |(_, answer): &(String, Value)| {
        let body = answer.get("body").and_then(Value::as_str)?;
        let place = answer
            .get("location")
            .filter(|place| whom.parts_of(place).is_some());
        let part = match serde_json::from_str::<Value>(body) {
            Ok(body) => whom.parts_of(&body),
            Err(_) => whom.is_in(body).then(|| body.into()),
        };
        if part.is_none() && place.is_none() {
            return None;
        }
        Some(json!({
            "at": answer.get("at"),
            "status": answer.get("status"),
            "location": answer.get("location"),
            "body": part,
        }))
    };
    Ok(records.iter().filter_map(about).collect())
}

async fn refreshes(store: &Store, whom: &Whom) -> Result<Vec<Value>, StoreError> {
    let records: Vec<(String, Value)> = store.records(Shelf::Refreshes, None, usize::MAX).await?;
    let about = |(_, summary): &(String, Value)| whom.parts_of(summary);
    Ok(records.iter().filter_map(about).collect())
}

async fn calls(store: &Store, id: &ApplicantId) -> Result<Vec<Call>, StoreError> {
    let mut calls = Vec::new();
    for (shelf, stage) in [
        (Shelf::Deliveries, Stage::Waiting),
        (Shelf::DeadLetters, Stage::GivenUp),
    ] {
        let records: Vec<(String, Delivery)> = store.records(shelf, None, usize::MAX).await?;
        let about = records
            .into_iter()
            .map(|(_, one)| one)
            .filter(|one| one.applicant.as_ref() == Some(id));
        calls.extend(about.map(|one| Call {
            stage,
            id: one.id,
            endpoint: one.endpoint,
            event: one.event,
            payload: one.payload,
            created_at: one.created_at,
            attempts: one.attempts,
            problem: one.problem,
        }));
    }
    Ok(calls)
}

/// The programs that are told of profiles.
pub async fn recipients(store: &Store) -> Result<Vec<Recipient>, StoreError> {
    let records: Vec<(String, Endpoint)> =
        store.records(Shelf::Endpoints, None, usize::MAX).await?;
    let told = records.into_iter().map(|(_, one)| one).filter(|one| {
        [WebhookEvent::ProfileReady, WebhookEvent::ProfileChanged]
            .into_iter()
            .any(|event| one.wants(event))
    });
    let recipient = |one: Endpoint| Recipient {
        host: Url::parse(&one.url).map_or_else(
            |_| "unknown".to_owned(),
            |url| url.origin().ascii_serialization(),
        ),
        endpoint: one.id,
        events: one.events,
        since: one.created_at,
    };
    Ok(told.map(recipient).collect())
}
