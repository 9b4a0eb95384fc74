//! All Redis: sessions, cache, notifications between the servers, presence.
//!
//! Invariant: nothing here is the only copy of anything. Every call may fail, and the caller then
//! goes on without it: an unavailable Redis costs speed, never a message.

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

/// Result of this room.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Notifications that may wait in the subscriber; with fewer, a burst loses some. The library has several
/// such queues for each connection and makes them whole at once.
const NOTIFICATIONS: usize = 16_384;
/// What may wait in the other connection: that it came back, and the like.
const EVENTS: usize = 32;

/// Between two looks of who waits for it.
const LOOK: Duration = Duration::from_millis(10);

/// The connections to Redis.
#[derive(Clone)]
pub(crate) struct Redis {
    /// For commands.
    client: fred::clients::Client,
    /// For subscriptions: a burst of messages must not delay a command.
    subscriber: fred::clients::Client,
    /// It is connected and does not answer, as [`Redis::watch`] found.
    mute: Arc<AtomicBool>,
    /// Why it is unavailable, as [`Redis::watch`] found it.
    problem: Arc<Mutex<Option<String>>>,
}

impl Redis {
    /// Prepares both connections; they connect, and connect anew, by themselves.
    pub(crate) fn new(settings: &ServerConfig) -> Result<Self> {
        let config = connect::read(settings)?;
        Ok(Self {
            client: connect::start(config.clone(), EVENTS)?,
            subscriber: connect::start(config, NOTIFICATIONS)?,
            mute: Arc::default(),
            problem: Arc::default(),
        })
    }

    /// Says what is wrong with the settings.
    pub(crate) fn check(settings: &ServerConfig) -> Result<()> {
        connect::read(settings).map(drop)
    }

    /// The connection for commands, where it stands. Waiting for one that does not would hold up
    /// what can be done without it.
    fn ready(&self) -> Result<&fred::clients::Client> {
        if self.answers() { Ok(&self.client) } else { Err(Error::Unavailable) }
    }

    /// Do keys live on several servers.
    fn is_clustered(&self) -> bool {
        self.client.is_clustered()
    }

    /// Is Redis there.
    #[must_use]
    pub(crate) fn is_connected(&self) -> bool {
        self.answers() && self.subscriber.is_connected()
    }

    /// Waits so long for Redis at most, and says whether it is there.
    pub(crate) async fn comes_within(&self, wait: Duration) -> bool {
        let comes = async {
            while !self.is_connected() {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(wait, comes).await.is_ok()
    }

    /// While a server of a cluster is gone and nobody has taken over, the library holds back all
    /// commands, also those for the others, and calls itself connected.
    fn answers(&self) -> bool {
        self.client.is_connected() && !self.mute.load(Ordering::Relaxed)
    }
}
