//! What is linked into a program, as a list in the format of `CycloneDX`, which scanners read: the
//! crates of the program, and the packages of the page where it brings one.
//!
//! What the image stands on has a list of its own, that of its packages.
//!
//! Invariant: the same sources make the same bytes, so there is no time in it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
};

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use testbed::{checkout::Checkout, program};

/// Folder of these lists in an image.
pub const DIR: &str = "/usr/local/share/sbom";
/// What their names end in.
pub const ENDING: &str = ".cdx.json";

/// The list of a program of the workspace; of the page too, where it brings it along.
pub fn of(checkout: &Checkout, package: &str, with_page: bool) -> Result<String> {
    let mut cargo = checkout.cargo();
    cargo.args(["metadata", "--locked", "--format-version", "1", "--filter-platform"]);
    cargo.arg(format!("{}-unknown-linux-gnu", std::env::consts::ARCH));
    let metadata: Value = serde_json::from_str(&program::output(&mut cargo)?)?;
    let read = |file: &str| {
        fs::read_to_string(checkout.path(file)).with_context(|| format!("cannot read {file}"))
    };
    let crates = Crates::new(&metadata, &read("Cargo.lock")?)?;
    let root = crates.find(package)?;
    let linked = crates.linked(root);
    let mut components: Vec<Value> =
        linked.iter().filter(|id| **id != root).map(|id| crates.component(id)).collect();
    if with_page {
        components.extend(page(&serde_json::from_str(&read("frontend/package-lock.json")?)?)?);
    }
    let mut program = crates.component(root);
    program["type"] = json!("application");
    let list = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": program },
        "components": components,
        "dependencies": linked.iter().map(|id| crates.dependencies(id, &linked)).collect::<Vec<_>>(),
    });
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}

/// The crates of a workspace, by Cargo's id.
struct Crates<'a> {
    packages: BTreeMap<&'a str, &'a Value>,
    /// What each links, without what it only builds or tests with.
    links: BTreeMap<&'a str, Vec<&'a str>>,
    /// Checksums by name and version.
    checksums: BTreeMap<(String, String), String>,
}

impl<'a> Crates<'a> {
    fn new(metadata: &'a Value, lock: &str) -> Result<Self> {
        let all = metadata["packages"].as_array().context("cargo names no packages")?;
        let packages: BTreeMap<_, _> = all.iter().map(|one| (text(&one["id"]), one)).collect();
        // They run in the compiler.
        let is_macro = |id: &str| {
            let targets = packages.get(id).and_then(|one| one["targets"].as_array());
            targets.into_iter().flatten().any(|target| target["kind"] == json!(["proc-macro"]))
        };
        let is_linked = |dep: &&Value| {
            let kinds = dep["dep_kinds"].as_array();
            kinds.into_iter().flatten().any(|kind| kind["kind"].is_null())
                && !is_macro(text(&dep["pkg"]))
        };
        let nodes = metadata["resolve"]["nodes"].as_array().context("cargo resolves nothing")?;
        let links = nodes.iter().map(|node| {
            let deps = node["deps"].as_array().map(Vec::as_slice).unwrap_or_default();
            (
                text(&node["id"]),
                deps.iter().filter(is_linked).map(|dep| text(&dep["pkg"])).collect(),
            )
        });
        Ok(Self { links: links.collect(), checksums: checksums(lock), packages })
    }

    fn find(&self, package: &str) -> Result<&'a str> {
        let mut all = self.packages.iter();
        let found = all.find(|(_, one)| one["name"] == package && one["source"].is_null());
        found.map(|(id, _)| *id).with_context(|| format!("no package is called {package}"))
    }

    fn linked(&self, root: &'a str) -> BTreeSet<&'a str> {
        let (mut found, mut rest) = (BTreeSet::new(), vec![root]);
        while let Some(id) = rest.pop() {
            if found.insert(id) {
                rest.extend(self.links.get(id).into_iter().flatten());
            }
        }
        found
    }

    fn component(&self, id: &str) -> Value {
        let package = self.packages.get(id).copied().unwrap_or(&Value::Null);
        let (name, version) = (text(&package["name"]), text(&package["version"]));
        let mut component = described(&self.purl(id), name, version, text(&package["license"]));
        if let Some(checksum) = self.checksums.get(&(name.to_owned(), version.to_owned())) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        }
        component
    }

    fn purl(&self, id: &str) -> String {
        let package = self.packages.get(id).copied().unwrap_or(&Value::Null);
        // A `+` has a meaning in a URL.
        let version = text(&package["version"]).replace('+', "%2B");
        format!("pkg:cargo/{}@{version}", text(&package["name"]))
    }

    fn dependencies(&self, id: &str, linked: &BTreeSet<&str>) -> Value {
        let of = self.links.get(id).into_iter().flatten().filter(|id| linked.contains(**id));
        let of: BTreeSet<_> = of.map(|id| self.purl(id)).collect();
        json!({ "ref": self.purl(id), "dependsOn": of })
    }
}

fn described(purl: &str, name: &str, version: &str, license: &str) -> Value {
    let mut component = json!({
        "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
    });
    if !license.is_empty() {
        // As it was written before there was a way to write it.
        let license = license.replace('/', " OR ");
        component["licenses"] = json!([{ "expression": license }]);
    }
    component
}

/// What the page is bundled from, without what only builds or tests it.
fn page(lock: &Value) -> Result<Vec<Value>> {
    let packages = lock["packages"].as_object().context("no packages of the page")?;
    let mut found = Vec::new();
    for (place, package) in packages {
        let Some((_, name)) = place.rsplit_once("node_modules/") else { continue };
        if package["dev"] == true {
            continue;
        }
        let version = text(&package["version"]);
        let purl = format!("pkg:npm/{}@{version}", name.replace('@', "%40"));
        let mut component = described(&purl, name, version, text(&package["license"]));
        if let Some(hash) = text(&package["integrity"]).strip_prefix("sha512-") {
            let mut content = String::new();
            for byte in STANDARD.decode(hash)? {
                write!(content, "{byte:02x}")?;
            }
            component["hashes"] = json!([{ "alg": "SHA-512", "content": content }]);
        }
        // The same in two places.
        if !found.contains(&component) {
            found.push(component);
        }
    }
    Ok(found)
}

/// Those of `Cargo.lock`, whose form is simple: `name`, `version`, perhaps `checksum`.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let blocks = lock.split("[[package]]").skip(1);
    let value = |block: &str, key: &str| {
        let start = format!("{key} = \"");
        let line = block.lines().find_map(|line| line.strip_prefix(&start));
        line.and_then(|rest| rest.strip_suffix('"')).map(str::to_owned)
    };
    blocks
        .filter_map(|block| {
            let name = (value(block, "name")?, value(block, "version")?);
            Some((name, value(block, "checksum")?))
        })
        .collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_linked_is_listed() {
        let package = |name: &str, kind: &str| {
            let source = if name == "app" { json!(null) } else { json!("registry") };
            json!({
                "id": name, "name": name, "version": "1.0.0+a", "license": "MIT/Apache-2.0",
                "source": source, "targets": [{ "kind": [kind] }],
            })
        };
        let dep = |name: &str, kind: Value| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        let metadata = json!({
            "packages": [
                package("app", "bin"), package("used", "lib"), package("deep", "lib"),
                package("derive", "proc-macro"), package("tests", "lib"), package("build", "lib"),
            ],
            "resolve": { "nodes": [
                { "id": "app", "deps": [
                    dep("used", json!(null)), dep("derive", json!(null)),
                    dep("tests", json!("dev")), dep("build", json!("build")),
                ] },
                { "id": "used", "deps": [dep("deep", json!(null))] },
                { "id": "derive", "deps": [dep("tests", json!(null))] },
            ] },
        });
        let lock = "[[package]]\nname = \"deep\"\nversion = \"1.0.0+a\"\nchecksum = \"ab\"\n";
        let crates = Crates::new(&metadata, lock).unwrap();
        let linked = crates.linked(crates.find("app").unwrap());
        assert_eq!(linked, BTreeSet::from(["app", "used", "deep"]));
        let found = crates.component("deep");
        assert_eq!(found["purl"], "pkg:cargo/deep@1.0.0%2Ba");
        assert_eq!(found["hashes"][0]["content"], "ab");
        assert_eq!(found["licenses"][0]["expression"], "MIT OR Apache-2.0");
        let of_app = crates.dependencies("app", &linked);
        assert_eq!(of_app["dependsOn"], json!(["pkg:cargo/used@1.0.0%2Ba"]));
    }

    #[test]
    fn the_page_is_what_people_get() {
        let lock = json!({ "packages": {
            "": { "name": "page" },
            "node_modules/@scope/a": { "version": "2.0.0", "integrity": "sha512-AAE=" },
            "node_modules/b": { "version": "1.0.0", "dev": true },
        } });
        let found = page(&lock).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["purl"], "pkg:npm/%40scope/a@2.0.0");
        assert_eq!(found[0]["hashes"][0]["content"], "0001");
    }
}
