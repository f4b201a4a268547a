//! Everything that can go wrong, at once: `cargo bench --bench chaos [-- --applicants 1000 --kills 200 --seed 1]`.
//!
//! The made-up GitHub runs here; plaudit is the real binary, killed over and over. Ends with an error, and so with another
//! exit code than 0, when a promise was not kept. Wants `faketime` for jumps of the clock and the right to mount for a full
//! disk, and says what it had to leave out.

mod begin;
mod upheaval;

use std::io::{self, Write as _};

use clap::Parser;

/// Kills, faults, jumps of the clock, full disks, damaged files and lost tokens, and the truth at the end.
#[derive(Debug, Parser)]
struct Arguments {
    /// Applicants in the made-up world
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(20..=3_000))]
    applicants: u32,
    /// How often plaudit is killed
    #[arg(long, default_value_t = 200)]
    kills: u32,
    /// What the moments are drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    begin::run(|| async {
        let arguments = Arguments::parse();
        let plan = upheaval::Plan {
            applicants: usize::try_from(arguments.applicants)?,
            kills: arguments.kills,
            seed: arguments.seed,
            faults: 8.0,
            longest_life: 2_500,
        };
        let figures = Box::pin(upheaval::run(&plan)).await?;
        let mut out = io::stdout().lock();
        writeln!(out, "{figures}")?;
        for left_out in figures.left_out() {
            writeln!(out, "left out: {left_out}")?;
        }
        Ok(())
    })
}
