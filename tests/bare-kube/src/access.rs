//! Who may enter: tokens, and the files that programs read them from.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use testbed::secret;

use super::authority::Authority;

/// Somebody with a token.
#[derive(Debug, Clone)]
pub struct Access {
    user: String,
    group: Option<&'static str>,
    token: String,
}

impl Access {
    /// Somebody who may do everything.
    pub fn admin(name: &str) -> Result<Self> {
        Self::new(name, Some("system:masters"))
    }

    /// A part of the control plane: `system:NAME`.
    pub fn component(name: &str) -> Result<Self> {
        Self::new(&format!("system:{name}"), None)
    }

    /// A node.
    pub fn node(name: &str) -> Result<Self> {
        Self::new(&format!("system:node:{name}"), Some("system:nodes"))
    }

    fn new(user: &str, group: Option<&'static str>) -> Result<Self> {
        Ok(Self { user: user.to_owned(), group, token: secret::random()? })
    }

    /// Writes the file with which clients find the API and enter.
    pub fn write(&self, file: &Path, authority: &Authority, url: &str) -> Result<PathBuf> {
        // The authority is part of the file, so that it can be taken elsewhere alone.
        let certificate = authority.certificate("ca");
        let ca = fs::read(&certificate)
            .with_context(|| format!("cannot read {}", certificate.display()))?;
        let Self { user, group: _, token } = self;
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: chat\n\
             clusters:\n- name: chat\n  cluster:\n    server: {url}\n    \
             certificate-authority-data: {}\n\
             users:\n- name: {user}\n  user:\n    token: {token}\n\
             contexts:\n- name: chat\n  context:\n    cluster: chat\n    user: {user}\n",
            STANDARD.encode(ca)
        );
        secret::write(file, &text)?;
        Ok(file.to_owned())
    }
}

/// The file from which the API learns tokens.
pub fn write_tokens(file: &Path, all: &[&Access]) -> Result<()> {
    let mut text = String::new();
    for Access { user, group, token } in all {
        let _ = writeln!(text, "{token},{user},{user},\"{}\"", group.unwrap_or_default());
    }
    secret::write(file, &text)
}
