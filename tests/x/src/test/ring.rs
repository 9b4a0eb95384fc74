//! The rings.

use std::{env, ffi::OsString, num::NonZero, process::Command, thread};

use anyhow::Result;
use clap::ValueEnum;

use super::stage::Stage;
use crate::{
    World, images,
    setup::{
        build, kubernetes, packages, page,
        tally::{self, Tally},
    },
};

/// A ring of tests; it is named by what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ring {
    /// Needs nothing: rules, shapes, models; Rust and TypeScript.
    Unit,
    /// Needs the checkout: arrows, sizes, generated files.
    Tidy,
    /// Needs helm and its relatives: charts, manifests, alerts and dashboards.
    Render,
    /// Needs a database and a Redis: the API of one server.
    Api,
    /// Needs a database and a Redis: sockets, several servers, outages.
    Realtime,
    /// Needs Chromium: people in front of the page.
    Browser,
    /// Needs the API of a Kubernetes: everything that writes objects.
    Reconcile,
    /// Needs a Kubernetes with nodes: everything that runs in it.
    Cluster,
}

impl Ring {
    pub(crate) const ALL: [Self; 8] = [
        Self::Unit,
        Self::Tidy,
        Self::Render,
        Self::Api,
        Self::Realtime,
        Self::Browser,
        Self::Reconcile,
        Self::Cluster,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Tidy => "tidy",
            Self::Render => "render",
            Self::Api => "api",
            Self::Realtime => "realtime",
            Self::Browser => "browser",
            Self::Reconcile => "reconcile",
            Self::Cluster => "cluster",
        }
    }

    /// Do its tests wait more than they work, so that more of them than processors run at once.
    fn waits(self) -> bool {
        matches!(self, Self::Api | Self::Realtime | Self::Reconcile)
    }

    pub(crate) fn run(
        self,
        world: &World,
        stage: &mut Stage<'_>,
        filter: Option<&str>,
    ) -> Result<Tally> {
        match self {
            Self::Unit => unit(world, filter),
            Self::Tidy => tally::run(world, &mut target(world, self, filter)),
            Self::Render => render(world, stage, filter),
            Self::Api | Self::Realtime => {
                packages::install(world, &[packages::PROMETHEUS])?;
                if self == Self::Realtime {
                    stock_clients(world)?;
                }
                stage.stores()?;
                let mut command = target(world, self, filter);
                tally::run(world, command.envs(stage.told()))
            }
            Self::Browser => browser(world, stage, filter),
            Self::Reconcile => {
                packages::install(world, &[packages::OPENSSL, packages::PROMETHEUS])?;
                let kits = [&kubernetes::CONTROL_PLANE, &kubernetes::HELM, &kubernetes::HELM_4];
                let programs = kubernetes::programs(world, &kits)?;
                let mut command = target(world, self, filter);
                command.envs(stage.kubernetes(&programs)?);
                command.env("CHAT_TEST_PROGRAMS", env::join_paths(programs.dirs())?);
                command.env("CHAT_TEST_DIR", stage.worlds());
                command.env("CHAT_TEST_X", env::current_exe()?);
                tally::run(world, &mut command)
            }
            Self::Cluster => cluster(world, stage, filter),
        }
    }
}

/// Unit tests, of the crates and of the page.
pub(crate) fn unit(world: &World, filter: Option<&str>) -> Result<Tally> {
    page::install(world)?;
    let mut cargo = world.checkout.cargo();
    cargo.args(["test", "--locked", "--workspace", "--lib", "--bins", "--no-fail-fast", "--"]);
    let mut total = tally::run(world, cargo.args(filter))?;

    if filter.is_none() {
        total.add(tally::run(world, &mut npm(world, "check"))?);
    }
    let mut tests = npm(world, "test");
    if let Some(filter) = filter {
        tests.args(["--", "--passWithNoTests", "--testNamePattern", filter]);
    }
    total.add(tally::run(world, &mut tests)?);
    Ok(total)
}

/// A test target of `chat-tests`.
fn target(world: &World, ring: Ring, filter: Option<&str>) -> Command {
    let mut cargo = world.checkout.cargo();
    cargo.args(["test", "--locked", "--workspace", "--test", ring.name(), "--"]).args(filter);
    // An error that a test gives back says where it comes from in words.
    cargo.env("RUST_LIB_BACKTRACE", "0");
    if ring.waits() && env::var_os("RUST_TEST_THREADS").is_none() {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        cargo.env("RUST_TEST_THREADS", (2 * processors).to_string());
    }
    cargo
}

/// Renders and checks; nothing is started.
fn render(world: &World, stage: &Stage<'_>, filter: Option<&str>) -> Result<Tally> {
    packages::install(world, &[packages::PROMETHEUS, packages::LUA, packages::NGINX])?;
    let server = build::server(world, false)?;
    let programs = kubernetes::programs(world, &kubernetes::RENDER)?;
    let definitions = kubernetes::definitions(world)?;
    let mut command = target(world, Ring::Render, filter);
    command.env("CHAT_TEST_PROGRAMS", env::join_paths(programs.dirs())?);
    command.env("CHAT_TEST_SERVER", server);
    command.env("CHAT_TEST_DEFINITIONS", env::join_paths(definitions)?);
    command.env("CHAT_TEST_DIR", stage.worlds());
    tally::run(world, &mut command)
}

/// The Socket.IO clients that everybody has: one is among the packages of the page.
fn stock_clients(world: &World) -> Result<()> {
    page::install(world)?;
    packages::install(world, &packages::PYTHON)
}

/// Its tests start a Kubernetes of their own.
fn cluster(world: &World, stage: &Stage<'_>, filter: Option<&str>) -> Result<Tally> {
    stock_clients(world)?;
    packages::install(world, &[packages::BROWSER])?;
    let told = cluster_told(world, stage, &kubernetes::WHOLE, false)?;
    let mut command = target(world, Ring::Cluster, filter);
    command.envs(told).env("CHROMIUM_PATH", packages::chromium()?);
    command.env("CHAT_TEST_X", env::current_exe()?);
    // One at a time: each has the machine's processors to itself.
    tally::run(world, command.env("RUST_TEST_THREADS", "1"))
}

/// Programs and images for who starts a Kubernetes, and a folder for it.
pub(crate) fn cluster_told(
    world: &World,
    stage: &Stage<'_>,
    kits: &[&kubernetes::Kit],
    release: bool,
) -> Result<[(&'static str, OsString); 3]> {
    packages::install(world, &packages::NODE)?;
    let images = images::all(world, release)?;
    let programs = kubernetes::programs(world, kits)?;
    Ok([
        ("CHAT_TEST_PROGRAMS", env::join_paths(programs.dirs())?),
        ("CHAT_TEST_IMAGES", env::join_paths(images)?),
        ("CHAT_TEST_DIR", stage.worlds().into_os_string()),
    ])
}

fn browser(world: &World, stage: &mut Stage<'_>, filter: Option<&str>) -> Result<Tally> {
    packages::install(world, &[packages::BROWSER, packages::JAPANESE])?;
    page::build(world)?;
    stage.stores()?;
    let told = stage.server()?;
    let mut npm = npm(world, "e2e");
    npm.envs(told).env("CHROMIUM_PATH", packages::chromium()?);
    if let Some(filter) = filter {
        npm.args(["--", "--grep", filter]);
    }
    tally::run(world, &mut npm)
}

fn npm(world: &World, script: &str) -> Command {
    let mut npm = Command::new("npm");
    npm.args(["run", "--silent", script]).current_dir(world.checkout.path("frontend"));
    // Colours would hide the summary from who counts.
    npm.env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    npm
}
