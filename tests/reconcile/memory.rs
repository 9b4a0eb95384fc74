//! Goal: an operator stays small, however many it looks after; `cargo x prove fleet` shows it with a
//! hundred, and this is the short part of that.
//! Method: a few `ChatCluster`s, then more; what the operator's process holds before and after.

use anyhow::{Result, ensure};
use harness::{
    kube::{Site, spec},
    usage,
};
use serde_json::json;

const FIRST: usize = 2;
const ALL: usize = 10;
/// A hundred of them, and the operator itself, are to fit into 64 MiB; in steps in which memory is
/// taken from the system.
const EACH_KIB: u64 = 1_024;

#[tokio::test]
async fn each_chat_cluster_takes_little_memory() -> Result<()> {
    let site = Site::start("memory").await?;
    let mut wish = spec("chat:1");
    wish["replicas"] = json!(1);
    let mut held = Vec::new();
    for names in [0..FIRST, FIRST..ALL] {
        for n in names.clone() {
            site.apply(&format!("team-{n}"), &wish).await?;
        }
        for n in names {
            site.ready(&format!("team-{n}")).await?;
        }
        held.push(usage::kibibytes(site.process("one")?, "RssAnon")?);
    }
    println!("         {held:?} KiB with {FIRST} and {ALL}");
    let grown = held[1].saturating_sub(held[0]);
    ensure!(grown <= EACH_KIB * (ALL - FIRST) as u64, "{grown} KiB for {} more", ALL - FIRST);
    Ok(())
}
