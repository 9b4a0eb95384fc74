//! NGINX in front of several servers.

use std::{fmt::Write as _, fs, net::SocketAddr, path::PathBuf, process::Command, time::Duration};

use anyhow::{Context as _, Result};

use super::{Process, Timeout, program};
use crate::http;

/// Which server gets a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Balance {
    /// Always the same one for the same address.
    IpHash,
    /// One after the other.
    RoundRobin,
}

/// What NGINX is started with.
#[derive(Debug, Clone)]
pub struct NginxConfig {
    /// Folder of its settings, logs and temporary files.
    pub dir: PathBuf,
    /// Where it listens.
    pub listen: SocketAddr,
    /// The servers behind it.
    pub servers: Vec<SocketAddr>,
    /// Whether they serve HTTPS.
    pub encrypted: bool,
    /// How it shares requests out.
    pub balance: Balance,
    /// Origins of other pages that may use the API.
    pub origins: Vec<String>,
}

/// A running NGINX. It is killed when dropped; [`Nginx::stop`] is the gentle way.
#[derive(Debug)]
pub struct Nginx {
    config: NginxConfig,
    process: Process,
}

impl Nginx {
    /// Starts it; it is not ready yet.
    pub fn start(config: NginxConfig) -> Result<Self> {
        let program = program::first_of(&["nginx"])?;
        fs::create_dir_all(config.dir.join("temp"))
            .with_context(|| format!("cannot make {}", config.dir.display()))?;
        let file = config.dir.join("nginx.conf");
        fs::write(&file, settings(&config))?;
        let mut command = Command::new(program);
        // Everything relative to its folder; errors before the settings are read go there too.
        command.arg("-p").arg(&config.dir).arg("-c").arg(&file).args(["-e", "stderr"]);
        program::output(clone(&command).arg("-t")).context("the settings of nginx are wrong")?;
        let process = Process::start("nginx", command, &config.dir)?;
        Ok(Self { config, process })
    }

    /// Waits until it takes requests.
    pub fn wait(&mut self, timeout: &Timeout) -> Result<()> {
        let mut address = self.config.listen;
        if address.ip().is_unspecified() {
            address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        timeout.wait("nginx", || {
            self.process.must_live()?;
            Ok(http::get(address, "/").is_ok())
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn listen(&self) -> SocketAddr {
        self.config.listen
    }

    /// The process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Ends it at once.
    pub fn stop(mut self) -> Result<bool> {
        self.process.stop(Duration::from_secs(10))
    }
}

fn clone(command: &Command) -> Command {
    let mut copy = Command::new(command.get_program());
    copy.args(command.get_args());
    copy
}

fn settings(config: &NginxConfig) -> String {
    // As root it would change to `nobody`, who cannot reach folders in a home.
    let user = if nix::unistd::geteuid().is_root() { "user root;\n" } else { "" };
    let mut servers = String::new();
    for server in &config.servers {
        let _ = writeln!(servers, "        server {server} max_fails=1 fail_timeout=2s;");
    }
    let mut origins = String::new();
    for origin in &config.origins {
        let _ = writeln!(origins, "        \"{origin}\" $http_origin;");
    }
    let balance = match config.balance {
        Balance::IpHash => "ip_hash;",
        Balance::RoundRobin => "# one after the other",
    };
    include_str!("nginx.conf")
        .replace("@USER@", user)
        .replace("@SERVERS@", servers.trim_end())
        .replace("@ORIGINS@", origins.trim_end())
        .replace("@BALANCE@", balance)
        .replace("@SCHEME@", if config.encrypted { "https" } else { "http" })
        .replace("@LISTEN@", &config.listen.to_string())
}
