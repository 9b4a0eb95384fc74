//! The identity of the store.

use super::Store;
use crate::mysql::{Error, Result};

/// Properties of the whole store.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Changes when a backup is restored; cursors of another epoch are invalid.
    pub epoch: uuid::Uuid,
    /// Proves that a cached session was written by a server of this store.
    pub seal_key: [u8; 32],
}

impl Store {
    /// Reads the identity; an error where the store was never migrated.
    pub async fn identity(&self) -> Result<Identity> {
        let row: (uuid::Uuid, Vec<u8>) =
            sqlx::query_as("SELECT epoch, seal_key FROM store WHERE id = 1")
                .fetch_one(self.pool())
                .await?;
        let wrong = |_| Error::Inconsistent { table: "store", column: "seal_key", id: "1".into() };
        Ok(Identity { epoch: row.0, seal_key: row.1.try_into().map_err(wrong)? })
    }
}
