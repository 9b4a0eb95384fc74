//! The TLS configuration, built from the files.

use std::sync::Arc;

use chat_contract::config::{
    Problem,
    tls::{AUTHORITY, CERTIFICATE, KEY},
};
use chrono::{DateTime, Utc};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use x509_cert::{
    Certificate,
    der::Decode,
    ext::pkix::{SubjectAltName, name::GeneralName},
    time::Time,
};

use super::{
    authority::{authorities, cryptography, known_authorities},
    files::{Files, Places, all, problem},
    replica,
};

/// HTTP/2 is not offered: a WebSocket begins with HTTP/1.1.
const PROTOCOL: &[u8] = b"http/1.1";

/// A certificate with its key, and which other servers are trusted.
pub(super) struct Identity {
    pub(super) files: Files,
    /// For connections of clients.
    pub(super) server: Arc<ServerConfig>,
    /// For connections to other servers.
    pub(super) client: Arc<ClientConfig>,
    /// The name in the other servers' certificate; `None` where it contains only addresses.
    pub(super) name: Option<ServerName<'static>>,
    pub(super) about: About,
    pub(super) leaf: CertificateDer<'static>,
    /// Why other servers will not trust a renewed certificate at once.
    pub(super) doubt: Option<String>,
}

/// Content of a certificate.
pub(super) struct About {
    /// Its names.
    pub(super) names: Vec<String>,
    from: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
    signed_itself: bool,
}

impl Identity {
    /// Builds it from the files. Other servers may still have the certificate of `before`.
    pub(super) fn new(
        places: &Places,
        files: Files,
        before: Option<&Self>,
    ) -> Result<Self, Vec<Problem>> {
        let (chain, key, roots) =
            all(chain(places, &files), key(places, &files), roots(places, &files))?;
        let (leaf, about) = leaf(places, &chain).map_err(|problem| vec![problem])?;
        let server = server(places, chain.clone(), key).map_err(|problem| vec![problem])?;
        let own = [&leaf].into_iter().chain(before.map(|before| &before.leaf));
        let own = own.cloned().collect();
        let wrong = |why: String| vec![problem(AUTHORITY, &places.authority, &why)];
        let others = replica::verifier(roots).map_err(wrong)?;
        let client = Arc::new(replica::client(own, others.clone()).map_err(wrong)?);
        let name = about.names.iter().find_map(|name| called(name));
        let doubt = if about.signed_itself {
            Some("it signed itself".to_owned())
        } else {
            // The dates are checked elsewhere.
            let at = Utc::now().max(about.from).min(about.until);
            replica::doubt(&others, &chain, name.as_ref(), at)
        };
        Ok(Self { files, server: Arc::new(server), client, name, about, leaf, doubt })
    }

    /// Logs what will fail when the certificate is renewed.
    pub(super) fn log_doubt(&self) {
        let Some(why) = &self.doubt else { return };
        let remedy = replica::remedy();
        tracing::warn!(
            "tls: until all servers have the next certificate, those that have this one will not \
             believe the others ({why}), and clients that poll begin anew; to avoid that, {remedy}"
        );
    }

    /// Whether it is valid now.
    pub(super) fn valid(&self, places: &Places, now: DateTime<Utc>) -> Result<(), Problem> {
        let About { from, until, .. } = &self.about;
        let what = if now > *until {
            format!("holds a certificate that ended on {until}: renew it")
        } else if now < *from {
            format!("holds a certificate that begins on {from}: is the clock right?")
        } else {
            return Ok(());
        };
        Err(problem(CERTIFICATE, &places.certificate, &what))
    }
}

/// A server name for which this certificate name is valid: a wildcard stands for any label.
fn called(name: &str) -> Option<ServerName<'static>> {
    ServerName::try_from(name.replacen('*', "replica", 1)).ok()
}

fn chain(places: &Places, files: &Files) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&files.certificate).collect();
    chain.ok().filter(|chain| !chain.is_empty()).ok_or_else(|| {
        let what = "holds no certificate: it must be PEM, and begin with the server's own";
        problem(CERTIFICATE, &places.certificate, what)
    })
}

fn key(places: &Places, files: &Files) -> Result<PrivateKeyDer<'static>, Problem> {
    PrivateKeyDer::from_pem_slice(&files.key).map_err(|_| {
        let what = "holds no private key: it must be PEM, without a passphrase";
        problem(KEY, &places.key, what)
    })
}

fn roots(places: &Places, files: &Files) -> Result<RootCertStore, Problem> {
    if files.authority.is_empty() {
        return Ok(known_authorities());
    }
    authorities(&files.authority).map_err(|why| {
        problem(AUTHORITY, &places.authority, &format!("is no file with certificates (PEM): {why}"))
    })
}

/// The server's own certificate.
fn leaf(
    places: &Places,
    chain: &[CertificateDer<'static>],
) -> Result<(CertificateDer<'static>, About), Problem> {
    let unreadable = |why: &dyn std::fmt::Display| {
        problem(CERTIFICATE, &places.certificate, &format!("holds no certificate of today: {why}"))
    };
    let leaf = chain.first().ok_or_else(|| unreadable(&"there is none"))?;
    let certificate = Certificate::from_der(leaf).map_err(|why| unreadable(&why))?;
    let content = certificate.tbs_certificate();
    let names = content.get_extension::<SubjectAltName>().ok().flatten();
    let names = names.map(|(_, SubjectAltName(names))| names).unwrap_or_default();
    let names = names.iter().filter_map(|name| match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        _ => None,
    });
    let time = |time: Time| {
        let seconds = time.to_unix_duration().as_secs().try_into().ok()?;
        DateTime::from_timestamp(seconds, 0)
    };
    let validity = content.validity();
    let (Some(from), Some(until)) = (time(validity.not_before), time(validity.not_after)) else {
        return Err(unreadable(&"its dates are none"));
    };
    let signed_itself = content.issuer() == content.subject();
    Ok((leaf.clone(), About { names: names.collect(), from, until, signed_itself }))
}

fn server(
    places: &Places,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, Problem> {
    let config = ServerConfig::builder_with_provider(cryptography());
    let config = config.with_safe_default_protocol_versions();
    let config =
        config.and_then(|config| config.with_no_client_auth().with_single_cert(chain, key));
    let mut config = config.map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            let certificate = places.certificate.display();
            let what = format!(
                "is not the key of the certificate in {certificate}: take both from one issue"
            );
            problem(KEY, &places.key, &what)
        }
        other => problem(KEY, &places.key, &format!("cannot be used: {other}")),
    })?;
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_may_have_any_name_has_one() {
        let name = |text: &'static str| called(text).map(|name| name.to_str().into_owned());
        assert_eq!(name("chat.example.org").as_deref(), Some("chat.example.org"));
        assert_eq!(name("*.example.org").as_deref(), Some("replica.example.org"));
        assert_eq!(name("not a name"), None);
    }
}
