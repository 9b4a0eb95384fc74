//! All Redis: sessions, cache, hints between the replicas, presence.
//!
//! Invariant: nothing here is the only copy of anything. Every call may fail, and the caller then
//! goes on without it: a Redis that is away costs speed, never a message.

pub mod bus;
pub mod cache;
mod error;
mod limit;
pub mod presence;
pub mod session;
mod socket;
mod watch;

use std::{sync::Arc, time::Duration};

use fred::{
    prelude::{Builder, ClientLike, Config, ReconnectPolicy},
    types::RespVersion,
};
use parking_lot::Mutex;

pub use cache::{Cache, Class};
pub use error::Error;

/// Result of this room.
pub type Result<T> = std::result::Result<T, Error>;

/// A command that takes longer counts as failed.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(2);
/// Hints that may wait in the subscriber; with fewer, a burst loses some. The library has several
/// such queues for each connection and makes them whole at once.
const HINTS: usize = 16_384;
/// What may wait in the other connection: that it came back, and the like.
const EVENTS: usize = 32;

/// The connections to Redis.
#[derive(Clone)]
pub struct Redis {
    /// For commands.
    client: fred::clients::Client,
    /// For subscriptions: a burst of messages must not delay a command.
    subscriber: fred::clients::Client,
    /// Why it is away, as [`Redis::watch`] found it.
    trouble: Arc<Mutex<Option<String>>>,
}

impl Redis {
    /// Prepares both connections; they connect, and connect anew, by themselves.
    pub fn new(url: &str) -> Result<Self> {
        let mut config = Config::from_url(url)?;
        // Sharded subscriptions need RESP3, whatever the URL says.
        config.version = RespVersion::RESP3;
        let client = build(config.clone(), EVENTS)?;
        let subscriber = build(config, HINTS)?;
        drop(client.connect());
        drop(subscriber.connect());
        Ok(Self { client, subscriber, trouble: Arc::default() })
    }

    /// The connection for commands, where it stands. Waiting for one that does not would hold up
    /// what can be done without it.
    fn ready(&self) -> Result<&fred::clients::Client> {
        if self.client.is_connected() { Ok(&self.client) } else { Err(Error::Away) }
    }

    /// Do keys live on several servers.
    fn is_clustered(&self) -> bool {
        self.client.is_clustered()
    }

    /// Is Redis there.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.client.is_connected() && self.subscriber.is_connected()
    }

    /// Does Redis answer.
    pub async fn ping(&self) -> Result<()> {
        self.ready()?.ping::<()>(None).await?;
        Ok(())
    }
}

fn build(config: Config, broadcast_capacity: usize) -> Result<fred::clients::Client> {
    let client = Builder::from_config(config)
        .with_connection_config(|connection| {
            connection.connection_timeout = COMMAND_TIMEOUT;
            connection.max_command_attempts = 1;
            connection.reconnect_on_auth_error = true;
            connection.unresponsive.max_timeout = Some(COMMAND_TIMEOUT * 2);
        })
        .with_performance_config(|performance| {
            performance.default_command_timeout = COMMAND_TIMEOUT;
            performance.broadcast_channel_capacity = broadcast_capacity;
        })
        .set_policy(ReconnectPolicy::new_constant(0, 200))
        .build()?;
    Ok(client)
}
