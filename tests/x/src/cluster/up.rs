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
use bare_kube::{Client, Programs, images, toolchain};
use clap::Args;
use testbed::{
    Invocation, Timeout, process,
    progress::{self, say},
    setup::packages,
};

use super::{
    down,
    endpoints::{Endpoint, Endpoints},
    install, kind, kubeconfig, supervisor,
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
    pub(super) here: bool,
    /// Image of the operator, for `--here`.
    #[arg(long, requires = "here")]
    pub(super) operator_image: Option<String>,
    /// Image of the servers, for `--here`.
    #[arg(long, requires = "here")]
    pub(super) server_image: Option<String>,
}

/// Starts a cluster, or finds the one that is up.
pub(super) fn up(invocation: &Invocation, name: &str, args: &UpArgs) -> Result<()> {
    let dir = invocation.checkout.data(name);
    if !args.own && !args.control_plane && !args.bare && !supervisor::is_up(&dir) && kind::works() {
        return kind::up(invocation, name);
    }
    let programs = if args.control_plane {
        packages::install(invocation, &[packages::OPENSSL])?;
        toolchain::programs(invocation, &[&toolchain::CONTROL_PLANE])?
    } else {
        packages::install(invocation, &packages::NODE)?;
        toolchain::programs(invocation, &toolchain::WHOLE)?
    };
    // A rebuilt image is loaded by `load-image`; a new cluster begins with all of them.
    let images =
        if args.control_plane { Vec::new() } else { images::all(invocation, args.release)? };
    if supervisor::is_up(&dir) {
        say("The cluster is up already.");
    } else {
        // What a killed start left would be in the way.
        down::clear(&dir)?;
        start(invocation, name, &programs, args, &images)?;
    }
    let kubeconfig = kubeconfig(&dir)?;
    let mut endpoints = Endpoints { kubeconfig: kubeconfig.clone(), ..Endpoints::default() };
    if !args.bare && !args.control_plane {
        let client = Client::new(programs, Some(kubeconfig), dir.join("kubectl"));
        install::install(invocation, &client, &install::Images::default())?;
        install::watch(invocation, &client, &dir, false)?;
        endpoints.page = Some(Endpoint::Open(install::open_page(&dir, &client, args.port)?));
        endpoints.prometheus = Some(Endpoint::Open(install::open_prometheus(&dir, &client)?));
    }
    say(&endpoints.to_string());
    Ok(())
}

fn start(
    invocation: &Invocation,
    name: &str,
    programs: &Programs,
    args: &UpArgs,
    images: &[PathBuf],
) -> Result<()> {
    let dir = &invocation.checkout.data(name);
    let nodes = if args.control_plane { 0 } else { args.nodes };
    progress::step(
        "cluster",
        || {
            let mut supervisor = leave_supervisor(name, dir, programs, nodes, images)?;
            let timeout =
                Timeout::until(Duration::from_mins(3), Arc::clone(&invocation.interrupted));
            let ready = timeout.wait("the cluster", || match supervisor.try_wait()? {
                None => Ok(supervisor::is_up(dir)),
                Some(_) => bail!("{}", process::last_words(&dir.join("supervisor.log"))),
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
fn leave_supervisor(
    name: &str,
    dir: &Path,
    programs: &Programs,
    nodes: u8,
    images: &[PathBuf],
) -> Result<Child> {
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let log = File::create(dir.join("supervisor.log"))?;
    let mut supervisor = Command::new("setsid");
    supervisor.arg(env::current_exe()?).args(["cluster", "--name", name, "supervise"]);
    supervisor.args(["--nodes", &nodes.to_string()]);
    supervisor.arg("--programs").arg(env::join_paths(programs.dirs())?);
    for image in images {
        supervisor.arg("--image").arg(image);
    }
    supervisor.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    let child = supervisor.spawn().context("cannot start the supervisor of the cluster")?;
    process::leave_note(dir, "supervisor", child.id())?;
    Ok(child)
}
