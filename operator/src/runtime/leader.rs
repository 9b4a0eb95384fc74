//! I/O: leader election. The replica that holds the Lease reconciles; one that cannot renew it stops
//! before another one may take it.

use std::time::Duration;

use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta},
    jiff::Timestamp,
};
use kube::{Api, Client, api::PostParams};
use tokio::time::{Instant, sleep, timeout};

/// A Lease that was not renewed for this long has expired.
const LEASE_DURATION: Duration = Duration::from_secs(15);
/// A leader that could not renew the Lease for this long stops.
const RENEW_DEADLINE: Duration = Duration::from_secs(10);
/// Interval of renewals, and of attempts to acquire.
const RETRY_PERIOD: Duration = Duration::from_secs(3);
/// Longest wait for one answer of the API.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(3);

/// Why this replica is not the leader.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The API rejected the write.
    #[error("cannot write the Lease: {0}")]
    Write(#[source] Box<kube::Error>),
    /// Another replica took the Lease, or the API was unavailable for too long.
    #[error("lost leadership")]
    Lost,
}

/// The Lease, as one candidate sees it.
pub(super) struct Election {
    api: Api<Lease>,
    name: String,
    identity: String,
    /// The last state of another holder, and when it was first seen: clocks of two machines are not
    /// compared.
    seen: Option<(LeaseSpec, Instant)>,
}

impl Election {
    /// A candidate with this identity.
    #[must_use]
    pub(super) fn new(client: Client, namespace: &str, name: &str, identity: &str) -> Self {
        Self {
            api: Api::namespaced(client, namespace),
            name: name.to_owned(),
            identity: identity.to_owned(),
            seen: None,
        }
    }

    /// Waits until this replica is the leader.
    pub(super) async fn acquire(&mut self) {
        let mut reported = None;
        loop {
            match timeout(REQUEST_TIMEOUT, self.attempt()).await {
                Ok(Ok(true)) => return,
                Ok(Ok(false)) => {
                    let holder = self.holder();
                    if reported != holder {
                        tracing::info!(holder, "waiting for leadership");
                        reported = holder;
                    }
                }
                Ok(Err(error)) => tracing::warn!(%error, "cannot read the Lease"),
                Err(_) => tracing::warn!("cannot read the Lease: the API does not answer"),
            }
            sleep(RETRY_PERIOD).await;
        }
    }

    /// Renews the Lease as long as it can; ends with the reason why not.
    pub(super) async fn renew(&mut self) -> Error {
        let mut renewed = Instant::now();
        loop {
            sleep(RETRY_PERIOD).await;
            match timeout(REQUEST_TIMEOUT, self.attempt()).await {
                Ok(Ok(true)) => renewed = Instant::now(),
                Ok(Ok(false)) => return Error::Lost,
                Ok(Err(error)) => tracing::warn!(%error, "cannot renew the Lease"),
                Err(_) => tracing::warn!("cannot renew the Lease: the API does not answer"),
            }
            if renewed.elapsed() > RENEW_DEADLINE {
                return Error::Lost;
            }
        }
    }

    /// Releases the Lease, so that the next leader need not wait.
    pub(super) async fn release(&mut self) {
        let Ok(Ok(Some(mut lease))) = timeout(REQUEST_TIMEOUT, self.api.get_opt(&self.name)).await
        else {
            return;
        };
        let spec = lease.spec.get_or_insert_default();
        if spec.holder_identity.as_deref() != Some(self.identity.as_str()) {
            return;
        }
        spec.holder_identity = None;
        let params = PostParams::default();
        let replaced = self.api.replace(&self.name, &params, &lease);
        if !matches!(timeout(REQUEST_TIMEOUT, replaced).await, Ok(Ok(_))) {
            tracing::warn!("cannot release the Lease; the next leader waits until it expires");
        }
    }

    fn holder(&self) -> Option<String> {
        self.seen.as_ref().and_then(|(spec, _)| spec.holder_identity.clone())
    }

    /// Acquires or renews the Lease, where that is allowed.
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
            if since.elapsed() < lasts.map_or(LEASE_DURATION, Duration::from_secs) {
                return Ok(false);
            }
        }
        // Optimistic locking: of two candidates the API rejects the second.
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
            lease_duration_seconds: i32::try_from(LEASE_DURATION.as_secs()).ok(),
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
