//! What the spec and its Secrets become, and what is rejected.

use serde_json::json;

use super::*;
use crate::observe::SecretData;

fn cluster(spec: Value) -> ChatCluster {
    let mut cluster = json!({
        "apiVersion": "chatcluster.dev/v1alpha1",
        "kind": "ChatCluster",
        "metadata": { "name": "team", "namespace": "talk", "uid": "u", "generation": 3 },
    });
    cluster["spec"] = spec;
    serde_json::from_value(cluster).unwrap()
}

fn secrets(list: &[(&str, &[(&str, &str)])]) -> Observed {
    let data = |pairs: &[(&str, &str)]| -> SecretData {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), v.as_bytes().to_vec())).collect()
    };
    let references =
        list.iter().map(|(name, pairs)| ((*name).to_owned(), Some(data(pairs)))).collect();
    Observed { references, secrets: credentials::example(), ..Observed::default() }
}

fn external() -> Value {
    json!({
        "image": "chat:1",
        "mysql": { "external": {
            "host": "db.example",
            "secretRef": { "name": "db" },
            "tls": { "mode": "VerifyIdentity", "caSecretRef": { "name": "ca" } },
        } },
        "redis": { "external": {
            "host": "cache.example", "mode": "Sentinel", "sentinelService": "main",
            "secretRef": { "name": "cache" }, "sentinelSecretRef": { "name": "cache" },
            "tls": { "enabled": true, "caSecretRef": { "name": "ca", "key": "redis.crt" } },
        } },
    })
}

#[test]
fn managed_stores_are_found_by_their_names() {
    let resolved = resolve(&cluster(json!({ "image": "chat:1" })), &secrets(&[]));
    let resolved = resolved.unwrap();
    assert_eq!(resolved.secrets["CHAT_MYSQL_URL"], "mysql://chat:mmm@team-mysql:3306/chat");
    assert_eq!(resolved.secrets["CHAT_REDIS_URL"], "redis://:rrr@team-redis:6379");
    assert_eq!(resolved.config["CHAT_HTTP_LISTEN"], "0.0.0.0:3000");
    // The former name too: a server of the version before knows no other.
    for name in ["CHAT_DRAIN_SOCKETS_PER_SECOND", "CHAT_DRAIN_PER_SECOND"] {
        assert_eq!(resolved.config[name], "200");
    }
    assert!(!resolved.config.contains_key("CHAT_MYSQL_URL"), "secrets are elsewhere");
}

#[test]
fn traces_go_to_the_collector_that_is_named() {
    let config = |spec: Value| resolve(&cluster(spec), &secrets(&[])).unwrap().config;
    let without = config(json!({ "image": "chat:1" }));
    assert!(!without.contains_key("CHAT_OTLP_ENDPOINT"));
    assert!(!without.contains_key("CHAT_TRACE_ONE_IN"), "the server's own default holds");
    let otlp = json!({ "endpoint": "http://collector.watch:4317" });
    let with = config(json!({ "image": "chat:1", "observability": { "otlp": otlp } }));
    assert_eq!(with["CHAT_OTLP_ENDPOINT"], "http://collector.watch:4317");
    assert_eq!(with["CHAT_TRACE_ONE_IN"], "100");
}

fn in_s3(s3: &Value) -> ChatCluster {
    cluster(json!({ "image": "chat:1", "uploads": { "s3": s3 } }))
}

#[test]
fn pictures_go_to_the_bucket_that_is_named() {
    let seen = secrets(&[
        ("key", &[("access-key-id", "AK"), ("secret-access-key", "sss\n")]),
        ("ca", &[("ca.crt", "PEM")]),
    ]);
    let s3 = json!({
        "bucket": "pictures", "prefix": "team/chat", "endpoint": "https://minio.example:9000",
        "region": "garage", "pathStyle": false,
        "secretRef": { "name": "key" }, "caSecretRef": { "name": "ca" },
    });
    let resolved = resolve(&in_s3(&s3), &seen).unwrap();
    let value = |name: &str| resolved.config.get(name).map(String::as_str);
    assert_eq!(value("CHAT_UPLOADS_URL"), Some("s3://pictures/team/chat"));
    assert_eq!(value("CHAT_S3_ENDPOINT"), Some("https://minio.example:9000"));
    assert_eq!(value("CHAT_S3_REGION"), Some("garage"));
    assert_eq!(value("CHAT_S3_PATH_STYLE"), Some("false"));
    assert_eq!(value("CHAT_S3_CA"), Some("/etc/chat/authorities/s3-ca.crt"));
    assert_eq!(value("CHAT_UPLOADS_DIR"), None);
    assert_eq!(value("CHAT_S3_ACCESS_KEY_ID"), None, "secrets are elsewhere");
    assert_eq!(resolved.secrets["CHAT_S3_ACCESS_KEY_ID"], "AK");
    assert_eq!(resolved.secrets["CHAT_S3_SECRET_ACCESS_KEY"], "sss");
    assert_eq!(resolved.secrets[S3_CA], "PEM");
    assert!(resolved.spec.referenced_secrets().iter().eq(["ca", "key"]));

    let other = [("access-key-id", "AK"), ("secret-access-key", "changed")];
    let seen = secrets(&[("key", &other), ("ca", &[("ca.crt", "PEM")])]);
    let changed = resolve(&in_s3(&s3), &seen).unwrap();
    assert_ne!(changed.revision, resolved.revision, "a changed key rolls the servers");

    let role = resolve(&in_s3(&json!({ "bucket": "pictures" })), &seen).unwrap();
    assert!(!role.secrets.contains_key("CHAT_S3_ACCESS_KEY_ID"));
    assert!(!role.config.contains_key("CHAT_S3_PATH_STYLE"), "the server's own default holds");
}

#[test]
fn what_the_bucket_needs_and_is_not_there_is_named() {
    let s3 = json!({ "bucket": "pictures", "secretRef": { "name": "key" } });
    let rejection = resolve(&in_s3(&s3), &secrets(&[])).unwrap_err();
    assert_eq!(rejection.reason(), "SecretMissing");
    assert!(rejection.to_string().contains("spec.uploads.s3.secretRef names the Secret key"));
    let seen = secrets(&[("key", &[("access-key-id", "AK")])]);
    let rejection = resolve(&in_s3(&s3), &seen).unwrap_err();
    assert_eq!(
        rejection.to_string(),
        "the Secret key of spec.uploads.s3.secretRef has no key secret-access-key; it has access-key-id"
    );
}

#[test]
fn what_is_in_secrets_is_escaped() {
    let seen = secrets(&[
        ("db", &[("username", "me@home"), ("password", "p/w:d\n")]),
        ("ca", &[("ca.crt", "PEM"), ("redis.crt", "REDIS PEM")]),
        ("cache", &[("password", "x y")]),
    ]);
    let resolved = resolve(&cluster(external()), &seen).unwrap();
    assert_eq!(
        resolved.secrets["CHAT_MYSQL_URL"],
        "mysql://me%40home:p%2Fw%3Ad@db.example:3306/chat?ssl-mode=VERIFY_IDENTITY&ssl-ca=%2Fetc%2Fchat%2Fauthorities%2Fmysql-ca.crt"
    );
    assert_eq!(
        resolved.secrets["CHAT_REDIS_URL"],
        "rediss-sentinel://:x%20y@cache.example:6379?sentinelServiceName=main&sentinelPassword=x%20y"
    );
    assert_eq!(resolved.secrets[MYSQL_CA], "PEM");
    assert_eq!(resolved.secrets[REDIS_CA], "REDIS PEM");
    assert_eq!(resolved.config["CHAT_REDIS_CA"], "/etc/chat/authorities/redis-ca.crt");
}

#[test]
fn redis_may_be_encrypted_without_an_authority_of_its_own() {
    let redis = json!({ "host": "cache.example", "mode": "Cluster", "tls": { "enabled": true } });
    let spec = json!({ "image": "chat:1", "redis": { "external": redis } });
    let resolved = resolve(&cluster(spec), &secrets(&[])).unwrap();
    assert_eq!(resolved.secrets["CHAT_REDIS_URL"], "rediss-cluster://cache.example:6379");
    assert!(!resolved.config.contains_key("CHAT_REDIS_CA"));
}

#[test]
fn what_is_missing_is_named() {
    let mut seen = secrets(&[("db", &[("user", "me"), ("password", "x")])]);
    seen.references.insert("ca".to_owned(), None);
    let rejection = resolve(&cluster(external()), &seen).unwrap_err();
    assert_eq!(rejection.reason(), "SecretMissing");
    assert!(rejection.to_string().contains("caSecretRef names the Secret ca"), "{rejection}");
    let good = [("username", "me"), ("password", "x")];
    let seen = secrets(&[("db", &good), ("ca", &[("ca.crt", "P")]), ("cache", &good)]);
    let rejection = resolve(&cluster(external()), &seen).unwrap_err();
    assert_eq!(
        rejection.to_string(),
        "the Secret ca of spec.redis.external.tls.caSecretRef has no key redis.crt; it has ca.crt"
    );
    let seen = secrets(&[("db", &[("user", "me"), ("password", "x")]), ("ca", &[("ca.crt", "P")])]);
    let rejection = resolve(&cluster(external()), &seen).unwrap_err();
    assert_eq!(
        rejection.to_string(),
        "the Secret db of spec.mysql.external.secretRef has no key username; it has password, user"
    );
    let seen =
        secrets(&[("db", &[("username", "me"), ("password", "")]), ("ca", &[("ca.crt", "P")])]);
    let rejection = resolve(&cluster(external()), &seen).unwrap_err();
    assert_eq!(rejection.to_string(), "the key password of the Secret db is empty or not text");
}

#[test]
fn what_the_server_would_refuse_is_refused_here() {
    let spec = json!({ "image": "chat:1", "cache": { "messageTtl": "90d" } });
    let rejection = resolve(&cluster(spec), &secrets(&[])).unwrap_err();
    assert_eq!(rejection.reason(), "SettingsRefused");
    assert!(
        rejection.to_string().contains("CHAT_CACHE_MESSAGE_TTL: must be from 1s to"),
        "{rejection}"
    );
}

#[test]
fn only_what_concerns_the_pods_makes_a_revision() {
    let revision = |spec: Value| resolve(&cluster(spec), &secrets(&[])).unwrap().revision;
    let base = revision(json!({ "image": "chat:1" }));
    for same in [
        json!({ "image": "chat:1", "replicas": 5 }),
        json!({ "image": "chat:1", "cache": {}, "paused": true }),
        json!({ "image": "chat:1", "observability": { "serviceMonitor": {}, "rules": {}, "dashboards": {} } }),
        json!({ "image": "chat:1", "service": { "type": "NodePort" }, "ingress": { "host": "a.b" } }),
        json!({ "image": "chat:1", "networkPolicy": { "enabled": false }, "drain": { "settleSeconds": 9 } }),
    ] {
        assert_eq!(revision(same.clone()), base, "{same}");
    }
    for other in [
        json!({ "image": "chat:2" }),
        json!({ "image": "chat:1", "cache": { "messageTtl": "6s" } }),
        json!({ "image": "chat:1", "podTemplate": { "labels": { "a": "b" } } }),
        json!({ "image": "chat:1", "observability": { "otlp": { "endpoint": "http://c:4317" } } }),
        json!({ "image": "chat:1", "drain": { "graceSeconds": 90 } }),
    ] {
        assert_ne!(revision(other.clone()), base, "{other}");
    }
}

#[test]
fn what_changes_in_a_secret_makes_a_revision() {
    let revision = |password: &str, ca: &str| {
        let seen = secrets(&[
            ("db", &[("username", "me"), ("password", password)]),
            ("ca", &[("ca.crt", "PEM"), ("redis.crt", ca)]),
            ("cache", &[("password", "x")]),
        ]);
        let resolved = resolve(&cluster(external()), &seen).unwrap();
        assert!(!resolved.inputs.to_string().contains(password), "no secret is written down");
        resolved.revision
    };
    let first = revision("first-one", "AUTHORITY");
    assert_ne!(first, revision("second-one", "AUTHORITY"));
    assert_ne!(first, revision("first-one", "ANOTHER"));
}

fn stored(resolved: &Resolved) -> Revision {
    Revision {
        name: resolved.revision.clone(),
        inputs: resolved.inputs.clone(),
        config: resolved.config.clone(),
        template: <_>::default(),
    }
}

fn with_certificate(data: &[(&str, &str)]) -> Result<Resolved, Rejection> {
    let spec = json!({ "image": "chat:1", "tls": { "secretName": "chat-tls" } });
    resolve(&cluster(spec), &secrets(&[("chat-tls", data)]))
}

#[test]
fn a_renewed_certificate_makes_no_revision() {
    let first = with_certificate(&[("tls.crt", "A"), ("tls.key", "B")]).unwrap();
    assert_eq!(first.config["CHAT_TLS_CERT"], "/etc/chat/tls/tls.crt");
    assert_eq!(first.config["CHAT_TLS_KEY"], "/etc/chat/tls/tls.key");
    let all = [("tls.crt", "C"), ("tls.key", "D"), ("ca.crt", "E")];
    let renewed = with_certificate(&all).unwrap();
    assert_eq!(renewed.revision, first.revision);
    assert_eq!(renewed.config, first.config);
    assert!(!renewed.secrets.values().any(|value| value == "D"), "the key is not written again");

    let other = json!({ "image": "chat:1", "tls": { "secretName": "other" } });
    let other = resolve(&cluster(other), &secrets(&[("other", &all)])).unwrap();
    assert_ne!(other.revision, first.revision);
    let plain = resolve(&cluster(json!({ "image": "chat:1" })), &secrets(&[]));
    let plain = plain.unwrap();
    assert_ne!(plain.revision, first.revision);
    assert!(!plain.config.contains_key("CHAT_TLS_CERT"));
    let mut before = plain.inputs.clone();
    // Neither field was there; one is unset, the other one has its defaults.
    for field in ["tls", "tuning"] {
        before.as_object_mut().unwrap().remove(field).unwrap();
    }
    let older = Revision { name: "older".to_owned(), inputs: before, ..stored(&plain) };
    let of = |spec| resolve(&cluster(spec), &secrets(&[])).unwrap().inputs;
    let find =
        |inputs: &Value| Revision::find(std::slice::from_ref(&older), inputs, &empty_inputs());
    assert!(find(&plain.inputs).is_some(), "revisions of older operators stay");
    let other = of(json!({ "image": "chat:1", "tuning": { "heartbeat": "5s" } }));
    assert!(find(&other).is_none());
}

#[test]
fn what_a_certificate_needs_and_is_not_there_is_named() {
    let spec = json!({ "image": "chat:1", "tls": { "secretName": "chat-tls" } });
    let rejection = resolve(&cluster(spec), &secrets(&[])).unwrap_err();
    assert_eq!(
        rejection.to_string(),
        "spec.tls.secretName names the Secret chat-tls, which does not exist in namespace talk"
    );
    let rejection = with_certificate(&[("tls.crt", "A")]).unwrap_err();
    assert_eq!(
        rejection.to_string(),
        "the Secret chat-tls of spec.tls.secretName has no key tls.key; it has tls.crt"
    );
    let rejection = with_certificate(&[("tls.crt", ""), ("tls.key", "B")]).unwrap_err();
    assert_eq!(rejection.reason(), "SecretKeyMissing");
}

#[test]
fn credentials_are_generated_once() {
    let spec = || json!({ "image": "chat:1" });
    let seen = |bytes| Observed { entropy: Some(bytes), ..Observed::default() };
    let new = resolve(&cluster(spec()), &seen([7; _])).unwrap();
    let data = new.credentials.new_data.clone().unwrap();
    let keys: Vec<_> = data.keys().map(String::as_str).collect();
    assert_eq!(keys, ["hash-key", "mysql-password", "mysql-root-password", "redis-password"]);
    let bytes = std::array::from_fn(|at| u8::try_from(at + at / 32).unwrap());
    let other = resolve(&cluster(spec()), &seen(bytes)).unwrap().credentials.new_data.unwrap();
    let values: std::collections::BTreeSet<_> = other.values().map(|value| &value.0).collect();
    assert!(values.len() == 4 && values.iter().all(|value| value.len() == 32), "{other:?}");
    let password = &new.credentials.mysql_password;
    assert_eq!(data["mysql-password"].0, password.as_bytes());
    let shown = format!("{new:?} {:?}", new.credentials);
    assert!(shown.contains("team") && !shown.contains(password.as_str()), "{shown}");
    assert!(shown.ends_with(" GeneratedCredentials { .. }"), "{shown}");

    // What is there is taken as it is, whatever is drawn.
    let secrets = [(
        "team-credentials".to_owned(),
        k8s_openapi::api::core::v1::Secret { data: Some(data), ..<_>::default() },
    )];
    let seen = Observed { secrets: secrets.into(), ..seen(bytes) };
    let read = resolve(&cluster(spec()), &seen).unwrap();
    assert!(read.credentials.new_data.is_none());
    assert_eq!((&read.revision, &read.secrets), (&new.revision, &new.secrets));
}

#[test]
fn credentials_are_not_generated_while_something_needs_the_lost_ones() {
    let refused = |spec: Value, seen: &Observed| resolve(&cluster(spec), seen).unwrap_err();
    let lost = Observed {
        entropy: Some([7; _]),
        mysql_claim: Some("data-team-mysql-0".to_owned()),
        ..Observed::default()
    };
    for paused in [false, true] {
        let rejection = refused(json!({ "image": "chat:1", "paused": paused }), &lost);
        assert_eq!(rejection.reason(), "CredentialsBroken");
        let said = rejection.to_string();
        assert!(said.ends_with("all that is kept there: PersistentVolumeClaim data-team-mysql-0"));
    }
    let mut broken = secrets(&[]);
    broken.secrets.get_mut("team-credentials").unwrap().data.as_mut().unwrap().remove("hash-key");
    let rejection = refused(json!({ "image": "chat:1" }), &broken);
    assert!(rejection.to_string().contains("team-credentials has no key hash-key"), "{rejection}");
    let rejection = refused(json!({ "image": "chat:1" }), &Observed::default());
    assert!(rejection.to_string().contains("no random numbers"), "{rejection}");
    // Nothing is generated while it is paused; the revision is only provisional.
    let seen = Observed { entropy: Some([7; _]), ..Observed::default() };
    let paused = resolve(&cluster(json!({ "image": "chat:1", "paused": true })), &seen).unwrap();
    assert_eq!(paused.credentials, GeneratedCredentials::default());
}
