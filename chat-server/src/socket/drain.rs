//! The end of a server: its sockets are told to move, gently, before they are cut off.

use std::time::Duration;

use chat_contract::wire::{MovingEvent, event_name};
use socketioxide::SocketIo;
use tokio::time::Instant;

use crate::app::App;

/// Clients connect anew within this time, each at its own moment, so that the other servers do
/// not have them all at once.
const SPREAD: Duration = Duration::from_secs(2);
/// A socket whose writer is stuck can hold up the closing of all.
const CLOSE: Duration = Duration::from_secs(2);

/// Tells every socket to move, waits until they have gone, and cuts off those who stay.
pub async fn drain(app: &App, io: &SocketIo, patience: Duration) {
    let began = Instant::now();
    let conns = app.hub.conns();
    // Not longer than there is time: at least half of it is for the way.
    let spread = SPREAD.min(patience / 2).as_millis().try_into().unwrap_or(u64::MAX);
    for conn in &conns {
        let after_ms = if spread == 0 { 0 } else { u64::from(crate::random::number()) % spread };
        conn.emit(event_name::MOVING, &MovingEvent { after_ms });
    }
    while began.elapsed() < patience && !app.hub.users().is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    if tokio::time::timeout(CLOSE, io.close()).await.is_err() {
        tracing::warn!("some sockets did not close in time and are cut off");
    }
}
