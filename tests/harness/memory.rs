//! The memory of a process, as the system counts it.

use std::fs;

use anyhow::{Context as _, Result};

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
