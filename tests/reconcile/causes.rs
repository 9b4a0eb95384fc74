//! Goal: what is wrong around a `ChatCluster` is named in its status, within ten seconds.
//! Method: make each mistake in a real namespace and read the condition `Degraded`.
//! covers: D6

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use harness::kube::{Site, spec};
use k8s_openapi::api::core::v1::ResourceQuota;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

const IN_TIME: Duration = Duration::from_secs(10);

async fn named(site: &Site, name: &str, wish: &Value, words: &str) -> Result<()> {
    site.apply(name, wish).await?;
    let since = Instant::now();
    site.condition(name, "Degraded", "True", words).await?;
    ensure!(since.elapsed() < IN_TIME, "{words}: only after {:?}", since.elapsed());
    site.condition(name, "Ready", "False", "").await
}

fn external(mut wish: Value, secret: &Value) -> Value {
    wish["mysql"] = json!({ "external": { "host": "db.example", "secretRef": secret } });
    wish
}

#[tokio::test]
async fn mistakes_are_named() -> Result<()> {
    let site = Site::start("causes").await?;
    let wish = spec("chat:1");
    site.secret("db", &[("username", "me"), ("password", "x")]).await?;
    site.secret("hollow", &[("username", "me"), ("password", "")]).await?;
    let stored = |secret: Value| external(wish.clone(), &secret);
    named(
        &site,
        "no-secret",
        &stored(json!({ "name": "away" })),
        "names the Secret away, which does not exist",
    )
    .await?;
    named(
        &site,
        "no-key",
        &stored(json!({ "name": "db", "passwordKey": "pass" })),
        "has no key pass; it has password, username",
    )
    .await?;
    named(&site, "empty-key", &stored(json!({ "name": "hollow" })), "is empty or not text").await?;
    let mut one = stored(json!({ "name": "db" }));
    one["mysql"]["external"]["tls"] =
        json!({ "mode": "VerifyCa", "caSecretRef": { "name": "ca" } });
    named(&site, "no-ca", &one, "caSecretRef names the Secret ca").await?;
    let mut one = wish.clone();
    one["redis"] = json!({ "external": { "host": "r", "secretRef": { "name": "rs" } } });
    named(&site, "no-redis-secret", &one, "redis.external.secretRef names the Secret rs").await?;
    let mut one = wish.clone();
    one["uploads"] = json!({ "s3": { "bucket": "pictures", "secretRef": { "name": "db" } } });
    named(&site, "no-s3-key", &one, "uploads.s3.secretRef has no key access-key-id").await?;
    let mut one = wish.clone();
    one["redis"] = json!({ "external": {
        "host": "r", "tls": { "enabled": true, "caSecretRef": { "name": "db" } },
    } });
    named(&site, "no-redis-ca", &one, "redis.external.tls.caSecretRef has no key ca.crt").await?;
    let mut one = wish.clone();
    one["cache"] = json!({ "messageTtl": "90d" });
    named(&site, "long-ttl", &one, "CHAT_CACHE_MESSAGE_TTL: must be from").await?;
    let mut one = wish.clone();
    one["mysql"]["managed"]["image"] = json!("mysql:unpullable");
    named(&site, "no-mysql", &one, "mysql:unpullable cannot be pulled: manifest unknown").await?;
    let mut one = wish.clone();
    one["mysql"] = json!({ "managed": { "persistence": { "storageClassName": "none-such" } } });
    named(&site, "no-class", &one, "none-such").await?;
    let mut one = stored(json!({ "name": "db" }));
    one["podTemplate"] = json!({ "nodeSelector": { "planet": "mars" } });
    named(&site, "no-node", &one, "didn't match Pod's node affinity/selector").await?;
    named(
        &site,
        "no-image",
        &external(spec("chat:unpullable"), &json!({ "name": "db" })),
        "cannot be pulled",
    )
    .await?;
    named(
        &site,
        "bad-schema",
        &external(spec("chat:bad-schema"), &json!({ "name": "db" })),
        "Duplicate column",
    )
    .await?;
    named(
        &site,
        "crash",
        &external(spec("chat:crash"), &json!({ "name": "db" })),
        "ended with code 1 again and again: chat-server: cannot read the page",
    )
    .await?;
    // And when it is put right, it comes up by itself.
    site.secret("away", &[("username", "me"), ("password", "x")]).await?;
    site.ready("no-secret").await
}

#[tokio::test]
async fn what_a_certificate_lacks_is_named() -> Result<()> {
    let site = Site::start("no-tls").await?;
    let mut wish = spec("chat:1");
    wish["tls"] = json!({ "secretName": "chat-tls" });
    let there = "spec.tls.secretName names the Secret chat-tls, which does not exist";
    named(&site, "team", &wish, there).await?;
    site.secret("chat-tls", &[("tls.crt", "A")]).await?;
    let key = "the Secret chat-tls of spec.tls.secretName has no key tls.key; it has tls.crt";
    site.condition("team", "Degraded", "True", key).await?;
    // And when it is there, it comes up by itself.
    site.secret("chat-tls", &[("tls.crt", "A"), ("tls.key", "B")]).await?;
    site.ready("team").await
}

#[tokio::test]
async fn a_quota_is_named() -> Result<()> {
    let site = Site::start("quota").await?;
    let quota = json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": { "name": "none" },
        "spec": { "hard": { "pods": "0" } },
    });
    let params = PatchParams::apply("test");
    site.api::<ResourceQuota>().patch("none", &params, &Patch::Apply(quota)).await?;
    // The quota counts once its controller has seen it.
    tokio::time::sleep(Duration::from_secs(2)).await;
    named(&site, "team", &spec("chat:1"), "exceeded quota: none").await?;
    site.secret("db", &[("username", "me"), ("password", "x")]).await?;
    let wish = external(spec("chat:1"), &json!({ "name": "db" }));
    named(&site, "job", &wish, "exceeded quota: none").await
}
