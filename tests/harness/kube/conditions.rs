//! What the operator reports and makes, as tests look at it.

use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Service};
use kube::{ResourceExt, api::ListParams};
use operator::{crd::ChatCluster, names::Namespaced};

use super::{CHANGE_TIMEOUT, Site};
use crate::{eventually, mistake};

impl Site {
    /// Waits until a condition of the present spec is so, with a message that has these words.
    pub async fn condition(&self, name: &str, kind: &str, status: &str, words: &str) -> Result<()> {
        let what = format!("{kind} is {status} ({words})");
        eventually(&what, CHANGE_TIMEOUT, || async {
            let cluster = self.api::<ChatCluster>().get(name).await?;
            let seen = cluster.status.clone().unwrap_or_default();
            let found = seen.conditions.iter().find(|c| c.type_ == kind);
            let found = found.with_context(|| format!("no condition {kind}"))?;
            if found.status == status
                && (found.message.contains(words) || found.reason == words)
                && seen.observed_generation == cluster.metadata.generation
            {
                return Ok(());
            }
            bail!("{kind}={} {}: {}", found.status, found.reason, found.message)
        })
        .await
    }

    /// Waits until a mistake, made right before, is named as the operator's README says, and in time.
    pub async fn named(&self, name: &str, what: &str) -> Result<()> {
        let mistake = mistake::find(what)?;
        let made = Instant::now();
        eventually(what, CHANGE_TIMEOUT, || async {
            let cluster = self.api::<ChatCluster>().get(name).await?;
            let status = cluster.status.clone().unwrap_or_default();
            let is_named = status
                .conditions
                .iter()
                .any(|c| mistake.is_named_by(&c.type_, &c.status, &c.reason, &c.message));
            if is_named && status.observed_generation == cluster.metadata.generation {
                return Ok(());
            }
            let status =
                status.conditions.iter().filter(|c| Some(&c.type_) == mistake.condition.as_ref());
            let status: Vec<_> = status.map(|c| (&c.status, &c.reason, &c.message)).collect();
            bail!("the conditions are {status:?}, which is not {mistake:?}")
        })
        .await?;
        let took = made.elapsed();
        ensure!(took < mistake::IN_TIME, "{what}: named only after {took:?}");
        Ok(())
    }

    /// Waits until all is as the spec asks.
    pub async fn ready(&self, name: &str) -> Result<()> {
        self.condition(name, "Ready", "True", "").await
    }

    /// All objects of a kind that the operator made.
    pub async fn ours<K: Namespaced>(&self) -> Result<Vec<K>> {
        let ours = ListParams::default().labels("app.kubernetes.io/managed-by=chat-operator");
        Ok(self.api::<K>().list(&ours).await?.items)
    }

    /// The revision that the Service selects.
    pub async fn selected(&self, name: &str) -> Result<String> {
        let service = self.api::<Service>().get(name).await?;
        let selector = service.spec.and_then(|spec| spec.selector).unwrap_or_default();
        Ok(selector.get("chatcluster.dev/revision").cloned().unwrap_or_default())
    }

    /// Revision, image, replicas and ready replicas of each Deployment.
    pub async fn deployments(&self) -> Result<Vec<(String, String, i32, i32)>> {
        let mut found = Vec::new();
        for deployment in self.ours::<Deployment>().await? {
            let spec = deployment.spec.as_ref().context("no spec")?;
            let container = &spec.template.spec.as_ref().context("no pod")?.containers[0];
            found.push((
                deployment.labels()["chatcluster.dev/revision"].clone(),
                container.image.clone().unwrap_or_default(),
                spec.replicas.unwrap_or(1),
                deployment.status.as_ref().and_then(|s| s.ready_replicas).unwrap_or(0),
            ));
        }
        Ok(found)
    }
}
