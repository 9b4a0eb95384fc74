//! Goal: whoever has no Prometheus gets one with a line, and it sees operators and servers, and
//! knows all alerts.
//! Method: installed as `cargo x cluster up` does it; asked from outside.

use anyhow::{Result, ensure};
use bare_kube::{monitoring, product::Namespaces};
use harness::{Installation, Prometheus, TIMEOUT, eventually, watch};

/// Prometheus sees everything and knows all alerts.
pub(crate) async fn watched(site: &mut Installation) -> Result<()> {
    let namespaces = site.namespaces.clone();
    monitoring::install_prometheus(&site.client, &site.checkout, &namespaces, site.dir())?;
    let prometheus = Prometheus::at(&site.way_to_prometheus()?);
    let Namespaces { operator, chat, .. } = &namespaces;
    // What each of them must be seen as, and how many there are.
    let seen = [
        (format!(r#"up{{namespace="{operator}",job="chat-operator"}} == 1"#), 2),
        (
            format!(
                r#"up{{namespace="{chat}",job="team-pods",chatcluster_dev_cluster="team"}} == 1"#
            ),
            2,
        ),
    ];
    eventually("all are seen", TIMEOUT, async || {
        for (query, expected) in &seen {
            let found = prometheus.ask(query).await?.len();
            ensure!(found == *expected, "{found} instead of {expected}: {query}");
        }
        ensure!(!prometheus.ask("chat_sockets").await?.is_empty(), "nothing of the servers");
        Ok(())
    })
    .await?;
    let mut known = prometheus.alerts().await?;
    let mut expected = Vec::new();
    for chart in watch::CHARTS {
        expected.extend(watch::alerts(chart)?.into_iter().map(|alert| alert.name));
    }
    known.sort();
    expected.sort();
    ensure!(known == expected, "Prometheus knows {known:?}, the charts have {expected:?}");
    // What follows hurts the service; nobody need watch.
    monitoring::uninstall(&site.client, &namespaces)
}
