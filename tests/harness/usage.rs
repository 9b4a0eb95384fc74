//! What a process uses, as the system counts it.

use std::fs;

use anyhow::{Context as _, Result};

/// Ticks in a second of the times in `/proc`; the same on every architecture that servers run on.
const TICKS: f64 = 100.0;

/// KiB that a process holds, by the name of their line: `VmRSS`, `VmHWM` the most that it was,
/// `RssAnon` without its program.
///
/// `proc_pid_status(5)`
pub fn kibibytes(process: u32, line: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let value = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let value = value.with_context(|| format!("no {line}"))?;
    Ok(value.trim().trim_end_matches(" kB").parse()?)
}

/// Seconds of processors that a process has used, in its own code and in the kernel, to a
/// hundredth.
///
/// `proc_pid_stat(5)`
pub fn cpu_seconds(process: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name, in brackets, may hold anything; behind it stand the third field and the others.
    let (_, rest) = stat.rsplit_once(") ").context("no name in the process's status")?;
    let times = rest.split(' ').skip(11).take(2).map(str::parse::<u64>);
    Ok(times.sum::<Result<u64, _>>()? as f64 / TICKS)
}
