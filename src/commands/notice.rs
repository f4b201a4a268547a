//! `plaudit notice`: what candidates are told of the processing of their data.

use super::enrich::Output;
use super::export::only_texts;
use super::failure::{Ending, Failure};
use super::session;
use crate::cli;
use crate::config::Config;
use crate::report;
use crate::rights::{self, Facts};

/// Runs the command.
pub async fn run(
    arguments: &cli::Notice,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let Some(format) = output.format.of_text() else {
        return Err(only_texts("it is for people alone"));
    };
    let rubrics = session::rubrics(config)?;
    if let Some(role) = arguments
        .role
        .as_ref()
        .filter(|role| !rubrics.contains_key(*role))
    {
        return Err(session::unknown_role(role, config)?);
    }
    let roles = match &arguments.role {
        Some(role) => vec![role.as_str()],
        None => rights::roles(config),
    };
    // Without a store nobody is told of anything.
    let recipients = if config.data_dir.exists() {
        let (store, _) = session::open_store(config).await?;
        let recipients = rights::recipients(&store).await;
        store.close().await?;
        recipients?
    } else {
        Vec::new()
    };
    let hosts = recipients
        .iter()
        .map(|one| format!("The program at {}", one.host));
    let facts = Facts::new(config, &rubrics, &roles, hosts.collect());
    report::document(&rights::notice(&facts), format, output.view, output.out)?;
    writeln!(
        output.messages,
        "note: a text to start from, and no legal advice; have it looked at before candidates get it"
    )?;
    Ok(Ending::Complete)
}
