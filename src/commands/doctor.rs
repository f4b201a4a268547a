//! `plaudit doctor`: settings, store, tokens, and what is assumed about GitHub and Kaggle.

use super::enrich::{Output, people};
use super::failure::{Ending, Failure};
use super::retention::next;
use super::session;
use crate::cli;
use crate::config::Config;
use crate::domain::link::Handle;
use crate::domain::retention::Decision;
use crate::refresh::retention::standing;
use crate::report::{self, Rows};
use crate::sources::examination::{Finding, Verdict};
use crate::sources::github;
use crate::sources::kaggle;
use crate::sources::kaggle::bulk::{Index, IndexError};

/// Rows under way.
struct Findings {
    rows: Vec<Vec<serde_json::Value>>,
    differs: bool,
}

impl Findings {
    fn add(&mut self, check: &str, result: &str, detail: impl Into<String>) {
        self.differs |= result == "differs" || result == "failed";
        self.rows
            .push(vec![check.into(), result.into(), detail.into().into()]);
    }
}

/// Runs the command. Exit code 1 when anything differs or fails.
pub async fn run(
    arguments: &cli::Doctor,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let mut findings = Findings {
        rows: Vec::new(),
        differs: false,
    };
    let file = config.file.as_ref();
    let from = file.map_or("defaults; no file".to_owned(), |file| {
        file.display().to_string()
    });
    findings.add("settings", "agrees", from);
    check_store(config, &mut findings).await;
    check_data_set(config, &mut findings);
    if arguments.offline {
        for assumption in github::assumptions::ASSUMPTIONS
            .iter()
            .chain(kaggle::assumptions::ASSUMPTIONS)
        {
            let detail = format!("{} [{}]", assumption.claim, assumption.origin);
            findings.add(assumption.name, "not checked", detail);
        }
    } else {
        check_github(config, arguments.former_login.as_deref(), &mut findings).await?;
        let pause = config.kaggle.pause.as_secs_f64();
        writeln!(
            output.messages,
            "asking Kaggle, one request every {pause} s"
        )?;
        check_kaggle(config, arguments.kaggle_name.as_deref(), &mut findings).await?;
    }
    let header = ["check", "result", "detail"].to_vec();
    let rows = Rows {
        header,
        rows: findings.rows,
    };
    report::rows(&rows, output.format, output.view, output.out)?;
    Ok(if findings.differs {
        Ending::Incomplete
    } else {
        Ending::Complete
    })
}

/// Opens the store, reads all of it back, and counts the queue.
async fn check_store(config: &Config, findings: &mut Findings) {
    if !config.data_dir.exists() {
        let detail = format!(
            "{} is made by the first `plaudit enrich`",
            config.data_dir.display()
        );
        findings.add("store", "agrees", detail);
        return;
    }
    let checked = async {
        let (store, opening) = session::open_store(config).await?;
        let verified = store.verify().await?;
        let now = jiff::Timestamp::now();
        let waiting = store.waiting(now).await?;
        let retention = standing(&store, config, now).await?;
        store.close().await?;
        Ok::<_, crate::store::StoreError>((opening, verified, waiting, retention))
    };
    match checked.await {
        Err(error) => {
            let next = error.hint().map(|hint| format!("; {hint}"));
            let detail = format!("{error}{}", next.unwrap_or_default());
            findings.add("store", "failed", detail);
        }
        Ok((opening, verified, waiting, retention)) => {
            for sentence in opening.recovered {
                findings.add("store", "agrees", format!("mended: {sentence}"));
            }
            for sentence in &verified.damaged {
                findings.add("store", "failed", sentence.clone());
            }
            let queued = waiting.ready + waiting.deferred + waiting.leased;
            let detail = format!(
                "{}: {} values whole, {queued} jobs waiting",
                config.data_dir.display(),
                verified.values
            );
            findings.add("store", "agrees", detail);
            for one in retention.iter().filter(|one| !one.applicants.is_empty()) {
                let result = match one.decision {
                    Decision::WithoutEnd => "not checked",
                    _ => "agrees",
                };
                let who = people(one.applicants.len());
                let detail = format!("{} ({who}): {}", one.role, next(one));
                findings.add("retention", result, detail);
            }
        }
    }
}

/// Tokens and assumptions, with at most ten requests.
async fn check_github(
    config: &Config,
    former: Option<&str>,
    findings: &mut Findings,
) -> Result<(), Failure> {
    // Each question once: what fails is told, not repeated.
    let mut config = config.clone();
    config.http.tries = 1;
    let connection = session::connect_github(&config)?;
    let former = former
        .map(Handle::github)
        .transpose()
        .map_err(|error| Failure::usage(error, "give a login alone: --former-login NAME"))?;
    let examination = github::examine(&connection, former.as_ref()).await;
    if config.tokens.is_empty() {
        let detail = "none; GitHub answers 60 requests an hour and shows less (set GITHUB_TOKEN)";
        findings.add("token", "not checked", detail);
    }
    for token in examination.tokens {
        match token.state {
            Ok((left, limit)) => {
                let detail = format!("{}: {left} of {limit} points left this hour", token.tail);
                findings.add("token", "agrees", detail);
            }
            Err(why) => findings.add("token", "failed", format!("{}: {why}", token.tail)),
        }
    }
    tell("GitHub", examination.findings, findings);
    let requests = format!("{} requests sent to GitHub", examination.requests);
    findings.add("requests", "agrees", requests);
    Ok(())
}

/// Each assumption about a host, and how it stands.
fn tell(host: &str, examined: Vec<Finding>, findings: &mut Findings) {
    for finding in examined {
        let claim = format!(
            "{} [{}]",
            finding.assumption.claim, finding.assumption.origin
        );
        let (result, detail) = match finding.verdict {
            Verdict::Agrees => ("agrees", claim),
            Verdict::Differs(how) => ("differs", format!("{claim}; but {how}")),
            Verdict::NotChecked(why) => ("not checked", format!("{claim}; {why}")),
        };
        // For the first connected user, whose log is worth a paste.
        tracing::info!(
            assumption = finding.assumption.name,
            result,
            "an assumption about {host}"
        );
        findings.add(finding.assumption.name, result, detail);
    }
}

/// The copy of Kaggle's data set, read whole.
fn check_data_set(config: &Config, findings: &mut Findings) {
    let path = session::index_path(config);
    let checked = Index::open(&path).and_then(|index| {
        index.verify()?;
        Ok(index.about().clone())
    });
    match checked {
        Ok(about) => {
            let detail = format!(
                "{}: {} accounts as of {}, whole",
                path.display(),
                about.users,
                about.as_of.strftime("%F")
            );
            findings.add("kaggle data set", "agrees", detail);
        }
        Err(IndexError::NotThere) => {
            let detail = "none on this machine; `plaudit kaggle import` brings it";
            findings.add("kaggle data set", "not checked", detail);
        }
        Err(error) => {
            let detail = format!("{error}; `plaudit kaggle import` makes it anew");
            findings.add("kaggle data set", "failed", detail);
        }
    }
}

/// What is assumed about Kaggle, at its pace.
async fn check_kaggle(
    config: &Config,
    person: Option<&str>,
    findings: &mut Findings,
) -> Result<(), Failure> {
    // Each question once: what fails is told, not repeated.
    let mut config = config.clone();
    config.http.tries = 1;
    let connection = session::connect_kaggle(&config)?;
    let person = person
        .map(Handle::kaggle)
        .transpose()
        .map_err(|error| Failure::usage(error, "give a user name alone: --kaggle-name NAME"))?;
    let examination = kaggle::examine(&connection, person.as_ref()).await;
    tell("Kaggle", examination.findings, findings);
    if let Some(refused) = connection.refused() {
        findings.add("kaggle credential", "failed", refused);
    }
    let requests = format!("{} requests sent to Kaggle", examination.requests);
    findings.add("requests", "agrees", requests);
    Ok(())
}
