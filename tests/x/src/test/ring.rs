//! The rings.

use std::{env, num::NonZero, process::Command, thread};

use anyhow::{Result, bail};
use bare_kube::toolchain;
use clap::ValueEnum;
use testbed::{
    Invocation, progress,
    setup::{
        build,
        packages::{self, Need},
        page, tool,
    },
};

use super::{
    TestArgs, former, kubernetes,
    outcome::{self, Outcome},
    stage::{STORES, Stage},
};

/// The crates with unit tests, as rust-analyzer names them.
const CRATES: [&str; 8] = [
    "bare_kube",
    "chat_contract",
    "chat_domain",
    "chat_server",
    "harness",
    "operator",
    "testbed",
    "x",
];

/// A ring of tests; it is named by what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Ring {
    /// Needs nothing: rules, shapes, models; Rust and TypeScript.
    // Editors know a test by its crate.
    #[value(aliases = CRATES)]
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
    /// Needs a database, a Redis and the server of version 0.1: a rolling update from it.
    Upgrade,
    /// Needs the API of a Kubernetes: everything that writes objects.
    Reconcile,
    /// Needs a Kubernetes with nodes: everything that runs in it.
    Cluster,
}

impl Ring {
    pub(crate) const ALL: [Self; 9] = [
        Self::Unit,
        Self::Tidy,
        Self::Render,
        Self::Api,
        Self::Realtime,
        Self::Browser,
        Self::Upgrade,
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
            Self::Upgrade => "upgrade",
            Self::Reconcile => "reconcile",
            Self::Cluster => "cluster",
        }
    }

    /// Does it need a Kubernetes, programs that are built like one (with Go), or a former version of
    /// the server.
    pub(super) fn is_left_out(self) -> bool {
        matches!(self, Self::Render | Self::Upgrade | Self::Reconcile | Self::Cluster)
    }

    /// Do its tests wait more than they work, so that more of them than processors run at once, and
    /// other rings beside them.
    pub(super) fn waits(self) -> bool {
        matches!(self, Self::Api | Self::Realtime | Self::Reconcile)
    }

    /// Do its tests start nothing, wait for nothing and build nothing, so that they may run beside
    /// others. `unit` and `tidy` build: the page, and crates with other features. A test that starts
    /// `cargo x run` would wait for Cargo's lock, or find half a page.
    pub(super) fn works(self) -> bool {
        self == Self::Render
    }

    /// Packages of the system that it cannot do without.
    fn packages(self) -> Vec<Need> {
        match self {
            Self::Unit | Self::Tidy => Vec::new(),
            Self::Render => vec![packages::PROMETHEUS, packages::LUA, packages::NGINX],
            Self::Api => [&STORES[..], &[packages::PROMETHEUS]].concat(),
            Self::Upgrade => STORES.to_vec(),
            Self::Realtime => [&STORES[..], &[packages::PROMETHEUS], &packages::PYTHON].concat(),
            Self::Browser => [&STORES[..], &[packages::BROWSER, packages::JAPANESE]].concat(),
            Self::Reconcile => vec![packages::OPENSSL, packages::PROMETHEUS],
            Self::Cluster => [&packages::PYTHON[..], &[packages::BROWSER]].concat(),
        }
    }

    /// Is there something of the page's that it needs.
    fn needs_npm(self) -> bool {
        matches!(self, Self::Unit | Self::Realtime | Self::Browser | Self::Cluster)
    }

    pub(crate) fn run(
        self,
        invocation: &Invocation,
        stage: &mut Stage<'_>,
        args: &TestArgs,
    ) -> Result<Outcome> {
        let filter = args.filter.as_deref();
        packages::install(invocation, &self.packages())?;
        if self.needs_npm() {
            page::install(invocation)?;
        }
        match self {
            Self::Unit => unit(invocation, stage, filter),
            Self::Tidy => outcome::run(invocation, &mut target(invocation, self, filter)),
            Self::Render => render(invocation, stage, filter),
            Self::Api | Self::Realtime => {
                stage.stores()?;
                let mut command = target(invocation, self, filter);
                outcome::run(invocation, command.envs(stage.env()))
            }
            Self::Browser => browser(invocation, stage, filter),
            Self::Upgrade => {
                stage.stores()?;
                let mut command = target(invocation, self, filter);
                command.env("CHAT_TEST_FORMER_SERVER", former::server(invocation)?);
                outcome::run(invocation, command.envs(stage.env()))
            }
            Self::Reconcile => {
                let toolchains = [&toolchain::CONTROL_PLANE, &toolchain::HELM, &toolchain::HELM_4];
                let programs = toolchain::programs(invocation, &toolchains)?;
                let mut command = target(invocation, self, filter);
                command.envs(stage.kubernetes(&programs)?);
                command.env("CHAT_TEST_PROGRAMS", env::join_paths(programs.dirs())?);
                command.env("CHAT_TEST_DIR", stage.worlds());
                command.env("CHAT_TEST_X", env::current_exe()?);
                outcome::run(invocation, &mut command)
            }
            Self::Cluster => {
                let tests = || target(invocation, self, filter);
                kubernetes::cluster(invocation, stage, args, tests)
            }
        }
    }
}

/// Installs and builds what these rings need, all at once: one compiler that has everything to do
/// keeps the processors busier than several that wait for each other.
pub(super) fn prepare(invocation: &Invocation, rings: &[Ring]) -> Result<()> {
    let mut needs: Vec<Need> = rings.iter().flat_map(|ring| ring.packages()).collect();
    needs.sort_by_key(Need::package);
    needs.dedup_by_key(|need| need.package());
    packages::install(invocation, &needs)?;
    if rings.iter().any(|ring| ring.needs_npm()) {
        page::install(invocation)?;
    }
    let mut cargo = invocation.checkout.cargo();
    cargo.args(["test", "--quiet", "--locked", "--workspace", "--no-run"]);
    for ring in rings {
        match ring {
            Ring::Unit => cargo.args(["--lib", "--bins"]),
            Ring::Browser => &mut cargo,
            ring => cargo.args(["--test", ring.name()]),
        };
    }
    progress::announce("build", "the tests");
    if !tool::show(invocation, &mut cargo)?.success() {
        bail!("the tests do not build; the compiler says above why");
    }
    Ok(())
}

/// Unit tests, of the crates and of the page.
fn unit(invocation: &Invocation, stage: &Stage<'_>, filter: Option<&str>) -> Result<Outcome> {
    let mut cargo = invocation.checkout.cargo();
    cargo.args(["test", "--locked", "--workspace", "--lib", "--bins", "--no-fail-fast", "--"]);
    let mut total = outcome::run(invocation, cargo.args(filter))?;

    if filter.is_none() {
        total.add(outcome::run(invocation, &mut npm(invocation, "check"))?);
    }
    let report = stage.report("vitest")?;
    let mut tests = npm(invocation, "test");
    tests.args(["--", "--reporter=default", "--reporter=json"]);
    tests.arg(format!("--outputFile.json={}", report.display()));
    if let Some(filter) = filter {
        tests.args(["--passWithNoTests", "--testNamePattern", filter]);
    }
    total.add(outcome::run_vitest(invocation, &mut tests, &report)?);
    Ok(total)
}

/// A test target of `chat-tests`.
fn target(invocation: &Invocation, ring: Ring, filter: Option<&str>) -> Command {
    let mut cargo = invocation.checkout.cargo();
    cargo.args(["test", "--locked", "--workspace", "--test", ring.name(), "--"]).args(filter);
    // The cluster of people is none of the tests'.
    cargo.env_remove("KUBECONFIG");
    // An error that a test gives back says where it comes from in words.
    cargo.env("RUST_LIB_BACKTRACE", "0");
    if ring.waits() && env::var_os("RUST_TEST_THREADS").is_none() {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        cargo.env("RUST_TEST_THREADS", (2 * processors).to_string());
    }
    cargo
}

/// Renders and checks; nothing is started.
fn render(invocation: &Invocation, stage: &Stage<'_>, filter: Option<&str>) -> Result<Outcome> {
    let server = build::server(invocation, false)?;
    let programs = toolchain::programs(invocation, &toolchain::RENDER)?;
    let definitions = toolchain::definitions(invocation)?;
    let mut command = target(invocation, Ring::Render, filter);
    command.env("CHAT_TEST_PROGRAMS", env::join_paths(programs.dirs())?);
    command.env("CHAT_TEST_SERVER", server);
    command.env("CHAT_TEST_DEFINITIONS", env::join_paths(definitions)?);
    command.env("CHAT_TEST_DIR", stage.worlds());
    outcome::run(invocation, &mut command)
}

fn browser(
    invocation: &Invocation,
    stage: &mut Stage<'_>,
    filter: Option<&str>,
) -> Result<Outcome> {
    page::build(invocation)?;
    stage.stores()?;
    let env = stage.browser()?;
    let mut npm = npm(invocation, "e2e");
    npm.envs(env).env("CHROMIUM_PATH", packages::chromium()?);
    let report = stage.report("playwright")?;
    npm.args(["--", "--reporter=list,json"]).env("PLAYWRIGHT_JSON_OUTPUT_NAME", &report);
    if let Some(filter) = filter {
        npm.args(["--grep", filter]);
    }
    outcome::run_playwright(invocation, &mut npm, &report)
}

fn npm(invocation: &Invocation, script: &str) -> Command {
    let mut npm = Command::new("npm");
    npm.args(["run", "--silent", script]).current_dir(invocation.checkout.path("frontend"));
    // Colours would hide the summary from who counts.
    npm.env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    npm
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_test_is_found_by_its_crate_or_its_ring() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["metadata", "--no-deps", "--offline", "--format-version=1"]);
        let metadata: serde_json::Value =
            serde_json::from_slice(&cargo.output().unwrap().stdout).unwrap();
        let packages = metadata["packages"].as_array().unwrap().iter();
        let targets = packages.flat_map(|package| package["targets"].as_array().unwrap());
        let mut seen = 0;
        for target in targets {
            let name = target["name"].as_str().unwrap();
            let unit = match target["kind"][0].as_str() {
                Some("lib") => true,
                Some("test") => false,
                _ => continue,
            };
            let ring = Ring::from_str(name, false).expect(name);
            assert_eq!(ring == Ring::Unit, unit, "{name}");
            seen += 1;
        }
        assert!(seen > CRATES.len());
    }
}
