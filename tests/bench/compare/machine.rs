//! On which machine figures were measured.

use std::{fs, thread};

use anyhow::{Context as _, Result};

/// Its processors, its kernel, and how busy it is: what ran or waited for a processor in the last
/// minute.
pub(crate) fn about() -> Result<String> {
    let processors = fs::read_to_string("/proc/cpuinfo")?;
    let model =
        processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("processors", |(_, model)| model);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?;
    let load = fs::read_to_string("/proc/loadavg")?;
    let load = load.split(' ').next().context("no load")?;
    let count = thread::available_parallelism()?;
    Ok(format!("{count} x {model}, Linux {}, load {load}", kernel.trim()))
}
