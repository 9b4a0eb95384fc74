//! What every edge receives: cheap to clone, made once in `run`.

use std::sync::Arc;

use chat_contract::config::ServerConfig;

use crate::{metrics::Metrics, mysql::Store, mysql::store::Identity, redis::Redis};

/// The parts of one running server.
pub type App = Arc<Parts>;

/// See [`App`].
pub struct Parts {
    /// What the server was told.
    pub config: ServerConfig,
    /// All metrics.
    pub metrics: Metrics,
    /// The truth.
    pub store: Store,
    /// Who this store is.
    pub identity: Identity,
    /// Hints and caches.
    pub redis: Redis,
    /// The cache.
    pub cache: Cache,
    /// The one way in which a room changes.
    pub committer: Committer,
    /// Everybody connected here.
    pub hub: Hub,
    /// Read markers that are not in the store yet.
    pub markers: Markers,
}
