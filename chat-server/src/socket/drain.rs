//! Draining: moves the sockets to other servers, and closes those that remain.

use std::time::Duration;

use socketioxide::SocketIo;

use crate::service::{App, connection};

/// A socket with a stuck writer can delay closing all.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Asks every socket to reconnect elsewhere, waits until they have disconnected, and closes those
/// that remain.
pub(crate) async fn drain(app: &App, io: &SocketIo, timeout: Duration) {
    connection::drain(app, timeout).await;
    if tokio::time::timeout(CLOSE_TIMEOUT, io.close()).await.is_err() {
        tracing::warn!("some sockets did not close in time and were disconnected");
    }
}
