//! `plaudit webhook`: whom to call, and what was given up.

use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{
    enrich::Output,
    failure::{Ending, Failure},
    session,
};
use crate::audit::Deed;
use crate::cli::{self, WebhookCommand};
use crate::config::Config;
use crate::domain::text::tame;
use crate::domain::webhook::WebhookEvent;
use crate::report::{self, Format, Rows};
use crate::store::Store;
use crate::webhooks::registry::{self, NotAdded, Retried};
use crate::webhooks::{Key, KeyError};

/// Runs the command.
pub async fn run(
    arguments: &cli::Webhook,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let (store, _) = session::open_store(config).await?;
    session::expect_notes(config).await?;
    let done = act(&arguments.command, &store, config, output).await;
    store.close().await?;
    done
}

async fn act(
    command: &WebhookCommand,
    store: &Store,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    match command {
        WebhookCommand::Add { url, event } => add(store, config, (url, event), output).await,
        WebhookCommand::List => list(store, output).await,
        WebhookCommand::Secret { id } => secret(store, config, id, output).await,
        WebhookCommand::Remove { id } => remove(store, config, id, output).await,
        WebhookCommand::DeadLetters => dead_letters(store, config, output).await,
        WebhookCommand::Retry { messages, all } => {
            retry(store, config, (messages, *all), output).await
        }
    }
}

async fn add(
    store: &Store,
    config: &Config,
    (url, events): (&str, &[WebhookEvent]),
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    // Before the registration: a webhook whose secret nobody can see is of no use.
    let key = Key::within(&config.data_dir)?;
    let allow_private = config.webhooks.allow_private;
    let endpoint = registry::add(store, url, events, allow_private, Timestamp::now()).await?;
    note(config, "registered", &endpoint.id).await?;
    writeln!(
        output.messages,
        "registered {}; a server posts to it, signed with the secret below (standardwebhooks.com)",
        endpoint.id
    )?;
    let secret = key.secret(&endpoint.id);
    tell(&endpoint.id, secret.expose_secret(), output)
}

/// The secret: alone on its line as text, so that a shell can take it.
fn tell(id: &str, secret: &str, output: &mut Output<'_>) -> Result<Ending, Failure> {
    if output.format == Format::Text {
        writeln!(output.out, "{secret}")?;
    } else {
        let rows = Rows {
            header: vec!["id", "secret"],
            rows: vec![vec![json!(id), json!(secret)]],
        };
        report::rows(&rows, output.format, output.view, output.out)?;
    }
    Ok(Ending::Complete)
}

async fn list(store: &Store, output: &mut Output<'_>) -> Result<Ending, Failure> {
    let listed = registry::list(store).await?;
    if listed.is_empty() {
        writeln!(
            output.messages,
            "no webhook is registered; `plaudit webhook add URL` registers one"
        )?;
    }
    let rows = Rows {
        header: vec!["id", "url", "events", "waiting", "problem"],
        rows: listed
            .into_iter()
            .map(|one| {
                let events = one.endpoint.events.iter().map(|event| json!(event));
                vec![
                    json!(one.endpoint.id),
                    json!(one.endpoint.url),
                    Value::Array(events.collect()),
                    json!(one.waiting),
                    json!(one.problem),
                ]
            })
            .collect(),
    };
    report::rows(&rows, output.format, output.view, output.out)?;
    Ok(Ending::Complete)
}

async fn secret(
    store: &Store,
    config: &Config,
    id: &str,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    if registry::endpoint(store, id).await?.is_none() {
        return Err(no_webhook(id));
    }
    note(config, "secret", id).await?;
    let secret = Key::within(&config.data_dir)?.secret(id);
    tell(id, secret.expose_secret(), output)
}

async fn remove(
    store: &Store,
    config: &Config,
    id: &str,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    if !registry::remove(store, id, registry::REMOVED, Timestamp::now()).await? {
        return Err(no_webhook(id));
    }
    note(config, "removed", id).await?;
    writeln!(
        output.messages,
        "removed {id}; what waited for it is among the dead letters"
    )?;
    Ok(Ending::Complete)
}

async fn dead_letters(
    store: &Store,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let letters = registry::dead_letters(store, None, usize::MAX).await?;
    let about = letters.iter().filter_map(|(_, one)| one.applicant.as_ref());
    session::note(config, session::local(Deed::Listed).about_all(about)).await?;
    if letters.is_empty() {
        writeln!(output.messages, "no message was given up")?;
    }
    let rows = Rows {
        header: vec![
            "message",
            "webhook",
            "event",
            "applicant",
            "given up",
            "attempts",
            "problem",
        ],
        rows: letters
            .into_iter()
            .map(|(_, letter)| {
                vec![
                    json!(letter.id),
                    json!(letter.endpoint),
                    json!(letter.event),
                    json!(letter.applicant),
                    json!(letter.due),
                    json!(letter.attempts),
                    json!(letter.problem),
                ]
            })
            .collect(),
    };
    report::rows(&rows, output.format, output.view, output.out)?;
    Ok(Ending::Complete)
}

async fn retry(
    store: &Store,
    config: &Config,
    (messages, all): (&[String], bool),
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let now = Timestamp::now();
    if all {
        let (retried, homeless) = registry::retry_all(store, now).await?;
        note(config, "retried", "all").await?;
        writeln!(output.messages, "tried again by the server: {retried}")?;
        if homeless > 0 {
            writeln!(
                output.messages,
                "left among the dead letters, because their webhook is removed: {homeless}"
            )?;
        }
        return Ok(Ending::Complete);
    }
    for message in messages {
        match registry::retry(store, message, now).await? {
            Retried::Yes => {
                note(config, "retried", message).await?;
                writeln!(output.messages, "tried again by the server: {message}")?;
            }
            Retried::Unknown => {
                return Err(Failure::usage(
                    anyhow::anyhow!("no message {:?} was given up", tame(message)),
                    "`plaudit webhook dead-letters` lists them",
                ));
            }
            Retried::NoEndpoint => {
                return Err(Failure::usage(
                    anyhow::anyhow!("the webhook that {message} was for is removed"),
                    "what happened since can be read with a token: GET /api/v1/applicants",
                ));
            }
        }
    }
    Ok(Ending::Complete)
}

async fn note(config: &Config, what: &str, id: &str) -> Result<(), Failure> {
    let act = session::local(Deed::WebhookChanged).with("what", what);
    Ok(session::note(config, act.with("id", id)).await?)
}

fn no_webhook(id: &str) -> Failure {
    Failure::usage(
        anyhow::anyhow!("there is no webhook {:?}", tame(id)),
        "`plaudit webhook list` shows the ids",
    )
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Self {
            code: 4,
            error: error.into(),
            hint: None,
        }
    }
}

impl From<NotAdded> for Failure {
    fn from(error: NotAdded) -> Self {
        let hint = match error {
            NotAdded::Store(error) => return error.into(),
            NotAdded::Random(error) => return anyhow::Error::from(error).into(),
            NotAdded::Address(_) => {
                "a webhook's address is https, such as https://ats.example.org/plaudit"
            }
            NotAdded::Known { .. } => {
                "`plaudit webhook secret ID` prints its secret once more; `plaudit webhook remove ID` ends it"
            }
            NotAdded::TooMany => "`plaudit webhook list` shows them",
        };
        Self::usage(error, hint)
    }
}
