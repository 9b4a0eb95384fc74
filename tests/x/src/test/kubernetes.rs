//! Where the ring `cluster` runs: in the Kubernetes that somebody names, in one of `kind` where Docker
//! answers, or in one of its own.
//!
//! Invariant: in the first two a run leaves nothing, whatever becomes of its tests.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result};
use bare_kube::{Client, images, runs, toolchain};
use testbed::{Invocation, program, progress::say, secret, setup::packages};

use super::{
    TestArgs,
    outcome::{self, Outcome},
    stage::Stage,
};
use crate::cluster::kind;

/// Cases, or all of a module, that only a Kubernetes of our own can show, and what they need.
const OWN: [(&str, &str); 5] = [
    ("story::c21_a_node_drained", "nodes of its own"),
    ("story::c22_a_node_lost", "nodes of its own"),
    ("ground::", "a Kubernetes of its own"),
    ("named::", "a Kubernetes of its own"),
    ("own::", "a Kubernetes and images of its own"),
];

/// Variables of a test program.
type Env = Vec<(&'static str, OsString)>;

/// Runs the ring, whose test program is started so.
pub(super) fn cluster(
    invocation: &Invocation,
    stage: &Stage<'_>,
    args: &TestArgs,
    tests: impl Fn() -> Command,
) -> Result<Outcome> {
    let named = if args.own { None } else { runs::named()? };
    if let Some(kubeconfig) = named {
        return guest(invocation, stage, &kubeconfig, &tests, Vec::new());
    }
    if !args.own && kind::works() {
        let name = format!("cluster-test-{}", std::process::id());
        let outcome = kind::start(invocation, &name).and_then(|kubeconfig| {
            kind::load(invocation, &name, "broken")?;
            // Its nodes have the images.
            guest(invocation, stage, &kubeconfig, &tests, vec![("CHAT_TEST_REGISTRY", "".into())])
        });
        kind::down(&name, &invocation.checkout.data(&name))?;
        return outcome;
    }
    let mut env = cluster_env(invocation, stage, &toolchain::WHOLE, false)?;
    env.extend(clients_env()?);
    outcome::run(invocation, &mut command(&tests, env))
}

/// In a Kubernetes that is not of its own.
fn guest(
    invocation: &Invocation,
    stage: &Stage<'_>,
    kubeconfig: &Path,
    tests: &impl Fn() -> Command,
    more: Env,
) -> Result<Outcome> {
    let programs = toolchain::clients(invocation)?;
    let run = run()?;
    let cache = invocation.checkout.data("kubectl");
    let client = Client::new(programs.clone(), Some(kubeconfig.to_owned()), cache);
    runs::refuse(&client, &run)?;
    let mut env = [clients_env()?, more].concat();
    env.push((runs::KUBECONFIG, kubeconfig.into()));
    env.push(("CHAT_TEST_RUN", run.clone().into()));
    env.push(("CHAT_TEST_PROGRAMS", env::join_paths(programs.dirs())?));
    env.push(("CHAT_TEST_DIR", stage.worlds().into_os_string()));
    let not_run = not_run(&mut command(tests, Vec::new()))?;
    let mut command = command(tests, env);
    for case in not_run.keys() {
        command.args(["--skip", case]);
    }
    say(&format!("  {:<10} run {run} in the cluster of {}", "cluster", kubeconfig.display()));
    let outcome = outcome::run(invocation, &mut command);
    // Also where they failed or were interrupted.
    let removed = runs::remove(&client, &run).with_context(|| {
        format!("something of this run may be left; remove it: cargo x cluster clean --run {run}")
    })?;
    for object in removed {
        say(&format!("  {:<10} {object} is gone", "cluster"));
    }
    let not_run = not_run.into_iter().map(|(case, needs)| (format!("cluster::{case}"), needs));
    Ok(Outcome { not_run: not_run.collect(), ..outcome? })
}

fn command(tests: &impl Fn() -> Command, env: Env) -> Command {
    let mut command = tests();
    command.env_remove(runs::KUBECONFIG).envs(env);
    // One at a time: each has the machine's processors to itself.
    command.env("RUST_TEST_THREADS", "1");
    command
}

/// Cases that are not for the Kubernetes of others, and what they need.
fn not_run(tests: &mut Command) -> Result<BTreeMap<String, String>> {
    let listed = program::output(tests.arg("--list").stderr(Stdio::inherit()))?;
    Ok(own_only(&listed).collect())
}

/// Those of a list as test programs print it.
fn own_only(listed: &str) -> impl Iterator<Item = (String, String)> {
    listed.lines().filter_map(|line| {
        let case = line.strip_suffix(": test")?;
        let (_, needs) = OWN.iter().find(|(own, _)| case.starts_with(own))?;
        Some((case.to_owned(), (*needs).to_owned()))
    })
}

/// What clients outside of the cluster need.
fn clients_env() -> Result<Env> {
    Ok(vec![
        ("CHROMIUM_PATH", packages::chromium()?.into()),
        ("CHAT_TEST_X", env::current_exe()?.into()),
    ])
}

/// Programs and images for who starts a Kubernetes, a folder for it, and the id of the run.
pub(crate) fn cluster_env(
    invocation: &Invocation,
    stage: &Stage<'_>,
    toolchains: &[&toolchain::Toolchain],
    release: bool,
) -> Result<Env> {
    packages::install(invocation, &packages::NODE)?;
    let images = images::all(invocation, release)?;
    let programs = toolchain::programs(invocation, toolchains)?;
    Ok(vec![
        ("CHAT_TEST_PROGRAMS", env::join_paths(programs.dirs())?),
        ("CHAT_TEST_IMAGES", env::join_paths(images)?),
        ("CHAT_TEST_DIR", stage.worlds().into_os_string()),
        ("CHAT_TEST_RUN", run()?.into()),
    ])
}

/// An id for what the run makes: short, because it is a part of names.
fn run() -> Result<String> {
    Ok(secret::random()?.chars().take(8).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_nodes_of_its_own_is_named() {
        let listed =
            "story::c20_renewed: test\nstory::c22_a_node_lost: test\nown::a: test\n\n3 tests";
        let named: Vec<_> = own_only(listed).collect();
        let expected = [
            ("story::c22_a_node_lost", "nodes of its own"),
            ("own::a", "a Kubernetes and images of its own"),
        ];
        assert_eq!(named, expected.map(|(case, needs)| (case.to_owned(), needs.to_owned())));
    }
}
