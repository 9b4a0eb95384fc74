//! Which server owns a polling session of the socket protocol.

use std::time::Duration;

use fred::{interfaces::KeysInterface, types::Expiration};

use super::{Redis, Result};

fn key(sid: &str) -> String {
    format!("socket:{sid}")
}

impl Redis {
    /// Records this server as the owner of the session until `ttl` after its last request.
    pub(crate) async fn own_socket(
        &self,
        sid: &str,
        server_url: &str,
        ttl: Duration,
    ) -> Result<()> {
        let seconds = i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX);
        self.ready()?
            .set::<(), _, _>(key(sid), server_url, Some(Expiration::EX(seconds)), None, false)
            .await?;
        Ok(())
    }

    /// URL of the server that owns the session; renews its `ttl`.
    pub(crate) async fn socket_owner(&self, sid: &str, ttl: Duration) -> Result<Option<String>> {
        let url: Option<String> = self.ready()?.get(key(sid)).await?;
        if url.is_some() {
            let seconds = i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX);
            self.ready()?.expire::<(), _>(key(sid), seconds, None).await?;
        }
        Ok(url)
    }
}
