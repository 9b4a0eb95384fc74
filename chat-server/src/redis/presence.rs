//! Presence: for each user a hash of servers, each entry with its own expiry.

use std::time::Duration;

use chat_domain::{id::UserId, presence::Status};
use chrono::{DateTime, Utc};
use fred::interfaces::{HashesInterface, KeysInterface};

use super::{Redis, Result};

/// A server renews its entries periodically; when it stops, they expire.
pub(crate) const TTL: Duration = Duration::from_secs(45);

fn key(user: UserId) -> String {
    format!("presence:{}", user.0)
}

impl Redis {
    /// Sets the presence of these users on this server. Offline users have no entry.
    pub(crate) async fn set_present(
        &self,
        server: u32,
        users: &[(UserId, Status)],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let until = (now + TTL).timestamp_millis();
        let pipeline = self.ready()?.pipeline();
        for (user, status) in users {
            if *status == Status::Offline {
                pipeline.hdel::<(), _, _>(key(*user), server.to_string()).await?;
                continue;
            }
            let value = format!("{}:{until}", u8::from(*status == Status::Online));
            pipeline.hset::<(), _, _>(key(*user), (server.to_string(), value)).await?;
            pipeline
                .expire::<(), _>(key(*user), i64::try_from(TTL.as_secs()).unwrap_or(45), None)
                .await?;
        }
        pipeline.all::<fred::types::Value>().await?;
        Ok(())
    }

    /// The presence of these users, on all servers together.
    pub(crate) async fn present(
        &self,
        users: &[UserId],
        now: DateTime<Utc>,
    ) -> Result<Vec<Status>> {
        let pipeline = self.ready()?.pipeline();
        for user in users {
            pipeline.hvals::<(), _>(key(*user)).await?;
        }
        let entries: Vec<Vec<String>> = pipeline.all().await?;
        Ok(entries.iter().map(|values| status(values, now)).collect())
    }
}

fn status(values: &[String], now: DateTime<Utc>) -> Status {
    let read = |value: &String| {
        let (online, until) = value.split_once(':')?;
        let until: i64 = until.parse().ok()?;
        (until > now.timestamp_millis()).then_some(if online == "1" {
            Status::Online
        } else {
            Status::Away
        })
    };
    Status::of(values.iter().filter_map(read))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_present_device_counts_and_old_entries_do_not() {
        let now = Utc::now();
        let at = |online: u8, seconds: i64| {
            format!("{online}:{}", (now + chrono::Duration::seconds(seconds)).timestamp_millis())
        };
        assert_eq!(status(&[at(0, 5), at(1, 5)], now), Status::Online);
        assert_eq!(status(&[at(0, 5), at(1, -5)], now), Status::Away);
        assert_eq!(status(&[at(1, -5), "garbage".into()], now), Status::Offline);
        assert_eq!(status(&[at(1, 0)], now), Status::Offline, "it ends now");
    }
}
