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
use bare_kube::{Cluster, ClusterConfig, ControlPlane, ControlPlaneConfig, Place, Programs};
use clap::Args;
use serde::{Deserialize, Serialize};
use testbed::{Invocation, Timeout, ports, process, secret};

/// This file is there while the cluster works.
pub(super) const READY: &str = "ready";
/// Requests to the supervisor: each is a file, which is deleted when it was served.
const REQUESTS: &str = "requests";

/// What a cluster that is up can be asked for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// A way from this port to an address inside.
    Forward(u16, SocketAddr),
    /// This image on every node.
    Load(PathBuf),
}

/// Arguments from `up`.
#[derive(Debug, Args)]
pub(crate) struct SupervisorArgs {
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

/// Does a supervisor hold a cluster that works.
pub(super) fn is_up(dir: &Path) -> bool {
    dir.join(READY).is_file() && process::lives(dir, "supervisor")
}

/// Asks the supervisor for something and waits until it is done.
pub(super) fn request(dir: &Path, request: &Request, timeout: &Timeout) -> Result<()> {
    if !is_up(dir) {
        bail!("no cluster is up; start one with: cargo x cluster up");
    }
    let requests = dir.join(REQUESTS);
    fs::create_dir_all(&requests)?;
    let file = requests.join(secret::random()?);
    // Renamed when complete, so that half a request is never read.
    let half = dir.join("request");
    fs::write(&half, serde_json::to_vec(request)?).context("cannot ask the supervisor")?;
    fs::rename(half, &file)?;
    timeout.wait("the supervisor of the cluster", || {
        // What it says instead of doing it is the reason why not.
        match fs::read_to_string(file.with_extension("refused")) {
            Ok(reason) => bail!("{reason}"),
            Err(_) => Ok(!file.exists()),
        }
    })
}

/// Starts the cluster and holds it until somebody asks for its end.
pub(super) fn supervise(invocation: &Invocation, dir: &Path, args: &SupervisorArgs) -> Result<()> {
    let timeout = Timeout::until(Duration::from_mins(2), Arc::clone(&invocation.interrupted));
    let programs = Programs::in_path(&args.programs);
    if args.nodes == 0 {
        return supervise_control_plane(invocation, dir, programs, &timeout);
    }
    let mut cluster = Cluster::start(
        ClusterConfig {
            dir: dir.to_owned(),
            programs,
            nodes: args.nodes,
            images: args.images.clone(),
        },
        &timeout,
    )?;
    hold(invocation, dir, || {
        cluster.must_live()?;
        serve(dir, |request| match request {
            Request::Forward(port, target) => cluster.forward(port, target).map(drop),
            Request::Load(image) => cluster.nodes().iter().try_for_each(|node| node.load(&image)),
        })
    })?;
    cluster.stop()
}

fn supervise_control_plane(
    invocation: &Invocation,
    dir: &Path,
    programs: Programs,
    timeout: &Timeout,
) -> Result<()> {
    let mut control = ControlPlane::start(ControlPlaneConfig {
        dir: dir.to_owned(),
        programs,
        place: Place::Here,
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?)),
        outside: None,
        nodes: Vec::new(),
    })?;
    control.wait(timeout)?;
    hold(invocation, dir, || {
        control.must_live()?;
        serve(dir, |_| bail!("this cluster has no nodes; start one that has: cargo x cluster up"))
    })?;
    control.stop()
}

fn hold(invocation: &Invocation, dir: &Path, mut look: impl FnMut() -> Result<()>) -> Result<()> {
    fs::write(dir.join(READY), "").context("cannot say that the cluster is ready")?;
    while !invocation.interrupted.load(Ordering::Relaxed) {
        look()?;
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Serves requests.
fn serve(dir: &Path, mut act: impl FnMut(Request) -> Result<()>) -> Result<()> {
    for entry in fs::read_dir(dir.join(REQUESTS)).into_iter().flatten() {
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
