//! The store's own identity, and its migrations.

use super::{Error, MIGRATOR, Result, Store};

const NO_SUCH_TABLE: u16 = 1146;

/// What is true of the whole store.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Changes when a backup is restored; cursors of another epoch mean nothing.
    pub epoch: uuid::Uuid,
    /// Proves that a cached session was written by a server of this store.
    pub seal_key: [u8; 32],
}

impl Store {
    /// Brings the schema up to date and gives a new store its identity.
    /// Waits while another process does the same.
    pub async fn migrate(&self, epoch: uuid::Uuid, seal_key: [u8; 32]) -> Result<()> {
        MIGRATOR.run(&self.pool).await?;
        sqlx::query("INSERT IGNORE INTO store (id, epoch, seal_key) VALUES (1, ?, ?)")
            .bind(epoch)
            .bind(&seal_key[..])
            .execute(self.pool())
            .await?;
        Ok(())
    }

    /// The identity; an error where the store was never migrated.
    pub async fn identity(&self) -> Result<Identity> {
        let row: (uuid::Uuid, Vec<u8>) =
            sqlx::query_as("SELECT epoch, seal_key FROM store WHERE id = 1")
                .fetch_one(self.pool())
                .await?;
        let wrong = |_| Error::Inconsistent { table: "store", column: "seal_key", id: "1".into() };
        Ok(Identity { epoch: row.0, seal_key: row.1.try_into().map_err(wrong)? })
    }

    /// Was every migration of this program applied. Others may have been too: during an upgrade
    /// an older program works on a newer schema.
    pub async fn is_migrated(&self) -> Result<bool> {
        let sql = "SELECT version FROM _sqlx_migrations WHERE success = TRUE";
        let applied: std::result::Result<Vec<i64>, _> =
            sqlx::query_scalar(sql).fetch_all(self.pool()).await;
        match applied.map_err(Error::from) {
            Ok(applied) => Ok(MIGRATOR.iter().all(|one| applied.contains(&one.version))),
            Err(error) if error.number() == Some(NO_SUCH_TABLE) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
