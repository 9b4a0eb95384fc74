//! A hundred `ChatCluster`s under one operator: its memory, and that it writes nothing when nothing
//! changes. The API and its controllers are real; nodes and pods are kwok's.

use std::{
    collections::BTreeMap,
    fs,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use bare_kube::ControlPlane;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use harness::{
    eventually,
    kube::{Site, spec},
    provision, usage,
};
use k8s_openapi::api::core::v1::Node;
use kube::{
    Api,
    api::{ListParams, PostParams},
};
use operator::crd::ChatCluster;
use serde_json::{Value, json};
use testbed::{Process, checkout::Checkout};

const CLUSTERS: usize = 100;
const NODES: usize = 4;
/// The operator may use so much.
const MEMORY_MIB: u64 = 64;
/// How long nothing changes, and nothing may be written.
const QUIET: Duration = Duration::from_mins(10);
/// Until all are ready, on a small machine.
const READY_TIMEOUT: Duration = Duration::from_mins(15);

pub(crate) fn fleet() -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(run())
}

async fn run() -> Result<()> {
    let control = provision::control_plane("fleet")?;
    let mut site = Site::bare_in(&control, "fleet").await?;
    let mut kwok = pretend(&control, &site).await?;
    site.operator("one")?;
    kwok.must_live()?;
    let began = Instant::now();
    stream::iter(0..CLUSTERS)
        .map(|n| {
            let site = &site;
            async move { site.apply(&format!("team-{n}"), &spec("chat:1")).await }
        })
        .buffer_unordered(8)
        .try_collect::<Vec<_>>()
        .await?;
    all_ready(&site).await?;
    let ready_after = began.elapsed();
    println!("  {CLUSTERS} ready after {:.0} s", ready_after.as_secs_f64());

    // The controllers have the last word on some statuses.
    tokio::time::sleep(Duration::from_mins(1)).await;
    let before = writes(&control, &site)?;
    tokio::time::sleep(QUIET).await;
    let after = writes(&control, &site)?;
    all_ready(&site).await?;
    let process = site.process("one")?;
    let memory = |line: &str| usage::kibibytes(process, line).map(|kib| kib.div_ceil(1024));
    let (now, peak) = (memory("VmRSS")?, memory("VmHWM")?);
    kwok.stop(Duration::from_secs(10))?;
    control.stop()?;

    let count = |writes: &BTreeMap<String, u64>| writes.values().sum::<u64>();
    let quiet = count(&after) - count(&before);
    println!("  {quiet} writes in {} quiet minutes, besides the Lease", QUIET.as_secs() / 60);
    println!("  {now} MiB of memory, {peak} MiB at most");
    crate::leave(
        "fleet",
        &json!({
            "clusters": CLUSTERS,
            "readyAfterSeconds": ready_after.as_secs(),
            "writesInQuiet": quiet,
            "memoryMib": now,
            "memoryMibMost": peak,
        }),
    )?;
    ensure!(quiet == 0, "written in quiet: before {before:?}, after {after:?}");
    ensure!(peak <= MEMORY_MIB, "{peak} MiB are more than {MEMORY_MIB}");
    Ok(())
}

/// Makes nodes, and lets kwok pretend that they and their pods run.
async fn pretend(control: &ControlPlane, site: &Site) -> Result<Process> {
    let config = control.config();
    let mut kwok: Command = config.programs.command("kwok")?;
    kwok.arg("--kubeconfig").arg(control.kubeconfig());
    kwok.arg("--config").arg(Checkout::find()?.path("tests/bare-kube/kwok/stages.yaml"));
    kwok.args([
        "--manage-all-nodes=true",
        "--node-lease-duration-seconds=40",
        "--cidr=198.18.0.0/16",
    ]);
    let kwok = Process::start("kwok", kwok, &config.dir)?;
    let nodes = Api::<Node>::all(site.client.clone());
    for n in 0..NODES {
        let node = serde_json::from_value(json!({
            "metadata": { "name": format!("pretended-{n}") },
            "status": {
                "allocatable": { "cpu": "1000", "memory": "1000Gi", "pods": "1000" },
                "capacity": { "cpu": "1000", "memory": "1000Gi", "pods": "1000" },
            },
        }))?;
        nodes.create(&PostParams::default(), &node).await?;
    }
    Ok(kwok)
}

async fn all_ready(site: &Site) -> Result<()> {
    eventually("all are ready", READY_TIMEOUT, || async {
        let found = site.api::<ChatCluster>().list(&ListParams::default()).await?;
        let not_ready = found.items.iter().filter_map(|cluster| {
            let status = cluster.status.as_ref()?;
            let ready = status.conditions.iter().find(|c| c.type_ == "Ready")?;
            (ready.status != "True").then(|| ready.message.clone())
        });
        let said = found.items.iter().filter(|cluster| cluster.status.is_some()).count();
        let not_ready: Vec<String> = not_ready.collect();
        match not_ready.first() {
            None if said == CLUSTERS => Ok(()),
            first => bail!("{said} have a status, {} not ready: {first:?}", not_ready.len()),
        }
    })
    .await
}

/// What the operator has asked the API to write until now, besides its Lease, by kind.
fn writes(control: &ControlPlane, site: &Site) -> Result<BTreeMap<String, u64>> {
    let user = format!("system:serviceaccount:{}:chat-operator", site.namespace);
    let log = fs::read_to_string(control.config().audit_log())?;
    let mut writes = BTreeMap::new();
    for line in log.lines() {
        let event: Value = serde_json::from_str(line)?;
        let verb = event["verb"].as_str().unwrap_or_default();
        let resource = event["objectRef"]["resource"].as_str().unwrap_or_default();
        let is_read = matches!(verb, "get" | "list" | "watch");
        if event["user"]["username"] == user.as_str() && !is_read && resource != "leases" {
            *writes.entry(format!("{verb} {resource}")).or_default() += 1;
        }
    }
    ensure!(!writes.is_empty(), "the API has no account of {user}");
    Ok(writes)
}
