//! What a nightly refresh takes: `cargo bench --bench refresh [-- --applicants 10000 --changed 100 --latency 50 --seed 1]`.
//!
//! A store is filled with the facts of generated people, as a crawl with a token finds them. Then `plaudit refresh`
//! itself, from opening the store to closing it, against a made-up GitHub in this process: first nobody has changed, then
//! some have. Requests and points are by the host's books; a full fetch is one that the summary counts as such.

mod begin;
mod process;
mod stored;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use clap::Parser;
use comfy_table::{Cell, CellAlignment, Table, presets};
use jiff::Timestamp;
use plaudit::cli;
use plaudit::commands::enrich::Output;
use plaudit::commands::refresh;
use plaudit::commands::session::{self, Progress};
use plaudit::config::Config;
use plaudit::domain::rubric::Rubric;
use plaudit::refresh::Summary;
use plaudit::report::{Format, View};
use plaudit::standin::{Behaviour, DEMO_TOKEN, StandIn, World};
use tokio_util::sync::CancellationToken;

use process::{cpu, peak_memory};
use stored::{configuration, environment, fill};

/// What a nightly refresh takes.
#[derive(Debug, Parser)]
struct Arguments {
    /// Applicants with a profile
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    applicants: u32,
    /// Those of them of whom something is new in the second run
    #[arg(long, default_value_t = 100)]
    changed: usize,
    /// Milliseconds that the made-up GitHub takes for each answer
    #[arg(long, default_value_t = 50)]
    latency: u64,
    /// What the world is drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

/// What one run took.
struct Run {
    name: String,
    wall: Duration,
    /// Of this process: plaudit and the made-up GitHub.
    cpu: Duration,
    /// Bytes.
    peak_memory: f64,
    /// By the host's books. Counts.
    requests: u64,
    points: u64,
    summary: Summary,
}

fn main() -> anyhow::Result<()> {
    begin::run(|| async { bench(&Arguments::parse()).await })
}

async fn bench(arguments: &Arguments) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let count = usize::try_from(arguments.applicants)?;
    let world = Arc::new(World::generated(count, arguments.seed));
    let behaviour = Behaviour {
        latency: Duration::from_millis(arguments.latency),
        ..Behaviour::default()
    };
    let stand_in = StandIn::start(Arc::clone(&world), behaviour).await?;
    let config = settings(&stand_in.url(), folder.path())?;
    let rubric = Rubric::embedded(&config.role)?;
    let today = Some(session::today());
    let began = Instant::now();
    fill(&config, (world, count), rubric, Timestamp::now(), today).await?;
    let filling = began.elapsed();

    let same = run("nobody has changed".to_owned(), &config, &stand_in).await?;
    ensure!(
        same.summary.checked == u64::from(arguments.applicants),
        "{:?}",
        same.summary.notices
    );
    ensure!(
        same.summary.fetched == 0,
        "{} were fetched",
        same.summary.fetched
    );
    let (news, who) = World::generated_with_news(count, arguments.seed, arguments.changed);
    stand_in.replace(Arc::new(news));
    let busy = run(format!("{} have", who.len()), &config, &stand_in).await?;
    let named = busy.summary.changed.iter().map(|one| one.id.clone());
    let named: BTreeSet<String> = named.collect();
    ensure!(
        busy.summary.fetched == who.len() as u64,
        "{} were fetched",
        busy.summary.fetched
    );
    ensure!(
        named == who.into_iter().collect(),
        "others than those who have are named"
    );
    let told = busy
        .summary
        .changed
        .iter()
        .all(|one| one.what.join(" ").contains("scikit-learn"));
    ensure!(told, "the summary does not say what is new");

    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{count} generated applicants (seed {}) at {} ms, {} requests in flight, on {} processors; the whole command, \
         from opening the store to closing it (filling it took {:.0} s)",
        arguments.seed,
        arguments.latency,
        config.github.in_flight,
        std::thread::available_parallelism()?,
        filling.as_secs_f64()
    )?;
    writeln!(out, "{}", table(&[&same, &busy]))?;
    if let Some(first) = busy.summary.changed.first() {
        writeln!(out, "such as {}: {}", first.id, first.what.join("; "))?;
    }
    Ok(())
}

/// The settings that plaudit ships with, towards the made-up GitHub, and everybody is due.
fn settings(url: &str, folder: &Path) -> anyhow::Result<Config> {
    let mut environment = environment(url, folder)?;
    for (name, value) in [
        ("GITHUB_TOKEN", DEMO_TOKEN),
        ("PLAUDIT_REFRESH__OLDER_THAN", "0s"),
    ] {
        environment.insert(name.to_owned(), value.to_owned());
    }
    configuration(&environment)
}

/// `plaudit refresh`, once.
async fn run(name: String, config: &Config, stand_in: &StandIn) -> anyhow::Result<Run> {
    let arguments = cli::Refresh {
        older_than: None,
        dry_run: false,
    };
    let (mut out, mut messages, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    let mut output = Output {
        out: &mut out,
        messages: &mut messages,
        errors: &mut errors,
        format: Format::Json,
        view: View::default(),
        progress: Progress::Silent,
    };
    let books = stand_in.report();
    let (began, before) = (Instant::now(), cpu("self")?);
    let ran = refresh::run(&arguments, config, &mut output, CancellationToken::new()).await;
    let (wall, after) = (began.elapsed(), cpu("self")?);
    let asked = stand_in.report();
    ran.map_err(|failure| failure.error)?;
    ensure!(asked.faults.is_empty(), "faults: {:?}", asked.faults);
    Ok(Run {
        name,
        wall,
        cpu: after.saturating_sub(before),
        peak_memory: peak_memory()?,
        requests: asked.requests - books.requests,
        points: asked.points - books.points,
        summary: serde_json::from_slice(&out)?,
    })
}

/// A row of the table: its name, and what it shows of a run.
type Row<'a> = (&'static str, &'a dyn Fn(&Run) -> String);

fn table(runs: &[&Run]) -> Table {
    let rows: [Row<'_>; 7] = [
        ("points", &|run| run.points.to_string()),
        ("requests", &|run| run.requests.to_string()),
        ("full fetches", &|run| run.summary.fetched.to_string()),
        ("named as changed", &|run| {
            run.summary.changed.len().to_string()
        }),
        ("wall s", &|run| format!("{:.1}", run.wall.as_secs_f64())),
        ("CPU s", &|run| format!("{:.1}", run.cpu.as_secs_f64())),
        ("peak MB so far", &|run| {
            format!("{:.0}", run.peak_memory / 1e6)
        }),
    ];
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(std::iter::once("").chain(runs.iter().map(|run| run.name.as_str())));
    for (name, number) in rows {
        let numbers = runs
            .iter()
            .map(|run| Cell::new(number(run)).set_alignment(CellAlignment::Right));
        table.add_row(std::iter::once(Cell::new(name)).chain(numbers));
    }
    table
}
