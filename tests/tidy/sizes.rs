//! Goal: every file, function and folder can be taken in at one go, and every room says what it is
//! for.
//! Method: count lines and files; functions are counted by clippy, whose limit is read here; look at
//! the first line of `mod.rs` and `lib.rs`.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use harness::checkout::{Source, read, sources};

const LINES_MAX: usize = 350;
const FUNCTION_LINES_MAX: usize = 60;
const FILES_MAX: usize = 14;
/// Of a crate's own folder, in which each entry is a room.
const ROOMS_MAX: usize = 24;
const WRITTEN: [&str; 4] = [".rs", ".ts", ".tsx", ".css"];
/// Written by a program, for programs.
const GENERATED: &str = "frontend/src/api/contract.ts";
/// The page's words, a list for each language.
const WORDS: &str = "frontend/src/lib/words.";
/// Folders with one file for each subject of test cases: people look into them by name.
const CASES: [&str; 6] = [
    "frontend/e2e",
    "tests/api",
    "tests/cluster",
    "tests/realtime",
    "tests/reconcile",
    "tests/render",
];
/// Folders that are crates.
const CRATES: [&str; 9] = [
    "chat-server/contract/src",
    "chat-server/domain/src",
    "chat-server/src",
    "operator/src",
    "tests",
    "tests/bare-kube/src",
    "tests/harness",
    "tests/testbed/src",
    "tests/x/src",
];

#[test]
fn no_file_is_too_long() -> Result<()> {
    let long: Vec<String> = sources("", &WRITTEN)?
        .iter()
        .filter(|file| file.path != GENERATED && !file.path.starts_with(WORDS))
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(file, lines)| format!("{} has {lines} lines", file.path))
        .collect();
    assert!(
        long.is_empty(),
        "files of more than {LINES_MAX} lines; split them:\n{}",
        long.join("\n")
    );
    Ok(())
}

/// Functions and components of the page are counted by its own check.
#[test]
fn no_function_may_be_too_long() -> Result<()> {
    let limit = format!("too-many-lines-threshold = {FUNCTION_LINES_MAX}\n");
    ensure!(read(".clippy.toml")?.contains(&limit), ".clippy.toml has another limit");
    let lints = read("Cargo.toml")?;
    ensure!(lints.contains("\ntoo_many_lines = \"deny\"\n"), "clippy lets long functions pass");
    Ok(())
}

#[test]
fn no_folder_has_too_many_files() -> Result<()> {
    let mut entries: BTreeMap<String, usize> = BTreeMap::new();
    for file in sources("", &WRITTEN)? {
        let (folder, _) = file.path.rsplit_once('/').context("a source beside the houses")?;
        *entries.entry(folder.to_owned()).or_default() += 1;
    }
    let mut full = Vec::new();
    for (folder, files) in &entries {
        let inside = format!("{folder}/");
        let below = entries.keys().filter_map(|other| other.strip_prefix(&inside));
        let below = below.filter(|name| !name.contains('/')).count();
        let (count, most) = if CRATES.contains(&folder.as_str()) {
            (files + below, ROOMS_MAX)
        } else {
            (*files, FILES_MAX)
        };
        if count > most && !CASES.contains(&folder.as_str()) {
            full.push(format!("{folder} has {count}, and {most} are enough"));
        }
    }
    ensure!(full.is_empty(), "folders with too many files:\n{}", full.join("\n"));
    Ok(())
}

#[test]
fn every_room_says_what_it_is_for() -> Result<()> {
    let doors = ["/mod.rs", "/lib.rs", "/main.rs"];
    let silent = |file: &Source| file.ends_with(&doors) && !file.text.starts_with("//! ");
    let silent: Vec<String> =
        sources("", &[".rs"])?.into_iter().filter(silent).map(|file| file.path).collect();
    assert!(silent.is_empty(), "begin these files with `//!`:\n{}", silent.join("\n"));
    Ok(())
}
