//! Cached sessions, so that not every request queries the store.
//!
//! A record is sealed over its key and its content: an attacker who can write to Redis can neither
//! forge a record nor move it to another token, and an old record is trusted only for a short time.
//! A session that ended leaves a tombstone, which a late refill cannot overwrite.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chat_domain::id::{SessionId, UserId};
use chrono::{DateTime, TimeDelta, Utc};
use fred::{
    interfaces::{KeysInterface, LuaInterface},
    types::Expiration,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Redis, Result};

/// SHA-256 of a token; the token itself is stored nowhere.
pub(crate) type TokenHash = [u8; 32];

const TOMBSTONE: &str = "ended";
const REFILL: &str = "
    if redis.call('GET', KEYS[1]) == ARGV[3] then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return 1";
/// Five numbers of 8 bytes.
const RECORD_BYTES: usize = 40;

/// A session as last read from the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CachedSession {
    /// Which.
    pub session: SessionId,
    /// Whose.
    pub user: UserId,
    /// Last use that the store knows of.
    pub used_at: DateTime<Utc>,
    /// When it expires without use.
    pub expires_at: DateTime<Utc>,
    /// When it was read from the store.
    pub checked_at: DateTime<Utc>,
}

/// The cache entry of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// A session.
    Session(CachedSession),
    /// It ended.
    Ended,
    /// No entry, or an invalid or expired one.
    Nothing,
}

impl Redis {
    /// Looks up a token; records older than `ttl` are ignored.
    pub(crate) async fn session(
        &self,
        seal_key: &[u8; 32],
        token: &TokenHash,
        now: DateTime<Utc>,
        ttl: Duration,
    ) -> Result<Known> {
        let key = key_of(token);
        let value: Option<String> = self.ready()?.get(&key).await?;
        let Some(value) = value else { return Ok(Known::Nothing) };
        if value == TOMBSTONE {
            return Ok(Known::Ended);
        }
        Ok(match open(seal_key, &key, &value) {
            Some(record) if is_fresh(&record, now, ttl) => Known::Session(record),
            _ => Known::Nothing,
        })
    }

    /// Caches a session read from the store, unless it ended meanwhile.
    pub(crate) async fn remember_session(
        &self,
        seal_key: &[u8; 32],
        token: &TokenHash,
        record: &CachedSession,
        ttl: Duration,
    ) -> Result<()> {
        let key = key_of(token);
        let value = seal(seal_key, &key, record);
        let arguments = vec![value, ttl.as_millis().to_string(), TOMBSTONE.to_owned()];
        self.ready()?.eval::<(), _, _, _>(REFILL, key, arguments).await?;
        Ok(())
    }

    /// Sets a tombstone for each of these tokens, for longer than any record lives.
    pub(crate) async fn bury_sessions(&self, tokens: &[TokenHash], ttl: Duration) -> Result<()> {
        let expire = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX).saturating_mul(2);
        let pipeline = self.ready()?.pipeline();
        for token in tokens {
            let expire = Some(Expiration::PX(expire.max(1)));
            pipeline.set::<(), _, _>(key_of(token), TOMBSTONE, expire, None, false).await?;
        }
        pipeline.all::<()>().await?;
        Ok(())
    }
}

fn key_of(token: &TokenHash) -> String {
    format!("session:{}", URL_SAFE_NO_PAD.encode(token))
}

/// The servers' clocks differ slightly; a record from the future counts as fresh.
fn is_fresh(record: &CachedSession, now: DateTime<Utc>, ttl: Duration) -> bool {
    let ttl = TimeDelta::from_std(ttl).unwrap_or(TimeDelta::MAX);
    now - record.checked_at <= ttl && now < record.expires_at
}

fn mac_of(seal_key: &[u8; 32], key: &str, record: &[u8]) -> Hmac<Sha256> {
    // A key shorter than a block is filled up with zeros (RFC 2104, 2).
    let mut block = [0; 64];
    block[..32].copy_from_slice(seal_key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(key.as_bytes());
    mac.update(record);
    mac
}

fn seal(seal_key: &[u8; 32], key: &str, record: &CachedSession) -> String {
    let CachedSession { session, user, used_at, expires_at, checked_at } = record;
    let mut bytes = Vec::with_capacity(RECORD_BYTES + 32);
    bytes.extend(session.0.to_be_bytes());
    bytes.extend(user.0.to_be_bytes());
    for time in [used_at, expires_at, checked_at] {
        bytes.extend(time.timestamp_millis().to_be_bytes());
    }
    let tag = mac_of(seal_key, key, &bytes).finalize().into_bytes();
    bytes.extend(tag);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn open(seal_key: &[u8; 32], key: &str, value: &str) -> Option<CachedSession> {
    let bytes = URL_SAFE_NO_PAD.decode(value).ok()?;
    let (record, tag) = bytes.split_at_checked(RECORD_BYTES)?;
    mac_of(seal_key, key, record).verify_slice(tag).ok()?;
    let mut numbers = record.as_chunks::<8>().0.iter();
    let mut number = || numbers.next().map(|bytes| u64::from_be_bytes(*bytes));
    let (session, user) = (SessionId(number()?), UserId(number()?));
    let mut time = || DateTime::from_timestamp_millis(number()?.cast_signed());
    Some(CachedSession {
        session,
        user,
        used_at: time()?,
        expires_at: time()?,
        checked_at: time()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn record() -> CachedSession {
        let now = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap();
        CachedSession {
            session: SessionId(1),
            user: UserId(u64::MAX),
            used_at: now,
            expires_at: now + TimeDelta::hours(1),
            checked_at: now,
        }
    }

    #[test]
    fn a_sealed_record_is_read_again() {
        assert_eq!(open(&KEY, "session:a", &seal(&KEY, "session:a", &record())), Some(record()));
    }

    #[test]
    fn nothing_forged_is_believed() {
        let good = seal(&KEY, "session:a", &record());
        assert_eq!(open(&KEY, "session:b", &good), None, "moved to another token");
        assert_eq!(open(&[8; 32], "session:a", &good), None, "sealed with another key");
        let mut bytes = URL_SAFE_NO_PAD.decode(&good).unwrap();
        for at in 0..bytes.len() {
            bytes[at] ^= 1;
            let forged = URL_SAFE_NO_PAD.encode(&bytes);
            assert_eq!(open(&KEY, "session:a", &forged), None, "byte {at}");
            bytes[at] ^= 1;
        }
        for junk in ["", "ended", "AAAA", "!!!", &good[..good.len() - 4]] {
            assert_eq!(open(&KEY, "session:a", junk), None, "{junk}");
        }
    }

    #[test]
    fn an_old_record_is_not_believed() {
        let minute = Duration::from_mins(1);
        let at = |seconds| record().checked_at + TimeDelta::seconds(seconds);
        assert!(is_fresh(&record(), at(60), minute));
        assert!(!is_fresh(&record(), at(61), minute), "put back after the store said otherwise");
        assert!(is_fresh(&record(), at(-5), minute), "another replica's clock");
        assert!(!is_fresh(&record(), at(3_600), Duration::from_hours(24)), "expired");
    }
}
