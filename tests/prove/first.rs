//! Twenty times from nothing: `kubectl apply`, `kubectl wait`, and at once the first sign-up, the
//! first connection and the first send, each tried once.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use harness::{Installation, Kubernetes};
use serde_json::json;

const TIMES: usize = 20;
/// From `helm install` to an operator that is ready.
const OPERATOR: Duration = Duration::from_secs(30);
/// From `kubectl apply` to a `ChatCluster` that is ready, its stores too.
const CHAT: Duration = Duration::from_secs(90);

pub(crate) fn first() -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(run())
}

async fn run() -> Result<()> {
    let mut site = Installation::install(Kubernetes::own("first")?)?;
    println!("  helm install to operator ready: {:.1} s", site.operator_took.as_secs_f32());
    let mut took = vec![site.chat_took];
    site.first_calls().await.context("time 1")?;
    for time in 2..=TIMES {
        // Its volumes and passwords go with it, so that the next one begins with nothing.
        site.patch(r#"{"deletionPolicy":"Delete"}"#)?;
        site.wait_ready()?;
        site.delete()?;
        let began = Instant::now();
        site.apply_again()?;
        took.push(began.elapsed());
        site.first_calls().await.with_context(|| format!("time {time}"))?;
    }
    took.sort();
    let (middle, most) = (took[TIMES / 2], took[TIMES - 1]);
    println!(
        "  {TIMES} times kubectl apply to ready: {:.1} s in the middle, {:.1} s at most; no first call failed",
        middle.as_secs_f32(),
        most.as_secs_f32(),
    );
    let operator = site.operator_took;
    site.end()?;
    crate::leave(
        "first",
        &json!({
            "times": TIMES,
            "operatorReadySeconds": operator.as_secs_f32(),
            "chatReadySecondsMiddle": middle.as_secs_f32(),
            "chatReadySecondsMost": most.as_secs_f32(),
        }),
    )?;
    ensure!(operator <= OPERATOR, "the operator took {operator:?}");
    ensure!(most <= CHAT, "the slowest took {most:?}");
    Ok(())
}
