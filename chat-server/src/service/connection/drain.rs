//! Draining: asks sockets to reconnect elsewhere, spread over time.

use std::time::Duration;

use chat_contract::wire::{MovingEvent, event_name};
use tokio::time::Instant;

use super::App;

/// Clients reconnect spread over this time, so that the other servers do not get them all at once.
const SPREAD: Duration = Duration::from_secs(2);

/// Time over which `sockets` are moved at `per_second`; 0 is no limit. At most half of the time
/// limit: the other half is for the reconnections.
fn spread(sockets: usize, per_second: u64, timeout: Duration) -> Duration {
    let millis = (sockets as u64).saturating_mul(1000).checked_div(per_second).unwrap_or(0);
    SPREAD.max(Duration::from_millis(millis)).min(timeout / 2)
}

/// When a socket with this number is moved, in milliseconds.
fn after_ms(spread: Duration, number: u32) -> u64 {
    let spread = spread.as_millis().try_into().unwrap_or(u64::MAX);
    u64::from(number).checked_rem(spread).unwrap_or(0)
}

/// Asks every socket to reconnect elsewhere, and waits until they have disconnected, at most
/// `timeout`.
pub(crate) async fn drain(app: &App, timeout: Duration) {
    let began = Instant::now();
    let conns = app.hub.conns();
    let spread = spread(conns.len(), app.config.drain_per_second, timeout);
    for conn in &conns {
        let after_ms = after_ms(spread, crate::random::number());
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
        let minute = Duration::from_mins(1);
        assert_eq!(spread(10_000, 0, minute), SPREAD);
        assert_eq!(spread(10, 100, minute), SPREAD);
        assert_eq!(spread(1_000, 100, minute), Duration::from_secs(10));
        assert_eq!(spread(10_000, 100, minute), Duration::from_secs(30), "half of the time");
    }

    #[test]
    fn each_socket_is_moved_within_the_time() {
        let ms = |number| after_ms(Duration::from_secs(2), number);
        assert_eq!([0, 1_999, 2_000, 2_001].map(ms), [0, 1_999, 0, 1]);
        assert_eq!(after_ms(Duration::ZERO, 7), 0, "without time at once");
    }
}
