//! `cargo x cluster up`.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use x::{
    cluster::{Client, Programs},
    stack::{Patience, process},
};

use super::{
    down, here, keep, kind, kubeconfig, product,
    ways::{Way, Ways},
};
use crate::{
    World, images,
    progress::{self, say},
    setup::{kubernetes, packages},
};

/// How a cluster is started.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that people type")]
pub(crate) struct UpArgs {
    /// The API and its controllers alone, without nodes: pods are made and stay pending.
    #[arg(long)]
    control_plane: bool,
    /// How many nodes.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=9))]
    nodes: u8,
    /// The cluster alone, without the product.
    #[arg(long)]
    bare: bool,
    /// A cluster of our own also where `kind` could make one.
    #[arg(long)]
    own: bool,
    /// Programs with optimisations.
    #[arg(long)]
    release: bool,
    /// Port of the page; 3000 if it is free, and another one if not.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// No cluster is started: the product goes into the one of `KUBECONFIG`.
    #[arg(long, conflicts_with_all = ["control_plane", "nodes", "bare", "own", "release", "port"])]
    here: bool,
    /// Image of the operator, for `--here`.
    #[arg(long, requires = "here")]
    pub(super) operator_image: Option<String>,
    /// Image of the servers, for `--here`.
    #[arg(long, requires = "here")]
    pub(super) server_image: Option<String>,
}

/// Starts a cluster, or finds the one that is up.
pub(super) fn up(world: &World, name: &str, args: &UpArgs) -> Result<()> {
    if args.here {
        return here::up(world, args);
    }
    let dir = world.checkout.data(name);
    if !args.own && !args.control_plane && !args.bare && !keep::is_up(&dir) && kind::works() {
        return kind::up(world, name);
    }
    let programs = if args.control_plane {
        packages::install(world, &[packages::OPENSSL])?;
        kubernetes::programs(world, &[&kubernetes::CONTROL_PLANE])?
    } else {
        packages::install(world, &packages::NODE)?;
        kubernetes::programs(world, &kubernetes::WHOLE)?
    };
    // A rebuilt image is loaded by `load-image`; a new cluster begins with all of them.
    let images =
        if args.control_plane { Vec::new() } else { images::of_cluster(world, args.release)? };
    if keep::is_up(&dir) {
        say("The cluster is up already.");
    } else {
        // What a killed start left would be in the way.
        down::clear(&dir)?;
        start(world, name, &programs, args, &images)?;
    }
    let kubeconfig = kubeconfig(&dir)?;
    let mut ways = Ways { kubeconfig: kubeconfig.clone(), ..Ways::default() };
    if !args.bare && !args.control_plane {
        let client = Client::new(programs, Some(kubeconfig), dir.join("kubectl"));
        product::install(world, &client, &product::Images::default())?;
        product::watch(world, &client, &dir, false)?;
        ways.page = Some(Way::Open(product::open_page(&dir, &client, args.port)?));
        ways.prometheus = Some(Way::Open(product::open_prometheus(&dir, &client)?));
    }
    say(&ways.to_string());
    Ok(())
}

fn start(
    world: &World,
    name: &str,
    programs: &Programs,
    args: &UpArgs,
    images: &[PathBuf],
) -> Result<()> {
    let dir = &world.checkout.data(name);
    let nodes = if args.control_plane { 0 } else { args.nodes };
    progress::step(
        "cluster",
        || {
            let mut keeper = leave_keeper(name, dir, programs, nodes, images)?;
            let patience = Patience::until(Duration::from_mins(3), Arc::clone(&world.interrupted));
            let ready = patience.wait("the cluster", || match keeper.try_wait()? {
                None => Ok(keep::is_up(dir)),
                Some(_) => bail!("{}", process::last_words(&dir.join("keep.log"))),
            });
            if ready.is_err() {
                down::clear(dir)?;
            }
            ready
        },
        |()| match nodes {
            0 => "control plane".to_owned(),
            nodes => format!("{nodes} nodes"),
        },
    )
}

/// Starts a process that outlives us: it has a session of its own, so that closing the terminal
/// does not reach it.
fn leave_keeper(
    name: &str,
    dir: &Path,
    programs: &Programs,
    nodes: u8,
    images: &[PathBuf],
) -> Result<Child> {
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let log = File::create(dir.join("keep.log"))?;
    let mut keeper = Command::new("setsid");
    keeper.arg(env::current_exe()?).args(["cluster", "--name", name, "keep"]);
    keeper.args(["--nodes", &nodes.to_string()]);
    keeper.arg("--programs").arg(env::join_paths(programs.dirs())?);
    for image in images {
        keeper.arg("--image").arg(image);
    }
    keeper.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let child = keeper.spawn().context("cannot start the keeper of the cluster")?;
    process::leave_note(dir, "keep", child.id())?;
    Ok(child)
}
