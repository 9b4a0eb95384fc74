//! The page: npm packages and the built files.

use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
    time::UNIX_EPOCH,
};

use anyhow::{Context as _, Result, bail};

use super::tool;
use crate::{Invocation, program, progress};

/// The oldest Node that the page's tools take.
const NODE: (u32, u32) = (20, 19);

/// Installs the npm packages where the lock file changed.
pub fn install(invocation: &Invocation) -> Result<()> {
    let page = invocation.checkout.path("frontend");
    if is_installed(&page)? {
        return Ok(());
    }
    check_node()?;
    let log = invocation.checkout.data("npm.log");
    progress::step(
        "npm",
        || {
            let mut npm = Command::new("npm");
            npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(&page);
            tool::quietly(invocation, &mut npm, &log)
                .context("could not install the npm packages; try: cd frontend && npm ci")
        },
        |()| "packages of the page",
    )
}

/// Whether [`build`] has what it needs, at once: it may run beside a build that takes minutes.
pub fn check(invocation: &Invocation) -> Result<()> {
    if is_built(invocation, &state(invocation)?) { Ok(()) } else { check_node() }
}

/// Builds the page where its sources changed.
pub fn build(invocation: &Invocation) -> Result<()> {
    let wanted = state(invocation)?;
    if is_built(invocation, &wanted) {
        return Ok(());
    }
    check_node()?;
    install(invocation)?;
    let page = invocation.checkout.path("frontend");
    let log = invocation.checkout.data("page.log");
    progress::step(
        "page",
        || {
            let mut npm = Command::new("npm");
            npm.args(["run", "build"]).current_dir(&page);
            tool::quietly(invocation, &mut npm, &log)
                .context("the page does not build; see: cd frontend && npm run build")?;
            fs::write(stamp(invocation), &wanted).context("cannot write in target/x")
        },
        |()| "built",
    )
}

/// npm writes what it installed into a file of its own, last of all; who installs by hand is
/// believed too.
fn is_installed(page: &Path) -> Result<bool> {
    let changed = |file: &str| fs::metadata(page.join(file)).and_then(|about| about.modified());
    let wanted = changed("package-lock.json").context("frontend/package-lock.json is missing")?;
    Ok(changed("node_modules/.package-lock.json").is_ok_and(|installed| installed >= wanted))
}

fn check_node() -> Result<()> {
    let wish = format!("install Node {}.{} or newer with npm, then start again", NODE.0, NODE.1);
    let Some(node) = program::find("node").filter(|_| program::find("npm").is_some()) else {
        bail!("Node or npm is not installed; {wish}");
    };
    let version = program::output(Command::new(node).arg("--version"))?;
    let mut numbers = version.trim().trim_start_matches('v').split('.').map(str::parse::<u32>);
    if let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next())
        && (major, minor) < NODE
    {
        bail!("Node {} is too old; {wish}", version.trim());
    }
    Ok(())
}

/// The state of the sources that the built page was made from.
fn stamp(invocation: &Invocation) -> PathBuf {
    invocation.checkout.data("page.stamp")
}

fn is_built(invocation: &Invocation, wanted: &str) -> bool {
    invocation.checkout.path("frontend/dist/index.html").is_file()
        && fs::read_to_string(stamp(invocation)).is_ok_and(|found| found == wanted)
}

/// Names, sizes and times of everything that the page is made from.
fn state(invocation: &Invocation) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    walk(&invocation.checkout.path("frontend"), &mut hasher)?;
    Ok(format!("{:016x}", hasher.finish()))
}

fn walk(dir: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    let mut entries = fs::read_dir(dir)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        // What is made, not written; results of browser tests among them.
        let made = ["node_modules", "dist", "test-results", "playwright-report", "coverage"];
        if made.iter().any(|made| name == *made) || name.to_string_lossy().starts_with('.') {
            continue;
        }
        let about = entry.metadata()?;
        if about.is_dir() {
            walk(&entry.path(), hasher)?;
            continue;
        }
        name.hash(hasher);
        about.len().hash(hasher);
        about.modified()?.duration_since(UNIX_EPOCH)?.as_nanos().hash(hasher);
    }
    Ok(())
}
