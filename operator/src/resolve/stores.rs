//! URLs and credentials of the stores.

use std::collections::BTreeMap;

use chat_contract::config::percent_encode;

use super::{
    AUTHORITIES_DIR, MANAGED_USER, MYSQL_CA, REDIS_CA, Rejection, S3_CA,
    credentials::GeneratedCredentials, secrets::Secrets,
};
use crate::{
    crd::{
        ChatClusterSpec, Credentials, ExternalMysql, ExternalRedis, MysqlTlsMode, RedisMode, S3,
        SecretKey,
    },
    names::{self, Names},
};

/// The URLs of MySQL and Redis with their passwords, the access key of S3, and the certificates of
/// their authorities.
pub(super) fn store_secrets(
    spec: &ChatClusterSpec,
    names: &Names,
    credentials: &GeneratedCredentials,
    secrets: &Secrets<'_>,
) -> Result<BTreeMap<String, String>, Rejection> {
    let mut out = BTreeMap::new();
    let mysql = if let Some(mysql) = &spec.mysql.external {
        let ca = mysql.tls.ca_secret_ref.as_ref();
        out.extend(authority(MYSQL_CA, ca, "mysql.external.tls.caSecretRef", secrets)?);
        external_mysql(mysql, secrets)?
    } else {
        let host = names.part(names::MYSQL);
        let password = &credentials.mysql_password;
        format!("mysql://{MANAGED_USER}:{password}@{host}:3306/{MANAGED_USER}")
    };
    out.insert("CHAT_MYSQL_URL".to_owned(), mysql);
    let redis = if let Some(redis) = &spec.redis.external {
        let ca = redis.tls.ca_secret_ref.as_ref();
        out.extend(authority(REDIS_CA, ca, "redis.external.tls.caSecretRef", secrets)?);
        external_redis(redis, secrets)?
    } else {
        let host = names.part(names::REDIS);
        format!("redis://:{}@{host}:6379", credentials.redis_password)
    };
    out.insert("CHAT_REDIS_URL".to_owned(), redis);
    if let Some(s3) = spec.s3() {
        out.extend(s3_secrets(s3, secrets)?);
    }
    Ok(out)
}

/// The certificate of an authority by the name of its file, where the spec names one.
fn authority(
    file: &str,
    ca: Option<&SecretKey>,
    field: &'static str,
    secrets: &Secrets<'_>,
) -> Result<Option<(String, String)>, Rejection> {
    let Some(SecretKey { name, key }) = ca else { return Ok(None) };
    Ok(Some((file.to_owned(), secrets.value(field, name, key)?)))
}

fn s3_secrets(s3: &S3, secrets: &Secrets<'_>) -> Result<Vec<(String, String)>, Rejection> {
    let mut out = Vec::new();
    if let Some(secret) = &s3.secret_ref {
        let value = |key: &str| secrets.value("uploads.s3.secretRef", &secret.name, key);
        out.push(("CHAT_S3_ACCESS_KEY_ID".to_owned(), value(&secret.access_key_id_key)?));
        out.push(("CHAT_S3_SECRET_ACCESS_KEY".to_owned(), value(&secret.secret_access_key_key)?));
    }
    let ca = s3.ca_secret_ref.as_ref();
    out.extend(authority(S3_CA, ca, "uploads.s3.caSecretRef", secrets)?);
    Ok(out)
}

fn external_mysql(mysql: &ExternalMysql, secrets: &Secrets<'_>) -> Result<String, Rejection> {
    let (field, secret) = ("mysql.external.secretRef", &mysql.secret_ref);
    let user = secrets.value(field, &secret.name, &secret.username_key)?;
    let password = secrets.value(field, &secret.name, &secret.password_key)?;
    let mode = match mysql.tls.mode {
        MysqlTlsMode::Disabled => "DISABLED",
        MysqlTlsMode::Preferred => "PREFERRED",
        MysqlTlsMode::Required => "REQUIRED",
        MysqlTlsMode::VerifyCa => "VERIFY_CA",
        MysqlTlsMode::VerifyIdentity => "VERIFY_IDENTITY",
    };
    let ca = match mysql.tls.ca_secret_ref {
        Some(_) => format!("&ssl-ca={}", percent_encode(&format!("{AUTHORITIES_DIR}/{MYSQL_CA}"))),
        None => String::new(),
    };
    Ok(format!(
        "mysql://{}:{}@{}:{}/{}?ssl-mode={mode}{ca}",
        percent_encode(&user),
        percent_encode(&password),
        host(&mysql.host),
        mysql.port,
        mysql.database
    ))
}

fn external_redis(redis: &ExternalRedis, secrets: &Secrets<'_>) -> Result<String, Rejection> {
    let login = match login(redis.secret_ref.as_ref(), "redis.external.secretRef", secrets)? {
        Some((user, password)) => format!("{user}:{password}@"),
        None => String::new(),
    };
    let scheme = if redis.tls.enabled { "rediss" } else { "redis" };
    let (kind, query) = match (redis.mode, &redis.sentinel_service) {
        (RedisMode::Standalone, _) => ("", String::new()),
        (RedisMode::Cluster, _) => ("-cluster", String::new()),
        (RedisMode::Sentinel, service) => {
            let service = percent_encode(service.as_deref().unwrap_or_default());
            ("-sentinel", format!("?sentinelServiceName={service}{}", sentinel(redis, secrets)?))
        }
    };
    let database = match redis.database {
        0 => String::new(),
        number => format!("/{number}"),
    };
    Ok(format!("{scheme}{kind}://{login}{}:{}{database}{query}", host(&redis.host), redis.port))
}

fn sentinel(redis: &ExternalRedis, secrets: &Secrets<'_>) -> Result<String, Rejection> {
    let field = "redis.external.sentinelSecretRef";
    Ok(match login(redis.sentinel_secret_ref.as_ref(), field, secrets)? {
        Some((user, password)) if user.is_empty() => format!("&sentinelPassword={password}"),
        Some((user, password)) => format!("&sentinelUsername={user}&sentinelPassword={password}"),
        None => String::new(),
    })
}

/// User name, empty where the Secret has none, and password; both percent-encoded.
fn login(
    secret: Option<&Credentials>,
    field: &'static str,
    secrets: &Secrets<'_>,
) -> Result<Option<(String, String)>, Rejection> {
    let Some(Credentials { name, username_key, password_key }) = secret else { return Ok(None) };
    let user = if secrets.get(field, name)?.contains_key(username_key) {
        secrets.value(field, name, username_key)?
    } else {
        String::new()
    };
    let password = secrets.value(field, name, password_key)?;
    Ok(Some((percent_encode(&user), percent_encode(&password))))
}

/// In a URL an IPv6 address stands in brackets.
fn host(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}
