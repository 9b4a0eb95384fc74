//! Goal: what is wrong around a `ChatCluster` is named in its status, within ten seconds.
//! Method: make each mistake of the operator's README in a real namespace and read the conditions.

use anyhow::{Result, ensure};
use harness::kube::{Site, spec};
use k8s_openapi::api::core::v1::Secret;
use kube::ResourceExt;
use serde_json::{Value, json};

async fn named(site: &Site, name: &str, wish: &Value, mistake: &str) -> Result<()> {
    site.apply(name, wish).await?;
    site.named(name, mistake).await?;
    site.condition(name, "Ready", "False", "").await
}

fn external(image: &str, secret: &Value) -> Value {
    let mut wish = spec(image);
    wish["mysql"] = json!({ "external": { "host": "db.example", "secretRef": secret } });
    wish
}

/// A spec with one field more.
fn with(field: &str, value: Value) -> Value {
    let mut wish = spec("chat:1");
    wish[field] = value;
    wish
}

#[tokio::test]
async fn what_secrets_lack_is_named() -> Result<()> {
    let site = Site::start("secrets").await?;
    site.secret("db", &[("username", "me"), ("password", "x")]).await?;
    site.secret("hollow", &[("username", "me"), ("password", "")]).await?;
    let stored = |secret: Value| external("chat:1", &secret);
    let no_secret = stored(json!({ "name": "away" }));
    named(&site, "no-secret", &no_secret, "no Secret for MySQL").await?;
    let no_key = stored(json!({ "name": "db", "passwordKey": "pass" }));
    named(&site, "no-key", &no_key, "another key in the Secret for MySQL").await?;
    let hollow = stored(json!({ "name": "hollow" }));
    named(&site, "empty-key", &hollow, "an empty password").await?;
    let mut one = stored(json!({ "name": "db" }));
    one["mysql"]["external"]["tls"] =
        json!({ "mode": "VerifyCa", "caSecretRef": { "name": "ca" } });
    named(&site, "no-ca", &one, "no Secret with the authority of MySQL").await?;
    let redis = json!({ "external": { "host": "r", "secretRef": { "name": "rs" } } });
    named(&site, "no-redis-secret", &with("redis", redis), "no Secret for Redis").await?;
    let redis = json!({ "external": {
        "host": "r", "tls": { "enabled": true, "caSecretRef": { "name": "db" } },
    } });
    let mistake = "no certificate of the authority of Redis";
    named(&site, "no-redis-ca", &with("redis", redis), mistake).await?;
    let s3 = json!({ "s3": { "bucket": "pictures", "secretRef": { "name": "db" } } });
    named(&site, "no-s3-key", &with("uploads", s3), "no key for S3").await?;
    let cache = with("cache", json!({ "messageTtl": "90d" }));
    named(&site, "long-ttl", &cache, "a setting that the servers refuse").await?;
    // Nothing is made for a spec that is refused, not even its passwords.
    let ours: Vec<_> = site.ours::<Secret>().await?.iter().map(ResourceExt::name_any).collect();
    ensure!(ours.is_empty(), "made for specs that are refused: {ours:?}");
    // And when it is put right, it comes up by itself.
    site.secret("away", &[("username", "me"), ("password", "x")]).await?;
    site.ready("no-secret").await
}

#[tokio::test]
async fn what_a_certificate_lacks_is_named() -> Result<()> {
    let site = Site::start("no-tls").await?;
    let wish = with("tls", json!({ "secretName": "chat-tls" }));
    named(&site, "team", &wish, "no Secret with the servers' certificate").await?;
    site.secret("chat-tls", &[("tls.crt", "A")]).await?;
    site.named("team", "a certificate without its key").await?;
    // And when it is there, it comes up by itself.
    let pair = [("tls.crt", "A"), ("tls.key", "B")];
    site.secret("chat-tls", &pair).await?;
    site.ready("team").await?;

    // Of the one that browsers see, which the Ingress' controller reads.
    let ingress = json!({ "host": "chat.example.org", "tlsSecretName": "chat-example-org" });
    site.change("team", &json!({ "ingress": ingress })).await?;
    site.named("team", "no Secret with the certificate of the Ingress").await?;
    site.condition("team", "Available", "True", "").await?;
    site.secret("chat-example-org", &pair).await?;
    site.ready("team").await
}

#[tokio::test]
async fn what_keeps_pods_down_is_named() -> Result<()> {
    let site = Site::start("causes").await?;
    site.secret("db", &[("username", "me"), ("password", "x")]).await?;
    let stored = |image: &str| external(image, &json!({ "name": "db" }));
    let managed = |more: Value| with("mysql", json!({ "managed": more }));
    let plain = json!({ "persistence": { "enabled": false }, "image": "mysql:unpullable" });
    named(&site, "no-mysql", &managed(plain), "an image of MySQL that is nowhere").await?;
    let class = json!({ "persistence": { "storageClassName": "none-such" } });
    let mistake = "a storage class that is not there, for MySQL";
    named(&site, "no-class", &managed(class), mistake).await?;
    named(&site, "no-classes", &managed(json!({})), "no storage class at all").await?;
    let kept = |volume: Value| {
        let mut wish = stored("chat:1");
        wish["replicas"] = json!(1);
        wish["uploads"] = json!({ "volume": volume });
        wish
    };
    let class = kept(json!({ "size": "1Gi", "storageClassName": "none-such" }));
    let mistake = "a storage class that is not there, for pictures";
    named(&site, "no-pictures", &class, mistake).await?;
    let claim = kept(json!({ "existingClaim": "none-such" }));
    named(&site, "no-claim", &claim, "a claim for pictures that is not there").await?;
    let mut one = stored("chat:1");
    one["podTemplate"] = json!({ "nodeSelector": { "planet": "mars" } });
    named(&site, "no-node", &one, "a node selector that no node has").await?;
    let mut one = stored("chat:unpullable");
    named(&site, "no-image", &one, "an image of the servers that is nowhere").await?;
    one["imagePullSecrets"] = json!([{ "name": "db" }, { "name": "registry" }]);
    named(&site, "no-registry", &one, "no Secret for the registry").await?;
    let mistake = "a migration that the store refuses";
    named(&site, "bad-schema", &stored("chat:bad-schema"), mistake).await?;
    named(&site, "crash", &stored("chat:crash"), "a server that ends at its start").await
}
