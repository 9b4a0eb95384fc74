//! The writes themselves: create, server-side apply, delete.

use std::{fmt::Debug, sync::Arc};

use k8s_openapi::{api::core::v1::Secret, apimachinery::pkg::apis::meta::v1::OwnerReference};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams, Preconditions},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Applied, Error, diff::covers};
use crate::{
    build::Delete,
    names::{self, Namespaced},
    observe::OptionalKind,
    resolve::{Resolved, revision::short_hash},
};

/// Writes the child objects of one `ChatCluster`, and counts what it wrote.
pub(super) struct Applier<'a> {
    client: &'a Client,
    cluster: &'a str,
    namespace: &'a str,
    /// What is still to be deleted.
    surplus: Vec<Delete>,
    /// The writes so far.
    pub(super) applied: Applied,
}

impl<'a> Applier<'a> {
    pub(super) fn new(client: &'a Client, resolved: &'a Resolved, surplus: Vec<Delete>) -> Self {
        let (cluster, namespace) = (resolved.name.as_str(), resolved.namespace.as_str());
        Self { client, cluster, namespace, surplus, applied: Applied::default() }
    }

    fn api<K: Namespaced>(&self) -> Api<K> {
        Api::namespaced(self.client.clone(), self.namespace)
    }

    /// Creates the Secret with generated credentials, and fails where it exists: `resolve` used
    /// other passwords then.
    pub(super) async fn create_first(&mut self, secret: &Secret) -> Result<(), Error> {
        let what = format!("Secret {}", secret.name_any());
        match self.api().create(&created_by_us(), secret).await {
            Ok(_) => self.written(&what),
            Err(kube::Error::Api(status)) if status.code == 409 => {
                return Err(Error::AlreadyExists(what));
            }
            Err(error) => return Err(failed(&what, error)),
        }
        Ok(())
    }

    /// Replaces only the owners of a Secret.
    pub(super) async fn set_owners(
        &mut self,
        secret: &str,
        owners: &[OwnerReference],
    ) -> Result<(), Error> {
        let what = format!("Secret {secret}");
        let patch = Patch::Merge(json!({ "metadata": { "ownerReferences": owners } }));
        let patched = self.api::<Secret>().patch(secret, &PatchParams::default(), &patch).await;
        patched.map_err(|error| failed(&what, error))?;
        self.written(&what);
        Ok(())
    }

    /// Applies these objects, then deletes the surplus of their kind, so that a later failure, such
    /// as a name conflict, does not keep unwanted objects.
    pub(super) async fn replace<K: Namespaced>(
        &mut self,
        wanted: Vec<K>,
        live: &[Arc<K>],
    ) -> Result<(), Error> {
        self.apply(wanted, live).await?;
        self.delete_surplus(&K::kind(&())).await
    }

    async fn delete_surplus(&mut self, kind: &str) -> Result<(), Error> {
        let (surplus, rest) =
            self.surplus.drain(..).partition(|object| object.resource.kind == kind);
        self.surplus = rest;
        self.delete(surplus).await
    }

    /// Deletes what is left of the surplus.
    pub(super) async fn delete_rest(&mut self) -> Result<(), Error> {
        let rest = std::mem::take(&mut self.surplus);
        self.delete(rest).await
    }

    /// Applies these objects where they differ from the live ones.
    pub(super) async fn apply<K: Namespaced>(
        &mut self,
        wanted: Vec<K>,
        live: &[Arc<K>],
    ) -> Result<(), Error> {
        let api = self.api::<K>();
        for object in wanted {
            let name = object.name_any();
            let what = format!("{} {name}", K::kind(&()));
            let live = live.iter().find(|live| live.name_any() == name);
            self.apply_one(&api, &what, &object, live.map(AsRef::as_ref)).await?;
        }
        Ok(())
    }

    /// Deletes the surplus of all optional kinds, then applies these objects where they differ from
    /// the live ones, so that a `ServiceMonitor` of another owner does not keep a route.
    pub(super) async fn replace_optional(
        &mut self,
        wanted: Vec<(OptionalKind, DynamicObject)>,
        live: &[(OptionalKind, Option<DynamicObject>)],
    ) -> Result<(), Error> {
        for kind in OptionalKind::ALL {
            self.delete_surplus(kind.kind()).await?;
        }
        for (kind, object) in wanted {
            let resource = kind.resource();
            let api = Api::namespaced_with(self.client.clone(), self.namespace, &resource);
            let what = format!("{} {}", kind.kind(), object.name_any());
            let live = live.iter().find(|(live, _)| *live == kind);
            let live = live.and_then(|(_, live)| live.as_ref());
            self.apply_one(&api, &what, &object, live).await?;
        }
        Ok(())
    }

    async fn apply_one<K>(
        &mut self,
        api: &Api<K>,
        what: &str,
        object: &K,
        live: Option<&K>,
    ) -> Result<(), Error>
    where
        K: ResourceExt + Clone + Debug + Serialize + DeserializeOwned,
    {
        let json = |object: &K| {
            serde_json::to_value(object).map_err(|error| Error::Json(what.to_owned(), error))
        };
        let (name, wanted) = (object.name_any(), stamped(json(object)?));
        match live {
            Some(live) if covers(&json(live)?, &wanted) => return Ok(()),
            Some(_) => {}
            None => self.reject_foreign(api, &name, what).await?,
        }
        let params = PatchParams::apply(names::MANAGER).force();
        let patched = api.patch(&name, &params, &Patch::Apply(&wanted)).await;
        patched.map_err(|error| failed(what, error))?;
        self.written(what);
        Ok(())
    }

    /// Creates these objects where they are missing; existing ones stay as they are.
    pub(super) async fn create<K: Namespaced>(
        &mut self,
        wanted: Vec<K>,
        live: &[Arc<K>],
    ) -> Result<(), Error> {
        let api = self.api::<K>();
        for object in wanted {
            let name = object.name_any();
            if live.iter().any(|live| live.name_any() == name) {
                continue;
            }
            let what = format!("{} {name}", K::kind(&()));
            match api.create(&created_by_us(), &object).await {
                Ok(_) => self.written(&what),
                // Created a moment ago; the watch has not reported it yet.
                Err(kube::Error::Api(status)) if status.code == 409 => {
                    self.reject_foreign(&api, &name, &what).await?;
                }
                Err(error) => return Err(failed(&what, error)),
            }
        }
        Ok(())
    }

    async fn reject_foreign<K>(&self, api: &Api<K>, name: &str, what: &str) -> Result<(), Error>
    where
        K: Clone + Debug + DeserializeOwned,
    {
        let found = api.get_metadata_opt(name).await.map_err(|error| failed(what, error))?;
        match found {
            Some(found) if names::label_of(&found.metadata, names::CLUSTER) != self.cluster => {
                Err(Error::Foreign(what.to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Deletes an object; one that does not exist, or was recreated, is left alone.
    async fn delete_one(&mut self, object: Delete) -> Result<(), Error> {
        let Delete { resource, name, uid } = object;
        let what = format!("{} {name}", resource.kind);
        let api: Api<DynamicObject> =
            Api::namespaced_with(self.client.clone(), self.namespace, &resource);
        let params = DeleteParams {
            preconditions: Some(Preconditions { uid, resource_version: None }),
            ..DeleteParams::background()
        };
        match api.delete(&name, &params).await {
            Ok(_) => {
                tracing::debug!(cluster = self.cluster, "deleted {what}");
                self.applied.deleted += 1;
            }
            Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => {}
            Err(error) => return Err(failed(&what, error)),
        }
        Ok(())
    }

    async fn delete(&mut self, objects: Vec<Delete>) -> Result<(), Error> {
        for object in objects {
            self.delete_one(object).await?;
        }
        Ok(())
    }

    fn written(&mut self, what: &str) {
        tracing::debug!(cluster = self.cluster, "applied {what}");
        self.applied.written += 1;
    }
}

fn created_by_us() -> PostParams {
    PostParams { field_manager: Some(names::MANAGER.to_owned()), ..PostParams::default() }
}

/// The object with a hash of itself, which reveals fields that are no longer set.
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
