//! What `cargo x test` prepared.

use std::{env, path::PathBuf};

use anyhow::{Result, anyhow};

/// Handed over in the environment.
#[derive(Debug, Clone)]
pub struct Env {
    /// The run's database server, as a user who may make databases.
    pub mysql_url: String,
    /// The `chat-server` program.
    pub server: PathBuf,
    /// A page, so small that no test of the server has to build the real one.
    pub page_dir: PathBuf,
    /// Folder for the data and logs of tests.
    pub dir: PathBuf,
    /// Empty databases to copy, for tests with a database server of their own.
    pub templates: PathBuf,
}

impl Env {
    /// Reads it, or says how it is to be had.
    pub fn read() -> Result<Self> {
        let get = |name: &str| {
            env::var(name).map_err(|_| {
                anyhow!("this ring needs stores; start it with: cargo x test {}", ring())
            })
        };
        Ok(Self {
            mysql_url: get("CHAT_TEST_MYSQL_URL")?,
            server: get("CHAT_TEST_SERVER")?.into(),
            page_dir: get("CHAT_TEST_PAGE_DIR")?.into(),
            dir: get("CHAT_TEST_DIR")?.into(),
            templates: get("CHAT_TEST_TEMPLATES")?.into(),
        })
    }
}

/// The ring that this program is: `api` of `api-0123456789abcdef`.
fn ring() -> String {
    let program = env::current_exe().unwrap_or_default();
    let name = program.file_stem().unwrap_or_default().to_string_lossy();
    name.split('-').next().unwrap_or_default().to_owned()
}
