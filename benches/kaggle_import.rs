//! What an import of Meta Kaggle takes:
//! `cargo bench --bench kaggle_import [-- --scale 1 --seed 1 --folder DIR --keep]`.
//!
//! At scale 1 the made-up data set is as large as the real one of 2026-09. It is written once, and brought to
//! the disk before anything is measured, so that both sides read files that the kernel has at hand. The import
//! runs in a process of its own, whose peak memory is thereby its alone. Beside it, where `python3` has
//! `duckdb`, the same question is asked of `DuckDB` (`kaggle_duckdb.py`).

mod process;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::ensure;
use clap::Parser;
use comfy_table::{Cell, CellAlignment, Table, presets};
use jiff::Timestamp;
use plaudit::sources::kaggle::bulk::{self, Index, Tables};
use plaudit::standin::kaggle::dump::Dump;
use serde::{Deserialize, Serialize};

use process::{cpu, peak_memory};

/// Accounts at scale 1. Count; the real data set's in 2026-09.
const FULL: f64 = 34e6;

/// Look-ups that are measured, half of them of names that nobody has. Count.
const LOOK_UPS: u64 = 1_000_000;

/// Threads that either side may use, the import's own number.
const THREADS: &str = "2";

/// What the file of a whole data set is called, written last.
const WHOLE: &str = "whole";

/// What an import of a generated data set takes.
#[derive(Debug, Parser)]
struct Arguments {
    /// Size of the data set; 1 is the real one's
    #[arg(long, default_value_t = 0.01)]
    scale: f64,
    /// What the data set is drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the data set is or shall be; kept
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Keep the data set and the index for the next run
    #[arg(long)]
    keep: bool,
    /// Only import this folder and print what it took; how this program calls itself
    #[arg(long, hide = true)]
    import: Option<PathBuf>,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

/// What one side took.
#[derive(Debug, Serialize, Deserialize)]
struct Took {
    #[serde(default)]
    version: String,
    /// Seconds.
    wall: f64,
    /// Seconds.
    cpu: f64,
    /// Bytes.
    peak: f64,
    /// Accounts. Count.
    users: u64,
    /// Accounts with a medal in a competition. Count.
    medalists: u64,
}

fn main() -> anyhow::Result<()> {
    // `cargo test --benches` runs this as well, and has no use for it.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let arguments = Arguments::parse();
    if let Some(folder) = &arguments.import {
        let took = serde_json::to_string(&import(folder)?)?;
        writeln!(io::stdout(), "{took}")?;
        return Ok(());
    }
    let named = arguments.folder.clone();
    let folder = named.unwrap_or_else(|| {
        let name = format!("meta-kaggle-{}-{}", arguments.scale, arguments.seed);
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
    });
    let measured = measure(&arguments, &folder);
    if !arguments.keep && arguments.folder.is_none() && folder.is_dir() {
        fs::remove_dir_all(&folder)?;
    }
    measured
}

fn index_of(folder: &Path) -> PathBuf {
    folder.join("kaggle.index")
}

/// The import, in this process.
fn import(folder: &Path) -> anyhow::Result<Took> {
    let began = Instant::now();
    let tables = Tables::in_folder(folder)?;
    let about = bulk::build(&tables, &index_of(folder), Timestamp::now(), &|_| {})?;
    let wall = began.elapsed().as_secs_f64();
    Ok(Took {
        version: String::new(),
        wall,
        cpu: cpu("self")?.as_secs_f64(),
        peak: peak_memory()?,
        users: about.users,
        medalists: about.medalists,
    })
}

fn measure(arguments: &Arguments, folder: &Path) -> anyhow::Result<()> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of 34 million"
    )]
    let users = (FULL * arguments.scale).round() as u64;
    let dump = Dump::new(users, arguments.seed);
    let mut out = io::stdout().lock();
    writeln!(out, "{}", generate(&dump, arguments, folder)?)?;
    let bytes = Tables::in_folder(folder)?.bytes();

    let ours = Command::new(std::env::current_exe()?)
        .args(["--bench", "--import"])
        .arg(folder)
        .output()?;
    ensure!(
        ours.status.success(),
        "the import failed: {}",
        String::from_utf8_lossy(&ours.stderr)
    );
    let ours: Took = serde_json::from_slice(&ours.stdout)?;
    let theirs = duckdb(folder)?;

    let index_size = fs::metadata(index_of(folder))?.len();
    let index = Index::open(&index_of(folder))?;
    index.verify()?;
    let rows: u64 = index.about().rows.values().sum();
    writeln!(out, "{}", table(&ours, theirs.as_ref(), bytes, rows))?;
    writeln!(
        out,
        "index {:.0} MB; of {} users {} have a medal in a competition",
        count(index_size) / 1e6,
        ours.users,
        ours.medalists
    )?;
    if let Some(theirs) = &theirs {
        ensure!(
            (theirs.users, theirs.medalists) == (ours.users, ours.medalists),
            "DuckDB found {} users and {} medalists",
            theirs.users,
            theirs.medalists
        );
        writeln!(
            out,
            "DuckDB {} took {:.2} × our wall time, {:.2} × our CPU and {:.2} × our memory",
            theirs.version,
            theirs.wall / ours.wall,
            theirs.cpu / ours.cpu,
            theirs.peak / ours.peak
        )?;
        writeln!(out, "{ASKED}")?;
    } else {
        writeln!(out, "DuckDB was not asked: python3 has no duckdb here")?;
    }
    writeln!(out, "{}", look_ups(&dump, &index, arguments.seed)?)?;
    Ok(())
}

/// What was asked of `DuckDB`.
const ASKED: &str = "asked of DuckDB, on the same files, with 2 threads and 6 GB: a database file with three tables: \
    account (number, name); total (for each account and category tier, points, ranks, medals); result (for \
    each account with a medal every competition with rank, whether it is the public one, team size, medal, \
    day), with competition (slug, title, end, teams) beside it. Types given, needed columns alone; neither \
    order nor an index by name was asked for, which ours has";

/// Writes the data set, unless it is there; what it is.
fn generate(dump: &Dump, arguments: &Arguments, folder: &Path) -> anyhow::Result<String> {
    let whole = folder.join(WHOLE);
    let described = format!("{} users, seed {}", dump.users(), arguments.seed);
    if fs::read_to_string(&whole).is_ok_and(|found| found == described) {
        return Ok(format!("{described}: found in {}", folder.display()));
    }
    fs::create_dir_all(folder)?;
    let began = Instant::now();
    let written = dump.write(folder)?;
    for name in written.keys() {
        File::open(folder.join(name))?.sync_all()?;
    }
    fs::write(&whole, &described)?;
    let mut text = format!(
        "{described}: written in {:.0} s",
        began.elapsed().as_secs_f64()
    );
    for (name, file) in written {
        let (rows, megabytes) = (file.rows, count(file.bytes) / 1e6);
        let line = format!("\n  {name}: {rows} rows, {megabytes:.0} MB");
        text += &line;
    }
    Ok(text)
}

/// The same question, asked of `DuckDB`; `None` when it is not here.
fn duckdb(folder: &Path) -> anyhow::Result<Option<Took>> {
    let there = Command::new("python3")
        .args(["-c", "import duckdb"])
        .output();
    if !there.is_ok_and(|output| output.status.success()) {
        return Ok(None);
    }
    let database = folder.join("duck.db");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/kaggle_duckdb.py");
    let output = Command::new("python3")
        .arg(script)
        .args([folder, &database])
        .arg(THREADS)
        .output()?;
    for left in ["duck.db", "duck.db.wal"] {
        match fs::remove_file(folder.join(left)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    ensure!(
        output.status.success(),
        "DuckDB failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(Some(serde_json::from_slice(&output.stdout)?))
}

/// A row of the table: its name, and what it shows of a side.
type Row<'a> = (&'static str, &'a dyn Fn(&Took) -> String);

fn table(ours: &Took, theirs: Option<&Took>, bytes: u64, rows: u64) -> Table {
    let (megabytes, rows) = (count(bytes) / 1e6, count(rows) / 1e6);
    let lines: [Row<'_>; 5] = [
        ("MB/s", &|took| format!("{:.0}", megabytes / took.wall)),
        ("million rows/s", &|took| format!("{:.2}", rows / took.wall)),
        ("wall s", &|took| format!("{:.2}", took.wall)),
        ("CPU s", &|took| format!("{:.2}", took.cpu)),
        ("peak MB", &|took| format!("{:.0}", took.peak / 1e6)),
    ];
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    let sides = [("plaudit", Some(ours)), ("DuckDB", theirs)];
    let sides: Vec<_> = sides
        .into_iter()
        .filter_map(|(name, took)| Some((name, took?)))
        .collect();
    let volume = format!("{megabytes:.0} MB, {rows:.2} million rows");
    table.set_header(std::iter::once(volume.as_str()).chain(sides.iter().map(|(name, _)| *name)));
    for (name, number) in lines {
        let numbers = sides
            .iter()
            .map(|(_, took)| Cell::new(number(took)).set_alignment(CellAlignment::Right));
        table.add_row(std::iter::once(Cell::new(name)).chain(numbers));
    }
    table
}

/// Looks up names in any order, one by one; how long that took.
fn look_ups(dump: &Dump, index: &Index, seed: u64) -> anyhow::Result<String> {
    let mut random = fastrand::Rng::with_seed(seed);
    let names: Vec<(String, bool)> = (0..LOOK_UPS)
        .map(|_| {
            let mut name = dump.user_name(random.u64(1..=dump.users()));
            let known = random.bool();
            if !known {
                name.push_str("-nobody");
            }
            (name, known)
        })
        .collect();
    let mut times = Vec::with_capacity(names.len());
    let mut found = 0_u64;
    for (name, known) in &names {
        let began = Instant::now();
        let person = index.find(name)?;
        times.push(began.elapsed());
        ensure!(person.is_some() == *known, "{name} was looked up wrongly");
        found += u64::from(person.is_some());
    }
    times.sort_unstable();
    let at = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a million"
        )]
        let place = (count(LOOK_UPS - 1) * share) as usize;
        microseconds(times[place])
    };
    Ok(format!(
        "{LOOK_UPS} look-ups by name, {found} of them found: p50 {:.2} µs, p99 {:.2} µs, longest {:.0} µs",
        at(0.5),
        at(0.99),
        at(1.0)
    ))
}

fn microseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn count(number: u64) -> f64 {
    number as f64
}
