//! All Redis: sessions, cache, notifications between the servers, presence.
//!
//! Invariant: nothing here is the only copy of anything. Every call may fail, and the caller then
//! continues without it: an unavailable Redis costs speed, never a message.

pub(crate) mod bus;
pub(crate) mod cache;
pub(crate) mod channel;
mod connect;
mod echo;
mod error;
mod limit;
pub(crate) mod presence;
pub(crate) mod session;
mod socket;
mod watch;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chat_contract::config::ServerConfig;
use fred::interfaces::ClientLike;
use parking_lot::Mutex;

pub(crate) use cache::{Cache, Class};
pub(crate) use error::Error;

/// Result of this module.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Notifications that may wait in the subscriber; a smaller queue would lose some in a burst. The
/// library allocates several such queues per connection in full.
const NOTIFICATIONS: usize = 16_384;
/// Events that may wait in the other connection, such as a reconnect.
const EVENTS: usize = 32;

/// Poll interval of [`Redis::comes_within`].
const LOOK: Duration = Duration::from_millis(10);

/// The connections to Redis.
#[derive(Clone)]
pub(crate) struct Redis {
    /// For commands.
    client: fred::clients::Client,
    /// For subscriptions: a burst of messages must not delay a command.
    subscriber: fred::clients::Client,
    /// [`Redis::watch`] found that it is connected and does not answer.
    mute: Arc<AtomicBool>,
    /// Why it is unavailable, as found by [`Redis::watch`].
    problem: Arc<Mutex<Option<String>>>,
}

impl Redis {
    /// Prepares both connections; they connect and reconnect by themselves.
    pub(crate) fn new(settings: &ServerConfig) -> Result<Self> {
        let config = connect::read(settings)?;
        Ok(Self {
            client: connect::start(config.clone(), EVENTS)?,
            subscriber: connect::start(config, NOTIFICATIONS)?,
            mute: Arc::default(),
            problem: Arc::default(),
        })
    }

    /// Validates the settings.
    pub(crate) fn check(settings: &ServerConfig) -> Result<()> {
        connect::read(settings).map(drop)
    }

    /// The connection for commands, if it is up. Waiting for it would delay work that can be done
    /// without Redis.
    fn ready(&self) -> Result<&fred::clients::Client> {
        if self.answers() { Ok(&self.client) } else { Err(Error::Unavailable) }
    }

    /// Whether Redis is a cluster.
    fn is_clustered(&self) -> bool {
        self.client.is_clustered()
    }

    /// Whether Redis is available.
    #[must_use]
    pub(crate) fn is_connected(&self) -> bool {
        self.answers() && self.subscriber.is_connected()
    }

    /// Waits for at most `wait` until Redis is available; returns whether it is.
    pub(crate) async fn comes_within(&self, wait: Duration) -> bool {
        let comes = async {
            while !self.is_connected() {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(wait, comes).await.is_ok()
    }

    /// While a server of a cluster is down and no replica is promoted, the library holds back all
    /// commands, also those for other servers, and reports itself connected.
    fn answers(&self) -> bool {
        self.client.is_connected() && !self.mute.load(Ordering::Relaxed)
    }
}
