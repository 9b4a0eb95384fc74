//! A way into the network of a cluster: a port of this machine that leads to an address inside.

use std::{
    fs::File,
    io,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result};
use nix::sched::{CloneFlags, setns};

/// Enough for copying; a thousand of them must not matter.
const STACK_BYTES: usize = 128 << 10;

/// An open way. It takes no new connections once it is dropped.
#[derive(Debug)]
pub struct Forward {
    listen: SocketAddr,
    closed: Arc<AtomicBool>,
}

impl Forward {
    /// Listens here and dials there, in this network.
    pub fn open(network: File, listen: SocketAddr, target: SocketAddr) -> Result<Self> {
        let listener =
            TcpListener::bind(listen).with_context(|| format!("cannot listen on {listen}"))?;
        let listen = listener.local_addr()?;
        let closed = Arc::new(AtomicBool::new(false));
        let (network, until) = (Arc::new(network), Arc::clone(&closed));
        thread::spawn(move || {
            for client in listener.incoming() {
                if until.load(Ordering::Relaxed) {
                    break;
                }
                let Ok(client) = client else { continue };
                let network = Arc::clone(&network);
                // Where no thread can be had the client sees a closed connection.
                let _ = start(move || {
                    let _ = join(&network, client, target);
                });
            }
        });
        Ok(Self { listen, closed })
    }

    /// Where it listens.
    #[must_use]
    pub fn listen(&self) -> SocketAddr {
        self.listen
    }
}

impl Drop for Forward {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
        // Wakes the listener, so that it sees that it is closed.
        let _ = TcpStream::connect(self.listen);
    }
}

/// The network is that of the thread, which belongs to this connection alone.
fn join(network: &File, client: TcpStream, target: SocketAddr) -> Result<()> {
    setns(network, CloneFlags::CLONE_NEWNET)?;
    let server = TcpStream::connect_timeout(&target, Duration::from_secs(10))?;
    for side in [&client, &server] {
        side.set_nodelay(true)?;
    }
    let (from_client, to_client) = (client.try_clone()?, client);
    let (from_server, to_server) = (server.try_clone()?, server);
    start(move || copy(from_client, &to_server))?;
    copy(from_server, &to_client);
    Ok(())
}

/// Copies until one side closes, which closes the other one.
fn copy(mut from: TcpStream, mut to: &TcpStream) {
    if io::copy(&mut from, &mut to).is_err() {
        // A connection that broke is broken for both.
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
    let _ = to.shutdown(Shutdown::Write);
}

fn start(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().stack_size(STACK_BYTES).spawn(work).map(|_| ())
}
