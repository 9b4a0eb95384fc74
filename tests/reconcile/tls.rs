//! Goal: servers that get a certificate are reached by HTTPS from the moment on from which they
//! serve; its renewal moves nobody, another Secret moves all.
//! Method: the operator on a real API; the Service is looked at during the whole change.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use harness::{
    eventually,
    kube::{CHANGE_TIMEOUT, Site, spec},
};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ConfigMap, Service},
};
use serde_json::{Value, json};

/// The revision that the Service selects, its port, and what it says is spoken there.
async fn service(site: &Site) -> Result<(String, i32, String)> {
    let spec = site.api::<Service>().get("team").await?.spec.context("no spec")?;
    let selector = spec.selector.unwrap_or_default();
    let port = spec.ports.unwrap_or_default().into_iter().next().context("no port")?;
    ensure!(port.name.as_deref() == Some("http"), "others find it by its name: {port:?}");
    let protocol = port.app_protocol.unwrap_or_default();
    let revision = selector.get("chatcluster.dev/revision").cloned().unwrap_or_default();
    Ok((revision, port.port, protocol))
}

/// Changes the spec, and waits until other servers serve with the protocol `then`.
async fn moved(site: &Site, change: &Value, then: (i32, &str)) -> Result<String> {
    let (old, port, protocol) = service(site).await?;
    site.change("team", change).await?;
    let deadline = Instant::now() + CHANGE_TIMEOUT;
    loop {
        let (now, seen_port, seen_protocol) = service(site).await?;
        let spoken = if now == old { (port, protocol.as_str()) } else { then };
        ensure!((seen_port, seen_protocol.as_str()) == spoken, "{now}: {seen_port} {spoken:?}");
        if now != old {
            site.ready("team").await?;
            return Ok(now);
        }
        ensure!(Instant::now() < deadline, "no other servers serve");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_certificate_comes_is_renewed_and_goes() -> Result<()> {
    let site = Site::start("tls").await?;
    let mut wish = spec("chat:1");
    wish["replicas"] = json!(1);
    site.secret("one", &[("tls.crt", "A"), ("tls.key", "B"), ("ca.crt", "C")]).await?;
    site.secret("two", &[("tls.crt", "A"), ("tls.key", "B")]).await?;
    site.apply("team", &wish).await?;
    site.ready("team").await?;
    ensure!(service(&site).await?.1 == 80);

    let https = (443, "https");
    let first = moved(&site, &json!({ "tls": { "secretName": "one" } }), https).await?;
    let name = format!("team-{first}");
    let variables = site.api::<ConfigMap>().get(&name).await?.data.unwrap_or_default();
    ensure!(variables["CHAT_TLS_CERT"] == "/etc/chat/tls/tls.crt", "{variables:?}");
    let pod = serde_json::to_value(site.api::<Deployment>().get(&name).await?.spec)?;
    let pod = &pod["template"]["spec"];
    let volumes = pod["volumes"].as_array().context("no volumes")?;
    ensure!(volumes.iter().any(|volume| volume["secret"]["secretName"] == "one"), "{pod}");
    ensure!(pod["containers"][0]["env"].to_string().contains("https://$(POD_IP):3000"), "{pod}");

    site.secret("one", &[("tls.crt", "D"), ("tls.key", "E")]).await?;
    // Longer than the operator waits between two looks.
    tokio::time::sleep(Duration::from_secs(15)).await;
    ensure!(service(&site).await?.0 == first, "a renewal moved the servers");
    let deployments = site.ours::<Deployment>().await?;
    ensure!(deployments.len() == 1 && deployments[0].metadata.generation == Some(1));

    let second = moved(&site, &json!({ "tls": { "secretName": "two" } }), https).await?;
    ensure!(second != first);
    moved(&site, &json!({ "tls": null }), (80, "kubernetes.io/ws")).await?;
    eventually("the certificate is gone", CHANGE_TIMEOUT, || async {
        let left = serde_json::to_string(&site.ours::<Deployment>().await?)?;
        ensure!(!left.contains("CHAT_TLS") && !left.contains("\"two\""), "{left}");
        Ok(())
    })
    .await
}
