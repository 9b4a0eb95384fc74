//! Pods that crash: their processes are killed on their node, by a pod of the run that sees them.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;
use testbed::Timeout;

use super::Installation;

/// Kills what runs in the pod with this uid. Control groups have the uid in their name, with `-` or
/// with `_`; `pause` holds the pod and is not the product.
const KILL: &str = r#"
killed=
for process in /proc/[0-9]*; do
    group=$(cat "$process/cgroup" 2>/dev/null | tr _ -)
    case $group in *"pod$1"*) ;; *) continue ;; esac
    [ "$(cat "$process/comm")" != pause ] || continue
    kill -KILL "${process#/proc/}"
    killed=yes
done
[ "$killed" ] || { echo "no process of the pod was found"; exit 1; }
"#;

impl Installation {
    /// Kills all processes of a pod, as a crash does, and waits until Kubernetes has started them
    /// anew, in place.
    pub fn crash(&self, pod: &str) -> Result<()> {
        let path = "--output=jsonpath={.status.containerStatuses[0].restartCount}";
        let before = self.kubectl(&["get", pod, path])?;
        self.kill_processes(pod)?;
        Timeout::new(Duration::from_secs(30)).wait(&format!("a new start of {pod}"), || {
            Ok(self.kubectl(&["get", pod, path])? != before)
        })
    }

    fn kill_processes(&self, pod: &str) -> Result<()> {
        let namespace = format!("{}-node", self.namespaces.chat);
        self.make_namespace(&namespace, "privileged")?;
        let uid = self.kubectl(&["get", pod, "--output=jsonpath={.metadata.uid}"])?;
        let killer = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": "kill", "namespace": namespace },
            "spec": {
                "nodeName": self.node_of(pod)?, "hostPID": true, "restartPolicy": "Never",
                "containers": [{
                    "name": "kill", "image": "redis:7.4",
                    "command": ["sh", "-c", KILL, "kill", uid],
                    "securityContext": { "runAsUser": 0 },
                }],
            },
        });
        let client = self.client.in_namespace(&namespace);
        client.kubectl(&["apply", "--filename", &self.put("kill", &killer)?])?;
        let succeeded = "--for=jsonpath={.status.phase}=Succeeded";
        let done = client.kubectl(&["wait", "pod/kill", succeeded, "--timeout=60s"]);
        let said = client.kubectl(&["logs", "kill"]);
        client.kubectl(&["delete", "pod", "kill", "--grace-period=0", "--force"])?;
        ensure!(done.is_ok(), "{pod} was not killed: {said:?}");
        Ok(())
    }
}
