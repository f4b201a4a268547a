//! What the kernel tells of a process (Linux).

use std::fs;
use std::time::Duration;

use anyhow::Context;

/// Ticks in which the kernel counts CPU time, a second. `USER_HZ` is 100 on every Linux that Rust runs on.
const TICKS: f64 = 100.0;

/// CPU time of a process so far, in its own code and in the kernel.
pub(crate) fn cpu(process: &str) -> anyhow::Result<Duration> {
    let path = format!("/proc/{process}/stat");
    let text = fs::read_to_string(&path).with_context(|| format!("{path} is needed (Linux)"))?;
    // The name in brackets may hold spaces. After it, `utime` and `stime` are fields 12 and 13.
    let (_, fields) = text.rsplit_once(')').context("no stat line")?;
    let ticks: Vec<f64> = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    Ok(Duration::from_secs_f64(ticks.iter().sum::<f64>() / TICKS))
}

/// Most memory that this process ever had in use. Bytes.
pub(crate) fn peak_memory() -> anyhow::Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .context("/proc/self/status names no peak")?;
    let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1_024.0)
}
