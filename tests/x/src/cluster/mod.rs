//! `cargo x cluster`: a Kubernetes on this machine, and the product in it.
//!
//! The processes of a Kubernetes end with the one that started them, and a cluster outlives the
//! command that asked for it. So `up` leaves a supervisor behind ([`supervisor`]), which holds the cluster
//! until `down` ends it.
//!
//! Invariant: everything that a cluster leaves on the machine is below its folder, or is found
//! again by what is written there; `down` works after any crash.

mod clean;
mod down;
mod endpoints;
mod here;
mod inspect;
mod install;
pub(crate) mod kind;
mod supervisor;
mod up;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use bare_kube::toolchain;
use clap::{Args, Subcommand};
use testbed::{Invocation, Timeout, progress::say};

/// Arguments of `cargo x cluster`.
#[derive(Debug, Args)]
pub(crate) struct ClusterArgs {
    /// Which cluster: several may run at the same time.
    #[arg(long, global = true, default_value = "cluster", value_parser = name)]
    name: String,
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Starts a Kubernetes with the product in it and says how to reach it.
    Up(up::UpArgs),
    /// Ends it and leaves nothing of it.
    Down {
        /// Removes the product from the cluster of `KUBECONFIG`; the cluster stays.
        #[arg(long)]
        here: bool,
    },
    /// Says what runs and whether it is well.
    Status,
    /// Shows what a part said last, of the product or of the cluster itself.
    Logs(inspect::LogsArgs),
    /// Opens a way into the cluster: `forward 8080 198.19.12.3:80`.
    Forward {
        /// Port on this machine.
        port: u16,
        /// Address inside: of a Service, a pod or a node.
        target: SocketAddr,
    },
    /// Puts images into the nodes of a cluster that is up.
    LoadImage {
        /// Files of images, as `cargo x image` makes them.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Prints what a shell needs to work with it: `eval "$(cargo x cluster env)"`.
    Env,
    /// Removes what a killed run of the ring `cluster` left in the cluster of `CHAT_TEST_KUBECONFIG`.
    Clean {
        /// Its id, which the run has printed.
        #[arg(long)]
        run: String,
    },
    /// Builds every program that clusters and their tests use, and prints their folders.
    Tools,
    /// Supervises a cluster until it is stopped. `up` starts it.
    #[command(hide = true)]
    Supervise(supervisor::SupervisorArgs),
}

/// Does what was asked for.
pub(crate) fn cluster(invocation: &Invocation, args: &ClusterArgs) -> Result<()> {
    let dir = invocation.checkout.data(&args.name);
    match &args.act {
        Act::Up(up) if up.here => {
            let (operator, server) = (up.operator_image.clone(), up.server_image.clone());
            here::up(invocation, &install::Images { operator, server })
        }
        Act::Up(up) => up::up(invocation, &args.name, up),
        Act::Down { here: true } => here::down(invocation),
        Act::Down { here: false } => down::down(&args.name, &dir),
        Act::Status => inspect::status(invocation, &dir),
        Act::Logs(logs) => inspect::logs(invocation, &dir, logs),
        Act::Forward { port, target } => {
            let timeout = Timeout::new(Duration::from_secs(10));
            supervisor::request(&dir, &supervisor::Request::Forward(*port, *target), &timeout)
        }
        Act::LoadImage { files } => {
            let timeout = Timeout::new(Duration::from_mins(2));
            files.iter().try_for_each(|file| {
                let image = file.canonicalize().with_context(|| {
                    format!("no image at {}; `cargo x image` makes them", file.display())
                })?;
                supervisor::request(&dir, &supervisor::Request::Load(image), &timeout)?;
                say(&format!("{} is on every node", file.display()));
                Ok(())
            })
        }
        Act::Env => inspect::env(invocation, &dir),
        Act::Clean { run } => clean::clean(invocation, run),
        Act::Tools => {
            let programs = toolchain::programs(invocation, &toolchain::ALL)?;
            programs.dirs().iter().for_each(|dir| say(&dir.display().to_string()));
            Ok(())
        }
        Act::Supervise(args) => supervisor::supervise(invocation, &dir, args),
    }
}

/// The file for `KUBECONFIG` of a cluster that is up.
fn kubeconfig(dir: &Path) -> Result<PathBuf> {
    if let Some(file) = kind::kubeconfig(dir) {
        return Ok(file);
    }
    if !dir.join(supervisor::READY).is_file() {
        bail!("no cluster is up; start one with: cargo x cluster up");
    }
    Ok(bare_kube::control::kubeconfig(dir, "admin"))
}

fn name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    // Data of a run may have the same name otherwise.
    if !text.starts_with("cluster") || !text.chars().all(plain) {
        return Err(
            "begin with `cluster`, then lower-case letters, digits and `-`: `cluster-2`".to_owned()
        );
    }
    Ok(text.to_owned())
}
