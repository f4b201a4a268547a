//! `plaudit kaggle`: Kaggle's data set onto this machine, and what is here of it.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{DecimalBytes, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc;

use super::beside;
use super::enrich::Output;
use super::failure::{Ending, Failure};
use super::session::{self, Progress, clock};
use crate::cli;
use crate::config::Config;
use crate::http::{DownloadError, HttpError};
use crate::report::{self, Rows};
use crate::sources::kaggle::bulk::{About, ImportError, Index, IndexError};
use crate::sources::kaggle::import::{
    Folder, ImportFailure, Imported, Listener, News, Origin, import as bring,
};
use crate::store::StoreError;

/// How a person does it without plaudit's download.
const BY_HAND: &str = "by hand: download https://www.kaggle.com/datasets/kaggle/meta-kaggle, then \
                       `plaudit kaggle import --from DIR`";

/// What an import takes on the disk, roughly: the files by what is known of their sizes in 2026, the index by the
/// most that one of so many accounts may have.
const ROOM: &str =
    "an import takes about 12 GB for the files, which go when it is done, and 1.2 GB for the index";

/// What to do when the index cannot be a file.
const FOLDER_IN_THE_WAY: &str =
    "a folder stands where the index belongs: move it away, or name another place with --data-dir";

/// Runs the command.
pub async fn run(
    arguments: &cli::Kaggle,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    match &arguments.command {
        cli::KaggleCommand::Import(arguments) => import(arguments, config, output).await,
        cli::KaggleCommand::Status => status(config, output),
    }
}

async fn import(
    arguments: &cli::KaggleImport,
    config: &Config,
    output: &mut Output<'_>,
) -> Result<Ending, Failure> {
    if config.data_dir.exists() {
        // No store is opened here, which would look.
        for sentence in crate::folder::secure(&config.data_dir).map_err(StoreError::from)? {
            writeln!(output.messages, "note: {sentence}")?;
        }
    }
    let folder = Folder::within(&config.data_dir);
    let connection = session::connect_kaggle(config)?;
    let origin = if let Some(files) = &arguments.from {
        Origin::Folder(files)
    } else {
        for notice in &config.notices {
            writeln!(output.messages, "warning: {notice}")?;
        }
        Origin::Kaggle {
            connection: &connection,
            patience: config.worker.patience,
            force: arguments.force,
            keep: arguments.keep,
        }
    };
    let began = Instant::now();
    let first = match &arguments.from {
        Some(_) => "reading".to_owned(),
        None => format!(
            "asking {}",
            config.kaggle.url.host_str().unwrap_or_default()
        ),
    };
    let bar = bar(output.progress, first);
    let (lines, received) = mpsc::unbounded_channel();
    let listener = listener(bar.clone(), lines);
    let (imported, told) = tokio::join!(
        bring(&folder, origin, listener),
        tell(received, &bar, output.messages)
    );
    bar.finish_and_clear();
    told?;
    if let Some(notice) = connection.refused() {
        writeln!(output.messages, "warning: {notice}")?;
    }
    let about = match imported {
        Err(error) => {
            let by_hand = arguments.from.is_some();
            return Err(failure(error, by_hand, &folder, &config.kaggle.url));
        }
        Ok(Imported::NothingNewer(about)) => {
            writeln!(
                output.messages,
                "nothing newer: Kaggle has what the index was made from (`--force` makes it anew)"
            )?;
            about
        }
        Ok(Imported::Index(about)) => {
            tell_of_index(&about, &folder, began.elapsed(), output.messages)?;
            beside::take_index(config, output.messages).await?;
            about
        }
    };
    let rows = rows(&folder.index(), Ok(&about), Timestamp::now());
    report::rows(&rows, output.format, output.view, output.out)?;
    Ok(Ending::Complete)
}

/// What is here, also when nothing is. Exit code 1 when there is no index to ask.
fn status(config: &Config, output: &mut Output<'_>) -> Result<Ending, Failure> {
    let path = Folder::within(&config.data_dir).index();
    let index = Index::open(&path);
    let about = index.as_ref().map(Index::about);
    let rows = rows(&path, about, Timestamp::now());
    report::rows(&rows, output.format, output.view, output.out)?;
    match index {
        Ok(_) => Ok(Ending::Complete),
        Err(error) => {
            writeln!(output.errors, "error: {error}")?;
            let next = match error {
                IndexError::NotThere => format!("`plaudit kaggle import` brings it; {ROOM}"),
                IndexError::OtherFormat { .. } | IndexError::Damaged { .. } => {
                    "`plaudit kaggle import` makes it anew".to_owned()
                }
                IndexError::Unreadable { source, .. } if is_folder(&source) => {
                    FOLDER_IN_THE_WAY.to_owned()
                }
                IndexError::Unreadable { .. } => "check the file's permissions".to_owned(),
            };
            writeln!(output.errors, "hint: {next}")?;
            Ok(Ending::Incomplete)
        }
    }
}

/// What is here, a line each.
fn rows(path: &Path, about: Result<&About, &IndexError>, now: Timestamp) -> Rows {
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let mut row = |key: &str, value: Value| rows.push(vec![key.into(), value]);
    let state = match about {
        Ok(_) => "ready",
        Err(IndexError::NotThere) => "none",
        Err(IndexError::OtherFormat { .. }) => "of another version",
        Err(IndexError::Damaged { .. }) => "damaged",
        Err(IndexError::Unreadable { .. }) => "unreadable",
    };
    row("state", state.into());
    row("index", path.display().to_string().into());
    if let Ok(about) = about {
        let size = std::fs::metadata(path).map_or(Value::Null, |file| file.len().into());
        row("bytes", size);
        row("data as of", format!("{:.0}", about.as_of).into());
        row("age in days", days(about.as_of, now).into());
        row("made at", format!("{:.0}", about.built_at).into());
        row("accounts", about.users.into());
        row("medalists", about.medalists.into());
        row("competitions", about.competitions.into());
        row("competitions with medals", about.qualifying.into());
        for (file, count) in &about.rows {
            row(&format!("rows of {file}"), (*count).into());
        }
        for (oddity, count) in &about.oddities {
            row(&format!("odd: {oddity}"), (*count).into());
        }
    }
    Rows {
        header: vec!["what", "value"],
        rows,
    }
}

/// Whole days from `then` to `now`, and none into the future.
pub(super) fn days(then: Timestamp, now: Timestamp) -> i64 {
    (now.duration_since(then).as_hours() / 24).max(0)
}

/// What came of it, for people.
fn tell_of_index(
    about: &About,
    folder: &Folder,
    took: Duration,
    messages: &mut dyn Write,
) -> io::Result<()> {
    let size = std::fs::metadata(folder.index()).map_or(0, |file| file.len());
    writeln!(
        messages,
        "{} accounts, {} of them with a medal in a competition, as of {}; the index has {}; {}",
        about.users,
        about.medalists,
        about.as_of.strftime("%Y-%m-%d"),
        DecimalBytes(size),
        HumanDuration(took)
    )?;
    if !about.oddities.is_empty() {
        let odd: Vec<String> = about
            .oddities
            .iter()
            .map(|(what, count)| format!("{count} {what}"))
            .collect();
        writeln!(messages, "odd in the data: {}", odd.join("; "))?;
    }
    Ok(())
}

/// A bar that shows what is done `first`, of which there is nothing to count yet.
fn bar(progress: Progress, first: String) -> ProgressBar {
    let bar = match progress {
        Progress::Bar => ProgressBar::no_length(),
        Progress::Silent => ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
    };
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    bar.set_message(first);
    if progress == Progress::Bar {
        bar.enable_steady_tick(Duration::from_millis(200));
    }
    bar
}

/// Lets the bar show bytes.
fn count_bytes(bar: &ProgressBar) {
    let style = "{msg:22} {bar:30} {decimal_bytes}/{decimal_total_bytes}  \
                 {decimal_bytes_per_sec}  {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
}

/// Moves the bar, and passes on the lines for people.
fn listener(bar: ProgressBar, lines: mpsc::UnboundedSender<String>) -> Listener {
    let reading = AtomicBool::new(false);
    let current = std::sync::Mutex::new("");
    let grow = move |file: &'static str, bytes, total: Option<u64>| {
        if let Ok(mut current) = current.lock()
            && *current != file
        {
            *current = file;
            bar.set_message(file);
            count_bytes(&bar);
            // The rate is of what comes now, and not of what was here.
            bar.reset();
            bar.set_position(bytes);
            bar.reset_eta();
        }
        if let Some(total) = total {
            bar.set_length(total);
        }
        bar.set_position(bytes);
    };
    Arc::new(move |news: News<'_>| {
        let line = match news {
            News::Growing { file, bytes, total } => {
                grow(file, bytes, total);
                return;
            }
            News::Indexing { bytes, total } => {
                grow("reading", bytes, Some(total));
                if reading.swap(true, Ordering::Relaxed) {
                    return;
                }
                format!("reading {}", DecimalBytes(total))
            }
            News::Asking => "asking Kaggle whether it has anything newer".to_owned(),
            News::Fetched {
                file,
                bytes,
                before,
            } => {
                let size = bytes.map(|bytes| format!(": {}", DecimalBytes(bytes)));
                let before = if before { ", here already" } else { "" };
                format!("{file}{}{before}", size.unwrap_or_default())
            }
            News::Waiting { until, why } => {
                format!("Kaggle asks us to wait until {} UTC ({why})", clock(until))
            }
        };
        // Whoever is told may be gone: then the work is nearly done as well.
        let _ = lines.send(line);
    })
}

/// Writes lines around the bar until nobody sends any.
async fn tell(
    mut lines: mpsc::UnboundedReceiver<String>,
    bar: &ProgressBar,
    messages: &mut dyn Write,
) -> io::Result<()> {
    while let Some(line) = lines.recv().await {
        bar.suspend(|| writeln!(messages, "{line}"))?;
    }
    Ok(())
}

/// What is said of an import that failed.
fn failure(error: ImportFailure, by_hand: bool, folder: &Folder, kaggle: &url::Url) -> Failure {
    let (code, next) = match &error {
        ImportFailure::Busy { .. } => (4, "let it finish, or stop it".to_owned()),
        ImportFailure::Download { source, .. } => of_download(source, kaggle),
        ImportFailure::Index { source } => of_index(source, by_hand),
        ImportFailure::Folder { .. } => (
            4,
            "check its permissions, or name another with --data-dir".to_owned(),
        ),
        ImportFailure::Broken(_) => (4, "run the same command again; it goes on".to_owned()),
    };
    let kept = if Index::open(&folder.index()).is_ok() {
        "; the index from before still answers"
    } else {
        ""
    };
    Failure {
        code,
        error: error.into(),
        hint: Some(format!("{next}{kept}")),
    }
}

fn of_download(error: &DownloadError, kaggle: &url::Url) -> (u8, String) {
    match error {
        DownloadError::Http(HttpError::RateLimited { .. }) => (
            1,
            "what came is kept: run the same command after that, or let it wait by itself: `--wait 1h`"
                .to_owned(),
        ),
        DownloadError::Http(HttpError::Unreachable { .. }) => (
            1,
            format!("check the network (a proxy is read from HTTPS_PROXY) and kaggle.url ({kaggle}); or {BY_HAND}"),
        ),
        DownloadError::Http(HttpError::TokensRefused { .. } | HttpError::Refused { .. }) => (
            1,
            format!("a token from https://www.kaggle.com/settings in KAGGLE_API_TOKEN may help; or {BY_HAND}"),
        ),
        DownloadError::Http(HttpError::Unusable { .. } | HttpError::TooHeavy { .. }) => (
            1,
            format!("what came is kept: run the same command again, and it goes on; or {BY_HAND}"),
        ),
        DownloadError::NotThere { .. }
        | DownloadError::WrongBytes { .. }
        | DownloadError::TooLong { .. } => (1, BY_HAND.to_owned()),
        DownloadError::Full { needed, .. } => {
            let needed = needed.map(|bytes| format!("{} more for this file: ", DecimalBytes(bytes)));
            let needed = needed.unwrap_or_default();
            (
                4,
                format!("{needed}{ROOM}; with more room the same command goes on, also with another --data-dir"),
            )
        }
        DownloadError::Disk { .. } => (4, "check the folder and its disk".to_owned()),
    }
}

fn is_folder(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::IsADirectory
}

fn of_index(error: &ImportError, by_hand: bool) -> (u8, String) {
    let of_files = if by_hand { 2 } else { 1 };
    match error {
        ImportError::NoFolder { .. } => (
            of_files,
            "name the folder that holds the files with `--from DIR`".to_owned(),
        ),
        ImportError::MissingFiles { .. } => (
            of_files,
            "the files come from https://www.kaggle.com/datasets/kaggle/meta-kaggle, each as CSV or zip, or \
             all in meta-kaggle.zip"
                .to_owned(),
        ),
        ImportError::MissingColumn { .. } | ImportError::NoDate => (
            of_files,
            "if Kaggle has changed its files, a newer plaudit is needed: please tell us what it said"
                .to_owned(),
        ),
        ImportError::NoCsv { .. }
        | ImportError::NotUtf8 { .. }
        | ImportError::Broken { .. }
        | ImportError::TooLarge { .. }
        | ImportError::Empty { .. }
            if by_hand =>
        {
            (2, "download the file again".to_owned())
        }
        ImportError::NoCsv { .. }
        | ImportError::NotUtf8 { .. }
        | ImportError::Broken { .. }
        | ImportError::TooLarge { .. }
        | ImportError::Empty { .. } => (
            1,
            "Kaggle has the file so; it makes a new one each day: try again tomorrow".to_owned(),
        ),
        ImportError::Busy { .. } => (4, "let it finish, or stop it".to_owned()),
        ImportError::Unwritable { source, .. }
            if matches!(
                source.kind(),
                io::ErrorKind::StorageFull
                    | io::ErrorKind::QuotaExceeded
                    | io::ErrorKind::FileTooLarge
            ) =>
        {
            (4, format!("no room is left: {ROOM}"))
        }
        ImportError::Unwritable { source, .. } if is_folder(source) => {
            (4, FOLDER_IN_THE_WAY.to_owned())
        }
        ImportError::Unreadable { .. } | ImportError::Unwritable { .. } | ImportError::Stopped => {
            (4, "check the folder, its permissions and its disk".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_whole_days_and_never_negative() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let then = at("2026-09-01T12:00:00Z");
        for (now, expected) in [
            ("2026-09-01T12:00:00Z", 0),
            ("2026-09-02T11:59:59Z", 0),
            ("2026-09-02T12:00:00Z", 1),
            ("2026-10-01T12:00:00Z", 30),
            ("2026-08-01T12:00:00Z", 0),
        ] {
            assert_eq!(days(then, at(now)), expected, "{now}");
        }
    }

    #[test]
    fn each_failure_has_the_exit_code_of_the_contract_and_says_what_next() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Folder::within(folder.path());
        let kaggle = url::Url::parse("https://www.kaggle.com").unwrap();
        let download = |source| ImportFailure::Download {
            file: "Users.csv",
            source,
        };
        let (host, why) = ("www.kaggle.com".to_owned(), "made up".to_owned());
        let full = |kind: io::ErrorKind| ImportFailure::Index {
            source: ImportError::Unwritable {
                path: "x".into(),
                source: kind.into(),
            },
        };
        for (error, by_hand, code, next) in [
            (
                download(DownloadError::Http(HttpError::Unreachable {
                    host: host.clone(),
                    tries: 6,
                    why: why.clone(),
                })),
                false,
                1,
                "HTTPS_PROXY",
            ),
            (
                download(DownloadError::Http(HttpError::TokensRefused {
                    host: host.clone(),
                    tails: "no token".to_owned(),
                })),
                false,
                1,
                "KAGGLE_API_TOKEN",
            ),
            (
                download(DownloadError::Http(HttpError::Unusable {
                    host: host.clone(),
                    tries: 6,
                    why,
                })),
                false,
                1,
                "it goes on",
            ),
            (
                download(DownloadError::WrongBytes { host, times: 3 }),
                false,
                1,
                "--from DIR",
            ),
            (
                download(DownloadError::Full {
                    path: "x".into(),
                    needed: Some(2_000_000_000),
                }),
                false,
                4,
                "2.00 GB more",
            ),
            (full(io::ErrorKind::StorageFull), true, 4, "1.2 GB"),
            (
                full(io::ErrorKind::PermissionDenied),
                true,
                4,
                "permissions",
            ),
            (
                ImportFailure::Index {
                    source: ImportError::NoDate,
                },
                true,
                2,
                "tell us",
            ),
            (
                ImportFailure::Index {
                    source: ImportError::NoDate,
                },
                false,
                1,
                "tell us",
            ),
            (
                ImportFailure::Busy {
                    folder: folder.path().into(),
                },
                false,
                4,
                "let it finish",
            ),
        ] {
            let told = error.to_string();
            let failure = failure(error, by_hand, &folder, &kaggle);
            let hint = failure.hint.unwrap_or_default();
            assert_eq!(failure.code, code, "{told}");
            assert!(hint.contains(next), "{told}: {hint}");
            assert!(!hint.contains("from before"), "there is none: {hint}");
        }
    }

    #[test]
    fn the_bar_names_the_host_until_the_first_bytes_come() {
        let bar = bar(Progress::Silent, "asking www.kaggle.com".to_owned());
        let (lines, _received) = mpsc::unbounded_channel();
        let listener = listener(bar.clone(), lines);
        listener(News::Asking);
        assert_eq!(bar.message(), "asking www.kaggle.com");
        listener(News::Growing {
            file: "Users.csv",
            bytes: 5,
            total: Some(9),
        });
        assert_eq!(bar.message(), "Users.csv");
        assert_eq!((bar.position(), bar.length()), (5, Some(9)));
    }

    #[test]
    fn nothing_is_said_to_answer_still_when_what_is_there_is_no_index() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::within(home.path());
        let kaggle = url::Url::parse("https://www.kaggle.com").unwrap();
        let hint = || {
            let source = ImportError::NoDate;
            let failure = failure(ImportFailure::Index { source }, true, &folder, &kaggle);
            failure.hint.unwrap_or_default()
        };
        std::fs::create_dir_all(folder.index().parent().unwrap()).unwrap();
        std::fs::write(folder.index(), "garbage").unwrap();
        assert!(!hint().contains("still answers"), "{}", hint());

        let files = tempfile::tempdir().unwrap();
        crate::standin::kaggle::dump::Dump::new(500, 3)
            .write(files.path())
            .unwrap();
        let tables = crate::sources::kaggle::bulk::Tables::in_folder(files.path()).unwrap();
        let now = "2026-11-01T06:00:00Z".parse().unwrap();
        crate::sources::kaggle::bulk::build(&tables, &folder.index(), now, &|_| {}).unwrap();
        assert!(hint().contains("still answers"), "{}", hint());
    }

    #[test]
    fn a_folder_that_stands_where_the_index_belongs_and_none_where_the_files_should_be_are_told() {
        let source = || io::Error::from(io::ErrorKind::IsADirectory);
        let in_the_way = ImportError::Unwritable {
            path: "x".into(),
            source: source(),
        };
        assert_eq!(
            of_index(&in_the_way, true),
            (4, FOLDER_IN_THE_WAY.to_owned())
        );
        let none = ImportError::NoFolder {
            folder: "x".into(),
            is_there: false,
        };
        let (code, next) = of_index(&none, true);
        assert_eq!(code, 2);
        assert!(next.contains("--from DIR"), "{next}");
    }
}
