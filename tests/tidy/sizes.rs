//! Goal: every file can be read in one go, and every room says what it is for.
//! Method: count lines; look at the first line of `mod.rs` and `lib.rs`.

use anyhow::Result;
use harness::checkout::{Source, sources};

const LINES_MAX: usize = 500;
const WRITTEN: [&str; 4] = [".rs", ".ts", ".tsx", ".css"];
/// Written by a program, for programs.
const GENERATED: &str = "frontend/src/api/contract.ts";

#[test]
fn no_file_is_too_long() -> Result<()> {
    let long: Vec<String> = sources("", &WRITTEN)?
        .iter()
        .filter(|file| file.path != GENERATED)
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

#[test]
fn every_room_says_what_it_is_for() -> Result<()> {
    let doors = ["/mod.rs", "/lib.rs", "/main.rs"];
    let silent = |file: &Source| file.ends_with(&doors) && !file.text.starts_with("//! ");
    let silent: Vec<String> =
        sources("", &[".rs"])?.into_iter().filter(silent).map(|file| file.path).collect();
    assert!(silent.is_empty(), "begin these files with `//!`:\n{}", silent.join("\n"));
    Ok(())
}
