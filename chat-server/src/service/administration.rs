//! Administration of accounts at the command line. It needs no running server.

use chat_domain::account::Locale;
use chrono::{DateTime, Utc};

use super::{
    Result,
    account::{self, Hasher, SignUp},
};
use crate::mysql::Store;

/// The accounts in a store.
pub(crate) struct Administration {
    store: Store,
    hasher: Hasher,
}

impl Administration {
    pub(crate) fn new(store: Store) -> Result<Self> {
        Ok(Self { store, hasher: Hasher::new()? })
    }

    /// Creates an administrator.
    pub(crate) async fn create_admin(
        &self,
        username: String,
        email: String,
        password: String,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let wanted = SignUp { username, email, password, locale: Locale::En };
        account::create(&self.store, &self.hasher, wanted, true, now).await?;
        Ok(())
    }

    /// Wraps the SHA-256 hashes of imported accounts in Argon2id; returns how many.
    pub(crate) async fn wrap_imported(&self) -> Result<u64> {
        let mut wrapped = 0;
        loop {
            let imported = self.store.imported_passwords().await?;
            if imported.is_empty() {
                return Ok(wrapped);
            }
            for (user, old) in imported {
                let new = self.hasher.wrap_sha256(&old).await?;
                wrapped += u64::from(self.store.rehash_password(user, &old, &new).await?);
            }
        }
    }
}
