//! `plaudit token`: makes, lists and revokes what admits to the server.

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::{
    enrich::Output,
    failure::{Ending, Failure},
    session,
};
use crate::{
    api::access::tokens::{self, NotMade},
    audit::Deed,
    cli::{self, TokenCommand, TokenCreate},
    config::Config,
    domain::{access::ApiToken, text::tame},
    report::{self, Format, Rows, clean},
    store::{Opening, Store},
};

/// Tokens that are named as near to what was typed, at most. Count.
const NEAR: usize = 5;

/// Runs the command.
pub async fn run(
    arguments: &cli::Token,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let now = Timestamp::now();
    match &arguments.command {
        TokenCommand::Create(wanted) => {
            let opened = session::open_store(config).await?;
            let store = ready(opened, output)?;
            let done = create(wanted, &store, config, now, output).await;
            closed(store, done).await
        }
        TokenCommand::List => {
            let opened = session::open_existing(config).await?;
            let store = ready(opened, output)?;
            let done = list(&store, now, output).await;
            closed(store, done).await
        }
        TokenCommand::Revoke { id } => {
            let opened = session::open_existing(config).await?;
            let store = ready(opened, output)?;
            let done = revoke(id, &store, config, now, output).await;
            closed(store, done).await
        }
    }
}

fn ready((store, opening): (Store, Opening), output: &mut Output<'_>) -> Result<Store, Failure> {
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    Ok(store)
}

/// Closes the store also after a refusal, so that the next start need not read everything.
async fn closed(store: Store, done: Result<(), Failure>) -> Result<Ending, Failure> {
    let closed = store.close().await;
    done?;
    closed?;
    Ok(Ending::Complete)
}

async fn create(
    wanted: &TokenCreate,
    store: &Store,
    config: &Config,
    now: Timestamp,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let length = SignedDuration::try_from(wanted.expires).unwrap_or(SignedDuration::MAX);
    let expires_at = now.checked_add(length).unwrap_or(Timestamp::MAX);
    session::expect_notes(config).await?;
    let made = tokens::make(store, &wanted.name, wanted.role, now, expires_at).await;
    let made = made.map_err(refusal)?;
    let token = made.token;
    let act = session::local(Deed::TokenMade).with("id", &*token.id);
    session::note(config, act).await?;
    let row = vec![
        token.id.into(),
        token.name.into(),
        token.role.to_string().into(),
        shown(token.expires_at),
        made.secret.expose_secret().into(),
    ];
    let rows = Rows {
        header: ["id", "name", "role", "expires_at", "token"].to_vec(),
        rows: vec![row],
    };
    report::rows(&rows, output.format, output.view, output.out)?;
    writeln!(
        output.messages,
        "the token is shown this once: plaudit keeps its digest alone. People sign in with it, programs send it as \
         `Authorization: Bearer …`; keep it where passwords are kept"
    )?;
    Ok(())
}

fn refusal(error: NotMade) -> Failure {
    match error {
        NotMade::Store(error) => error.into(),
        NotMade::Random(_) => anyhow::Error::new(error).into(),
        NotMade::Name(_) => Failure::usage(
            error,
            "say whose it is, or what it is for: --name \"Dr Example\"",
        ),
        NotMade::Expiry(_) => Failure::usage(error, "for a quarter of a year: --expires 90d"),
    }
}

async fn list(store: &Store, now: Timestamp, output: &mut Output<'_>) -> Result<(), Failure> {
    let all = tokens::list(store).await?;
    let row = |token: &ApiToken| {
        vec![
            token.id.clone().into(),
            token.name.clone().into(),
            token.role.to_string().into(),
            state(token, now).into(),
            shown(token.created_at),
            shown(token.expires_at),
            token.revoked_at.map_or(Value::Null, shown),
        ]
    };
    let rows = Rows {
        header: [
            "id",
            "name",
            "role",
            "state",
            "created_at",
            "expires_at",
            "revoked_at",
        ]
        .to_vec(),
        rows: all.iter().map(|(_, token)| row(token)).collect(),
    };
    report::rows(&rows, output.format, output.view, output.out)?;
    if all.is_empty() {
        writeln!(
            output.messages,
            "there is no token yet; `plaudit token create` makes one"
        )?;
    }
    Ok(())
}

async fn revoke(
    id: &str,
    store: &Store,
    config: &Config,
    now: Timestamp,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    session::expect_notes(config).await?;
    let typed = id.trim().to_ascii_lowercase();
    let Some(token) = tokens::revoke(store, &typed, now).await? else {
        let all = tokens::list(store).await?;
        return Err(unknown(id, &all));
    };
    let act = session::local(Deed::TokenRevoked).with("what", "token");
    session::note(config, act.with("id", &*token.id)).await?;
    let at = token.revoked_at.unwrap_or(now);
    if output.format == Format::Text {
        writeln!(
            output.out,
            "{} ({}) is revoked; whoever signed in with it is signed out",
            token.id,
            clean(&token.name)
        )?;
    } else {
        let row = vec![
            token.id.into(),
            token.name.into(),
            token.role.to_string().into(),
            shown(at),
        ];
        let rows = Rows {
            header: ["id", "name", "role", "revoked_at"].to_vec(),
            rows: vec![row],
        };
        report::rows(&rows, output.format, output.view, output.out)?;
    }
    if at < now {
        writeln!(
            output.messages,
            "note: it was revoked before, at {}",
            at.strftime("%F %T UTC")
        )?;
    }
    Ok(())
}

/// What to say of an id that no token bears. None is chosen for the person.
fn unknown(id: &str, all: &[(String, ApiToken)]) -> Failure {
    let typed = id.trim().to_lowercase();
    let likeness = |token: &ApiToken| {
        if token.name.to_lowercase() == typed {
            1.0
        } else {
            strsim::normalized_damerau_levenshtein(&token.id, &typed)
        }
    };
    let mut near: Vec<(f64, &ApiToken)> = all
        .iter()
        .map(|(_, token)| (likeness(token), token))
        .filter(|(likeness, _)| *likeness >= 0.5)
        .collect();
    // Stable, so that those as near stay in the order of their making.
    near.sort_by(|left, right| right.0.total_cmp(&left.0));
    let named: Vec<String> = near
        .iter()
        .take(NEAR)
        .map(|(_, token)| format!("{} ({})", token.id, clean(&token.name)))
        .collect();
    let hint = if named.is_empty() {
        "`plaudit token list` shows the ids".to_owned()
    } else {
        format!("did you mean {}?", named.join(" or "))
    };
    // Somebody may have given the token itself, which must not stand in a log.
    let said = if typed.starts_with("plaudit_") {
        anyhow::anyhow!("this is a token and not its id")
    } else {
        anyhow::anyhow!("there is no token with the id {:?}", tame(id))
    };
    Failure::usage(said, hint)
}

fn state(token: &ApiToken, now: Timestamp) -> &'static str {
    if token.revoked_at.is_some() {
        "revoked"
    } else if token.is_valid(now) {
        "valid"
    } else {
        "expired"
    }
}

/// A time in whole seconds.
fn shown(at: Timestamp) -> Value {
    at.strftime("%FT%TZ").to_string().into()
}
