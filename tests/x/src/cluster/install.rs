//! The product in a cluster that is up: the operator, a `ChatCluster`, and the way to its page.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    time::Duration,
};

use anyhow::{Context as _, Result};
use bare_kube::{
    Client, monitoring,
    product::{self, Namespaces, SAMPLE_NAME},
};
use testbed::{Invocation, Timeout, ports, progress};

use super::{
    endpoints::{PAGE_PORT, PROMETHEUS_PORT},
    supervisor::{self, Request},
};

/// What is installed, where it is not what charts and samples say.
#[derive(Debug, Default)]
pub(super) struct Images {
    pub(super) operator: Option<String>,
    pub(super) server: Option<String>,
}

/// Installs the operator, applies the sample, and waits until both are ready.
pub(super) fn install(invocation: &Invocation, client: &Client, images: &Images) -> Result<()> {
    let values = images.operator.as_deref().map(values).transpose()?.unwrap_or_default();
    let namespace = Namespaces::default().operator;
    progress::step(
        "operator",
        || product::install_operator(client, &invocation.checkout, &namespace, &values),
        |()| format!("ready, in the namespace {namespace}"),
    )?;
    let dir = invocation.checkout.data("");
    let sample = product::sample(&invocation.checkout, images.server.as_deref(), &dir)?;
    progress::step(
        "chat",
        || {
            product::apply(client, &sample)?;
            product::wait_ready(client, SAMPLE_NAME)
        },
        |()| format!("the ChatCluster {SAMPLE_NAME} is ready"),
    )
}

/// Installs who watches the product, where nobody does yet.
pub(super) fn watch(
    invocation: &Invocation,
    client: &Client,
    dir: &Path,
    grafana: bool,
) -> Result<()> {
    progress::step(
        "prometheus",
        || {
            let namespaces = Namespaces::default();
            monitoring::install_prometheus(client, &invocation.checkout, &namespaces, dir)
        },
        |()| "ready, with the charts' alerts".to_owned(),
    )?;
    if grafana {
        progress::step(
            "grafana",
            || monitoring::install_grafana(client, &invocation.checkout, dir),
            |()| "ready, with the charts' dashboards".to_owned(),
        )?;
    }
    Ok(())
}

/// An image as the chart wants it: its tag is what follows the last colon of its last part.
fn values(image: &str) -> Result<Vec<String>> {
    let (repository, tag) = image
        .rsplit_once(':')
        .filter(|(_, tag)| !tag.contains('/'))
        .with_context(|| format!("{image} has no tag; name one, such as {image}:0.1.0"))?;
    Ok(vec![format!("image.repository={repository}"), format!("image.tag={tag}")])
}

/// Opens a way to the page, or finds the one that is open, and says where it begins.
pub(super) fn open_page(dir: &Path, client: &Client, port: Option<u16>) -> Result<String> {
    open(dir, "page", port, PAGE_PORT, product::address(client, SAMPLE_NAME)?)
}

/// The same of Prometheus.
pub(super) fn open_prometheus(dir: &Path, client: &Client) -> Result<String> {
    open(
        dir,
        "prometheus",
        None,
        PROMETHEUS_PORT,
        monitoring::prometheus_address(client, &Namespaces::default())?,
    )
}

/// Opens a way from the port that somebody requests, or from the usual one if it is free.
fn open(
    dir: &Path,
    what: &str,
    asked: Option<u16>,
    usual: u16,
    target: SocketAddr,
) -> Result<String> {
    let note = dir.join(what);
    let known = fs::read_to_string(&note).unwrap_or_default();
    let open = known.split_once(' ').filter(|(_, leads_to)| *leads_to == target.to_string());
    let port = match (open, asked) {
        (Some((open, _)), None) => open.parse()?,
        (_, Some(port)) => forward(dir, port, target)?,
        (None, None) => forward(dir, free_port(usual)?, target)?,
    };
    fs::write(&note, format!("{port} {target}")).with_context(|| format!("cannot note {what}"))?;
    Ok(format!("http://localhost:{port}"))
}

fn forward(dir: &Path, port: u16, target: SocketAddr) -> Result<u16> {
    supervisor::request(
        dir,
        &Request::Forward(port, target),
        &Timeout::new(Duration::from_secs(10)),
    )?;
    Ok(port)
}

fn free_port(usual: u16) -> Result<u16> {
    match ports::try_listen(Ipv4Addr::LOCALHOST.into(), usual) {
        Ok(()) => Ok(usual),
        Err(_) => ports::free(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_split_at_its_tag() {
        let split = values("registry.example:5000/chat/operator:1.2").unwrap();
        let expected = ["image.repository=registry.example:5000/chat/operator", "image.tag=1.2"];
        assert_eq!(split, expected);

        let error = values("registry.example:5000/chat/operator").unwrap_err();
        assert!(error.to_string().contains("has no tag"), "{error}");
    }
}
