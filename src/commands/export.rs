//! `plaudit export`: all that is kept about an applicant, for the applicant.

use jiff::Timestamp;

use super::enrich::Output;
use super::failure::{Ending, Failure};
use super::session;
use crate::audit::{Audit, Deed};
use crate::cli;
use crate::config::Config;
use crate::report::{self, Format};
use crate::rights;
use crate::store::Store;

/// Runs the command.
pub async fn run(
    arguments: &cli::Export,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let Some(id) = arguments.id.as_deref().filter(|_| !arguments.schema) else {
        serde_json::to_writer_pretty(&mut *output.out, &rights::Export::schema())
            .map_err(std::io::Error::from)?;
        writeln!(output.out)?;
        return Ok(Ending::Complete);
    };
    if output.format.of_text().is_none() && !is_json(output.format) {
        return Err(only_texts("`--format json` is for programs"));
    }
    let (store, opening) = session::open_existing(config).await?;
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    let written = write(id, &store, config, output).await;
    // Closed also after a failure, so that the next start need not read everything.
    let closed = store.close().await;
    written?;
    closed?;
    Ok(Ending::Complete)
}

fn is_json(format: Format) -> bool {
    matches!(format, Format::Json | Format::Jsonl)
}

/// What to say of a format in which a text cannot be written.
pub(super) fn only_texts(hint: &str) -> Failure {
    Failure::usage(
        anyhow::anyhow!("this is a text: there is no table of it"),
        format!("take text, markdown or html; {hint}"),
    )
}

async fn write(
    id: &str,
    store: &Store,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let hosts = session::hosts(config)?;
    let applicant = session::find(store, id, &hosts).await?;
    let export = rights::Export::of(store, applicant, Timestamp::now()).await?;
    let export = export.with_log(&Audit::within(&config.data_dir)).await?;
    let act = session::local(Deed::Exported).about_one(&export.applicant.id);
    session::note(config, act.with("format", output.format.name())).await?;
    match output.format.of_text() {
        Some(format) => report::document(&export.document(), format, output.view, output.out)?,
        None if output.format == Format::Jsonl => report::json_line(&export, output.out)?,
        None => report::json_pretty(&export, output.out)?,
    }
    Ok(())
}
