//! Goal: images run as nobody, with what they need, whoever makes them; the compose file sets only
//! what the server knows.
//! Method: read the last stage of each Dockerfile as `cargo x image` does; compare names.

use anyhow::{Context as _, Result, ensure};
use chat_contract::config::ServerConfig;
use harness::checkout::{read, sources};
use x::image::{Dockerfile, root};

#[test]
fn every_image_can_be_made_in_both_ways_and_runs_as_nobody() -> Result<()> {
    let files = sources("", &["Dockerfile"])?;
    ensure!(!files.is_empty(), "there are no Dockerfiles");
    for file in files {
        let found = Dockerfile::parse(&file.text).with_context(|| file.path.clone())?;
        // What `cargo x image` lays out below the copies is what this base has.
        ensure!(
            found.base == "gcr.io/distroless/cc-debian12:nonroot",
            "{} is on {}",
            file.path,
            found.base
        );
        ensure!(found.settings.user == root::USER, "{} runs as another user", file.path);
        ensure!(found.settings.dir == "/home/nonroot", "{} begins elsewhere", file.path);
        for copy in &found.copies {
            ensure!(["program", "page"].contains(&copy.stage.as_str()), "{copy:?}");
        }
        let first = found.settings.entry.first().context("no entry point")?;
        ensure!(
            found.copies.iter().any(|copy| copy.stage == "program" && copy.to == *first),
            "{}: the first process is {first}, not the program",
            file.path
        );
        let title = ("org.opencontainers.image.title", first.rsplit('/').next());
        ensure!(
            found
                .settings
                .labels
                .iter()
                .any(|(name, value)| (name.as_str(), Some(value.as_str())) == title),
            "{} does not say what it is",
            file.path
        );
    }
    Ok(())
}

#[test]
fn charts_and_manifests_name_the_images_of_this_version() -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    for chart in ["chat-operator", "chat-cluster"] {
        let text = read(&format!("charts/{chart}/Chart.yaml"))?;
        ensure!(text.contains(&format!("\nappVersion: {version}\n")), "{chart}: another version");
    }
    let mut named = 0;
    for file in sources("manifests", &[".yaml", ".yml"])? {
        for line in file.text.lines() {
            if let Some((_, tag)) = line.split_once("image: chat-server:") {
                ensure!(tag == version, "{}: {line}", file.path);
                named += 1;
            }
        }
    }
    ensure!(named > 2, "no manifest names an image of ours");
    Ok(())
}

#[test]
fn the_compose_file_sets_only_what_the_server_knows() -> Result<()> {
    let text = read("manifests/dev/docker-compose.yml")?;
    let set: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim().split_once(':').map(|(name, _)| name))
        .filter(|name| name.starts_with("CHAT_"))
        .collect();
    ensure!(set.len() > 2, "the compose file sets nothing");
    for name in set {
        ensure!(ServerConfig::VARS.iter().any(|(known, _)| *known == name), "{name} is unknown");
    }
    Ok(())
}
