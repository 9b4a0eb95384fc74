//! A master with a replica, and three Sentinels that know them and each other from the start.

use std::{path::Path, process::Command};

use anyhow::{Result, ensure};
use testbed::{Process, ports, program, secret};

use super::RedisSet;

/// What the Sentinels call the master.
pub(super) const MASTER: &str = "main";
const SENTINELS: usize = 3;
/// A master that is silent for so long, in milliseconds, is replaced.
const DOWN_AFTER_MS: u32 = 1_000;

impl RedisSet {
    /// Settings of the master or its replica.
    pub(super) fn replication(&self, number: usize) -> Vec<String> {
        let mut settings =
            vec![format!("masterauth {}", self.password), "repl-diskless-sync-delay 0".to_owned()];
        if number > 0 {
            settings.push(format!("replicaof 127.0.0.1 {}", self.nodes[0].config.port));
        }
        settings
    }

    pub(super) fn start_sentinels(&mut self, dir: &Path) -> Result<()> {
        let ports: Vec<u16> = (0..SENTINELS).map(|_| ports::free()).collect::<Result<_>>()?;
        for (number, port) in ports.iter().enumerate() {
            let dir = dir.join("redis").join(format!("sentinel-{number}"));
            std::fs::create_dir_all(&dir)?;
            secret::write(&dir.join("sentinel.conf"), &self.sentinel(number, &ports))?;
            let mut command = Command::new(program::first_of(&["redis-server"])?);
            command.args(["sentinel.conf", "--sentinel"]).current_dir(&dir);
            self.sentinels.push((*port, Process::start("sentinel", command, &dir)?));
        }
        Ok(())
    }

    fn sentinel(&self, number: usize, ports: &[u16]) -> String {
        let (port, password) = (ports[number], &self.sentinel_password);
        let mut lines = vec![
            "bind 127.0.0.1".to_owned(),
            format!("port {port}"),
            format!("requirepass {password}"),
            format!("sentinel sentinel-pass {password}"),
            format!("sentinel myid {}", id(number)),
            format!("sentinel monitor {MASTER} 127.0.0.1 {} 2", self.nodes[0].config.port),
            format!("sentinel auth-pass {MASTER} {}", self.password),
            format!("sentinel down-after-milliseconds {MASTER} {DOWN_AFTER_MS}"),
            format!("sentinel failover-timeout {MASTER} 10000"),
            format!("sentinel known-replica {MASTER} 127.0.0.1 {}", self.nodes[1].config.port),
        ];
        let others = ports.iter().enumerate().filter(|(other, _)| *other != number);
        lines.extend(others.map(|(other, port)| {
            format!("sentinel known-sentinel {MASTER} 127.0.0.1 {port} {}", id(other))
        }));
        lines.extend(self.encryption(port).into_iter().filter(|line| !line.contains("cluster")));
        lines.push(String::new());
        lines.join("\n")
    }

    /// An error unless the Sentinels agree on the master and its replica has a copy.
    pub(super) fn sentinels_ready(&self) -> Result<()> {
        let info = self.command(1, &["INFO", "replication"])?;
        ensure!(info.contains("master_link_status:up"), "{info}");
        for (port, _) in &self.sentinels {
            let said =
                self.ask(*port, &self.sentinel_password, &["SENTINEL", "CKQUORUM", MASTER])?;
            ensure!(said.starts_with("OK 3 "), "{said}");
        }
        Ok(())
    }
}

fn id(number: usize) -> String {
    format!("{:040x}", number + 1)
}
