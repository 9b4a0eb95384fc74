//! I/O: makes it so. Objects are applied in a fixed order, what is no longer wanted is deleted,
//! and nothing is written that is so already.

use std::{fmt::Debug, sync::Arc};

use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::ControllerRevision,
        core::v1::{ConfigMap, Secret},
    },
};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams, Preconditions},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    build::Desired, diff::covers, names, observed::Observed, record::short_hash, resolve::Resolved,
    rollout,
};

/// What was done; the status can only be told by who has it.
#[derive(Debug, Default)]
pub struct Applied {
    /// Objects that were made or changed.
    pub written: Vec<String>,
    /// Objects that were deleted.
    pub deleted: Vec<String>,
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API refused or did not answer.
    #[error("cannot write {what}: {source}")]
    Write {
        /// Kind and name.
        what: String,
        /// What the API said.
        source: Box<kube::Error>,
    },
    /// An object with this name belongs to somebody else.
    #[error("{0} is there already and is not ours; rename it, or the ChatCluster")]
    Foreign(String),
    /// An object cannot be written down.
    #[error("cannot write {0} as JSON: {1}")]
    Json(String, #[source] serde_json::Error),
}

/// Makes it so.
pub async fn apply(
    client: &Client,
    resolved: &Resolved,
    desired: Desired,
    seen: &Observed,
) -> Result<Applied, Error> {
    let Desired {
        account,
        records,
        secret,
        config_maps,
        dashboards,
        policies,
        services,
        claims,
        stateful_sets,
        jobs,
        deployments,
        budgets,
        ingresses,
        extras,
    } = desired;
    let mut hand = Hand { client, resolved, applied: Applied::default() };
    // What pods need comes before them; what leads to them comes last.
    let names_of_records: Vec<_> = records.iter().map(ResourceExt::name_any).collect();
    hand.all(vec![account], &seen.accounts).await?;
    hand.once(records, &seen.records).await?;
    let secrets: Vec<_> = seen.secrets.values().cloned().map(Arc::new).collect();
    hand.once(vec![secret], &secrets).await?;
    let kept_maps = config_maps.iter().chain(&dashboards).map(ResourceExt::name_any);
    let kept_maps: Vec<_> = kept_maps.collect();
    hand.once(config_maps, &seen.config_maps).await?;
    hand.keep(dashboards, &seen.config_maps).await?;
    hand.all(policies, &seen.policies).await?;
    hand.keep(claims, &seen.claims).await?;
    hand.all(services, &seen.services).await?;
    hand.all(stateful_sets, &seen.stateful_sets).await?;
    let newest = jobs.iter().map(rollout::attempt).max();
    hand.once(jobs, &seen.jobs).await?;
    hand.all(deployments, &seen.deployments).await?;
    hand.all(budgets, &seen.budgets).await?;
    hand.all(ingresses, &seen.ingresses).await?;
    hand.extras(extras, seen).await?;

    for job in &seen.jobs {
        // One that is cut off may leave the schema half-way, whoever wanted it. The last failure
        // stays until the next attempt has ended: it is the cause to tell.
        let is_kept = rollout::is_at_work(job, seen)
            || names::revision(job.as_ref()) == resolved.revision
                && newest.is_some_and(|newest| rollout::attempt(job) + 1 >= newest);
        if !is_kept {
            hand.delete(job.as_ref()).await?;
        }
    }
    for map in seen.config_maps.iter().filter(|map| !kept_maps.contains(&map.name_any())) {
        hand.delete::<ConfigMap>(map).await?;
    }
    for record in seen.records.iter().filter(|r| !names_of_records.contains(&r.name_any())) {
        if let Some(secret) = seen.secrets.get(&record.name_any()) {
            hand.delete::<Secret>(secret).await?;
        }
        hand.delete::<ControllerRevision>(record).await?;
    }
    Ok(hand.applied)
}

struct Hand<'a> {
    client: &'a Client,
    resolved: &'a Resolved,
    applied: Applied,
}

/// A kind of object in a namespace.
trait Child:
    Resource<Scope = NamespaceResourceScope, DynamicType = ()>
    + Clone
    + Debug
    + Serialize
    + DeserializeOwned
{
}

impl<K> Child for K where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
        + Clone
        + Debug
        + Serialize
        + DeserializeOwned
{
}

impl Hand<'_> {
    fn api<K: Child>(&self) -> Api<K> {
        Api::namespaced(self.client.clone(), &self.resolved.namespace)
    }

    /// These objects, and no others of their kind.
    async fn all<K: Child>(&mut self, wanted: Vec<K>, live: &[Arc<K>]) -> Result<(), Error> {
        let names: Vec<_> = wanted.iter().map(ResourceExt::name_any).collect();
        self.keep(wanted, live).await?;
        for object in live.iter().filter(|object| !names.contains(&object.name_any())) {
            self.delete(object.as_ref()).await?;
        }
        Ok(())
    }

    /// These objects, as they should be.
    async fn keep<K: Child>(&mut self, wanted: Vec<K>, live: &[Arc<K>]) -> Result<(), Error> {
        for object in wanted {
            let name = object.name_any();
            let what = format!("{} {name}", K::kind(&()));
            let json = |object: &K| {
                serde_json::to_value(object).map_err(|error| Error::Json(what.clone(), error))
            };
            let wanted = stamped(json(&object)?);
            let live = live.iter().find(|live| live.name_any() == name);
            match live {
                Some(live) if covers(&json(live)?, &wanted) => continue,
                Some(_) => {}
                None => self.refuse_foreign(&self.api::<K>(), &name, &what).await?,
            }
            let params = PatchParams::apply(names::MANAGER).force();
            let patched = self.api::<K>().patch(&name, &params, &Patch::Apply(&wanted)).await;
            patched.map_err(|error| failed(&what, error))?;
            tracing::debug!(cluster = self.resolved.name, "applied {what}");
            self.applied.written.push(what);
        }
        Ok(())
    }

    /// These objects, made where they are missing and never changed.
    async fn once<K: Child>(&mut self, wanted: Vec<K>, live: &[Arc<K>]) -> Result<(), Error> {
        for object in wanted {
            let name = object.name_any();
            if live.iter().any(|live| live.name_any() == name) {
                continue;
            }
            let what = format!("{} {name}", K::kind(&()));
            let params = PostParams {
                field_manager: Some(names::MANAGER.to_owned()),
                ..PostParams::default()
            };
            match self.api::<K>().create(&params, &object).await {
                Ok(_) => self.applied.written.push(what),
                // Made a moment ago; the watch has not told yet.
                Err(kube::Error::Api(status)) if status.code == 409 => {
                    self.refuse_foreign(&self.api::<K>(), &name, &what).await?;
                }
                Err(error) => return Err(failed(&what, error)),
            }
        }
        Ok(())
    }

    async fn refuse_foreign<K>(&self, api: &Api<K>, name: &str, what: &str) -> Result<(), Error>
    where
        K: Clone + Debug + DeserializeOwned,
    {
        let there = api.get_metadata_opt(name).await;
        match there.map_err(|error| failed(what, error))? {
            Some(there)
                if names::label_of(&there.metadata, names::CLUSTER) != self.resolved.name =>
            {
                Err(Error::Foreign(what.to_owned()))
            }
            _ => Ok(()),
        }
    }

    async fn delete<K: Child>(&mut self, object: &K) -> Result<(), Error> {
        if object.meta().deletion_timestamp.is_some() {
            return Ok(());
        }
        let (name, what) = (object.name_any(), format!("{} {}", K::kind(&()), object.name_any()));
        let params = DeleteParams {
            preconditions: Some(Preconditions { uid: object.uid(), resource_version: None }),
            ..DeleteParams::background()
        };
        match self.api::<K>().delete(&name, &params).await {
            Ok(_) => self.applied.deleted.push(what),
            Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => {}
            Err(error) => return Err(failed(&what, error)),
        }
        Ok(())
    }

    async fn extras(
        &mut self,
        wanted: Vec<(crate::extra::Extra, DynamicObject)>,
        seen: &Observed,
    ) -> Result<(), Error> {
        for (extra, live) in &seen.extras {
            let resource = extra.resource();
            let api: Api<DynamicObject> =
                Api::namespaced_with(self.client.clone(), &self.resolved.namespace, &resource);
            let name = self.resolved.names.service();
            let what = format!("{} {name}", extra.kind());
            let json = |object: &DynamicObject| {
                serde_json::to_value(object).map_err(|error| Error::Json(what.clone(), error))
            };
            let object =
                wanted.iter().find(|(wanted, _)| wanted == extra).map(|(_, object)| object);
            match (object, live) {
                (Some(object), live) => {
                    let wanted = stamped(json(object)?);
                    if live.as_ref().map(&json).transpose()?.is_some_and(|l| covers(&l, &wanted)) {
                        continue;
                    }
                    if live.is_none() {
                        self.refuse_foreign(&api, &name, &what).await?;
                    }
                    let params = PatchParams::apply(names::MANAGER).force();
                    let patched = api.patch(&name, &params, &Patch::Apply(&wanted)).await;
                    patched.map_err(|error| failed(&what, error))?;
                    self.applied.written.push(what);
                }
                (None, Some(_)) => {
                    let deleted = api.delete(&name, &DeleteParams::background()).await;
                    deleted.map_err(|error| failed(&what, error))?;
                    self.applied.deleted.push(what);
                }
                (None, None) => {}
            }
        }
        Ok(())
    }
}

/// With a hash of itself: what is no longer said of an object is noticed by it.
fn stamped(mut object: Value) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.remove("status");
    }
    let hash = short_hash(object.to_string().as_bytes());
    object["metadata"]["annotations"][names::APPLIED] = Value::String(hash);
    object
}

fn failed(what: &str, error: kube::Error) -> Error {
    Error::Write { what: what.to_owned(), source: Box::new(error) }
}
