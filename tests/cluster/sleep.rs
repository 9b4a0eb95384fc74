//! Goal: a service that hibernates uses nothing and keeps everything.
//! Method: hibernate, count the pods, resume, and read.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use harness::{Installation, Person, eventually};

pub(crate) async fn hibernate_and_wake(site: &Installation, people: &[Person]) -> Result<()> {
    let [ada, bob, ..] = people else { anyhow::bail!("nobody is there") };
    let room = ada.direct(bob).await?.id;
    ada.send(room, "good night").await?;
    site.patch(r#"{"hibernated":true}"#)?;
    eventually("all pods end", Duration::from_mins(2), || async {
        for component in ["server", "mysql", "redis"] {
            let left = site.pods(component)?;
            ensure!(left.is_empty(), "{left:?}");
        }
        Ok(())
    })
    .await?;
    site.change(r#"{"hibernated":false}"#)?;
    let newest = bob.history(room).await?.messages.pop().context("no message")?;
    ensure!(newest.content == "good night", "the newest message is {newest:?}");
    Ok(())
}
