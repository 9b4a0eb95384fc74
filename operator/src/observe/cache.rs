//! I/O: watches, and a cache of the child objects of all `ChatCluster`s in one scope.

use std::{hash::Hash, sync::Arc};

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
use tokio::sync::OnceCell;

use super::Observed;
use crate::{
    crd::ChatCluster,
    names::{self, Namespaced},
};

/// The namespaces that are watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// One namespace.
    Namespace(String),
    /// All namespaces.
    All,
}

impl Scope {
    /// The API of a kind in these namespaces.
    #[must_use]
    pub(crate) fn api<K: Namespaced>(&self, client: &Client) -> Api<K> {
        match self {
            Self::Namespace(namespace) => Api::namespaced(client.clone(), namespace),
            Self::All => Api::all(client.clone()),
        }
    }
}

macro_rules! cache {
    ($($field:ident: $kind:ty => $trim:expr,)+) => {
        /// The child objects of all `ChatCluster`s in one scope, as the watches report them.
        pub(crate) struct Cache {
            $($field: Store<$kind>,)+
            synced: OnceCell<bool>,
        }

        impl Cache {
            /// Starts the watches; each change triggers the `ChatCluster` that owns the object.
            pub(crate) fn start(
                client: &Client,
                scope: &Scope,
                controller: Controller<ChatCluster>,
            ) -> (Self, Controller<ChatCluster>) {
                $(
                    let (stream, $field) = watch::<$kind>(client, scope, $trim);
                    let controller = controller.watches_stream(stream, |child| owner(&child));
                )+
                (Self { $($field,)+ synced: OnceCell::new() }, controller)
            }

            /// Waits until every watch has listed its objects; `false` where one ended before. One
            /// caller waits for the watches and all others for that caller, because a store wakes
            /// only the last of its waiters.
            pub(crate) async fn is_synced(&self) -> bool {
                let wait = async || {
                    $(if self.$field.wait_until_ready().await.is_err() {
                        return false;
                    })+
                    true
                };
                *self.synced.get_or_init(wait).await
            }

            /// A cache whose watches have listed nothing yet, and a function for each of them that
            /// makes it list nothing.
            #[cfg(test)]
            fn unsynced() -> (Self, Vec<Box<dyn FnOnce()>>) {
                let mut lists: Vec<Box<dyn FnOnce()>> = Vec::new();
                $(
                    let ($field, mut writer) = store::<$kind>();
                    lists.push(Box::new(move || {
                        writer.apply_watcher_event(&watcher::Event::Init);
                        writer.apply_watcher_event(&watcher::Event::InitDone);
                    }));
                )+
                (Self { $($field,)+ synced: OnceCell::new() }, lists)
            }

            /// The child objects of one `ChatCluster`, each kind in the order of names.
            #[must_use]
            pub(super) fn children(&self, namespace: &str, cluster: &str) -> Observed {
                let mut seen = Observed {
                    $($field: children(&self.$field, namespace, cluster),)+
                    ..Observed::default()
                };
                // A StatefulSet keeps revisions of its own, with the labels of its pods.
                seen.revisions.retain(|revision| is_owned(revision.as_ref()));
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
    revisions: ControllerRevision => whole,
    // By far the largest part.
    pods: Pod => node_name_only,
}

fn whole<K>(_: &mut K) {}

/// Keeps only the node of its spec: the rest is in its Deployment.
fn node_name_only(pod: &mut Pod) {
    let node_name = pod.spec.take().and_then(|spec| spec.node_name);
    pod.spec = Some(PodSpec { node_name, ..PodSpec::default() });
}

fn watch<K>(
    client: &Client,
    scope: &Scope,
    trim: fn(&mut K),
) -> (impl Stream<Item = watcher::Result<K>> + Send + use<K>, Store<K>)
where
    K: Namespaced + Send + Sync + 'static,
{
    let (reader, writer) = store();
    let ours =
        watcher::Config::default().labels(&format!("{}={}", names::MANAGED_BY, names::MANAGER));
    let stream = watcher(scope.api::<K>(client), ours.any_semantic())
        .default_backoff()
        // Half of an object, and unused here.
        .modify(move |object| {
            object.managed_fields_mut().clear();
            trim(object);
        })
        .reflect(writer)
        .touched_objects();
    (stream.boxed(), reader)
}

fn children<K>(store: &Store<K>, namespace: &str, cluster: &str) -> Vec<Arc<K>>
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

    /// As many as are reconciled at once when an operator starts.
    #[tokio::test]
    async fn every_waiter_continues_when_the_cache_is_synced() {
        let (cache, lists) = Cache::unsynced();
        let cache = Arc::new(cache);
        let waiting: Vec<_> = (0..8)
            .map(|_| {
                let cache = cache.clone();
                tokio::spawn(async move { cache.is_synced().await })
            })
            .collect();
        for list in lists {
            // Every waiter is polled before each of the lists arrives.
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
            list();
        }
        for one in waiting {
            let synced = tokio::time::timeout(Duration::from_secs(10), one).await;
            assert!(synced.expect("it waits for ever").unwrap());
        }
    }
}
