//! The stores of a run.

use std::path::Path;

use anyhow::{Context as _, Result};
use testbed::{
    Invocation, MySql, MySqlConfig, Redis, RedisConfig, Timeout, mysql, ports, progress, secret,
};

use super::RunArgs;

/// Where the servers find their stores.
#[derive(Debug, Clone)]
pub(super) struct Urls {
    pub(super) mysql: String,
    pub(super) redis: String,
}

/// What was started so far.
#[derive(Debug, Default)]
pub(super) struct Stores {
    mysql: Option<MySql>,
    redis: Option<Redis>,
}

impl Stores {
    /// Starts what no URL was given for.
    pub(super) fn start(
        &mut self,
        invocation: &Invocation,
        args: &RunArgs,
        timeout: &Timeout,
    ) -> Result<Urls> {
        let data = invocation.checkout.data(&args.data);
        let redis = match &args.redis_url {
            Some(url) => url.clone(),
            None => self.start_redis(&data.join("redis"), timeout)?,
        };
        let mysql = match &args.mysql_url {
            Some(url) => url.clone(),
            None => self.start_mysql(&data.join("mysql"), &invocation.checkout.cache(), timeout)?,
        };
        Ok(Urls { mysql, redis })
    }

    fn start_mysql(&mut self, dir: &Path, templates: &Path, timeout: &Timeout) -> Result<String> {
        let version = MySql::version()?;
        progress::step(
            "database",
            || {
                MySql::prepare(dir, templates)?;
                let port = ports::free()?;
                let password = secret::kept(&dir.join("password"))?;
                let dir = dir.to_owned();
                let config =
                    MySqlConfig { dir, port, password, buffer_pool_mib: 256, settings: Vec::new() };
                let started = self.mysql.insert(MySql::start(config)?);
                started.wait(timeout)?;
                let admin = started.url("mysql");
                mysql::query(&admin, "CREATE DATABASE IF NOT EXISTS chat CHARACTER SET utf8mb4")
                    .context("cannot make the database")?;
                Ok((started.url("chat"), port))
            },
            |(_, port)| format!("{version} on 127.0.0.1:{port}"),
        )
        .map(|(url, _)| url)
    }

    fn start_redis(&mut self, dir: &Path, timeout: &Timeout) -> Result<String> {
        progress::step(
            "redis",
            || {
                std::fs::create_dir_all(dir)?;
                let port = ports::free()?;
                let password = secret::kept(&dir.join("password"))?;
                let dir = dir.to_owned();
                let started = self.redis.insert(Redis::start(RedisConfig {
                    dir,
                    port,
                    password,
                    settings: Vec::new(),
                })?);
                started.wait(timeout)?;
                Ok((started.url(), port))
            },
            |(_, port)| format!("on 127.0.0.1:{port}"),
        )
        .map(|(url, _)| url)
    }

    /// Fails where one has ended.
    pub(super) fn must_live(&mut self) -> Result<()> {
        if let Some(redis) = &mut self.redis {
            redis.process().must_live()?;
        }
        if let Some(mysql) = &mut self.mysql {
            mysql.process().must_live()?;
        }
        Ok(())
    }

    /// Stops what was started.
    pub(super) fn stop(&mut self) -> Result<()> {
        let redis = self.redis.take().map(Redis::stop).transpose();
        let mysql = self.mysql.take().map(MySql::stop).transpose();
        redis.and(mysql).map(|_| ())
    }
}
