//! A world for tests that are not in Rust: the browser's.
//!
//! Reads one command in JSON from each line of its input, and prints an answer for each:
//! `{"ok": …}` or `{"error": "…"}`. It begins with [`Start`]; when the input ends, all ends.

mod gate;

use std::{
    collections::BTreeMap,
    io::{BufRead as _, Write as _},
};

use anyhow::{Context as _, Result, ensure};
use harness::World;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use self::gate::Gate;

/// The first line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    /// How many servers.
    servers: usize,
    /// Settings of all servers.
    #[serde(default)]
    settings: BTreeMap<String, String>,
}

/// Every other line. Servers count from 0.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Command {
    /// Starts a server that has ended, and waits until it takes requests.
    Begin(usize),
    /// Asks a server to end, and waits until it has: its clients are moved, new ones go to another.
    Drain(usize),
    /// Ends a server at once.
    Kill(usize),
    /// A setting of all servers, from their next start on: name and value.
    Set(String, String),
    /// The sum of all series of a metric of a server.
    Metric(usize, String),
    /// Whether the gate passes connections on; those that are open are closed where not.
    Reachable(bool),
    /// Whether the gate passes on what servers send; it waits where not.
    Flowing(bool),
}

/// The world and its gate.
struct Stage {
    world: World,
    gate: Gate,
    /// For each server whether it takes new connections.
    open: Vec<bool>,
}

fn main() -> Result<()> {
    let runtime = Runtime::new()?;
    let mut stage = None;
    for line in std::io::stdin().lock().lines() {
        let answer = runtime.block_on(async {
            match &mut stage {
                None => {
                    let begun = Stage::start(serde_json::from_str(&line?)?).await?;
                    let about = begun.about();
                    stage = Some(begun);
                    Ok(about)
                }
                Some(stage) => stage.obey(serde_json::from_str(&line?)?).await,
            }
        });
        let answer = match answer {
            Ok(value) => json!({ "ok": value }),
            Err(error) => json!({ "error": format!("{error:#}") }),
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

impl Stage {
    async fn start(start: Start) -> Result<Self> {
        ensure!(start.servers > 0, "a world has one server at least");
        let gate = Gate::open().await?;
        let mut world = World::named("browser")
            .servers(start.servers)
            .setting("CHAT_PUBLIC_ORIGINS", &gate.url());
        for (name, value) in &start.settings {
            world = world.setting(name, value);
        }
        let world = world.start().await?;
        let mut stage = Self { world, gate, open: vec![false; start.servers] };
        for server in 0..start.servers {
            stage.set_open(server, true)?;
        }
        Ok(stage)
    }

    /// Addresses: of the gate, of each server, and of the database.
    fn about(&self) -> Value {
        // By the name of the gate, for which a browser has cookies.
        let url = |server| self.world.url(server).replace("127.0.0.1", "localhost");
        let servers: Vec<_> = (0..self.open.len()).map(url).collect();
        json!({ "url": self.gate.url(), "servers": servers, "databaseUrl": self.world.database_url() })
    }

    async fn obey(&mut self, command: Command) -> Result<Value> {
        match command {
            Command::Begin(server) => {
                self.world.start_server(server).await?;
                self.set_open(server, true)?;
            }
            Command::Drain(server) => {
                self.set_open(server, false)?;
                self.world.stop_server(server).await?;
            }
            Command::Kill(server) => {
                self.set_open(server, false)?;
                self.world.kill_server(server)?;
            }
            Command::Set(name, value) => {
                for server in 0..self.open.len() {
                    self.world.set(server, &name, &value);
                }
            }
            Command::Metric(server, name) => {
                return Ok(json!(self.world.metric(server, &name).await?));
            }
            Command::Reachable(on) => self.gate.reachable(on),
            Command::Flowing(on) => self.gate.flowing(on),
        }
        Ok(Value::Null)
    }

    /// New connections go to the first server that takes them.
    fn set_open(&mut self, server: usize, is_open: bool) -> Result<()> {
        *self.open.get_mut(server).context("no such server")? = is_open;
        let first =
            self.open.iter().position(|is_open| *is_open).map(|first| self.world.url(first));
        let port = first.as_deref().and_then(|url| url.rsplit(':').next()).map(str::parse);
        self.gate.target(port.transpose()?);
        Ok(())
    }
}
