//! What the watches have heard: the children of all `ChatCluster`s in one scope.

use std::{fmt::Debug, hash::Hash, sync::Arc};

use futures_util::{Stream, StreamExt};
use k8s_openapi::api::{
    apps::v1::{ControllerRevision, Deployment, StatefulSet},
    batch::v1::Job,
    core::v1::{ConfigMap, PersistentVolumeClaim, Pod, PodSpec, Service, ServiceAccount},
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
use tokio::sync::OnceCell;

use crate::{crd::ChatCluster, names, observed::Observed};

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
    ($($field:ident: $kind:ty => $keep:expr,)+) => {
        /// The children of all `ChatCluster`s in one scope.
        pub struct Cache {
            $($field: Store<$kind>,)+
            filled: OnceCell<bool>,
        }

        impl Cache {
            /// Starts the watches; whatever they hear triggers the `ChatCluster` concerned.
            pub fn start(
                client: &Client,
                scope: &Scope,
                controller: Controller<ChatCluster>,
            ) -> (Self, Controller<ChatCluster>) {
                $(
                    let (stream, $field) = watch::<$kind>(client, scope, $keep);
                    let controller = controller.watches_stream(stream, |child| owner(&child));
                )+
                (Self { $($field,)+ filled: OnceCell::new() }, controller)
            }

            /// Waits until every watch has heard all that is there. One waits for the watches, and
            /// all others for that one: a store wakes only the last of those who wait for it.
            pub async fn is_filled(&self) -> bool {
                let wait = async || {
                    $(if self.$field.wait_until_ready().await.is_err() {
                        return false;
                    })+
                    true
                };
                *self.filled.get_or_init(wait).await
            }

            /// One whose watches have heard nothing yet, and what makes each of them hear that
            /// nothing is there.
            #[cfg(test)]
            fn silent() -> (Self, Vec<Box<dyn FnOnce()>>) {
                let mut hear: Vec<Box<dyn FnOnce()>> = Vec::new();
                $(
                    let ($field, mut writer) = store::<$kind>();
                    hear.push(Box::new(move || {
                        writer.apply_watcher_event(&watcher::Event::Init);
                        writer.apply_watcher_event(&watcher::Event::InitDone);
                    }));
                )+
                (Self { $($field,)+ filled: OnceCell::new() }, hear)
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
    deployments: Deployment => whole,
    stateful_sets: StatefulSet => whole,
    services: Service => whole,
    config_maps: ConfigMap => whole,
    jobs: Job => whole,
    budgets: PodDisruptionBudget => whole,
    policies: NetworkPolicy => whole,
    ingresses: Ingress => whole,
    accounts: ServiceAccount => whole,
    claims: PersistentVolumeClaim => whole,
    records: ControllerRevision => whole,
    // By far the largest part of what is there.
    pods: Pod => with_node_alone,
}

fn whole<K>(_: &mut K) {}

/// Of its spec only where it is: the rest stands in its Deployment.
fn with_node_alone(pod: &mut Pod) {
    let node_name = pod.spec.take().and_then(|spec| spec.node_name);
    pod.spec = Some(PodSpec { node_name, ..PodSpec::default() });
}

fn watch<K>(
    client: &Client,
    scope: &Scope,
    keep: fn(&mut K),
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
        .modify(move |object| {
            object.managed_fields_mut().clear();
            keep(object);
        })
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// As many as are looked after at once, when an operator starts.
    #[tokio::test]
    async fn all_who_wait_for_the_watches_go_on() {
        let (cache, hear) = Cache::silent();
        let cache = Arc::new(cache);
        let waiting: Vec<_> = (0..8)
            .map(|_| {
                let cache = cache.clone();
                tokio::spawn(async move { cache.is_filled().await })
            })
            .collect();
        for hear in hear {
            // Everybody who waits is asked before each of them hears something.
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
            hear();
        }
        for one in waiting {
            let filled = tokio::time::timeout(Duration::from_secs(10), one).await;
            assert!(filled.expect("it waits for ever").unwrap());
        }
    }
}
