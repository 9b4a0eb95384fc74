//! HTTP clients of the tests. Each has a limit: a server that takes connections and says nothing
//! fails a test with a sentence instead of holding it up.

use std::time::Duration;

use anyhow::{Context as _, Result};
use reqwest::{ClientBuilder, Response};

/// How long a request may take, answer included. Long, because a busy machine is no failure; in the
/// tests of the harness itself short, because they wait for it.
pub(crate) const HTTP_TIMEOUT: Duration =
    if cfg!(test) { Duration::from_millis(200) } else { Duration::from_mins(1) };

/// A client to be built, with the limit.
pub fn client() -> ClientBuilder {
    reqwest::Client::builder().timeout(HTTP_TIMEOUT)
}

/// `GET`, with a connection of its own.
pub async fn get(url: impl AsRef<str>) -> Result<Response> {
    let url = url.as_ref();
    let answer = client().build()?.get(url).send().await;
    answer.with_context(|| format!("GET {url}, within {HTTP_TIMEOUT:?}"))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::{Api, Prometheus, eventually};

    /// The kernel takes connections for it; nobody answers.
    fn silent() -> (TcpListener, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        (listener, url)
    }

    #[tokio::test]
    async fn a_server_that_never_answers_is_named_in_time() {
        let (_listener, url) = silent();
        let prometheus = Prometheus::at(&url);
        let api = Api::new(&url).unwrap();
        let said = [
            format!("{:#}", get(&url).await.unwrap_err()),
            format!("{:#}", prometheus.ask("up").await.unwrap_err()),
            format!("{:#}", prometheus.alerts().await.unwrap_err()),
            format!("{:#}", api.get::<()>("/api/me").await.unwrap_err()),
        ];
        for said in said {
            assert!(said.contains(&url) && said.contains("timed out"), "{said}");
        }
    }

    /// Whoever asks in a loop has a limit for each question too.
    #[tokio::test]
    async fn a_question_that_is_never_answered_ends_the_wait() {
        let never = || std::future::pending::<Result<()>>();
        let error = eventually("the moon", Duration::from_millis(50), never).await.unwrap_err();
        assert_eq!(error.to_string(), "the moon: no answer within 50ms");
    }
}
