//! What judging everything anew takes: `cargo bench --bench rescore [-- --profiles 10000 --seed 1]`.
//!
//! A store is filled with the facts of generated people, judged by a rubric that weighs otherwise than the one that
//! plaudit brings. Then `plaudit rescore` itself: opening the store, reading, judging by the rubric of today, storing
//! so that it is on the disk, closing. First every profile differs, then none does. The hosts of the settings are a
//! listener on this machine that counts who comes.

mod begin;
mod process;
mod stored;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use std::fs;
use std::io::{self, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use clap::Parser;
use comfy_table::{Cell, CellAlignment, Table, presets};
use jiff::Timestamp;
use plaudit::cli;
use plaudit::commands::enrich::Output;
use plaudit::commands::session::{self, Progress};
use plaudit::commands::{failure::Ending, rescore};
use plaudit::config::Config;
use plaudit::domain::rubric::Rubric;
use plaudit::report::{Format, View};
use plaudit::standin::World;

use process::{cpu, peak_memory};
use stored::{configuration, environment, fill};

/// What it takes to judge everything anew.
#[derive(Debug, Parser)]
struct Arguments {
    /// Profiles in the store
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    profiles: u32,
    /// What the world is drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

/// What one phase took.
struct Phase {
    name: &'static str,
    wall: Duration,
    cpu: Duration,
    /// Bytes.
    peak_memory: f64,
    /// Profiles that were replaced, by the rows printed. Count.
    replaced: usize,
    /// Connections that the listener saw. Count.
    requests: u64,
    /// Bytes on the disk.
    store: u64,
}

fn main() -> anyhow::Result<()> {
    begin::run(|| async { bench(&Arguments::parse()).await })
}

async fn bench(arguments: &Arguments) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (url, asked) = listener()?;
    let config = configuration(&environment(&url, folder.path())?)?;
    let count = usize::try_from(arguments.profiles)?;
    let world = World::generated(count, arguments.seed);
    let rubric = rubric_before(&config)?;
    let bytes = fill(&config, (world, count), rubric, Timestamp::now(), None).await?;

    let differs = phase("another rubric", &config, &asked).await?;
    ensure!(differs.replaced == count, "{} differ", differs.replaced);
    let same = phase("the same rubric", &config, &asked).await?;
    ensure!(same.replaced == 0, "{} differ", same.replaced);
    let (store, _) = session::open_store(&config).await?;
    let found = store.verify().await?;
    ensure!(found.damaged.is_empty(), "{:?}", found.damaged);
    store.close().await?;

    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{count} generated profiles (seed {}), {:.1} KB of JSON each, on {} processors; the whole command, from \
         opening the store to closing it",
        arguments.seed,
        number(bytes) / number(u64::from(arguments.profiles)) / 1e3,
        std::thread::available_parallelism()?
    )?;
    writeln!(out, "{}", table(arguments, &[&differs, &same]))?;
    Ok(())
}

/// A listener that counts who comes, and answers nobody.
fn listener() -> anyhow::Result<(String, Arc<AtomicU64>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    let asked = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&asked);
    std::thread::spawn(move || {
        for _ in listener.incoming() {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    Ok((url, asked))
}

/// A rubric before somebody edited it into the one that plaudit brings.
fn rubric_before(config: &Config) -> anyhow::Result<Rubric> {
    let today = Rubric::embedded(&config.role)?;
    let text = today
        .text
        .replacen("half_life_years = ", "half_life_years = 1", 1);
    ensure!(text != today.text, "the rubric has no half-life");
    Ok(Rubric::parse(&text)?)
}

/// `plaudit rescore`, once.
async fn phase(name: &'static str, config: &Config, asked: &AtomicU64) -> anyhow::Result<Phase> {
    let arguments = cli::Rescore {
        ids: Vec::new(),
        role: None,
        as_of: None,
        dry_run: false,
        snapshot: None,
    };
    let (mut out, mut messages, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    let mut output = Output {
        out: &mut out,
        messages: &mut messages,
        errors: &mut errors,
        format: Format::Csv,
        view: View::default(),
        progress: Progress::Silent,
    };
    let (began, cpu_before) = (Instant::now(), cpu("self")?);
    let ending = rescore::run(&arguments, config, &mut output).await;
    let (wall, cpu_after) = (began.elapsed(), cpu("self")?);
    let ending = ending.map_err(|failure| failure.error)?;
    ensure!(
        ending == Ending::Complete && errors.is_empty(),
        "{ending:?}"
    );
    Ok(Phase {
        name,
        wall,
        cpu: cpu_after.saturating_sub(cpu_before),
        peak_memory: peak_memory()?,
        replaced: String::from_utf8(out)?.lines().count() - 1,
        requests: asked.load(Ordering::Relaxed),
        store: size(&config.data_dir)?,
    })
}

/// What a folder takes on the disk. Bytes.
fn size(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        bytes += if about.is_dir() {
            size(&entry.path())?
        } else {
            about.len()
        };
    }
    Ok(bytes)
}

/// A row of the table: its name, and what it shows of a phase.
type Row<'a> = (&'static str, &'a dyn Fn(&Phase) -> String);

fn table(arguments: &Arguments, phases: &[&Phase]) -> Table {
    let profiles = f64::from(arguments.profiles);
    let rows: [Row<'_>; 7] = [
        ("profiles/s", &|phase| {
            format!("{:.0}", profiles / phase.wall.as_secs_f64())
        }),
        ("wall s", &|phase| {
            format!("{:.2}", phase.wall.as_secs_f64())
        }),
        ("CPU s", &|phase| format!("{:.2}", phase.cpu.as_secs_f64())),
        ("replaced", &|phase| phase.replaced.to_string()),
        ("requests", &|phase| phase.requests.to_string()),
        ("peak MB so far", &|phase| {
            format!("{:.0}", phase.peak_memory / 1e6)
        }),
        ("store MB", &|phase| {
            format!("{:.0}", number(phase.store) / 1e6)
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

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn number(number: u64) -> f64 {
    number as f64
}
