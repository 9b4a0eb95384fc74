//! What a load balancer is to a browser: passes connections on to a server that takes new ones, and
//! can be cut off or held up.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

/// Bytes that are passed on at once.
const PIECE_BYTES: usize = 16 * 1024;

/// A listening gate.
pub(crate) struct Gate {
    port: u16,
    target: watch::Sender<Option<u16>>,
    reachable: watch::Sender<bool>,
    flowing: watch::Sender<bool>,
}

impl Gate {
    /// Listens on a free port; it has no target yet.
    pub(crate) async fn open() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (target, to) = watch::channel(None);
        let (reachable, may_pass) = watch::channel(true);
        let (flowing, may_flow) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let port = to.borrow().filter(|_| *may_pass.borrow());
                let Some(port) = port else { continue };
                tokio::spawn(pass(browser, port, may_pass.clone(), may_flow.clone()));
            }
        });
        Ok(Self { port, target, reachable, flowing })
    }

    /// Its address, where a page may use the clipboard and service workers as with HTTPS elsewhere.
    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The port of the server that gets new connections; they are closed where there is none.
    pub(crate) fn target(&self, port: Option<u16>) {
        self.target.send_replace(port);
    }

    /// Whether connections are passed on.
    pub(crate) fn reachable(&self, on: bool) {
        self.reachable.send_replace(on);
    }

    /// Whether browsers get what servers send.
    pub(crate) fn flowing(&self, on: bool) {
        self.flowing.send_replace(on);
    }
}

/// One connection, until either side ends it or the gate is unreachable.
async fn pass(
    browser: TcpStream,
    port: u16,
    mut reachable: watch::Receiver<bool>,
    flowing: watch::Receiver<bool>,
) {
    let Ok(server) = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await else {
        return;
    };
    let _ = (browser.set_nodelay(true), server.set_nodelay(true));
    let (mut from_browser, to_browser) = browser.into_split();
    let (from_server, mut to_server) = server.into_split();
    tokio::select! {
        _ = copy(&mut from_browser, &mut to_server) => {}
        () = flow(from_server, to_browser, flowing) => {}
        _ = reachable.wait_for(|on| !on) => {}
    }
}

/// Passes on what a server sends, while that may flow.
async fn flow(
    mut server: OwnedReadHalf,
    mut browser: OwnedWriteHalf,
    mut flowing: watch::Receiver<bool>,
) {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        if flowing.wait_for(|on| *on).await.is_err() {
            return;
        }
        let Ok(count @ 1..) = server.read(&mut piece).await else { return };
        // What was read before it stopped stays here until it flows again.
        if flowing.wait_for(|on| *on).await.is_err()
            || browser.write_all(&piece[..count]).await.is_err()
        {
            return;
        }
    }
}
