//! Goal: a standard client begins with polling and then upgrades; it works through a load balancer
//! with and without sticky sessions, also where the servers use HTTPS, to the load balancer and to
//! each other.
//! Method: Engine.IO 4 by hand, as `socket.io-client` uses it with its default options, through
//! NGINX in front of three servers.

use anyhow::{Context as _, Result, bail, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use harness::{Person, TIMEOUT, World, eventually, http};
use serde_json::{Value, json};
use testbed::Balance;
use tokio_tungstenite::{connect_async, tungstenite::Message};
use uuid::Uuid;

/// A polling session: each request over a connection of its own.
struct Polling {
    base: String,
    sid: String,
    kept: Vec<String>,
}

impl Polling {
    async fn open(front: &str, person: &Person) -> Result<Self> {
        let base = format!("{front}/socket.io/?EIO=4&transport=polling");
        let open = get(&base).await?;
        let open: Value = serde_json::from_str(open.strip_prefix('0').context("no open packet")?)?;
        ensure!(open["upgrades"] == json!(["websocket"]), "{open}");
        let sid = open["sid"].as_str().context("no sid")?.to_owned();
        let mut polling = Self { base, sid, kept: Vec::new() };
        polling.send(format!("40{}", json!({ "token": person.token }))).await?;
        polling.until(|packet| packet.starts_with("40{")).await?;
        Ok(polling)
    }

    fn url(&self) -> String {
        format!("{}&sid={}", self.base, self.sid)
    }

    async fn send(&self, packets: String) -> Result<()> {
        let answer = client()?.post(self.url()).body(packets).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success() && text == "ok", "{status} {text}");
        Ok(())
    }

    /// Polls until a packet fits, and answers heartbeats meanwhile. What else came is kept: it may
    /// be what is waited for next.
    async fn until(&mut self, fits: impl Fn(&str) -> bool) -> Result<String> {
        for _ in 0..50 {
            if let Some(place) = self.kept.iter().position(|packet| fits(packet)) {
                return Ok(self.kept.remove(place));
            }
            for packet in get(&self.url()).await?.split('\x1e') {
                if packet == "2" {
                    self.send("3".to_owned()).await?;
                } else {
                    self.kept.push(packet.to_owned());
                }
            }
        }
        bail!("it did not come")
    }
}

/// A client that keeps no connection, so that the balancer decides anew each time.
fn client() -> Result<reqwest::Client> {
    Ok(http::client().pool_max_idle_per_host(0).build()?)
}

async fn get(url: &str) -> Result<String> {
    let answer = client()?.get(url).send().await?;
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(status.is_success(), "{status} {text}");
    Ok(text)
}

#[tokio::test]
async fn polling_and_the_upgrade_work_without_a_sticky_balancer() -> Result<()> {
    let world = World::named("polling").servers(3).nginx(Balance::RoundRobin);
    let mut world = world.start().await?;
    works(&world).await?;
    let asked = async |world: &World, server| -> Result<f64> {
        let own = world.metric(server, "chat_sockets_opened_total").await?;
        Ok(own + world.metric(server, "chat_requests_forwarded_total").await?)
    };
    for server in 0..3 {
        ensure!(asked(&world, server).await? > 0.0, "server {server} was never asked");
    }
    // A server that is lost is passed over, for whatever is asked, and comes back in.
    for _ in 0..2 {
        world.kill_server(2)?;
        works(&world).await?;
        world.start_server(2).await?;
    }
    eventually("it is asked again", TIMEOUT, async || {
        works(&world).await?;
        ensure!(asked(&world, 2).await? > 0.0);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn polling_and_the_upgrade_work_with_a_sticky_balancer() -> Result<()> {
    through(Balance::IpHash).await
}

#[tokio::test]
async fn polling_and_the_upgrade_work_over_https() -> Result<()> {
    let world = World::named("polling-https").servers(3).https().nginx(Balance::RoundRobin);
    let world = world.start().await?;
    works(&world).await?;
    for server in 0..3 {
        let gone = "chat_requests_forwarded_total{outcome=\"owner_gone\"} 0";
        ensure!(world.metrics(server).await?.contains(gone), "server {server} did not get through");
    }
    Ok(())
}

async fn through(balance: Balance) -> Result<()> {
    works(&World::named("polling").servers(3).nginx(balance).start().await?).await
}

/// Somebody polls, sends, and upgrades, through the world's front.
pub(crate) async fn works(world: &World) -> Result<()> {
    let ada = world.sign_up("ada").await?;
    let room = ada.public_room("tea").await?;
    let send = |n: u32| {
        let body =
            json!({ "roomId": room.id, "clientId": Uuid::new_v4(), "content": n.to_string() });
        format!("42{n}{}", json!(["sendMessage", body]))
    };
    let mut polling = Polling::open(&world.front(), &ada).await?;
    for n in 0..6 {
        polling.send(send(n)).await?;
        let answer = polling.until(|packet| packet.starts_with(&format!("43{n}["))).await?;
        ensure!(answer.contains("\"ok\":true"), "{answer}");
    }
    polling
        .until(|packet| {
            packet.starts_with("42[\"newMessage\"") || packet.starts_with("42[\"heads\"")
        })
        .await?;

    // The upgrade: a probe over a new connection, which any server may get.
    let host = world.front().replace("http://", "ws://");
    let url = format!("{host}/socket.io/?EIO=4&transport=websocket&sid={}", polling.sid);
    let (mut socket, _) = connect_async(url).await?;
    socket.send(Message::text("2probe")).await?;
    let pong = socket.next().await.context("closed")??;
    ensure!(pong == Message::text("3probe"), "{pong:?}");
    socket.send(Message::text("5")).await?;
    socket.send(Message::text(send(7))).await?;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) if text.starts_with("437[") => {
                ensure!(text.contains("\"ok\":true"), "{text}");
                return Ok(());
            }
            Message::Text(text) if text == "2" => socket.send(Message::text("3")).await?,
            _ => {}
        }
    }
    bail!("the upgraded connection was closed")
}
