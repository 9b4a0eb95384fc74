//! A private MariaDB or MySQL, whichever the machine has.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

use super::{Process, Timeout, program, secret};

/// How long statements may take; the history of the demo is the longest of them.
const QUERY_TIMEOUT: Duration = Duration::from_mins(5);

/// What a private database server is started with.
#[derive(Debug, Clone)]
pub struct MySqlConfig {
    /// Folder of its data, socket and log.
    pub dir: PathBuf,
    /// Port on loopback.
    pub port: u16,
    /// Password of the user `chat`, who may do everything.
    pub password: String,
    /// Memory for pages.
    pub buffer_pool_mib: u32,
    /// More arguments.
    pub settings: Vec<String>,
}

/// A running database server. It is killed when dropped, which loses nothing that was committed;
/// [`MySql::stop`] is the gentle way.
#[derive(Debug)]
pub struct MySql {
    config: MySqlConfig,
    process: Process,
}

impl MySql {
    /// Name and version of what is installed.
    pub fn version() -> Result<String> {
        let said = program::output(Command::new(daemon()?).arg("--version"))?;
        let number = said.split_whitespace().skip_while(|word| *word != "Ver").nth(1);
        let number = number.unwrap_or("?").split('-').next().unwrap_or("?").to_owned();
        Ok(format!("{} {number}", if is_mariadb(&said) { "MariaDB" } else { "MySQL" }))
    }

    /// Makes the data folder where there is none: a copy of the template, which is made first.
    pub fn prepare(dir: &Path, templates: &Path) -> Result<()> {
        let data = dir.join("data");
        if data.is_dir() {
            return Ok(());
        }
        let template = templates.join(template_name()?);
        if !template.is_dir() {
            initialise(&template)?;
        }
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        // Renamed when complete, so that an interrupted copy is never taken for a database.
        let half = dir.join("data.half");
        let _ = fs::remove_dir_all(&half);
        program::output(
            Command::new("cp").args(["-a", "--reflink=auto"]).arg(&template).arg(&half),
        )?;
        fs::rename(&half, &data)?;
        Ok(())
    }

    /// Starts it; it is not ready yet.
    pub fn start(config: MySqlConfig) -> Result<Self> {
        let data = config.dir.join("data");
        for stale in ["mysql.sock", "mysql.sock.lock", "mysql.pid"] {
            let _ = fs::remove_file(data.join(stale));
        }
        secret::write(&config.dir.join("init.sql"), &first_words(&config.password))?;
        let mut command = Command::new(daemon()?);
        command.args(settings(&config)).current_dir(&config.dir);
        let process = Process::start("mysql", command, &config.dir)?;
        Ok(Self { config, process })
    }

    /// Waits until it answers; that may include a recovery.
    pub fn wait(&mut self, timeout: &Timeout) -> Result<()> {
        timeout.wait("the database", || {
            self.process.must_live()?;
            Ok(self.is_ready())
        })
    }

    /// Does it answer now.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        query(&self.url("mysql"), "SELECT 1").is_ok()
    }

    /// What servers connect to.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let MySqlConfig { port, password, .. } = &self.config;
        format!("mysql://chat:{password}@127.0.0.1:{port}/{database}")
    }

    /// The process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Writes everything out and ends.
    pub fn stop(mut self) -> Result<bool> {
        self.process.stop(Duration::from_secs(30))
    }
}

/// Runs statements and gives the rows, columns split by tabs. The URL names the database.
pub fn query(url: &str, sql: &str) -> Result<String> {
    let place = Place::parse(url)?;
    let client = program::first_of(&["mariadb", "mysql"])?;
    let mut command = Command::new(client);
    command
        .args(["--no-defaults", "--protocol=tcp", "--batch", "--skip-column-names"])
        .args(["--connect-timeout=3", "--default-character-set=utf8mb4"])
        .args(["--host", place.host, "--user", place.user, "--port", place.port])
        .env("MYSQL_PWD", place.password)
        .arg(place.database);
    // Through the standard input: a statement may be longer than arguments can be.
    let output = program::run(&mut command, sql.as_bytes(), QUERY_TIMEOUT)?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The parts of `mysql://user:password@host:port/database`.
struct Place<'a> {
    user: &'a str,
    password: &'a str,
    host: &'a str,
    port: &'a str,
    database: &'a str,
}

impl<'a> Place<'a> {
    fn parse(url: &'a str) -> Result<Self> {
        let wrong = || format!("{url} is not like mysql://user:password@host:3306/database");
        let rest = url.strip_prefix("mysql://").with_context(wrong)?;
        let rest = rest.split('?').next().unwrap_or_default();
        let (who, place) = rest.rsplit_once('@').with_context(wrong)?;
        let (user, password) = who.split_once(':').unwrap_or((who, ""));
        let (host, database) = place.split_once('/').with_context(wrong)?;
        let (host, port) = host.split_once(':').unwrap_or((host, "3306"));
        Ok(Self { user, password, host, port, database })
    }
}

fn daemon() -> Result<PathBuf> {
    program::first_of(&["mariadbd", "mysqld"])
}

fn is_mariadb(version: &str) -> bool {
    version.contains("MariaDB")
}

/// One for each version: data files of another one would be upgraded, or refused.
fn template_name() -> Result<String> {
    let version = MySql::version()?;
    let name: String = version.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
    Ok(format!("mysql-{name}"))
}

/// As root the server must be started with `--user=root`.
fn as_user() -> Vec<String> {
    if nix::unistd::geteuid().is_root() { vec!["--user=root".to_owned()] } else { Vec::new() }
}

fn initialise(template: &Path) -> Result<()> {
    let parent = template.parent().context("the template has no folder")?;
    fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    let half = parent.join(format!("half-{}", std::process::id()));
    let _ = fs::remove_dir_all(&half);
    let data = format!("--datadir={}", half.display());
    let mut command = if MySql::version()?.starts_with("MariaDB") {
        let mut command = Command::new(program::first_of(&["mariadb-install-db"])?);
        // By force: it would refuse where the name of the machine leads to no address.
        command.args(["--no-defaults", "--force", "--skip-test-db", &data]);
        command
    } else {
        let mut command = Command::new(daemon()?);
        command.args(["--no-defaults", "--initialize-insecure", &data]);
        command
    };
    program::output(command.args(as_user())).context("cannot make an empty database")?;
    // Somebody else may have been faster; then theirs is as good.
    if fs::rename(&half, template).is_err() {
        let _ = fs::remove_dir_all(&half);
    }
    Ok(())
}

/// Durable as in production: what is acknowledged survives the end of the machine.
fn settings(config: &MySqlConfig) -> Vec<String> {
    let MySqlConfig { dir, port, password: _, buffer_pool_mib, settings: more } = config;
    let data = dir.join("data").display().to_string();
    let mut settings = vec![
        "--no-defaults".to_owned(),
        format!("--datadir={data}"),
        format!("--tmpdir={data}"),
        format!("--init-file={}", dir.join("init.sql").display()),
        format!("--port={port}"),
        // Relative to the data: a path to a socket may not be longer than 107 bytes.
        "--socket=mysql.sock".to_owned(),
        "--pid-file=mysql.pid".to_owned(),
        "--bind-address=127.0.0.1".to_owned(),
        "--skip-name-resolve".to_owned(),
        "--max-connections=500".to_owned(),
        "--character-set-server=utf8mb4".to_owned(),
        "--server-id=1".to_owned(),
        "--log-bin=binlog".to_owned(),
        "--sync-binlog=1".to_owned(),
        "--binlog-expire-logs-seconds=3600".to_owned(),
        "--max-binlog-size=64M".to_owned(),
        "--innodb-flush-log-at-trx-commit=1".to_owned(),
        format!("--innodb-buffer-pool-size={buffer_pool_mib}M"),
        "--loose-innodb-log-file-size=256M".to_owned(),
        "--loose-mysqlx=OFF".to_owned(),
    ];
    settings.extend(as_user());
    settings.extend(more.iter().cloned());
    settings
}

/// Run at each start, before anybody can connect. Root gets the password too: MySQL makes root
/// without one. None of it belongs into the binary log.
fn first_words(password: &str) -> String {
    format!(
        "SET sql_log_bin = 0;\n\
         CREATE USER IF NOT EXISTS 'chat'@'127.0.0.1' IDENTIFIED BY '{password}';\n\
         ALTER USER 'chat'@'127.0.0.1' IDENTIFIED BY '{password}';\n\
         GRANT ALL PRIVILEGES ON *.* TO 'chat'@'127.0.0.1' WITH GRANT OPTION;\n\
         ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';\n"
    )
}
