//! The processes of operators in a namespace.

use std::{
    env,
    fs::File,
    net::{Ipv4Addr, SocketAddr},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, anyhow, bail};
use testbed::ports;

use super::Site;

impl Site {
    /// Starts an operator with the rights that its chart gives it here.
    pub fn operator(&mut self, identity: &str) -> Result<()> {
        let kubeconfig = self.rights()?.clone();
        let program = env::var("CHAT_TEST_OPERATOR")
            .map_err(|_| anyhow!("start this ring with: cargo x test reconcile"))?;
        let ops = match self.ops.get(identity) {
            // The same again, as who watches it expects.
            Some(ops) => *ops,
            None => SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()?)),
        };
        let log = env::temp_dir().join(format!("{}-{identity}.log", self.namespace));
        let child = Command::new(program)
            .args(["run", "--namespaces", &self.namespace, "--lease-namespace", &self.namespace])
            .args([
                "--identity",
                identity,
                "--listen",
                &ops.to_string(),
                "--log",
                "info,operator=debug",
            ])
            .env("KUBECONFIG", kubeconfig)
            .stdin(Stdio::null())
            .stderr(File::create(log)?)
            .spawn()
            .context("cannot start the operator")?;
        self.operators.insert(identity.to_owned(), child);
        self.ops.insert(identity.to_owned(), ops);
        Ok(())
    }

    /// The process of an operator.
    pub fn process(&self, identity: &str) -> Result<u32> {
        Ok(self.operators.get(identity).context("no such operator")?.id())
    }

    /// Where an operator's probes and metrics are.
    pub fn ops(&self, identity: &str) -> Result<SocketAddr> {
        self.ops.get(identity).copied().context("no such operator")
    }

    /// Starts an operator again where it has ended by itself, as Kubernetes would: on a busy machine
    /// one may lose its Lease.
    pub fn revive(&mut self, identity: &str) -> Result<()> {
        let child = self.operators.get_mut(identity).context("no such operator")?;
        if child.try_wait()?.is_some() { self.operator(identity) } else { Ok(()) }
    }

    /// Kills an operator, as a lost machine does.
    pub fn kill(&mut self, identity: &str) -> Result<()> {
        let mut child = self.operators.remove(identity).context("no such operator")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Asks an operator to end, and waits until it has.
    pub fn stop(&mut self, identity: &str) -> Result<()> {
        let mut child = self.operators.remove(identity).context("no such operator")?;
        let pid = nix::unistd::Pid::from_raw(child.id().try_into()?);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM)?;
        let status = child.wait()?;
        if !status.success() {
            bail!("the operator ended with {status}");
        }
        Ok(())
    }
}
