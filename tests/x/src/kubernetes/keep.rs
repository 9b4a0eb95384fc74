//! The process that holds a cluster.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde::{Deserialize, Serialize};
use x::{
    cluster::{Cluster, ClusterConfig, ControlPlane, ControlPlaneConfig, Place, Programs},
    stack::{Patience, ports, process, secret},
};

use crate::World;

/// This file is there while the cluster works.
pub(super) const READY: &str = "ready";
/// What people wish from the keeper: each wish is a file, which goes when it is granted.
const WISHES: &str = "wishes";

/// What a cluster that is up can be asked for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Wish {
    /// A way from this port to an address inside.
    Forward(u16, SocketAddr),
    /// This image on every node.
    Load(PathBuf),
}

/// What the keeper is told by `up`.
#[derive(Debug, Args)]
pub(crate) struct KeepArgs {
    /// Folders of the programs, written like `PATH`.
    #[arg(long)]
    programs: String,
    /// How many nodes; none is the control plane alone.
    #[arg(long)]
    nodes: u8,
    /// Files of images for the nodes.
    #[arg(long = "image")]
    images: Vec<PathBuf>,
}

/// Does a keeper hold a cluster that works.
pub(super) fn is_up(dir: &Path) -> bool {
    dir.join(READY).is_file() && process::lives(dir, "keep")
}

/// Asks the keeper for something and waits until it is done.
pub(super) fn wish(dir: &Path, wish: &Wish, patience: &Patience) -> Result<()> {
    if !is_up(dir) {
        bail!("no cluster is up; start one with: cargo x cluster up");
    }
    let wishes = dir.join(WISHES);
    fs::create_dir_all(&wishes)?;
    let file = wishes.join(secret::random()?);
    // Renamed when complete, so that half a wish is never read.
    let half = dir.join("wish");
    fs::write(&half, serde_json::to_vec(wish)?).context("cannot ask the keeper")?;
    fs::rename(half, &file)?;
    patience.wait("the keeper of the cluster", || {
        // What it says instead of doing it is the reason why not.
        match fs::read_to_string(file.with_extension("refused")) {
            Ok(reason) => bail!("{reason}"),
            Err(_) => Ok(!file.exists()),
        }
    })
}

/// Starts the cluster and holds it until somebody asks for its end.
pub(super) fn keep(world: &World, dir: &Path, args: &KeepArgs) -> Result<()> {
    let patience = Patience::until(Duration::from_mins(2), Arc::clone(&world.interrupted));
    let programs = Programs::in_path(&args.programs);
    if args.nodes == 0 {
        return keep_control_plane(world, dir, programs, &patience);
    }
    let mut cluster = Cluster::start(
        ClusterConfig {
            dir: dir.to_owned(),
            programs,
            nodes: args.nodes,
            images: args.images.clone(),
        },
        &patience,
    )?;
    hold(world, dir, || {
        cluster.must_live()?;
        grant(dir, |wish| match wish {
            Wish::Forward(port, target) => cluster.forward(port, target).map(drop),
            Wish::Load(image) => cluster.nodes().iter().try_for_each(|node| node.load(&image)),
        })
    })?;
    cluster.stop()
}

fn keep_control_plane(
    world: &World,
    dir: &Path,
    programs: Programs,
    patience: &Patience,
) -> Result<()> {
    let mut control = ControlPlane::start(ControlPlaneConfig {
        dir: dir.to_owned(),
        programs,
        place: Place::Here,
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?)),
        outside: None,
        nodes: Vec::new(),
    })?;
    control.wait(patience)?;
    hold(world, dir, || {
        control.must_live()?;
        grant(dir, |_| bail!("this cluster has no nodes; start one that has: cargo x cluster up"))
    })?;
    control.stop()
}

fn hold(world: &World, dir: &Path, mut look: impl FnMut() -> Result<()>) -> Result<()> {
    fs::write(dir.join(READY), "").context("cannot say that the cluster is ready")?;
    while !world.interrupted.load(Ordering::Relaxed) {
        look()?;
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Does what people wish.
fn grant(dir: &Path, mut act: impl FnMut(Wish) -> Result<()>) -> Result<()> {
    for entry in fs::read_dir(dir.join(WISHES)).into_iter().flatten() {
        let file = entry?.path();
        if file.extension().is_some() {
            continue;
        }
        if let Err(error) = act(serde_json::from_slice(&fs::read(&file)?)?) {
            fs::write(file.with_extension("refused"), format!("{error:#}"))?;
        }
        fs::remove_file(&file)?;
    }
    Ok(())
}
