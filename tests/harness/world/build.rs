//! Putting a world together.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use chat_contract::config::former_name;
use testbed::{
    Balance, MySql, MySqlConfig, Nginx, NginxConfig, Server, ServerConfig, Timeout, mysql, ports,
    secret,
};
use uuid::Uuid;

use super::{
    Keys, OwnMySql, Place, World,
    redis::{RedisSet, Shape},
};
use crate::{TIMEOUT, env::Env, eventually};

/// What a world is to be.
#[derive(Debug, Clone)]
pub struct WorldBuilder {
    name: String,
    servers: usize,
    program: Option<PathBuf>,
    settings: Vec<(String, String)>,
    own_mysql: bool,
    mysql_room: Option<u32>,
    redis: Shape,
    encrypted: bool,
    https: bool,
    balance: Option<Balance>,
}

impl WorldBuilder {
    pub(super) fn new(name: &str) -> Self {
        // Tests create many users and messages at once; those about limits set their own.
        let settings = ["SIGN_UPS_PER_MINUTE", "SIGN_INS_PER_MINUTE", "SENDS_PER_SECOND"]
            .map(|limit| (format!("CHAT_LIMIT_{limit}"), "0".to_owned()));
        Self {
            name: name.to_owned(),
            servers: 1,
            program: None,
            settings: settings.into(),
            own_mysql: false,
            mysql_room: None,
            redis: Shape::Single,
            encrypted: false,
            https: false,
            balance: None,
        }
    }

    /// How many servers.
    #[must_use]
    pub fn servers(mut self, count: usize) -> Self {
        self.servers = count;
        self
    }

    /// Servers of another version: the program, instead of the one that was built. They are told
    /// their settings by the former names too.
    #[must_use]
    pub fn program(mut self, program: &Path) -> Self {
        self.program = Some(program.to_owned());
        self
    }

    /// A setting of all servers; the last of the same name wins.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Settings of all servers.
    #[must_use]
    pub fn settings(self, settings: &[(&str, String)]) -> Self {
        settings.iter().fold(self, |world, (name, value)| world.setting(name, value))
    }

    /// A database server of its own, that the test may stop.
    #[must_use]
    pub fn own_mysql(mut self) -> Self {
        self.own_mysql = true;
        self
    }

    /// A database server of its own, whose tables have so much room together.
    #[must_use]
    pub fn mysql_room(mut self, mib: u32) -> Self {
        self.mysql_room = Some(mib);
        self.own_mysql()
    }

    /// What Redis it is.
    #[must_use]
    pub fn redis(mut self, shape: Shape) -> Self {
        self.redis = shape;
        self
    }

    /// The stores use TLS, with certificates of a private authority. Then MySQL is private to the
    /// world, too.
    #[must_use]
    pub fn encrypted(mut self) -> Self {
        self.encrypted = true;
        self.own_mysql = true;
        self
    }

    /// The servers serve HTTPS, with a certificate of a private authority.
    #[must_use]
    pub fn https(mut self) -> Self {
        self.https = true;
        self
    }

    /// NGINX in front of the servers.
    #[must_use]
    pub fn nginx(mut self, balance: Balance) -> Self {
        self.balance = Some(balance);
        self
    }

    /// Starts everything and waits until it is ready.
    pub async fn start(self) -> Result<World> {
        let env = Env::read()?;
        let id = Uuid::new_v4().simple().to_string();
        let database = format!("test_{}", &id[..12]);
        let dir = env.dir.join(format!("{}-{}", self.name, &id[..6]));
        std::fs::create_dir_all(&dir)?;

        let keys = self.encrypted.then(|| Keys::make(&dir.join("keys"))).transpose()?;
        let https = self.https.then(|| Keys::make(&dir.join("https"))).transpose()?;
        let redis = RedisSet::start(self.redis, &dir, keys.clone())?;
        let own_mysql =
            self.own_mysql.then(|| own_mysql(&env, &dir, keys.as_ref(), self.mysql_room));
        let own_mysql = own_mysql.transpose()?;
        let mut world = World {
            mysql_url: String::new(),
            database,
            dir,
            nginx: None,
            servers: Vec::new(),
            redis,
            keys,
            https,
            own_mysql,
        };
        world.make_database(&env).await?;
        eventually("redis", TIMEOUT, async || world.redis_ready()).await?;
        self.start_servers(&mut world, &env).await?;
        if let Some(balance) = self.balance {
            world.start_nginx(balance)?;
        }
        Ok(world)
    }

    async fn start_servers(&self, world: &mut World, env: &Env) -> Result<()> {
        for number in 1..=self.servers {
            let config = self.server(world, env, number)?;
            if number == 1 {
                config.migrate().context("the migration failed")?;
            }
            let running = Some(Server::start(config.clone())?);
            world.servers.push(Place { config, running });
        }
        for server in 0..self.servers {
            world.ready(server).await?;
        }
        Ok(())
    }

    fn server(&self, world: &World, env: &Env, number: usize) -> Result<ServerConfig> {
        let encryption = world
            .keys
            .as_ref()
            .map(|keys| format!("?ssl-mode=VERIFY_IDENTITY&ssl-ca={}", keys.authority().display()));
        let mysql = format!("{}{}", world.mysql_url, encryption.unwrap_or_default());
        let mut settings = vec![
            ("CHAT_MYSQL_URL".to_owned(), mysql),
            ("CHAT_PAGE_DIR".to_owned(), env.page_dir.display().to_string()),
            ("CHAT_UPLOADS_DIR".to_owned(), world.dir.join("uploads").display().to_string()),
        ];
        if let Some(keys) = &world.https {
            settings.push(("CHAT_TLS_CERT".to_owned(), keys.certificate().display().to_string()));
            settings.push(("CHAT_TLS_KEY".to_owned(), keys.key().display().to_string()));
        }
        if self.balance.is_some() {
            settings.push(("CHAT_TRUSTED_PROXIES".to_owned(), Ipv4Addr::LOCALHOST.to_string()));
        }
        settings.extend(world.redis.variables());
        settings.extend(self.settings.iter().cloned());
        if self.program.is_some() {
            let former = |(name, value): &(String, String)| {
                Some((former_name(name)?.to_owned(), value.clone()))
            };
            settings.extend(settings.iter().filter_map(former).collect::<Vec<_>>());
        }
        Ok(ServerConfig {
            name: format!("server-{number}"),
            program: self.program.as_ref().unwrap_or(&env.server).clone(),
            dir: world.dir.clone(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?)),
            ops_port: ports::free()?,
            settings,
        })
    }
}

fn own_mysql(env: &Env, dir: &Path, keys: Option<&Keys>, mib: Option<u32>) -> Result<OwnMySql> {
    let dir = dir.join("mysql");
    MySql::prepare(&dir, &env.templates)?;
    let (port, password) = (ports::free()?, secret::random()?);
    let mut settings = keys.map_or_else(Vec::new, |keys| {
        let file = |name: &str, file: PathBuf| format!("--ssl-{name}={}", file.display());
        vec![
            file("ca", keys.authority()),
            file("cert", keys.certificate()),
            file("key", keys.key()),
        ]
    });
    settings.extend(mib.into_iter().flat_map(room));
    let config = MySqlConfig { dir, port, password, buffer_pool_mib: 64, settings };
    Ok(OwnMySql { running: Some(MySql::start(config.clone())?), config })
}

/// All tables in one file, which may grow up to a size: what a full disk is like. Of two arguments
/// with the same name the last one counts.
pub(super) fn room(mib: u32) -> [String; 2] {
    let file = format!("--innodb-data-file-path=ibdata1:12M:autoextend:max:{mib}M");
    ["--innodb-file-per-table=OFF".to_owned(), file]
}

impl World {
    async fn make_database(&mut self, env: &Env) -> Result<()> {
        let admin = match self.own_mysql.as_ref().and_then(|own| own.running.as_ref()) {
            Some(own) => own.url("mysql"),
            None => env.mysql_url.clone(),
        };
        let make = format!("CREATE DATABASE {} CHARACTER SET utf8mb4", self.database);
        eventually("the database", TIMEOUT, async || mysql::query(&admin, &make)).await?;
        let (server, _) = admin.rsplit_once('/').context("the URL names no database")?;
        self.mysql_url = format!("{server}/{}", self.database);
        Ok(())
    }

    fn start_nginx(&mut self, balance: Balance) -> Result<()> {
        let config = NginxConfig {
            dir: self.dir.join("nginx"),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?)),
            servers: self.servers.iter().map(|place| place.config.address()).collect(),
            encrypted: self.https.is_some(),
            balance,
            origins: vec!["https://friend.example.org".to_owned()],
        };
        let mut nginx = Nginx::start(config)?;
        nginx.wait(&Timeout::new(TIMEOUT))?;
        self.nginx = Some(nginx);
        Ok(())
    }
}
