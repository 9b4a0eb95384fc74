//! A connection outside the pool.

use sqlx::mysql::MySqlConnection;

use crate::mysql::Result;

/// A connection that one task keeps for itself. Dropped, it is closed, and a transaction that is
/// open on it is rolled back: so whatever is under way on it may be cut off at any point.
#[derive(Debug)]
pub struct Connection(pub(in crate::mysql) MySqlConnection);

impl Connection {
    /// Does the store answer on this connection.
    ///
    /// # Errors
    ///
    /// It does not.
    pub async fn ping(&mut self) -> Result<()> {
        sqlx::Connection::ping(&mut self.0).await?;
        Ok(())
    }
}
