//! The control groups of a cluster: the only thing that it makes on the machine itself.

use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash as _, Hasher as _},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result};
use nix::{
    sys::signal::{self, Signal},
    unistd::Pid,
};
use testbed::Timeout;

const ROOT: &str = "/sys/fs/cgroup";

/// The group of one cluster, in every hierarchy that the machine has.
#[derive(Debug, Clone)]
pub struct Cgroups {
    name: String,
}

impl Cgroups {
    /// The group of the cluster in this folder. It may not be there.
    #[must_use]
    pub fn of(dir: &Path) -> Self {
        let mut hasher = DefaultHasher::new();
        dir.hash(&mut hasher);
        Self { name: format!("chat-{:016x}", hasher.finish()) }
    }

    /// Makes the group of a node and gives its name, as a kubelet wants it.
    pub fn make(&self, node: &str) -> Result<String> {
        for hierarchy in hierarchies()? {
            let group = hierarchy.join(&self.name);
            enter(&hierarchy, &group)?;
            enter(&group, &group.join(node))?;
        }
        Ok(format!("/{}/{node}", self.name))
    }

    /// Is there such a group.
    pub fn exists(&self) -> Result<bool> {
        Ok(hierarchies()?.iter().any(|hierarchy| hierarchy.join(&self.name).exists()))
    }

    /// Kills whatever runs in the containers of a node.
    pub fn kill(&self, node: &str) -> Result<()> {
        for hierarchy in hierarchies()? {
            kill(&hierarchy.join(&self.name).join(node));
        }
        Ok(())
    }

    /// Removes the groups. What ran in them was killed; the kernel may need a moment for it.
    pub fn remove(&self) -> Result<()> {
        let hierarchies = hierarchies()?;
        Timeout::new(Duration::from_secs(20)).wait("the end of all containers", || {
            Ok(hierarchies.iter().all(|hierarchy| remove(&hierarchy.join(&self.name)).is_ok()))
        })
    }
}

/// The hierarchies: several in the first version of control groups, one in the second.
fn hierarchies() -> Result<Vec<PathBuf>> {
    let root = PathBuf::from(ROOT);
    if root.join("cgroup.controllers").is_file() {
        return Ok(vec![root]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(&root).context("this machine has no control groups")? {
        let dir = entry?.path();
        // `cpu` is often a link to `cpu,cpuacct`.
        if dir.is_dir() && !dir.is_symlink() {
            found.push(dir);
        }
    }
    Ok(found)
}

/// Makes a group that can be used at once.
fn enter(above: &Path, group: &Path) -> Result<()> {
    fs::create_dir_all(group).with_context(|| format!("cannot make {}", group.display()))?;
    // First version: a new group has no processors and no memory.
    for file in ["cpuset.cpus", "cpuset.mems"] {
        if let Ok(all) = fs::read_to_string(above.join(file))
            && !all.trim().is_empty()
        {
            fs::write(group.join(file), all)?;
        }
    }
    // Second version: what the children may control is said here.
    let all = fs::read_to_string(above.join("cgroup.controllers")).unwrap_or_default();
    for controller in all.split_whitespace() {
        let _ = fs::write(above.join("cgroup.subtree_control"), format!("+{controller}"));
    }
    Ok(())
}

fn kill(group: &Path) {
    for below in folders(group) {
        kill(&below);
    }
    let all = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
    for pid in all.lines().filter_map(|line| line.parse().ok()) {
        // It may have ended since.
        let _ = signal::kill(Pid::from_raw(pid), Signal::SIGKILL);
    }
}

fn remove(group: &Path) -> io::Result<()> {
    for below in folders(group) {
        remove(&below)?;
    }
    match fs::remove_dir(group) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn folders(group: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(group).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}
