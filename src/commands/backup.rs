//! `plaudit backup`: all that is kept, in one file.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;

use super::enrich::{Output, number_of};
use super::failure::{Ending, Failure};
use super::session::{self, Progress};
use crate::audit::Deed;
use crate::cli;
use crate::config::Config;
use crate::report::Format;
use crate::store::dump::{move_to, name_of};
use crate::store::{Dumped, Store, StoreError};

/// How often the bar moves.
const TICK: Duration = Duration::from_millis(200);

/// Runs the command.
pub async fn run(
    arguments: &cli::Backup,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    let to_output = arguments.file.as_deref() == Some(Path::new("-"));
    if to_output && io::stdout().is_terminal() {
        return Err(Failure::usage(
            anyhow::anyhow!("a dump cannot be shown on a terminal"),
            "name a file, or send it on: plaudit backup - | ssh …",
        ));
    }
    if let Some(file) = arguments.file.as_deref().filter(|_| !to_output) {
        expect_place(file, arguments.force)?;
    }
    let (store, opening) = session::open_existing(config).await?;
    for sentence in &opening.recovered {
        writeln!(output.messages, "note: {sentence}")?;
    }
    session::expect_notes(config).await?;
    let bar = bar(output.progress);
    let written = match &arguments.file {
        None => store.back_up(None, Timestamp::now()).await,
        Some(file) if to_output || store.is_remote() => {
            let file = (!to_output).then_some(file.as_path());
            let handed = hand_over(&store, config, file, output.out).await;
            bar.finish_and_clear();
            let closed = store.close().await;
            let dumped = handed?;
            closed?;
            return tell(&dumped, !to_output, output);
        }
        Some(file) => match std::path::absolute(file) {
            Ok(file) => store.back_up(Some(file), Timestamp::now()).await,
            Err(error) => return Err(error.into()),
        },
    };
    bar.finish_and_clear();
    let closed = store.close().await;
    let dumped = written?;
    note(config, &dumped, None).await?;
    closed?;
    tell(&dumped, true, output)
}

/// Refuses where a dump would take the place of something that is none, or of a file that nobody gave up. In the end it
/// is moved to its place, which would replace a device as well.
fn expect_place(file: &Path, force: bool) -> Result<(), Failure> {
    let shown = file.display();
    let refused = |why: String, hint: String| Err(Failure::usage(anyhow::anyhow!(why), hint));
    match fs::symlink_metadata(file) {
        Ok(found) if found.is_dir() => refused(
            format!("{shown} is a folder"),
            format!(
                "name a file: plaudit backup {}",
                file.join("plaudit.jsonl.zst").display()
            ),
        ),
        Ok(found) if !found.is_file() => refused(
            format!("{shown} is no regular file, and a dump would take its place"),
            "name another file; `plaudit backup -` writes to standard output".to_owned(),
        ),
        Ok(_) if !force => refused(
            format!("{shown} is there already"),
            "name another file, or say that it may be replaced: --force".to_owned(),
        ),
        Ok(_) => Ok(()),
        // Whatever else is in the way is told when the dump is written.
        Err(_) => match std::path::absolute(file)?.parent() {
            Some(folder)
                if fs::metadata(folder)
                    .is_err_and(|error| error.kind() == io::ErrorKind::NotFound) =>
            {
                refused(
                    format!("there is no folder {}", folder.display()),
                    "make the folder first, or name a file in another one".to_owned(),
                )
            }
            Some(_) | None => Ok(()),
        },
    }
}

/// Writes down that a dump was made, and whether it was handed out on standard output.
async fn note(config: &Config, dumped: &Dumped, to: Option<&'static str>) -> Result<(), Failure> {
    let act = session::local(Deed::BackedUp).with("count", dumped.applicants);
    let act = to.into_iter().fold(act, |act, to| act.with("to", to));
    Ok(session::note(config, act).await?)
}

/// Has the dump written into the folder of dumps, where a server may write as well, and passes it on from there: this
/// process may write where a server's must not.
async fn hand_over(
    store: &Store,
    config: &Config,
    file: Option<&Path>,
    out: &mut dyn Write,
) -> Result<Dumped, Failure> {
    let now = Timestamp::now();
    // Should this process be killed, the next dump takes it away.
    let name = format!(".{}.for-{}.part", name_of(now), std::process::id());
    let handed = config.dumps.join(name);
    let dumped = store.back_up(Some(handed.clone()), now).await?;
    // What goes to standard output is seen as it goes.
    let noted = match file {
        None => note(config, &dumped, Some("output")).await,
        Some(_) => Ok(()),
    };
    let passed = noted.and_then(|()| pass_on(&handed, file, out));
    let _ = fs::remove_file(&handed);
    let passed = passed?;
    if file.is_some() {
        note(config, &dumped, None).await?;
    }
    Ok(Dumped {
        file: passed,
        ..dumped
    })
}

fn pass_on(handed: &Path, file: Option<&Path>, out: &mut dyn Write) -> Result<PathBuf, Failure> {
    if let Some(file) = file {
        move_to(handed, file).map_err(|error| StoreError::DumpNotWritten {
            file: file.to_owned(),
            why: error.to_string(),
        })?;
        return Ok(file.to_owned());
    }
    io::copy(&mut File::open(handed)?, out)?;
    out.flush()?;
    Ok(PathBuf::from("-"))
}

/// Says what is in it; `name`: and, as the result, which file it is.
fn tell(dumped: &Dumped, name: bool, output: &mut Output<'_>) -> Result<Ending, Failure> {
    if name {
        match output.format {
            Format::Json | Format::Jsonl => {
                serde_json::to_writer(&mut *output.out, dumped).map_err(io::Error::from)?;
                writeln!(output.out)?;
            }
            _ => writeln!(output.out, "{}", dumped.file.display())?,
        }
    }
    writeln!(
        output.messages,
        "{}, {}, {} bytes, as of {:.0}",
        number_of(dumped.applicants, "applicant", "applicants"),
        number_of(dumped.records, "value", "values"),
        dumped.bytes,
        dumped.made_at
    )?;
    Ok(Ending::Complete)
}

/// A sign of life: how much there will be is not known before.
fn bar(progress: Progress) -> ProgressBar {
    let bar = match progress {
        Progress::Bar => ProgressBar::new_spinner(),
        Progress::Silent => ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
    };
    if let Ok(style) = ProgressStyle::with_template("{spinner} writing a dump  {elapsed}") {
        bar.set_style(style);
    }
    if progress == Progress::Bar {
        bar.enable_steady_tick(TICK);
    }
    bar
}
