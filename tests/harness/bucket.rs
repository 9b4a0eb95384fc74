//! An S3 over a folder, as small as a test needs it: its protocol and its signatures are real.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use s3s::{
    S3Result,
    access::{S3Access, S3AccessContext},
    auth::SimpleAuth,
    s3_error,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use testbed::{ports, secret};
use tokio::{
    net::{TcpListener, TcpSocket},
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

use crate::{Keys, env::Env};

/// The bucket that is there.
pub const BUCKET: &str = "pictures";

/// An access key with the same secret that may only read.
pub const READER: &str = "READER";

/// A program is started in less.
const PORT_TIMEOUT: Duration = Duration::from_secs(5);

/// An S3 with one bucket. It ends when it is dropped.
pub struct S3 {
    dir: PathBuf,
    address: SocketAddr,
    /// The only access key.
    pub key: String,
    /// Its secret.
    pub secret: String,
    certificate: Option<TlsAcceptor>,
    task: Option<JoinHandle<()>>,
}

impl S3 {
    /// Starts with an empty bucket.
    pub fn start() -> Result<Self> {
        Self::start_with(None)
    }

    /// The same with a certificate; gives the file of the authority that signed it too.
    pub fn start_secure() -> Result<(Self, PathBuf)> {
        let dir = Env::read()?.dir.join(format!("authority-{}", secret::random()?));
        let keys = Keys::make(&dir)?;
        let chain = CertificateDer::pem_file_iter(keys.certificate())?;
        let key = PrivateKeyDer::from_pem_file(keys.key())?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain.collect::<Result<_, _>>()?, key)?;
        let s3 = Self::start_with(Some(TlsAcceptor::from(Arc::new(config))))?;
        Ok((s3, keys.authority()))
    }

    fn start_with(certificate: Option<TlsAcceptor>) -> Result<Self> {
        let key = secret::random()?;
        let dir = Env::read()?.dir.join(format!("s3-{key}"));
        std::fs::create_dir_all(dir.join(BUCKET))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?));
        let mut s3 = Self { dir, address, key, secret: secret::random()?, certificate, task: None };
        s3.start_again()?;
        Ok(s3)
    }

    /// Its address, as a setting.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The settings of a server that keeps its files here, below `prefix`.
    #[must_use]
    pub fn settings(&self, prefix: &str) -> [(&'static str, String); 4] {
        [
            ("CHAT_UPLOADS_URL", format!("s3://{BUCKET}{prefix}")),
            ("CHAT_S3_ENDPOINT", self.url()),
            ("CHAT_S3_ACCESS_KEY_ID", self.key.clone()),
            ("CHAT_S3_SECRET_ACCESS_KEY", self.secret.clone()),
        ]
    }

    /// Ends it, and all its connections.
    pub async fn stop(&mut self) -> Result<()> {
        let task = self.task.take().context("S3 is not running")?;
        task.abort();
        // Else its port would be taken still.
        let _ = task.await;
        Ok(())
    }

    /// Starts it again, with what it has.
    pub fn start_again(&mut self) -> Result<()> {
        let listener = listen(self.address)?;
        let files = FileSystem::new(&self.dir).map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let mut service = S3ServiceBuilder::new(files);
        let mut keys = SimpleAuth::from_single(self.key.clone(), self.secret.as_str());
        keys.register(READER.to_owned(), self.secret.as_str().into());
        service.set_auth(keys);
        service.set_access(Door);
        self.task = Some(tokio::spawn(serve(listener, service.build(), self.certificate.clone())));
        Ok(())
    }

    /// Listens, but says nothing at all.
    pub fn say_nothing(&mut self) -> Result<()> {
        let listener = listen(self.address)?;
        self.task = Some(tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                kept.push(stream);
            }
        }));
        Ok(())
    }

    /// Names of all objects in the bucket but the servers' probe.
    pub fn objects(&self) -> Result<Vec<String>> {
        let root = self.dir.join(BUCKET);
        let (mut found, mut folders) = (Vec::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(&root)?.display().to_string();
                // What begins with a dot is kept by the server for itself.
                let is_ours =
                    path.file_name().is_some_and(|name| !name.as_encoded_bytes().starts_with(b"."));
                if is_ours && !name.ends_with("probe") {
                    found.push(name);
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// Where it keeps its buckets.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Who may do what.
struct Door;

#[tonic::async_trait]
impl S3Access for Door {
    async fn check(&self, asked: &mut S3AccessContext<'_>) -> S3Result<()> {
        if asked.s3_path().get_bucket_name() != Some(BUCKET) {
            return Err(s3_error!(NoSuchBucket));
        }
        let reads = matches!(asked.method(), &http::Method::GET | &http::Method::HEAD);
        match asked.credentials() {
            Some(known) if known.access_key != READER || reads => Ok(()),
            _ => Err(s3_error!(AccessDenied)),
        }
    }
}

/// Listens there. A program that a test beside this one is starting has our sockets too until it
/// has become that program, so a port is free a moment after its listener has ended.
fn listen(address: SocketAddr) -> Result<TcpListener> {
    let end = Instant::now() + PORT_TIMEOUT;
    loop {
        let socket = TcpSocket::new_v4()?;
        // The old connections' ends are not waited for.
        socket.set_reuseaddr(true)?;
        match socket.bind(address).and_then(|()| socket.listen(64)) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < end => {
                thread::sleep(Duration::from_millis(10));
            }
            listener => return Ok(listener?),
        }
    }
}

async fn serve(listener: TcpListener, service: S3Service, certificate: Option<TlsAcceptor>) {
    let http = Arc::new(Builder::new(TokioExecutor::new()));
    // They end with this task.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (http, service) = (Arc::clone(&http), service.clone());
        let certificate = certificate.clone();
        connections.spawn(async move {
            // A client that disconnects is no error, nor is one that does not trust the authority.
            let _ = match certificate {
                None => http.serve_connection(TokioIo::new(stream), service).await,
                Some(certificate) => match certificate.accept(stream).await {
                    Ok(stream) => http.serve_connection(TokioIo::new(stream), service).await,
                    Err(_) => Ok(()),
                },
            };
        });
    }
}
