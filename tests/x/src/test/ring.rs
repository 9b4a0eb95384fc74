//! The rings.

use std::{env, ffi::OsString, num::NonZero, process::Command, thread};

use anyhow::Result;
use bare_kube::{images, toolchain};
use clap::ValueEnum;
use testbed::{
    Invocation,
    setup::{build, packages, page},
};

use super::stage::Stage;
use crate::test::tally::{self, Tally};

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
        invocation: &Invocation,
        stage: &mut Stage<'_>,
        filter: Option<&str>,
    ) -> Result<Tally> {
        match self {
            Self::Unit => unit(invocation, filter),
            Self::Tidy => tally::run(invocation, &mut target(invocation, self, filter)),
            Self::Render => render(invocation, stage, filter),
            Self::Api | Self::Realtime => {
                packages::install(invocation, &[packages::PROMETHEUS])?;
                if self == Self::Realtime {
                    stock_clients(invocation)?;
                }
                stage.stores()?;
                let mut command = target(invocation, self, filter);
                tally::run(invocation, command.envs(stage.told()))
            }
            Self::Browser => browser(invocation, stage, filter),
            Self::Reconcile => {
                packages::install(invocation, &[packages::OPENSSL, packages::PROMETHEUS])?;
                let kits = [&toolchain::CONTROL_PLANE, &toolchain::HELM, &toolchain::HELM_4];
                let programs = toolchain::programs(invocation, &kits)?;
                let mut command = target(invocation, self, filter);
                command.envs(stage.kubernetes(&programs)?);
                command.env("CHAT_TEST_PROGRAMS", env::join_paths(programs.dirs())?);
                command.env("CHAT_TEST_DIR", stage.worlds());
                command.env("CHAT_TEST_X", env::current_exe()?);
                tally::run(invocation, &mut command)
            }
            Self::Cluster => cluster(invocation, stage, filter),
        }
    }
}

/// Unit tests, of the crates and of the page.
pub(crate) fn unit(invocation: &Invocation, filter: Option<&str>) -> Result<Tally> {
    page::install(invocation)?;
    let mut cargo = invocation.checkout.cargo();
    cargo.args(["test", "--locked", "--workspace", "--lib", "--bins", "--no-fail-fast", "--"]);
    let mut total = tally::run(invocation, cargo.args(filter))?;

    if filter.is_none() {
        total.add(tally::run(invocation, &mut npm(invocation, "check"))?);
    }
    let mut tests = npm(invocation, "test");
    if let Some(filter) = filter {
        tests.args(["--", "--passWithNoTests", "--testNamePattern", filter]);
    }
    total.add(tally::run(invocation, &mut tests)?);
    Ok(total)
}

/// A test target of `chat-tests`.
fn target(invocation: &Invocation, ring: Ring, filter: Option<&str>) -> Command {
    let mut cargo = invocation.checkout.cargo();
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
fn render(invocation: &Invocation, stage: &Stage<'_>, filter: Option<&str>) -> Result<Tally> {
    packages::install(invocation, &[packages::PROMETHEUS, packages::LUA, packages::NGINX])?;
    let server = build::server(invocation, false)?;
    let programs = toolchain::programs(invocation, &toolchain::RENDER)?;
    let definitions = toolchain::definitions(invocation)?;
    let mut command = target(invocation, Ring::Render, filter);
    command.env("CHAT_TEST_PROGRAMS", env::join_paths(programs.dirs())?);
    command.env("CHAT_TEST_SERVER", server);
    command.env("CHAT_TEST_DEFINITIONS", env::join_paths(definitions)?);
    command.env("CHAT_TEST_DIR", stage.worlds());
    tally::run(invocation, &mut command)
}

/// The Socket.IO clients that everybody has: one is among the packages of the page.
fn stock_clients(invocation: &Invocation) -> Result<()> {
    page::install(invocation)?;
    packages::install(invocation, &packages::PYTHON)
}

/// Its tests start a Kubernetes of their own.
fn cluster(invocation: &Invocation, stage: &Stage<'_>, filter: Option<&str>) -> Result<Tally> {
    stock_clients(invocation)?;
    packages::install(invocation, &[packages::BROWSER])?;
    let told = cluster_told(invocation, stage, &toolchain::WHOLE, false)?;
    let mut command = target(invocation, Ring::Cluster, filter);
    command.envs(told).env("CHROMIUM_PATH", packages::chromium()?);
    command.env("CHAT_TEST_X", env::current_exe()?);
    // One at a time: each has the machine's processors to itself.
    tally::run(invocation, command.env("RUST_TEST_THREADS", "1"))
}

/// Programs and images for who starts a Kubernetes, and a folder for it.
pub(crate) fn cluster_told(
    invocation: &Invocation,
    stage: &Stage<'_>,
    kits: &[&toolchain::Toolchain],
    release: bool,
) -> Result<[(&'static str, OsString); 3]> {
    packages::install(invocation, &packages::NODE)?;
    let images = images::all(invocation, release)?;
    let programs = toolchain::programs(invocation, kits)?;
    Ok([
        ("CHAT_TEST_PROGRAMS", env::join_paths(programs.dirs())?),
        ("CHAT_TEST_IMAGES", env::join_paths(images)?),
        ("CHAT_TEST_DIR", stage.worlds().into_os_string()),
    ])
}

fn browser(invocation: &Invocation, stage: &mut Stage<'_>, filter: Option<&str>) -> Result<Tally> {
    packages::install(invocation, &[packages::BROWSER, packages::JAPANESE])?;
    page::build(invocation)?;
    stage.stores()?;
    let told = stage.server()?;
    let mut npm = npm(invocation, "e2e");
    npm.envs(told).env("CHROMIUM_PATH", packages::chromium()?);
    if let Some(filter) = filter {
        npm.args(["--", "--grep", filter]);
    }
    tally::run(invocation, &mut npm)
}

fn npm(invocation: &Invocation, script: &str) -> Command {
    let mut npm = Command::new("npm");
    npm.args(["run", "--silent", script]).current_dir(invocation.checkout.path("frontend"));
    // Colours would hide the summary from who counts.
    npm.env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    npm
}
