//! The parts of one running server, and which of them each module may use.
//!
//! An edge (`http`, `socket`, `background`) holds an [`App`] and hands it to use cases. The fields
//! for stores, cache and delivery are visible in `service` alone, so an edge that uses one of them
//! does not compile.

use std::sync::Arc;

use chat_contract::config::ServerConfig;

use super::{
    account::{Hasher, password},
    health::Health,
    rate_limit::Limits,
    room::Sizes,
    session::{EndedSessions, remember_ended},
    soft_state::SoftState,
    user::UserCache,
};
use crate::{
    commit::Committer,
    deliver::Hub,
    files::{Files, picture::ImagePipeline},
    lifecycle::Lifecycle,
    metrics::Metrics,
    mysql::{Store, store::Identity},
    redis::{Cache, Redis},
    tls::Tls,
    trace::Sampling,
};

/// A running server. Cheap to clone.
pub(crate) type App = Arc<Parts>;

/// What `run` connects and starts before there is an [`App`].
pub(crate) struct Infrastructure {
    pub(crate) config: ServerConfig,
    pub(crate) metrics: Metrics,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) tls: Option<Tls>,
    pub(crate) store: Store,
    pub(crate) identity: Identity,
    pub(crate) redis: Redis,
    pub(crate) cache: Cache,
    pub(crate) hub: Hub,
    pub(crate) committer: Committer,
    pub(crate) files: Files,
}

/// See [`App`].
pub(crate) struct Parts {
    // --- for every module ---
    /// The settings that the server was started with.
    pub(crate) config: ServerConfig,
    pub(crate) metrics: Metrics,
    /// The shutdown, in steps from the first signal on.
    pub(crate) lifecycle: Lifecycle,
    /// Decides which requests are traced.
    pub(crate) sampling: Sampling,
    /// The server's certificate; `None` where it serves plain HTTP.
    pub(crate) tls: Option<Tls>,
    // --- for use cases alone ---
    pub(in crate::service) store: Store,
    pub(in crate::service) identity: Identity,
    pub(in crate::service) redis: Redis,
    pub(in crate::service) cache: Cache,
    pub(in crate::service) hub: Hub,
    pub(in crate::service) committer: Committer,
    pub(in crate::service) files: Files,
    pub(in crate::service) images: ImagePipeline,
    pub(in crate::service) soft_state: SoftState,
    pub(in crate::service) users: UserCache,
    pub(in crate::service) room_sizes: Sizes,
    pub(in crate::service) hasher: Hasher,
    pub(in crate::service) limits: Limits,
    pub(in crate::service) ended: EndedSessions,
    pub(in crate::service) health: Health,
}

impl Parts {
    /// Adds the in-memory state of a process to its connections.
    ///
    /// # Errors
    /// The password hasher cannot be created.
    pub(crate) fn assemble(infrastructure: Infrastructure) -> Result<App, password::Error> {
        let Infrastructure {
            config,
            metrics,
            lifecycle,
            tls,
            store,
            identity,
            redis,
            cache,
            hub,
            committer,
            files,
        } = infrastructure;
        Ok(Arc::new(Self {
            sampling: Sampling::new(!config.otlp_endpoint.is_empty(), config.trace_one_in),
            images: ImagePipeline::default(),
            soft_state: SoftState::default(),
            users: UserCache::default(),
            room_sizes: Sizes::default(),
            hasher: Hasher::new()?,
            limits: Limits::new(&config),
            ended: EndedSessions::new(remember_ended(config.session_cache_ttl)),
            health: Health::new(&store),
            config,
            metrics,
            lifecycle,
            tls,
            store,
            identity,
            redis,
            cache,
            hub,
            committer,
            files,
        }))
    }
}
