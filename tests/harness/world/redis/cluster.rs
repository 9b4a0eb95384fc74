//! A cluster whose servers know each other from the start: each finds the file that it would
//! have written itself.

use std::fs;

use anyhow::{Result, ensure};

use super::RedisSet;

/// Masters; each has one replica.
pub(super) const MASTERS: usize = 3;
const SLOTS: usize = 16_384;
/// A server that is silent for so long, in milliseconds, is replaced.
const NODE_TIMEOUT_MS: u32 = 2_000;

impl RedisSet {
    /// Settings of one server of a cluster; writes the file about its neighbours.
    pub(super) fn cluster(&self, number: usize) -> Result<Vec<String>> {
        let dir = &self.nodes[number].config.dir;
        fs::create_dir_all(dir)?;
        fs::write(dir.join("nodes.conf"), self.neighbours(number))?;
        Ok(vec![
            "cluster-enabled yes".to_owned(),
            "cluster-config-file nodes.conf".to_owned(),
            format!("cluster-node-timeout {NODE_TIMEOUT_MS}"),
            format!("cluster-port {}", self.nodes[number].bus),
            format!("masterauth {}", self.password),
            // A replica that is promoted need not have been in contact with the master a moment
            // ago.
            "cluster-replica-validity-factor 0".to_owned(),
            "repl-diskless-sync-delay 0".to_owned(),
        ])
    }

    fn neighbours(&self, number: usize) -> String {
        let line = |(other, node): (usize, &super::Node)| {
            let me = if other == number { "myself," } else { "" };
            let (port, bus) = (node.config.port, node.bus);
            let place = format!("{} 127.0.0.1:{port}@{bus}", id(other));
            let epoch = other % MASTERS + 1;
            if other >= MASTERS {
                let master = id(other - MASTERS);
                return format!("{place} {me}slave {master} 0 0 {epoch} connected\n");
            }
            let (from, to) = (other * SLOTS / MASTERS, (other + 1) * SLOTS / MASTERS - 1);
            format!("{place} {me}master - 0 0 {epoch} connected {from}-{to}\n")
        };
        let lines: String = self.nodes.iter().enumerate().map(line).collect();
        format!("{lines}vars currentEpoch {MASTERS} lastVoteEpoch 0\n")
    }

    /// An error unless all servers that run agree that all is well, replicas included.
    pub(super) fn cluster_ready(&self) -> Result<()> {
        for (number, _) in self.nodes.iter().enumerate().filter(|(_, node)| node.running.is_some())
        {
            let info = self.command(number, &["CLUSTER", "INFO"])?;
            ensure!(info.contains("cluster_state:ok"), "server {number}: {info}");
            let info = self.command(number, &["INFO", "replication"])?;
            let alone = info.contains("role:slave") && !info.contains("master_link_status:up");
            ensure!(!alone, "server {number} has no copy yet: {info}");
        }
        Ok(())
    }
}

fn id(number: usize) -> String {
    format!("{:040x}", number + 1)
}
