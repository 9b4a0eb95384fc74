//! Draining: asks sockets to reconnect elsewhere, spread over time.

use std::time::Duration;

use chat_contract::wire::{MovingEvent, event_name};
use tokio::time::Instant;

use super::App;

/// Clients reconnect spread over this time, so that the other servers do not get them all at once.
const SPREAD: Duration = Duration::from_secs(2);

/// Time over which `sockets` are moved at `per_second`; 0 is no limit.
fn spread(sockets: usize, per_second: u64) -> Duration {
    if per_second == 0 {
        return SPREAD;
    }
    let millis = (sockets as u64).saturating_mul(1000) / per_second;
    SPREAD.max(Duration::from_millis(millis))
}

/// Asks every socket to reconnect elsewhere, and waits until they have disconnected, at most
/// `timeout`.
pub(crate) async fn drain(app: &App, timeout: Duration) {
    let began = Instant::now();
    let conns = app.hub.conns();
    // At most half of the time limit: the other half is for the reconnections.
    let spread = spread(conns.len(), app.config.drain_per_second).min(timeout / 2);
    let spread = spread.as_millis().try_into().unwrap_or(u64::MAX);
    for conn in &conns {
        let after_ms = if spread == 0 { 0 } else { u64::from(crate::random::number()) % spread };
        conn.emit(event_name::MOVING, &MovingEvent { after_ms });
    }
    while began.elapsed() < timeout && !app.hub.users().is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_sockets_take_their_time() {
        assert_eq!(spread(10_000, 0), SPREAD);
        assert_eq!(spread(10, 100), SPREAD);
        assert_eq!(spread(1_000, 100), Duration::from_secs(10));
    }
}
