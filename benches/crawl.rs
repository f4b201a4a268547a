//! What a crawl takes: `cargo bench --bench crawl [-- --applicants 1000 --latency 50 --seed 1]`.
//!
//! The made-up GitHub is a process of its own, so that its CPU and memory are not counted; plaudit runs here,
//! on the path of `plaudit enrich`, with the settings it ships with. First cold, then the same list again, of
//! which nothing may be asked.
//!
//! The floor is what no client can beat that sends these requests: requests × latency ÷ requests in flight.

mod begin;
mod process;

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Parser;
use comfy_table::{Cell, CellAlignment, Table, presets};
use jiff::Timestamp;
use plaudit::commands::session::{self, Progress};
use plaudit::config::{Config, Overrides};
use plaudit::domain::job::Priority;
use plaudit::domain::rubric::Rubric;
use plaudit::intake;
use plaudit::sources::github::Estimate;
use plaudit::standin::{DEMO_TOKEN, Report, generated_list};
use plaudit::store::{Accepted, Store, Submission};
use tokio_util::sync::CancellationToken;

use process::{cpu, peak_memory};

/// What is lifted, because the made-up GitHub would be throttled by limits that are real GitHub's, each
/// with the reason.
const LIFTED: [(&str, &str, &str); 2] = [
    (
        "PLAUDIT_GITHUB__QUERY_SECONDS_PER_MINUTE",
        "6000",
        "the latency is no computing time",
    ),
    (
        "PLAUDIT_GITHUB__POINTS_PER_MINUTE",
        "100000",
        "a minute's points are used up in seconds",
    ),
];

/// What a crawl of a generated world takes.
#[derive(Debug, Parser)]
struct Arguments {
    /// Applicants in the made-up world
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=3_000))]
    applicants: u32,
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

/// The made-up GitHub in a process of its own, which ends with this value, also in a panic.
struct StandIn {
    child: Child,
    url: String,
}

impl StandIn {
    fn start(arguments: &Arguments) -> anyhow::Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_plaudit"))
            .arg("stand-in")
            .args(["--applicants", &arguments.applicants.to_string()])
            .args(["--seed", &arguments.seed.to_string()])
            .args(["--latency", &arguments.latency.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the stand-in")?;
        let said = child.stdout.take();
        let mut stand_in = Self {
            child,
            url: String::new(),
        };
        let said = said.context("the stand-in has no output")?;
        BufReader::new(said).read_line(&mut stand_in.url)?;
        stand_in.url.truncate(stand_in.url.trim_end().len());
        ensure!(
            stand_in.url.starts_with("http://"),
            "the stand-in did not say its address"
        );
        Ok(stand_in)
    }

    /// What happened, from the host's side.
    async fn report(&self) -> anyhow::Result<Report> {
        let url = format!("{}/_standin/report", self.url);
        Ok(reqwest::get(url).await?.json().await?)
    }

    fn cpu(&self) -> anyhow::Result<Duration> {
        cpu(&self.child.id().to_string())
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What one phase took.
struct Phase {
    name: &'static str,
    /// Requests and points by the host's books. Count.
    requests: f64,
    points: f64,
    wall: Duration,
    cpu: Duration,
    /// Bytes.
    peak_memory: f64,
}

fn main() -> anyhow::Result<()> {
    begin::run(|| async { bench(&Arguments::parse()).await })
}

async fn bench(arguments: &Arguments) -> anyhow::Result<()> {
    // For asking the stand-in about its books; plaudit finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let stand_in = StandIn::start(arguments)?;
    let folder = tempfile::tempdir()?;
    let config = configuration(&stand_in, folder.path())?;
    let list = generated_list(usize::try_from(arguments.applicants)?);

    let before = stand_in.cpu()?;
    let (cold, queued) = crawl("cold", &stand_in, &config, &list).await?;
    let stand_ins = stand_in.cpu()?.saturating_sub(before);
    ensure!(
        queued == arguments.applicants as usize,
        "only {queued} were queued"
    );
    let (warm, _) = crawl("warm", &stand_in, &config, &list).await?;

    let mut out = io::stdout().lock();
    writeln!(out, "{}", explanation(arguments, &config))?;
    writeln!(out, "{}", table(arguments, &config, &[&cold, &warm]))?;
    writeln!(out, "{}", estimate(arguments, &config, &cold)?)?;
    writeln!(
        out,
        "the stand-in, on the same {} processors, took {:.1} ms of CPU for each applicant (cold)",
        std::thread::available_parallelism()?,
        milliseconds(stand_ins) / f64::from(arguments.applicants)
    )?;
    Ok(())
}

/// The settings that plaudit ships with, towards the stand-in.
fn configuration(stand_in: &StandIn, folder: &std::path::Path) -> anyhow::Result<Config> {
    let folder = folder.to_str().context("a temporary folder in UTF-8")?;
    let lifted = LIFTED.map(|(name, value, _)| (name, value.to_owned()));
    let environment: BTreeMap<String, String> = [
        ("HOME", folder.to_owned()),
        ("PLAUDIT_DATA_DIR", format!("{folder}/data")),
        ("GITHUB_API_URL", stand_in.url.clone()),
        ("GITHUB_GRAPHQL_URL", format!("{}/graphql", stand_in.url)),
        ("GITHUB_TOKEN", DEMO_TOKEN.to_owned()),
    ]
    .into_iter()
    .chain(lifted)
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    Ok(Config::load(&Overrides::default(), &environment)?)
}

/// Accepts the list and works until the queue is empty; what it took, and how many were queued.
async fn crawl(
    name: &'static str,
    stand_in: &StandIn,
    config: &Config,
    list: &str,
) -> anyhow::Result<(Phase, usize)> {
    let books = stand_in.report().await?;
    let (began, cpu_before) = (Instant::now(), cpu("self")?);
    let rubrics = Rubric::all_embedded()?;
    let hosts = session::hosts(config)?;
    let read = intake::read(list.as_bytes(), &config.role, &hosts)?;
    let submissions = read
        .applicants
        .into_iter()
        .map(|listed| Submission {
            applicant: listed.applicant,
            priority: Priority::Interactive,
            force: false,
        })
        .collect();
    let (store, _) = session::open_store(config).await?;
    let freshness = session::freshness(config, &rubrics, None);
    let accepted = store
        .accept(submissions, Timestamp::now(), freshness)
        .await?;
    work(config, &store).await?;
    store.close().await?;
    let (wall, cpu_after) = (began.elapsed(), cpu("self")?);

    let after = stand_in.report().await?;
    ensure!(after.faults.is_empty(), "faults: {:?}", after.faults);
    let queued = accepted
        .iter()
        .filter(|accepted| **accepted == Accepted::Queued)
        .count();
    let phase = Phase {
        name,
        requests: count(after.requests - books.requests),
        points: count(after.points - books.points),
        wall,
        cpu: cpu_after.saturating_sub(cpu_before),
        peak_memory: peak_memory()?,
    };
    Ok((phase, queued))
}

async fn work(config: &Config, store: &Store) -> anyhow::Result<()> {
    let rubrics = Rubric::all_embedded()?;
    let connections = session::connect(config, false).map_err(|failure| failure.error)?;
    let summary = session::work(
        config,
        store,
        &connections,
        &rubrics,
        session::today(),
        Progress::Silent,
        CancellationToken::new(),
    )
    .await?;
    ensure!(
        summary.remaining.is_empty() && summary.failed == 0,
        "not all is done: {summary:?}"
    );
    Ok(())
}

/// What is measured, and under which conditions.
fn explanation(arguments: &Arguments, config: &Config) -> String {
    let Arguments {
        applicants,
        latency,
        seed,
        ..
    } = arguments;
    let github = &config.github;
    let mut text = format!(
        "{applicants} generated applicants (seed {seed}) at {latency} ms, {} requests in flight, batches \
         of {}, {} workers: the settings shipped, but for",
        github.in_flight, github.batch, config.worker.workers
    );
    for (name, value, why) in LIFTED {
        text += "\n  ";
        text += &[name, "=", value, " (", why, ")"].concat();
    }
    text
}

/// A row of the table: its name, and what it shows of a phase.
type Row<'a> = (&'static str, &'a dyn Fn(&Phase) -> String);

fn table(arguments: &Arguments, config: &Config, phases: &[&Phase]) -> Table {
    let applicants = f64::from(arguments.applicants);
    let rows: [Row<'_>; 9] = [
        ("applicants/s", &|phase| {
            format!("{:.0}", applicants / phase.wall.as_secs_f64())
        }),
        ("requests each", &|phase| {
            format!("{:.3}", phase.requests / applicants)
        }),
        ("points each", &|phase| {
            format!("{:.3}", phase.points / applicants)
        }),
        ("CPU ms each", &|phase| {
            format!("{:.2}", milliseconds(phase.cpu) / applicants)
        }),
        ("peak MB so far", &|phase| {
            format!("{:.0}", phase.peak_memory / 1e6)
        }),
        ("requests", &|phase| format!("{:.0}", phase.requests)),
        ("wall s", &|phase| {
            format!("{:.2}", phase.wall.as_secs_f64())
        }),
        ("floor s", &|phase| {
            format!("{:.2}", floor(phase, arguments, config))
        }),
        ("wall ÷ floor", &|phase| {
            let floor = floor(phase, arguments, config);
            if floor > 0.0 {
                format!("{:.2}", phase.wall.as_secs_f64() / floor)
            } else {
                "-".to_owned()
            }
        }),
    ];
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(std::iter::once("").chain(phases.iter().map(|phase| phase.name)));
    for (name, number) in rows {
        let numbers = phases
            .iter()
            .map(|phase| Cell::new(number(phase)).set_alignment(CellAlignment::Right));
        table.add_row(std::iter::once(Cell::new(name)).chain(numbers));
    }
    table
}

/// The shortest wall time for these requests. Seconds.
fn floor(phase: &Phase, arguments: &Arguments, config: &Config) -> f64 {
    let latency = Duration::from_millis(arguments.latency).as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "at most 100")]
    let in_flight = config.github.in_flight as f64;
    phase.requests * latency / in_flight
}

/// What `--dry-run` says, and how far off it is.
fn estimate(arguments: &Arguments, config: &Config, cold: &Phase) -> anyhow::Result<String> {
    let rubrics = Rubric::all_embedded()?;
    let projects = rubrics[&config.role].watched.len();
    let expected = Estimate::with_token(
        usize::try_from(arguments.applicants)?,
        projects,
        &config.github,
    );
    let off = |expected: f64, used: f64| format!("{:+.1} %", 100.0 * (expected / used - 1.0));
    Ok(format!(
        "--dry-run expects {:.0} requests ({}) and {:.0} points ({})",
        expected.requests,
        off(expected.requests, cold.requests),
        expected.points,
        off(expected.points, cold.points)
    ))
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn count(number: u64) -> f64 {
    number as f64
}
