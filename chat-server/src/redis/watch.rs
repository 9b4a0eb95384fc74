//! Reports, once each, that Redis became unavailable and that it came back.

use std::{sync::atomic::Ordering, time::Duration};

use fred::{
    error::Error as Cause,
    interfaces::{ClientLike, EventInterface},
    types::config::Server,
};
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

use super::{Redis, connect::COMMAND_TIMEOUT};

/// How often to look.
const INTERVAL: Duration = Duration::from_millis(250);
/// Consecutive failed checks after which Redis is reported as unavailable.
const LOOKS: u32 = 3;
/// The same while no attempt to connect has failed yet, which may take two seconds.
const LOOKS_WITHOUT_CAUSE: u32 = 12;

impl Redis {
    /// Address of Redis: `host:port`, several for a cluster.
    #[must_use]
    pub(crate) fn address(&self) -> String {
        let hosts = self.client.client_config().server.hosts();
        let hosts: Vec<String> = hosts.iter().map(|s| format!("{}:{}", s.host, s.port)).collect();
        hosts.join(",")
    }

    /// Why Redis is unavailable; `None` while it is available.
    #[must_use]
    pub(crate) fn problem(&self) -> Option<String> {
        let known = self.problem.lock().clone();
        let unknown = || {
            (!self.is_connected()).then(|| format!("Redis: no connection to {}", self.address()))
        };
        known.or_else(unknown)
    }

    /// Watches the connection for as long as the future lives.
    pub(crate) async fn watch(&self) {
        let mut errors = self.client.error_rx();
        let mut cause = None;
        let (mut reported, mut looks) = (None, 0_u32);
        loop {
            tokio::time::sleep(INTERVAL).await;
            self.look().await;
            while let Some(next) = next(&mut errors) {
                cause = Some(next);
            }
            let connected = self.is_connected();
            if reported == Some(connected) {
                looks = 0;
                continue;
            }
            looks += 1;
            if !is_news(connected, looks, cause.is_some()) {
                continue;
            }
            let address = self.address();
            if connected {
                tracing::info!("redis: connected to {address}");
                *self.problem.lock() = None;
            } else {
                let (why, remedy) = why(&address, self.is_encrypted(), cause.take());
                tracing::warn!(
                    "redis: {why}. {remedy} Everything works without Redis, only slower."
                );
                *self.problem.lock() = Some(format!("Redis: {why}"));
            }
            reported = Some(connected);
        }
    }

    fn is_encrypted(&self) -> bool {
        self.client.client_config().uses_tls()
    }

    /// Checks whether it answers.
    async fn look(&self) {
        if self.client.is_connected() {
            let answer = self.client.ping::<()>(None);
            let answer = tokio::time::timeout(COMMAND_TIMEOUT, answer).await;
            let mute = !matches!(answer, Ok(Ok(())));
            self.mute.store(mute, Ordering::Relaxed);
        }
    }
}

/// Whether the state is to be reported after so many checks that found it. A lost connection says
/// little about its cause; the error of the next attempt says more.
fn is_news(connected: bool, looks: u32, is_explained: bool) -> bool {
    connected || looks >= if is_explained { LOOKS } else { LOOKS_WITHOUT_CAUSE }
}

fn next(errors: &mut Receiver<(Cause, Option<Server>)>) -> Option<Cause> {
    loop {
        match errors.try_recv() {
            Ok((cause, _)) => return Some(cause),
            Err(TryRecvError::Lagged(_)) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => return None,
        }
    }
}

const START: &str = "Is Redis running? `redis-cli ping` there should answer PONG; the address \
                     comes from CHAT_REDIS_URL, or from REDIS_HOST and REDIS_PORT.";
const AUTHORITY: &str = "CHAT_REDIS_CA names the file with the certificate of its authority.";
const NAME: &str = "CHAT_REDIS_URL must name it as its certificate does.";
const PLAIN: &str = "Is Redis running, and does it speak TLS? Without TLS CHAT_REDIS_URL begins with redis instead of rediss.";
const ENCRYPTED: &str = "Does it want TLS? Then CHAT_REDIS_URL begins with rediss.";
const LOGIN: &str = "Check user and password in CHAT_REDIS_URL.";
const SENTINEL: &str = "Check the Sentinels that CHAT_REDIS_URL names: are they running, is \
                        sentinelServiceName the master that they watch, do they want TLS or a \
                        sentinelPassword?";

/// Text in the driver's error, the term that operators search for, and the remedy.
const CAUSES: &[(&str, &str, &str)] = &[
    ("refused", "connect ECONNREFUSED", START),
    ("timed out", "connect ETIMEDOUT", START),
    ("timeout", "connect ETIMEDOUT", START),
    ("unknownissuer", "its certificate is of an unknown authority", AUTHORITY),
    ("badsignature", "its certificate is of an unknown authority", AUTHORITY),
    ("notvalidforname", "its certificate is for another name", NAME),
    ("invalidcontenttype", "it answers without TLS", PLAIN),
    ("connectionreset", "it ends the connection", ENCRYPTED),
    ("sentinel", "the Sentinels name no master that answers", SENTINEL),
    ("wrongpass", "it refuses the password", LOGIN),
    ("noauth", "it wants a password", LOGIN),
];

/// The cause in the terms that operators search for, and the remedy.
fn why(address: &str, encrypted: bool, cause: Option<Cause>) -> (String, &'static str) {
    let Some(cause) = cause else { return (format!("connection to {address} lost"), START) };
    let text = cause.to_string();
    let signs = text.to_ascii_lowercase();
    match CAUSES.iter().find(|(sign, ..)| signs.contains(sign)) {
        // A server without TLS waits for the end of a command's first line, and takes a TLS
        // handshake for one.
        Some((_, words @ "connect ETIMEDOUT", _)) if encrypted => {
            (format!("{words} {address}"), PLAIN)
        }
        Some((_, words, START)) => (format!("{words} {address}"), START),
        Some((_, words, remedy)) => (format!("{address}: {words}"), remedy),
        None => (format!("{address}: {}", text.trim_end_matches('.')), START),
    }
}

#[cfg(test)]
mod tests {
    use fred::error::ErrorKind;

    use super::*;

    #[test]
    fn a_refused_connection_reads_as_people_know_it() {
        let cause = Cause::new(ErrorKind::IO, "Connection refused (os error 111)");
        let (why, _) = why("127.0.0.1:6379", false, Some(cause));
        assert_eq!(why, "connect ECONNREFUSED 127.0.0.1:6379");
    }

    #[test]
    fn a_lost_connection_is_reported_when_it_is_explained_or_stays_lost() {
        for (connected, looks, is_explained, news) in [
            (true, 1, false, true),
            (false, 2, true, false),
            (false, 3, true, true),
            (false, 11, false, false),
            (false, 12, false, true),
        ] {
            assert_eq!(is_news(connected, looks, is_explained), news, "{connected} {looks}");
        }
    }

    #[test]
    fn every_cause_has_its_words_and_its_remedy() {
        for &(sign, words, remedy) in CAUSES {
            let (why, found) = why("r:1", false, Some(Cause::new(ErrorKind::IO, sign)));
            assert!(why.contains(words) && why.contains("r:1"), "{sign}: {why}");
            assert_eq!(found, remedy, "{sign}");
        }
        let silent = || Some(Cause::new(ErrorKind::Timeout, "Request timed out."));
        assert_eq!(why("r:1", true, silent()), ("connect ETIMEDOUT r:1".to_owned(), PLAIN));
        assert_eq!(why("r:1", false, silent()), ("connect ETIMEDOUT r:1".to_owned(), START));
        assert_eq!(why("r:1", true, None), ("connection to r:1 lost".to_owned(), START));
    }

    #[test]
    fn a_certificate_that_does_not_fit_is_reported_with_the_remedy() {
        let wrong = |text: &str| {
            let text = format!("Custom {{ kind: InvalidData, error: InvalidCertificate({text}) }}");
            why("cache:6379", true, Some(Cause::new(ErrorKind::IO, text)))
        };
        for (text, words, remedy) in [
            ("UnknownIssuer", "unknown authority", AUTHORITY),
            ("NotValidForNameContext { .. }", "another name", NAME),
            ("Expired", "Expired", START),
        ] {
            let (why, found) = wrong(text);
            assert!(why.starts_with("cache:6379: ") && why.contains(words), "{why}");
            assert_eq!(found, remedy, "{why}");
        }
    }
}
