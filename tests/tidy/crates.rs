//! Goal: the crates under `tests/` use each other as the table in the tests' README says, and the
//! command compiles in seconds.
//! Method: read the dependencies in their manifests.

use anyhow::{Context as _, Result, ensure};
use harness::checkout::read;

/// Crate of ours -> those of ours that it may use.
const MAY_USE: [(&str, &[&str]); 3] =
    [("testbed", &[]), ("bare-kube", &["testbed"]), ("x", &["testbed", "bare-kube"])];
/// Each takes longer to compile than the command may.
const HEAVY: [&str; 6] = ["tokio", "axum", "sqlx", "fred", "kube", "reqwest"];

#[test]
fn the_command_and_what_it_stands_on_stay_small() -> Result<()> {
    for (name, may_use) in MAY_USE {
        for dependency in dependencies(&format!("tests/{name}/Cargo.toml"))? {
            let is_ours = dependency.starts_with("chat-")
                || dependency == "x"
                || MAY_USE.iter().any(|(other, _)| *other == dependency);
            ensure!(!is_ours || may_use.contains(&&*dependency), "{name} may not use {dependency}");
            ensure!(!HEAVY.contains(&&*dependency), "{name} may not use {dependency}: too large");
        }
    }
    Ok(())
}

#[test]
fn tests_do_not_depend_on_the_command_that_runs_them() -> Result<()> {
    let all = dependencies("tests/Cargo.toml")?;
    ensure!(all.iter().any(|name| name == "testbed"), "the dependencies are not read: {all:?}");
    ensure!(!all.iter().any(|name| name == "x"), "chat-tests depends on x");
    Ok(())
}

fn dependencies(manifest: &str) -> Result<Vec<String>> {
    let text = read(manifest)?;
    let (_, rest) = text.split_once("[dependencies]").context("no dependencies")?;
    let lines = rest.split("\n[").next().unwrap_or_default().lines();
    let names = lines.filter_map(|line| line.split(['.', ' ', '=']).next());
    Ok(names.filter(|name| !name.is_empty() && !name.starts_with('#')).map(str::to_owned).collect())
}
