//! The certificates of stores.

use std::path::{Path, PathBuf};

use anyhow::Result;
use x::cluster::authority::{Authority, Subject};

/// An authority of one's own, and what it signed.
#[derive(Debug, Clone)]
pub struct Keys(Authority);

impl Keys {
    /// Makes them, for stores on loopback.
    pub fn make(dir: &Path) -> Result<Self> {
        let authority = Authority::make(dir)?;
        let reached_by = ["IP:127.0.0.1".to_owned(), "DNS:localhost".to_owned()];
        let store = Subject { file: "store", name: "store", group: None, reached_by: &reached_by };
        authority.sign(&store)?;
        Ok(Self(authority))
    }

    /// File with the authority's certificate.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.0.certificate("ca")
    }

    /// File with the stores' certificate.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.0.certificate("store")
    }

    /// File with its key.
    #[must_use]
    pub fn key(&self) -> PathBuf {
        self.0.key("store")
    }
}
