//! Goal: what is wrong with a store that somebody else looks after is named within ten seconds.
//! Method: services beside the first one, with its database and one mistake each, seen by real
//! servers.
//! covers: D6

use std::{fs, time::Duration};

use anyhow::{Context as _, Result, ensure};
use harness::{Site, eventually};
use serde_json::{Value, json};

const IN_TIME: Duration = Duration::from_secs(10);

pub(crate) async fn named(site: &Site) -> Result<()> {
    let mysql = |more: Value| {
        let mut external = json!({ "host": "team-mysql", "secretRef": { "name": "mistaken" } });
        for (key, value) in more.as_object().into_iter().flatten() {
            external[key] = value.clone();
        }
        external
    };
    let cases = [
        ("wrong-password", mysql(json!({})), "Access denied for user 'chat'"),
        ("wrong-host", mysql(json!({ "host": "nowhere.example" })), "nowhere.example"),
        ("wrong-port", mysql(json!({ "port": 3307 })), "team-mysql:3307"),
    ];
    for (name, external, words) in cases {
        apply(site, name, &external)?;
        let said = eventually(name, IN_TIME, || async {
            let path = r#"--output=jsonpath={.status.conditions[?(@.type=="Degraded")].message}"#;
            let said = site.kubectl(&["get", "chatcluster", name, path])?;
            ensure!(said.contains(words), "{said:?} does not say {words}");
            Ok(said)
        });
        let said = said.await.with_context(|| format!("{name} is not named in time"))?;
        println!("         {name}: {said}");
        site.kubectl(&["delete", "chatcluster", name, "--wait=false"])?;
    }
    Ok(())
}

fn apply(site: &Site, name: &str, external: &Value) -> Result<()> {
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "mistaken" },
        "stringData": { "username": "chat", "password": "not-this-one" },
    });
    let cluster = json!({
        "apiVersion": "chatcluster.dev/v1alpha1", "kind": "ChatCluster",
        "metadata": { "name": name },
        "spec": {
            "image": "chat-server:0.1.0", "replicas": 1,
            "mysql": { "external": external },
            "redis": { "external": { "host": "team-redis" } },
        },
    });
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": [secret, cluster] });
    let file = site.dir().join(format!("{name}.json"));
    fs::write(&file, list.to_string())?;
    site.kubectl(&["apply", "--filename", &file.display().to_string()]).map(drop)
}
