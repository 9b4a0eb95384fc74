//! Free ports.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, TcpListener},
    sync::atomic::{AtomicU16, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Result, bail};

/// Below the range from which the system takes the local ports of outgoing connections: else one
/// of those could take the port of a server while it restarts.
const FIRST: u16 = 12_000;
const COUNT: u16 = 20_000;

/// Next port to try. Shared by the threads of this process, so that two of them never get the
/// same one between the look and the start of the server.
static NEXT: AtomicU16 = AtomicU16::new(0);

/// A loopback port that nobody listens on.
pub fn free() -> Result<u16> {
    if NEXT.load(Ordering::Relaxed) == 0 {
        // Two runs at once start their search at different places.
        let micros = SystemTime::now().duration_since(UNIX_EPOCH)?.subsec_micros();
        let start = u16::try_from((micros ^ std::process::id()) % u32::from(COUNT))?;
        let _ = NEXT.compare_exchange(0, start.max(1), Ordering::Relaxed, Ordering::Relaxed);
    }
    for _ in 0..COUNT {
        let port = FIRST + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        if try_listen(IpAddr::V4(Ipv4Addr::LOCALHOST), port).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port between {FIRST} and {}", FIRST + COUNT)
}

/// Could somebody listen there now; if not, why.
pub fn try_listen(address: IpAddr, port: u16) -> io::Result<()> {
    TcpListener::bind((address, port)).map(|_| ())
}
