//! Goal: modules of a crate do not use each other in a circle, at any depth. (A module and what is in
//! it are one.)
//! Method: read `use crate::`, `use super::` and such paths in the code; look at each folder by
//! itself. Unit tests inside a file are left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    iter::Peekable,
    str::Chars,
};

use anyhow::{Result, ensure};
use harness::checkout::sources;

/// Folders with a `lib.rs` or a `main.rs`.
const ROOTS: [&str; 18] = [
    "chat-server/contract/src",
    "chat-server/domain/src",
    "chat-server/src",
    "operator/src",
    "tests/api",
    "tests/bare-kube/src",
    "tests/bench",
    "tests/cluster",
    "tests/harness",
    "tests/prove",
    "tests/realtime",
    "tests/reconcile",
    "tests/render",
    "tests/testbed/src",
    "tests/tidy",
    "tests/upgrade",
    "tests/world",
    "tests/x/src",
];

/// A module by the names that lead to it; the root of a crate has none.
type Module = Vec<String>;
/// Of one folder: module -> those beside it that it uses.
type Arrows = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_modules_use_each_other() -> Result<()> {
    let mut found = Vec::new();
    for root in ROOTS {
        let files = sources(root, &[".rs"])?;
        ensure!(!files.is_empty(), "{root} has no files");
        let texts = files.into_iter().map(|file| (module(root, &file.path), file.text)).collect();
        for (folder, arrows) in arrows(&texts) {
            let circle = circle(arrows);
            if !circle.is_empty() {
                found.push(format!("{root}/{}: {circle:?}", folder.join("/")));
            }
        }
    }
    ensure!(found.is_empty(), "these use each other:\n{}", found.join("\n"));
    Ok(())
}

/// `a::b` of `a/b.rs` and of `a/b/mod.rs`.
fn module(root: &str, path: &str) -> Module {
    let inside = path.trim_start_matches(root).trim_matches('/').trim_end_matches(".rs");
    let mut names: Module = inside.split('/').map(str::to_owned).collect();
    let is_door = names.last().is_some_and(|last| last == "mod");
    let is_root = names.len() == 1 && ["lib", "main"].contains(&names[0].as_str());
    if is_door || is_root {
        names.pop();
    }
    names
}

/// For each folder, which of its modules uses which other one.
fn arrows(texts: &BTreeMap<Module, String>) -> BTreeMap<Module, Arrows> {
    let mut all: BTreeMap<Module, Arrows> = BTreeMap::new();
    for (from, text) in texts {
        for path in paths(text) {
            let to = target(texts, from, &path);
            let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            // One of the two is in the other one.
            let (Some(one), Some(other)) = (from.get(common), to.get(common)) else { continue };
            let arrows = all.entry(from[..common].to_vec()).or_default();
            arrows.entry(one.clone()).or_default().insert(other.clone());
        }
    }
    all
}

/// The module that a path leads to, as far as there are files.
fn target(texts: &BTreeMap<Module, String>, from: &Module, path: &[String]) -> Module {
    let ups = path.iter().take_while(|name| *name == "super").count();
    let (mut to, rest) = match path.first().map(String::as_str) {
        Some("super") => (from[..from.len().saturating_sub(ups)].to_vec(), &path[ups..]),
        Some("self") => (from.clone(), &path[1..]),
        _ => (Module::new(), path.get(1..).unwrap_or_default()),
    };
    for name in rest {
        to.push(name.clone());
        if !texts.contains_key(&to) {
            to.pop();
            break;
        }
    }
    to
}

/// Every path that begins with `crate`, `super` or `self`, with all that a group names.
fn paths(text: &str) -> Vec<Vec<String>> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join(" ");
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            // `a::self` and `super::super` began before.
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            grow(&mut code[at..].chars().peekable(), &[], &mut found);
        }
    }
    found
}

/// Reads a path up to a sign that no path has, or up to the end of the group that it ends in.
fn grow(rest: &mut Peekable<Chars<'_>>, before: &[String], found: &mut Vec<Vec<String>>) {
    let mut path = before.to_vec();
    let mut name = String::new();
    while let Some(c) = rest.peek().copied() {
        match c {
            c if c.is_alphanumeric() || c == '_' => name.push(c),
            ':' if !name.is_empty() => path.push(std::mem::take(&mut name)),
            ':' => {}
            '{' if name.is_empty() && !path.is_empty() => {
                rest.next();
                return group(rest, &path, found);
            }
            _ => break,
        }
        rest.next();
    }
    if !name.is_empty() {
        path.push(name);
    }
    found.push(path);
}

/// Reads the paths of a group, and the brace at its end.
fn group(rest: &mut Peekable<Chars<'_>>, path: &[String], found: &mut Vec<Vec<String>>) {
    while let Some(c) = rest.peek().copied() {
        if c == '}' {
            rest.next();
            return;
        }
        if c.is_alphanumeric() || c == '_' {
            grow(rest, path, found);
        } else {
            rest.next();
        }
    }
}

/// What is left when nobody is removed any more: who uses nobody, and who is used by nobody.
fn circle(mut arrows: Arrows) -> Vec<String> {
    loop {
        let before: usize = arrows.values().map(|used| used.len() + 1).sum();
        let used: BTreeSet<String> = arrows.values().flatten().cloned().collect();
        arrows.retain(|user, _| used.contains(user));
        let users: BTreeSet<String> = arrows.keys().cloned().collect();
        for used in arrows.values_mut() {
            used.retain(|one| users.contains(one));
        }
        arrows.retain(|_, used| !used.is_empty());
        if arrows.values().map(|used| used.len() + 1).sum::<usize>() == before {
            return arrows.into_keys().collect();
        }
    }
}

#[test]
fn a_circle_is_found_and_a_parent_is_none() {
    let texts = [
        ("a", "use crate::b::{self, c::D};"),
        ("b", "use super::a::X; mod c;"),
        ("b/c", "use super::Y; use crate::{d, b};"),
        ("d", "fn f() { crate::e::g() }"),
        ("e", ""),
    ];
    let texts = texts.map(|(path, text)| (module("", path), text.to_owned())).into();
    let arrows = arrows(&texts);
    assert_eq!(circle(arrows[&Module::new()].clone()), ["a", "b"]);
    assert!(!arrows.contains_key(&module("", "b")), "{arrows:?}");
}
