//! HTTPS without a proxy: the certificate of this server, and those of the other servers.
//!
//! May enter: files with keys, and connections before they speak HTTP.
//! Invariant: a certificate that cannot be used never takes the place of one that can.

mod authority;
mod files;
mod identity;
mod listener;
mod replica;

use std::sync::Arc;

use chat_contract::config::{Problem, ServerConfig};
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use rustls::pki_types::CertificateDer;

use crate::metrics::Metrics;
use files::{Files, Places};
use identity::Identity;

pub(crate) use authority::{authorities, client, known_authorities};
pub use listener::Listener;
pub(crate) use replica::Connector;

/// The current TLS identity; a renewal changes it in every clone.
#[derive(Clone)]
pub struct Tls {
    places: Arc<Places>,
    identity: Arc<Mutex<Arc<Identity>>>,
    /// The problem logged at the last check.
    logged: Arc<Mutex<Option<String>>>,
    metrics: Metrics,
}

/// All problems of the configured files. What works only until the next renewal is logged.
#[must_use]
pub fn problems(config: &ServerConfig, now: DateTime<Utc>) -> Vec<Problem> {
    let Some(places) = Places::of(config) else { return Vec::new() };
    let identity = Files::read(&places).and_then(|files| Identity::new(&places, files, None));
    match identity {
        Ok(identity) => {
            identity.log_doubt();
            identity.valid(&places, now).err().into_iter().collect()
        }
        Err(problems) => problems,
    }
}

impl Tls {
    /// The configured certificate; `None` where none is configured.
    pub fn open(config: &ServerConfig, metrics: &Metrics) -> Result<Option<Self>, Vec<Problem>> {
        let Some(places) = Places::of(config) else { return Ok(None) };
        let identity = Identity::new(&places, Files::read(&places)?, None)?;
        let tls = Self {
            places: Arc::new(places),
            identity: Arc::new(Mutex::new(Arc::new(identity))),
            logged: Arc::default(),
            metrics: metrics.clone(),
        };
        tls.log_validity();
        Ok(Some(tls))
    }

    /// Loads changed files; returns whether all files are valid.
    pub fn renew(&self, now: DateTime<Utc>) -> bool {
        let current = self.current();
        let looked = Files::read(&self.places).and_then(|files| {
            if files == current.files {
                return current.valid(&self.places, now).map_err(|p| vec![p]).map(|()| None);
            }
            let identity = Identity::new(&self.places, files, Some(&current))?;
            identity.valid(&self.places, now).map_err(|problem| vec![problem])?;
            Ok(Some(identity))
        });
        let problem = match looked {
            Ok(renewed) => {
                if let Some(identity) = renewed {
                    *self.identity.lock() = Arc::new(identity);
                    self.log_validity();
                }
                None
            }
            Err(problems) => Some(text(&problems)),
        };
        let well = problem.is_none();
        let before = std::mem::replace(&mut *self.logged.lock(), problem.clone());
        match problem {
            Some(problem) if before.as_ref() != Some(&problem) => {
                let until = current.about.until;
                tracing::warn!("tls: {problem}; the certificate in use is valid until {until}");
            }
            None if before.is_some() => tracing::info!("tls: the files are valid again"),
            _ => {}
        }
        well
    }

    /// The certificate that clients get.
    #[must_use]
    pub fn shown(&self) -> CertificateDer<'static> {
        self.current().leaf.clone()
    }

    fn log_validity(&self) {
        let identity = self.current();
        let (names, until) = (identity.about.names.join(", "), identity.about.until);
        tracing::info!("tls: the certificate of [{names}] is valid until {until}");
        identity.log_doubt();
        self.metrics.tls_certificate_expires.with_label_values::<&str>(&[]).set(until.timestamp());
    }

    fn current(&self) -> Arc<Identity> {
        self.identity.lock().clone()
    }
}

/// All problems in one text.
#[must_use]
pub fn text(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
