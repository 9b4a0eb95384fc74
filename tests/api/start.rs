//! Goal: a server that is told where its stores are, and nothing else, is where the README says, and
//! uses the machine that it is given; the Redis of the compose file lets nobody in unknown.
//! Method: the program in a network of its own; its threads, as it and the system count them; Redis with
//! the arguments of the compose file.

use std::{fs, process::Command, thread};

use anyhow::{Context as _, Result, ensure};
use harness::{TIMEOUT, World, checkout, env::Env, eventually};
use serde_json::Value;
use testbed::{Process, ports, program, secret};

use crate::config::{run, said};

/// Starts the server, asks it once it answers, and ends it. There is nothing else in this network.
const ASK: &str = r#"
ip link set lo up
"$0" serve >server.log 2>&1 &
server=$!
ask() {
    exec 3<>/dev/tcp/127.0.0.1/3000 || return 1
    printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$1" >&3
    cat <&3
}
for attempt in $(seq 300); do
    ask / >page 2>/dev/null && break
    sleep 0.1
done
cat page server.log
ask /api/me
kill $server
"#;

#[tokio::test]
async fn without_a_setting_the_product_answers_on_port_3000() -> Result<()> {
    let world = World::named("port").own_mysql().start().await?;
    // Another network has another loopback: the way to the database is its file.
    let (_, rest) = world.database_url().split_once("chat:").context("another user")?;
    let (password, _) = rest.split_once('@').context("no password")?;
    let (_, database) = rest.rsplit_once('/').context("no database")?;
    let url = format!("mysql://root:{password}@localhost/{database}?socket=mysql/data/mysql.sock");
    let env = Env::read()?;
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", "bash", "-c", ASK]).arg(&env.server);
    command.current_dir(world.dir()).env_clear().env("PATH", std::env::var("PATH")?);
    command.env("CHAT_MYSQL_URL", url).env("CHAT_PAGE_DIR", &env.page_dir);
    let output = program::run(&mut command, &[], TIMEOUT * 2)?;
    let said = said(&output);
    ensure!(said.contains("<html"), "the page is not at http://localhost:3000: {said}");
    ensure!(said.contains("\"code\":\"unauthenticated\""), "the API is not there: {said}");
    Ok(())
}

/// What it does at once is done by as many threads as the machine has processors.
#[tokio::test]
async fn a_server_works_on_every_processor() -> Result<()> {
    let world = World::start("processors").await?;
    let processors = thread::available_parallelism()?.get();
    let workers = world.count(0, "chat_worker_threads").await?;
    ensure!(workers == processors as u64, "{workers} threads work on {processors} processors");
    // And so many are there: others come and go beside them.
    let mut threads = 0;
    for task in fs::read_dir(format!("/proc/{}/task", world.server_process(0)?))? {
        let name = fs::read_to_string(task?.path().join("comm"))?;
        threads += usize::from(name.trim() == "tokio-rt-worker");
    }
    ensure!(threads >= processors, "there are {threads} threads for {processors} processors");
    Ok(())
}

#[tokio::test]
async fn the_redis_of_the_compose_file_refuses_who_has_no_password() -> Result<()> {
    let text = checkout::read("manifests/dev/docker-compose.yml")?;
    let password = secret::random()?;
    let known = text.replace("${REDIS_PASSWORD:?say it in .env}", &password);
    let mut compose: serde_yaml_ng::Value = serde_yaml_ng::from_str(&known)?;
    compose.apply_merge()?;
    let compose = serde_json::to_value(compose)?;
    let words = compose["services"]["redis"]["command"].as_array().context("no command")?;
    let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
    let dir = Env::read()?.dir.join("compose-redis");
    fs::create_dir_all(&dir)?;
    let port = ports::free()?.to_string();
    let mut command = Command::new(program::first_of(&[words[0]])?);
    command.args(&words[1..]).args(["--port", &port, "--bind", "127.0.0.1"]).current_dir(&dir);
    let _redis = Process::start("compose-redis", command, &dir)?;

    let ping = |password: &str| {
        let mut client = Command::new(program::first_of(&["redis-cli"])?);
        client.args(["-p", &port, "PING"]);
        if !password.is_empty() {
            client.env("REDISCLI_AUTH", password);
        }
        let output = program::run(&mut client, &[], TIMEOUT)?;
        anyhow::Ok(said(&output))
    };
    eventually("Redis answers", TIMEOUT, async || {
        let answer = ping(&password)?;
        ensure!(answer.trim() == "PONG", "{answer}");
        Ok(())
    })
    .await?;
    for unknown in ["", "wrong"] {
        let refused = ping(unknown)?;
        ensure!(refused.contains("NOAUTH"), "{unknown:?} is let in: {refused}");
    }
    // The servers know it.
    let url = &compose["services"]["server-1"]["environment"]["CHAT_REDIS_URL"];
    let url = url.as_str().context("no URL")?.replace("redis:6379", &format!("127.0.0.1:{port}"));
    let settings = [("CHAT_MYSQL_URL", "mysql://a:b@c/d"), ("CHAT_REDIS_URL", url.as_str())];
    let output =
        run("compose-client", &["admin", "cache", "set", "message:1", "x"], &settings, "")?;
    ensure!(output.status.success(), "{}", said(&output));
    Ok(())
}
