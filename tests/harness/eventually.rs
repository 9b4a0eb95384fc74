//! Waiting until something is so.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use tokio::time::timeout;

/// How long a test waits for what must happen. Long, because a busy machine is no failure; what
/// happens in time costs nothing.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Asks again and again until the answer is `Ok`; at the deadline, the last error is the cause.
pub async fn eventually<T, F>(what: &str, limit: Duration, mut ask: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let end = Instant::now() + limit;
    loop {
        // A question may be asked late; then it has as long as all of them together.
        let Ok(answer) = timeout(limit, ask()).await else {
            bail!("{what}: no answer within {limit:?}");
        };
        match answer {
            Ok(answer) => return Ok(answer),
            Err(error) if Instant::now() >= end => {
                return Err(error).with_context(|| format!("{what}, still not after {limit:?}"));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}
