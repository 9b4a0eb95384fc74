//! Goal: right after `kubectl wait`, the first call of each kind works, with our clients, with
//! those that everybody has, and in a browser.
//! Method: through the Service, from outside; Socket.IO's own client and Python's, with their
//! default options; the browser's tests of two people who talk.

use std::{env, process::Command};

use anyhow::{Context as _, Result, ensure};
use harness::{Installation, Person, Stock};
use testbed::program;

/// The first calls. Gives the people who go through all that follows.
pub(crate) async fn begin(site: &Installation) -> Result<Vec<Person>> {
    let (ada, bob) = site.first_calls().await?;
    // No more: one address may sign up ten people in a minute, and a browser comes too.
    let (cleo, dan) = (site.sign_up("cleo").await?, site.sign_up("dan").await?);
    Ok(vec![ada, bob, cleo, dan])
}

/// Two stock clients talk.
pub(crate) async fn stock(site: &Installation, people: &[Person]) -> Result<()> {
    let [ada, bob, ..] = people else { anyhow::bail!("nobody is there") };
    let room = ada.direct(bob).await?.id;
    for client in [Stock::JavaScript, Stock::Python] {
        client.chat(&site.url, room, [ada, bob], 1).await?;
    }
    Ok(())
}

/// Two people talk in Chromium, on the page that the servers bring along.
pub(crate) fn browser(site: &Installation) -> Result<()> {
    let mut npm = Command::new("npm");
    npm.args(["run", "--silent", "e2e", "--", "talk"]);
    npm.current_dir(site.checkout.path("frontend"));
    npm.env("CHAT_TEST_URL", &site.url).env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    npm.env("CHROMIUM_PATH", env::var("CHROMIUM_PATH").context("CHROMIUM_PATH is not set")?);
    let said = program::output(&mut npm)?;
    ensure!(said.contains("2 passed"), "{said}");
    Ok(())
}
