//! `kubectl` and `helm`, for one Kubernetes.

use std::{ffi::OsStr, path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use testbed::program;

use super::Programs;

/// Somebody who works with a Kubernetes.
#[derive(Debug, Clone)]
pub struct Client {
    programs: Programs,
    kubeconfig: Option<PathBuf>,
    cache: PathBuf,
    namespace: Option<String>,
}

impl Client {
    /// Of the Kubernetes that this file leads to; without one, of the one that the environment
    /// names. What is remembered of its API goes into this folder: elsewhere it would be shared by
    /// all that ever had this address.
    #[must_use]
    pub fn new(programs: Programs, kubeconfig: Option<PathBuf>, cache: PathBuf) -> Self {
        Self { programs, kubeconfig, cache, namespace: None }
    }

    /// The same, in this namespace where nothing else is said.
    #[must_use]
    pub fn in_namespace(&self, namespace: &str) -> Self {
        Self { namespace: Some(namespace.to_owned()), ..self.clone() }
    }

    /// Runs `kubectl` and gives what it printed.
    pub fn kubectl(&self, args: &[&str]) -> Result<String> {
        program::output(&mut self.command(args)?)
            .with_context(|| format!("kubectl {}", args.join(" ")))
    }

    /// `kubectl`, to be started by the caller.
    pub fn command(&self, args: &[&str]) -> Result<Command> {
        let mut kubectl = self.programs.command("kubectl")?;
        kubectl.arg("--cache-dir").arg(&self.cache);
        kubectl.args(self.place()).args(args);
        Ok(kubectl)
    }

    /// Runs `helm` and gives what it printed.
    pub fn helm(&self, args: &[&str]) -> Result<String> {
        let mut helm = self.programs.command("helm")?;
        helm.env("HELM_CACHE_HOME", &self.cache);
        helm.args(self.place());
        program::output(helm.args(args)).with_context(|| format!("helm {}", args.join(" ")))
    }

    /// Arguments of both programs. Of two namespaces they take the last one.
    fn place(&self) -> impl Iterator<Item = &OsStr> {
        let kubeconfig =
            self.kubeconfig.iter().flat_map(|file| ["--kubeconfig".as_ref(), file.as_os_str()]);
        let namespace =
            self.namespace.iter().flat_map(|name| ["--namespace".as_ref(), name.as_ref()]);
        kubeconfig.chain(namespace)
    }
}
