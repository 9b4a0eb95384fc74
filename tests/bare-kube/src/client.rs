//! `kubectl` and `helm`, for one Kubernetes.

use std::{path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use testbed::program;

use super::Programs;

/// Somebody who works with a Kubernetes.
#[derive(Debug, Clone)]
pub struct Client {
    programs: Programs,
    kubeconfig: Option<PathBuf>,
    cache: PathBuf,
}

impl Client {
    /// Of the Kubernetes that this file leads to; without one, of the one that the environment
    /// names. What is remembered of its API goes into this folder: elsewhere it would be shared by
    /// all that ever had this address.
    #[must_use]
    pub fn new(programs: Programs, kubeconfig: Option<PathBuf>, cache: PathBuf) -> Self {
        Self { programs, kubeconfig, cache }
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
        if let Some(kubeconfig) = &self.kubeconfig {
            kubectl.arg("--kubeconfig").arg(kubeconfig);
        }
        kubectl.args(args);
        Ok(kubectl)
    }

    /// Runs `helm` and gives what it printed.
    pub fn helm(&self, args: &[&str]) -> Result<String> {
        let mut helm = self.programs.command("helm")?;
        helm.env("HELM_CACHE_HOME", &self.cache);
        if let Some(kubeconfig) = &self.kubeconfig {
            helm.arg("--kubeconfig").arg(kubeconfig);
        }
        program::output(helm.args(args)).with_context(|| format!("helm {}", args.join(" ")))
    }
}
