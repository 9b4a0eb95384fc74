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
        let title = ("org.opencontainers.image.title", file.path.split('/').next());
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
