//! Goal: `cargo x cluster up` gives a page that answers, and the other words of the command show
//! what runs; the same product goes into a cluster that is there already; at the end nothing is
//! left. The images say which commit they are of, and what is in them.
//! Method: the command itself, with a cluster of its own; an image is taken apart.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};
use bare_kube::oci::sbom;
use harness::{TIMEOUT, cli, eventually, http, provision};
use serde_json::Value;
use testbed::{checkout::Checkout, program};

/// What follows a word in the last lines of `up`.
fn way<'a>(said: &'a str, what: &str) -> Result<&'a str> {
    let line = said.lines().find_map(|line| line.trim_start().strip_prefix(what));
    line.map(str::trim).with_context(|| format!("no {what} in {said}"))
}

async fn get(url: &str) -> Result<String> {
    Ok(http::get(url).await?.error_for_status()?.text().await?)
}

#[tokio::test]
async fn one_command_gives_a_page_and_another_one_takes_all_away() -> Result<()> {
    let cluster = cli::ClusterCommand::named("own");
    let said = cluster.run(&["up", "--own", "--nodes", "1"])?;
    ensure!(get(way(&said, "page ")?).await?.contains("<html"), "no page: {said}");
    let rules = format!("{}/api/v1/rules", way(&said, "Prometheus ")?);
    eventually("Prometheus has the alerts", TIMEOUT, async || {
        ensure!(get(&rules).await?.contains("ChatMySQLUnavailable"), "not yet");
        Ok(())
    })
    .await?;
    let kubeconfig = way(&said, "export KUBECONFIG=")?;

    let status = cluster.run(&["status"])?;
    for words in ["node-1", "team", "all is well", "chat-operator-", "team-mysql-0"] {
        ensure!(status.contains(words), "{words} is not in {status}");
    }
    for (part, words) in [
        ("operator", "acquired leadership"),
        ("server", "ready at"),
        ("events", "chatcluster/team"),
        ("supervisor", ""),
    ] {
        let log = cluster.run(&["logs", part])?;
        ensure!(log.contains(words), "{part} says {log}");
    }
    let image = &provision::images(&["redis"])?[0];
    cluster.run(&["load-image", &image.display().to_string()])?;

    // The same once more, by the way that leads into the clusters of others.
    let images = ["--operator-image", "chat-operator:0.1.0", "--server-image", "chat-server:0.1.0"];
    let mut here = cli::command(&[&["cluster", "up", "--here"], &images[..]].concat())?;
    let said = program::output(here.env("KUBECONFIG", kubeconfig))?;
    let page = way(&said, "page ")?;
    ensure!(page.contains("kubectl port-forward --namespace default service/team 3000:80"));
    ensure!(way(&said, "Prometheus ")?.contains("service/prometheus 9090:9090"), "{said}");
    ensure!(way(&said, "export KUBECONFIG=")? == kubeconfig, "{said}");

    cluster.run(&["down"])?;
    let dir = Checkout::find()?.data(&cluster.name);
    ensure!(!dir.exists(), "{} is left", dir.display());
    Ok(())
}

fn json(file: &Path) -> Result<Value> {
    Ok(serde_json::from_str(&fs::read_to_string(file)?)?)
}

#[test]
fn an_image_says_what_it_is_and_what_is_in_it() -> Result<()> {
    let checkout = Checkout::find()?;
    for name in ["chat-server", "chat-operator"] {
        let dir = provision::folder(&format!("image-{name}"))?;
        let mut tar = Command::new("tar");
        tar.arg("-xf").arg(&provision::images(&[name])?[0]).arg("-C").arg(&dir);
        program::output(&mut tar)?;
        let blob = |digest: &Value| {
            let digest = digest.as_str().and_then(|digest| digest.strip_prefix("sha256:"));
            Ok::<_, anyhow::Error>(dir.join("blobs/sha256").join(digest.context("no digest")?))
        };
        let index = json(&dir.join("index.json"))?;
        let manifest = json(&blob(&index["manifests"][0]["digest"])?)?;
        let config = json(&blob(&manifest["config"]["digest"])?)?;
        let labels = &config["config"]["Labels"];
        ensure!(labels["org.opencontainers.image.title"] == name, "{labels}");
        let mut git = Command::new("git");
        git.args(["rev-parse", "HEAD"]).current_dir(&checkout.root);
        // Sources may come without their history.
        let commit = program::output(&mut git).unwrap_or_else(|_| "unknown".to_owned());
        let revision = labels["org.opencontainers.image.revision"].as_str().unwrap_or_default();
        ensure!(revision.starts_with(commit.trim()), "{revision} is not {commit}");

        let mut tar = Command::new("tar");
        tar.arg("-xOf").arg(blob(&manifest["layers"][0]["digest"])?);
        tar.arg(format!(".{}/{name}{}", sbom::DIR, sbom::ENDING));
        let list = program::output(&mut tar)?;
        ensure!(list == sbom::of(&checkout, name, name == "chat-server")?, "another list");
    }
    Ok(())
}
