//! `plaudit restore`: the store, made anew from a dump.

use std::path::Path;

use super::enrich::{Output, number_of};
use super::failure::{Ending, Failure};
use super::session;
use crate::audit::Deed;
use crate::cli;
use crate::config::Config;
use crate::folder::secure;
use crate::store::{Restored, Store, StoreError};

/// Runs the command.
pub async fn run(
    arguments: &cli::Restore,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    if arguments.file == Path::new("-") {
        return Err(Failure::usage(
            anyhow::anyhow!("a dump is read twice, so it cannot come from standard input"),
            "write it to a file first, and name that; a file named - is ./-",
        ));
    }
    refuse_beside_a_server(config).await?;
    let options = session::store_options(config);
    let file = std::path::absolute(&arguments.file)?;
    if config.data_dir.exists() {
        // The log lies in the folder: nothing is written into one that is not trusted.
        for sentence in secure(&config.data_dir).map_err(StoreError::from)? {
            writeln!(output.errors, "note: {sentence}")?;
        }
        session::expect_notes(config).await?;
    }
    let restored = Store::restore(&config.data_dir, &file, options).await?;
    let came = restored.dumped.applicants - restored.kept_out;
    let act = session::local(Deed::Restored).with("count", came);
    session::note(config, act.with("kept_out", restored.kept_out)).await?;
    // As the next command will open it: everything is read back once.
    let (store, opening) = session::open_own(config).await?;
    let verified = store.verify().await;
    store.close().await?;
    let damaged = verified?.damaged;
    for sentence in opening.recovered.iter().chain(&restored.notices) {
        writeln!(output.errors, "note: {sentence}")?;
    }
    if let Some(what) = damaged.first() {
        return Err(StoreError::Damaged {
            folder: config.data_dir.clone(),
            what: what.clone(),
            dump: None,
        }
        .into());
    }
    tell(&restored, output)?;
    Ok(Ending::Complete)
}

/// Refuses while a server has the folder: it has the old files open.
pub(super) async fn refuse_beside_a_server(config: &Config) -> Result<(), Failure> {
    if Store::connect(&config.data_dir).await?.is_none() {
        return Ok(());
    }
    Err(Failure {
        code: 4,
        error: anyhow::anyhow!(
            "a server has the data folder {} open",
            config.data_dir.display()
        ),
        hint: Some("end the server, run this command again, and begin the server anew".to_owned()),
    })
}

fn tell(restored: &Restored, output: &mut Output<'_>) -> std::io::Result<()> {
    let dumped = &restored.dumped;
    writeln!(
        output.messages,
        "restored {}, {} in all, each read back; the store is as of {:.0}",
        number_of(
            dumped.applicants - restored.kept_out,
            "applicant",
            "applicants"
        ),
        number_of(restored.values, "value", "values"),
        dumped.made_at
    )?;
    if restored.kept_out > 0 {
        writeln!(
            output.messages,
            "{} erased since and kept out",
            number_of(restored.kept_out, "applicant", "applicants")
        )?;
    }
    if let Some(aside) = &restored.aside {
        writeln!(
            output.messages,
            "the files from before are in {}; delete them when nobody needs them any more",
            aside.display()
        )?;
    }
    let changes = match restored.missing {
        Some(0) => {
            return writeln!(output.messages, "nothing was acknowledged after that");
        }
        Some(missing) => format!(" ({})", number_of(missing, "change", "changes")),
        None => String::new(),
    };
    // Also when no messages are wanted: somebody waits for what is missing.
    writeln!(
        output.errors,
        "warning: everything acknowledged after {:.0} has to be done again{changes}: run the same lists once more, and \
         revoke once more what was revoked (`plaudit token list`)",
        dumped.made_at
    )
}
