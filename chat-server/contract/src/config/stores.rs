//! Where MySQL and Redis are.

use super::{Vars, percent_encode};

pub(super) fn mysql_url(vars: &mut Vars<'_>, name: &str) -> String {
    let url = vars.text(name).unwrap_or_default();
    if url.is_empty() {
        vars.wrong(name, "is needed: mysql://user:password@host:port/database");
    } else if !url.starts_with("mysql://") && !url.starts_with("mariadb://") {
        vars.wrong(name, "must begin with mysql://");
    }
    url
}

pub(super) fn redis_url(vars: &mut Vars<'_>, name: &str) -> String {
    if let Some(url) = vars.text(name) {
        let kind = url.split_once("://").map_or("", |(scheme, _)| scheme);
        let kind = kind.strip_prefix("rediss").or_else(|| kind.strip_prefix("redis"));
        match kind {
            Some("" | "-cluster") => {}
            Some("-sentinel") if url.contains("sentinelServiceName=") => {}
            Some("-sentinel") => {
                vars.wrong(name, "needs ?sentinelServiceName= with the name of the watched master");
            }
            _ => vars.wrong(
                name,
                "must begin with redis://, redis-cluster:// or redis-sentinel://, for TLS with \
                 rediss instead of redis",
            ),
        }
        return url;
    }
    let host = vars.text("REDIS_HOST").unwrap_or_else(|| "localhost".to_owned());
    let port = vars.number("REDIS_PORT", 6379, 1, 65_535);
    match vars.text("REDIS_PASSWORD") {
        Some(password) => format!("redis://:{}@{host}:{port}", percent_encode(&password)),
        None => format!("redis://{host}:{port}"),
    }
}

pub(super) fn redis_ca(vars: &mut Vars<'_>, name: &str) -> String {
    let file = vars.text(name).unwrap_or_default();
    let encrypted = vars.text("CHAT_REDIS_URL").is_some_and(|url| url.starts_with("rediss"));
    if !file.is_empty() && !encrypted {
        vars.wrong(name, "is looked at with TLS only: begin CHAT_REDIS_URL with rediss");
    }
    file
}
