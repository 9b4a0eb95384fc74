//! Passwords and their hashes.
//!
//! Argon2id, off the async threads. At most one per core at once: each uses 19 MB, and more would
//! not be faster. Forms in the store: `$argon2id$...` (ours), `sha256:$argon2id$...` (ours, of the
//! SHA-256 that another system had), `sha256:<hex>` (just imported, not yet wrapped).

use std::{fmt::Write as _, sync::Arc, time::Duration};

use argon2::{
    Argon2, Params,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

const IMPORTED: &str = "sha256:";
/// A request that waits longer for a turn is rejected and may be retried.
const TURN_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a password was not hashed or checked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Too many passwords are waiting.
    #[error("too many passwords to check")]
    Busy,
    /// Hashing failed.
    #[error("argon2: {0}")]
    Hash(String),
}

/// Result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Wrong password, or no such account.
    Wrong,
    /// The password is right.
    Right,
    /// The password is right, and its hash uses outdated parameters.
    RightButOld,
}

/// Hashes passwords, with limited concurrency.
pub(crate) struct Hasher {
    turns: Arc<Semaphore>,
    /// Checked for unknown names, so that timing reveals nothing.
    nobody: Arc<str>,
}

impl Hasher {
    /// A hasher with one turn per core.
    pub(crate) fn new() -> Result<Self, Error> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let nobody = make(&crate::random::bytes::<16>())?.into();
        Ok(Self { turns: Arc::new(Semaphore::new(cores)), nobody })
    }

    /// The hash of a new password.
    pub(crate) async fn hash(&self, password: &str) -> Result<String, Error> {
        let password = password.to_owned();
        self.run(move || make(password.as_bytes())).await?
    }

    /// Wraps the SHA-256 of a password that another system stored, in hex.
    pub(crate) async fn wrap_sha256(&self, hex: &str) -> Result<String, Error> {
        let hex = hex.trim_start_matches(IMPORTED).to_ascii_lowercase();
        self.run(move || Ok(format!("{IMPORTED}{}", make(hex.as_bytes())?))).await?
    }

    /// Checks `password` against `hash`; without a hash it takes as long.
    pub(crate) async fn verify(
        &self,
        password: &str,
        hash: Option<&str>,
    ) -> Result<Verdict, Error> {
        let password = password.to_owned();
        let hash = hash.map(str::to_owned);
        let nobody = Arc::clone(&self.nobody);
        self.run(move || {
            if let Some(hash) = hash {
                return check(&password, &hash, &nobody);
            }
            matches(password.as_bytes(), &nobody);
            Verdict::Wrong
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let turn = Arc::clone(&self.turns).acquire_owned();
        let turn = tokio::time::timeout(TURN_TIMEOUT, turn).await.map_err(|_| Error::Busy)?;
        let task = tokio::task::spawn_blocking(move || {
            // Kept to the end of the work, also where the caller no longer waits.
            let _turn = turn;
            work()
        });
        task.await.map_err(|error| Error::Hash(error.to_string()))
    }
}

fn make(secret: &[u8]) -> Result<String, Error> {
    let hash: PasswordHash =
        Argon2::default().hash_password(secret).map_err(|error| Error::Hash(error.to_string()))?;
    Ok(hash.to_string())
}

fn check(password: &str, hash: &str, nobody: &str) -> Verdict {
    let right = match hash.strip_prefix(IMPORTED) {
        None => {
            let right = matches(password.as_bytes(), hash);
            return match (right, is_current(hash)) {
                (false, _) => Verdict::Wrong,
                (true, true) => Verdict::Right,
                (true, false) => Verdict::RightButOld,
            };
        }
        Some(wrapped) if wrapped.starts_with('$') => {
            matches(sha256_hex(password).as_bytes(), wrapped)
        }
        Some(bare) => {
            matches(password.as_bytes(), nobody);
            bare.eq_ignore_ascii_case(&sha256_hex(password))
        }
    };
    if right { Verdict::RightButOld } else { Verdict::Wrong }
}

fn matches(secret: &[u8], hash: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(secret, &hash).is_ok())
}

fn is_current(hash: &str) -> bool {
    let params = PasswordHash::new(hash).ok().and_then(|hash| Params::try_from(&hash).ok());
    let ours = Params::default();
    params.is_some_and(|p| {
        (p.m_cost(), p.t_cost(), p.p_cost()) == (ours.m_cost(), ours.t_cost(), ours.p_cost())
    })
}

fn sha256_hex(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again() {
        let hasher = Hasher::new().unwrap();
        let hash = hasher.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let verify = async |password| hasher.verify(password, Some(&hash)).await.unwrap();
        assert_eq!(verify("correct horse").await, Verdict::Right);
        assert_eq!(verify("correct horsf").await, Verdict::Wrong);
        assert_eq!(hasher.verify("any", None).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn imported_hashes_are_known_and_marked_as_old() {
        let hasher = Hasher::new().unwrap();
        let bare = format!("sha256:{}", sha256_hex("password1"));
        let wrapped = hasher.wrap_sha256(&bare).await.unwrap();
        assert!(wrapped.starts_with("sha256:$argon2id$"));
        for hash in [&bare, &wrapped] {
            let verify = async |password| hasher.verify(password, Some(hash)).await.unwrap();
            assert_eq!(verify("password1").await, Verdict::RightButOld);
            assert_eq!(verify("password2").await, Verdict::Wrong);
            // The stored hash itself is no password.
            assert_eq!(verify(hash).await, Verdict::Wrong);
        }
    }
}
