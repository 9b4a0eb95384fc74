//! Does the store answer? Asked on a connection of its own: a busy pool is not an absent store.

use super::{Connection, Store};
use crate::mysql::Result;

/// Keeps its connection from one question to the next.
pub(crate) struct Probe {
    store: Store,
    connection: Option<Connection>,
}

impl Probe {
    /// Connects at the first question.
    #[must_use]
    pub(crate) fn new(store: &Store) -> Self {
        Self { store: store.clone(), connection: None }
    }

    /// One round trip to the store.
    ///
    /// # Errors
    /// Where there is no connection, or no answer on it; the next question opens a new one.
    pub(crate) async fn ask(&mut self) -> Result<()> {
        // Taken out: where the question is dropped half-way, so is the connection.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.store.connect().await?,
        };
        connection.ping().await?;
        self.connection = Some(connection);
        Ok(())
    }
}
