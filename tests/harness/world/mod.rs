//! A world of its own for each test: a database, a Redis and some servers.
//!
//! Every part can be stopped, killed and started again, on the same port and with the same data.
//! After a test that failed its logs stay; after one that passed nothing does.

mod build;
pub(crate) mod keys;
mod outage;
mod redis;
mod statements;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use testbed::{MySql, MySqlConfig, Nginx, Server, ServerConfig, mysql, program};

use self::redis::RedisSet;
pub use self::{build::WorldBuilder, keys::Keys, redis::Shape};
use crate::{Api, Person, Socket, http};

/// One world. All of it ends when it is dropped.
#[derive(Debug)]
pub struct World {
    dir: PathBuf,
    database: String,
    /// URL of this world's database.
    mysql_url: String,
    nginx: Option<Nginx>,
    servers: Vec<Place>,
    redis: RedisSet,
    keys: Option<Keys>,
    /// Those of the servers.
    https: Option<Keys>,
    own_mysql: Option<OwnMySql>,
}

/// A server, running or not.
#[derive(Debug)]
struct Place {
    config: ServerConfig,
    running: Option<Server>,
}

/// A database server of this world's own.
#[derive(Debug)]
struct OwnMySql {
    config: MySqlConfig,
    running: Option<MySql>,
}

impl World {
    /// A world with one server, to be changed before its start. The name is for folders.
    #[must_use]
    pub fn named(name: &str) -> WorldBuilder {
        WorldBuilder::new(name)
    }

    /// A world with one server.
    pub async fn start(name: &str) -> Result<Self> {
        Self::named(name).start().await
    }

    /// Address of a server, from 0.
    #[must_use]
    pub fn url(&self, server: usize) -> String {
        self.servers[server].config.url()
    }

    /// Address of NGINX, where the world has one; of the first server otherwise.
    #[must_use]
    pub fn front(&self) -> String {
        self.nginx
            .as_ref()
            .map_or_else(|| self.url(0), |nginx| format!("http://{}", nginx.listen()))
    }

    /// A client of a server that nobody is signed in with.
    pub fn api(&self, server: usize) -> Result<Api> {
        match &self.https {
            Some(keys) => Api::believing(&self.url(server), &keys.authority()),
            None => Api::new(&self.url(server)),
        }
    }

    /// The certificate of servers that serve HTTPS.
    pub fn https(&self) -> Result<&Keys> {
        self.https.as_ref().context("the servers speak plain HTTP")
    }

    /// Somebody new, who uses the first server.
    pub async fn sign_up(&self, name: &str) -> Result<Person> {
        self.sign_up_at(0, name).await
    }

    /// Somebody new, who uses this server.
    pub async fn sign_up_at(&self, server: usize, name: &str) -> Result<Person> {
        Person::sign_up(&self.api(server)?, name).await
    }

    /// A socket of somebody's to a server.
    pub async fn connect(&self, server: usize, person: &Person) -> Result<Socket> {
        person.at(&self.url(server)).connect().await
    }

    /// Where a server's probes and metrics are.
    #[must_use]
    pub fn ops(&self, server: usize) -> SocketAddr {
        self.servers[server].config.ops()
    }

    /// Where this world's files are.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What a server's readiness probe answers: status and text.
    pub async fn ready_answer(&self, server: usize) -> Result<(u16, String)> {
        let url = format!("http://{}/readyz", self.servers[server].config.ops());
        let answer = http::get(url).await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    /// All metrics of a server, as Prometheus reads them.
    pub async fn metrics(&self, server: usize) -> Result<String> {
        let url = format!("http://{}/metrics", self.servers[server].config.ops());
        Ok(http::get(url).await?.error_for_status()?.text().await?)
    }

    /// The sum of all series of a metric; 0 where there is none yet.
    pub async fn metric(&self, server: usize, name: &str) -> Result<f64> {
        let text = self.metrics(server).await?;
        Ok(text
            .lines()
            .filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' '])))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum())
    }

    /// The same, of a metric that counts.
    pub async fn count(&self, server: usize, name: &str) -> Result<u64> {
        let sum = self.metric(server, name).await?;
        sum.to_string().parse().with_context(|| format!("{name}: {sum}"))
    }

    /// URL of this world's database.
    #[must_use]
    pub fn database_url(&self) -> &str {
        &self.mysql_url
    }

    /// Process id of a running server.
    pub fn server_process(&self, server: usize) -> Result<u32> {
        let running = self.servers[server].running.as_ref().context("the server is not running")?;
        Ok(running.process_id())
    }

    /// Runs SQL in this world's database and gives the rows.
    pub fn sql(&self, statement: &str) -> Result<Vec<Vec<String>>> {
        let text = mysql::query(&self.mysql_url, statement)?;
        Ok(text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
    }

    /// Runs a Redis command and gives what the command line client prints.
    pub fn redis(&self, words: &[&str]) -> Result<String> {
        self.redis_at(0, words)
    }

    /// The same on one of several servers of Redis; with [`Shape::Cluster`] the masters come
    /// first, their replicas in the same order behind them.
    pub fn redis_at(&self, node: usize, words: &[&str]) -> Result<String> {
        self.redis.command(node, words)
    }

    /// An error while Redis cannot serve.
    pub fn redis_ready(&self) -> Result<()> {
        self.redis.ready()
    }

    /// `chat-server <words>` with the settings of this world; gives what it prints.
    pub fn server_command(&self, words: &[&str]) -> Result<String> {
        let (first, rest) = words.split_first().context("no subcommand was given")?;
        program::output(self.servers[0].config.command(first).args(rest))
    }

    /// What a server has logged.
    pub fn log(&self, server: usize) -> Result<String> {
        let place = &self.servers[server].config;
        Ok(std::fs::read_to_string(place.dir.join(format!("{}.log", place.name)))?)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A test fails by a panic or by an error; for the second there is no sign of it here, so
        // the folder of a run that failed is kept by `cargo x test`, and here only what is large
        // goes: the data, not the logs.
        for place in &mut self.servers {
            place.running = None;
        }
        drop((self.nginx.take(), self.own_mysql.take()));
        self.redis.end();
        for large in ["mysql/data", "redis/appendonlydir", "uploads"] {
            let _ = std::fs::remove_dir_all(self.dir.join(large));
        }
    }
}
