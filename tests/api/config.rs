//! Goal: a server that cannot run says why, in a sentence, with the remedy.
//! Method: the program with wrong settings; its exit code and what it prints.

use std::process::{Command, Output};

use anyhow::{Context as _, Result, ensure};
use harness::{TIMEOUT, World, env::Env, eventually, http};
use testbed::program;

/// `chat-server <words>` with these settings only, in a folder of its own.
pub(crate) fn run(
    name: &str,
    words: &[&str],
    settings: &[(&str, &str)],
    env_file: &str,
) -> Result<Output> {
    let env = Env::read()?;
    let dir = env.dir.join(name);
    std::fs::create_dir_all(&dir)?;
    std::fs::write(dir.join(".env"), env_file)?;
    let mut command = Command::new(&env.server);
    command.env_clear().args(words).current_dir(&dir).envs(settings.iter().copied());
    program::run(&mut command, &[], TIMEOUT)
}

/// What a program printed.
pub(crate) fn said(output: &Output) -> String {
    let (out, error) = (&output.stdout, &output.stderr);
    String::from_utf8_lossy(out).into_owned() + &String::from_utf8_lossy(error)
}

#[test]
fn all_problems_are_reported_together() -> Result<()> {
    let settings = [
        ("CHAT_HTTP_LISTEN", "here"),
        ("CHAT_HEARTBEAT_INTERVAL", "soon"),
        ("CHAT_MYSQL_URL", "postgres://user:hunter2@host/db"),
    ];
    for command in ["check-config", "serve", "migrate"] {
        let output = run("wrong-config", &[command], &settings, "")?;
        assert_eq!(output.status.code(), Some(2), "{command}");
        let said = said(&output);
        for name in ["CHAT_HTTP_LISTEN", "CHAT_HEARTBEAT_INTERVAL", "CHAT_MYSQL_URL"] {
            assert!(said.contains(name), "{name} in {said}");
        }
        assert!(!said.contains("hunter2"), "{said}");
    }
    Ok(())
}

#[test]
fn what_is_wrong_with_the_settings_of_a_bucket_is_reported() -> Result<()> {
    let mysql = ("CHAT_MYSQL_URL", "mysql://a:b@c/d");
    let settings =
        [mysql, ("CHAT_UPLOADS_URL", "bucket"), ("CHAT_S3_ACCESS_KEY_ID", "AKIA-hunter2")];
    let output = run("wrong-bucket", &["check-config"], &settings, "")?;
    assert_eq!(output.status.code(), Some(2));
    let said = said(&output);
    assert!(said.contains("CHAT_UPLOADS_URL: must be s3://bucket"), "{said}");
    assert!(said.contains("CHAT_S3_SECRET_ACCESS_KEY: is needed beside"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    Ok(())
}

#[tokio::test]
async fn the_env_file_and_the_names_of_old_are_read() -> Result<()> {
    let file = "CHAT_MYSQL_URL=mysql://a:hunter2@b/c\nREDIS_HOST=cache\nREDIS_PORT=6380\n\
                REDIS_PASSWORD=\nCHAT_CACHE_MESSAGE_TTL=7s\n";
    let output = run("env-file", &["check-config"], &[], file)?;
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("\"CHAT_CACHE_MESSAGE_TTL\": \"7s\""), "{said}");
    assert!(said.contains(":3000\""), "the port, where nothing else is said: {said}");
    assert!(!said.contains("hunter2"), "{said}");
    // They lead to this Redis, and without its password nobody gets in.
    let world = World::start("env-redis").await?;
    let url = world.setting(0, "CHAT_REDIS_URL");
    let (password, port) = url
        .strip_prefix("redis://:")
        .and_then(|rest| rest.split_once("@127.0.0.1:"))
        .with_context(|| url.clone())?;
    for (password, gets_in) in [(password, true), ("wrong", false)] {
        let file = format!(
            "CHAT_MYSQL_URL=mysql://a:b@c/d\nREDIS_HOST=127.0.0.1\nREDIS_PORT={port}\n\
             REDIS_PASSWORD={password}\n"
        );
        let put = ["admin", "cache", "set", "message:1", password];
        let output = run("env-redis", &put, &[], &file)?;
        assert_eq!(output.status.success(), gets_in, "{}", self::said(&output));
    }
    assert_eq!(world.redis(&["GET", "message:1"])?, password);
    let broken = run("env-broken", &["check-config"], &[], "CHAT_MYSQL_URL='")?;
    assert_eq!(broken.status.code(), Some(2), "{}", self::said(&broken));
    Ok(())
}

#[test]
fn a_former_name_of_a_variable_is_read_and_warned_of_once() -> Result<()> {
    let settings = [("CHAT_MYSQL_URL", "mysql://a:b@c/d"), ("CHAT_DRAIN_SECONDS", "7s")];
    let output = run("former-name", &["check-config"], &settings, "")?;
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("\"CHAT_DRAIN_TIMEOUT\": \"7s\""), "{said}");
    let warning = "CHAT_DRAIN_SECONDS is now CHAT_DRAIN_TIMEOUT";
    assert_eq!(said.matches(warning).count(), 1, "{said}");
    Ok(())
}

#[test]
fn a_store_that_takes_connections_and_says_nothing_is_reported() -> Result<()> {
    let silent = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = silent.local_addr()?;
    let url = format!("mysql://chat:x@{address}/chat");
    let vars = [("CHAT_MYSQL_URL", url.as_str()), ("CHAT_MYSQL_STARTUP_TIMEOUT", "1s")];
    for command in ["migrate", "serve"] {
        let output = run("silent-store", &[command], &vars, "")?;
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        let expected =
            format!("cannot connect to MySQL at {address}: store: no answer; is it running");
        assert!(said.contains(&expected), "{said}");
    }
    Ok(())
}

#[test]
fn a_wrong_password_of_the_store_is_reported_at_once() -> Result<()> {
    let env = Env::read()?;
    let (_, server) = env.mysql_url.rsplit_once('@').context("no server")?;
    let url = format!("mysql://nobody:wrong@{server}");
    let output = run("wrong-password", &["serve"], &[("CHAT_MYSQL_URL", &url)], "")?;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot connect to MySQL at") && said.contains("password"), "{said}");
    Ok(())
}

#[test]
fn an_empty_store_is_not_served() -> Result<()> {
    let env = Env::read()?;
    // The database of the server's own tables has none of ours.
    let output = run("no-schema", &["serve"], &[("CHAT_MYSQL_URL", env.mysql_url.as_str())], "")?;
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("chat-server migrate"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_redis_that_refuses_is_reported_once_with_the_remedy() -> Result<()> {
    let mut world = World::start("refused").await?;
    eventually("it is there at first", TIMEOUT, async || {
        ensure!(world.log(0)?.contains("redis: connected"));
        Ok(())
    })
    .await?;
    world.stop_redis().await?;
    let line = "connect ECONNREFUSED 127.0.0.1:";
    eventually("it is reported", TIMEOUT, async || {
        ensure!(world.log(0)?.contains(line));
        Ok(())
    })
    .await?;
    // Its health is told, to probes and to the operator, and is no reason to send clients away.
    let health = async |path: &str| {
        let answer = http::get(format!("http://{}{path}", world.ops(0))).await?;
        anyhow::Ok((answer.status().as_u16(), answer.text().await?))
    };
    assert_eq!(health("/livez").await?.0, 200);
    assert_eq!(health("/readyz").await?.0, 200);
    assert_eq!(world.count(0, "chat_redis_connected").await?, 0);
    let (_, answer) = health("/statusz").await?;
    assert!(answer.contains(line), "{answer}");
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    ada.send(room.id, "without Redis").await?;
    world.start_redis().await?;
    eventually("its return is reported", TIMEOUT, async || {
        ensure!(world.log(0)?.matches("redis: connected").count() == 2);
        Ok(())
    })
    .await?;
    let log = world.log(0)?;
    assert_eq!(log.matches(line).count(), 1, "not for each attempt: {log}");
    assert!(log.contains("redis-cli ping"), "{log}");
    assert_eq!(world.redis(&["PING"])?, "PONG", "what it says to try is true");
    assert_eq!(world.count(0, "chat_redis_connected").await?, 1);
    let answer = http::get(format!("http://{}/statusz", world.ops(0))).await?.text().await?;
    assert!(!answer.contains("ECONNREFUSED"), "{answer}");
    Ok(())
}

#[tokio::test]
async fn readiness_follows_the_store_and_not_redis() -> Result<()> {
    let mut world = World::named("readiness").own_mysql().start().await?;
    world.stop_redis().await?;
    world.ready(0).await?;
    world.kill_mysql()?;
    let down = world.ready_answer(0).await;
    eventually("it is not ready", TIMEOUT, async || {
        let (status, text) = world.ready_answer(0).await?;
        ensure!(status == 503 && text.contains("store"), "{status} {text}");
        Ok(())
    })
    .await
    .with_context(|| format!("{down:?}"))?;
    let failures = "chat_task_failures_total{task=\"watch_sessions\"}";
    let before = world.count(0, failures).await?;
    eventually("it stays away for a while", TIMEOUT, async || {
        ensure!(world.count(0, failures).await? >= before + 3);
        Ok(())
    })
    .await?;
    world.start_mysql().await?;
    world.ready(0).await?;
    let log = world.log(0)?;
    for line in ["does not answer: ", "answers again"] {
        assert_eq!(log.matches(line).count(), 1, "{line} {log}");
    }
    Ok(())
}

#[tokio::test]
async fn a_signal_ends_it_in_order() -> Result<()> {
    let mut world = World::start("signal").await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    ada.send(room.id, "kept").await?;
    world.stop_server(0).await?;
    assert!(world.log(0)?.trim_end().ends_with("stopped"), "{}", world.log(0)?);
    world.start_server(0).await?;
    let page = ada.history(room.id).await?;
    assert_eq!(page.messages.last().map(|m| m.content.as_str()), Some("kept"));
    Ok(())
}
