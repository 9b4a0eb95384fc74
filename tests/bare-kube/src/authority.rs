//! The keys of a Kubernetes: an authority, and certificates that it signs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};
use testbed::{program, secret};

/// Whom a certificate is for.
#[derive(Debug)]
pub struct Subject<'a> {
    /// Name of its files.
    pub file: &'a str,
    /// Who it is; for a client this is the user.
    pub name: &'a str,
    /// The group of a client.
    pub group: Option<&'a str>,
    /// What a server is reached by, such as `DNS:localhost` or `IP:127.0.0.1`.
    pub reached_by: &'a [String],
}

/// A folder with the keys of one Kubernetes.
#[derive(Debug, Clone)]
pub struct Authority {
    dir: PathBuf,
}

impl Authority {
    /// Makes an authority, and the key that signs the tokens of service accounts.
    pub fn make(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let authority = Self { dir: dir.to_owned() };
        let about = "[req]\ndistinguished_name = who\nprompt = no\n[who]\nCN = cluster\n[x]\n\
                     basicConstraints = critical, CA:TRUE\nsubjectKeyIdentifier = hash\n\
                     keyUsage = critical, keyCertSign, cRLSign, digitalSignature\n";
        authority.request("ca", about, &[])?;
        let mut key = Command::new("openssl");
        key.args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]);
        program::output(key.arg("-out").arg(authority.key("tokens")))?;
        let mut public = Command::new("openssl");
        public.args(["pkey", "-pubout", "-in"]).arg(authority.key("tokens"));
        program::output(public.arg("-out").arg(authority.public("tokens")))?;
        Ok(authority)
    }

    /// Makes a certificate and its key.
    pub fn sign(&self, subject: &Subject<'_>) -> Result<()> {
        let group = subject.group.map(|group| format!("O = {group}\n")).unwrap_or_default();
        let names = match subject.reached_by {
            [] => String::new(),
            names => format!("subjectAltName = {}\n", names.join(", ")),
        };
        let about = format!(
            "[req]\ndistinguished_name = who\nprompt = no\n[who]\nCN = {}\n{group}[x]\n\
             basicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature\n\
             extendedKeyUsage = serverAuth, clientAuth\n{names}",
            subject.name
        );
        let (ca, key) = (self.certificate("ca"), self.key("ca"));
        let signer = ["-CA".as_ref(), ca.as_os_str(), "-CAkey".as_ref(), key.as_os_str()];
        self.request(subject.file, &about, &signer)
    }

    /// The file of a certificate.
    #[must_use]
    pub fn certificate(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.crt"))
    }

    /// The file of a key.
    #[must_use]
    pub fn key(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.key"))
    }

    /// The file of a public key that has no certificate.
    #[must_use]
    pub fn public(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.pub"))
    }

    /// The settings come from a file of ours alone: the system's own would add to them.
    fn request(&self, name: &str, about: &str, signer: &[&std::ffi::OsStr]) -> Result<()> {
        let settings = self.dir.join(format!("{name}.conf"));
        secret::write(&settings, about)?;
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
        openssl.args(["-nodes", "-days", "3650", "-extensions", "x", "-config"]).arg(&settings);
        openssl.arg("-keyout").arg(self.key(name)).arg("-out").arg(self.certificate(name));
        program::output(openssl.args(signer))
            .with_context(|| format!("cannot make the certificate of {name}"))?;
        Ok(())
    }
}
