//! What the rings that need stores stand on: one database server for the whole run, the built
//! server, and a folder of the run's own, so that two runs do not meet.

use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result};
use bare_kube::{ControlPlane, ControlPlaneConfig, Place, Programs};
use testbed::{
    Invocation, MySql, MySqlConfig, Timeout, ports, process, progress, secret,
    setup::{
        build, disk,
        packages::{self, Need},
    },
};

/// What stores need of the system.
pub(super) const STORES: [Need; 4] =
    [packages::DATABASE, packages::DATABASE_CLIENT, packages::REDIS, packages::NGINX];

/// The stage of one run. It is deleted when the run passed; after a failure the logs stay until the
/// next run.
pub(crate) struct Stage<'a> {
    invocation: &'a Invocation,
    dir: PathBuf,
    timeout: Timeout,
    mysql: Option<MySql>,
    control: Option<ControlPlane>,
    program: PathBuf,
    release: bool,
}

impl<'a> Stage<'a> {
    pub(crate) fn new(invocation: &'a Invocation, release: bool) -> Result<Self> {
        disk::check(invocation)?;
        let runs = invocation.checkout.data("test");
        clear_old(&runs)?;
        Ok(Self {
            invocation,
            dir: runs.join(std::process::id().to_string()),
            timeout: Timeout::until(Duration::from_mins(1), Arc::clone(&invocation.interrupted)),
            mysql: None,
            control: None,
            program: PathBuf::new(),
            release,
        })
    }

    /// Builds the server and starts the database, once.
    pub(crate) fn stores(&mut self) -> Result<()> {
        if self.mysql.is_some() {
            return Ok(());
        }
        packages::install(self.invocation, &STORES)?;
        self.program = build::server(self.invocation, self.release)?;
        let dir = self.dir.join("mysql");
        let templates = self.invocation.checkout.cache();
        let version = MySql::version()?;
        progress::step(
            "database",
            || {
                MySql::prepare(&dir, &templates)?;
                let (port, password) = (ports::free()?, secret::random()?);
                let config = MySqlConfig {
                    dir,
                    port,
                    password,
                    buffer_pool_mib: if self.release { 1024 } else { 256 },
                    settings: Vec::new(),
                };
                self.mysql.insert(MySql::start(config)?).wait(&self.timeout)?;
                Ok(port)
            },
            |port| format!("{version} on 127.0.0.1:{port}"),
        )
        .map(|_| ())
    }

    /// Folder of what rings beside others print.
    pub(super) fn printed(&self) -> PathBuf {
        self.dir.join("rings")
    }

    /// File in which a runner of the page reports.
    pub(super) fn report(&self, runner: &str) -> Result<PathBuf> {
        let dir = self.printed();
        fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        Ok(dir.join(format!("{runner}.json")))
    }

    /// Folder of what the tests start.
    pub(crate) fn worlds(&self) -> PathBuf {
        self.dir.join("worlds")
    }

    /// Environment of the test programs.
    pub(crate) fn env(&self) -> Vec<(&'static str, String)> {
        let checkout = &self.invocation.checkout;
        let mysql = self.mysql.as_ref().map(|mysql| mysql.url("mysql")).unwrap_or_default();
        let own = env::current_exe().unwrap_or_default().display().to_string();
        vec![
            ("CHAT_TEST_X", own),
            ("CHAT_TEST_MYSQL_URL", mysql),
            ("CHAT_TEST_SERVER", self.program.display().to_string()),
            ("CHAT_TEST_PAGE_DIR", checkout.path("tests/fixtures/page").display().to_string()),
            ("CHAT_TEST_DIR", self.worlds().display().to_string()),
            ("CHAT_TEST_TEMPLATES", checkout.cache().display().to_string()),
        ]
    }

    /// Starts a Kubernetes API server with its controllers; returns the environment of its tests.
    pub(crate) fn kubernetes(
        &mut self,
        programs: &Programs,
    ) -> Result<Vec<(&'static str, String)>> {
        let operator = build::binary(self.invocation, "chat-operator", self.release)?;
        let kubeconfig = self.control_plane(programs)?;
        Ok(vec![
            ("CHAT_TEST_CONTROL_PLANE", kubeconfig.display().to_string()),
            ("CHAT_TEST_OPERATOR", operator.display().to_string()),
        ])
    }

    fn control_plane(&mut self, programs: &Programs) -> Result<PathBuf> {
        let config = ControlPlaneConfig {
            dir: self.dir.join("kubernetes"),
            programs: programs.clone(),
            place: Place::Here,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?)),
            outside: None,
            nodes: Vec::new(),
        };
        fs::create_dir_all(&config.dir)?;
        progress::step(
            "kubernetes",
            || {
                let control = self.control.insert(ControlPlane::start(config)?);
                control.wait(&self.timeout)?;
                Ok(control.kubeconfig())
            },
            |_| "an API with its controllers".to_owned(),
        )
    }

    /// Environment of the browser tests: that of the test programs with the real page, and the
    /// program with which they start servers.
    pub(crate) fn browser(&self) -> Result<Vec<(&'static str, String)>> {
        let world = build::binary(self.invocation, "world", self.release)?;
        let mut env = self.env();
        let page = self.invocation.checkout.path("frontend/dist").display().to_string();
        env.extend([
            ("CHAT_TEST_PAGE_DIR", page),
            ("CHAT_TEST_WORLD", world.display().to_string()),
        ]);
        Ok(env)
    }

    /// Clears the stage.
    pub(crate) fn end(mut self, passed: bool) -> Result<()> {
        // Nobody needs the data again, so nobody waits for a gentle end of the stores.
        drop((self.mysql.take(), self.control.take()));
        let _ = fs::remove_dir_all(self.dir.join("mysql"));
        let _ = fs::remove_dir_all(self.dir.join("kubernetes"));
        clear_clusters(&self.worlds())?;
        if !passed && self.dir.exists() {
            progress::say(&format!("logs of the servers: {}", self.dir.display()));
        } else if self.dir.exists() {
            fs::remove_dir_all(&self.dir)?;
        }
        Ok(())
    }
}

/// Removes what earlier runs left, and leaves alone what belongs to one that is running.
fn clear_old(runs: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(runs) else { return Ok(()) };
    for entry in entries {
        let dir = entry?.path();
        let pid = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if Path::new("/proc").join(&pid).exists() {
            continue;
        }
        process::end_leftovers(&dir, Duration::from_secs(5))?;
        clear_clusters(&dir.join("worlds"))?;
        let _ = fs::remove_dir_all(&dir);
    }
    Ok(())
}

/// A test of a cluster that failed or was killed leaves control groups behind, perhaps processes,
/// and gigabytes. Its logs stay.
fn clear_clusters(worlds: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(worlds) else { return Ok(()) };
    for entry in entries {
        let dir = entry?.path();
        if !dir.join("enclave").exists() {
            continue;
        }
        process::end_leftovers(&dir, Duration::from_secs(5))?;
        bare_kube::cluster::clear(&dir)?;
        for large in ["etcd", "volumes", "node-1/containerd", "node-2/containerd"] {
            let _ = fs::remove_dir_all(dir.join(large));
        }
    }
    Ok(())
}
