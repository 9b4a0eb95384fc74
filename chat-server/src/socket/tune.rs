//! Socket options of accepted connections.

use std::time::Duration;

use socket2::SockRef;
use tokio::net::TcpStream;

/// A client that acknowledges no data for so long is disconnected. Without this, the writer of a
/// socket whose client has stopped reading is stuck for ever, and its memory is never freed.
const USER_TIMEOUT: Duration = Duration::from_secs(20);
/// Approximate bytes that the kernel buffers for a slow client.
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
