//! What Kaggle's live endpoint answers: server-sent events or JSON. What begins with `P` is, without it, a profile page
//! (see `kaggle_page`).
//!
//! - Nobody is found, and nobody is absent, where no message is an answer to our question.
//! - Medals are known only where the answer says that nothing is hidden, or names all three counts.
//! - A failure is a failure: neither found nor absent.
//! - What is found is harmless, stored as it was, and can be judged.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use plaudit::config::KaggleLive;
use plaudit::domain::facts::{KaggleFacts, Lookup};
use plaudit::domain::link::Handle;
use plaudit::domain::rubric::Rubric;
use plaudit::http::{Limits, Outgoing, Pool, Resource, Rest, Silence, Told};
use plaudit::sources::kaggle::{Connection, Kaggle, Policy};

use super::answers::{self, Answered};
use super::{facts, harmless, judged, kaggle_page};

static RUBRIC: LazyLock<Rubric> = LazyLock::new(|| {
    let all = Rubric::all_embedded().expect("valid");
    all["doctoral-dl-radiology"].clone()
});

/// Holds one input against plaudit.
pub fn run(bytes: &[u8]) {
    if let Some(page) = bytes.strip_prefix(b"P") {
        return kaggle_page::run(page);
    }
    let answer = Answered::read(bytes);
    let told = String::from_utf8_lossy(&answer.body).into_owned();
    let status = answer.status;
    let Some(lookup) = fetch(move |_| answer.clone(), false) else {
        return;
    };
    let is_answer =
        (200..300).contains(&status) && (told.contains("result") || told.contains('\\'));
    match &lookup {
        Lookup::Found { facts } => {
            assert!(is_answer, "found, and no message is an answer");
            // A JSON text may spell its letters in digits.
            let is_open = told.contains("pt_out") || told.contains("ptOut") || told.contains("u00");
            let counts = told.matches("medals").count() + told.matches("Medals").count();
            assert!(
                facts.medals.is_empty() || is_open || counts >= 3,
                "{:?}",
                facts.medals
            );
        }
        Lookup::Absent { .. } => assert!(is_answer, "absent, and no message is an answer"),
        Lookup::Hidden { .. } | Lookup::Failed { .. } => {}
    }
}

/// What comes of such answers, looked at; `None`: nothing, for a reason that may pass.
pub(super) fn fetch(
    answers: impl Fn(&Outgoing) -> Answered + Send + Sync + 'static,
    page: bool,
) -> Option<Lookup<KaggleFacts>> {
    let folder = tempfile::tempdir().expect("a folder");
    let answers = move |request: &Outgoing| {
        let answer = answers(request);
        (answer.status, answer.headers, answer.body)
    };
    let fetched = answers::run(async {
        let limits = Limits {
            host: "kaggle",
            budgets: vec![(Resource::Kaggle, 1, Duration::from_nanos(1))],
            query_seconds_per_minute: 0,
            silence: Silence {
                first: Duration::from_mins(1),
                told: Told::AtLeast,
                rest: Some(Rest {
                    after: 3,
                    at_least: Duration::from_mins(1),
                }),
            },
        };
        let connection = Connection::new(
            answers::way_out(Box::new(answers)),
            Arc::new(Pool::with_reserve(None, &limits)),
            "https://kaggle.example.org/".parse().expect("a URL"),
            None,
            folder.path(),
        );
        let policy = Policy {
            live: KaggleLive::Always,
            page,
            on_demand: true,
        };
        let handle = Handle::kaggle("ada-example").expect("a name");
        let (fetched, _) = Kaggle::new(connection, None, policy)
            .fetch(&handle, None)
            .await;
        fetched.ok()
    })?;
    for notice in &fetched.notices {
        harmless::visible("a notice", notice);
    }
    if let Some(reason) = fetched.lookup.reason() {
        harmless::visible("a reason", reason);
    }
    if let Lookup::Found { facts } = &fetched.lookup {
        facts::sound_kaggle(facts);
        judged::kaggle(&RUBRIC, facts);
    }
    Some(fetched.lookup)
}
