//! `plaudit rank`: the applicants for a role, best first.

use std::io::{self, Write};

use super::{
    enrich::Output,
    failure::{Ending, Failure},
    session,
};
use crate::{
    cli,
    config::Config,
    domain::profile::Profile,
    report::{self, Format, Ranking, View},
};

/// Runs the command.
pub async fn run(
    arguments: &cli::Rank,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    if !session::rubrics(config)?.contains_key(&config.role) {
        return Err(session::unknown_role(&config.role, config)?);
    }
    let (store, opening) = session::open_existing(config).await?;
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    let profiles = store.profiles_of_role(&config.role).await?;
    let queued = store.waiting(jiff::Timestamp::now()).await?;
    store.close().await?;
    let complete = profiles.iter().all(Profile::is_complete) && queued.is_empty();
    print(
        profiles,
        &config.role,
        arguments.limit,
        output.format,
        output.view,
        output.out,
    )?;
    if !queued.is_empty() {
        let count = queued.ready + queued.deferred + queued.leased;
        writeln!(
            output.messages,
            "note: {count} more are queued; `plaudit enrich` goes on"
        )?;
    }
    Ok(if complete {
        Ending::Complete
    } else {
        Ending::Incomplete
    })
}

/// Writes the ranking of those among `profiles` who applied for `role`.
pub fn print(
    profiles: Vec<Profile>,
    role: &str,
    limit: Option<usize>,
    format: Format,
    view: View,
    out: &mut dyn Write,
) -> io::Result<()> {
    report::ranking(&Ranking::new(role, profiles, limit), format, view, out)
}
