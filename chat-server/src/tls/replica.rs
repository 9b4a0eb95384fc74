//! Connections to other servers.
//!
//! All servers have the same certificate, but are reached by address. So a peer with this server's
//! certificate, or with the one before its renewal, is trusted. A peer that renewed earlier has
//! another certificate; it must be for the same name and signed by an authority.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::http::Uri;
use chat_contract::config::tls::AUTHORITY;
use chrono::{DateTime, Utc};
use hyper_rustls::{
    DefaultServerNameResolver, FixedServerNameResolver, HttpsConnector, MaybeHttpsStream,
    ResolveServerName,
};
use hyper_util::{client::legacy::connect::HttpConnector, rt::TokioIo};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tokio::net::TcpStream;
use tower::Service;

use super::{Tls, authority::cryptography};

/// TLS client configuration that trusts these certificates, and those signed by the authorities.
pub(super) fn client(
    own: Vec<CertificateDer<'static>>,
    others: Arc<WebPkiServerVerifier>,
) -> Result<ClientConfig, String> {
    let config = ClientConfig::builder_with_provider(cryptography());
    let config = config.with_safe_default_protocol_versions().map_err(|why| why.to_string())?;
    let replicas = Arc::new(Replicas { own, others, logged: AtomicBool::new(false) });
    Ok(config.dangerous().with_custom_certificate_verifier(replicas).with_no_client_auth())
}

/// Verifies certificates against the authorities.
pub(super) fn verifier(roots: RootCertStore) -> Result<Arc<WebPkiServerVerifier>, String> {
    let others = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), cryptography());
    others.build().map_err(|why| why.to_string())
}

/// Why servers with this certificate will not trust its renewal before they have it too; `None`
/// where they will.
pub(super) fn doubt(
    others: &WebPkiServerVerifier,
    chain: &[CertificateDer<'_>],
    name: Option<&ServerName<'_>>,
    at: DateTime<Utc>,
) -> Option<String> {
    let Some(name) = name else { return Some("it is for no name".to_owned()) };
    let (leaf, between) = chain.split_first()?;
    let seconds = at.timestamp().try_into().unwrap_or_default();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    others.verify_server_cert(leaf, between, name, &[], at).err().map(|why| why.to_string())
}

/// The remedy, so that servers always trust each other.
pub(super) fn remedy() -> String {
    format!(
        "let an authority sign it that will sign the next one, and put the authority's \
         certificate into {AUTHORITY} (in Kubernetes: ca.crt of the Secret)"
    )
}

/// See the module.
#[derive(Debug)]
struct Replicas {
    own: Vec<CertificateDer<'static>>,
    others: Arc<WebPkiServerVerifier>,
    /// Logged once.
    logged: AtomicBool,
}

impl ServerCertVerifier for Replicas {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // The handshake proves that the peer has the key.
        if self.own.iter().any(|own| own == end_entity) {
            return Ok(ServerCertVerified::assertion());
        }
        let verified = self.others.verify_server_cert(end_entity, intermediates, name, ocsp, now);
        if let Err(why) = &verified
            && !self.logged.swap(true, Ordering::Relaxed)
        {
            let remedy = remedy();
            tracing::warn!(
                "tls: another server has another certificate, and is not believed ({why}): clients \
                 that poll begin anew until both have the same; to avoid that, {remedy}"
            );
        }
        verified
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.others.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.others.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.others.supported_verify_schemes()
    }
}

/// Connects to other servers: by TLS where this server has a certificate, with the current
/// identity.
#[derive(Clone)]
pub(crate) struct Connector {
    http: HttpConnector,
    tls: Option<Tls>,
}

impl Connector {
    /// A connector; without a certificate it uses plain HTTP.
    #[must_use]
    pub(crate) fn new(tls: Option<Tls>) -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(tls.is_none());
        Self { http, tls }
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.http.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let Some(tls) = &self.tls else {
            let connecting = self.http.call(uri);
            return Box::pin(async move { Ok(MaybeHttpsStream::Http(connecting.await?)) });
        };
        let now = tls.current();
        let name: Arc<dyn ResolveServerName + Send + Sync> = match &now.name {
            Some(name) => Arc::new(FixedServerNameResolver::new(name.clone())),
            None => Arc::new(DefaultServerNameResolver::default()),
        };
        HttpsConnector::new(self.http.clone(), now.client.clone(), false, name).call(uri)
    }
}
