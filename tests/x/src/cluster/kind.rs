//! A cluster of `kind`, where Docker works: its nodes are containers, and the images are those of
//! the Dockerfiles.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use bare_kube::{
    Client,
    images::{self, tag},
    product::{Namespaces, SAMPLE_NAME},
    toolchain,
};
use testbed::{
    Invocation, program,
    progress::{self, say},
    setup::tool,
};

use super::{
    endpoints::{Endpoint, Endpoints, PAGE_PORT, PROMETHEUS_PORT},
    install::{Images, install, watch},
};

/// Its file for `KUBECONFIG`; where it is, the cluster is one of `kind`.
const KUBECONFIG: &str = "kind.kubeconfig";

/// Can one be made on this machine.
pub(crate) fn works() -> bool {
    let answers = |mut docker: Command| {
        let docker = docker.arg("info").stdin(Stdio::null());
        docker.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
    };
    program::find("kind").is_some()
        && program::find("docker").map(Command::new).is_some_and(answers)
}

/// The file for `KUBECONFIG`, where this cluster is one of `kind`.
pub(super) fn kubeconfig(dir: &Path) -> Option<PathBuf> {
    Some(dir.join(KUBECONFIG)).filter(|file| file.is_file())
}

/// Starts the cluster with the images of the product, or takes the one that is up; gives its file
/// for `KUBECONFIG`.
pub(crate) fn start(invocation: &Invocation, name: &str) -> Result<PathBuf> {
    let dir = invocation.checkout.data(name);
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let is_up = program::output(Command::new("kind").args(["get", "clusters"]))?
        .lines()
        .any(|other| other == name);
    let kubeconfig = dir.join(KUBECONFIG);
    for line in lines(name, &kubeconfig.display().to_string(), is_up) {
        run(invocation, &line)?;
    }
    Ok(kubeconfig)
}

/// Puts an image into its nodes that `docker` does not know.
pub(crate) fn load(invocation: &Invocation, name: &str, image: &str) -> Result<()> {
    for file in images::make(invocation, &[image], false)? {
        let file = file.display().to_string();
        let line = ["kind", "load", "image-archive", "--name", name, &file];
        run(invocation, &line.map(str::to_owned))?;
    }
    Ok(())
}

fn run(invocation: &Invocation, line: &[String]) -> Result<()> {
    let mut command = Command::new(&line[0]);
    command.args(&line[1..]).current_dir(&invocation.checkout.root);
    progress::announce(&line[0], &line[1..].join(" "));
    if !tool::show(invocation, &mut command)?.success() {
        bail!("this did not work: {}", line.join(" "));
    }
    Ok(())
}

/// The same, with the product in it.
pub(super) fn up(invocation: &Invocation, name: &str) -> Result<()> {
    let dir = invocation.checkout.data(name);
    let kubeconfig = start(invocation, name)?;
    let namespaces = Namespaces::default();
    let client = client(invocation, &dir)?;
    install(invocation, &client, &Images::default())?;
    watch(invocation, &client, &dir, true)?;
    let watcher =
        |name, port, from| Some(Endpoint::forward(&namespaces.monitoring, name, port, from));
    let endpoints = Endpoints {
        page: Some(Endpoint::forward("default", SAMPLE_NAME, 80, PAGE_PORT)),
        prometheus: watcher("prometheus", PROMETHEUS_PORT, PROMETHEUS_PORT),
        grafana: watcher("grafana", 3000, 3001),
        kubeconfig,
    };
    say(&endpoints.to_string());
    Ok(())
}

/// Ends it.
pub(crate) fn down(name: &str, dir: &Path) -> Result<()> {
    program::output(Command::new("kind").args(["delete", "cluster", "--name", name]))?;
    fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))
}

/// Who works with it.
pub(super) fn client(invocation: &Invocation, dir: &Path) -> Result<Client> {
    Ok(Client::new(toolchain::clients(invocation)?, kubeconfig(dir), dir.join("kubectl")))
}

/// What is run, in this order; the README has the same lines for people.
fn lines(name: &str, kubeconfig: &str, is_up: bool) -> Vec<Vec<String>> {
    let mut lines = Vec::new();
    if !is_up {
        lines.push(format!(
            "kind create cluster --name {name} --config manifests/dev/kind.yaml --wait 3m"
        ));
    }
    lines.push(format!("kind export kubeconfig --name {name} --kubeconfig {kubeconfig}"));
    let (server, operator) = (tag("chat-server"), tag("chat-operator"));
    lines.push(format!("docker build --file chat-server/Dockerfile --tag {server} ."));
    lines.push(format!("docker build --file operator/Dockerfile --tag {operator} ."));
    lines.push(format!("kind load docker-image --name {name} {server} {operator}"));
    lines.iter().map(|line| line.split(' ').map(str::to_owned).collect()).collect()
}

#[cfg(test)]
mod tests {
    use testbed::checkout::Checkout;

    use super::*;

    #[test]
    fn people_see_what_is_run() {
        let readme = Checkout::find().unwrap().path("README.md");
        let readme = fs::read_to_string(readme).unwrap();
        for line in lines("kind", "file", false) {
            let line = line.join(" ").replace(" --name kind", "");
            // By default `kind create cluster` configures kubectl itself.
            assert!(line.contains("export kubeconfig") || readme.contains(&line), "{line}");
        }
    }
}
