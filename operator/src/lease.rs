//! I/O: several operators, one that works. Who holds the Lease works; who cannot renew it stops
//! before another one may take it.

use std::time::Duration;

use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta},
    jiff::Timestamp,
};
use kube::{Api, Client, api::PostParams};
use tokio::time::{Instant, sleep, timeout};

/// A holder that was not heard of for so long has lost it.
const LASTS: Duration = Duration::from_secs(15);
/// A holder that could not renew it for so long stops.
const GIVES_UP: Duration = Duration::from_secs(10);
/// How often it is renewed, or looked at.
const EVERY: Duration = Duration::from_secs(3);
/// The API answers within this time, or counts as away.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why there is no Lease.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API refused.
    #[error("cannot write the Lease: {0}")]
    Write(#[source] Box<kube::Error>),
    /// Another one took it, or the API was away too long.
    #[error("the Lease was lost")]
    Lost,
}

/// The Lease, as one of those who want it sees it.
pub struct Election {
    api: Api<Lease>,
    name: String,
    identity: String,
    /// What was last seen of the holder, and when: clocks of two machines are not compared.
    seen: Option<(LeaseSpec, Instant)>,
}

impl Election {
    /// A candidate.
    #[must_use]
    pub fn new(client: Client, namespace: &str, name: &str, identity: &str) -> Self {
        Self {
            api: Api::namespaced(client, namespace),
            name: name.to_owned(),
            identity: identity.to_owned(),
            seen: None,
        }
    }

    /// Waits until it is ours.
    pub async fn win(&mut self) {
        let mut told = None;
        loop {
            match timeout(PATIENCE, self.attempt()).await {
                Ok(Ok(true)) => return,
                Ok(Ok(false)) => {
                    let holder = self.holder();
                    if told != holder {
                        tracing::info!(holder, "waits for the Lease");
                        told = holder;
                    }
                }
                Ok(Err(error)) => tracing::warn!(%error, "cannot ask for the Lease"),
                Err(_) => tracing::warn!("cannot ask for the Lease: the API does not answer"),
            }
            sleep(EVERY).await;
        }
    }

    /// Renews it as long as it can; ends with the reason.
    pub async fn hold(&mut self) -> Error {
        let mut renewed = Instant::now();
        loop {
            sleep(EVERY).await;
            match timeout(PATIENCE, self.attempt()).await {
                Ok(Ok(true)) => renewed = Instant::now(),
                Ok(Ok(false)) => return Error::Lost,
                Ok(Err(error)) => tracing::warn!(%error, "cannot renew the Lease"),
                Err(_) => tracing::warn!("cannot renew the Lease: the API does not answer"),
            }
            if renewed.elapsed() > GIVES_UP {
                return Error::Lost;
            }
        }
    }

    /// Gives it back, so that the next one need not wait.
    pub async fn release(&mut self) {
        let Ok(Ok(Some(mut lease))) = timeout(PATIENCE, self.api.get_opt(&self.name)).await else {
            return;
        };
        let spec = lease.spec.get_or_insert_default();
        if spec.holder_identity.as_deref() != Some(self.identity.as_str()) {
            return;
        }
        spec.holder_identity = None;
        let params = PostParams::default();
        let replaced = self.api.replace(&self.name, &params, &lease);
        if !matches!(timeout(PATIENCE, replaced).await, Ok(Ok(_))) {
            tracing::warn!("cannot give the Lease back; the next operator waits until it runs out");
        }
    }

    fn holder(&self) -> Option<String> {
        self.seen.as_ref().and_then(|(spec, _)| spec.holder_identity.clone())
    }

    /// Takes or renews it, where that may be done.
    async fn attempt(&mut self) -> Result<bool, Error> {
        let failed = |error| Error::Write(Box::new(error));
        let Some(mut lease) = self.api.get_opt(&self.name).await.map_err(failed)? else {
            let lease = Lease {
                metadata: ObjectMeta { name: Some(self.name.clone()), ..ObjectMeta::default() },
                spec: Some(self.spec(&LeaseSpec::default())),
            };
            return conflict_is_no(self.api.create(&PostParams::default(), &lease).await);
        };
        let spec = lease.spec.clone().unwrap_or_default();
        let holder = spec.holder_identity.as_deref().unwrap_or_default();
        if holder != self.identity && !holder.is_empty() {
            let since = match &self.seen {
                Some((seen, since)) if *seen == spec => *since,
                _ => Instant::now(),
            };
            self.seen = Some((spec.clone(), since));
            let lasts = spec.lease_duration_seconds.and_then(|s| s.try_into().ok());
            if since.elapsed() < lasts.map_or(LASTS, Duration::from_secs) {
                return Ok(false);
            }
        }
        // Whoever else read the same version loses: the API refuses the second one.
        lease.spec = Some(self.spec(&spec));
        conflict_is_no(self.api.replace(&self.name, &PostParams::default(), &lease).await)
    }

    fn spec(&self, before: &LeaseSpec) -> LeaseSpec {
        let now = MicroTime(
            Timestamp::now().round(k8s_openapi::jiff::Unit::Microsecond).unwrap_or_default(),
        );
        let mine = before.holder_identity.as_deref() == Some(self.identity.as_str());
        let changes = before.lease_transitions.unwrap_or(0);
        LeaseSpec {
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: i32::try_from(LASTS.as_secs()).ok(),
            acquire_time: if mine { before.acquire_time.clone() } else { Some(now.clone()) },
            renew_time: Some(now),
            lease_transitions: Some(if mine { changes } else { changes + 1 }),
            ..LeaseSpec::default()
        }
    }
}

fn conflict_is_no<T>(written: Result<T, kube::Error>) -> Result<bool, Error> {
    match written {
        Ok(_) => Ok(true),
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(false),
        Err(error) => Err(Error::Write(Box::new(error))),
    }
}
