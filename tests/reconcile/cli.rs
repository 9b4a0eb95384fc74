//! Goal: `cargo x cluster` makes an API that one can look at and work with, says what it cannot do,
//! and ends it without a rest.
//! Method: the command itself, with a cluster of its own that has no nodes.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use harness::cli;
use testbed::{checkout::Checkout, process};

#[tokio::test]
async fn a_cluster_is_looked_at_and_ends_without_a_rest() -> Result<()> {
    let cluster = cli::ClusterCommand::named("test");
    let dir = Checkout::find()?.data(&cluster.name);
    let complaint = cluster.complaint(&["status"])?;
    ensure!(complaint.contains("no cluster is up; start one with: cargo x cluster up"));
    ensure!(cluster.run(&["down"])?.contains("No cluster is up"));

    let said = cluster.run(&["up", "--control-plane"])?;
    let line = said.lines().find(|line| line.contains("export KUBECONFIG=")).context("no line")?;
    let (_, file) = line.split_once('=').context("no file")?;
    ensure!(fs::read_to_string(file)?.contains("clusters"), "{file} is no such file");
    ensure!(cluster.run(&["env"])?.contains(line.trim()), "another file is named");
    let again = cluster.run(&["up", "--control-plane"])?;
    ensure!(again.contains("is up already"), "a second one: {again}");

    cluster.run(&["status"])?;
    let parts = cluster.run(&["logs"])?;
    ensure!(parts.contains("operator") && parts.contains("kube-apiserver"), "{parts}");
    let log = cluster.run(&["logs", "etcd", "--lines", "3"])?;
    ensure!(log.lines().count() == 3, "not three lines: {log}");
    ensure!(cluster.run(&["logs", "server"])?.contains("There are no such pods"));
    let complaint = cluster.complaint(&["logs", "nobody"])?;
    ensure!(complaint.contains("no part is called nobody; see: cargo x cluster logs"));
    let complaint = cluster.complaint(&["load-image", file])?;
    ensure!(complaint.contains("has no nodes"), "{complaint}");

    let parts =
        ["supervisor", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];
    for part in parts {
        ensure!(process::lives(&dir, part), "{part} is not at work");
    }
    let running: Vec<_> = parts.iter().map(|part| dir.join(format!("{part}.process"))).collect();
    let pids: Vec<u32> = running
        .iter()
        .map(|note| Ok(fs::read_to_string(note)?.split(' ').next().unwrap_or_default().parse()?))
        .collect::<Result<_>>()?;
    ensure!(cluster.run(&["down"])?.contains("ended"));
    ensure!(!dir.exists(), "{} is left", dir.display());
    ensure!(!pids.iter().any(|pid| cli::lives(*pid)), "a process is left of {parts:?}");
    Ok(())
}
