//! Probes the store on a separate connection: a busy pool does not mean that the store is
//! unavailable.

use super::{Connection, Store};
use crate::mysql::Result;

/// Keeps its connection from one probe to the next.
pub(crate) struct Probe {
    store: Store,
    connection: Option<Connection>,
}

impl Probe {
    /// A probe, which connects at its first use.
    #[must_use]
    pub(crate) fn new(store: &Store) -> Self {
        Self { store: store.clone(), connection: None }
    }

    /// One round trip to the store.
    ///
    /// # Errors
    /// No connection, or no answer; the next probe opens a new one.
    pub(crate) async fn ask(&mut self) -> Result<()> {
        // Taken out, so that cancelling the probe drops the connection.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.store.connect().await?,
        };
        connection.ping().await?;
        self.connection = Some(connection);
        Ok(())
    }
}
