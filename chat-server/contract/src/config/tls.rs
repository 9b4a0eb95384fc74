//! The server's own certificate, and what is said of it.

use super::{ServerConfig, Vars};

/// The variable that names the certificate's file; with it, HTTPS is spoken.
pub const CERTIFICATE: &str = "CHAT_TLS_CERT";
/// The one that names its key's file.
pub const KEY: &str = "CHAT_TLS_KEY";
/// The one that names the file with the authority of the other replicas' certificates.
pub const AUTHORITY: &str = "CHAT_TLS_CA";

impl ServerConfig {
    /// Are the API, the page and the sockets served over HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        !self.tls_cert.is_empty()
    }

    /// What the URL of this server begins with.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        scheme(self.is_https())
    }
}

fn scheme(is_https: bool) -> &'static str {
    if is_https { "https://" } else { "http://" }
}

pub(super) fn certificate(vars: &mut Vars<'_>, name: &str) -> String {
    vars.half(name, KEY)
}

pub(super) fn key(vars: &mut Vars<'_>, name: &str) -> String {
    vars.half(name, CERTIFICATE)
}

pub(super) fn authority(vars: &mut Vars<'_>, name: &str) -> String {
    let file = vars.text(name);
    if file.is_some() && vars.text(CERTIFICATE).is_none() {
        vars.wrong(name, format!("means nothing without {CERTIFICATE} and {KEY}"));
    }
    file.unwrap_or_default()
}

pub(super) fn replica_url(vars: &mut Vars<'_>, name: &str) -> String {
    let url = vars.text(name).unwrap_or_default();
    let is_https = vars.text(CERTIFICATE).is_some();
    if !url.is_empty() && !url.starts_with(scheme(is_https)) {
        let unless = if is_https { "as" } else { "unless" };
        let begin = scheme(is_https);
        vars.wrong(name, format!("must begin with {begin}, {unless} {CERTIFICATE} is set"));
    }
    url.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<ServerConfig, Vec<String>> {
        let mysql = [("CHAT_MYSQL_URL", "mysql://a:b@c/d")];
        let read = |name: &str| {
            let mut all = vars.iter().chain(&mysql);
            all.find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        ServerConfig::from_vars(&read)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_certificate_and_its_key_go_together() {
        let (cert, key) = ((CERTIFICATE, "/tls.crt"), (KEY, "/tls.key"));
        assert!(!read(&[]).unwrap().is_https());
        let both = read(&[cert, key, (AUTHORITY, "/ca.crt")]).unwrap();
        assert_eq!(both.scheme(), "https://");
        let wrong = |vars: &[(&str, &str)]| read(vars).unwrap_err();
        assert_eq!(wrong(&[cert]), ["CHAT_TLS_KEY: is needed beside CHAT_TLS_CERT"]);
        assert_eq!(wrong(&[key]), ["CHAT_TLS_CERT: is needed beside CHAT_TLS_KEY"]);
        let lonely = wrong(&[(AUTHORITY, "/ca.crt")]);
        assert_eq!(lonely, ["CHAT_TLS_CA: means nothing without CHAT_TLS_CERT and CHAT_TLS_KEY"]);
    }

    #[test]
    fn replicas_talk_as_clients_do() {
        let url = |url| ("CHAT_REPLICA_URL", url);
        let tls = [(CERTIFICATE, "/tls.crt"), (KEY, "/tls.key")];
        assert!(read(&[url("http://10.0.0.7:3000/")]).is_ok());
        assert!(read(&[tls[0], tls[1], url("https://10.0.0.7:3000")]).is_ok());
        assert_eq!(
            read(&[tls[0], tls[1], url("http://10.0.0.7:3000")]).unwrap_err(),
            ["CHAT_REPLICA_URL: must begin with https://, as CHAT_TLS_CERT is set"]
        );
        assert_eq!(
            read(&[url("https://10.0.0.7:3000")]).unwrap_err(),
            ["CHAT_REPLICA_URL: must begin with http://, unless CHAT_TLS_CERT is set"]
        );
    }
}
