//! Endpoints of the installation: the last lines of `cargo x cluster up`, for every kind of
//! cluster.

use std::{env, fmt, path::PathBuf};

use anyhow::Result;
use bare_kube::{Client, product::SAMPLE_NAME};

/// Default port of the page.
pub(super) const PAGE_PORT: u16 = 3000;
/// Default port of Prometheus.
pub(super) const PROMETHEUS_PORT: u16 = 9090;

/// What is where.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    pub(super) page: Option<Endpoint>,
    pub(super) prometheus: Option<Endpoint>,
    pub(super) grafana: Option<Endpoint>,
    /// File for `KUBECONFIG`.
    pub(super) kubeconfig: PathBuf,
}

/// How one thing is reached.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// It is open.
    Open(String),
    /// The user forwards this port to that of a Service.
    Forward { namespace: String, service: String, port: u16, from: u16 },
}

impl Endpoint {
    /// To a Service from its default port.
    pub(super) fn forward(namespace: &str, service: &str, port: u16, from: u16) -> Self {
        let (namespace, service) = (namespace.to_owned(), service.to_owned());
        Self::Forward { namespace, service, port, from }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(url) => f.write_str(url),
            Self::Forward { namespace, service, port, from } => {
                let scheme = if *port == 443 { "https" } else { "http" };
                write!(
                    f,
                    "kubectl port-forward --namespace {namespace} service/{service} {from}:{port}, \
                     then {scheme}://localhost:{from}"
                )
            }
        }
    }
}

impl fmt::Display for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f)?;
        for (name, way) in
            [("page", &self.page), ("Prometheus", &self.prometheus), ("Grafana", &self.grafana)]
        {
            if let Some(way) = way {
                writeln!(f, "  {name:<12}{way}")?;
            }
        }
        writeln!(f, "\n  export KUBECONFIG={}", self.kubeconfig.display())
    }
}

/// Those of the cluster that the environment names, where somebody else opens ways.
pub(super) fn here(client: &Client) -> Result<Endpoints> {
    let path = r#"jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name} {.spec.ports[0].port}{"\n"}{end}"#;
    let ours = client.kubectl(&["get", "service", SAMPLE_NAME, "--output", &alone(path)])?;
    // A user without permission to list everything does not see the rest.
    let all = ["get", "services", "--all-namespaces", "--output", path];
    let all = client.kubectl(&all).unwrap_or_default();
    Ok(Endpoints {
        page: service(&ours, PAGE_PORT, |_| true),
        prometheus: service(&all, PROMETHEUS_PORT, is_prometheus),
        grafana: None,
        kubeconfig: kubeconfig(),
    })
}

/// The same of one object.
fn alone(path: &str) -> String {
    path.replace("{range .items[*]}", "").replace("{end}", "")
}

/// As charts and operators call it.
fn is_prometheus(name: &str) -> bool {
    ["prometheus", "prometheus-operated", "prometheus-server"].contains(&name)
        || name.ends_with("-prometheus")
}

/// The first of these lines `NAMESPACE NAME PORT` whose name is one of those.
fn service(lines: &str, from: u16, is_one: impl Fn(&str) -> bool) -> Option<Endpoint> {
    lines.lines().find_map(|line| {
        let mut words = line.split(' ');
        let (namespace, name, port) = (words.next()?, words.next()?, words.next()?);
        let port = port.parse().ok().filter(|_| is_one(name))?;
        Some(Endpoint::forward(namespace, name, port, from))
    })
}

/// The file that `kubectl` reads.
fn kubeconfig() -> PathBuf {
    let home = || PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".kube/config");
    env::var_os("KUBECONFIG").filter(|named| !named.is_empty()).map_or_else(home, PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_the_same_everywhere() {
        let printed = |page, prometheus| {
            let kubeconfig = PathBuf::from("/a/file");
            Endpoints { page, prometheus, grafana: None, kubeconfig }.to_string()
        };
        let open = |port: u16| Some(Endpoint::Open(format!("http://localhost:{port}")));
        assert_eq!(
            printed(open(3000), open(9090)),
            "\n  page        http://localhost:3000\n  Prometheus  http://localhost:9090\n\n  \
             export KUBECONFIG=/a/file\n"
        );
        assert_eq!(
            printed(service("default team 443\n", PAGE_PORT, |_| true), None),
            "\n  page        kubectl port-forward --namespace default service/team 3000:443, then \
             https://localhost:3000\n\n  export KUBECONFIG=/a/file\n"
        );
    }

    #[test]
    fn prometheus_is_found_where_there_is_one() {
        let lines = "default kubernetes 443\nwatch kube-prometheus 9090\n";
        let found = service(lines, PROMETHEUS_PORT, is_prometheus);
        assert_eq!(found, Some(Endpoint::forward("watch", "kube-prometheus", 9090, 9090)));
        assert_eq!(service("default kubernetes 443\n", 1, is_prometheus), None);
        assert_eq!(service("", 1, is_prometheus), None);
    }
}
