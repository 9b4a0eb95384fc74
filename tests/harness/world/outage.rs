//! Outages: stops parts of a world and starts them again.

use std::{
    path::Path,
    process::ExitStatus,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use nix::sys::signal::Signal;
use testbed::{MySql, Server, process::Process};
use tokio::time::sleep;

use super::{World, build::room};
use crate::{Person, TIMEOUT, eventually, http};

/// How long a process may take to end after it was asked to: servers see their clients off.
const END_TIMEOUT: Duration = Duration::from_mins(2);

impl World {
    /// Kills a server, as a crash would.
    pub fn kill_server(&mut self, server: usize) -> Result<()> {
        self.running(server)?.process().kill()?;
        self.servers[server].running = None;
        Ok(())
    }

    /// Stops a server gracefully and waits until it has ended.
    pub async fn stop_server(&mut self, server: usize) -> Result<()> {
        self.ask_server_to_end(server)?;
        self.ended(server).await
    }

    /// Asks a server to end; it still drains when this returns.
    pub fn ask_server_to_end(&mut self, server: usize) -> Result<()> {
        self.running(server)?.process().signal(Signal::SIGTERM)
    }

    /// Waits until a server has ended without an error.
    pub async fn ended(&mut self, server: usize) -> Result<()> {
        let process = self.running(server)?.process();
        let status = ended(process, &format!("server {server}")).await?;
        self.servers[server].running = None;
        ensure!(status.success(), "server {server} ended with {status}");
        Ok(())
    }

    /// A setting of a server; empty where it has none.
    #[must_use]
    pub fn setting(&self, server: usize, name: &str) -> String {
        let settings = self.servers[server].config.settings.iter().rev();
        let found = settings.into_iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// Gives a server another setting, from its next start on.
    pub fn set(&mut self, server: usize, name: &str, value: &str) {
        self.servers[server].config.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Gives a server another program, from its next start on.
    pub fn set_program(&mut self, server: usize, program: &Path) {
        program.clone_into(&mut self.servers[server].config.program);
    }

    /// Migrates the database with a server's program.
    pub fn migrate(&self, server: usize) -> Result<()> {
        self.servers[server].config.migrate().map(drop)
    }

    /// Forgets a server that ended by itself, so that it can be started again.
    pub fn forget_server(&mut self, server: usize) {
        self.servers[server].running = None;
    }

    /// Freezes a server: its connections stay open and nothing moves.
    pub fn freeze_server(&mut self, server: usize) -> Result<()> {
        self.running(server)?.process().freeze()
    }

    /// Lets a frozen server go on.
    pub fn thaw_server(&mut self, server: usize) -> Result<()> {
        self.running(server)?.process().thaw()
    }

    /// Starts a server again, on the same port, and waits until it is ready.
    pub async fn start_server(&mut self, server: usize) -> Result<()> {
        let place = &mut self.servers[server];
        ensure!(place.running.is_none(), "server {server} is running");
        place.running = Some(Server::start(place.config.clone())?);
        self.ready(server).await
    }

    /// Waits until a server takes requests.
    pub async fn ready(&mut self, server: usize) -> Result<()> {
        let url = format!("http://{}/readyz", self.servers[server].config.ops());
        let end = Instant::now() + TIMEOUT;
        loop {
            self.running(server)?.process().must_live()?;
            let answer = http::get(&url).await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            if Instant::now() >= end {
                bail!("server {server} is not ready; its log: {}", self.log(server)?);
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ends Redis.
    pub async fn stop_redis(&mut self) -> Result<()> {
        let redis = self.redis.node(0)?;
        redis.process().signal(Signal::SIGTERM)?;
        ended(redis.process(), "redis").await?;
        self.redis.ended(0);
        Ok(())
    }

    /// Kills Redis, as a crash would.
    pub fn kill_redis(&mut self) -> Result<()> {
        self.kill_redis_at(0)
    }

    /// Kills one of several servers of Redis.
    pub fn kill_redis_at(&mut self, node: usize) -> Result<()> {
        self.redis.kill(node)
    }

    /// Starts Redis again, with what it had saved.
    pub async fn start_redis(&mut self) -> Result<()> {
        self.redis.start_node(0)?;
        eventually("redis", TIMEOUT, async || self.redis(&["PING"])).await?;
        Ok(())
    }

    /// Ends the world's own database server.
    pub async fn stop_mysql(&mut self) -> Result<()> {
        let own = self.own_mysql.as_mut().context("the database server is not ours alone")?;
        let mysql = own.running.as_mut().context("the database is not running")?;
        mysql.process().signal(Signal::SIGTERM)?;
        ended(mysql.process(), "the database").await?;
        own.running = None;
        Ok(())
    }

    /// Kills the world's own database server, as a crash would.
    pub fn kill_mysql(&mut self) -> Result<()> {
        let own = self.own_mysql.as_mut().context("the database server is not ours alone")?;
        own.running.take().context("the database is not running")?.process().kill()
    }

    /// What this person has read or writes is refused by the store, again and again: whoever writes
    /// that of everybody at once gets no further than to them, where they signed up first.
    pub async fn refuse_soft_state(&self, person: &Person) -> Result<()> {
        let id = person.id().0;
        let refuse = format!(
            "UPDATE members SET read_seq = 0 WHERE user_id = {id}; DELETE FROM drafts; \
             ALTER TABLE members ADD CONSTRAINT no_marker CHECK (user_id <> {id} OR read_seq = 0); \
             ALTER TABLE drafts ADD CONSTRAINT no_draft CHECK (user_id <> {id})"
        );
        // A marker that still waits may be written in between.
        let refuse = async || self.sql(&refuse).map(drop);
        eventually("the store refuses what is soft", TIMEOUT, refuse).await
    }

    /// How far somebody has read in each of their rooms, and what they write there, as the store
    /// has it.
    pub fn soft_state(&self, person: &Person) -> Result<Vec<Vec<String>>> {
        self.sql(&format!(
            "SELECT m.read_seq, d.content FROM members m \
             LEFT JOIN drafts d ON d.user_id = m.user_id AND d.room_id = m.room_id \
             WHERE m.user_id = {} ORDER BY m.room_id",
            person.id().0
        ))
    }

    /// Freezes the world's own database server: its connections stay open and nothing is answered.
    pub fn freeze_mysql(&mut self) -> Result<()> {
        self.mysql()?.process().freeze()
    }

    /// Lets a frozen database server go on.
    pub fn thaw_mysql(&mut self) -> Result<()> {
        self.mysql()?.process().thaw()
    }

    fn mysql(&mut self) -> Result<&mut MySql> {
        let own = self.own_mysql.as_mut().context("the database server is not ours alone")?;
        own.running.as_mut().context("the database is not running")
    }

    /// Gives the tables so much room together, from the next start on.
    pub fn set_mysql_room(&mut self, mib: u32) -> Result<()> {
        let own = self.own_mysql.as_mut().context("the database server is not ours alone")?;
        own.config.settings.extend(room(mib));
        Ok(())
    }

    /// Starts the world's own database server again.
    pub async fn start_mysql(&mut self) -> Result<()> {
        let own = self.own_mysql.as_mut().context("the database server is not ours alone")?;
        ensure!(own.running.is_none(), "the database is running");
        own.running = Some(MySql::start(own.config.clone())?);
        eventually("the database", TIMEOUT, async || self.sql("SELECT 1")).await?;
        Ok(())
    }

    fn running(&mut self, server: usize) -> Result<&mut Server> {
        let place = self.servers.get_mut(server).context("there is no such server")?;
        place.running.as_mut().with_context(|| format!("server {server} is not running"))
    }
}

/// Waits until a process has ended by itself.
async fn ended(process: &mut Process, what: &str) -> Result<ExitStatus> {
    let end = Instant::now() + END_TIMEOUT;
    loop {
        if let Some(status) = process.ended()? {
            return Ok(status);
        }
        ensure!(Instant::now() < end, "{what} has not ended after {END_TIMEOUT:?}");
        sleep(Duration::from_millis(10)).await;
    }
}
