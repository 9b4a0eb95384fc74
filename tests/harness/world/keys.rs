//! The certificates of stores and servers.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Result;
use bare_kube::authority::{Authority, Subject};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

/// An authority of one's own, and what it signed.
#[derive(Debug, Clone)]
pub struct Keys(Authority);

impl Keys {
    /// Makes them, for who is reached on loopback.
    pub fn make(dir: &Path) -> Result<Self> {
        let keys = Self(Authority::make(dir)?);
        keys.renew()?;
        Ok(keys)
    }

    /// Makes another certificate, and its key, in place of the one there is.
    pub fn renew(&self) -> Result<()> {
        let reached_by = ["IP:127.0.0.1".to_owned(), "DNS:localhost".to_owned()];
        let store = Subject { file: "store", name: "store", group: None, reached_by: &reached_by };
        self.0.sign(&store)
    }

    /// Encrypts a connection, as a browser does that believes the authority.
    pub async fn connect(&self, stream: TcpStream) -> Result<TlsStream<TcpStream>> {
        connect(&self.authority(), stream).await
    }

    /// File with the authority's certificate.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.0.certificate("ca")
    }

    /// File with the certificate.
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

/// Encrypts a connection to who has a certificate of the authority in a file.
pub(crate) async fn connect(authority: &Path, stream: TcpStream) -> Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority)?)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions()?.with_root_certificates(roots);
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = stream.peer_addr()?.ip().into();
    Ok(TlsConnector::from(Arc::new(config)).connect(name, stream).await?)
}
