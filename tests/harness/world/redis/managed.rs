//! Redis as the operator starts it.

use anyhow::{Context as _, Result};
use operator::{
    build::build, crd::ChatCluster, observe::Observed, resolve::resolve, rollout::rollout,
};
use serde_json::json;

/// Lines of its settings; where its data is and who may come in, the world says by itself.
pub(super) fn settings() -> Result<Vec<String>> {
    let cluster: ChatCluster = serde_json::from_value(json!({
        "apiVersion": "chatcluster.dev/v1alpha1", "kind": "ChatCluster",
        "metadata": { "name": "team", "namespace": "talk", "uid": "u" },
        "spec": { "image": "chat:1" },
    }))?;
    let mut seen = Observed::default();
    seen.entropy = Some([7; _]);
    let resolved = resolve(&cluster, &seen)?;
    let desired = build(&resolved, &rollout(&resolved, &seen), &seen);
    let named = |name: &Option<String>| name.as_deref() == Some("team-redis");
    let redis = desired.stateful_sets.into_iter().find(|store| named(&store.metadata.name));
    let template = redis.and_then(|store| store.spec).map(|spec| spec.template);
    let pod = template.and_then(|template| template.spec).context("no managed Redis")?;
    let args = pod.containers.into_iter().next().and_then(|container| container.args);
    let args = args.context("Redis is started without arguments")?;
    let pairs = args.as_chunks::<2>().0.iter().filter_map(|[name, value]| {
        let name = name.strip_prefix("--")?;
        (!["requirepass", "dir"].contains(&name)).then(|| format!("{name} {value}"))
    });
    Ok(pairs.collect())
}
