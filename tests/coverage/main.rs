//! Prints `tests/README.md` with the table of promises as it must be now.

use std::io::Write as _;

fn main() -> anyhow::Result<()> {
    Ok(std::io::stdout().write_all(harness::coverage::readme()?.as_bytes())?)
}
