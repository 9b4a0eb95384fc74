//! What kinds of objects there are, as published Go modules hold it: the `OpenAPI` documents of
//! some versions of Kubernetes, and the kinds of the Prometheus operator.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use serde_json::Value;
use testbed::{Invocation, program, progress};

/// A file of a published module.
struct Definition {
    module: &'static str,
    version: &'static str,
    file: &'static str,
}

/// Each version that the charts are checked against; the programs' own is one of them.
const DEFINITIONS: [Definition; 5] = [
    kubernetes("v1.30.14"),
    kubernetes("v1.33.6"),
    kubernetes("v1.36.3"),
    monitoring("example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml"),
    monitoring("example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml"),
];

const fn kubernetes(version: &'static str) -> Definition {
    Definition { module: "k8s.io/kubernetes", version, file: "api/openapi-spec/swagger.json" }
}

const fn monitoring(file: &'static str) -> Definition {
    let module = "github.com/prometheus-operator/prometheus-operator";
    Definition { module, version: "v0.85.0", file }
}

/// The files: `.json` is a version of Kubernetes, `.yaml` a kind.
pub fn definitions(invocation: &Invocation) -> Result<Vec<PathBuf>> {
    DEFINITIONS.iter().map(|definition| get(invocation, definition)).collect()
}

fn get(invocation: &Invocation, definition: &Definition) -> Result<PathBuf> {
    let Definition { module, version, file } = definition;
    let dir = invocation.checkout.cache().join("kubernetes").join("definitions");
    let name = file.rsplit('/').next().unwrap_or(file);
    let kept = dir.join(format!("{version}-{name}"));
    if kept.is_file() {
        return Ok(kept);
    }
    fs::create_dir_all(&dir)?;
    progress::step(
        "definitions",
        || {
            let mut go = Command::new(program::first_of(&["go"])?);
            go.current_dir(&dir).env("GOFLAGS", "").env("GOWORK", "off");
            go.args(["mod", "download", "-json"]).arg(format!("{module}@{version}"));
            let about: Value = serde_json::from_str(&program::output(&mut go)?)?;
            let place = about["Dir"].as_str().context("go does not say where the module is")?;
            let original = PathBuf::from(place).join(file);
            // Renamed when complete, so that half a copy is never taken for the whole.
            let half = kept.with_extension("half");
            fs::copy(&original, &half)
                .with_context(|| format!("cannot copy {}", original.display()))?;
            Ok(fs::rename(half, &kept)?)
        },
        |()| format!("{module} {version}"),
    )?;
    Ok(kept)
}
