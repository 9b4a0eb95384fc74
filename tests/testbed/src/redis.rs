//! A private Redis.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::PathBuf,
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result};

use super::{Process, Timeout, program, secret};

/// What a private Redis is started with.
#[derive(Debug, Clone)]
pub struct RedisConfig {
    /// Folder of its data, settings and log.
    pub dir: PathBuf,
    /// Port on loopback.
    pub port: u16,
    /// The password that it asks for.
    pub password: String,
    /// More lines of its settings; the last of the same name wins.
    pub settings: Vec<String>,
}

/// A running Redis. It is killed when dropped; [`Redis::stop`] is the gentle way.
#[derive(Debug)]
pub struct Redis {
    config: RedisConfig,
    process: Process,
}

impl Redis {
    /// Starts one; it is not ready yet.
    pub fn start(config: RedisConfig) -> Result<Self> {
        let program = program::first_of(&["redis-server", "valkey-server"])?;
        fs::create_dir_all(&config.dir)
            .with_context(|| format!("cannot make {}", config.dir.display()))?;
        // In a file, not as an argument: arguments are open to everybody on the machine.
        secret::write(&config.dir.join("redis.conf"), &settings(&config))?;
        let mut command = Command::new(program);
        command.arg("redis.conf").current_dir(&config.dir);
        let process = Process::start("redis", command, &config.dir)?;
        Ok(Self { config, process })
    }

    /// Waits until it answers.
    pub fn wait(&mut self, timeout: &Timeout) -> Result<()> {
        timeout.wait("redis", || {
            self.process.must_live()?;
            Ok(self.is_ready())
        })
    }

    /// Does it answer now.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ping().is_ok_and(|answer| answer.contains("+PONG"))
    }

    fn ping(&self) -> Result<String> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.config.port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_millis(300))?;
        stream.set_read_timeout(Some(Duration::from_millis(300)))?;
        write!(stream, "AUTH {}\r\nPING\r\nQUIT\r\n", self.config.password)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// What servers connect to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://:{}@127.0.0.1:{}", self.config.password, self.config.port)
    }

    /// The process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Saves and ends.
    pub fn stop(mut self) -> Result<bool> {
        self.process.stop(Duration::from_secs(10))
    }
}

fn settings(config: &RedisConfig) -> String {
    format!(
        "bind 127.0.0.1\nport {}\nrequirepass {}\ndir .\nappendonly yes\nappendfsync everysec\n\
         save \"\"\ndaemonize no\nloglevel notice\n{}\n",
        config.port,
        config.password,
        config.settings.join("\n")
    )
}
