//! Goal: a module imports only the modules that the table in its crate's README allows, the tables
//! have no import circles, and each driver is used in one module.
//! Method: read the table; look for `crate::module`, our crates and the drivers in every file.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use harness::checkout::{read, sources};

/// Module -> the modules that it may import; `None` is everything.
type Arrows = BTreeMap<String, Option<BTreeSet<String>>>;

#[test]
fn rooms_import_only_what_the_table_allows() -> Result<()> {
    for house in ["chat-server", "operator"] {
        check(house)?;
    }
    Ok(())
}

fn check(house: &str) -> Result<()> {
    let arrows = arrows(&read(&format!("{house}/README.md"))?);
    assert!(!arrows.is_empty(), "{house}/README.md has no table `| module | may import |`");
    let mut wrong = Vec::new();
    let mut idle = arrows.clone();
    let prefix = format!("{house}/src/");
    for file in sources(&format!("{house}/src"), &[".rs"])? {
        let inside = file.path.trim_start_matches(&prefix);
        let room = inside.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        // `lib` only lists the modules, `main` only calls them.
        if room == "lib" || room == "main" {
            continue;
        }
        let Some(allowed) = arrows.get(room) else {
            wrong.push(format!("{}: the table has no module `{room}`", file.path));
            continue;
        };
        let Some(allowed) = allowed else { continue };
        for import in imports(&file.text) {
            if let Some(Some(idle)) = idle.get_mut(room) {
                idle.remove(&import);
            }
            if import != room && !allowed.contains(&import) {
                wrong.push(format!("{}: `{room}` may not import `{import}`", file.path));
            }
        }
    }
    for (room, allowed) in idle {
        for import in allowed.into_iter().flatten() {
            wrong.push(format!("the table lets `{room}` import `{import}`, and it does not"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn no_arrow_leads_back() -> Result<()> {
    for house in ["chat-server", "operator"] {
        let mut left = arrows(&read(&format!("{house}/README.md"))?);
        // A module that none of the remaining ones imports is in no circle.
        while let Some(top) = left.keys().find(|room| !is_imported(room, &left)).cloned() {
            left.remove(&top);
        }
        assert!(left.is_empty(), "{house}/README.md: circles among {:?}", left.keys());
    }
    Ok(())
}

fn is_imported(room: &str, arrows: &Arrows) -> bool {
    arrows.values().flatten().any(|allowed| allowed.contains(room))
}

/// The steps of the operator that decide, and those that do.
#[test]
fn only_the_edges_of_the_operator_talk_to_the_api() -> Result<()> {
    let edges = ["apply/", "observe/", "runtime/", "status/events.rs", "status/write.rs"];
    for file in sources("operator/src", &[".rs"])? {
        let inside = file.path.trim_start_matches("operator/src/");
        let talks = ["Client", "Api<", "Recorder"].iter().any(|word| file.text.contains(word));
        let talks = talks && file.text.contains("kube::");
        let is_edge = edges.iter().any(|edge| inside.starts_with(edge));
        assert!(!talks || is_edge, "{} names the client of the API", file.path);
        let is_random = file.text.contains("getrandom") || file.text.contains("Timestamp::now");
        assert!(!is_random || is_edge, "{} has a time or a chance of its own", file.path);
    }
    let manifest = read("operator/Cargo.toml")?;
    let (_, dependencies) = manifest.split_once("[dependencies]").context("no dependencies")?;
    assert!(!dependencies.contains("chat-server"), "the operator knows the contract alone");
    Ok(())
}

/// To replace a driver, one module of the server has to change.
#[test]
fn each_driver_is_used_in_one_room_of_the_server() -> Result<()> {
    let drivers: [(&str, &[&str]); 3] = [
        ("sqlx", &["mysql/"]),
        ("fred", &["redis/"]),
        // A socket is handed over to delivery, which writes to it in one place.
        ("socketioxide", &["socket/", "deliver/connection/"]),
    ];
    for (driver, places) in drivers {
        let mut unused: BTreeSet<&str> = places.iter().copied().collect();
        for file in sources("chat-server/src", &[".rs"])? {
            if !uses(&file.text, driver) {
                continue;
            }
            let inside = file.path.trim_start_matches("chat-server/src/");
            let place = places.iter().find(|place| inside.starts_with(**place));
            assert!(place.is_some(), "{} uses {driver}, which is for {places:?}", file.path);
            unused.retain(|one| Some(one) != place);
        }
        assert!(unused.is_empty(), "nothing in {unused:?} uses {driver}");
    }
    Ok(())
}

/// Does code name this crate, or one that belongs to it such as `sqlx_core`.
fn uses(text: &str, driver: &str) -> bool {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| {
        line.match_indices(driver).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let rest = line[at + driver.len()..].trim_start_matches(char::is_alphanumeric);
            let starts = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
            starts && (rest.starts_with("::") || rest.starts_with("_core::"))
        })
    })
}

#[test]
fn a_driver_is_found_by_its_paths_alone() {
    for text in ["use sqlx::Row;", "    sqlx::query(\"\")", "use sqlx_core::Error;", "x<sqlx::A>"] {
        assert!(uses(text, "sqlx"), "{text}");
    }
    for text in ["// sqlx::Row", "\"sqlx=off\"", "use my_sqlx::Row;", "use crate::sqlx::Row;"] {
        assert!(!uses(text, "sqlx"), "{text}");
    }
}

#[test]
fn the_inner_crates_know_nothing_of_the_outer_ones() -> Result<()> {
    let forbidden: [(&str, &[&str]); 2] = [
        ("domain", &["chat-", "tokio", "axum", "sqlx", "fred", "serde"]),
        ("contract", &["chat-", "tokio", "axum", "sqlx", "fred", "kube"]),
    ];
    for (name, words) in forbidden {
        let manifest = read(&format!("chat-server/{name}/Cargo.toml"))?;
        let (_, rest) = manifest.split_once("[dependencies]").context("no dependencies")?;
        let dependencies = rest.split("\n[").next().unwrap_or_default();
        for line in dependencies.lines() {
            let bad = words.iter().find(|word| line.starts_with(*word));
            assert!(bad.is_none(), "chat-{name} may not depend on: {line}");
        }
    }
    Ok(())
}

/// The table whose head is `| module | may import |`; a cell may name several modules.
fn arrows(readme: &str) -> Arrows {
    let mut arrows = Arrows::new();
    let rows = readme
        .lines()
        .skip_while(|line| !line.starts_with("| module | may import"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    for row in rows {
        let mut cells = row.trim_matches('|').split('|');
        let rooms = names(cells.next().unwrap_or_default());
        let allowed = cells.next().unwrap_or_default();
        let everything = allowed.contains("everything");
        for room in rooms {
            arrows.insert(room, (!everything).then(|| names(allowed)));
        }
    }
    arrows
}

/// The names in a cell; what is not in backticks is prose where there are backticks at all.
fn names(cell: &str) -> BTreeSet<String> {
    let plain = |name: &str| name.trim().trim_start_matches("chat-").to_owned();
    let quoted: BTreeSet<String> = cell.split('`').skip(1).step_by(2).map(plain).collect();
    if !quoted.is_empty() {
        return quoted;
    }
    cell.split(',').map(plain).filter(|name| !name.contains(' ') && !name.is_empty()).collect()
}

/// What a file names by `crate::a`, `crate::{a, b::c}`, `chat_domain` and `chat_contract`.
fn imports(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    for (at, _) in code.match_indices("crate::") {
        // `$crate::` of a macro is this crate too; `my_crate::` is not.
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => found.extend(word(rest)),
            Some(group) => found.extend(first_names(group)),
        }
    }
    for name in ["domain", "contract"] {
        if code.contains(&format!("chat_{name}::")) {
            found.insert(name.to_owned());
        }
    }
    found
}

/// The first name of each path in a group, up to its closing brace.
fn first_names(group: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let (mut depth, mut start) = (0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.extend(word(group[start..at].trim_start()));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.extend(word(group[start..at].trim_start()));
                start = at + 1;
            }
            _ => {}
        }
    }
    names
}

/// The room at the beginning; a name with a capital is an item of `lib.rs`.
fn word(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let word = &text[..end];
    word.starts_with(|c: char| c.is_ascii_lowercase()).then(|| word.to_owned())
}

#[test]
fn groups_and_single_paths_are_read() {
    let text = "use crate::{app::App, mysql::{Tx, row}, wire};\nlet x = crate::redis::key(chat_domain::Id);\n// crate::no";
    let found: Vec<String> = imports(text).into_iter().collect();
    assert_eq!(found, ["app", "domain", "mysql", "redis", "wire"]);
}
