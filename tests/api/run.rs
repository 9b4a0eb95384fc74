//! Goal: `cargo x run` starts from whatever an earlier one left, keeps what people said, stops
//! everything in order, and says in one sentence what keeps it from starting.
//! Method: the command itself, with data of its own; killed, interrupted, begun anew.

use std::{
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::symlink,
    path::PathBuf,
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use chat_contract::wire::SignedIn;
use harness::{
    Api, Person,
    cli::{self, Data, Run},
    eventually,
    person::PASSWORD,
};
use reqwest::{Method, StatusCode};
use serde_json::json;
use testbed::ports;

const STOP_TIMEOUT: Duration = Duration::from_secs(30);

async fn sign_in(port: u16, login: &str) -> Result<Option<SignedIn>> {
    let api = Api::new(&format!("http://127.0.0.1:{port}"))?;
    let body = json!({ "login": login, "password": PASSWORD });
    let request = api.request(Method::POST, "/api/auth/sign-in").json(&body);
    let answer = request.send().await?;
    if answer.status() == StatusCode::UNAUTHORIZED {
        return Ok(None);
    }
    Ok(Some(answer.error_for_status()?.json().await?))
}

/// Presses Ctrl-C, and watches how it ends: a server always has its stores.
async fn interrupted(run: &mut Run, data: &Data) -> Result<()> {
    let all = data.processes()?;
    let of = |name: &str| all.get(name).copied().with_context(|| format!("no {name} in {all:?}"));
    let (server, mysql, redis) = (of("server-1")?, of("mysql")?, of("redis")?);
    ensure!([server, mysql, redis].into_iter().all(cli::lives), "not all of it is there");
    run.interrupt()?;
    let mut is_in_order = true;
    let status = eventually("it ends", STOP_TIMEOUT, || {
        // In this order: a process that has ended now had ended before the server is checked.
        let has_stores = cli::lives(mysql) && cli::lives(redis);
        is_in_order &= has_stores || !cli::lives(server);
        let ended = run.ended();
        async move { ended?.context("it works still") }
    });
    let status = status.await?;
    ensure!(is_in_order, "a server was left without its stores: {}", run.said());
    ensure!(status.success(), "it ended with {status}: {}", run.said());
    cli::must_be_gone(&all)
}

#[tokio::test]
async fn it_starts_from_what_is_left_keeps_it_and_begins_anew() -> Result<()> {
    let (data, port) = (Data::named("run")?, ports::free()?);
    // Killed in the middle: the stores are being made, and nothing serves yet.
    let mut run = Run::start(&data, port, &[])?;
    eventually("its database is being made", STOP_TIMEOUT, || async {
        ensure!(data.dir().join("mysql").is_dir(), "{}", run.said());
        Ok(())
    })
    .await?;
    run.kill()?;
    ensure!(!run.said().contains("Ready"), "it was too late to kill it");

    let mut run = Run::start(&data, port, &[])?;
    let said = run.says("Sign in").await?;
    ensure!(said.contains(&format!("http://localhost:{port}")), "{said}");
    let api = Api::new(&format!("http://127.0.0.1:{port}"))?;
    let ada = Person::sign_up(&api, "ada").await?;
    let mut second = cli::command(&["run", "--no-page", "--data", &data.name, "--port", "1"])?;
    let complaint = cli::complaint(&mut second)?;
    ensure!(complaint.contains("is running already with these data"), "{complaint}");
    interrupted(&mut run, &data).await?;

    // Killed during chat: all messages are there, and nothing runs twice.
    let mut run = Run::start(&data, port, &[])?;
    run.says("Sign in").await?;
    ensure!(sign_in(port, &ada.me.user.username).await?.is_some(), "ada is forgotten");
    let crashed = data.processes()?;
    run.kill()?;
    let mut run = Run::start(&data, port, &[])?;
    run.says("Sign in").await?;
    cli::must_be_gone(&crashed)?;
    ensure!(
        sign_in(port, &ada.me.user.username).await?.is_some(),
        "ada is forgotten after a crash"
    );
    interrupted(&mut run, &data).await?;

    let mut run = Run::start(&data, port, &["--fresh"])?;
    run.says("Sign in").await?;
    ensure!(sign_in(port, &ada.me.user.username).await?.is_none(), "ada is still there");
    interrupted(&mut run, &data).await
}

#[test]
fn what_keeps_it_from_starting_is_said_in_a_sentence() -> Result<()> {
    let data = Data::named("refused")?;
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = taken.local_addr()?.port();
    let (taken, next) = (port.to_string(), port.checked_add(1).unwrap_or(3000));
    for (more, words) in [
        (
            ["--port", taken.as_str()],
            format!(
                "port {port} is in use by another program; stop that one or choose another \
                     port: cargo x run --port {next}"
            ),
        ),
        (["--listen", "203.0.113.7"], "203.0.113.7 is not an address of this machine".to_owned()),
    ] {
        let args = [&["run", "--no-page", "--data", &data.name][..], &more].concat();
        let complaint = cli::complaint(&mut cli::command(&args)?)?;
        ensure!(complaint.contains(&words), "{complaint}");
    }
    Ok(())
}

#[test]
fn who_is_not_root_learns_what_root_has_to_install() -> Result<()> {
    let data = Data::named("packages")?;
    // Almost nothing is in the path of this one.
    let path = PathBuf::from(std::env::var("CHAT_TEST_DIR")?).join(&data.name);
    std::fs::create_dir_all(&path)?;
    let port = ports::free()?.to_string();
    let args = ["run", "--no-page", "--data", &data.name, "--port", &port];
    let plain = cli::command(&args)?;
    let start = || {
        // Nobody in particular, who may still read what is ours.
        let mut start = Command::new("/usr/bin/unshare");
        start.arg("--user").arg(plain.get_program()).args(plain.get_args()).env("PATH", &path);
        start.current_dir(plain.get_current_dir().unwrap_or(&path));
        start
    };
    let complaint = cli::complaint(&mut start())?;
    ensure!(complaint.contains("please install what Debian calls"), "{complaint}");
    ensure!(complaint.contains("redis-server"), "{complaint}");
    symlink("/bin/true", path.join("apt-get"))?;
    let complaint = cli::complaint(&mut start())?;
    let remedy = "only root can install them; as root run: apt-get install";
    ensure!(complaint.contains(remedy) && complaint.contains("redis-server"), "{complaint}");
    Ok(())
}
