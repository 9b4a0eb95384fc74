//! The end of a server: its sockets move, and those that stay are cut off.

use std::time::Duration;

use socketioxide::SocketIo;

use crate::service::{App, connection};

/// A socket whose writer is stuck can hold up the closing of all.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Tells every socket to move, waits until they have gone, and cuts off those who stay.
pub(crate) async fn drain(app: &App, io: &SocketIo, timeout: Duration) {
    connection::drain(app, timeout).await;
    if tokio::time::timeout(CLOSE_TIMEOUT, io.close()).await.is_err() {
        tracing::warn!("some sockets did not close in time and are cut off");
    }
}
