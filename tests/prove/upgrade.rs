//! Three servers and five hundred clients that send: a new revision, fewer servers, a node drained
//! and a server that crashes. Nothing that was acknowledged is lost, doubled or out of order, each
//! client is disconnected at most once, and no request fails.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::future::try_join_all;
use harness::{Crowd, Installation, Kubernetes, Person, crowd::Lives};
use serde_json::{Value, json};

/// Rooms, users per room, clients per user, and the interval of a client's messages.
const ROOMS: usize = 25;
const PEOPLE: usize = 2;
const CLIENTS: usize = 10;
const PACE: Duration = Duration::from_secs(1);

/// What clients may notice of an act.
struct Bars {
    reconnect_p99: Duration,
    /// Connections may be cut and requests find nobody: only where a server is killed.
    crash: bool,
}

const GENTLE: Bars = Bars { reconnect_p99: Duration::from_secs(5), crash: false };
const CRASH: Bars = Bars { reconnect_p99: Duration::from_secs(2), crash: true };

pub(crate) fn upgrade() -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(run())
}

async fn run() -> Result<()> {
    let site = Installation::install(Kubernetes::own("upgrade")?)?;
    site.change(r#"{"replicas":3,"limits":{"signUpsPerMinute":0}}"#)?;
    // One after the other: a server hashes only so many passwords at once.
    let mut people = Vec::new();
    for _ in 0..ROOMS * PEOPLE {
        people.push(site.sign_up("prover").await?);
    }
    let mut all = vec![
        act("upgrade", &people, &GENTLE, || renew(&site)).await?,
        act("crash", &people, &CRASH, || crash(&site)).await?,
    ];
    let node = gather(&site)?;
    all.extend([
        act("drain", &people, &GENTLE, || drain(&site, &node)).await?,
        act("scale", &people, &GENTLE, || site.change(r#"{"replicas":1}"#).map(drop)).await?,
    ]);
    site.end()?;
    crate::leave("upgrade", &json!({ "clients": ROOMS * PEOPLE * CLIENTS, "acts": all }))?;
    let failed: Vec<&Value> = all.iter().filter(|act| act["broken"] != json!([])).collect();
    if !failed.is_empty() {
        bail!("these promises broke: {failed:#?}");
    }
    Ok(())
}

fn renew(site: &Installation) -> Result<()> {
    let first = site.status("{.status.servingRevision}")?;
    let second = site.change(r#"{"podTemplate":{"annotations":{"example.org/since":"now"}}}"#)?;
    ensure!(first != second, "no new revision");
    Ok(())
}

fn crash(site: &Installation) -> Result<()> {
    let pod = site.pods("server")?.pop().context("no server")?;
    site.crash(&pod)?;
    site.kubectl(&["wait", &pod, "--for=condition=Ready", "--timeout=60s"])?;
    site.wait_ready()
}

/// Brings two of the three servers to the node without the database, as whose one pod cannot be in
/// two places at once, and gives its name: who is moved from one of them must not come to the other.
fn gather(site: &Installation) -> Result<String> {
    let stores = site.node_of("pod/team-mysql-0")?;
    let node = if stores == "node-1" { "node-2" } else { "node-1" };
    site.kubectl(&["cordon", &stores])?;
    for pod in site.servers_on(&stores)?.iter().skip(1) {
        site.kubectl(&["delete", pod])?;
    }
    site.wait_ready()?;
    site.kubectl(&["uncordon", &stores])?;
    let left = site.servers_on(&stores)?.len();
    ensure!(left == 1, "{left} servers are beside the database");
    Ok(node.to_owned())
}

fn drain(site: &Installation, node: &str) -> Result<()> {
    let drain = ["drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=5m"];
    site.kubectl(&drain)?;
    site.wait_ready()?;
    site.kubectl(&["uncordon", node]).map(drop)
}

/// Does something to everybody at work, and says what they noticed.
async fn act(
    name: &str,
    people: &[Person],
    bars: &Bars,
    act: impl FnOnce() -> Result<()>,
) -> Result<Value> {
    let rooms = people.chunks(PEOPLE).map(|people| Crowd::at_pace(people, CLIENTS, PACE));
    let crowds = try_join_all(rooms).await.with_context(|| format!("{name}: the beginning"))?;
    act().with_context(|| name.to_owned())?;
    // What is acknowledged and what is there are compared here.
    let each = try_join_all(crowds.into_iter().map(Crowd::end)).await;
    let each = each.with_context(|| name.to_owned())?;
    let lives = Lives {
        unanswered: each.iter().map(|lives| lives.unanswered).sum(),
        failed: each.iter().map(|lives| lives.failed).sum(),
        each: each.into_iter().flat_map(|lives| lives.each).collect(),
    };
    println!("  {name:<9} {lives}");
    let sent: usize = lives.each.iter().map(|life| life.acked.len()).sum();
    let most = lives.each.iter().map(|life| life.moves + life.cuts).max().unwrap_or(0);
    let p99 = p99(&lives);
    let mut broken = Vec::new();
    let mut check = |holds: bool, what: &str| {
        if !holds {
            broken.push(what.to_owned());
        }
    };
    check(most <= 1, "each is disconnected at most once");
    check(p99 <= bars.reconnect_p99, "reconnects are quick");
    check(lives.failed == 0, "no server answers with a failure");
    check(bars.crash || lives.must_be_calm().is_ok(), "nobody is cut off, and no request fails");
    Ok(json!({
        "act": name,
        "acknowledged": sent,
        "moves": lives.sum(|life| life.moves),
        "cuts": lives.sum(|life| life.cuts),
        "refused": lives.sum(|life| life.refused),
        "unansweredRequests": lives.unanswered,
        "failedRequests": lives.failed,
        "disconnectionsMost": most,
        "reconnectP99Ms": p99.as_millis(),
        "broken": broken,
    }))
}

/// Of those that were without a connection.
fn p99(lives: &Lives) -> Duration {
    let mut apart: Vec<Duration> =
        lives.each.iter().map(|life| life.apart).filter(|apart| !apart.is_zero()).collect();
    apart.sort();
    apart.get(apart.len() * 99 / 100).copied().unwrap_or_default()
}
