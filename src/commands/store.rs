//! `plaudit store`: whether it is whole, its lists made anew, its old values let go.

use serde_json::json;

use super::enrich::Output;
use super::failure::{Ending, Failure};
use super::restore::refuse_beside_a_server;
use super::session;
use crate::cli::{self, StoreCommand};
use crate::config::Config;
use crate::report::{self, Rows};
use crate::store::{Store, StoreError, dump};

/// Runs the command.
pub async fn run(
    arguments: &cli::Store,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    match arguments.command {
        StoreCommand::Verify => verify(config, output).await,
        StoreCommand::Rebuild => rebuild(config, output).await,
        StoreCommand::Compact => compact(config, output).await,
    }
}

async fn verify(config: &Config, output: &mut Output<'_>) -> Result<Ending, Failure> {
    let (store, opening) = session::open_existing(config).await?;
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    let verified = store.verify().await;
    store.close().await?;
    let verified = verified?;
    if verified.damaged.is_empty() {
        writeln!(output.messages, "{} values, all whole", verified.values)?;
        return Ok(Ending::Complete);
    }
    findings(&verified.damaged, output)?;
    let newest = dump::newest_whole(&config.dumps);
    let damaged = StoreError::Damaged {
        folder: config.data_dir.clone(),
        what: format!("{} findings", verified.damaged.len()),
        dump: newest.map(|dumped| dumped.file),
    };
    let mut failure = Failure::from(damaged);
    let restore = failure.hint.unwrap_or_default();
    failure.hint = Some(format!(
        "`plaudit store rebuild` makes lists and counts anew; where that is refused, {restore}"
    ));
    Err(failure)
}

async fn rebuild(config: &Config, output: &mut Output<'_>) -> Result<Ending, Failure> {
    refuse_beside_a_server(config).await?;
    let options = session::store_options(config);
    let wrong = Store::rebuild(&config.data_dir, options).await?;
    // Opened once, so that everything is read back.
    let (store, _) = session::open_existing(config).await?;
    store.close().await?;
    if wrong.is_empty() {
        writeln!(
            output.messages,
            "nothing was wrong: queues, lists and counts follow from the rest"
        )?;
    } else {
        findings(&wrong, output)?;
        writeln!(output.messages, "made anew; the rest is whole")?;
    }
    Ok(Ending::Complete)
}

async fn compact(config: &Config, output: &mut Output<'_>) -> Result<Ending, Failure> {
    let (store, _) = session::open_existing(config).await?;
    let written = store.write_anew().await;
    store.close().await?;
    written?;
    writeln!(
        output.messages,
        "written anew; the old files, and every old value in them, are gone"
    )?;
    Ok(Ending::Complete)
}

fn findings(sentences: &[String], output: &mut Output<'_>) -> std::io::Result<()> {
    let rows = Rows {
        header: vec!["finding"],
        rows: sentences.iter().map(|one| vec![json!(one)]).collect(),
    };
    report::rows(&rows, output.format, output.view, output.out)
}
