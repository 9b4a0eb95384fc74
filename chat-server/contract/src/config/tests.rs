use std::collections::HashMap;

use super::*;

fn read(vars: &[(&str, &str)]) -> Result<ServerConfig, Vec<Problem>> {
    let map: HashMap<String, String> =
        vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    ServerConfig::from_vars(&|name| map.get(name).cloned())
}

#[test]
fn what_is_written_is_read_the_same() {
    let config = read(&[
        ("CHAT_MYSQL_URL", "mysql://a:b@c/d"),
        ("CHAT_CACHE_MESSAGE_TTL", "7s"),
        ("CHAT_HEARTBEAT_INTERVAL", "250ms"),
        ("CHAT_TRUSTED_PROXIES", "127.0.0.1, ::1, 10.0.0.0/8"),
        ("CHAT_PUBLIC_ORIGINS", "https://a.example"),
        ("CHAT_UPLOADS_URL", "s3://pictures/team/chat/"),
        ("CHAT_S3_ENDPOINT", "http://minio:9000/"),
        ("CHAT_S3_ACCESS_KEY_ID", "key"),
        ("CHAT_S3_SECRET_ACCESS_KEY", "secret"),
    ])
    .unwrap();
    assert!(config.s3_path_style, "an endpoint of its own");
    let vars: HashMap<_, _> = config.to_vars().into_iter().collect();
    let again = ServerConfig::from_vars(&|name| vars.get(name).cloned()).unwrap();
    assert_eq!(again, config);
}

#[test]
fn the_names_of_the_seeds_work_too() {
    let config = read(&[
        ("CHAT_MYSQL_URL", "mysql://a:b@c/d"),
        ("REDIS_HOST", "cache"),
        ("REDIS_PORT", "6380"),
        ("REDIS_PASSWORD", "p@ss/word"),
    ]);
    assert_eq!(config.unwrap().redis_url, "redis://:p%40ss%2Fword@cache:6380");
}

#[test]
fn all_kinds_of_redis_can_be_named() {
    let with = |url: &str, ca: &str| {
        let mysql = ("CHAT_MYSQL_URL", "mysql://a:b@c/d");
        read(&[mysql, ("CHAT_REDIS_URL", url), ("CHAT_REDIS_CA", ca)])
    };
    for kind in ["", "-cluster", "-sentinel"] {
        let rest = format!("{kind}://:x@a:1?sentinelServiceName=main");
        assert!(with(&format!("redis{rest}"), "").is_ok(), "{rest}");
        assert!(with(&format!("rediss{rest}"), "/ca.pem").is_ok(), "{rest}");
    }
    for (url, ca, name) in [
        ("redis-sentinel://a", "", "CHAT_REDIS_URL"),
        ("redis-ring://a", "", "CHAT_REDIS_URL"),
        ("http://a", "", "CHAT_REDIS_URL"),
        ("redis://a", "/ca.pem", "CHAT_REDIS_CA"),
    ] {
        let problems = with(url, ca).unwrap_err();
        assert_eq!(problems[0].name, name, "{url}");
    }
}

#[test]
fn all_problems_are_reported_together_and_without_values() {
    let problems = read(&[
        ("CHAT_HTTP_LISTEN", "here"),
        ("CHAT_MYSQL_URL", "postgres://secret"),
        ("CHAT_HEARTBEAT_INTERVAL", "soon"),
        ("CHAT_COMMIT_BATCH", "0"),
        ("CHAT_PUBLIC_ORIGINS", "*"),
    ])
    .unwrap_err();
    let names: Vec<_> = problems.iter().map(|p| p.name.as_str()).collect();
    let expected = [
        "CHAT_HTTP_LISTEN",
        "CHAT_PUBLIC_ORIGINS",
        "CHAT_MYSQL_URL",
        "CHAT_HEARTBEAT_INTERVAL",
        "CHAT_COMMIT_BATCH",
    ];
    assert_eq!(names, expected);
    assert!(problems.iter().all(|p| !p.to_string().contains("secret")));
}

#[test]
fn secrets_are_not_shown() {
    let config = read(&[("CHAT_MYSQL_URL", "mysql://a:hunter2@c/d")]).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}
