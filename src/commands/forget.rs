//! `plaudit forget`: erases applicants for good; the tombstones of those who were.

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, IsTerminal as _, Write};
use std::time::Duration;

use indicatif::ProgressBar;
use jiff::Timestamp;
use serde_json::Value;

use super::enrich::{Output, people};
use super::failure::{Ending, Failure};
use super::session::{self, Progress};
use crate::audit::Deed;
use crate::cli;
use crate::config::Config;
use crate::domain::applicant::{Applicant, ApplicantId};
use crate::domain::erasure::{Erasure, Ground, Tombstone, identifiers};
use crate::domain::text::tame;
use crate::report::{self, Rows, clean};
use crate::rights;
use crate::store::Store;

/// How often the sign of life is drawn anew.
const TICK: Duration = Duration::from_millis(200);

/// Runs the command.
pub async fn run(
    arguments: &cli::Forget,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let (store, opening) = session::open_existing(config).await?;
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    let done = if arguments.list {
        list(&store, output).await
    } else if let Some(text) = &arguments.lift {
        lift(text, config, &store, output).await
    } else {
        forget(arguments, config, &store, output).await
    };
    // Closed also after a failure, so that the next start need not read everything.
    let closed = store.close().await;
    done?;
    closed?;
    Ok(Ending::Complete)
}

async fn list(store: &Store, output: &mut Output<'_>) -> Result<(), Failure> {
    let all = store.tombstones().await?;
    report::rows(&rows(&all), output.format, output.view, output.out)?;
    if all.is_empty() {
        writeln!(output.messages, "nobody was erased here")?;
    }
    Ok(())
}

async fn lift(
    text: &str,
    config: &Config,
    store: &Store,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    session::expect_notes(config).await?;
    let Some(lifted) = store.lift(text).await? else {
        return Err(Failure::usage(
            anyhow::anyhow!("there is no tombstone of {:?}", tame(text)),
            "`plaudit forget --list` shows their numbers",
        ));
    };
    let act = session::local(Deed::Lifted).with("tombstone", &*lifted.number);
    session::note(config, act).await?;
    report::rows(&rows(&[lifted]), output.format, output.view, output.out)?;
    writeln!(
        output.messages,
        "lists may bring this person in again; what was erased does not come back by it"
    )?;
    Ok(())
}

fn rows(all: &[Tombstone]) -> Rows {
    Rows {
        header: ["number", "erased_at", "ground", "role", "reason"].to_vec(),
        rows: all.iter().map(cells).collect(),
    }
}

fn cells(tombstone: &Tombstone) -> Vec<Value> {
    let text = |text: &Option<String>| text.as_deref().map_or(Value::Null, Into::into);
    let ground = match tombstone.ground {
        Ground::Asked => "asked",
        Ground::Expired => "expired",
    };
    vec![
        tombstone.number.as_str().into(),
        tombstone.erased_at.strftime("%FT%TZ").to_string().into(),
        ground.into(),
        text(&tombstone.role),
        text(&tombstone.reason),
    ]
}

async fn forget(
    arguments: &cli::Forget,
    config: &Config,
    store: &Store,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let hosts = session::hosts(config)?;
    // Everybody is known before anybody is erased.
    let mut whom: Vec<Applicant> = Vec::new();
    for text in &arguments.ids {
        let found = session::find(store, text, &hosts).await?;
        if whom.iter().all(|one| one.id != found.id) {
            whom.push(found);
        }
    }
    let reason = arguments.reason.as_deref().unwrap_or_default();
    let reason = rights::fitting(reason, &whom).map_err(|unfit| {
        Failure::usage(
            unfit,
            "say why without saying who: --reason \"asked by letter\"",
        )
    })?;
    // Whoever is to say yes must see it, also where no messages are wanted.
    let to: &mut dyn Write = if arguments.yes {
        &mut *output.messages
    } else {
        &mut *output.errors
    };
    for one in &whom {
        let name = one
            .name
            .as_deref()
            .map(|name| format!(" ({})", clean(name)));
        let goes = rights::erased_with(store, &one.id).await?.join(", ");
        writeln!(to, "{}{}: {goes}", one.id, name.unwrap_or_default())?;
    }
    for sentence in who_stays(&whom, &store.applicants().await?) {
        writeln!(to, "note: {sentence}")?;
    }
    if !arguments.yes {
        confirm(whom.len(), to)?;
    }
    let why = Erasure {
        ground: Ground::Asked,
        reason,
    };
    let ids: Vec<_> = whom.into_iter().map(|one| one.id).collect();
    session::expect_notes(config).await?;
    let begun = session::local(Deed::Erased).about_all(&ids).begun();
    session::note(config, begun).await?;
    let sign = sign_of_life(output.progress);
    let erased = store.forget(ids.clone(), why, Timestamp::now()).await;
    sign.finish_and_clear();
    let erased = erased?;
    let gone = ids.iter().zip(&erased);
    let gone: Vec<_> = gone
        .filter(|(_, tombstone)| tombstone.is_some())
        .map(|(id, _)| id.clone())
        .collect();
    session::note(config, session::local(Deed::Erased).about_all(&gone)).await?;
    let mut table = rows(&[]);
    table.header.insert(0, "applicant");
    for (id, tombstone) in ids.iter().zip(&erased) {
        let Some(tombstone) = tombstone else {
            writeln!(
                output.messages,
                "note: somebody else has erased {id} meanwhile"
            )?;
            continue;
        };
        let mut row = cells(tombstone);
        row.insert(0, id.as_str().into());
        table.rows.push(row);
    }
    report::rows(&table, output.format, output.view, output.out)?;
    for dump in store.uncleaned_dumps().await? {
        writeln!(
            output.errors,
            "warning: a dump still holds them, and the next start tries again: {dump}"
        )?;
    }
    writeln!(
        output.messages,
        "{} erased for good. What this does not reach:",
        people(table.rows.len())
    )?;
    for place in rights::REMAINS {
        writeln!(output.messages, "- {place}")?;
    }
    Ok(())
}

/// Who is known by the same as somebody who is erased, and stays: they may be one person.
fn who_stays(whom: &[Applicant], all: &[Applicant]) -> Vec<String> {
    let erased = |id: &ApplicantId| whom.iter().any(|one| one.id == *id);
    let staying = all.iter().filter(|one| !erased(&one.id));
    let known: BTreeSet<String> = whom.iter().flat_map(identifiers).collect();
    let shared = staying.filter_map(|one| {
        let same = identifiers(one).into_iter().find(|by| known.contains(by))?;
        let (_, same) = same.split_once(':')?;
        Some(format!(
            "{id} has {same} as well, and stays with it; if that is the same person: `plaudit forget {id}`",
            id = one.id,
            same = clean(same)
        ))
    });
    shared.collect()
}

/// Asks whether it is meant. Without anybody to ask, it is not.
fn confirm(count: usize, to: &mut dyn Write) -> Result<(), Failure> {
    let nothing = |why: &str, hint: &str| {
        Failure::usage(
            anyhow::anyhow!("nothing was erased: {why}"),
            hint.to_owned(),
        )
    };
    if !io::stdin().is_terminal() {
        return Err(nothing(
            "it cannot be undone, and there is nobody to ask",
            "if it is meant, say so: --yes",
        ));
    }
    write!(
        to,
        "Erase {} for good? It cannot be undone. Type yes: ",
        people(count)
    )?;
    to.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if answer.trim().eq_ignore_ascii_case("yes") {
        Ok(())
    } else {
        Err(nothing(
            "the answer was not yes",
            "the same command asks again",
        ))
    }
}

/// That something is being done: a large store takes a while to be written anew.
fn sign_of_life(progress: Progress) -> ProgressBar {
    if progress == Progress::Silent {
        return ProgressBar::hidden();
    }
    let sign = ProgressBar::new_spinner();
    sign.set_message("writing the store anew, without them");
    sign.enable_steady_tick(TICK);
    sign
}
