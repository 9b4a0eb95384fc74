//! The servers of a run, and NGINX in front of them.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use nix::sys::signal::Signal;
use testbed::{
    Balance, Invocation, Nginx, NginxConfig, Server, ServerConfig, Timeout, ports, progress,
};

use super::{RunArgs, Sharing, stores::Urls};

/// What is started, and how.
#[derive(Debug)]
pub(super) struct Servers {
    page: PathBuf,
    program: PathBuf,
    data: PathBuf,
    replicas: u16,
    front: SocketAddr,
    balance: Balance,
    origins: Vec<String>,
    running: Vec<Server>,
    nginx: Option<Nginx>,
}

impl Servers {
    pub(super) fn new(invocation: &Invocation, args: &RunArgs, program: PathBuf) -> Self {
        let mut origins = args.origin.clone();
        origins
            .extend(["localhost", "127.0.0.1"].map(|host| format!("http://{host}:{}", args.port)));
        Self {
            page: invocation.checkout.path("frontend/dist"),
            program,
            data: invocation.checkout.data(&args.data),
            replicas: args.replicas,
            front: SocketAddr::new(args.listen, args.port),
            balance: match args.balance {
                Sharing::IpHash => Balance::IpHash,
                Sharing::RoundRobin => Balance::RoundRobin,
            },
            origins,
            running: Vec::new(),
            nginx: None,
        }
    }

    /// Where this machine reaches the product.
    pub(super) fn front(&self) -> SocketAddr {
        let mut front = self.front;
        if front.ip().is_unspecified() {
            front.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        front
    }

    /// Brings the database to the schema of this build.
    pub(super) fn migrate(&self, urls: &Urls) -> Result<()> {
        let config = self.config("migrate", self.front, urls)?;
        progress::step(
            "schema",
            || config.migrate().context("cannot bring the database up to date"),
            |_| "up to date",
        )
        .map(|_| ())
    }

    /// Starts the servers, all at once, then NGINX.
    pub(super) fn start(&mut self, urls: &Urls, timeout: &Timeout) -> Result<()> {
        let behind_nginx = self.replicas > 1;
        for number in 1..=self.replicas {
            let listen = if behind_nginx {
                SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?))
            } else {
                self.front
            };
            let config = self.config(&format!("server-{number}"), listen, urls)?;
            self.running.push(Server::start(config)?);
        }
        let servers = &mut self.running;
        progress::step(
            "server",
            || servers.iter_mut().try_for_each(|server| server.wait(timeout)),
            |()| {
                if behind_nginx {
                    format!("{} replicas", self.replicas)
                } else {
                    format!("on {}", self.front)
                }
            },
        )?;
        if behind_nginx { self.start_nginx(timeout) } else { Ok(()) }
    }

    fn start_nginx(&mut self, timeout: &Timeout) -> Result<()> {
        let config = NginxConfig {
            dir: self.data.join("nginx"),
            listen: self.front,
            servers: self.running.iter().map(|server| server.config().address()).collect(),
            encrypted: false,
            balance: self.balance,
            origins: self.origins.clone(),
        };
        let nginx = &mut self.nginx;
        let front = self.front;
        progress::step(
            "nginx",
            || nginx.insert(Nginx::start(config)?).wait(timeout),
            |()| format!("on {front}"),
        )
    }

    /// A server for the set-up: on a free port, without limits.
    pub(super) fn unlimited(&self, urls: &Urls) -> Result<ServerConfig> {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?));
        let mut config = self.config("set-up", listen, urls)?;
        for limit in ["SIGN_UPS_PER_MINUTE", "SIGN_INS_PER_MINUTE", "SENDS_PER_SECOND"] {
            config.settings.push((format!("CHAT_LIMIT_{limit}"), "0".to_owned()));
        }
        Ok(config)
    }

    /// Folder of the data.
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    fn config(&self, name: &str, listen: SocketAddr, urls: &Urls) -> Result<ServerConfig> {
        // What the user set for the server comes first; what makes this run work wins.
        let drain = ("CHAT_DRAIN_TIMEOUT".to_owned(), "3".to_owned());
        let mut settings = vec![drain];
        settings.extend(std::env::vars().filter(|(name, _)| name.starts_with("CHAT_")));
        let mut set = |name: &str, value: String| settings.push((name.to_owned(), value));
        set("CHAT_MYSQL_URL", urls.mysql.clone());
        set("CHAT_REDIS_URL", urls.redis.clone());
        if self.page.join("index.html").is_file() {
            set("CHAT_PAGE_DIR", self.page.display().to_string());
        }
        set("CHAT_UPLOADS_DIR", self.data.join("uploads").display().to_string());
        set("CHAT_PUBLIC_ORIGINS", self.origins.join(","));
        if self.replicas > 1 {
            set("CHAT_TRUSTED_PROXIES", Ipv4Addr::LOCALHOST.to_string());
        }
        Ok(ServerConfig {
            name: name.to_owned(),
            program: self.program.clone(),
            dir: self.data.join("servers"),
            listen,
            ops_port: ports::free()?,
            settings,
        })
    }

    /// Fails where one has ended.
    pub(super) fn must_live(&mut self) -> Result<()> {
        if let Some(nginx) = &mut self.nginx {
            nginx.process().must_live()?;
        }
        self.running.iter_mut().try_for_each(|server| server.process().must_live())
    }

    /// Stops NGINX, then all servers at the same time.
    pub(super) fn stop(&mut self) -> Result<()> {
        let nginx = self.nginx.take().map(Nginx::stop).transpose();
        for server in &mut self.running {
            // One that has ended already gets no signal.
            let _ = server.process().signal(Signal::SIGTERM);
        }
        let mut result = nginx.map(|_| ());
        for server in self.running.drain(..) {
            result = result.and(server.stop().map(|_| ()));
        }
        result
    }
}
