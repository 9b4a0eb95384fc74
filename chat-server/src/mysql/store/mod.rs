//! The store itself: its connections, its schema and its identity.

mod connection;
mod identity;
mod migrate;
mod pool;
mod probe;

use std::{str::FromStr, time::Duration};

use sqlx::{
    ConnectOptions, Executor,
    mysql::{MySqlConnectOptions, MySqlConnection, MySqlPool, MySqlPoolOptions},
};

pub(crate) use self::{connection::Connection, identity::Identity, pool::Pool, probe::Probe};
use super::{Error, Result};

/// How long a request waits for a connection before it fails because the store is busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// A store that takes longer to accept a connection is unavailable.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Values that do not fit are errors, never truncated; every statement sees all earlier commits
/// (READ COMMITTED); the lock timeout is 2 seconds.
const SESSION: [&str; 3] = [
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET SESSION innodb_lock_wait_timeout = 2",
];

/// A connection that was used within this time counts as alive.
const TRUSTED: Duration = Duration::from_millis(100);

/// The store: a pool of connections, and separate connections.
#[derive(Clone)]
pub struct Store {
    pool: MySqlPool,
    options: MySqlConnectOptions,
}

impl Store {
    /// Prepares the pool. Connects only when it is used.
    pub fn new(url: &str, connections: u32) -> Result<Self> {
        // The statements of a commit contain messages, which must not be logged.
        let options = MySqlConnectOptions::from_str(url)?
            .statement_cache_capacity(256)
            .disable_statement_logging();
        let pool = MySqlPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // Testing each connection before each use would double the round trips of every
            // request. Only idle connections are tested, which may have died with their server.
            .test_before_acquire(false)
            .before_acquire(|connection, rest| {
                Box::pin(async move {
                    if rest.idle_for < TRUSTED {
                        return Ok(true);
                    }
                    Ok(sqlx::Connection::ping(connection).await.is_ok())
                })
            })
            .max_lifetime(Duration::from_mins(30))
            .after_connect(|connection, _| Box::pin(prepare(connection)))
            // A cancelled `begin()` returns its connection with an open transaction, in which the
            // next acknowledged insert would be lost.
            .after_release(|connection, _| {
                Box::pin(async move {
                    pool::answer(connection.execute("ROLLBACK")).await?;
                    Ok(true)
                })
            })
            .connect_lazy_with(options.clone());
        Ok(Self { pool, options })
    }

    /// The pool, for single statements.
    #[must_use]
    pub fn pool(&self) -> Pool<'_> {
        Pool(&self.pool)
    }

    /// Address of the store: `host:port`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}:{}", self.options.get_host(), self.options.get_port())
    }

    /// A connection outside the pool, for a task that keeps it. A store that accepts it and then
    /// does not answer for three seconds is unavailable.
    ///
    /// # Errors
    ///
    /// [`Error::Silent`] after that time, otherwise the error of the driver.
    pub async fn connect(&self) -> Result<Connection> {
        let connect = async {
            let mut connection = self.options.connect().await?;
            prepare(&mut connection).await?;
            Ok(Connection(connection))
        };
        tokio::time::timeout(CONNECT_TIMEOUT, connect).await.unwrap_or(Err(Error::Silent))
    }

    /// Checks that the store answers.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }
}

async fn prepare(connection: &mut MySqlConnection) -> std::result::Result<(), sqlx::Error> {
    for statement in SESSION {
        connection.execute(statement).await?;
    }
    Ok(())
}
