//! Accepts connections and returns them after their handshakes, which run concurrently.
//!
//! Invariant: a slow or silent client delays no other client.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use axum::serve;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::{AbortHandle, JoinError, JoinSet},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::Tls;

/// A handshake takes two round trips; a client that takes longer is gone or malicious.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes that are read of a plain HTTP request.
const DISCARDED_MAX: u64 = 64 * 1024;
const PLAIN: &str = "this address speaks https: write https:// before it\n";

/// A listener for TLS connections.
pub struct Listener<L> {
    inner: L,
    tls: Tls,
    most: usize,
    handshakes: JoinSet<(u64, Option<Accepted>)>,
    /// The same, the oldest first.
    under_way: BTreeMap<u64, AbortHandle>,
    taken: u64,
}

type Accepted = (TlsStream<TcpStream>, SocketAddr);

impl<L> Listener<L> {
    /// Accepts connections of another listener. Where `most` handshakes are in progress, a new one
    /// aborts the oldest, which has had the most time.
    pub fn new(inner: L, tls: Tls, most: usize) -> Self {
        let (handshakes, under_way) = (JoinSet::new(), BTreeMap::new());
        Self { inner, tls, most, handshakes, under_way, taken: 0 }
    }

    fn begin(&mut self, stream: TcpStream, address: SocketAddr) {
        if self.under_way.len() >= self.most
            && let Some((_, oldest)) = self.under_way.pop_first()
        {
            oldest.abort();
            self.tls.count("crowded_out");
        }
        let (tls, number) = (self.tls.clone(), self.taken);
        let handshake = self.handshakes.spawn(async move {
            (number, tls.handshake(stream, address).await.map(|stream| (stream, address)))
        });
        self.under_way.insert(number, handshake);
        self.taken += 1;
        self.gauge();
    }

    fn end(&mut self, ended: Result<(u64, Option<Accepted>), JoinError>) -> Option<Accepted> {
        // A join error is an aborted handshake, which is no longer in the map.
        let (number, accepted) = ended.ok()?;
        self.under_way.remove(&number);
        self.gauge();
        accepted
    }

    fn gauge(&self) {
        let count = self.under_way.len().try_into().unwrap_or(i64::MAX);
        self.tls.metrics.tls_handshakes_open.set(count);
    }
}

impl<L> serve::Listener for Listener<L>
where
    L: serve::Listener<Io = TcpStream, Addr = SocketAddr>,
{
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Accepted {
        loop {
            tokio::select! {
                (stream, address) = self.inner.accept() => self.begin(stream, address),
                Some(ended) = self.handshakes.join_next() => {
                    if let Some(accepted) = self.end(ended) {
                        return accepted;
                    }
                }
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.inner.local_addr()
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("it took too long")]
    TimedOut,
    #[error("plain http")]
    PlainHttp,
    #[error(transparent)]
    Failed(#[from] std::io::Error),
}

impl Tls {
    async fn handshake(
        self,
        stream: TcpStream,
        address: SocketAddr,
    ) -> Option<TlsStream<TcpStream>> {
        let done =
            timeout(HANDSHAKE_TIMEOUT, self.shake(stream)).await.unwrap_or(Err(Failure::TimedOut));
        self.count(match &done {
            Ok(_) => "done",
            Err(Failure::TimedOut) => "timed_out",
            Err(Failure::PlainHttp) => "plain_http",
            Err(Failure::Failed(_)) => "failed",
        });
        done.inspect_err(|why| tracing::debug!(%address, %why, "TLS handshake failed")).ok()
    }

    async fn shake(&self, mut stream: TcpStream) -> Result<TlsStream<TcpStream>, Failure> {
        let mut first = [0];
        // Until the client sends something, the certificate may still be renewed.
        stream.peek(&mut first).await?;
        // A request begins with its method; no handshake begins with a letter.
        if first[0].is_ascii_uppercase() {
            refuse(&mut stream).await?;
            return Err(Failure::PlainHttp);
        }
        Ok(TlsAcceptor::from(self.current().server.clone()).accept(stream).await?)
    }

    fn count(&self, outcome: &str) {
        self.metrics.tls_handshakes.with_label_values(&[outcome]).inc();
    }
}

/// Tells a client of plain HTTP to use HTTPS.
async fn refuse(stream: &mut TcpStream) -> std::io::Result<()> {
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{PLAIN}",
        PLAIN.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    // Closing a connection with unread data would discard the answer.
    tokio::io::copy(&mut stream.take(DISCARDED_MAX), &mut tokio::io::sink()).await?;
    Ok(())
}
