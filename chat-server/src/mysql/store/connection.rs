//! A connection outside the pool.

use sqlx::mysql::MySqlConnection;

use crate::mysql::Result;

/// A connection that one task owns. Dropping it closes it and rolls back an open transaction, so
/// work on it may be cancelled at any point.
#[derive(Debug)]
pub struct Connection(pub(in crate::mysql) MySqlConnection);

impl Connection {
    /// Checks that the store answers on this connection.
    ///
    /// # Errors
    ///
    /// It does not.
    pub async fn ping(&mut self) -> Result<()> {
        sqlx::Connection::ping(&mut self.0).await?;
        Ok(())
    }
}
