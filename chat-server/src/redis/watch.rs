//! Tells, once each, that Redis went and that it came back.

use std::time::Duration;

use fred::{
    error::Error as Cause,
    interfaces::{ClientLike, EventInterface},
    types::config::Server,
};
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

use super::Redis;

/// How often to look.
const INTERVAL: Duration = Duration::from_millis(250);
/// Redis counts as away when it is at so many looks.
const LOOKS: u32 = 3;

impl Redis {
    /// Where Redis is: `host:port`, several for a cluster.
    #[must_use]
    pub fn address(&self) -> String {
        let hosts = self.client.client_config().server.hosts();
        let hosts: Vec<String> = hosts.iter().map(|s| format!("{}:{}", s.host, s.port)).collect();
        hosts.join(",")
    }

    /// Why Redis is away, in words; nothing while it is there.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        let known = self.trouble.lock().clone();
        let unknown = || {
            (!self.is_connected()).then(|| format!("Redis: no connection to {}", self.address()))
        };
        known.or_else(unknown)
    }

    /// Watches the connection for as long as the future lives.
    pub async fn watch(&self) {
        let mut errors = self.client.error_rx();
        let mut cause = None;
        let (mut told, mut looks) = (None, 0_u32);
        loop {
            tokio::time::sleep(INTERVAL).await;
            while let Some(next) = next(&mut errors) {
                cause = Some(next);
            }
            let connected = self.is_connected();
            if told == Some(connected) {
                looks = 0;
                continue;
            }
            looks += 1;
            // A lost connection says little; why the next attempt fails says more.
            if !connected && looks < LOOKS {
                continue;
            }
            let address = self.address();
            if connected {
                tracing::info!("redis: connected to {address}");
                *self.trouble.lock() = None;
            } else {
                let why = why(&address, cause.take());
                tell_away(&why);
                *self.trouble.lock() = Some(format!("Redis: {why}"));
            }
            told = Some(connected);
        }
    }
}

fn why(address: &str, cause: Option<Cause>) -> String {
    cause.map_or_else(|| format!("connection to {address} lost"), |cause| say(&cause, address))
}

fn tell_away(why: &str) {
    tracing::warn!(
        "redis: {why}. Is Redis running? `redis-cli ping` there should answer PONG; the address \
         comes from CHAT_REDIS_URL, or from REDIS_HOST and REDIS_PORT. Everything works without \
         Redis, only slower."
    );
}

fn next(errors: &mut Receiver<(Cause, Option<Server>)>) -> Option<Cause> {
    loop {
        match errors.try_recv() {
            Ok((cause, _)) => return Some(cause),
            Err(TryRecvError::Lagged(_)) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => return None,
        }
    }
}

/// The cause in the words that people search for.
fn say(cause: &Cause, address: &str) -> String {
    let text = cause.to_string();
    if text.contains("refused") {
        format!("connect ECONNREFUSED {address}")
    } else if text.to_ascii_lowercase().contains("timeout") || text.contains("timed out") {
        format!("connect ETIMEDOUT {address}")
    } else {
        format!("{address}: {}", text.trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use fred::error::ErrorKind;

    use super::*;

    #[test]
    fn a_refused_connection_reads_as_people_know_it() {
        let cause = Cause::new(ErrorKind::IO, "Connection refused (os error 111)");
        assert_eq!(say(&cause, "127.0.0.1:6379"), "connect ECONNREFUSED 127.0.0.1:6379");
    }
}
