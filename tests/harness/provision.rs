//! The Kubernetes that the rings `reconcile` and `cluster` stand on.

use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context as _, Result};
use bare_kube::{Cluster, ClusterConfig, ControlPlane, ControlPlaneConfig, Place, Programs};
use testbed::{Timeout, ports};

/// How long a part may take on a busy machine.
const INSTALL_TIMEOUT: Duration = Duration::from_mins(3);

/// The programs of Kubernetes.
pub fn programs() -> Result<Programs> {
    Ok(Programs::in_path(&setting("CHAT_TEST_PROGRAMS")?))
}

/// The files of the images whose names begin like one of these.
pub fn images(names: &[&str]) -> Result<Vec<PathBuf>> {
    let setting = setting("CHAT_TEST_IMAGES")?;
    let wanted = |file: &PathBuf| {
        let name = file.file_stem().map(|name| name.to_string_lossy().into_owned());
        name.is_some_and(|name| names.contains(&name.as_str()))
    };
    let found: Vec<PathBuf> = env::split_paths(&setting).filter(wanted).collect();
    anyhow::ensure!(found.len() == names.len(), "not all of {names:?} are in {setting}");
    Ok(found)
}

/// A folder for a Kubernetes.
pub fn folder(name: &str) -> Result<PathBuf> {
    let dir = PathBuf::from(setting("CHAT_TEST_DIR")?).join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir)?;
    Ok(dir)
}

/// Starts the API with its controllers; there are no nodes.
pub fn control_plane(name: &str) -> Result<ControlPlane> {
    let mut control = ControlPlane::start(ControlPlaneConfig {
        dir: folder(name)?,
        programs: programs()?,
        place: Place::Here,
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?)),
        outside: None,
        nodes: Vec::new(),
    })?;
    control.wait(&Timeout::new(INSTALL_TIMEOUT))?;
    Ok(control)
}

/// Starts a whole Kubernetes with two nodes that have these images.
pub fn cluster(name: &str, names: &[&str]) -> Result<Cluster> {
    let config = ClusterConfig {
        dir: folder(name)?,
        programs: programs()?,
        nodes: 2,
        images: images(names)?,
    };
    Cluster::start(config, &Timeout::new(INSTALL_TIMEOUT))
}

fn setting(name: &str) -> Result<String> {
    env::var(name).with_context(|| format!("{name} is not set; run: cargo x test"))
}
