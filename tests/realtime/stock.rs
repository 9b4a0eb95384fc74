//! Goal: the Socket.IO clients that everybody has work with their default options, polling first
//! and then an upgrade, through NGINX in front of three servers, sticky or not.
//! Method: two users send alternately with `socket.io-client` and with `python-socketio`; each
//! message is acknowledged, received by the other one, and in the history.

use anyhow::{Result, ensure};
use harness::{Stock, World};
use testbed::Balance;

#[tokio::test]
async fn javascript_through_round_robin() -> Result<()> {
    chat(Stock::JavaScript, Balance::RoundRobin).await
}

#[tokio::test]
async fn javascript_through_ip_hash() -> Result<()> {
    chat(Stock::JavaScript, Balance::IpHash).await
}

#[tokio::test]
async fn python_through_round_robin() -> Result<()> {
    chat(Stock::Python, Balance::RoundRobin).await
}

#[tokio::test]
async fn python_through_ip_hash() -> Result<()> {
    chat(Stock::Python, Balance::IpHash).await
}

async fn chat(client: Stock, balance: Balance) -> Result<()> {
    let world = World::named("stock").servers(3).nginx(balance).start().await?;
    let (ada, bob) = (world.sign_up("ada").await?, world.sign_up_at(1, "bob").await?);
    let room = ada.direct(&bob).await?;
    client.chat(&world.front(), room.id, [&ada, &bob], 5).await?;
    if balance == Balance::RoundRobin {
        return Ok(());
    }
    // All that came from one address went to one server.
    let (mut opened, mut forwarded) = (Vec::new(), 0);
    for server in 0..3 {
        opened.push(world.count(server, "chat_sockets_opened_total").await?);
        forwarded += world.count(server, "chat_requests_forwarded_total").await?;
    }
    let used = opened.iter().filter(|count| **count > 0).count();
    ensure!((used, forwarded) == (1, 0), "sockets at {opened:?}, {forwarded} forwarded");
    Ok(())
}
