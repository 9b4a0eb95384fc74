//! Goal: an edge of the server that reaches for the store, Redis, the cache or the hub does not
//! compile.
//! Method: copy the server's crates and let Cargo check them, as they are and with one line in each
//! edge for each of those. The folder of the copy and Cargo's target stay, so that only what has
//! changed is compiled.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};
use harness::checkout::{Source, read, sources};
use serde_json::Value;
use testbed::Checkout;

/// Where an edge could reach for a field of `App`, and for which.
const WALLS: [(&str, &[&str]); 4] = [
    ("chat-server/src/http/message.rs", &["store", "redis", "cache", "hub", "committer"]),
    ("chat-server/src/http/health.rs", &["store", "redis"]),
    ("chat-server/src/socket/command.rs", &["store", "redis", "cache", "hub", "committer"]),
    ("chat-server/src/background.rs", &["store", "redis"]),
];

/// The crates of the server, in a workspace of their own.
const MEMBERS: &str = r#"members = ["chat-server", "chat-server/contract", "chat-server/domain"]"#;

#[test]
fn the_compiler_refuses_an_edge_that_reaches_behind_service() -> Result<()> {
    let checkout = Checkout::find()?;
    let copy = checkout.data("walls");
    let mut files = sources("chat-server", &[""])?;
    files.push(Source { path: "Cargo.toml".into(), text: manifest()? });
    files.push(Source { path: "Cargo.lock".into(), text: read("Cargo.lock")? });
    write(&copy, &files)?;
    let none = errors(&checkout, &copy)?;
    ensure!(none.is_empty(), "the copy alone does not compile: {none:?}");

    let mut expected = BTreeSet::new();
    for (path, fields) in WALLS {
        let file = files.iter_mut().find(|file| file.path == path).context(path)?;
        for field in fields {
            let line = file.text.lines().count() + 1;
            let reach = format!(
                "fn reach_{field}(app: &crate::service::App) {{ let _ = &app.{field}; }}\n"
            );
            file.text.push_str(&reach);
            expected.insert((path.to_owned(), line, "E0616".to_owned()));
        }
    }
    write(&copy, &files)?;
    let found = errors(&checkout, &copy)?;
    ensure!(found == expected, "expected {expected:#?}, and the compiler says {found:#?}");
    Ok(())
}

/// The workspace's manifest, with the server's crates alone.
fn manifest() -> Result<String> {
    let text = read("Cargo.toml")?;
    let is_kept = |line: &&str| !line.starts_with("default-members");
    let lines = text.lines().filter(is_kept);
    let lines = lines.map(|line| if line.starts_with("members") { MEMBERS } else { line });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

/// Writes what differs, and removes what is no longer there.
fn write(copy: &Path, files: &[Source]) -> Result<()> {
    for file in files {
        let path = copy.join(&file.path);
        if fs::read_to_string(&path).is_ok_and(|text| text == file.text) {
            continue;
        }
        fs::create_dir_all(path.parent().context("no folder")?)?;
        fs::write(path, &file.text)?;
    }
    let kept: BTreeSet<_> = files.iter().map(|file| copy.join(&file.path)).collect();
    remove_others(&copy.join("chat-server"), &|path| kept.contains(path))
}

fn remove_others(folder: &Path, is_kept: &impl Fn(&Path) -> bool) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, is_kept)?;
        } else if !is_kept(&path) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// What the compiler has against the copy: file, line and code.
fn errors(checkout: &Checkout, copy: &Path) -> Result<BTreeSet<(String, usize, String)>> {
    let mut cargo: Command = checkout.cargo();
    cargo.args(["check", "--offline", "--package", "chat-server", "--lib"]);
    cargo.args(["--message-format", "json"]);
    // The dependencies are those of the checkout, and compiled there already.
    cargo.current_dir(copy).env("CARGO_TARGET_DIR", &checkout.target);
    let output = cargo.output().context("cargo cannot be run")?;
    let mut errors = BTreeSet::new();
    for line in String::from_utf8(output.stdout)?.lines() {
        let message: Value = serde_json::from_str(line)?;
        let message = &message["message"];
        // The last one, "aborting", is about no line.
        let Some(span) = message["spans"].as_array().and_then(|spans| spans.first()) else {
            continue;
        };
        if message["level"] == "error" {
            let file = span["file_name"].as_str().unwrap_or_default().to_owned();
            let line = span["line_start"].as_u64().unwrap_or_default().try_into()?;
            let code = message["code"]["code"].as_str().unwrap_or_default().to_owned();
            errors.insert((file, line, code));
        }
    }
    let ended_well = output.status.success() == errors.is_empty();
    ensure!(ended_well, "{}", String::from_utf8_lossy(&output.stderr));
    Ok(errors)
}
