//! The program: settings, logging, signals and the exit code around one command.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use plaudit::cli::{Cli, Command};
use plaudit::commands::enrich::Output;
use plaudit::commands::failure::{Ending, Failure};
use plaudit::commands::results::{Messages, Results};
use plaudit::commands::session::Progress;
use plaudit::commands::{
    audit, changes, completions, config, demo, doctor, enrich, export, forget, kaggle, man, notice,
    rank, refresh, report, rescore, retention, review, role, schema, serve, show, stand_in, token,
    verify, webhook,
};
use plaudit::config::{Config, LogFormat, Origin, environment};
use plaudit::domain::text::is_invisible;
use plaudit::report::View;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// Profiles are made of many small texts, and reading and judging ten thousand of them is largely asking for memory.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Threads for what waits for the disk. Each keeps memory of its own, for the store's compression above all, and those
/// who wait for the disk share one wait: tokio's 512 took 5 GB under a hundred readers, and answered more slowly.
const BLOCKING_THREADS: usize = 32;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(ending) => ExitCode::from(ending.code()),
        Err(failure) => {
            if failure.code != 0 {
                // Standard error may be gone as well; then there is nobody to tell.
                let _ = tell(&failure);
            }
            ExitCode::from(failure.code)
        }
    }
}

/// `error:`, `caused by:`, `hint:`.
fn tell(failure: &Failure) -> io::Result<()> {
    let mut err = io::stderr().lock();
    let mut said = failure.error.to_string();
    writeln!(err, "error: {}", visible(&said))?;
    for cause in failure.error.chain().skip(1) {
        let cause = cause.to_string();
        // Many errors hold their cause in their own words already.
        if !said.contains(&cause) {
            writeln!(err, "caused by: {}", visible(&cause))?;
            said.push_str(&cause);
        }
    }
    if let Some(hint) = &failure.hint {
        writeln!(err, "hint: {}", visible(hint))?;
    }
    Ok(())
}

/// A message without what a terminal would obey: it may name a file that a stranger has named.
fn visible(message: &str) -> String {
    let shown = |one: &char| *one == '\n' || !is_invisible(*one);
    message.chars().filter(shown).collect()
}

/// Everything that can fail.
fn run(cli: &Cli) -> Result<Ending, Failure> {
    // What needs no settings must also work where they are wrong.
    match &cli.command {
        Command::Completions(arguments) => {
            let mut out = results(cli)?;
            completions::print(arguments.shell, &mut out)?;
            return done(out.finish());
        }
        Command::Man => {
            let pages = cli.global.output.as_deref();
            return done(man::print(pages, &mut io::stdout().lock()));
        }
        Command::Schema => {
            let mut out = results(cli)?;
            schema::print(&mut out)?;
            return done(out.finish());
        }
        _ => {}
    }
    // From here on files are about people: for their owner alone, also in a folder that others may read.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let config = Config::load(&cli.overrides(), &environment()?)?;
    start_logging(cli, &config);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
        .map_err(|error| anyhow::Error::new(error).context("cannot start the runtime"))?;
    runtime.block_on(command(cli, &config))
}

/// The commands that need settings.
async fn command(cli: &Cli, config: &Config) -> Result<Ending, Failure> {
    let view = view(cli, config);
    refuse_to_show(cli)?;
    let mut out = results(cli)?;
    let mut messages: Box<dyn Write> = if cli.global.quiet {
        Box::new(io::sink())
    } else {
        Box::new(Messages(io::stderr()))
    };
    let mut errors = Messages(io::stderr());
    let stop = match &cli.command {
        Command::Enrich(_)
        | Command::Demo(_)
        | Command::StandIn(_)
        | Command::Serve(_)
        | Command::Refresh(_) => stop_on_signals(config.log.format)?,
        // The others have nothing to finish: the signal ends them, as it does by default.
        _ => CancellationToken::new(),
    };
    let mut output = Output {
        out: &mut out,
        messages: &mut *messages,
        errors: &mut errors,
        format: cli.global.format,
        view,
        progress: Progress::wanted(!cli.global.no_progress && !cli.global.quiet),
    };
    let ending = match &cli.command {
        Command::Enrich(arguments) => enrich::run(arguments, config, &mut output, stop).await,
        Command::Demo(arguments) => demo::run(arguments, config, &mut output, stop).await,
        Command::Kaggle(arguments) => kaggle::run(arguments, config, &mut output).await,
        Command::Audit(arguments) => audit::run(arguments, config, &mut output).await,
        Command::Doctor(arguments) => doctor::run(arguments, config, &mut output).await,
        Command::StandIn(arguments) => {
            stand_in::run(arguments, output.out, stop.cancelled_owned()).await
        }
        Command::Config => done(config::print(config, output.format, view, output.out)),
        Command::Show(arguments) => show::run(arguments, config, &mut output).await,
        Command::Rank(arguments) => rank::run(arguments, config, &mut output).await,
        Command::Report(arguments) => {
            let folder = cli.global.output.as_deref();
            report::run(arguments, config, folder, &mut output).await
        }
        Command::Rescore(arguments) => rescore::run(arguments, config, &mut output).await,
        Command::Changes(arguments) => changes::run(arguments, config, &mut output).await,
        Command::Role(arguments) => {
            let to = cli.global.output.as_deref();
            role::run(arguments, config, to, &mut output)
        }
        Command::Evidence(arguments) => review::evidence(arguments, config, &mut output).await,
        Command::Note(arguments) => review::note(arguments, config, &mut output).await,
        Command::Adjust(arguments) => review::adjust(arguments, config, &mut output).await,
        Command::Verify(arguments) => verify::run(arguments, config, &mut output).await,
        Command::Export(arguments) => export::run(arguments, config, &mut output).await,
        Command::Forget(arguments) => forget::run(arguments, config, &mut output).await,
        Command::Retention => retention::run(config, &mut output).await,
        Command::Notice(arguments) => notice::run(arguments, config, &mut output).await,
        Command::Serve(arguments) => serve::run(arguments, config, &mut output, stop).await,
        Command::Refresh(arguments) => refresh::run(arguments, config, &mut output, stop).await,
        Command::Token(arguments) => token::run(arguments, config, &mut output).await,
        Command::Webhook(arguments) => webhook::run(arguments, config, &mut output).await,
        Command::Schema | Command::Completions(_) | Command::Man => Ok(Ending::Complete),
    }?;
    out.finish()?;
    Ok(ending)
}

fn done(written: io::Result<()>) -> Result<Ending, Failure> {
    written?;
    Ok(Ending::Complete)
}

/// Results go to a file or to standard output.
fn results(cli: &Cli) -> Result<Results, Failure> {
    let Some(path) = cli.results_file() else {
        return Ok(Results::to_standard_output());
    };
    Results::to_file(path).map_err(|error| Failure {
        code: 4,
        error: anyhow::Error::new(error).context(format!("cannot write to {}", path.display())),
        hint: Some("name a file with --output, in a folder that exists and is yours".to_owned()),
    })
}

/// A workbook on a terminal is noise that the terminal may obey.
fn refuse_to_show(cli: &Cli) -> Result<(), Failure> {
    let shown = cli.global.output.is_none() && io::stdout().is_terminal();
    if !cli.global.format.is_binary() || !shown || matches!(cli.command, Command::Report(_)) {
        return Ok(());
    }
    Err(Failure::usage(
        anyhow::anyhow!("a workbook cannot be shown on a terminal"),
        "write it to a file: --output ranking.xlsx",
    ))
}

fn view(cli: &Cli, config: &Config) -> View {
    let on_a_terminal = cli.global.output.is_none() && io::stdout().is_terminal();
    let size = console::Term::stdout()
        .size_checked()
        .filter(|_| on_a_terminal);
    View {
        width: size.map_or(View::default().width, |(_, columns)| columns),
        colour: cli.global.color.wanted(on_a_terminal, config.no_color),
    }
}

/// What is not logged, also where a filter asks for everything: these libraries tell every letter of the pages that
/// they parse, and a page holds what is none of our business.
const NEVER_LOGGED: [&str; 4] = [
    "html5ever=off",
    "markup5ever=off",
    "selectors=off",
    "scraper=off",
];

/// What a server logs by itself; the libraries below speak up at `warn`.
const SERVER_TELLS: &str = "warn,plaudit=info";

/// Logs go to standard error, so that results stay clean.
fn start_logging(cli: &Cli, config: &Config) {
    let set = config
        .entries()
        .iter()
        .any(|entry| entry.key == "log.filter" && entry.origin != Origin::Default);
    let filter = match &cli.command {
        // A server has nobody who looks on: unless somebody has set it, it tells what it does.
        Command::Serve(_) if !set => SERVER_TELLS,
        _ => &config.log.filter,
    };
    let filter = EnvFilter::try_new(filter).unwrap_or_default();
    let filter = NEVER_LOGGED
        .iter()
        .filter_map(|text| text.parse().ok())
        .fold(filter, EnvFilter::add_directive);
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    match config.log.format {
        LogFormat::Text => builder.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => builder.json().init(),
    }
}

/// What is said to whoever stops the program.
const STOPPING: &str = "stopping: work under way is finished or given back; again stops at once";

/// Cancelled by the first SIGINT or SIGTERM; the second one ends the program at once.
fn stop_on_signals(format: LogFormat) -> io::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = CancellationToken::new();
    let told = stop.clone();
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        for _ in 0..2 {
            tokio::select! {
                _ = interrupts.recv() => {}
                _ = terminations.recv() => {}
            }
            if told.is_cancelled() {
                std::process::exit(i32::from(Ending::Interrupted.code()));
            }
            told.cancel();
            match format {
                LogFormat::Text => {
                    let _ = writeln!(io::stderr(), "{STOPPING}");
                }
                // What reads this reads objects alone.
                LogFormat::Json => tracing::warn!("{STOPPING}"),
            }
        }
    });
    Ok(stop)
}
