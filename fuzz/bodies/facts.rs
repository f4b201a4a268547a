//! What holds of all facts.

use plaudit::domain::facts::{Gap, GitHubFacts, KaggleFacts, Lookup};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::harmless;

/// A look-up is stored and read as it was.
pub(super) fn stored<T>(lookup: &Lookup<T>)
where
    Lookup<T>: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let text = serde_json::to_string(lookup).expect("JSON");
    let read: Lookup<T> = serde_json::from_str(&text).expect("as it was stored");
    assert_eq!(&read, lookup);
}

fn gaps(gaps: &[Gap]) {
    for gap in gaps {
        harmless::visible("a gap", &gap.reason);
        if let Some(project) = &gap.project {
            harmless::tame("a project", project);
        }
    }
}

/// What holds of all that GitHub says.
pub(super) fn sound_github(facts: &GitHubFacts) {
    harmless::tame("a login", &facts.login);
    gaps(&facts.gaps);
    for repository in &facts.repositories {
        harmless::tame("a repository", &repository.name);
        harmless::visible("an address", &repository.url);
        harmless::tame(
            "a language",
            repository.language.as_deref().unwrap_or_default(),
        );
    }
    for one in &facts.pull_requests {
        harmless::tame("a title", &one.title);
        harmless::tame("a project", &one.project);
        harmless::visible("an address", &one.url);
    }
    for name in &facts.names {
        harmless::visible("an account", name);
    }
    let lookup = Lookup::Found {
        facts: facts.clone(),
    };
    stored(&lookup);
}

/// What holds of all that Kaggle says.
pub(super) fn sound_kaggle(facts: &KaggleFacts) {
    harmless::tame("a user name", &facts.user_name);
    gaps(&facts.gaps);
    for result in &facts.competitions {
        harmless::tame("a title", &result.title);
        harmless::tame("a name", &result.slug);
    }
    for text in &facts.differences {
        harmless::visible("a difference", text);
    }
    let lookup = Lookup::Found {
        facts: facts.clone(),
    };
    stored(&lookup);
}
