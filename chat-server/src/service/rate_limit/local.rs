//! Rate limits of this process: all of them for sending, and the others while Redis is unavailable.

use std::{hash::Hash, num::NonZeroU32, time::Duration};

use chat_contract::config::ServerConfig;
use chat_domain::id::UserId;
use governor::{DefaultKeyedRateLimiter, RateLimiter, clock::Clock};

/// A rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Maximum at once, after a pause.
    pub burst: NonZeroU32,
    /// Interval in which one more is allowed.
    pub every: Duration,
}

impl Quota {
    /// `count` in a minute; 0 is no limit.
    #[must_use]
    pub(crate) fn per_minute(count: u64) -> Option<Self> {
        let burst = NonZeroU32::new(u32::try_from(count).unwrap_or(u32::MAX))?;
        Some(Self { burst, every: Duration::from_mins(1) / burst.get() })
    }

    /// `count` in a second, and `burst` at once; 0 is no limit.
    #[must_use]
    pub(crate) fn per_second(count: u64, burst: u64) -> Option<Self> {
        let count = NonZeroU32::new(u32::try_from(count).unwrap_or(u32::MAX))?;
        let burst = u32::try_from(burst).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        Some(Self { burst, every: Duration::from_secs(1) / count.get() })
    }
}

/// A limit for each of many keys.
struct Keyed<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>);

impl<K: Hash + Eq + Clone> Keyed<K> {
    fn new(quota: Quota) -> Option<Self> {
        let rate = governor::Quota::with_period(quota.every)?.allow_burst(quota.burst);
        Some(Self(RateLimiter::keyed(rate)))
    }

    /// `Err` says how long to wait.
    fn take(&self, key: &K) -> Result<(), Duration> {
        let clock = governor::clock::DefaultClock::default();
        self.0.check_key(key).map_err(|not_until| not_until.wait_time_from(clock.now()))
    }
}

/// The limits of one process.
pub(crate) struct Limits {
    sends: Option<Keyed<UserId>>,
    drafts: Option<Keyed<UserId>>,
    /// Sign-ups for each address.
    pub sign_ups: Option<Quota>,
    /// Sign-ins for each address, and for each name.
    pub sign_ins: Option<Quota>,
    sign_ups_here: Option<Keyed<String>>,
    sign_ins_here: Option<Keyed<String>>,
}

impl Limits {
    /// As configured.
    #[must_use]
    pub(crate) fn new(config: &ServerConfig) -> Self {
        let sign_ups = Quota::per_minute(config.limit_sign_ups_per_minute);
        let sign_ins = Quota::per_minute(config.limit_sign_ins_per_minute);
        let sends = Quota::per_second(config.limit_sends_per_second, config.limit_sends_burst);
        Self {
            sends: sends.and_then(Keyed::new),
            drafts: sends.and_then(Keyed::new),
            sign_ups,
            sign_ins,
            sign_ups_here: sign_ups.and_then(Keyed::new),
            sign_ins_here: sign_ins.and_then(Keyed::new),
        }
    }

    /// Counts a send; `Err`: how long to wait.
    pub(crate) fn send(&self, user: UserId) -> Result<(), Duration> {
        self.sends.as_ref().map_or(Ok(()), |sends| sends.take(&user))
    }

    /// Counts a draft; `Err`: how long to wait.
    pub(crate) fn draft(&self, user: UserId) -> Result<(), Duration> {
        self.drafts.as_ref().map_or(Ok(()), |drafts| drafts.take(&user))
    }

    /// Counts a sign-up in this process alone.
    pub(crate) fn sign_up_here(&self, key: &str) -> Result<(), Duration> {
        self.sign_ups_here.as_ref().map_or(Ok(()), |limit| limit.take(&key.to_owned()))
    }

    /// Counts a sign-in in this process alone.
    pub(crate) fn sign_in_here(&self, key: &str) -> Result<(), Duration> {
        self.sign_ins_here.as_ref().map_or(Ok(()), |limit| limit.take(&key.to_owned()))
    }

    /// Drops the state of idle users and addresses.
    pub(crate) fn forget_idle(&self) {
        fn forget<K: Hash + Eq + Clone>(limit: Option<&Keyed<K>>) {
            if let Some(Keyed(limiter)) = limit {
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        }
        forget(self.sends.as_ref());
        forget(self.drafts.as_ref());
        forget(self.sign_ups_here.as_ref());
        forget(self.sign_ins_here.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(per_second: &str, burst: &str) -> Limits {
        let config = ServerConfig::from_vars(&|name| match name {
            "CHAT_MYSQL_URL" => Some("mysql://a@b/c".to_owned()),
            "CHAT_LIMIT_SENDS_PER_SECOND" => Some(per_second.to_owned()),
            "CHAT_LIMIT_SENDS_BURST" => Some(burst.to_owned()),
            _ => None,
        });
        Limits::new(&config.unwrap())
    }

    #[test]
    fn a_quota_is_spread_over_its_time() {
        let quota =
            |quota: Option<Quota>| quota.map(|one| (one.burst.get(), one.every.as_millis()));
        assert_eq!(quota(Quota::per_minute(120)), Some((120, 500)));
        assert_eq!(quota(Quota::per_second(10, 30)), Some((30, 100)));
        assert_eq!(quota(Quota::per_second(10, 0)), Some((1, 100)), "one at least");
        assert_eq!((Quota::per_minute(0), Quota::per_second(0, 30)), (None, None), "no limit");
    }

    #[test]
    fn a_burst_is_allowed_and_then_one_waits() {
        let limits = limits("1", "3");
        for _ in 0..3 {
            assert_eq!(limits.send(UserId(1)), Ok(()));
        }
        let wait = limits.send(UserId(1)).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
        assert_eq!(limits.send(UserId(2)), Ok(()), "each for themself");
        assert_eq!(limits.draft(UserId(1)), Ok(()), "who may not send may write");
    }

    #[test]
    fn zero_is_no_limit() {
        let limits = limits("0", "1");
        assert!((0..10_000).all(|_| limits.send(UserId(1)).is_ok()));
        assert_eq!(Quota::per_minute(0), None);
    }
}
