//! Goal: images run as nobody, with what they need, whoever makes them, and say what they are and what
//! is in them; the compose file sets only what the server knows.
//! Method: read the last stage of each Dockerfile as `cargo x image` does; compare names.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use bare_kube::oci::{Dockerfile, root, sbom};
use chat_contract::config::ServerConfig;
use harness::checkout::{read, sources};
use serde_json::Value;
use testbed::checkout::Checkout;

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
        labels_say_what_it_is(&file.path, &found)?;
    }
    Ok(())
}

/// In the words of the Open Container Initiative.
fn labels_say_what_it_is(file: &str, found: &Dockerfile) -> Result<()> {
    let program = found.settings.entry[0].rsplit('/').next().unwrap_or_default();
    let settings = found.settings_with(&[("REVISION", "abc")])?;
    let label = |name: &str| {
        let name = format!("org.opencontainers.image.{name}");
        let mut labels = settings.labels.iter();
        let found = labels.find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        found.with_context(|| format!("{file} has no label {name}"))
    };
    ensure!(label("title")? == program, "{file} has another title");
    ensure!(label("description")?.len() > 20, "{file} does not say what it is");
    ensure!(label("version")? == env!("CARGO_PKG_VERSION"), "{file} is of another version");
    ensure!(label("revision")? == "abc", "{file} does not take the commit from its builder");
    ensure!(label("base.name")? == found.base, "{file} does not say what it is on");
    let list = format!("{}/{program}{}", sbom::DIR, sbom::ENDING);
    let has_list = found.copies.iter().any(|copy| copy.stage == "program" && copy.to == list);
    ensure!(has_list, "{file} has no list of what is linked into {program}");
    Ok(())
}

#[test]
fn the_list_of_an_image_is_what_is_linked_into_its_program() -> Result<()> {
    let checkout = Checkout::find()?;
    let lock = read("Cargo.lock")?;
    for (program, has, lacks) in [
        (
            "chat-server",
            &["cargo/sqlx", "cargo/socketioxide", "cargo/chat-domain", "npm/react"][..],
            &["cargo/proptest", "cargo/insta", "cargo/serde_derive", "cargo/kube", "npm/vite"][..],
        ),
        (
            "chat-operator",
            &["cargo/kube", "cargo/chat-contract"],
            &["cargo/sqlx", "cargo/proptest", "cargo/clap_derive", "npm/react"],
        ),
    ] {
        let list: Value = serde_json::from_str(&sbom::of(&checkout, program, has.len() > 2)?)?;
        ensure!(list["bomFormat"] == "CycloneDX" && list["specVersion"] == "1.5");
        ensure!(list["metadata"]["component"]["name"] == program, "it is of another program");
        let parts = list["components"].as_array().context("no components")?;
        let purls: BTreeSet<_> = parts.iter().filter_map(|one| one["purl"].as_str()).collect();
        ensure!(purls.len() == parts.len(), "{program}: a part has no name, or is there twice");
        let is_there = |name: &str| purls.iter().any(|p| p.starts_with(&format!("pkg:{name}@")));
        for name in has {
            ensure!(is_there(name), "{program}: {name} is missing");
        }
        for name in lacks {
            ensure!(!is_there(name), "{program}: {name} is not linked");
        }
        for part in parts {
            let (name, version) = (&part["name"], &part["version"]);
            let is_ours = name.as_str().is_some_and(|name| name.starts_with("chat-"));
            let is_crate = part["purl"].as_str().is_some_and(|purl| purl.starts_with("pkg:cargo/"));
            let entry = format!("name = {name}\nversion = {version}\n");
            ensure!(!is_crate || lock.contains(&entry), "Cargo.lock has no {name} {version}");
            ensure!(is_ours || part["hashes"][0]["content"].is_string(), "no checksum: {part}");
            ensure!(is_ours || !is_crate || part["licenses"].is_array(), "no licence: {part}");
        }
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
    let sections = ServerConfig::reference();
    let known: Vec<&str> =
        sections.iter().flat_map(|section| &section.variables).map(|known| known.name).collect();
    for name in set {
        ensure!(known.contains(&name), "{name} is unknown");
    }
    Ok(())
}
