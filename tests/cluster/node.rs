//! Goal: a node can be drained or lost while clients chat.
//! Method: `kubectl drain`; then all processes of a node are killed, its kubelet first. Servers are
//! elsewhere soon, with nobody's help; then the node is marked as out of service, as the
//! documentation of Kubernetes asks of whoever looks after it, and what is left of it goes.

use std::time::Duration;

use anyhow::{Result, ensure};
use harness::{Crowd, Installation, Person, eventually};

use crate::scale::CLIENTS;

/// A silent node is missed after most of a minute, and its servers half a minute later.
const MOVE_TIMEOUT: Duration = Duration::from_mins(3);

/// The one that is drained, and then lost.
const NODE: &str = "node-2";

/// Servers move their clients; stores are unavailable for a moment. Afterwards the stores are on
/// the other node, and a server is on each.
pub(crate) async fn drained(site: &Installation, people: &[Person]) -> Result<()> {
    let mut crowd = Crowd::start(people, CLIENTS).await?;
    let stores_move = holds_a_store(site)?;
    site.kubectl(&[
        "drain",
        NODE,
        "--ignore-daemonsets",
        "--delete-emptydir-data",
        "--timeout=3m",
    ])?;
    site.wait_ready()?;
    crowd.be_answered().await?;
    let lives = crowd.end().await?;
    println!("         {lives}");
    ensure!(lives.sum(|life| life.cuts) == 0, "somebody was cut off: {lives}");
    if !stores_move {
        lives.must_be_calm()?;
    }
    site.kubectl(&["uncordon", NODE])?;
    let pods = site.pods("server")?;
    site.kubectl(&["delete", &pods[0]])?;
    site.wait_ready()?;
    Ok(())
}

/// Would a store be lost with that node.
pub(crate) fn holds_a_store(site: &Installation) -> Result<bool> {
    Ok(store_nodes(site)?.iter().any(|node| node == NODE))
}

/// Whoever was on it is back on the other one; the Service leads there alone; new pods come there.
pub(crate) async fn lost(site: &mut Installation, people: &[Person]) -> Result<()> {
    ensure!(!holds_a_store(site)?, "a store would be lost");
    let there = site.servers_on(NODE)?;
    ensure!(!there.is_empty(), "no server is on {NODE}");
    let crowd = Crowd::start(people, CLIENTS).await?;
    site.lose(NODE)?;
    site.kubectl(&[
        "wait",
        &format!("node/{NODE}"),
        "--for=condition=Ready=unknown",
        "--timeout=60s",
    ])?;
    eventually("as many servers as before are on the other node", MOVE_TIMEOUT, || async {
        let (there, all) = (site.servers_on(NODE)?, site.pods("server")?);
        let ready = site.status("{.status.readyReplicas}")?;
        ensure!(all.len() - there.len() == 2 && ready == "2", "{ready} ready of {all:?}");
        Ok(())
    })
    .await?;
    let taint = "node.kubernetes.io/out-of-service=lost:NoExecute";
    site.kubectl(&["taint", "node", NODE, taint])?;
    eventually("all servers are on the other node", Duration::from_mins(1), || async {
        let left = site.servers_on(NODE)?;
        ensure!(left.is_empty(), "{left:?}");
        Ok(())
    })
    .await?;
    site.wait_ready()?;
    let lives = crowd.end().await?;
    println!("         {lives}");
    ensure!(lives.each.iter().all(|life| life.cuts <= 1), "cut more than once: {lives:?}");
    Ok(())
}

fn store_nodes(site: &Installation) -> Result<Vec<String>> {
    ["pod/team-mysql-0", "pod/team-redis-0"].map(|pod| site.node_of(pod)).into_iter().collect()
}
