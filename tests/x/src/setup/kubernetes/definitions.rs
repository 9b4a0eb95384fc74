//! What kinds of objects a version of Kubernetes knows: its `OpenAPI` document, as its published Go
//! module has it.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use serde_json::Value;
use x::stack::program;

use super::kits::MINORS;
use crate::{World, progress};

/// The documents, one for each version that charts are checked against; `v1.36.3.json` and so on.
pub(crate) fn definitions(world: &World) -> Result<Vec<PathBuf>> {
    MINORS.iter().map(|version| definition(world, version)).collect()
}

fn definition(world: &World, version: &str) -> Result<PathBuf> {
    let dir = world.checkout.cache().join("kubernetes").join("definitions");
    let file = dir.join(format!("{version}.json"));
    if file.is_file() {
        return Ok(file);
    }
    fs::create_dir_all(&dir)?;
    progress::step(
        "definitions",
        || {
            let mut go = Command::new(program::first_of(&["go"])?);
            go.current_dir(&dir).env("GOFLAGS", "").env("GOWORK", "off");
            go.args(["mod", "download", "-json"]).arg(format!("k8s.io/kubernetes@{version}"));
            let about: Value = serde_json::from_str(&program::output(&mut go)?)?;
            let module = about["Dir"].as_str().context("go does not say where the module is")?;
            let document = PathBuf::from(module).join("api/openapi-spec/swagger.json");
            // Renamed when complete, so that half a copy is never taken for the whole.
            let half = file.with_extension("half");
            fs::copy(&document, &half)
                .with_context(|| format!("cannot copy {}", document.display()))?;
            Ok(fs::rename(half, &file)?)
        },
        |()| format!("Kubernetes {version}"),
    )?;
    Ok(file)
}
