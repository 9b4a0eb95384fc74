//! What pretended servers say of themselves, each at an address of its own.
//!
//! All say the same, as the test wishes; only one whose Redis address has the password `wrong` is
//! refused by Redis.

use std::{
    collections::HashMap,
    net::Ipv4Addr,
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context as _, Result};
use axum::{Json, Router, routing::get};
use chat_contract::ops::{OPS_PORT, PodStatus, STATUSZ};
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::{Api, Client, ResourceExt};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// What all servers of a site say.
pub(super) type Said = watch::Receiver<PodStatus>;

/// The servers of a site.
pub(super) struct Servers {
    secrets: Api<Secret>,
    said: Said,
    at: HashMap<String, (Ipv4Addr, JoinHandle<()>)>,
}

impl Servers {
    pub(super) fn new(client: &Client, namespace: &str, said: Said) -> Self {
        let secrets = Api::namespaced(client.clone(), namespace);
        Self { secrets, said, at: HashMap::new() }
    }

    /// Does their store not answer: then none is ready.
    pub(super) fn lack_store(&self) -> bool {
        self.said.borrow().mysql_problem.is_some()
    }

    /// Where a server is; it begins to answer there.
    pub(super) async fn address(&mut self, pod: &Pod) -> Result<Ipv4Addr> {
        if let Some((address, _)) = self.at.get(&pod.name_any()) {
            return Ok(*address);
        }
        let (said, is_refused) = (self.said.clone(), self.is_refused(pod).await?);
        let (address, listener) = listen().await?;
        let status = move || {
            let mut status = said.borrow().clone();
            if is_refused {
                status.redis_problem = Some("Redis at cache: WRONGPASS".to_owned());
            }
            std::future::ready(Json(status))
        };
        let router = Router::new().route(STATUSZ, get(status));
        let serving = tokio::spawn(async move {
            // It ends with the pod, or with the test.
            let _ = axum::serve(listener, router).await;
        });
        self.at.insert(pod.name_any(), (address, serving));
        Ok(address)
    }

    /// A server has ended.
    pub(super) fn end(&mut self, pod: &str) {
        if let Some((_, serving)) = self.at.remove(pod) {
            serving.abort();
        }
    }

    async fn is_refused(&self, pod: &Pod) -> Result<bool> {
        let env = pod.spec.iter().flat_map(|spec| spec.containers[0].env.iter().flatten());
        let url = env.filter(|var| var.name == "CHAT_REDIS_URL").filter_map(|var| {
            let from = var.value_from.as_ref()?.secret_key_ref.as_ref()?;
            Some(from.name.clone())
        });
        let Some(name) = url.into_iter().next() else { return Ok(false) };
        let data = self.secrets.get(&name).await?.data.unwrap_or_default();
        let url = data.get("CHAT_REDIS_URL").map(|value| value.0.clone()).unwrap_or_default();
        Ok(String::from_utf8_lossy(&url).contains(":wrong@"))
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for (_, serving) in self.at.values() {
            serving.abort();
        }
    }
}

/// All of 127.0.0.0/8 is this machine, so that every server may have the same port.
async fn listen() -> Result<(Ipv4Addr, TcpListener)> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let [.., high, low] = std::process::id().to_be_bytes();
    for _ in 0..100 {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let last = u8::try_from(1 + number % 250)?;
        let address = Ipv4Addr::new(127, high | 1, low, last);
        if let Ok(listener) = TcpListener::bind((address, OPS_PORT)).await {
            return Ok((address, listener));
        }
    }
    None.context("no address for a server is free")
}
