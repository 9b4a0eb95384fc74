//! Goal: a crowd that comes at once finds room to wait, and all of it gets in.
//! Method: a server that is held still cannot take anybody; whoever has a connection then was kept
//! by the kernel for it, and the rest would hang for up to a minute. Then it goes on.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use harness::World;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

const CROWD: usize = 1_500;

#[tokio::test]
async fn a_crowd_that_comes_at_once_gets_in() -> Result<()> {
    let mut world = World::start("crowd").await?;
    let address = world.url(0).trim_start_matches("http://").to_owned();
    world.freeze_server(0)?;
    let waiting = (0..CROWD).map(|_| {
        let address = address.clone();
        tokio::spawn(async move { timeout(harness::TIMEOUT, TcpStream::connect(address)).await })
    });
    let waiting: Vec<_> = waiting.collect();
    let mut inside = Vec::new();
    for (n, client) in waiting.into_iter().enumerate() {
        inside.push(client.await?.with_context(|| format!("{n} found room, the next did not"))??);
    }
    world.thaw_server(0)?;
    for stream in &mut inside {
        let hello = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n";
        stream.write_all(hello.as_bytes()).await?;
    }
    for mut stream in inside {
        let mut answer = [0; 12];
        timeout(Duration::from_secs(30), stream.read_exact(&mut answer)).await??;
        let status = String::from_utf8_lossy(&answer);
        ensure!(status == "HTTP/1.1 200", "{status}");
    }
    Ok(())
}
