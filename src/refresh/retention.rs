//! Whose time has ended: warned of first, then erased, before anybody is asked.
//!
//! What is to be done is decided by [`crate::domain::retention`]; here it is carried out, a role at a time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::note;
use crate::audit::{Act, Audit, Deed, Who};
use crate::config::Config;
use crate::domain::applicant::ApplicantId;
use crate::domain::erasure::{Erasure, Ground};
use crate::domain::retention::{Decision, Terms, Warning, decide};
use crate::store::{Store, StoreError};

/// Where the warnings that stand are kept, by role.
const WARNINGS: &str = "retention";

type Warnings = BTreeMap<String, Warning>;

/// How a role stands.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The role.
    pub role: String,
    /// How long its applicants are kept.
    pub terms: Terms,
    /// Who they are, by id.
    pub applicants: Vec<ApplicantId>,
    /// What is to be done.
    pub decision: Decision,
}

/// What a refresh tells of a role's retention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RetentionOfRole)]
pub struct Retention {
    /// The role.
    pub role: String,
    /// Its applicants; of a role that was erased: those who were. Count.
    pub applicants: u64,
    /// How it stands.
    pub state: RetentionState,
    /// When the retention ends or ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub ends_on: Option<Date>,
    /// The first day on which they are erased; none: a person erases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub erases_on: Option<Date>,
}

/// How a role's retention stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetentionState {
    /// There is no closing date: its applicants are kept without end.
    WithoutEnd,
    /// Its applicants are about to be erased.
    Warned,
    /// Its applicants were erased.
    Erased,
    /// It is over, and a person erases.
    Over,
}

impl Retention {
    /// It in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self {
            role, applicants, ..
        } = self;
        let people = match applicants {
            1 => "1 applicant".to_owned(),
            count => format!("{count} applicants"),
        };
        let day = |day: Option<Date>| {
            day.map_or_else(|| "a day unknown".to_owned(), |day| day.to_string())
        };
        let (ends_on, erases_on) = (day(self.ends_on), day(self.erases_on));
        match self.state {
            RetentionState::WithoutEnd => format!(
                "{role}: {people} kept without end, since [postings.{role}] names no closing date"
            ),
            RetentionState::Warned if self.erases_on.is_none() => format!(
                "{role}: the retention ends on {ends_on}; {people} kept until a person erases them, since retention.erase is off"
            ),
            RetentionState::Warned => {
                format!(
                    "{role}: the retention ends on {ends_on}; {people} will be erased on {erases_on} or soon after"
                )
            }
            RetentionState::Erased => {
                format!("{role}: the retention ended on {ends_on}; {people} erased for good")
            }
            RetentionState::Over => format!(
                "{role}: the retention ended on {ends_on}; {people} kept, since retention.erase is off: `plaudit forget` erases"
            ),
        }
    }
}

impl Standing {
    /// What a refresh tells of it; `None`: there is nothing to tell.
    fn told(&self) -> Option<Retention> {
        let (state, ends_on, erases_on) = match self.decision {
            _ if self.applicants.is_empty() => return None,
            Decision::Nothing { .. } => return None,
            Decision::WithoutEnd => (RetentionState::WithoutEnd, None, None),
            Decision::Warn {
                ends_on, erases_on, ..
            }
            | Decision::Warned { ends_on, erases_on } => {
                let erases_on = Some(erases_on).filter(|_| self.terms.erase);
                (RetentionState::Warned, Some(ends_on), erases_on)
            }
            Decision::Erase { ends_on } => (RetentionState::Erased, Some(ends_on), None),
            Decision::Over { ends_on } => (RetentionState::Over, Some(ends_on), None),
        };
        Some(Retention {
            role: self.role.clone(),
            applicants: u64::try_from(self.applicants.len()).unwrap_or(u64::MAX),
            state,
            ends_on,
            erases_on,
        })
    }
}

/// How each role stands that somebody has applied for or that the settings speak of, by name.
pub async fn standing(
    store: &Store,
    config: &Config,
    now: Timestamp,
) -> Result<Vec<Standing>, StoreError> {
    let warnings = warnings(store).await?;
    let mut roles: BTreeMap<String, Vec<ApplicantId>> = config
        .postings
        .keys()
        .map(|role| (role.clone(), Vec::new()))
        .collect();
    for applicant in store.applicants().await? {
        roles.entry(applicant.role).or_default().push(applicant.id);
    }
    let of = |(role, applicants): (String, Vec<ApplicantId>)| {
        let terms = config.terms(&role);
        Standing {
            decision: decide(&terms, warnings.get(&role), now),
            role,
            terms,
            applicants,
        }
    };
    Ok(roles.into_iter().map(of).collect())
}

/// The sentence that warns of a role's end, for a page; `None`: none stands.
pub async fn warned(
    store: &Store,
    config: &Config,
    role: &str,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let warnings = warnings(store).await?;
    let Some(warning) = warnings.get(role) else {
        return Ok(None);
    };
    Ok(match decide(&config.terms(role), Some(warning), now) {
        Decision::Warned { erases_on, .. } if config.retention.erase => Some(format!(
            "The time for which applicants for this role are kept is about to end: on {erases_on}, or soon after, all of \
             them are erased for good. Export before that what must stay."
        )),
        Decision::Erase { .. } => Some(
            "The time for which applicants for this role are kept has ended: the next refresh erases all of them for good."
                .to_owned(),
        ),
        Decision::Warned { ends_on, .. } | Decision::Over { ends_on } => Some(format!(
            "The time for which applicants for this role are kept ends or ended on {ends_on}; a person erases them."
        )),
        Decision::WithoutEnd | Decision::Nothing { .. } | Decision::Warn { .. } => None,
    })
}

async fn warnings(store: &Store) -> Result<Warnings, StoreError> {
    Ok(store.get_meta(WARNINGS).await?.unwrap_or_default())
}

/// Does what is due: warns, and erases those who were warned of long enough.
pub(super) async fn carry_out(
    store: &Store,
    config: &Config,
    audit: Option<&Audit>,
    now: Timestamp,
) -> Result<Vec<Retention>, StoreError> {
    let before = warnings(store).await?;
    let mut warnings = before.clone();
    let all = standing(store, config, now).await?;
    // A role that nobody has applied for has nothing to warn of: whoever comes later is warned of anew.
    let lived_in: BTreeSet<&str> = all
        .iter()
        .filter(|one| !one.applicants.is_empty())
        .map(|one| one.role.as_str())
        .collect();
    warnings.retain(|role, _| lived_in.contains(role.as_str()));
    for one in &all {
        if let Decision::Warn {
            closes, ends_on, ..
        } = one.decision
            && !one.applicants.is_empty()
        {
            let warning = Warning {
                closes,
                ends_on,
                warned_at: now,
            };
            warnings.insert(one.role.clone(), warning);
        }
    }
    if warnings != before {
        store.put_meta(WARNINGS, &warnings).await?;
    }
    let mut told = Vec::new();
    for one in all {
        let Some(mut retention) = one.told() else {
            continue;
        };
        if retention.state == RetentionState::Erased {
            let why = Erasure {
                ground: Ground::Expired,
                reason: None,
            };
            let act = Act::new(Who::Schedule, Deed::Expired).with("role", &*one.role);
            let act = act.about_all(&one.applicants);
            note(audit, act.clone().begun(), "an erasure").await;
            // In one call: each one writes the store's files anew.
            let erased = store.forget(one.applicants.clone(), why, now).await?;
            note(audit, act, "an erasure").await;
            retention.applicants = erased.iter().flatten().count() as u64;
            warnings.remove(&one.role);
            store.put_meta(WARNINGS, &warnings).await?;
        }
        log(&retention);
        told.push(retention);
    }
    Ok(told)
}

/// Roles and counts, and nobody.
fn log(retention: &Retention) {
    let (role, applicants) = (&retention.role, retention.applicants);
    let said = retention.sentence();
    match retention.state {
        RetentionState::WithoutEnd => tracing::info!(role, applicants, "retention: {said}"),
        RetentionState::Warned | RetentionState::Erased | RetentionState::Over => {
            tracing::warn!(role, applicants, "retention: {said}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Overrides;
    use crate::domain::applicant::Applicant;
    use crate::domain::freshness::Freshness;
    use crate::domain::job::Priority;
    use crate::store::{StoreOptions, Submission};

    fn config(folder: &std::path::Path, settings: &str) -> Config {
        let path = folder.join("mine.toml");
        std::fs::write(&path, settings).unwrap();
        let arguments = Overrides {
            config: Some(path),
            ..Overrides::default()
        };
        let home = ("HOME".to_owned(), "/home/ada".to_owned());
        Config::load(&arguments, &[home].into()).unwrap()
    }

    async fn accept(store: &Store, id: &str, role: &str) {
        let applicant = Applicant {
            id: id.parse().unwrap(),
            name: None,
            email: None,
            links: Vec::new(),
            role: role.to_owned(),
            applied_at: None,
            legal_basis: None,
            legal_basis_at: None,
        };
        let submission = Submission {
            applicant,
            priority: Priority::Refresh,
            force: true,
        };
        let now = Timestamp::UNIX_EPOCH;
        let accepted = store.accept(vec![submission], now, Freshness::never());
        accepted.await.unwrap();
    }

    fn states(told: &[Retention]) -> Vec<(&str, u64, RetentionState)> {
        let state = |one: &'_ Retention| (one.applicants, one.state);
        told.iter()
            .map(|one| (one.role.as_str(), state(one).0, state(one).1))
            .collect()
    }

    #[tokio::test]
    async fn a_role_is_warned_of_before_it_is_erased_and_again_for_whoever_comes_later() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let (store, _) = Store::open(&data, StoreOptions::default()).await.unwrap();
        let config = config(
            folder.path(),
            "[postings.phd]\ncloses = 2026-01-31\nkeep_for = \"1 month\"\n[postings.empty]\ncloses = 2020-01-31\n",
        );
        for (id, role) in [("a", "phd"), ("b", "phd"), ("c", "elsewhere")] {
            accept(&store, id, role).await;
        }
        let on = |day: &str| format!("{day}T02:00:00Z").parse::<Timestamp>().unwrap();
        let without_end = ("elsewhere", 1, RetentionState::WithoutEnd);
        let run = async |day: &str| carry_out(&store, &config, None, on(day)).await.unwrap();

        assert_eq!(states(&run("2026-02-13").await), [without_end]);
        for day in ["2026-02-14", "2026-02-27"] {
            let told = run(day).await;
            assert_eq!(
                states(&told),
                [without_end, ("phd", 2, RetentionState::Warned)]
            );
            assert!(
                told[1]
                    .sentence()
                    .contains("2 applicants will be erased on 2026-02-28")
            );
        }
        let sentence = warned(&store, &config, "phd", on("2026-02-20"))
            .await
            .unwrap();
        assert!(sentence.unwrap().contains("on 2026-02-28"));
        assert_eq!(
            warned(&store, &config, "elsewhere", on("2026-02-20"))
                .await
                .unwrap(),
            None
        );
        let told = run("2026-02-28").await;
        assert_eq!(
            states(&told),
            [without_end, ("phd", 2, RetentionState::Erased)]
        );
        let left = store.applicants().await.unwrap();
        assert_eq!(left.len(), 1, "whoever applied elsewhere stays");

        // Whoever comes later is warned of anew.
        accept(&store, "d", "phd").await;
        let told = run("2026-03-01").await;
        assert_eq!(
            states(&told),
            [without_end, ("phd", 1, RetentionState::Warned)]
        );
        assert!(
            told[1]
                .sentence()
                .contains("1 applicant will be erased on 2026-03-15")
        );
        store.close().await.unwrap();
    }
}
