//! Rate limits that all servers share.

use std::time::Duration;

use fred::interfaces::LuaInterface;

use super::{Redis, Result};

/// The generic cell rate algorithm (GCRA): one number per key, the time at which the limit is fully
/// available again. It uses the clock of Redis, so the servers' clocks need not agree.
const TAKE: &str = "
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
    local every, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
    local wait = full + every - every * burst - now
    if wait > 0 then return math.ceil(wait) end
    redis.call('SET', KEYS[1], full + every, 'PX', math.ceil(full + every - now))
    return 0";

impl Redis {
    /// Takes one of `burst` tokens, of which one is refilled `every` interval. `Some`: nothing was
    /// taken, and the caller must wait this long.
    pub(crate) async fn take(
        &self,
        key: &str,
        every: Duration,
        burst: u32,
    ) -> Result<Option<Duration>> {
        let arguments = vec![format!("{}", every.as_secs_f64() * 1000.0), burst.to_string()];
        let wait: u64 = self.ready()?.eval(TAKE, key, arguments).await?;
        Ok((wait > 0).then(|| Duration::from_millis(wait)))
    }
}
