//! What the watches have heard: the children of all `ChatCluster`s in one scope.

use std::{fmt::Debug, hash::Hash, sync::Arc};

use futures_util::{Stream, StreamExt};
use k8s_openapi::api::{
    apps::v1::{ControllerRevision, Deployment, StatefulSet},
    batch::v1::Job,
    core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Service, ServiceAccount},
    networking::v1::{Ingress, NetworkPolicy},
    policy::v1::PodDisruptionBudget,
};
use kube::{
    Api, Client, Resource, ResourceExt,
    runtime::{
        WatchStreamExt,
        controller::Controller,
        reflector::{ObjectRef, Store, store},
        watcher,
    },
};
use serde::de::DeserializeOwned;

use crate::{crd::ChatCluster, names, observe::Observed};

/// Where to look: one namespace, or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One namespace.
    Namespace(String),
    /// All namespaces.
    All,
}

impl Scope {
    /// The interface to a kind.
    #[must_use]
    pub fn api<K>(&self, client: &Client) -> Api<K>
    where
        K: Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
    {
        match self {
            Self::Namespace(namespace) => Api::namespaced(client.clone(), namespace),
            Self::All => Api::all(client.clone()),
        }
    }
}

macro_rules! cache {
    ($($field:ident: $kind:ty,)+) => {
        /// The children of all `ChatCluster`s in one scope.
        #[derive(Clone)]
        pub struct Cache {
            $($field: Store<$kind>,)+
        }

        impl Cache {
            /// Starts the watches; whatever they hear triggers the `ChatCluster` concerned.
            pub fn start(
                client: &Client,
                scope: &Scope,
                controller: Controller<ChatCluster>,
            ) -> (Self, Controller<ChatCluster>) {
                $(
                    let (stream, $field) = watch::<$kind>(client, scope);
                    let controller = controller.watches_stream(stream, |child| owner(&child));
                )+
                (Self { $($field,)+ }, controller)
            }

            /// Waits until every watch has heard all that is there.
            pub async fn is_filled(&self) -> bool {
                $(if self.$field.wait_until_ready().await.is_err() {
                    return false;
                })+
                true
            }

            /// The children of one `ChatCluster`.
            #[must_use]
            pub fn of(&self, namespace: &str, cluster: &str) -> Observed {
                let mut seen = Observed {
                    $($field: of(&self.$field, namespace, cluster),)+
                    ..Observed::default()
                };
                // A StatefulSet keeps records of its own, with the labels of its pods.
                seen.records.retain(|record| is_owned(record.as_ref()));
                seen
            }
        }
    };
}

cache! {
    deployments: Deployment,
    stateful_sets: StatefulSet,
    services: Service,
    config_maps: ConfigMap,
    jobs: Job,
    budgets: PodDisruptionBudget,
    policies: NetworkPolicy,
    ingresses: Ingress,
    accounts: ServiceAccount,
    claims: PersistentVolumeClaim,
    records: ControllerRevision,
    pods: Pod,
}

fn watch<K>(
    client: &Client,
    scope: &Scope,
) -> (impl Stream<Item = watcher::Result<K>> + Send + use<K>, Store<K>)
where
    K: Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>
        + Clone
        + Debug
        + DeserializeOwned
        + Send
        + Sync
        + 'static,
{
    let (reader, writer) = store();
    let ours =
        watcher::Config::default().labels(&format!("{}={}", names::MANAGED_BY, names::MANAGER));
    let stream = watcher(scope.api::<K>(client), ours.any_semantic())
        .default_backoff()
        // Nobody reads it here, and it is half of an object.
        .modify(|object| object.managed_fields_mut().clear())
        .reflect(writer)
        .touched_objects();
    (stream.boxed(), reader)
}

fn of<K>(store: &Store<K>, namespace: &str, cluster: &str) -> Vec<Arc<K>>
where
    K: Resource<DynamicType = ()> + Clone + 'static,
    K::DynamicType: Eq + Hash,
{
    let mut found = store.state_filter(|object| {
        object.namespace().as_deref() == Some(namespace)
            && names::label(object, names::CLUSTER) == cluster
    });
    found.sort_by_key(|object| object.name_any());
    found
}

fn is_owned<K: Resource>(object: &K) -> bool {
    object.owner_references().iter().any(|owner| owner.kind == "ChatCluster")
}

fn owner<K: Resource>(child: &K) -> Option<ObjectRef<ChatCluster>> {
    let name = names::label(child, names::CLUSTER);
    let namespace = child.namespace()?;
    (!name.is_empty()).then(|| ObjectRef::new(name).within(&namespace))
}
