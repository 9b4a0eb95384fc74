//! Goal: servers that serve HTTPS do all that they do without; a renewed certificate needs no
//! restart, a broken one does no harm, a silent client delays no others, and a server that crashes
//! loses nothing.
//! Method: real certificates of a private authority, which are replaced during chat; hundreds of
//! connections that send little or nothing.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use harness::{Crowd, Follower, Keys, PASSWORD, TIMEOUT, World, eventually, http};
use reqwest::{Method, header};
use serde_json::json;
use testbed::Balance;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::polling;

/// Connections that never finish their handshake.
const SILENT: usize = 200;
const CERT: &str = "CHAT_TLS_CERT";
const KEY: &str = "CHAT_TLS_KEY";

fn host(world: &World, server: usize) -> Result<String> {
    Ok(world.url(server).strip_prefix("https://").context("not https")?.to_owned())
}

/// The certificate that a new connection is shown.
async fn shown(world: &World, server: usize) -> Result<Vec<u8>> {
    let stream = TcpStream::connect(host(world, server)?).await?;
    let stream = world.https()?.connect(stream).await?;
    let (_, session) = stream.get_ref();
    let certificates = session.peer_certificates().context("no certificate was shown")?;
    ensure!(session.alpn_protocol() == Some(b"http/1.1"), "{:?}", session.alpn_protocol());
    Ok(certificates[0].to_vec())
}

/// The metrics of a server contain this line.
async fn shows(world: &World, server: usize, line: &str) -> Result<()> {
    let metrics = world.metrics(server).await?;
    ensure!(metrics.lines().any(|shown| shown == line), "no {line:?} in {metrics}");
    Ok(())
}

#[tokio::test]
async fn people_talk_and_their_cookie_is_secure() -> Result<()> {
    let world = World::named("https").servers(2).https().start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up_at(1, "bob").await?);
    let room = ada.group(&[&bob]).await?;
    let socket = world.connect(1, &bob).await?;
    ada.send(room.id, "for you alone").await?;
    Follower::new(room.id).follow(&socket, 2).await?;

    let login = json!({ "login": ada.me.user.username, "password": PASSWORD });
    let answer = ada.api.request(Method::POST, "/api/auth/sign-in").json(&login).send().await?;
    let cookie = answer.headers().get(header::SET_COOKIE).context("no cookie")?;
    ensure!(cookie.to_str()?.contains("; Secure"), "{cookie:?}");

    let ends = world.metric(0, "chat_tls_certificate_expiry_timestamp_seconds").await?;
    let now = chrono::Utc::now().timestamp() as f64;
    ensure!((now..now + 4_000.0 * 86_400.0).contains(&ends), "{ends}");
    Ok(())
}

#[tokio::test]
async fn plain_http_gets_an_answer_that_says_what_to_do() -> Result<()> {
    let world = World::named("https-plain").https().start().await?;
    let answer = http::get(format!("http://{}/", host(&world, 0)?)).await?;
    assert_eq!(answer.status(), 400);
    let said = answer.text().await?;
    ensure!(said.contains("https://"), "{said}");
    let counted = "chat_tls_handshakes_total{outcome=\"plain_http\"} 1";
    eventually("it is counted", TIMEOUT, async || shows(&world, 0, counted).await).await
}

/// Somebody signs up and talks while others begin handshakes and do not go on.
async fn talk_among_silent(world: &World) -> Result<Vec<TcpStream>> {
    let address = host(world, 0)?;
    let mut silent = Vec::new();
    for number in 0..SILENT {
        let mut stream = TcpStream::connect(&address).await?;
        if number % 2 == 0 {
            // The beginning of a handshake, and its length; the rest never comes.
            stream.write_all(&[0x16, 3, 1, 2, 0, 1]).await?;
        }
        silent.push(stream);
    }
    let all_wait = format!("chat_tls_handshakes_open {SILENT}");
    eventually("all are waited for", TIMEOUT, async || shows(world, 0, &all_wait).await).await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    ada.send(room.id, "nobody is in the way").await?;
    shows(world, 0, &all_wait).await.context("they were let go meanwhile")?;
    Ok(silent)
}

#[tokio::test]
async fn who_is_silent_holds_up_nobody() -> Result<()> {
    let world = World::named("https-silent").https().start().await?;
    let talk = async || talk_among_silent(&world).await;
    let silent = eventually("they talk", TIMEOUT * 3, talk).await?;
    for mut stream in silent {
        let read = tokio::time::timeout(TIMEOUT, stream.read(&mut [0])).await?;
        ensure!(read.is_err() || read.is_ok_and(|bytes| bytes == 0));
    }
    eventually("all are counted", TIMEOUT, async || {
        let gone = world.metric(0, "chat_tls_handshakes_total{outcome=\"timed_out\"}").await?;
        ensure!(gone >= SILENT as f64, "{gone} were let go");
        shows(&world, 0, "chat_tls_handshakes_open 0").await
    })
    .await
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_and_nobody_is_cut_off() -> Result<()> {
    let world = World::named("https-renewed").https().start().await?;
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let socket = world.connect(0, &ada).await?;
    let old = shown(&world, 0).await?;

    let keys = world.https()?;
    let good = fs::read(keys.certificate())?;
    fs::write(keys.certificate(), "what somebody typed")?;
    let warnings = || Ok::<_, anyhow::Error>(world.log(0)?.matches("holds no certificate").count());
    eventually("it is reported", TIMEOUT, async || {
        ensure!(warnings()? == 1);
        Ok(())
    })
    .await?;
    let failed = "chat_task_failures_total{task=\"watch_certificate\"}";
    eventually("it is counted", TIMEOUT, async || {
        ensure!(world.metric(0, failed).await? >= 2.0);
        Ok(())
    })
    .await?;
    ensure!(warnings()? == 1, "once is enough: {}", world.log(0)?);
    ensure!(shown(&world, 0).await? == old, "the good one stays");
    fs::write(keys.certificate(), good)?;

    keys.renew()?;
    eventually("the new one is shown", TIMEOUT, async || {
        ensure!(shown(&world, 0).await? != old);
        Ok(())
    })
    .await?;
    ada.send(room.id, "still here").await?;
    Follower::new(room.id).follow(&socket, 2).await
}

/// Files of a Secret do not reach all nodes at once.
#[tokio::test]
async fn servers_believe_each_other_while_one_has_a_newer_certificate() -> Result<()> {
    let world = World::named("https-late").servers(2).https().nginx(Balance::RoundRobin);
    let mut world = world.start().await?;
    let late = world.dir().join("late");
    fs::create_dir_all(&late)?;
    let keys = world.https()?.clone();
    let files = [("CHAT_TLS_CA", keys.authority()), (CERT, keys.certificate()), (KEY, keys.key())];
    for (setting, file) in files {
        let copy = late.join(file.file_name().context("no name")?);
        fs::copy(&file, &copy)?;
        world.set(1, setting, &copy.display().to_string());
    }
    world.stop_server(1).await?;
    world.start_server(1).await?;
    keys.renew()?;
    let old = shown(&world, 1).await?;
    eventually("the first has the new one", TIMEOUT, async || {
        ensure!(shown(&world, 0).await? != old);
        Ok(())
    })
    .await?;
    let (mut ways, mut attempts) = ([false; 2], 0);
    while ways.contains(&false) {
        attempts += 1;
        ensure!(attempts < 10, "only one way was gone: {ways:?}");
        polling::works(&world).await?;
        // Of the next two sessions one begins at the other server, however many requests each is.
        for _ in 0..attempts {
            http::get(world.front()).await?;
        }
        for (server, gone) in ways.iter_mut().enumerate() {
            *gone = world.metric(server, "chat_requests_forwarded_total").await? > 0.0;
            shows(&world, server, "chat_requests_forwarded_total{outcome=\"owner_gone\"} 0")
                .await?;
        }
    }
    ensure!(shown(&world, 1).await? == old, "it was renewed meanwhile");
    Ok(())
}

/// Puts a certificate and its key, without an authority, where a server looks for them.
fn put(keys: &Keys, dir: &Path) -> Result<()> {
    fs::create_dir_all(dir)?;
    fs::copy(keys.key(), dir.join("tls.key"))?;
    fs::copy(keys.certificate(), dir.join("tls.crt"))?;
    Ok(())
}

#[tokio::test]
async fn without_an_authority_the_log_says_what_a_renewal_does() -> Result<()> {
    let world = World::named("https-alone").servers(2).https().nginx(Balance::RoundRobin);
    let mut world = world.start().await?;
    let keys = world.https()?.clone();
    let dirs = ["first", "second"].map(|name| world.dir().join(name));
    for (server, dir) in dirs.iter().enumerate() {
        put(&keys, dir)?;
        world.set(server, CERT, &dir.join("tls.crt").display().to_string());
        world.set(server, KEY, &dir.join("tls.key").display().to_string());
        world.stop_server(server).await?;
        world.start_server(server).await?;
        let log = world.log(server)?;
        ensure!(log.contains("will not believe the others (") && log.contains("ca.crt"), "{log}");
    }
    polling::works(&world).await?;

    let old = shown(&world, 0).await?;
    keys.renew()?;
    put(&keys, &dirs[0])?;
    eventually("the first has the new one", TIMEOUT, async || {
        ensure!(shown(&world, 0).await? != old);
        Ok(())
    })
    .await?;
    eventually("the second does not believe it", TIMEOUT, async || {
        let worked = polling::works(&world).await;
        // The next session begins at the other server.
        http::get(world.front()).await?;
        ensure!(worked.is_err());
        let log = world.log(1)?;
        ensure!(log.matches("has another certificate, and is not believed").count() == 1, "{log}");
        Ok(())
    })
    .await?;
    put(&keys, &dirs[1])?;
    eventually("both have it", TIMEOUT, async || {
        ensure!(shown(&world, 1).await? != old);
        Ok(())
    })
    .await?;
    polling::works(&world).await?;
    http::get(world.front()).await?;
    polling::works(&world).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_crashes_takes_nothing_along() -> Result<()> {
    let mut world = World::named("https-crash").servers(2).https().start().await?;
    let mut people = Vec::new();
    for n in 0..4 {
        people.push(world.sign_up_at(n % 2, &format!("p{n}")).await?);
    }
    // Each in its turn; those at the other one notice nothing.
    for victim in 0..2 {
        let crowd = Crowd::at_pace(&people, 3, Duration::from_millis(20)).await?;
        let connected = world.metric(victim, "chat_sockets").await?;
        world.kill_server(victim)?;
        world.start_server(victim).await?;
        eventually("all are back", TIMEOUT, async || {
            let back = world.metric(victim, "chat_sockets").await?;
            ensure!(back >= connected, "{back} of {connected}");
            Ok(())
        })
        .await?;
        let lives = crowd.end().await?;
        for (n, life) in lives.each.iter().enumerate() {
            let cuts = u32::from(n % 2 == victim);
            ensure!((life.cuts, life.moves) == (cuts, 0), "{n}: {life:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn it_ends_in_order() -> Result<()> {
    let mut world = World::named("https-end").https().start().await?;
    let ada = world.sign_up("ada").await?;
    let socket = world.connect(0, &ada).await?;
    // Said nothing yet; and kept after a request.
    let silent = TcpStream::connect(host(&world, 0)?).await?;
    let kept = ada.api.request(Method::GET, "/api/me").send().await?;
    world.ask_server_to_end(0)?;
    let event = socket.event("moving").await?;
    ensure!(event.data["afterMs"].is_u64(), "{event:?}");
    socket.disconnect().await;
    tokio::time::timeout(Duration::from_secs(20), world.ended(0)).await??;
    let log = world.log(0)?;
    ensure!(log.trim_end().ends_with("stopped") && !log.contains("cut off"), "{log}");
    drop((silent, kept));
    Ok(())
}
