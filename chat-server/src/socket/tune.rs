//! What the operating system does with a connection.

use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpStream;

/// A client that takes nothing for so long is gone. Without this, the writer of a socket whose
/// client has stopped reading stays stuck for ever, and with it the socket's memory.
const USER_TIMEOUT: Duration = Duration::from_secs(20);
/// Bytes that the kernel keeps for a slow client, about.
const SEND_BUFFER_BYTES: usize = 256 * 1024;

/// Sets up an accepted connection.
pub(crate) fn tune(stream: &mut TcpStream) {
    let socket = SockRef::from(&*stream);
    let tuned = socket
        .set_tcp_nodelay(true)
        .and_then(|()| socket.set_tcp_user_timeout(Some(USER_TIMEOUT)))
        .and_then(|()| socket.set_send_buffer_size(SEND_BUFFER_BYTES));
    if let Err(error) = tuned {
        tracing::debug!(%error, "a connection could not be set up");
    }
}
