//! Goal: the API works as everywhere, several run side by side, and nothing is left of them.
//! Method: let real controllers make what a Deployment asks for; look at the processes afterwards.

use std::time::Duration;

use anyhow::{Result, ensure};
use harness::{eventually, provision};
use testbed::process;

#[tokio::test]
async fn controllers_do_their_work_and_two_do_not_meet() -> Result<()> {
    let (one, two) = (provision::control_plane("one")?, provision::control_plane("two")?);

    one.kubectl(&["create", "deployment", "tea", "--image=tea", "--replicas=3"])?;

    eventually("three pods of the Deployment", Duration::from_secs(30), || async {
        let pods = one.kubectl(&["get", "pods", "-o", "name"])?;
        ensure!(pods.lines().count() == 3, "{pods}");
        Ok(())
    })
    .await?;
    ensure!(two.kubectl(&["get", "pods", "-o", "name"])?.is_empty(), "another API has them too");

    let (first, second) = (one.config().dir.clone(), two.config().dir.clone());
    one.stop()?;
    drop(two);
    for dir in [first, second] {
        for part in ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] {
            ensure!(!process::lives(&dir, part), "{part} of {} is left", dir.display());
        }
    }
    Ok(())
}
