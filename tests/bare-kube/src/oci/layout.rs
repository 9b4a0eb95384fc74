//! Writes an image as one file, in the layout of the Open Container Initiative.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};
use testbed::program;

/// How an image is run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// User and group, as numbers.
    pub user: String,
    /// Where it begins.
    pub dir: String,
    /// Variables.
    pub env: Vec<(String, String)>,
    /// What says what it is.
    pub labels: Vec<(String, String)>,
    /// Ports on which it listens.
    pub ports: Vec<String>,
    /// The program.
    pub entry: Vec<String>,
    /// Its default arguments.
    pub command: Vec<String>,
}

/// Makes an image of the files below `root`, with these names, as the file `to`.
pub fn write(root: &Path, settings: &Settings, names: &[String], to: &Path) -> Result<()> {
    let work = to.with_extension("layout");
    let _ = fs::remove_dir_all(&work);
    let blobs = work.join("blobs/sha256");
    fs::create_dir_all(&blobs).with_context(|| format!("cannot make {}", blobs.display()))?;

    let layer = work.join("layer");
    pack(root, &layer)?;
    let layer = keep(&blobs, &layer)?;
    let config = store(&blobs, &work, &config(settings, &layer.digest))?;
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": config.describe("application/vnd.oci.image.config.v1+json"),
        "layers": [layer.describe("application/vnd.oci.image.layer.v1.tar")],
    });
    let manifest = store(&blobs, &work, &manifest)?;
    let entry = |name: &String| {
        let mut found = manifest.describe("application/vnd.oci.image.manifest.v1+json");
        let tag = name.rsplit(':').next().unwrap_or_default();
        found["annotations"] = json!({
            "io.containerd.image.name": name,
            "org.opencontainers.image.ref.name": tag,
        });
        found
    };
    let index = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": names.iter().map(entry).collect::<Vec<_>>(),
    });
    fs::write(work.join("index.json"), index.to_string())?;
    fs::write(work.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?;
    // Renamed when complete, so that an interrupted run is never taken for an image.
    let half = to.with_extension("half");
    pack(&work, &half)?;
    fs::rename(&half, to)?;
    Ok(fs::remove_dir_all(&work)?)
}

/// A piece of an image, named by what is in it.
struct Blob {
    digest: String,
    bytes: u64,
}

impl Blob {
    fn describe(&self, kind: &str) -> Value {
        json!({ "mediaType": kind, "digest": self.digest, "size": self.bytes })
    }
}

fn config(settings: &Settings, layer: &str) -> Value {
    let Settings { user, dir, env, labels, ports, entry, command } = settings;
    let port = |port: &String| (format!("{port}/tcp"), json!({}));
    let label = |(name, value): &(String, String)| (name.clone(), json!(value));
    let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned();
    let env = env.iter().map(|(name, value)| format!("{name}={value}"));
    json!({
        "architecture": architecture(),
        "os": "linux",
        "config": {
            "User": user,
            "WorkingDir": dir,
            "Env": std::iter::once(path).chain(env).collect::<Vec<_>>(),
            "Labels": labels.iter().map(label).collect::<Map<_, _>>(),
            "ExposedPorts": ports.iter().map(port).collect::<Map<_, _>>(),
            "Entrypoint": entry,
            "Cmd": command,
        },
        "rootfs": { "type": "layers", "diff_ids": [layer] },
    })
}

fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// Neither names nor times of this machine get into it.
fn pack(root: &Path, to: &Path) -> Result<()> {
    let mut tar = Command::new("tar");
    tar.args(["--create", "--sort=name", "--mtime=@0", "--numeric-owner", "--file"]).arg(to);
    program::output(tar.arg("--directory").arg(root).arg("."))?;
    Ok(())
}

fn store(blobs: &Path, work: &Path, value: &Value) -> Result<Blob> {
    let file = work.join("value");
    fs::write(&file, value.to_string())?;
    keep(blobs, &file)
}

fn keep(blobs: &Path, file: &Path) -> Result<Blob> {
    let said = program::output(Command::new("sha256sum").arg(file))?;
    let digest = said.split_whitespace().next().context("sha256sum says nothing")?;
    let bytes = fs::metadata(file)?.len();
    let place: PathBuf = blobs.join(digest);
    fs::rename(file, place)?;
    Ok(Blob { digest: format!("sha256:{digest}"), bytes })
}
